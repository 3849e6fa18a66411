//! What a page or server function may know of the HTTP request it serves.

use std::sync::Arc;

use axum::http::{header, request::Parts};
use leptos::context::use_context;

/// Names one request in the log and in front of the person; the server puts it into the request's extensions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RequestId(pub Arc<str>);

/// The id of the request at hand; empty outside a request, as when routes are listed at start-up.
#[must_use]
pub fn request_id() -> String {
    use_context::<Parts>()
        .and_then(|parts| parts.extensions.get::<RequestId>().map(|id| id.0.to_string()))
        .unwrap_or_default()
}

/// The value of a cookie of the request at hand.
#[must_use]
pub fn cookie(name: &str) -> Option<String> {
    let parts = use_context::<Parts>()?;
    cookie_of(&parts, name).map(ToOwned::to_owned)
}

/// The value of a cookie; when it is sent twice, the first one, which belongs to the more specific path.
#[must_use]
pub fn cookie_of<'a>(parts: &'a Parts, name: &str) -> Option<&'a str> {
    parts
        .headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

#[cfg(test)]
mod tests {
    use axum::http::Request;

    use super::*;

    #[test]
    fn a_cookie_is_found_among_others() {
        let request = Request::builder().header("cookie", "a=1; theme=dark").header("cookie", "b=2").body(()).unwrap();
        let (parts, ()) = request.into_parts();
        assert_eq!(cookie_of(&parts, "theme"), Some("dark"));
        assert_eq!(cookie_of(&parts, "b"), Some("2"));
        assert_eq!(cookie_of(&parts, "heme"), None);
    }
}
