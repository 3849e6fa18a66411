//! `GET /metrics`, on an address of its own: closed unless `[metrics]` of the configuration names one.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum::{
    Router,
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
use subtle::ConstantTimeEq;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::Source;
use crate::config::{ConfigError, MetricsConfig};

/// Nobody who waits longer wants the figures any more.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why the figures cannot be served.
#[derive(Debug, thiserror::Error)]
pub enum ListenError {
    #[error("cannot listen on {address} for [metrics]")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error(transparent)]
    Config(#[from] ConfigError),
}

/// What answers.
#[derive(Debug)]
pub struct Listener {
    listener: TcpListener,
    served: Arc<Served>,
}

#[derive(Debug)]
struct Served {
    source: Source,
    token: Option<String>,
}

impl Listener {
    /// # Errors
    /// When the address is taken, or the token's file cannot be read.
    pub async fn bind(config: &MetricsConfig, source: Source) -> Result<Self, ListenError> {
        let address = config.listen;
        let token = config.token()?;
        let listener = TcpListener::bind(address).await.map_err(|source| ListenError::Listen { address, source })?;
        Ok(Self { listener, served: Arc::new(Served { source, token }) })
    }

    /// Where it listens, also where the configuration left the port to the system.
    #[must_use]
    pub fn address(&self) -> Option<SocketAddr> {
        self.listener.local_addr().ok()
    }

    /// Answers until it is stopped.
    pub async fn run(self, stop: CancellationToken) {
        if let Some(address) = self.address() {
            tracing::info!(%address, "metrics are served");
        }
        let router = Router::new().route("/metrics", get(metrics)).with_state(self.served);
        let serving = axum::serve(self.listener, router).with_graceful_shutdown(stop.cancelled_owned());
        if let Err(cause) = serving.await {
            tracing::error!(%cause, "metrics are not served any more");
        }
    }
}

async fn metrics(State(served): State<Arc<Served>>, headers: HeaderMap) -> Response {
    if !served.lets_in(&headers) {
        let ask = [(header::WWW_AUTHENTICATE, "Bearer")];
        return (StatusCode::UNAUTHORIZED, ask, "the token of [metrics] is needed\n").into_response();
    }
    match tokio::time::timeout(PATIENCE, served.source.sheet()).await {
        Ok(sheet) => {
            ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], sheet.to_text()).into_response()
        }
        Err(_) => (StatusCode::SERVICE_UNAVAILABLE, "the figures take too long\n").into_response(),
    }
}

impl Served {
    fn lets_in(&self, headers: &HeaderMap) -> bool {
        let Some(token) = &self.token else { return true };
        let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let given = given.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        given.as_bytes().ct_eq(token.as_bytes()).into()
    }
}
