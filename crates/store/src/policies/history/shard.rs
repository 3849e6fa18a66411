//! The packed form of what was sent: numbers in their order, and of each message the minute, which one it was, and the hash
//! of its text. Of these numbers the bytes lie plane by plane: what is alike in all of them packs to next to nothing.

use domain::policy::Sent;

use crate::{
    journal::wire::{Reader, put_u64},
    recipients::{DecodeError, Kind, Sealed, seal},
    suppressions,
};

const KIND: Kind = Kind { magic: b'H', version: 1 };
/// Bits of the hash that choose a shard: ten million messages of a day are some 10,000 a shard, and 50 KiB.
const SHARD_BITS: u32 = 10;
pub const SHARDS: u32 = 1 << SHARD_BITS;
/// Minute, message and text, four bytes each.
const PLANES: usize = 12;
const DAY_MINUTES: u32 = 24 * 60;

/// The shard of a number, below [`SHARDS`].
#[must_use]
pub const fn shard_of(number: u64) -> u32 {
    (suppressions::hash(number) >> (64 - SHARD_BITS)) as u32
}

/// A message that was claimed for a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// E.164 digits.
    pub number: u64,
    pub sent: Sent,
}

impl Entry {
    /// Days since the epoch, of no zone: which shards it belongs to.
    pub(super) const fn day(&self) -> u32 {
        self.sent.minute / DAY_MINUTES
    }
}

/// Entries in their order, without repetitions.
pub(crate) fn encode(entries: &[Entry]) -> Vec<u8> {
    let mut body = Vec::with_capacity(entries.len() * (PLANES + 4));
    let mut previous = 0;
    for entry in entries {
        put_u64(&mut body, entry.number.wrapping_sub(previous));
        previous = entry.number;
    }
    for value in [|sent: &Sent| sent.minute, |sent: &Sent| sent.message, |sent: &Sent| sent.text] {
        for plane in 0..4 {
            body.extend(entries.iter().map(|entry| value(&entry.sent).to_le_bytes()[plane]));
        }
    }
    let mut head = Vec::with_capacity(4);
    put_u64(&mut head, entries.len() as u64);
    seal(KIND, &head, &body)
}

pub(crate) fn decode(bytes: &[u8]) -> Result<Vec<Entry>, DecodeError> {
    let mut entries = Vec::new();
    each(bytes, |entry| entries.push(entry))?;
    Ok(entries)
}

/// The entries of some numbers, which are in their order.
pub(super) fn of_numbers(bytes: &[u8], numbers: &[u64], mut found: impl FnMut(Entry)) -> Result<(), DecodeError> {
    let mut next = 0;
    each_where(
        bytes,
        |number| {
            while numbers.get(next).is_some_and(|&wanted| wanted < number) {
                next += 1;
            }
            numbers.get(next) == Some(&number)
        },
        &mut found,
    )
}

fn each(bytes: &[u8], mut found: impl FnMut(Entry)) -> Result<(), DecodeError> {
    each_where(bytes, |_| true, &mut found)
}

fn each_where(
    bytes: &[u8],
    mut is_wanted: impl FnMut(u64) -> bool,
    found: &mut impl FnMut(Entry),
) -> Result<(), DecodeError> {
    let sealed = Sealed::open(KIND, bytes)?;
    let len = Reader::new(sealed.head).u64().and_then(|len| usize::try_from(len).ok()).ok_or(DecodeError::Malformed)?;
    let body = sealed.body()?;
    let planes_at = len.checked_mul(PLANES).and_then(|octets| body.len().checked_sub(octets));
    let (numbers, planes) = body.split_at(planes_at.ok_or(DecodeError::Malformed)?);
    let value = |column: usize, row: usize| {
        let plane = |plane: usize| planes[(column * 4 + plane) * len + row];
        u32::from_le_bytes([plane(0), plane(1), plane(2), plane(3)])
    };
    let (mut reader, mut number) = (Reader::new(numbers), 0_u64);
    for row in 0..len {
        number = number.wrapping_add(reader.u64().ok_or(DecodeError::Malformed)?);
        if is_wanted(number) {
            found(Entry { number, sent: Sent { minute: value(0, row), message: value(1, row), text: value(2, row) } });
        }
    }
    if reader.left() == 0 { Ok(()) } else { Err(DecodeError::Malformed) }
}

/// Both together, in order; what is in both is there once.
pub(super) fn merged(mut known: Vec<Entry>, new: &[Entry]) -> Vec<Entry> {
    known.extend_from_slice(new);
    known.sort_unstable();
    known.dedup();
    known
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    pub(crate) fn entry() -> impl Strategy<Value = Entry> {
        (any::<u64>(), any::<u32>(), any::<u32>(), any::<u32>())
            .prop_map(|(number, minute, message, text)| Entry { number, sent: Sent { message, minute, text } })
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(entries in vec(entry(), 0..80), other in vec(entry(), 0..10)) {
            let entries = merged(Vec::new(), &entries);
            let bytes = encode(&entries);
            prop_assert_eq!(decode(&bytes), Ok(entries.clone()));
            let mut wanted: Vec<u64> =
                entries.iter().step_by(3).chain(&other).map(|entry| entry.number).collect();
            wanted.sort_unstable();
            let mut found = Vec::new();
            of_numbers(&bytes, &wanted, |entry| found.push(entry)).unwrap();
            let expected: Vec<Entry> =
                entries.iter().copied().filter(|entry| wanted.binary_search(&entry.number).is_ok()).collect();
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn any_body_is_answered(len in 0_u64..80, body in vec(any::<u8>(), 0..300)) {
            let mut head = Vec::new();
            put_u64(&mut head, len);
            let _ = (decode(&seal(KIND, &head, &body)), decode(&body));
        }

        #[test]
        fn merging_again_changes_nothing(known in vec(entry(), 0..30), new in vec(entry(), 0..30)) {
            let once = merged(merged(Vec::new(), &known), &new);
            prop_assert_eq!(merged(once.clone(), &new), once);
        }
    }

    #[test]
    fn a_campaign_packs_to_a_few_bytes_a_message() {
        let sent = |i: u32| Sent { message: 0xDEAD_BEEF, minute: 29_000_000 + i % 600, text: 0x1234_5678 };
        let mut entries: Vec<Entry> =
            (0..10_000).map(|i| Entry { number: 436_600_000_000 + u64::from(i) * 9_973, sent: sent(i) }).collect();
        entries.sort_unstable();
        let octets = encode(&entries).len();
        assert!(octets < 60_000, "{octets}");
    }
}
