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
    rate::{Rates, Standing},
};
use crate::state::AppState;

/// draft-ietf-httpapi-ratelimit-headers.
const RATE_LIMIT: HeaderName = HeaderName::from_static("ratelimit");
const RATE_LIMIT_POLICY: HeaderName = HeaderName::from_static("ratelimit-policy");

/// A program with a key of a workspace.
#[derive(Debug)]
pub struct Caller(pub KeyScope);

/// A program with a key of a workspace that hands in numbers: what counts is how many, not in how many requests.
#[derive(Debug)]
pub struct NumbersCaller {
    pub scope: KeyScope,
    noted: Option<Noted>,
}

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

impl FromRequestParts<AppState> for NumbersCaller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, state: &AppState) -> Result<Self, Problem> {
        let scope = state.services.gate.enter_key(&presented(parts)?, context::origin(parts)).await?;
        Ok(Self { scope, noted: parts.extensions.get().cloned() })
    }
}

impl NumbersCaller {
    /// Counts the numbers of the request.
    pub fn take(&self, state: &AppState, numbers: usize) -> Result<(), Problem> {
        let amount = u32::try_from(numbers.max(1)).unwrap_or(u32::MAX);
        take_from(&state.number_rates, self.noted.as_ref(), self.scope.key().id, amount, state)
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
pub(super) fn presented(parts: &Parts) -> Result<ApiSecret, Problem> {
    let value = parts.headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let (scheme, secret) = value.and_then(|value| value.split_once(' ')).ok_or(AppError::SignedOut)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(AppError::SignedOut.into());
    }
    Ok(ApiSecret::presented(secret.trim()))
}

pub(super) fn take(parts: &Parts, state: &AppState, key: ApiKeyId) -> Result<(), Problem> {
    take_from(&state.key_rates, parts.extensions.get(), key, 1, state)
}

fn take_from(
    rates: &Rates,
    noted: Option<&Noted>,
    key: ApiKeyId,
    amount: u32,
    state: &AppState,
) -> Result<(), Problem> {
    let taken = rates.take(key, amount, state.services.gate.now_ms());
    if let Some(noted) = noted {
        _ = noted.0.set(taken.unwrap_or_else(|_| rates.empty()));
    }
    taken.map(drop).map_err(|retry_after_s| AppError::TooMany { retry_after_s }.into())
}

/// Tells the caller how its key stands.
pub async fn layer(mut request: Request, next: Next) -> Response {
    let noted = Noted::default();
    request.extensions_mut().insert(noted.clone());
    let mut response = next.run(request).await;
    if let Some(Standing { limit, remaining, full_in_s }) = noted.0.get() {
        let policy = format!("\"key\";q={};w={}", limit.burst, limit.burst / limit.per_s);
        let state = format!("\"key\";r={remaining};t={full_in_s}");
        for (name, value) in [(RATE_LIMIT_POLICY, policy), (RATE_LIMIT, state)] {
            if let Ok(value) = HeaderValue::from_str(&value) {
                response.headers_mut().insert(name, value);
            }
        }
    }
    response
}
