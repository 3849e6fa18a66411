//! How a text becomes short messages: encoding, segments and the octets of each part.
//!
//! A text whose characters are all in the GSM 7-bit alphabet (3GPP TS 23.038 §6.2.1) is sent in it: 160 septets in one
//! message, or 153 in each part behind a concatenation header with an 8-bit reference (TS 23.040 §9.2.3.24.1). One
//! character outside switches the whole text to UTF-16: 70 units, or 67. What takes two units (an escaped GSM
//! character, a surrogate pair) is never divided between two parts.

pub mod gsm;

use std::fmt;

use serde::{Deserialize, Serialize};

/// The header of a concatenated message counts its parts in one octet.
pub const MAX_PARTS: usize = 255;

/// More segments than this in one message are taken for a mistake, such as a pasted document. Checked where a campaign
/// is submitted and where recipients' own texts are built.
pub const MAX_SEGMENTS: usize = 10;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// GSM 7-bit default alphabet with its extension table.
    Gsm7,
    /// UTF-16; carriers call it UCS-2, and phones show surrogate pairs all the same.
    Ucs2,
}

impl Encoding {
    /// SMPP's `data_coding` (SMPP 3.4 §5.2.19).
    #[must_use]
    pub const fn data_coding(self) -> u8 {
        match self {
            Self::Gsm7 => 0,
            Self::Ucs2 => 8,
        }
    }

    /// Units in a message of one part.
    #[must_use]
    pub const fn single(self) -> usize {
        match self {
            Self::Gsm7 => 160,
            Self::Ucs2 => 70,
        }
    }

    /// Units in each part of a longer one.
    #[must_use]
    pub const fn per_part(self) -> usize {
        match self {
            Self::Gsm7 => 153,
            Self::Ucs2 => 67,
        }
    }

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Gsm7 => "GSM-7",
            Self::Ucs2 => "UCS-2",
        }
    }

    /// How many units a character takes. The caller knows that it can be encoded.
    fn units(self, character: char) -> usize {
        match self {
            Self::Gsm7 => gsm::septets(character).unwrap_or(0),
            Self::Ucs2 => character.len_utf16(),
        }
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.label())
    }
}

/// What the counter beside the text shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Measure {
    pub encoding: Encoding,
    /// Unicode characters.
    pub characters: usize,
    /// Septets, or UTF-16 units.
    pub units: usize,
    /// 0 for an empty text.
    pub segments: usize,
    /// Units that still fit into the last segment.
    pub units_left: usize,
    /// The first character that forces UCS-2.
    pub first_non_gsm: Option<char>,
}

/// A text as it goes out, without the header of concatenated parts: the link adds that.
#[derive(Clone, PartialEq, Eq)]
pub struct Encoded {
    pub encoding: Encoding,
    pub data_coding: u8,
    /// One septet an octet (the SMSC packs them), or UTF-16 big-endian.
    pub parts: Vec<Vec<u8>>,
}

/// Says how many parts there are: a message's text does not belong in a log.
impl fmt::Debug for Encoded {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Encoded({}, {} parts)", self.encoding, self.parts.len())
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SegmentError {
    #[error("the message has no text")]
    Empty,
    #[error("the message takes {segments} segments, and at most {limit} can be sent; shorten it")]
    TooLong { segments: usize, limit: usize },
}

/// Counts without encoding. Allocates nothing.
#[must_use]
pub fn measure(text: &str) -> Measure {
    let (mut characters, mut units, mut first_non_gsm) = (0, 0, None);
    for character in text.chars() {
        characters += 1;
        match gsm::septets(character) {
            Some(septets) => units += septets,
            None => first_non_gsm = first_non_gsm.or(Some(character)),
        }
    }
    let encoding = if first_non_gsm.is_some() { Encoding::Ucs2 } else { Encoding::Gsm7 };
    if encoding == Encoding::Ucs2 {
        units = text.encode_utf16().count();
    }
    let (segments, units_left) = match units {
        0 => (0, encoding.single()),
        units if units <= encoding.single() => (1, encoding.single() - units),
        _ => divide(text, encoding),
    };
    Measure { encoding, characters, units, segments, units_left, first_non_gsm }
}

/// The parts of a text that is too long for one, and the units left in the last.
fn divide(text: &str, encoding: Encoding) -> (usize, usize) {
    let (mut parts, mut fill) = (1, 0);
    for character in text.chars() {
        let width = encoding.units(character);
        if fill + width > encoding.per_part() {
            parts += 1;
            fill = 0;
        }
        fill += width;
    }
    (parts, encoding.per_part() - fill)
}

/// The parts in which a text goes out; as many as [`measure`] counts.
pub fn encode(text: &str) -> Result<Encoded, SegmentError> {
    let Measure { encoding, units, segments, .. } = measure(text);
    if segments == 0 {
        return Err(SegmentError::Empty);
    }
    if segments > MAX_PARTS {
        return Err(SegmentError::TooLong { segments, limit: MAX_PARTS });
    }
    let room = if segments == 1 { encoding.single() } else { encoding.per_part() };
    let octets_per_unit = if encoding == Encoding::Ucs2 { 2 } else { 1 };
    let mut parts = Vec::with_capacity(segments);
    let mut part = Vec::with_capacity(room.min(units) * octets_per_unit);
    let mut fill = 0;
    for character in text.chars() {
        let width = encoding.units(character);
        if fill + width > room {
            parts.push(std::mem::replace(&mut part, Vec::with_capacity(room * octets_per_unit)));
            fill = 0;
        }
        push(&mut part, character, encoding);
        fill += width;
    }
    parts.push(part);
    Ok(Encoded { encoding, data_coding: encoding.data_coding(), parts })
}

/// Refuses what nobody means to send: no text, or more than [`MAX_SEGMENTS`].
pub fn check(text: &str) -> Result<Measure, SegmentError> {
    match measure(text) {
        Measure { segments: 0, .. } => Err(SegmentError::Empty),
        Measure { segments, .. } if segments > MAX_SEGMENTS => {
            Err(SegmentError::TooLong { segments, limit: MAX_SEGMENTS })
        }
        measure => Ok(measure),
    }
}

fn push(part: &mut Vec<u8>, character: char, encoding: Encoding) {
    match encoding {
        Encoding::Gsm7 => gsm::push(part, character),
        Encoding::Ucs2 => {
            for unit in character.encode_utf16(&mut [0; 2]) {
                part.extend_from_slice(&unit.to_be_bytes());
            }
        }
    }
}

#[cfg(test)]
mod tests;
