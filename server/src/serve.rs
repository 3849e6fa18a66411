//! `message-center serve`: up, and in order down again.

use std::{net::SocketAddr, time::Duration};

use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
};
use tokio_util::sync::CancellationToken;

use crate::{
    config::Config,
    demo::{self, DemoError},
    health::Readiness,
    router,
    services::{Running, StartError},
    state::AppState,
};

/// Why the server could not go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("cannot listen on {address}")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error(transparent)]
    Start(#[from] StartError),
    #[error("the demo cannot be prepared")]
    Demo(#[from] DemoError),
    #[error("cannot wait for signals")]
    Signals(#[source] std::io::Error),
    #[error("the web server failed")]
    Http(#[source] std::io::Error),
}

/// Runs until SIGTERM or SIGINT.
pub async fn run(config: Config, demo: bool) -> Result<(), ServeError> {
    let stopping = CancellationToken::new();
    let readiness = Readiness::default();
    let running = Running::start(&config).await?;
    let state = AppState::new(running.services.clone(), readiness.clone(), stopping.clone());
    let address = config.listen;
    let listener = TcpListener::bind(address).await.map_err(|source| ServeError::Listen { address, source })?;
    let address = listener.local_addr().map_err(|source| ServeError::Listen { address, source })?;
    stop_on_signal(readiness.clone(), stopping.clone())?;
    let router = router::build(&config, state);
    readiness.set(true);
    if demo {
        demo::prepare(running.gate(), &config).await?;
    }
    greet(&running, &config).await?;
    tracing::info!(%address, url = %config.public_url, "ready");

    let server = axum::serve(listener, router.into_make_service_with_connect_info::<SocketAddr>())
        .with_graceful_shutdown(stopping.clone().cancelled_owned());
    let drained = tokio::select! {
        result = server.into_future() => result.map(|()| true).map_err(ServeError::Http)?,
        () = deadline(&stopping, Duration::from_secs(config.drain_s)) => false,
    };
    running.stop(Duration::from_secs(config.drain_s)).await;
    if drained {
        tracing::info!("stopped");
    } else {
        tracing::warn!(drain_s = config.drain_s, "stopped with requests unfinished");
    }
    Ok(())
}

/// Says where it is, and on a fresh installation how to make the first account. The link goes to the terminal and never
/// into the log.
async fn greet(running: &Running, config: &Config) -> Result<(), ServeError> {
    let link = store::first_run::set_up_link(running.gate()).await.map_err(StartError::from)?;
    println!("\nMessage Center is at {}", config.public_url);
    if let Some(token) = link {
        println!("Set it up, once, within a day:\n\n  {}/link/{}\n", config.public_url, token.reveal());
    }
    Ok(())
}

/// Not ready first, so that a balancer turns away; then event streams end and no new connection is taken.
fn stop_on_signal(readiness: Readiness, stopping: CancellationToken) -> Result<(), ServeError> {
    let mut terminate = signal(SignalKind::terminate()).map_err(ServeError::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(ServeError::Signals)?;
    tokio::spawn(async move {
        let name = tokio::select! {
            _ = terminate.recv() => "SIGTERM",
            _ = interrupt.recv() => "SIGINT",
        };
        tracing::info!(signal = name, "stopping");
        readiness.set(false);
        stopping.cancel();
    });
    Ok(())
}

async fn deadline(stopping: &CancellationToken, drain: Duration) {
    stopping.cancelled().await;
    tokio::time::sleep(drain).await;
}
