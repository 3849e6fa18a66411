//! Two people who change the same form at once: the one who saves last has not seen what the other saved, and is told so.

use domain::id::{ApiKeyId, UserId};
use serde::{Deserialize, Serialize};

use crate::Error;

/// Who changes a form: a person, or a program with a key of theirs. What a person's program changes they have not seen, and
/// the other way round.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Editor {
    pub user: UserId,
    /// The program's.
    pub key: Option<ApiKeyId>,
}

/// From where something else comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum From {
    /// The form in which it was typed: there is nothing left to be handed in.
    Form,
    /// A program: what is typed in the form stays, with what the program changes.
    Program,
}

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
    /// The key of the program that made it.
    key: Option<ApiKeyId>,
    /// The first of the changes that they made in a row.
    own_from: u64,
}

impl Edits {
    /// One more.
    #[must_use]
    pub(super) fn with(self, by: Editor) -> Self {
        let count = self.count + 1;
        let own_from = if self.is_by(by) { self.own_from } else { count };
        Self { count, by: Some(by.user), key: by.key, own_from }
    }

    fn is_by(self, who: Editor) -> bool {
        self.by == Some(who.user) && self.key == who.key
    }

    /// Refused where somebody else has changed something after the change with the number `seen`. None: nothing was shown to
    /// whoever saves.
    ///
    /// # Errors
    /// [`Error::Stale`].
    pub fn check(self, seen: Option<u64>, who: Editor) -> Result<(), Error> {
        let Some(seen) = seen else { return Ok(()) };
        let own = self.is_by(who) && seen < self.count && seen + 1 >= self.own_from;
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

    /// Two people, and a program of each.
    fn editor(number: u8) -> Editor {
        let key = (number >= 2).then(|| ApiKeyId::from_uuid(Uuid::from_u128(u128::from(number))));
        Editor { user: UserId::from_uuid(Uuid::from_u128(u128::from(number % 2))), key }
    }

    #[test]
    fn a_person_and_their_own_program_are_two() {
        let edits = Edits::default().with(editor(0)).with(editor(2));
        assert!(edits.check(Some(1), editor(0)).is_err(), "their program changed it meanwhile");
        assert!(edits.check(Some(1), editor(2)).is_ok());
    }

    proptest! {
        /// Against all changes, written down one by one.
        #[test]
        fn whoever_missed_somebody_elses_change_is_told(
            changes in proptest::collection::vec(0u8..4, 0..12),
            seen in 0u64..14,
            who in 0u8..4,
        ) {
            let edits = changes.iter().fold(Edits::default(), |edits, by| edits.with(editor(*by)));
            let count = changes.len() as u64;
            let missed = (1u64..).zip(&changes).any(|(number, by)| number > seen && *by != who);
            let allowed = seen <= count && !missed;
            prop_assert_eq!(edits.check(Some(seen), editor(who)).is_ok(), allowed);
            prop_assert!(edits.check(None, editor(who)).is_ok());
        }
    }
}
