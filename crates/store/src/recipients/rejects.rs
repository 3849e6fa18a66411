//! Lines of a recipient file that are no recipients, with the reason, in packed chunks.

use domain::reject::{REJECT_OCTETS_MAX, RejectReason};

use super::{
    block::{put_text, read_text},
    packed::{DecodeError, Kind, Sealed, seal},
};
use crate::journal::wire::{Reader, put_u64};

const KIND: Kind = Kind { magic: b'J', version: 1 };
/// Digits of a rejected text that are shown to those who may not see numbers.
const DIGITS_SHOWN: usize = 4;

/// A rejected line: its number in the file from 1, and how it begins (or the text in its number column).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reject {
    pub line: u64,
    pub reason: RejectReason,
    pub text: String,
}

impl Reject {
    /// Keeps at most [`REJECT_OCTETS_MAX`] bytes of `raw`, whatever its encoding.
    #[must_use]
    pub fn new(line: u64, reason: RejectReason, raw: &[u8]) -> Self {
        let head = &raw[..raw.len().min(REJECT_OCTETS_MAX)];
        let mut text: String =
            String::from_utf8_lossy(head).chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
        while text.len() > REJECT_OCTETS_MAX {
            text.pop();
        }
        Self { line, reason, text }
    }

    /// The text with all but its last digits hidden.
    #[must_use]
    pub fn masked_text(&self) -> String {
        let digits = self.text.chars().filter(char::is_ascii_digit).count();
        let hidden = digits.saturating_sub(DIGITS_SHOWN);
        let mut seen = 0;
        let mask = |c: char| {
            seen += usize::from(c.is_ascii_digit());
            if c.is_ascii_digit() && seen <= hidden { '•' } else { c }
        };
        self.text.chars().map(mask).collect()
    }
}

/// Rejected lines in the order of the file.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RejectChunk {
    pub rejects: Vec<Reject>,
}

impl RejectChunk {
    /// A full chunk: the next reject starts another.
    pub const LEN: usize = 4_096;

    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(self.rejects.len() * 24);
        let mut line = 0;
        for reject in &self.rejects {
            put_u64(&mut body, reject.line.wrapping_sub(line));
            line = reject.line;
            body.push(reject.reason.code());
            put_text(&mut body, &reject.text);
        }
        let mut head = Vec::with_capacity(4);
        put_u64(&mut head, self.rejects.len() as u64);
        seal(KIND, &head, &body)
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let sealed = Sealed::open(KIND, bytes)?;
        let len = Reader::new(sealed.head).u64().and_then(|len| usize::try_from(len).ok());
        let len = len.filter(|&len| len <= Self::LEN).ok_or(DecodeError::Malformed)?;
        let body = sealed.body()?;
        read_chunk(&mut Reader::new(&body), len).ok_or(DecodeError::Malformed)
    }
}

fn read_chunk(reader: &mut Reader<'_>, len: usize) -> Option<RejectChunk> {
    let mut rejects = Vec::with_capacity(len);
    let mut line = 0_u64;
    for _ in 0..len {
        line = line.wrapping_add(reader.u64()?);
        let reason = RejectReason::from_code(reader.u8()?)?;
        rejects.push(Reject { line, reason, text: read_text(reader)? });
    }
    (reader.left() == 0).then_some(RejectChunk { rejects })
}

#[cfg(test)]
mod tests {
    use domain::phone::PhoneReject;

    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn reasons() -> Vec<RejectReason> {
        let own = RejectReason::OWN.iter().map(|&(_, reason)| reason);
        PhoneReject::ALL.iter().map(|&reject| RejectReason::Number(reject)).chain(own).collect()
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(rows in vec((any::<u64>(), 0_usize..20, vec(any::<u8>(), 0..90)), 0..40)) {
            let rejects = rows.iter().map(|(line, reason, raw)| Reject::new(*line, reasons()[*reason], raw)).collect();
            let chunk = RejectChunk { rejects };
            prop_assert!(chunk.rejects.iter().all(|reject| reject.text.len() <= REJECT_OCTETS_MAX));
            prop_assert_eq!(RejectChunk::decode(&chunk.encode()), Ok(chunk));
        }

        #[test]
        fn any_body_is_answered(len in 0_u64..5_000, body in vec(any::<u8>(), 0..300)) {
            let mut head = Vec::new();
            put_u64(&mut head, len);
            let _ = RejectChunk::decode(&seal(KIND, &head, &body));
            let _ = RejectChunk::decode(&body);
        }
    }

    #[test]
    fn every_reason_has_a_code_of_its_own() {
        for reason in reasons() {
            assert_eq!(RejectReason::from_code(reason.code()), Some(reason));
        }
    }

    #[test]
    fn masking_leaves_the_last_digits() {
        let reject = Reject::new(1, RejectReason::NotUtf8, b"+43 660 12345x67");
        assert_eq!(reject.masked_text(), "+•• ••• •••45x67");
        assert_eq!(Reject::new(1, RejectReason::NotUtf8, b"911").masked_text(), "911");
    }
}
