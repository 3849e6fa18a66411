//! Headers that tell the browser what a page may not do.

use axum::{
    extract::{Request, State},
    http::{HeaderName, HeaderValue, header},
    middleware::Next,
    response::Response,
};

/// Pages come with a policy of their own, which holds the nonce of their scripts; everything else may do nothing.
const NOTHING: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'");

const ALWAYS: [(HeaderName, HeaderValue); 5] = [
    (header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    // Not `no-referrer`: with it Chromium posts `Origin: null`, which the cross-site check refuses.
    (header::REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-opener-policy"), HeaderValue::from_static("same-origin")),
    (HeaderName::from_static("cross-origin-resource-policy"), HeaderValue::from_static("same-origin")),
];

/// The policy of a page: own files, scripts with this nonce and what they load, no inline styles.
#[must_use]
pub fn page_policy(nonce: &str) -> String {
    policy(nonce, "form-action 'self'")
}

/// The policy of a page that shows another origin in a frame, and posts a form to it.
#[must_use]
pub fn page_policy_with_frame(nonce: &str, origin: &str) -> String {
    policy(nonce, &format!("form-action 'self' {origin}; frame-src {origin}"))
}

fn policy(nonce: &str, leads_to: &str) -> String {
    format!(
        "default-src 'self'; script-src 'nonce-{nonce}' 'strict-dynamic' 'wasm-unsafe-eval'; style-src 'self'; \
         img-src 'self' data:; object-src 'none'; base-uri 'none'; {leads_to}; frame-ancestors 'none'"
    )
}

/// A browser that has been here by https does not come by http again (RFC 6797).
pub const HTTPS_ONLY: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// Whether people reach the installation by https.
#[derive(Debug, Clone, Copy)]
pub struct Https(pub bool);

pub async fn layer(State(Https(https)): State<Https>, request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, value);
    }
    if https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HTTPS_ONLY);
    }
    headers.entry(header::CONTENT_SECURITY_POLICY).or_insert(NOTHING);
    // What a signed-in person saw must not come back from a cache after signing out.
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    response
}
