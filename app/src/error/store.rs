//! The store's refusals as answers to people. Causes were logged where they arose.

use store::{Error, SignInRefusal};

use super::AppError;

impl From<Error> for AppError {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::NotFound,
            Error::Forbidden => Self::Forbidden,
            Error::SignedOut => Self::SignedOut,
            Error::Refused(_) | Error::Stale { .. } | Error::Moved | Error::Unknown => Self::conflict(error.to_string()),
            Error::Invalid { field, message } => Self::field(field, message),
            Error::Unavailable => Self::unavailable(error.to_string()),
            Error::Corrupt | Error::NewerSchema { .. } | Error::Setup(_) => Self::internal(error),
        }
    }
}

impl From<SignInRefusal> for AppError {
    fn from(refusal: SignInRefusal) -> Self {
        match refusal {
            SignInRefusal::Wrong => Self::field("password", refusal.to_string()),
            SignInRefusal::Locked { seconds } => Self::TooMany { retry_after_s: seconds },
        }
    }
}
