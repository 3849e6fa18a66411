//! The states of one recipient of one campaign.

use serde::{Deserialize, Serialize};

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
    /// Cancelled or expired before it was claimed.
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
}
