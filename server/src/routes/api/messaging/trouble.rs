//! What went wrong at the registry, as a problem.

use app::error::sentence;
use engine::tendlc::Trouble;
use tcr::Error as RegistryError;

use super::field;
use crate::routes::api::problem::Problem;

impl From<Trouble> for Problem {
    fn from(trouble: Trouble) -> Self {
        match trouble {
            Trouble::Store(error) => error.into(),
            Trouble::Off => Self::unavailable("REGISTRY_OFF", sentence(&trouble.to_string()), None),
            Trouble::Flaws(flaws) => Self::fields(
                flaws.into_iter().map(|flaw| (field::name(flaw.field).to_owned(), sentence(&flaw.rule.to_string()))),
            ),
            Trouble::Registry(error) => registry(&error),
        }
    }
}

fn registry(error: &RegistryError) -> Problem {
    let message = sentence(&error.to_string());
    match error {
        RegistryError::Refused(problems) => {
            let named = problems.iter().flat_map(|problem| {
                problem.fields.iter().map(|name| (field::name(name).to_owned(), sentence(&problem.description)))
            });
            Problem::refused("REGISTRY_REFUSED", message, named)
        }
        RegistryError::NotFound => Problem::refused("REGISTRY_REFUSED", message, []),
        RegistryError::Busy { retry_after_s } => {
            let seconds = u32::try_from(*retry_after_s).unwrap_or(u32::MAX);
            Problem::unavailable("REGISTRY_UNAVAILABLE", message, Some(seconds))
        }
        RegistryError::Unauthorised | RegistryError::Unavailable(_) | RegistryError::Unreadable => {
            Problem::unavailable("REGISTRY_UNAVAILABLE", message, None)
        }
    }
}

/// What was handed in and refused by the registry: it is kept as a draft, and can be corrected and handed in again.
pub fn refused(why: &str, what: &str, id: &impl std::fmt::Display) -> Problem {
    let message = format!(
        "{} It is kept as {id}: correct it with PATCH /api/v1/messaging/{what}/{id}, which hands it in again.",
        sentence(why)
    );
    Problem::refused("REGISTRY_REFUSED", message, [])
}
