//! The states of one recipient of one campaign.

use serde::{Deserialize, Serialize};

/// Merge fields that a campaign can have.
pub const FIELDS_MAX: usize = 64;
/// Bytes of the merge values of one recipient, all fields together: a text of ten segments in any alphabet fits. It bounds
/// the memory of a block of recipients to some 14 MiB.
pub const VALUES_OCTETS_MAX: usize = 3_500;

/// What is known of one recipient. The discriminants are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum RecipientState {
    /// Not yet claimed.
    Waiting = 0,
    /// Durably claimed; it may be on the wire.
    Claimed = 1,
    /// The SMSC accepted every part; no final receipt yet.
    Submitted = 2,
    /// A receipt said delivered for every part.
    Delivered = 3,
    /// The SMSC refused it, or a final receipt said that it failed.
    Failed = 4,
    /// Claimed, and whether the SMSC got it is not known.
    Uncertain = 5,
    /// Accepted, and the wait for receipts is over.
    NoReceipt = 6,
    /// Cancelled, expired or suppressed before it was claimed.
    NotSent = 7,
}

impl RecipientState {
    pub const ALL: [Self; 8] = [
        Self::Waiting,
        Self::Claimed,
        Self::Submitted,
        Self::Delivered,
        Self::Failed,
        Self::Uncertain,
        Self::NoReceipt,
        Self::NotSent,
    ];

    #[must_use]
    pub fn from_stored(value: u8) -> Option<Self> {
        Self::ALL.get(usize::from(value)).copied()
    }

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Claimed => "Being sent",
            Self::Submitted => "Sent",
            Self::Delivered => "Delivered",
            Self::Failed => "Failed",
            Self::Uncertain => "Uncertain",
            Self::NoReceipt => "No receipt",
            Self::NotSent => "Not sent",
        }
    }

    #[must_use]
    pub const fn explanation(self) -> &'static str {
        match self {
            Self::Waiting => "Not sent yet.",
            Self::Claimed => "On its way to the carrier.",
            Self::Submitted => "The carrier accepted every part; its receipt is still to come.",
            Self::Delivered => "The carrier reported every part as delivered.",
            Self::Failed => "The carrier refused it, or reported that it could not be delivered.",
            Self::Uncertain => "The connection broke before the carrier answered: it may or may not have arrived.",
            Self::NoReceipt => "The carrier accepted it, and no receipt came in time.",
            Self::NotSent => {
                "The campaign ended before it was this recipient's turn, the number is on the suppression list, or the policy of \
                 the channel leaves it out."
            }
        }
    }

    /// Nothing but a late receipt changes it any more.
    #[must_use]
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Delivered | Self::Failed | Self::Uncertain | Self::NoReceipt | Self::NotSent)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_values_are_fixed() {
        for (value, state) in (0..).zip(RecipientState::ALL) {
            assert_eq!((state as u8, RecipientState::from_stored(value)), (value, Some(state)));
        }
        assert_eq!(RecipientState::from_stored(8), None);
    }
}
