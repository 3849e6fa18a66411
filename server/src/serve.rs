//! `message-center serve`: up, and in order down again.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum_server::{Handle, accept::NoDelayAcceptor, tls_rustls::RustlsAcceptor};
use engine::links::LinkDesk;
use hyper_util::rt::TokioTimer;
use sms_core::remote::RemoteCore;
use tokio::{
    net::TcpListener,
    signal::unix::{SignalKind, signal},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

use crate::{
    config::{Config, ConfigError},
    demo::{self, DemoError},
    grafana,
    health::Readiness,
    router,
    services::{Running, StartError},
    state::AppState,
    tls::{Certificate, TlsError},
};

/// How long a client may take to send the headers of a request.
const HEADERS: Duration = Duration::from_secs(20);

/// Why the server could not go on.
#[derive(Debug, thiserror::Error)]
pub enum ServeError {
    #[error("cannot listen on {address}")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error(transparent)]
    Tls(#[from] TlsError),
    #[error(transparent)]
    Start(#[from] StartError),
    #[error(transparent)]
    Grafana(#[from] grafana::ListenError),
    #[error("the demo cannot be prepared")]
    Demo(#[from] DemoError),
    #[error("cannot wait for signals")]
    Signals(#[source] std::io::Error),
    #[error("the web server failed")]
    Http(#[source] std::io::Error),
}

/// Runs until SIGTERM or SIGINT. `again` reads the configuration anew when SIGHUP comes.
pub async fn run(
    config: Config,
    demo: bool,
    again: impl Fn() -> Result<Config, ConfigError> + Send + Sync + 'static,
) -> Result<(), ServeError> {
    let stopping = CancellationToken::new();
    let readiness = Readiness::default();
    // Before anything that takes long: a wrong file is said at once.
    let certificate = match config.tls_files() {
        Some((certificate, key)) => Some(Certificate::read(certificate, key).await?),
        None => None,
    };
    let running = Running::start(&config).await?;
    let state = AppState::new(running.services.clone(), readiness.clone(), stopping.clone());
    let address = config.listen;
    let listener = TcpListener::bind(address).await.map_err(|source| ServeError::Listen { address, source })?;
    let address = listener.local_addr().map_err(|source| ServeError::Listen { address, source })?;
    let drain = Duration::from_secs(config.drain_s);
    stop_on_signal(readiness.clone(), stopping.clone())?;
    let dashboards = serve_dashboards(&config, &running, certificate.clone(), stopping.clone(), drain).await?;
    let router = router::build(&config, state);
    readiness.set(true);
    if demo {
        demo::prepare(running.gate(), &config).await?;
    }
    greet(&running, &config).await?;
    tracing::info!(%address, url = %config.public_url, "ready");

    let handle = Handle::new();
    tokio::spawn(drain_when(stopping.clone(), handle.clone(), drain));
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let listener = listener.into_std().map_err(ServeError::Http)?;
    reload_on_signal(certificate.clone(), running.links(), running.cores(), again)?;
    let drained = handle.clone();
    // A page goes out in several writes: without it each but the first waits for the browser's delayed acknowledgement.
    if let Some(certificate) = certificate {
        let acceptor = RustlsAcceptor::new(certificate.config()).acceptor(NoDelayAcceptor);
        let mut server = axum_server::from_tcp(listener).map_err(ServeError::Http)?.acceptor(acceptor);
        server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEADERS);
        server.handle(handle).serve(service).await.map_err(ServeError::Http)?;
    } else {
        let mut server = axum_server::from_tcp(listener).map_err(ServeError::Http)?.acceptor(NoDelayAcceptor);
        server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEADERS);
        server.handle(handle).serve(service).await.map_err(ServeError::Http)?;
    }
    let drained = drained.connection_count() == 0;
    if let Some(dashboards) = dashboards {
        // It ends by itself, within the same time.
        _ = dashboards.await;
    }
    running.stop(drain).await;
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

/// Grafana's dashboards on their own origin, if there are any: by TLS where browsers come by https and the server speaks it.
async fn serve_dashboards(
    config: &Config,
    running: &Running,
    certificate: Option<Certificate>,
    stopping: CancellationToken,
    drain: Duration,
) -> Result<Option<JoinHandle<()>>, ServeError> {
    let Some((settings, grafana)) = config.grafana.as_ref().zip(running.grafana()) else { return Ok(None) };
    let certificate = certificate.filter(|_| settings.is_https());
    let listener = grafana::Listener::bind(settings.listen, grafana, certificate).await?;
    Ok(Some(tokio::spawn(listener.run(stopping, drain))))
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

/// Once told to stop, takes no connection any more and gives those that are open the time to finish.
async fn drain_when(stopping: CancellationToken, handle: Handle<SocketAddr>, drain: Duration) {
    stopping.cancelled().await;
    handle.graceful_shutdown(Some(drain));
}

/// SIGHUP reads the certificates again, and the links of the configuration.
fn reload_on_signal(
    certificate: Option<Certificate>,
    links: LinkDesk,
    cores: Vec<Arc<RemoteCore>>,
    again: impl Fn() -> Result<Config, ConfigError> + Send + Sync + 'static,
) -> Result<(), ServeError> {
    let mut hang_up = signal(SignalKind::hangup()).map_err(ServeError::Signals)?;
    tokio::spawn(async move {
        while hang_up.recv().await.is_some() {
            cores.iter().for_each(|core| core.reload());
            match again() {
                Ok(config) => match links.reload(config.links).await {
                    Ok(()) => tracing::info!("links read again"),
                    Err(error) => tracing::error!(%error, "the links stay that they were"),
                },
                Err(error) => {
                    tracing::error!(%error, "the configuration cannot be read: the links stay that they were");
                }
            }
            let Some(certificate) = &certificate else { continue };
            match certificate.reload().await {
                Ok(()) => tracing::info!("certificate read again"),
                Err(error) => tracing::error!(
                    error = %error,
                    cause = std::error::Error::source(&error).map(tracing::field::display),
                    "the certificate stays that it was"
                ),
            }
        }
    });
    Ok(())
}
