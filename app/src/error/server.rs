//! The server's side of [`AppError`]: logging of causes, and statuses.

use std::fmt::Display;

use axum::http::{HeaderName, HeaderValue, StatusCode, header, request::Parts};
use leptos::context::use_context;
use leptos_axum::ResponseOptions;

use super::AppError;
use crate::request::request_id;

impl AppError {
    /// Writes the cause to the log and gives a message without it, with the request id by which the two are matched.
    #[track_caller]
    pub fn internal(cause: impl Display) -> Self {
        let request_id = request_id();
        let place = std::panic::Location::caller();
        tracing::error!(request.id = %request_id, %cause, %place, "request failed");
        Self::Internal { request_id }
    }

    /// Gives the page that is being rendered the status of this error.
    pub fn set_status_of_page(&self) {
        set_status(self);
    }
}

/// A form sent without JavaScript is answered with a redirect to the page it came from, which a status would replace.
pub(super) fn set_status_of_answer(error: &AppError) {
    let wants_page = use_context::<Parts>().is_some_and(|parts| {
        parts
            .headers
            .get(header::ACCEPT)
            .and_then(|accept| accept.to_str().ok())
            .is_some_and(|accept| accept.contains("text/html"))
    });
    if !wants_page {
        set_status(error);
    }
}

fn set_status(error: &AppError) {
    let Some(response) = use_context::<ResponseOptions>() else {
        return;
    };
    if let Ok(status) = StatusCode::from_u16(error.status()) {
        response.set_status(status);
    }
    if let AppError::TooMany { retry_after_s } | AppError::TooManyHere { retry_after_s } = error {
        response.insert_header(HeaderName::from_static("retry-after"), HeaderValue::from(*retry_after_s));
    }
}
