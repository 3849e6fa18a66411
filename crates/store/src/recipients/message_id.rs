//! Message ids as the SMSC gave them, packed: most are a number in decimal or hexadecimal.

use std::fmt;

use crate::journal::wire::{Reader, put_i64, put_u64};

const DECIMAL: u8 = 0;
const HEX: u8 = 1;
const OTHER: u8 = 2;

/// The id of one part. Equal ids have one form only, so they can be compared.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PackedMessageId(Form);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Form {
    /// Decimal digits without leading zeros.
    Decimal(u64),
    /// Lower-case hexadecimal digits without leading zeros, at least one of them a letter.
    Hex(u64),
    Other(Box<[u8]>),
}

impl PackedMessageId {
    /// The id as it stood in submit_sm_resp, normalised or not; at most 255 octets are kept.
    #[must_use]
    pub fn new(id: &[u8]) -> Self {
        let canonical = matches!(id, [b'0'] | [b'1'..=b'9' | b'a'..=b'f', ..]);
        let text =
            std::str::from_utf8(id).ok().filter(|text| canonical && !text.bytes().any(|b| b.is_ascii_uppercase()));
        let number = text.and_then(|text| {
            let decimal = text.bytes().all(|byte| byte.is_ascii_digit());
            let number = u64::from_str_radix(text, if decimal { 10 } else { 16 }).ok()?;
            Some(if decimal { Form::Decimal(number) } else { Form::Hex(number) })
        });
        Self(number.unwrap_or_else(|| Form::Other(id[..id.len().min(255)].into())))
    }

    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        match &self.0 {
            Form::Decimal(number) => number.to_string().into_bytes(),
            Form::Hex(number) => format!("{number:x}").into_bytes(),
            Form::Other(octets) => octets.to_vec(),
        }
    }

    /// `previous` is the number of the id before this one: ids of one link mostly count up.
    pub(super) fn put(&self, out: &mut Vec<u8>, previous: &mut u64) {
        match &self.0 {
            Form::Decimal(number) | Form::Hex(number) => {
                out.push(if matches!(self.0, Form::Hex(_)) { HEX } else { DECIMAL });
                put_i64(out, number.wrapping_sub(*previous) as i64);
                *previous = *number;
            }
            Form::Other(octets) => {
                out.push(OTHER);
                put_u64(out, octets.len() as u64);
                out.extend_from_slice(octets);
            }
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>, previous: &mut u64) -> Option<Self> {
        let form = match reader.u8()? {
            OTHER => {
                let length = usize::try_from(reader.u64()?).ok().filter(|&length| length <= 255)?;
                Form::Other(reader.bytes(length)?.into())
            }
            kind => {
                *previous = previous.wrapping_add(reader.i64()? as u64);
                match kind {
                    DECIMAL => Form::Decimal(*previous),
                    HEX => Form::Hex(*previous),
                    _ => return None,
                }
            }
        };
        Some(Self(form))
    }
}

impl fmt::Display for PackedMessageId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Form::Decimal(number) => write!(f, "{number}"),
            Form::Hex(number) => write!(f, "{number:x}"),
            Form::Other(octets) => octets.escape_ascii().fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    proptest! {
        #[test]
        fn no_id_changes(ids in vec("[0-9a-fA-F-]{0,20}", 0..20), octets in vec(any::<u8>(), 0..65)) {
            let ids: Vec<_> = ids.iter().map(|id| id.as_bytes()).chain([octets.as_slice()]).collect();
            let mut out = Vec::new();
            let mut previous = 0;
            for id in &ids {
                PackedMessageId::new(id).put(&mut out, &mut previous);
            }
            let mut reader = Reader::new(&out);
            previous = 0;
            for id in &ids {
                let read = PackedMessageId::read(&mut reader, &mut previous).unwrap();
                prop_assert_eq!(read.to_bytes(), id.to_vec());
                prop_assert_eq!(read, PackedMessageId::new(id));
            }
        }
    }

    #[test]
    fn leading_zeros_and_capitals_are_kept() {
        for id in [
            "",
            "0",
            "00",
            "0012ab34",
            "12AB",
            "ab",
            "18446744073709551615",
            "18446744073709551616",
            "ffffffffffffffff0",
        ] {
            assert_eq!(PackedMessageId::new(id.as_bytes()).to_bytes(), id.as_bytes());
        }
    }
}
