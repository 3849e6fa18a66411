//! Entries of the index for which memory has no room: a linear hash table (Litwin, VLDB 1980) of pages in a file without a
//! name. Finding one reads one page, and the table grows by a page at a time, so nothing ever waits for a rewrite.
//!
//! The file is a part of this process's memory: what it says is read from the campaigns' records at the next start.

use std::{fs::File, io, os::unix::fs::FileExt, path::Path, time::Instant};

const PAGE_OCTETS: usize = 4_096;
/// Key, value, and the hour in which it was put in.
const ENTRY_OCTETS: usize = 18;
/// Before the entries a page has their number.
const COUNT_OCTETS: usize = 2;
const ENTRIES_MAX: usize = (PAGE_OCTETS - COUNT_OCTETS) / ENTRY_OCTETS;
/// Entries a page has on average. Pages that were not split yet have twice as many.
const ENTRIES_MEAN: u64 = 90;
/// The longest that receipts may be waited for (31 days, `receipt_wait_s`), and the week for which late ones are followed.
/// What is older makes room where room is needed.
const KEPT_HOURS: u16 = 38 * 24;

/// Keys are hashes: every bit of them is as good as any other.
#[derive(Debug)]
pub(super) struct Spill {
    file: File,
    pages: u64,
    entries: u64,
    begin: Instant,
}

/// What became of an entry that was to be put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Put {
    Done,
    /// Its page has no room before it is split.
    Full,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Entry {
    key: u64,
    value: u64,
    hour: u16,
}

#[derive(Debug)]
struct Page([u8; PAGE_OCTETS]);

impl Page {
    const fn new() -> Self {
        Self([0; PAGE_OCTETS])
    }

    fn len(&self) -> usize {
        usize::from(u16::from_le_bytes([self.0[0], self.0[1]])).min(ENTRIES_MAX)
    }

    fn set_len(&mut self, len: usize) {
        self.0[..COUNT_OCTETS].copy_from_slice(&(len as u16).to_le_bytes());
    }

    fn get(&self, place: usize) -> Entry {
        let at = COUNT_OCTETS + place * ENTRY_OCTETS;
        let word = |at: usize| u64::from_le_bytes(std::array::from_fn(|octet| self.0[at + octet]));
        Entry { key: word(at), value: word(at + 8), hour: u16::from_le_bytes([self.0[at + 16], self.0[at + 17]]) }
    }

    fn set(&mut self, place: usize, entry: Entry) {
        let at = COUNT_OCTETS + place * ENTRY_OCTETS;
        self.0[at..at + 8].copy_from_slice(&entry.key.to_le_bytes());
        self.0[at + 8..at + 16].copy_from_slice(&entry.value.to_le_bytes());
        self.0[at + 16..at + 18].copy_from_slice(&entry.hour.to_le_bytes());
    }

    fn entries(&self) -> impl Iterator<Item = Entry> + '_ {
        (0..self.len()).map(|place| self.get(place))
    }

    fn place(&self, key: u64) -> Option<usize> {
        self.entries().position(|entry| entry.key == key)
    }

    fn push(&mut self, entry: Entry) -> bool {
        let len = self.len();
        if len == ENTRIES_MAX {
            return false;
        }
        self.set(len, entry);
        self.set_len(len + 1);
        true
    }

    fn take(&mut self, place: usize) {
        let last = self.len() - 1;
        self.set(place, self.get(last));
        self.set_len(last);
    }
}

impl Spill {
    /// In a folder on a disk: that of temporary files is memory on many systems.
    pub(super) fn create(folder: &Path) -> io::Result<Self> {
        let spill = Self { file: tempfile::tempfile_in(folder)?, pages: 1, entries: 0, begin: Instant::now() };
        spill.write(0, &Page::new())?;
        Ok(spill)
    }

    pub(super) const fn len(&self) -> usize {
        self.entries as usize
    }

    pub(super) const fn octets(&self) -> u64 {
        self.pages * PAGE_OCTETS as u64
    }

    pub(super) fn get(&self, key: u64) -> io::Result<Option<u64>> {
        if self.entries == 0 {
            return Ok(None);
        }
        let page = self.read(self.number(key))?;
        Ok(page.place(key).map(|place| page.get(place).value))
    }

    /// In the place of the entry with this key, if there is one.
    pub(super) fn put(&mut self, key: u64, value: u64) -> io::Result<Put> {
        let hour = self.hour();
        let put = self.put_at(Entry { key, value, hour }, hour)?;
        if self.entries > self.pages * ENTRIES_MEAN {
            self.split()?;
        }
        Ok(put)
    }

    /// Takes out what has this key and this value.
    pub(super) fn remove(&mut self, key: u64, value: u64) -> io::Result<bool> {
        if self.entries == 0 {
            return Ok(false);
        }
        let number = self.number(key);
        let mut page = self.read(number)?;
        let Some(place) = page.place(key).filter(|&place| page.get(place).value == value) else { return Ok(false) };
        page.take(place);
        self.write(number, &page)?;
        self.entries -= 1;
        Ok(true)
    }

    fn put_at(&mut self, entry: Entry, now: u16) -> io::Result<Put> {
        let number = self.number(entry.key);
        let mut page = self.read(number)?;
        let before = page.len();
        if let Some(place) = page.place(entry.key) {
            page.set(place, entry);
        } else if !page.push(entry) {
            for place in (0..page.len()).rev() {
                if now - page.get(place).hour.min(now) > KEPT_HOURS {
                    page.take(place);
                }
            }
            if !page.push(entry) {
                return Ok(Put::Full);
            }
        }
        self.write(number, &page)?;
        self.entries = self.entries + page.len() as u64 - before as u64;
        Ok(Put::Done)
    }

    /// Gives the next page its half. The new one is written first: until it counts, all is in the old one.
    fn split(&mut self) -> io::Result<()> {
        let half = 1 << self.pages.ilog2();
        let old_number = self.pages - half;
        let (mut stay, mut go) = (Page::new(), Page::new());
        for entry in self.read(old_number)?.entries() {
            let page = if entry.key & (2 * half - 1) == self.pages { &mut go } else { &mut stay };
            page.push(entry);
        }
        self.write(self.pages, &go)?;
        self.write(old_number, &stay)?;
        self.pages += 1;
        Ok(())
    }

    const fn number(&self, key: u64) -> u64 {
        let half = 1 << self.pages.ilog2();
        let number = key & (2 * half - 1);
        if number < self.pages { number } else { number - half }
    }

    fn hour(&self) -> u16 {
        u16::try_from(self.begin.elapsed().as_secs() / 3_600).unwrap_or(u16::MAX)
    }

    fn read(&self, number: u64) -> io::Result<Page> {
        let mut page = Page::new();
        self.file.read_exact_at(&mut page.0, number * PAGE_OCTETS as u64)?;
        Ok(page)
    }

    fn write(&self, number: u64, page: &Page) -> io::Result<()> {
        self.file.write_all_at(&page.0, number * PAGE_OCTETS as u64)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        collections::HashMap,
        hash::{BuildHasher, RandomState},
    };

    use proptest::prelude::*;

    use super::*;

    fn spill() -> Spill {
        Spill::create(&std::env::temp_dir()).unwrap()
    }

    fn hash(number: u64) -> u64 {
        number.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number.rotate_left(29)
    }

    #[test]
    fn holds_what_was_put_in_while_it_grows() {
        let hasher = RandomState::new();
        let mut spill = spill();
        let keys: Vec<u64> = (0..100_000_u64).map(|number| hasher.hash_one(number)).collect();
        let mut full = 0;
        for (value, &key) in (0..).zip(&keys) {
            full += usize::from(spill.put(key, value).unwrap() == Put::Full);
        }
        assert_eq!(spill.len() + full, keys.len());
        assert!(full < keys.len() / 1_000, "{full} found no room");
        let found = (0..).zip(&keys).filter(|(value, key)| spill.get(**key).unwrap() == Some(*value)).count();
        assert_eq!(found, spill.len());
        for (value, &key) in (0..).zip(&keys) {
            spill.remove(key, value).unwrap();
        }
        assert_eq!(spill.len(), 0);
    }

    #[test]
    fn old_entries_make_room_where_a_page_is_full() {
        let mut spill = spill();
        for key in 0..ENTRIES_MAX as u64 {
            assert_eq!(spill.put_at(Entry { key, value: key, hour: 0 }, 0).unwrap(), Put::Done);
        }
        let entry = Entry { key: 1_000, value: 1, hour: KEPT_HOURS };
        assert_eq!(spill.put_at(entry, KEPT_HOURS).unwrap(), Put::Full, "all may still get their receipts");
        assert_eq!(spill.get(0).unwrap(), Some(0));
        assert_eq!(spill.put_at(entry, KEPT_HOURS + 1).unwrap(), Put::Done);
        assert_eq!((spill.len(), spill.get(0).unwrap(), spill.get(1_000).unwrap()), (1, None, Some(1)));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn is_a_map(steps in proptest::collection::vec((0_u64..400, any::<bool>(), 0_u64..3), 1..1_000)) {
            let (mut spill, mut model) = (spill(), HashMap::new());
            for (number, puts, value) in steps {
                let key = hash(number);
                if puts {
                    prop_assert_eq!(spill.put(key, value).unwrap(), Put::Done);
                    model.insert(key, value);
                } else {
                    let there = model.get(&key) == Some(&value);
                    prop_assert_eq!(spill.remove(key, value).unwrap(), there);
                    if there {
                        model.remove(&key);
                    }
                }
                prop_assert_eq!(spill.get(key).unwrap(), model.get(&key).copied());
            }
            prop_assert_eq!(spill.len(), model.len());
        }
    }
}
