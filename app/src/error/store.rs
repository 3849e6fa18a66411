//! The store's refusals as answers to people. Causes were logged where they arose.

use store::{Error, SignInRefusal};

use super::{AppError, sentence};

impl From<Error> for AppError {
    fn from(error: Error) -> Self {
        match error {
            Error::NotFound => Self::NotFound,
            Error::Forbidden => Self::Forbidden,
            Error::SignedOut => Self::SignedOut,
            Error::Refused(_) | Error::Archived | Error::Stale { .. } | Error::Moved | Error::Unknown => {
                Self::conflict(sentence(&error.to_string()))
            }
            Error::Invalid { field, message } => Self::field(field, sentence(&message)),
            Error::SecondFactorMissing => Self::SecondFactorMissing,
            Error::TooMany { seconds } => Self::TooMany { retry_after_s: seconds },
            Error::Unavailable | Error::Busy => Self::unavailable(sentence(&error.to_string())),
            Error::Corrupt | Error::NewerSchema { .. } | Error::Setup(_) => Self::internal(error),
        }
    }
}

impl From<store::notices::TooMany> for AppError {
    fn from(refusal: store::notices::TooMany) -> Self {
        Self::TooMany { retry_after_s: refusal.seconds }
    }
}

impl From<SignInRefusal> for AppError {
    fn from(refusal: SignInRefusal) -> Self {
        match refusal {
            SignInRefusal::Wrong => Self::field("password", sentence(&refusal.to_string())),
            SignInRefusal::WrongCode => Self::field("code", sentence(&refusal.to_string())),
            SignInRefusal::Locked { seconds } => Self::TooMany { retry_after_s: seconds },
            SignInRefusal::TooManyHere { seconds } => Self::TooManyHere { retry_after_s: seconds },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_get_sentences() {
        let error = AppError::from(Error::Invalid { field: "name", message: "a name has 1 to 100 characters".into() });
        assert_eq!(error.field_error("name").as_deref(), Some("A name has 1 to 100 characters."));
    }
}
