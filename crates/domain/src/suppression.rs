//! Numbers that get no messages from a workspace, and how each of them came onto its list.

use serde::{Deserialize, Serialize};

/// How a number came onto the list. The discriminants are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Source {
    /// Somebody put it there.
    Hand = 1,
    /// It stood in a file.
    Import = 2,
    /// The subscriber answered STOP.
    Stop = 3,
    /// A program put it there.
    Api = 4,
    /// It was put there when everything about the number was erased.
    Erasure = 5,
}

impl Source {
    pub const ALL: [Self; 5] = [Self::Hand, Self::Import, Self::Stop, Self::Api, Self::Erasure];

    #[must_use]
    pub fn from_stored(value: u8) -> Option<Self> {
        Self::ALL.get(usize::from(value).checked_sub(1)?).copied()
    }

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Hand => "By hand",
            Self::Import => "Import",
            Self::Stop => "STOP",
            Self::Api => "API",
            Self::Erasure => "Erasure",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stored_values_are_fixed() {
        for (value, source) in (1..).zip(Source::ALL) {
            assert_eq!((source as u8, Source::from_stored(value)), (value, Some(source)));
        }
        assert_eq!((Source::from_stored(0), Source::from_stored(6)), (None, None));
    }
}
