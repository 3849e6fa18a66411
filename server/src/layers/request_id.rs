//! Gives every request an id of its own, which stands in the log, in error messages, in audit records and in the answer.
//! One that a client sends is not taken over: it could be made to look like another request.

use std::{fmt::Write, sync::Arc};

use app::request::RequestId;
use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue},
    middleware::Next,
    response::Response,
};

const HEADER: HeaderName = HeaderName::from_static("x-request-id");

pub async fn layer(mut request: Request, next: Next) -> Response {
    let id = new_id();
    let value = HeaderValue::from_str(&id);
    request.extensions_mut().insert(RequestId(id));
    let mut response = next.run(request).await;
    if let Ok(value) = value {
        response.headers_mut().insert(HEADER, value);
    }
    response
}

/// 64 random bits: unique among the requests that somebody could mix up.
fn new_id() -> Arc<str> {
    let mut bytes = [0_u8; 8];
    // Without randomness nothing else would work either; the id only names a line of the log.
    _ = getrandom::fill(&mut bytes);
    bytes
        .iter()
        .fold(String::with_capacity(16), |mut text, byte| {
            _ = write!(text, "{byte:02x}");
            text
        })
        .into()
}
