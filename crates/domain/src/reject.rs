//! Why a line of a recipient file is no recipient.

use crate::phone::PhoneReject;

/// How much of a rejected line is kept, in bytes.
pub const REJECT_OCTETS_MAX: usize = 64;

/// Why a line is no recipient. The text says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
pub enum RejectReason {
    #[error("{0}")]
    Number(PhoneReject),
    #[error("the line is longer than 64 KiB")]
    LineTooLong,
    #[error("a quote is opened and not closed; double a quote that belongs to the text")]
    UnclosedQuote,
    #[error("the line is not UTF-8 text; save the file as UTF-8 and upload it again")]
    NotUtf8,
    #[error("the line has fewer columns than the header")]
    ColumnMissing,
    #[error("the line has more columns than the header; put text that contains the separator in quotes")]
    ColumnsTooMany,
    #[error("the columns of this line hold more than 3,500 bytes")]
    ValuesTooLong,
    #[error("the text for this recipient takes too many segments; shorten it or the columns put into it")]
    TextTooLong,
    #[error("the text for this recipient is empty")]
    TextEmpty,
    #[error("the number is on the suppression list of this workspace")]
    Suppressed,
}

impl RejectReason {
    /// Those that are not about the number, with what is stored of them.
    pub const OWN: [(u8, Self); 9] = [
        (201, Self::LineTooLong),
        (202, Self::UnclosedQuote),
        (203, Self::NotUtf8),
        (204, Self::ColumnMissing),
        (205, Self::ColumnsTooMany),
        (206, Self::ValuesTooLong),
        (207, Self::TextTooLong),
        (208, Self::TextEmpty),
        (209, Self::Suppressed),
    ];

    /// Stored: those of [`PhoneReject`] below 200, this enum's own from there on.
    #[must_use]
    pub fn code(self) -> u8 {
        match self {
            Self::Number(reject) => reject.code(),
            own => Self::OWN.iter().find_map(|&(code, reason)| (reason == own).then_some(code)).unwrap_or(0),
        }
    }

    #[must_use]
    pub fn from_code(code: u8) -> Option<Self> {
        let own = Self::OWN.iter().find_map(|&(own, reason)| (own == code).then_some(reason));
        own.or_else(|| PhoneReject::from_code(code).map(Self::Number))
    }
}
