//! What went wrong at the 10DLC registry, as an answer to people.

use engine::tendlc::Trouble;

use super::{AppError, FieldError, sentence};

impl From<Trouble> for AppError {
    fn from(trouble: Trouble) -> Self {
        let passes = trouble.may_pass();
        match trouble {
            Trouble::Store(error) => error.into(),
            Trouble::Flaws(flaws) => Self::fields(
                flaws
                    .into_iter()
                    .map(|flaw| FieldError { field: flaw.field.to_owned(), message: sentence(&flaw.rule.to_string()) })
                    .collect(),
            ),
            Trouble::Off | Trouble::Registry(_) if passes => Self::unavailable(sentence(&trouble.to_string())),
            Trouble::Off | Trouble::Registry(_) => Self::conflict(sentence(&trouble.to_string())),
        }
    }
}
