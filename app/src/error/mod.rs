//! What goes wrong, as a person or the browser half gets to see it.
//!
//! Crates below have error enums of their own; each is mapped to an [`AppError`] at the edge. The safe message goes to
//! the person, the cause goes to the log with the request id ([`AppError::internal`]). Server functions set the HTTP
//! status by themselves when they answer with an error; pages do when they show one (`ui::error_view`).

#[cfg(feature = "ssr")]
mod registry;
#[cfg(feature = "ssr")]
mod server;
#[cfg(feature = "ssr")]
mod store;

use leptos::server_fn::{
    codec::JsonEncoding,
    error::{FromServerFnError, ServerFnErrorErr},
};
use serde::{Deserialize, Serialize};

/// A person's input that was refused, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// The `name` of the form field.
    pub field: String,
    pub message: String,
}

/// Everything that a server function can answer with instead of its result. Small and free of personal data: without
/// JavaScript it travels in the address of the page.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum AppError {
    /// Nobody is signed in, or the session is over.
    #[error("Please sign in to go on.")]
    SignedOut,
    /// Signed in, and nothing is open before a second factor is set up.
    #[error("This installation asks for a second factor. Set it up to go on.")]
    SecondFactorMissing,
    /// A member without the permission.
    #[error("Your role in this workspace does not allow this.")]
    Forbidden,
    /// No such thing, or it belongs to somebody else: the two are never told apart.
    #[error("There is nothing here, or it is not open to you.")]
    NotFound,
    /// Refused input; `fields` says which.
    #[error("{message}")]
    Invalid { message: String, fields: Vec<FieldError> },
    /// The request could not be read at all: a program's mistake and not a person's.
    #[error("The request could not be understood.")]
    BadRequest,
    /// Somebody else was faster, or the state has moved on.
    #[error("{message}")]
    Conflict { message: String },
    #[error("{message}")]
    TooLarge { message: String },
    #[error("Too many attempts. Try again in {retry_after_s} seconds.")]
    TooMany { retry_after_s: u32 },
    /// The same, for everybody who comes from this network address.
    #[error("Too many attempts from your network. Try again in {retry_after_s} seconds.")]
    TooManyHere { retry_after_s: u32 },
    /// A part that this needs is down for now, such as SMS Core.
    #[error("{message}")]
    Unavailable { message: String },
    /// Made in the browser: the server did not answer.
    #[error("The server cannot be reached. Check the connection and try again.")]
    Unreachable,
    /// Made in the browser: a part of the program did not come, or no longer exists.
    #[error("This page could not be fetched. Check the connection and load it again.")]
    PageNotFetched,
    #[error("Something went wrong on our side. If it happens again, tell your administrator this number: {request_id}")]
    Internal { request_id: String },
}

impl AppError {
    /// Refused input as a whole.
    pub fn invalid(message: impl Into<String>) -> Self {
        Self::Invalid { message: message.into(), fields: Vec::new() }
    }

    /// Refused input of one form field.
    pub fn field(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::fields(vec![FieldError { field: field.into(), message: message.into() }])
    }

    /// Refused input of several form fields.
    #[must_use]
    pub fn fields(fields: Vec<FieldError>) -> Self {
        let message = match fields.len() {
            1 => "One field needs your attention.".to_owned(),
            count => format!("{count} fields need your attention."),
        };
        Self::Invalid { message, fields }
    }

    pub fn conflict(message: impl Into<String>) -> Self {
        Self::Conflict { message: message.into() }
    }

    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::Unavailable { message: message.into() }
    }

    /// The HTTP status that goes with it.
    #[must_use]
    pub const fn status(&self) -> u16 {
        match self {
            Self::BadRequest => 400,
            Self::SignedOut => 401,
            Self::Forbidden | Self::SecondFactorMissing => 403,
            Self::NotFound => 404,
            Self::Conflict { .. } => 409,
            Self::TooLarge { .. } => 413,
            Self::Invalid { .. } => 422,
            Self::TooMany { .. } | Self::TooManyHere { .. } => 429,
            Self::Internal { .. } => 500,
            Self::Unavailable { .. } | Self::Unreachable | Self::PageNotFetched => 503,
        }
    }

    /// Where somebody goes to do what is missing, and what the link is called.
    #[must_use]
    pub const fn way_out(&self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::SignedOut => Some(("/sign-in", "Sign in")),
            Self::SecondFactorMissing => Some(("/account/second-factor", "Set it up")),
            _ => None,
        }
    }

    /// The refusals of single fields; empty when it is not about fields.
    #[must_use]
    pub fn field_errors(&self) -> &[FieldError] {
        match self {
            Self::Invalid { fields, .. } => fields,
            _ => &[],
        }
    }

    /// Everything that it says, for a place away from the fields of the form.
    #[must_use]
    pub fn in_full(&self) -> String {
        match self.field_errors() {
            [] => sentence(&self.to_string()),
            fields => fields.iter().map(|refused| sentence(&refused.message)).collect::<Vec<_>>().join(" "),
        }
    }

    /// What was wrong with one form field.
    #[must_use]
    pub fn field_error(&self, name: &str) -> Option<String> {
        self.field_errors().iter().find(|refused| refused.field == name).map(|refused| refused.message.clone())
    }
}

/// Errors of the crates below begin small and have no full stop, as is the custom; people read sentences.
#[must_use]
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let mut sentence: String = letters.next().into_iter().flat_map(char::to_uppercase).chain(letters).collect();
    if !sentence.ends_with(['.', '!', '?']) {
        sentence.push('.');
    }
    sentence
}

impl FromServerFnError for AppError {
    type Encoder = JsonEncoding;

    fn from_server_fn_error(error: ServerFnErrorErr) -> Self {
        match error {
            ServerFnErrorErr::Args(_) | ServerFnErrorErr::MissingArg(_) => Self::BadRequest,
            #[cfg(feature = "ssr")]
            other => Self::internal(other),
            #[cfg(not(feature = "ssr"))]
            _ => Self::Unreachable,
        }
    }

    /// Called when a server function is about to answer with this error: the place where its status is set.
    #[cfg(feature = "ssr")]
    fn ser(&self) -> leptos::server_fn::Bytes {
        server::set_status_of_answer(self);
        encode(self)
    }
}

#[cfg(feature = "ssr")]
fn encode(error: &AppError) -> leptos::server_fn::Bytes {
    use leptos::server_fn::Encodes;
    JsonEncoding::encode(error).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refusals_become_sentences() {
        assert_eq!(sentence("already approved by Ann"), "Already approved by Ann.");
        assert_eq!(sentence("Done."), "Done.");
    }

    #[test]
    fn fields_are_found_by_name() {
        let error = AppError::field("name", "A name is needed.");
        assert_eq!(error.field_error("name").as_deref(), Some("A name is needed."));
        assert_eq!(error.field_error("other"), None);
        assert_eq!(error.status(), 422);
        assert_eq!(error.to_string(), "One field needs your attention.");
        assert_eq!(error.in_full(), "A name is needed.");
        assert_eq!(AppError::conflict("somebody was faster").in_full(), "Somebody was faster.");
    }
}
