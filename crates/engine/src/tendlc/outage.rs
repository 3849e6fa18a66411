//! Whether the registry answers, for people who wait for it.

use std::sync::PoisonError;

use super::{Registrations, Trouble, refusal};

/// The registry does not answer, or not to us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outage {
    /// Since the first question that it did not answer.
    pub since_ms: i64,
    /// What came instead, the last time.
    pub why: String,
}

impl Registrations {
    /// None: it answered when it was last spoken with, or was not spoken with since the start.
    #[must_use]
    pub fn outage(&self) -> Option<Outage> {
        self.0.outage.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes what came of speaking with the registry. A refusal is an answer.
    pub(super) fn noted<T>(&self, done: Result<T, Trouble>) -> Result<T, Trouble> {
        let mut outage = self.0.outage.lock().unwrap_or_else(PoisonError::into_inner);
        match &done {
            Err(Trouble::Registry(error)) if refusal(error).is_none() => {
                let since_ms = outage.as_ref().map_or_else(|| self.0.door.clock().now_ms(), |outage| outage.since_ms);
                *outage = Some(Outage { since_ms, why: error.to_string() });
            }
            Ok(_) | Err(Trouble::Registry(_)) => *outage = None,
            Err(Trouble::Store(_) | Trouble::Off | Trouble::Flaws(_)) => {}
        }
        drop(outage);
        done
    }
}
