//! Which message id belongs to which part of which recipient: 17 bytes an entry, and the slack of a hash table.
//!
//! Keys are 64-bit hashes keyed per process. Two ids with one hash are possible in principle; the runner compares the
//! whole id with the recipient's before it believes a receipt.

use std::{
    collections::HashMap,
    hash::{BuildHasher, RandomState},
};

/// A campaign's number in the index.
pub(crate) type Slot = u32;

/// One part of one recipient of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Target {
    pub(crate) slot: Slot,
    pub(crate) index: u32,
    pub(crate) part: u8,
}

/// Campaigns that one process can follow.
const SLOTS_MAX: Slot = 1 << 24;

#[derive(Debug, Default)]
pub(crate) struct Index {
    hasher: RandomState,
    entries: HashMap<u64, u64>,
}

impl Index {
    /// The key of a message id of a link.
    pub(crate) fn key(&self, channel: &str, message_id: &str) -> u64 {
        self.hasher.hash_one((channel, message_id))
    }

    /// The newest message with an id counts: an SMSC may start over with its ids.
    pub(crate) fn insert(&mut self, key: u64, target: Target) {
        debug_assert!(target.slot < SLOTS_MAX);
        let packed = u64::from(target.slot) << 40 | u64::from(target.part) << 32 | u64::from(target.index);
        self.entries.insert(key, packed);
    }

    pub(crate) fn get(&self, key: u64) -> Option<Target> {
        self.entries.get(&key).map(|&packed| Target {
            slot: (packed >> 40) as Slot,
            part: (packed >> 32) as u8,
            index: packed as u32,
        })
    }

    /// The part has its final receipt. What another message has taken over stays.
    pub(crate) fn remove(&mut self, key: u64, target: Target) {
        if self.get(key) == Some(target) {
            self.entries.remove(&key);
        }
        if self.entries.capacity() > 4_096 && self.entries.len() < self.entries.capacity() / 8 {
            self.entries.shrink_to(self.entries.len() * 2);
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_put_in() {
        let mut index = Index::default();
        let target = Target { slot: SLOTS_MAX - 1, index: u32::MAX, part: 254 };
        let key = index.key("carrier", "1a2b");
        index.insert(key, target);
        assert_eq!(index.get(key), Some(target));
        assert_eq!(index.get(index.key("other", "1a2b")), None);
        index.remove(key, Target { part: 0, ..target });
        assert_eq!(index.get(key), Some(target), "another part's receipt");
        index.remove(key, target);
        assert_eq!(index.get(key), None);
    }

    #[test]
    fn an_entry_takes_forty_bytes_at_most() {
        let mut index = Index::default();
        for number in 0..1_000_000_u32 {
            index.insert(u64::from(number) << 20, Target { slot: 1, index: number, part: 0 });
        }
        // A table of hashbrown has a control byte and the pair for each bucket, 8 of which hold 7 entries at most.
        let buckets = (index.entries.capacity() * 8 / 7).next_power_of_two();
        assert!(buckets * 17 / index.len() <= 40, "{}", buckets * 17 / index.len());
    }
}
