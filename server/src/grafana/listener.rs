//! The address on which the proxy answers. It speaks TLS with the certificate of the pages, where those do by themselves.

use std::{net::SocketAddr, sync::Arc, time::Duration};

use axum_server::{Handle, accept::NoDelayAcceptor, tls_rustls::RustlsAcceptor};
use hyper_util::rt::TokioTimer;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use super::{Grafana, router};
use crate::tls::Certificate;

/// How long a client may take to send the headers of a request.
const HEADERS: Duration = Duration::from_secs(20);

/// Why the dashboards cannot be served.
#[derive(Debug, thiserror::Error)]
#[error("cannot listen on {address} for [grafana]")]
pub struct ListenError {
    address: SocketAddr,
    source: std::io::Error,
}

/// What answers.
#[derive(Debug)]
pub struct Listener {
    listener: std::net::TcpListener,
    address: SocketAddr,
    grafana: Arc<Grafana>,
    certificate: Option<Certificate>,
}

impl Listener {
    /// # Errors
    /// When the address is taken.
    pub async fn bind(
        address: SocketAddr,
        grafana: Arc<Grafana>,
        certificate: Option<Certificate>,
    ) -> Result<Self, ListenError> {
        let failed = |source| ListenError { address, source };
        let listener = TcpListener::bind(address).await.map_err(failed)?;
        let bound = listener.local_addr().map_err(failed)?;
        let listener = listener.into_std().map_err(failed)?;
        Ok(Self { listener, address: bound, grafana, certificate })
    }

    /// Where it listens, also where the configuration left the port to the system.
    #[must_use]
    pub const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until it is stopped; what is being answered then gets `drain` to end.
    pub async fn run(self, stop: CancellationToken, drain: Duration) {
        tracing::info!(address = %self.address, "dashboards of Grafana are served");
        let handle = Handle::new();
        let ended = handle.clone();
        tokio::spawn(async move {
            stop.cancelled().await;
            ended.graceful_shutdown(Some(drain));
        });
        if let Err(cause) = self.serve(handle).await {
            tracing::error!(%cause, "dashboards of Grafana are not served any more");
        }
    }

    async fn serve(self, handle: Handle<SocketAddr>) -> std::io::Result<()> {
        let service = router(self.grafana).into_make_service();
        if let Some(certificate) = self.certificate {
            let acceptor = RustlsAcceptor::new(certificate.config()).acceptor(NoDelayAcceptor);
            let mut server = axum_server::from_tcp(self.listener)?.acceptor(acceptor);
            server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEADERS);
            server.handle(handle).serve(service).await
        } else {
            let mut server = axum_server::from_tcp(self.listener)?.acceptor(NoDelayAcceptor);
            server.http_builder().http1().timer(TokioTimer::new()).header_read_timeout(HEADERS);
            server.handle(handle).serve(service).await
        }
    }
}
