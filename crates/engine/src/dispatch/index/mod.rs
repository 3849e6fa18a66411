//! Which message id belongs to which part of which recipient. The latest that await their receipts are in memory, 17 bytes
//! an entry and the slack of a hash table; those for which there is no room are in a file ([`spill`]), so that memory does
//! not grow with what carriers owe. Of the messages that have their final receipt the latest are kept too, a fixed number
//! of them.
//!
//! Keys are 64-bit hashes keyed per process. Two ids with one hash are possible in principle; the runner compares the
//! whole id with the recipient's before it believes a receipt.

mod spill;

use std::{
    collections::{HashMap, VecDeque},
    hash::{BuildHasher, RandomState},
    io,
    path::PathBuf,
    time::{Duration, Instant},
};

use self::spill::{Put, Spill};

/// A campaign's number in the index.
pub type Slot = u32;

/// One part of one recipient of a campaign.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Target {
    pub slot: Slot,
    /// Of the recipient in the campaign.
    pub index: u32,
    pub part: u8,
}

/// Campaigns that one process can follow.
const SLOTS_MAX: Slot = 1 << 24;
/// Messages that await their receipts in memory: what a hash table of 4.5 MB holds. At 20,000 messages a second the
/// receipts of ten seconds find theirs without a look at the disk.
const LATEST_MAX: usize = 220_000;
/// Messages in one generation of [`Settled`]: what a hash table of 4.5 MB holds.
const GENERATION: usize = 220_000;
/// Between two complaints about a disk that takes nothing.
const COMPLAINT_INTERVAL: Duration = Duration::from_secs(60);

/// Of the messages of all campaigns, by a hash of link and message id.
#[derive(Debug)]
pub struct Index {
    hasher: RandomState,
    /// Those that await their final receipt; but for those in `spill`, which has none of the same keys.
    latest: HashMap<u64, u64>,
    /// The keys of `latest` in the order in which they came, and of some that are not there any more.
    order: VecDeque<u64>,
    latest_max: usize,
    /// Where `spill` is made when there is something for it.
    folder: PathBuf,
    spill: Option<Spill>,
    complained_at: Option<Instant>,
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
    /// `folder` is on a disk, and has room for 46 bytes for each message whose receipt is late.
    #[must_use]
    pub fn new(folder: PathBuf) -> Self {
        Self {
            hasher: RandomState::new(),
            latest: HashMap::new(),
            order: VecDeque::new(),
            latest_max: LATEST_MAX,
            folder,
            spill: None,
            complained_at: None,
            settled: Settled::default(),
        }
    }

    /// The key of a message id of a link.
    #[must_use]
    pub fn key(&self, channel: &str, message_id: &str) -> u64 {
        self.hasher.hash_one((channel, message_id))
    }

    /// The newest message with an id counts: an SMSC may start over with its ids.
    pub fn insert(&mut self, key: u64, target: Target) {
        debug_assert!(target.slot < SLOTS_MAX);
        if let Some(packed) = self.spilled(key) {
            self.take_from_disk(key, packed);
        }
        self.latest.insert(key, pack(target));
        self.order.push_back(key);
        self.make_room();
    }

    /// Whose message it is: one that awaits its receipt, or one that has just got it.
    pub fn get(&mut self, key: u64) -> Option<Target> {
        let packed = self.awaited(key).or_else(|| self.settled.get(key).copied())?;
        Some(Target { slot: (packed >> 40) as Slot, part: (packed >> 32) as u8, index: packed as u32 })
    }

    /// The part has its final receipt: it is known for a while longer. What another message has taken over stays.
    pub fn settle(&mut self, key: u64, target: Target) {
        if self.take_out(key, target) {
            self.settled.insert(key, pack(target));
        }
    }

    /// The id is not this part's. What another message has taken over stays.
    pub fn forget(&mut self, key: u64, target: Target) {
        if self.take_out(key, target) && self.settled.get(key) == Some(&pack(target)) {
            self.settled.remove(key);
        }
    }

    /// Messages that await their final receipt.
    #[must_use]
    pub fn len(&self) -> usize {
        self.latest.len() + self.spill.as_ref().map_or(0, Spill::len)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Of the file on disk.
    #[must_use]
    pub fn octets_on_disk(&self) -> u64 {
        self.spill.as_ref().map_or(0, Spill::octets)
    }

    fn awaited(&mut self, key: u64) -> Option<u64> {
        self.latest.get(&key).copied().or_else(|| self.spilled(key))
    }

    fn spilled(&mut self, key: u64) -> Option<u64> {
        let found = self.spill.as_ref()?.get(key);
        self.heard(found).flatten()
    }

    /// Whether nothing awaits a receipt under this key any more.
    fn take_out(&mut self, key: u64, target: Target) -> bool {
        let awaited = self.awaited(key);
        if awaited.is_some_and(|packed| packed != pack(target)) {
            return false;
        }
        if let Some(packed) = awaited
            && self.latest.remove(&key).is_none()
        {
            self.take_from_disk(key, packed);
        }
        while self.order.front().is_some_and(|key| !self.latest.contains_key(key)) {
            self.order.pop_front();
        }
        if self.latest.capacity() > 4_096 && self.latest.len() < self.latest.capacity() / 8 {
            self.latest.shrink_to(self.latest.len() * 2);
            self.order.shrink_to(self.order.len() * 2);
        }
        true
    }

    fn take_from_disk(&mut self, key: u64, packed: u64) {
        if let Some(spill) = &mut self.spill {
            let taken = spill.remove(key, packed);
            self.heard(taken);
        }
    }

    /// Brings the oldest to disk. What the disk does not take stays in memory: it is never dropped.
    fn make_room(&mut self) {
        while self.latest.len() > self.latest_max || self.order.len() > 2 * self.latest_max {
            let Some(key) = self.order.pop_front() else { return };
            let Some(&packed) = self.latest.get(&key) else { continue };
            let put = self.put_on_disk(key, packed);
            if self.heard(put) != Some(Put::Done) {
                self.order.push_back(key);
                return;
            }
            self.latest.remove(&key);
        }
    }

    fn put_on_disk(&mut self, key: u64, packed: u64) -> io::Result<Put> {
        let spill = match &mut self.spill {
            Some(spill) => spill,
            None => self.spill.insert(Spill::create(&self.folder)?),
        };
        spill.put(key, packed)
    }

    fn heard<T>(&mut self, answer: io::Result<T>) -> Option<T> {
        answer
            .inspect_err(|cause| {
                if self.complained_at.is_none_or(|at| at.elapsed() >= COMPLAINT_INTERVAL) {
                    self.complained_at = Some(Instant::now());
                    tracing::error!(
                        %cause,
                        folder = %self.folder.display(),
                        "message ids that wait for receipts cannot be kept on disk: memory grows, and late receipts are stored without their message until the next start"
                    );
                }
            })
            .ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn index() -> Index {
        Index::new(std::env::temp_dir())
    }

    #[test]
    fn finds_what_was_put_in() {
        let mut index = index();
        let target = Target { slot: SLOTS_MAX - 1, index: u32::MAX, part: 254 };
        let key = index.key("carrier", "1a2b");
        index.insert(key, target);
        assert_eq!(index.get(key), Some(target));
        let other = index.key("other", "1a2b");
        assert_eq!(index.get(other), None);
        index.forget(key, Target { part: 0, ..target });
        assert_eq!(index.get(key), Some(target), "another part's receipt");
        index.forget(key, target);
        assert_eq!(index.get(key), None);
    }

    #[test]
    fn what_is_settled_is_known_for_a_while() {
        let mut index = index();
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
    fn memory_has_the_latest_and_the_disk_the_others() {
        let mut index = Index { latest_max: 1_000, ..index() };
        let target = |index| Target { slot: 1, index, part: 0 };
        let keys: Vec<u64> = (0..50_000).map(|number| index.key("carrier", &format!("{number:x}"))).collect();
        for (number, &key) in (0..).zip(&keys) {
            index.insert(key, target(number));
            // Every third message has its receipt at once.
            if number % 3 == 0 {
                index.settle(key, target(number));
            }
        }
        assert_eq!(index.len(), keys.len() * 2 / 3);
        assert!(index.latest.len() <= 1_010 && index.order.len() <= 2_000, "{}", index.latest.len());
        for (number, &key) in (0..).zip(&keys) {
            assert_eq!(index.get(key), Some(target(number)));
            index.settle(key, target(number));
            assert_eq!(index.get(key), Some(target(number)), "a repeated receipt is known");
        }
        assert_eq!((index.len(), index.order.len()), (0, 0));
    }

    #[test]
    fn an_id_that_is_given_again_is_the_newer_message_s_though_the_older_one_is_on_disk() {
        let mut index = Index { latest_max: 1, ..index() };
        let target = |index| Target { slot: 1, index, part: 0 };
        for key in 1..=4 {
            index.insert(key, target(key as u32));
        }
        index.insert(1, target(9));
        assert_eq!((index.len(), index.get(1)), (4, Some(target(9))));
        index.settle(1, target(1));
        assert_eq!(index.len(), 4, "the receipt of the older one");
        index.settle(1, target(9));
        assert_eq!((index.len(), index.get(1)), (3, Some(target(9))));
    }

    #[test]
    fn a_disk_that_takes_nothing_loses_nothing() {
        let mut index = Index { latest_max: 10, ..Index::new("/nowhere".into()) };
        let target = |index| Target { slot: 1, index, part: 0 };
        for key in 0..100 {
            index.insert(key, target(key as u32));
        }
        assert!((0..100).all(|key| index.get(key) == Some(target(key as u32))));
        index.folder = std::env::temp_dir();
        index.insert(100, target(100));
        assert!(index.latest.len() <= 10, "{}", index.latest.len());
        assert!((0..=100).all(|key| index.get(key) == Some(target(key as u32))));
    }
}
