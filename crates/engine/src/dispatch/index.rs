//! Which message id belongs to which part of which recipient: 17 bytes an entry, and the slack of a hash table. Of the
//! messages that have their final receipt the latest are kept too, a fixed number of them.
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
/// Messages in one generation of [`Settled`]: what a hash table of 9 MB holds.
const GENERATION: usize = 450_000;

#[derive(Debug, Default)]
pub(crate) struct Index {
    hasher: RandomState,
    /// Those that await their final receipt.
    entries: HashMap<u64, u64>,
    settled: Settled,
}

/// The latest messages that have their final receipt, so that a repeated receipt is not taken for one of an unknown
/// message. The younger half is filled, and then becomes the older one.
#[derive(Debug, Default)]
struct Settled {
    young: HashMap<u64, u64>,
    old: HashMap<u64, u64>,
}

impl Settled {
    fn insert(&mut self, key: u64, packed: u64) {
        if self.young.len() >= GENERATION {
            self.old = std::mem::take(&mut self.young);
        }
        self.young.insert(key, packed);
    }

    fn get(&self, key: u64) -> Option<&u64> {
        self.young.get(&key).or_else(|| self.old.get(&key))
    }

    fn remove(&mut self, key: u64) {
        self.young.remove(&key);
        self.old.remove(&key);
    }
}

const fn pack(target: Target) -> u64 {
    (target.slot as u64) << 40 | (target.part as u64) << 32 | target.index as u64
}

impl Index {
    /// The key of a message id of a link.
    pub(crate) fn key(&self, channel: &str, message_id: &str) -> u64 {
        self.hasher.hash_one((channel, message_id))
    }

    /// The newest message with an id counts: an SMSC may start over with its ids.
    pub(crate) fn insert(&mut self, key: u64, target: Target) {
        debug_assert!(target.slot < SLOTS_MAX);
        self.entries.insert(key, pack(target));
    }

    pub(crate) fn get(&self, key: u64) -> Option<Target> {
        self.entries.get(&key).or_else(|| self.settled.get(key)).map(|&packed| Target {
            slot: (packed >> 40) as Slot,
            part: (packed >> 32) as u8,
            index: packed as u32,
        })
    }

    /// The part has its final receipt: it is known for a while longer. What another message has taken over stays.
    pub(crate) fn settle(&mut self, key: u64, target: Target) {
        self.take_out(key, target);
        if !self.entries.contains_key(&key) {
            self.settled.insert(key, pack(target));
        }
    }

    /// The id is not this part's. What another message has taken over stays.
    pub(crate) fn forget(&mut self, key: u64, target: Target) {
        self.take_out(key, target);
        if self.get(key) == Some(target) {
            self.settled.remove(key);
        }
    }

    fn take_out(&mut self, key: u64, target: Target) {
        if self.entries.get(&key) == Some(&pack(target)) {
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
        index.forget(key, Target { part: 0, ..target });
        assert_eq!(index.get(key), Some(target), "another part's receipt");
        index.forget(key, target);
        assert_eq!(index.get(key), None);
    }

    #[test]
    fn what_is_settled_is_known_for_a_while() {
        let mut index = Index::default();
        let target = |index| Target { slot: 1, index, part: 0 };
        index.insert(7, target(7));
        index.settle(7, target(7));
        assert_eq!((index.len(), index.get(7)), (0, Some(target(7))));
        // Another message has the id by now.
        index.insert(7, target(8));
        index.settle(7, target(7));
        assert_eq!((index.len(), index.get(7)), (1, Some(target(8))));
        for key in 0..3 * GENERATION as u64 {
            index.settle(key + 100, target(1));
        }
        assert!(index.settled.young.len() + index.settled.old.len() <= 2 * GENERATION);
        assert_eq!(index.get(100), None, "the oldest is forgotten");
        assert_eq!(index.get(3 * GENERATION as u64), Some(target(1)));
        index.forget(3 * GENERATION as u64, target(1));
        assert_eq!(index.get(3 * GENERATION as u64), None);
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
