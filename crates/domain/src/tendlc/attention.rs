//! How urgently somebody has to look at a brand or a 10DLC campaign.

use serde::{Deserialize, Serialize};

/// The last is the worst.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Urgency {
    /// It goes on by itself.
    Waiting,
    /// Somebody has to do something.
    ToDo,
    /// Messages are not sent.
    Stopped,
}

impl Urgency {
    /// By which lists are ordered: 1 to 3, and 0 is left for what needs no attention.
    #[must_use]
    pub const fn rank(self) -> u8 {
        match self {
            Self::Waiting => 1,
            Self::ToDo => 2,
            Self::Stopped => 3,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranks_are_in_the_order_of_urgency() {
        let all = [Urgency::Waiting, Urgency::ToDo, Urgency::Stopped];
        assert!(all.is_sorted() && all.iter().map(|one| one.rank()).eq(1..=3));
    }
}
