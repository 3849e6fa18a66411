//! Two people who change the same form at once: the one who saves last has not seen what the other saved, and is told so.

use domain::id::UserId;
use serde::{Deserialize, Serialize};

use crate::Error;

/// How often people have changed a form, and which of these changes the last of them made in a row. Whoever saves says after
/// which change they opened the form. Their own changes since then they know of: a step of the wizard is saved again and
/// again while it is being corrected.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Edits {
    /// The number of the last change.
    pub count: u64,
    /// Who made it; None: nobody has changed anything yet.
    by: Option<UserId>,
    /// The first of the changes that they made in a row.
    own_from: u64,
}

impl Edits {
    /// One more.
    #[must_use]
    pub(super) fn with(self, by: UserId) -> Self {
        let count = self.count + 1;
        let own_from = if self.by == Some(by) { self.own_from } else { count };
        Self { count, by: Some(by), own_from }
    }

    /// Refused where somebody else has changed something after the change with the number `seen`. None: nothing was shown to
    /// whoever saves.
    ///
    /// # Errors
    /// [`Error::Stale`].
    pub fn check(self, seen: Option<u64>, who: UserId) -> Result<(), Error> {
        let Some(seen) = seen else { return Ok(()) };
        let own = self.by == Some(who) && seen < self.count && seen + 1 >= self.own_from;
        if seen == self.count || own {
            return Ok(());
        }
        let what = "somebody else has changed it since you opened it, and nothing of yours was saved; open it again in \
                    another tab and compare";
        Err(Error::Stale { what: what.to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use uuid::Uuid;

    use super::*;

    fn person(number: u8) -> UserId {
        UserId::from_uuid(Uuid::from_u128(u128::from(number)))
    }

    proptest! {
        /// Against all changes, written down one by one.
        #[test]
        fn whoever_missed_somebody_elses_change_is_told(
            changes in proptest::collection::vec(0u8..3, 0..12),
            seen in 0u64..14,
            who in 0u8..3,
        ) {
            let edits = changes.iter().fold(Edits::default(), |edits, by| edits.with(person(*by)));
            let count = changes.len() as u64;
            let missed = (1u64..).zip(&changes).any(|(number, by)| number > seen && *by != who);
            let allowed = seen <= count && !missed;
            prop_assert_eq!(edits.check(Some(seen), person(who)).is_ok(), allowed);
            prop_assert!(edits.check(None, person(who)).is_ok());
        }
    }
}
