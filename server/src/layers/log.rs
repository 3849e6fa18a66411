//! One line per request. It names the route and not the address: addresses hold slugs, ids and one-time links.

use std::time::Instant;

use app::request::RequestId;
use axum::{
    extract::{MatchedPath, Request},
    middleware::Next,
    response::Response,
};
use tracing::Instrument;

use crate::metrics;

pub async fn layer(request: Request, next: Next) -> Response {
    let start = Instant::now();
    let method = request.method().clone();
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let id = request.extensions().get::<RequestId>().map(|id| id.0.clone()).unwrap_or_default();
    let span = tracing::info_span!("request", request.id = %id, http.route = %route);
    let response = next.run(request).instrument(span).await;
    let status = response.status().as_u16();
    metrics::http::answered(status, start.elapsed());
    let duration_ms = u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX);
    if route.starts_with("/pkg/") || matches!(route.as_str(), "/livez" | "/readyz") {
        tracing::debug!(request.id = %id, http.method = %method, http.route = %route, http.status = status, duration_ms, "request");
    } else {
        tracing::info!(request.id = %id, http.method = %method, http.route = %route, http.status = status, duration_ms, "request");
    }
    response
}
