//! How answers are wrapped, and how lists are cut into pages.

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use serde::{Deserialize, Serialize};
use store::tendlc::Slice;
use utoipa::{IntoParams, ToSchema};

use crate::routes::api::problem::{FieldProblem, Problem};

const LIMIT_DEFAULT: u32 = 20;
const LIMIT_MAX: u32 = 200;

/// Whether errors under this path are wrapped.
pub fn is_of_messaging(path: &str) -> bool {
    path == "/api/v1/messaging" || path.starts_with("/api/v1/messaging/")
}

/// An answer.
#[derive(Debug, Serialize, ToSchema)]
pub struct Envelope<T> {
    success: bool,
    data: T,
}

impl<T: Serialize> Envelope<T> {
    pub const fn of(data: T) -> Self {
        Self { success: true, data }
    }
}

pub fn ok<T: Serialize>(data: T) -> Response {
    (StatusCode::OK, Json(Envelope::of(data))).into_response()
}

/// A page of a list.
#[derive(Debug, Serialize, ToSchema)]
pub struct Listed<T> {
    items: Vec<T>,
    pagination: Pagination,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct Pagination {
    total: u64,
    limit: u32,
    offset: u64,
}

/// As it stands in the query; texts, so that each is refused by its name.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Paged {
    /// 1 to 200; 20 when it is left out.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    pub limit: Option<String>,
    /// So many are left out.
    #[param(value_type = Option<u32>)]
    pub offset: Option<String>,
}

/// A page that was asked for.
#[derive(Debug, Clone, Copy)]
pub struct Bounds {
    pub limit: u32,
    pub offset: u64,
}

impl Bounds {
    pub const fn slice(self) -> Slice {
        Slice::new(self.limit, self.offset)
    }

    /// The page, as the database has cut it.
    pub fn listed<K, T>(self, found: store::tendlc::Listed<K>, view: impl Fn(K) -> T) -> Listed<T> {
        self.list(found.items.into_iter().map(view).collect(), found.total)
    }

    /// The page, of as many as there are in all.
    pub fn list<T>(self, items: Vec<T>, total: u64) -> Listed<T> {
        Listed { items, pagination: Pagination { total, limit: self.limit, offset: self.offset } }
    }
}

impl Paged {
    pub fn bounds(&self) -> Result<Bounds, Problem> {
        let limit = match self.limit.as_deref() {
            None => LIMIT_DEFAULT,
            Some(text) => {
                let limit = text.parse().ok().filter(|limit| (1..=LIMIT_MAX).contains(limit));
                limit.ok_or_else(|| {
                    Problem::parameter("limit", format!("A number from 1 to {LIMIT_MAX} is expected."))
                })?
            }
        };
        let offset = match self.offset.as_deref() {
            None => 0,
            Some(text) => text.parse().map_err(|_| Problem::parameter("offset", "A number is expected."))?,
        };
        Ok(Bounds { limit, offset })
    }
}

/// An error, as it is written under these addresses.
#[derive(Debug, Serialize, ToSchema)]
pub struct MessagingError<'a> {
    /// Always false.
    success: bool,
    error: WrittenError<'a>,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct WrittenError<'a> {
    /// Such as `NOT_FOUND`, `VALIDATION_FAILED`, `REGISTRY_REFUSED`.
    code: &'a str,
    message: &'a str,
    details: Details<'a>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = MessagingErrorDetails)]
pub struct Details<'a> {
    request_id: &'a str,
    /// Which parameters or fields, and why.
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    errors: &'a [FieldProblem],
}

pub fn write_error(code: &str, message: &str, errors: &[FieldProblem], request_id: &str) -> Vec<u8> {
    let error = WrittenError { code, message, details: Details { request_id, errors } };
    serde_json::to_vec(&MessagingError { success: false, error }).unwrap_or_default()
}
