//! `/api/v1`: what programs ask for with a key. `docs/API.md` says it to the people who write them.
//!
//! *Invariants*: a bearer key is the only way in, cookies open nothing here; every error is a problem (RFC 9457), or
//! wrapped under `/messaging`; every list has a bound.

mod asked;
pub mod audit;
mod caller;
pub mod campaigns;
pub mod exports;
pub mod inbound;
pub mod installation;
pub mod messaging;
mod named;
pub mod numbers;
pub mod openapi;
mod page;
mod posted;
mod problem;
mod rate;
pub mod recipients;
pub mod senders;
pub mod suppressions;
pub mod uploads;
pub mod usage;
pub mod webhooks;
pub mod workspace;

use app::AppError;

use self::problem::Problem;
pub use self::{
    caller::layer as rate_limit_layer,
    posted::layer as idempotency_layer,
    problem::{is_of_api, layer as problem_layer},
    rate::{NUMBERS, REQUESTS, Rates},
};

/// Every address of the API that is none.
pub async fn missing() -> Problem {
    AppError::NotFound.into()
}
