//! The envelope around everything that is packed here:
//! `magic, version, codec, head length, head, raw length, body, CRC-32`.
//!
//! The head stays readable without unpacking the body. Reading checks the checksum first, never panics, and never
//! allocates more than a fixed limit, whatever the bytes say.

use std::borrow::Cow;

use crate::journal::wire::{Reader, put_u64};

/// No body unpacks to more than this.
const RAW_OCTETS_MAX: usize = 16 << 20;
/// LZ4 expands at most 255-fold; a claim beyond that is a lie about the length.
const LZ4_RATIO_MAX: usize = 255;

const STORED: u8 = 0;
const LZ4: u8 = 1;

/// Why packed bytes could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("the checksum does not match")]
    Checksum,
    #[error("format version {0} is not known")]
    Version(u8),
    #[error("the bytes are not what they should be")]
    Malformed,
}

impl From<DecodeError> for crate::Error {
    fn from(cause: DecodeError) -> Self {
        tracing::error!(%cause, "packed recipients cannot be read");
        Self::Corrupt
    }
}

/// What an envelope is about.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Kind {
    pub(crate) magic: u8,
    pub(crate) version: u8,
}

/// Packs `body`, compressed if that helps.
pub(crate) fn seal(kind: Kind, head: &[u8], body: &[u8]) -> Vec<u8> {
    let compressed = lz4_flex::block::compress(body);
    let (codec, packed) = if compressed.len() < body.len() { (LZ4, compressed.as_slice()) } else { (STORED, body) };
    let mut out = Vec::with_capacity(packed.len() + head.len() + 24);
    out.extend_from_slice(&[kind.magic, kind.version, codec]);
    put_u64(&mut out, head.len() as u64);
    out.extend_from_slice(head);
    put_u64(&mut out, body.len() as u64);
    out.extend_from_slice(packed);
    let checksum = crc32fast::hash(&out);
    out.extend_from_slice(&checksum.to_le_bytes());
    out
}

/// An envelope whose checksum matched; the body is still packed.
#[derive(Debug)]
pub(crate) struct Sealed<'a> {
    codec: u8,
    pub(crate) head: &'a [u8],
    raw_octets: usize,
    packed: &'a [u8],
}

impl<'a> Sealed<'a> {
    pub(crate) fn open(kind: Kind, bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let (content, checksum) = bytes.split_last_chunk::<4>().ok_or(DecodeError::Malformed)?;
        if crc32fast::hash(content) != u32::from_le_bytes(*checksum) {
            return Err(DecodeError::Checksum);
        }
        Self::parse(kind, content)
    }

    fn parse(kind: Kind, content: &'a [u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::new(content);
        if reader.u8() != Some(kind.magic) {
            return Err(DecodeError::Malformed);
        }
        match reader.u8() {
            Some(version) if version == kind.version => {}
            Some(version) => return Err(DecodeError::Version(version)),
            None => return Err(DecodeError::Malformed),
        }
        read_rest(&mut reader).ok_or(DecodeError::Malformed)
    }

    pub(crate) fn body(&self) -> Result<Cow<'a, [u8]>, DecodeError> {
        match self.codec {
            STORED if self.packed.len() == self.raw_octets => Ok(Cow::Borrowed(self.packed)),
            LZ4 if self.raw_octets <= self.packed.len().saturating_mul(LZ4_RATIO_MAX) => {
                let raw =
                    lz4_flex::block::decompress(self.packed, self.raw_octets).map_err(|_| DecodeError::Malformed)?;
                if raw.len() == self.raw_octets { Ok(Cow::Owned(raw)) } else { Err(DecodeError::Malformed) }
            }
            _ => Err(DecodeError::Malformed),
        }
    }
}

fn read_rest<'a>(reader: &mut Reader<'a>) -> Option<Sealed<'a>> {
    let codec = reader.u8()?;
    let head_octets = usize::try_from(reader.u64()?).ok()?;
    let head = reader.bytes(head_octets)?;
    let raw_octets = usize::try_from(reader.u64()?).ok()?;
    let packed = reader.bytes(reader.left())?;
    (raw_octets <= RAW_OCTETS_MAX).then_some(Sealed { codec, head, raw_octets, packed })
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    const KIND: Kind = Kind { magic: b'x', version: 3 };

    /// Gives content of a test a checksum that matches, so that what lies behind the checksum is tried too.
    pub(in super::super) fn with_checksum(mut content: Vec<u8>) -> Vec<u8> {
        let checksum = crc32fast::hash(&content);
        content.extend_from_slice(&checksum.to_le_bytes());
        content
    }

    proptest! {
        #[test]
        fn what_is_sealed_is_opened(head in vec(any::<u8>(), 0..40), body in vec(0_u8..4, 0..2_000)) {
            let bytes = seal(KIND, &head, &body);
            let sealed = Sealed::open(KIND, &bytes).unwrap();
            prop_assert_eq!(sealed.head, head.as_slice());
            let opened = sealed.body().unwrap();
            prop_assert_eq!(opened.as_ref(), body.as_slice());
        }

        #[test]
        fn a_changed_or_cut_envelope_is_refused(body in vec(any::<u8>(), 0..500), at: prop::sample::Index, flip in 1_u8..) {
            let bytes = seal(KIND, b"head", &body);
            let mut changed = bytes.clone();
            changed[at.index(bytes.len())] ^= flip;
            prop_assert!(Sealed::open(KIND, &changed).is_err());
            prop_assert!(Sealed::open(KIND, &bytes[..at.index(bytes.len())]).is_err());
        }

        #[test]
        fn any_content_is_answered(content in vec(any::<u8>(), 0..300)) {
            let mut bytes = vec![KIND.magic, KIND.version, content.first().copied().unwrap_or(0) & 1];
            bytes.extend_from_slice(&content);
            let bytes = with_checksum(bytes);
            if let Ok(sealed) = Sealed::open(KIND, &bytes) {
                let _ = sealed.body();
            }
        }
    }

    #[test]
    fn a_length_beyond_what_lz4_can_hold_allocates_nothing() {
        let mut bytes = vec![KIND.magic, KIND.version, LZ4, 0];
        put_u64(&mut bytes, RAW_OCTETS_MAX as u64);
        bytes.extend_from_slice(&[0; 8]);
        let bytes = with_checksum(bytes);
        assert_eq!(Sealed::open(KIND, &bytes).unwrap().body().unwrap_err(), DecodeError::Malformed);
    }

    #[test]
    fn another_version_says_so() {
        let bytes = seal(Kind { version: 9, ..KIND }, b"", b"");
        assert_eq!(Sealed::open(KIND, &bytes).unwrap_err(), DecodeError::Version(9));
    }
}
