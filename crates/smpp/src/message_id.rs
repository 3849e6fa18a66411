//! The id an SMSC gives to a message, and the notations in which it comes back.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An SMSC's id of one accepted part, normalised by [`IdBase`] so that response and receipt agree.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MessageId(Box<str>);

impl MessageId {
    #[must_use]
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Display for MessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// How a carrier writes one and the same id in submit_sm_resp and in the receipt. A setting of the link.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdBase {
    /// The same octets in both.
    #[default]
    Verbatim,
    /// Letters' case and leading zeros may differ.
    Folded,
    /// Hexadecimal in the response, decimal in the receipt.
    HexThenDecimal,
    /// Decimal in the response, hexadecimal in the receipt.
    DecimalThenHex,
}

impl IdBase {
    /// The normal form of an id from a submit_sm_resp.
    #[must_use]
    pub fn from_response(self, id: Box<str>) -> MessageId {
        let id = bounded(id);
        match self {
            Self::Verbatim => MessageId(id),
            Self::Folded => folded(&id),
            Self::HexThenDecimal => number(&id, 16),
            Self::DecimalThenHex => number(&id, 10),
        }
    }

    /// The normal form of an id from a receipt.
    #[must_use]
    pub fn from_receipt(self, id: Box<str>) -> MessageId {
        let id = bounded(id);
        match self {
            Self::Verbatim => MessageId(id),
            Self::Folded => folded(&id),
            Self::HexThenDecimal => number(&id, 10),
            Self::DecimalThenHex => number(&id, 16),
        }
    }
}

/// SMPP 3.4 has ids of 64 octets; twice as many are kept as they are. Of what is longer the beginning stands for all of
/// it, with a checksum of the rest (FNV-1a), so that a carrier cannot fill the database with ids, and response and receipt
/// still agree.
fn bounded(id: Box<str>) -> Box<str> {
    const LONGEST: usize = 128;
    if id.len() <= LONGEST {
        return id;
    }
    let hash = id
        .bytes()
        .fold(0xcbf2_9ce4_8422_2325, |hash: u64, octet| (hash ^ u64::from(octet)).wrapping_mul(0x0000_0100_0000_01b3));
    let start = &id[..id.floor_char_boundary(LONGEST - 17)];
    format!("{start}~{hash:016x}").into()
}

/// Without leading zeros or the blanks around and between them, in lower case.
fn folded(id: &str) -> MessageId {
    let id = id.trim();
    let significant = id.trim_start_matches(|character: char| character == '0' || character.is_whitespace());
    MessageId(match (id.is_empty(), significant.is_empty()) {
        (false, true) => "0".into(),
        _ => significant.to_ascii_lowercase().into(),
    })
}

/// As a decimal number; an id that is none, or more than 128 bits, is folded.
fn number(id: &str, radix: u32) -> MessageId {
    let digits = id.trim();
    let digits = match radix {
        16 => digits.strip_prefix("0x").or_else(|| digits.strip_prefix("0X")).unwrap_or(digits),
        _ => digits,
    };
    match u128::from_str_radix(digits, radix) {
        Ok(value) if digits.bytes().all(|digit| digit.is_ascii_hexdigit()) => MessageId(value.to_string().into()),
        _ => folded(id),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn ids_are_verbatim_unless_the_link_says_otherwise() {
        assert_eq!(IdBase::Verbatim.from_response("00aB".into()).as_str(), "00aB");
        assert_eq!(IdBase::Folded.from_response("00aB".into()).as_str(), "ab");
        assert_eq!(IdBase::Folded.from_receipt("000".into()).as_str(), "0");
        assert_eq!(IdBase::Folded.from_receipt("".into()).as_str(), "");
    }

    #[test]
    fn folding_leaves_nothing_to_fold() {
        let once = IdBase::Folded.from_receipt("\t0\t00 aB".into());
        assert_eq!(once.as_str(), "ab");
        assert_eq!(IdBase::Folded.from_response(once.as_str().into()), once);
        assert_eq!(IdBase::Folded.from_receipt(" 0 0 ".into()).as_str(), "0");
    }

    #[test]
    fn an_id_without_end_is_kept_short_and_still_its_own() {
        let longest: Box<str> = "7".repeat(128).into();
        assert_eq!(IdBase::Verbatim.from_response(longest.clone()).as_str(), &*longest);
        let (one, other) = ("é".repeat(30_000) + "1", "é".repeat(30_000) + "2");
        let kept = IdBase::Verbatim.from_response(one.as_str().into());
        assert!(kept.as_str().len() <= 128, "{}", kept.as_str().len());
        assert_eq!(kept, IdBase::Verbatim.from_receipt(one.into()));
        assert_ne!(kept, IdBase::Verbatim.from_receipt(other.into()));
    }

    #[test]
    fn what_is_no_number_is_still_comparable() {
        let base = IdBase::HexThenDecimal;
        assert_eq!(base.from_response("0x7-x".into()), base.from_receipt("0X7-X".into()));
    }

    proptest! {
        #[test]
        fn both_notations_of_a_number_agree(value: u128) {
            let base = IdBase::HexThenDecimal;
            let id = base.from_receipt(value.to_string().into());
            prop_assert_eq!(&base.from_response(format!("{value:X}").into()), &id);
            prop_assert_eq!(&base.from_response(format!("0x{value:032x}").into()), &id);
            let base = IdBase::DecimalThenHex;
            prop_assert_eq!(base.from_response(value.to_string().into()), base.from_receipt(format!("{value:x}").into()));
        }

        #[test]
        fn normalising_is_idempotent_and_never_panics(id in ".{0,70}") {
            for base in [IdBase::Verbatim, IdBase::Folded] {
                let once = base.from_response(id.as_str().into());
                prop_assert_eq!(base.from_response(once.as_str().into()), once);
            }
            let _ = IdBase::HexThenDecimal.from_response(id.as_str().into());
            let _ = IdBase::HexThenDecimal.from_receipt(id.as_str().into());
        }
    }
}
