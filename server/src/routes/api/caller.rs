//! Who calls: the key in `Authorization`, and nothing else. Cookies are not looked at, so that no browser can be made to
//! call in a person's name.

use std::sync::{Arc, OnceLock};

use app::{AppError, api::context};
use axum::{
    extract::{FromRequestParts, Request},
    http::{HeaderName, HeaderValue, header, request::Parts},
    middleware::Next,
    response::Response,
};
use domain::id::ApiKeyId;
use store::api_keys::{ApiSecret, KeyScope, MasterKeyScope};

use super::{
    problem::Problem,
    rate::{BURST, PER_S, Standing},
};
use crate::state::AppState;

/// draft-ietf-httpapi-ratelimit-headers.
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// A program with a key of a workspace.
#[derive(Debug)]
pub struct Caller(pub KeyScope);

/// A program with a key of the installation.
#[derive(Debug)]
pub struct MasterCaller(pub MasterKeyScope);

/// Where the caller leaves how its key stands, for the headers of the answer.
#[derive(Debug, Clone, Default)]
struct Noted(Arc<OnceLock<Standing>>);

impl FromRequestParts<AppState> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let scope = state.services.gate.enter_key(&presented(parts)?, context::origin(parts)).await?;
        take(parts, state, scope.key().id)?;
        Ok(Self(scope))
    }
}

impl FromRequestParts<AppState> for MasterCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let scope = state.services.gate.enter_installation_key(&presented(parts)?, context::origin(parts)).await?;
        take(parts, state, scope.key().id)?;
        Ok(Self(scope))
    }
}

/// `Bearer`, in any case (RFC 9110 §11.1), and the key.
fn presented(parts: &Parts) -> Result<ApiSecret, Problem> {
    let value = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, secret) = value.and_then(|value| value.split_once(' ')).ok_or(AppError::SignedOut)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(AppError::SignedOut.into());
    }
    Ok(ApiSecret::presented(secret.trim()))
}

fn take(parts: &Parts, state: &AppState, key: ApiKeyId) -> Result<(), Problem> {
    let taken = state.key_rates.take(key, state.services.gate.now_ms());
    let standing = taken.unwrap_or(Standing { remaining: 0, full_in_s: BURST / PER_S });
    if let Some(noted) = parts.extensions.get::<Noted>() {
        _ = noted.0.set(standing);
    }
    taken.map(drop).map_err(|retry_after_s| AppError::TooMany { retry_after_s }.into())
}

/// Tells the caller how its key stands.
pub async fn layer(mut request: Request, next: Next) -> Response {
    let noted = Noted::default();
    request.extensions_mut().insert(noted.clone());
    let mut response = next.run(request).await;
    if let Some(Standing { remaining, full_in_s }) = noted.0.get() {
        let policy = format!("\"key\";q={BURST};w={}", BURST / PER_S);
        let state = format!("\"key\";r={remaining};t={full_in_s}");
        for (name, value) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, state)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
    }
    response
}
