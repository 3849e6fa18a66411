//! Refuses requests that another site makes in a person's name. Server functions have no such check of their own.
//!
//! A browser says where a request comes from in `Sec-Fetch-Site`, or, without TLS beyond loopback, in `Origin`; what says
//! neither is no browser, and programs use `/api/v1`, which takes keys and ignores cookies.

use std::sync::Arc;

use axum::{
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

use crate::routes::api::is_of_api;

/// The origins under which people reach this installation.
#[derive(Debug, Clone)]
pub struct OwnOrigins(pub Arc<[String]>);

pub async fn layer(State(own): State<OwnOrigins>, request: Request, next: Next) -> Response {
    let changes = !matches!(*request.method(), Method::GET | Method::HEAD | Method::OPTIONS);
    let upgrades = request.headers().contains_key(header::UPGRADE);
    let keys_only = is_of_api(request.uri().path());
    if (changes || upgrades) && !keys_only && !is_from_here(request.headers(), &own) {
        tracing::warn!("refused a request that another site made");
        return (StatusCode::FORBIDDEN, "This request came from another site and was refused.\n").into_response();
    }
    next.run(request).await
}

fn is_from_here(headers: &HeaderMap, own: &OwnOrigins) -> bool {
    let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap_or("unreadable"));
    match (text("sec-fetch-site"), text("origin")) {
        (Some(site), _) => matches!(site, "same-origin" | "none"),
        (None, Some(origin)) => own.0.iter().any(|own| own == origin),
        (None, None) => false,
    }
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;

    use super::*;

    fn from_here(headers: &[(&'static str, &'static str)]) -> bool {
        let own = OwnOrigins(Arc::new(["https://sms.example".to_owned()]));
        let headers = headers
            .iter()
            .map(|(name, value)| (axum::http::HeaderName::from_static(name), HeaderValue::from_static(value)))
            .collect();
        is_from_here(&headers, &own)
    }

    #[test]
    fn the_fetch_site_decides_when_it_is_there() {
        assert!(from_here(&[("sec-fetch-site", "same-origin")]));
        assert!(from_here(&[("sec-fetch-site", "none")]));
        for site in ["cross-site", "same-site", "", "same-origin, cross-site"] {
            assert!(!from_here(&[("sec-fetch-site", site), ("origin", "https://sms.example")]), "{site}");
        }
    }

    #[test]
    fn else_the_origin_does() {
        assert!(from_here(&[("origin", "https://sms.example")]));
        for origin in ["https://sms.example.evil", "http://sms.example", "https://sms.example:8443", "null"] {
            assert!(!from_here(&[("origin", origin)]), "{origin}");
        }
        assert!(!from_here(&[]));
    }
}
