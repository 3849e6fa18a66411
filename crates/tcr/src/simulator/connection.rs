//! Connections: answers on time, late, wrong, or never.

use std::{io, sync::Arc, time::Duration};

use axum::{Router, body::Body};
use http::{Method, Request, Response, StatusCode, header};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tower::ServiceExt as _;

use super::{Shared, behaviour::Fault};

/// Over HTTP/1.1 until the peer or we close.
pub(super) async fn serve(stream: TcpStream, router: Router, shared: Arc<Shared>) {
    let service = service_fn(move |request: Request<Incoming>| answer(request, router.clone(), Arc::clone(&shared)));
    if let Err(error) = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await {
        tracing::debug!(%error, "a connection to the simulated registry ended early");
    }
}

/// An error closes the connection without an answer.
async fn answer(request: Request<Incoming>, router: Router, shared: Arc<Shared>) -> io::Result<Response<Body>> {
    let is_control = request.uri().path().starts_with("/control");
    let fault = if is_control { Fault::Pass } else { shared.fault(*request.method() == Method::GET) };
    let latency = shared.latency();
    if !latency.is_zero() && !is_control {
        tokio::time::sleep(latency).await;
    }
    match fault {
        Fault::Fail => return Ok(status(StatusCode::INTERNAL_SERVER_ERROR, "")),
        Fault::Busy { retry_after_s } => {
            let mut response = status(StatusCode::TOO_MANY_REQUESTS, "");
            response.headers_mut().insert(header::RETRY_AFTER, retry_after_s.into());
            return Ok(response);
        }
        Fault::Late { after_ms } => {
            let (parts, body) = request.into_parts();
            let octets = axum::body::to_bytes(Body::new(body), usize::MAX).await.map_err(io::Error::other)?;
            // Whoever asked has gone by then.
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(after_ms)).await;
                router.oneshot(Request::from_parts(parts, Body::from(octets))).await
            });
            tokio::time::sleep(FOREVER).await;
            return Err(io::Error::from(io::ErrorKind::TimedOut));
        }
        _ => {}
    }
    let response = match router.oneshot(request.map(Body::new)).await {
        Ok(response) => response,
        Err(never) => match never {},
    };
    match fault {
        Fault::FailAfter => Ok(status(StatusCode::BAD_GATEWAY, "")),
        Fault::GarbageAfter => Ok(status(StatusCode::OK, "<html>It works!</html>")),
        Fault::CutAfter => Err(io::Error::from(io::ErrorKind::ConnectionAborted)),
        Fault::StallAfter => {
            tokio::time::sleep(FOREVER).await;
            Err(io::Error::from(io::ErrorKind::TimedOut))
        }
        Fault::Pass | Fault::Fail | Fault::Late { .. } | Fault::Busy { .. } => Ok(response),
    }
}

/// Longer than anybody waits.
const FOREVER: Duration = Duration::from_secs(3_600);

fn status(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = Response::new(Body::from(text));
    *response.status_mut() = status;
    response
}
