//! A shard of the list: the numbers of one stretch of hashes, sorted, with how each of them came there.
//!
//! Numbers come first, so that asking whether some are on the list unpacks nothing else.

use std::{collections::HashMap, sync::Arc};

use domain::suppression::Source;

use crate::{
    journal::wire::{Reader, put_i64, put_u64},
    recipients::{DecodeError, Kind, Sealed, put_text, read_text, seal},
};

const KIND: Kind = Kind { magic: b'P', version: 1 };
/// Bits of the hash that choose a shard: ten million numbers are some 2,400 a shard, and adding one rewrites 40 KiB.
const SHARD_BITS: u32 = 12;
pub const SHARDS: u32 = 1 << SHARD_BITS;

/// A Fibonacci hash; its upper bits spread numbers evenly, and in the order of the shards.
#[must_use]
pub const fn hash(number: u64) -> u64 {
    number.wrapping_mul(0x9E37_79B9_7F4A_7C15)
}

/// The shard that a number belongs to, below [`SHARDS`].
#[must_use]
pub const fn shard_of(number: u64) -> u32 {
    (hash(number) >> (64 - SHARD_BITS)) as u32
}

/// A number on the list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// E.164 digits.
    pub number: u64,
    pub source: Source,
    /// To the second.
    pub at_ms: i64,
    /// Whose doing it was, by name; empty where nobody's.
    pub by: Arc<str>,
}

/// Numbers of one shard in their order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Shard {
    entries: Vec<Entry>,
}

impl Shard {
    pub(super) fn entries(&self) -> &[Entry] {
        &self.entries
    }

    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub(super) fn find(&self, number: u64) -> Option<&Entry> {
        self.place(number).ok().map(|place| &self.entries[place])
    }

    fn place(&self, number: u64) -> Result<usize, usize> {
        self.entries.binary_search_by_key(&number, |entry| entry.number)
    }

    /// Whether it is new: what was there first stands.
    pub(super) fn insert(&mut self, entry: Entry) -> bool {
        match self.place(entry.number) {
            Ok(_) => false,
            Err(place) => {
                self.entries.insert(place, entry);
                true
            }
        }
    }

    pub(super) fn remove(&mut self, number: u64) -> Option<Entry> {
        self.place(number).ok().map(|place| self.entries.remove(place))
    }

    /// Adds many in their order; gives how many are new.
    pub(super) fn merge(&mut self, new: impl IntoIterator<Item = Entry>) -> u64 {
        let before = self.entries.len();
        self.entries.extend(new);
        // Stable: of two with one number the earlier entry comes first, and stays.
        self.entries.sort_by_key(|entry| entry.number);
        self.entries.dedup_by_key(|entry| entry.number);
        (self.entries.len() - before) as u64
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(self.entries.len() * 14 + 16);
        let mut previous = 0;
        for entry in &self.entries {
            put_u64(&mut body, entry.number.wrapping_sub(previous));
            previous = entry.number;
        }
        body.extend(self.entries.iter().map(|entry| entry.source as u8));
        let mut previous = 0;
        for entry in &self.entries {
            let at_s = entry.at_ms.div_euclid(1_000);
            put_i64(&mut body, at_s.wrapping_sub(previous));
            previous = at_s;
        }
        let mut places: HashMap<&str, u64> = HashMap::new();
        let mut names = Vec::new();
        for entry in &self.entries {
            places.entry(&entry.by).or_insert_with(|| {
                names.push(&entry.by);
                names.len() as u64 - 1
            });
        }
        put_u64(&mut body, names.len() as u64);
        for name in &names {
            put_text(&mut body, name);
        }
        for entry in &self.entries {
            put_u64(&mut body, places.get(&*entry.by).copied().unwrap_or_default());
        }
        let mut head = Vec::with_capacity(4);
        put_u64(&mut head, self.entries.len() as u64);
        seal(KIND, &head, &body)
    }

    pub(super) fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (len, sealed) = open(bytes)?;
        let body = sealed.body()?;
        read_shard(&mut Reader::new(&body), len).ok_or(DecodeError::Malformed)
    }

    /// The numbers alone.
    pub(super) fn numbers(bytes: &[u8]) -> Result<Vec<u64>, DecodeError> {
        let (len, sealed) = open(bytes)?;
        let body = sealed.body()?;
        read_numbers(&mut Reader::new(&body), len).ok_or(DecodeError::Malformed)
    }
}

fn open(bytes: &[u8]) -> Result<(usize, Sealed<'_>), DecodeError> {
    let sealed = Sealed::open(KIND, bytes)?;
    let len = Reader::new(sealed.head).u64().and_then(|len| usize::try_from(len).ok());
    Ok((len.ok_or(DecodeError::Malformed)?, sealed))
}

fn read_numbers(reader: &mut Reader<'_>, len: usize) -> Option<Vec<u64>> {
    // A number takes a byte at least: a damaged length cannot make a huge allocation.
    let mut numbers = Vec::with_capacity(len.min(reader.left()));
    let mut previous = 0_u64;
    for _ in 0..len {
        previous = previous.wrapping_add(reader.u64()?);
        numbers.push(previous);
    }
    Some(numbers)
}

fn read_shard(reader: &mut Reader<'_>, len: usize) -> Option<Shard> {
    let numbers = read_numbers(reader, len)?;
    let sources = reader.bytes(len)?;
    let mut times = Vec::with_capacity(len);
    let mut previous = 0_i64;
    for _ in 0..len {
        previous = previous.wrapping_add(reader.i64()?);
        times.push(previous.wrapping_mul(1_000));
    }
    let count = usize::try_from(reader.u64()?).ok().filter(|&count| count <= len)?;
    let mut names: Vec<Arc<str>> = Vec::with_capacity(count);
    for _ in 0..count {
        names.push(read_text(reader)?.into());
    }
    let mut entries = Vec::with_capacity(len);
    for ((number, &source), at_ms) in numbers.into_iter().zip(sources).zip(times) {
        let by = names.get(usize::try_from(reader.u64()?).ok()?)?;
        entries.push(Entry { number, source: Source::from_stored(source)?, at_ms, by: Arc::clone(by) });
    }
    (reader.left() == 0).then_some(Shard { entries })
}

#[cfg(test)]
mod tests {
    use proptest::{collection::vec, prelude::*};

    use super::*;

    fn entry() -> impl Strategy<Value = Entry> {
        (any::<u64>(), 0_usize..5, -4_000_000_000_i64..4_000_000_000, "[a-cß]{0,3}").prop_map(
            |(number, source, at_s, by)| Entry {
                number,
                source: Source::ALL[source],
                at_ms: at_s * 1_000,
                by: by.into(),
            },
        )
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(entries in vec(entry(), 0..60)) {
            let mut shard = Shard::default();
            let added = shard.merge(entries);
            prop_assert_eq!(added, shard.entries().len() as u64);
            let bytes = shard.encode();
            let numbers: Vec<u64> = shard.entries().iter().map(|entry| entry.number).collect();
            prop_assert_eq!(Shard::numbers(&bytes), Ok(numbers));
            prop_assert_eq!(Shard::decode(&bytes), Ok(shard));
        }

        #[test]
        fn any_body_is_answered(len in 0_u64..80, body in vec(0_u8..20, 0..300)) {
            let mut head = Vec::new();
            put_u64(&mut head, len);
            let bytes = seal(KIND, &head, &body);
            let _ = (Shard::decode(&bytes), Shard::numbers(&bytes), Shard::decode(&body));
        }

        #[test]
        fn one_by_one_and_at_once_are_the_same(entries in vec(entry(), 0..40)) {
            let mut one_by_one = Shard::default();
            let added = entries.iter().filter(|entry| one_by_one.insert((*entry).clone())).count() as u64;
            let mut at_once = Shard::default();
            prop_assert_eq!(at_once.merge(entries), added);
            prop_assert_eq!(at_once, one_by_one);
        }
    }

    #[test]
    fn what_was_there_first_stands() {
        let entry = |source, by: &str| Entry { number: 436_601_234_567, source, at_ms: 5_000, by: by.into() };
        let mut shard = Shard::default();
        assert!(shard.insert(entry(Source::Stop, "")));
        assert!(!shard.insert(entry(Source::Hand, "Ana")));
        assert_eq!(shard.merge([entry(Source::Import, "Ana")]), 0);
        assert_eq!(shard.remove(436_601_234_567), Some(entry(Source::Stop, "")));
        assert!(shard.is_empty());
    }

    #[test]
    fn shards_are_even_and_in_the_order_of_hashes() {
        let mut counts = vec![0_u32; SHARDS as usize];
        for number in 0..400_000_u64 {
            counts[shard_of(436_600_000_000 + number) as usize] += 1;
        }
        assert!(counts.iter().all(|&count| (40..200).contains(&count)), "{counts:?}");
        assert!((shard_of(5) < shard_of(6)) == (hash(5) < hash(6)));
    }
}
