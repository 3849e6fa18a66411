//! What every page and every request of a program reads and what seldom changes, kept in memory while nothing writes the
//! tables that it was read from.
//!
//! *Invariant*: what is taken from here is what a read would have found. It holds because the database is embedded and this
//! process alone writes to it, all through [`super::Db::commit`], which raises the generation of each table that it wrote
//! after the write and before it returns, also when nobody waits for it any more. A database that others write to must not
//! be read through this.

use std::{
    any::Any,
    collections::HashMap,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use tokio::sync::{Mutex as AsyncMutex, OwnedMutexGuard};

/// Who somebody is, what they may do, and what it is about; and what the frame around every page tells them.
const TABLES: [&str; 18] = [
    "user",
    "workspace",
    "workspace_slug",
    "membership",
    "session",
    "installation_settings",
    "api_key",
    "api_key_secret",
    "campaign",
    SUPPRESSION_HEAD,
    "audit_head",
    "notice",
    "sender",
    "installation_sender",
    "join_request",
    "tendlc_staff",
    "hold",
    "installation_hold",
];
/// The suppression list of a workspace has none until something is on it.
const SUPPRESSION_HEAD: &str = "suppression_head";
/// Records that are kept; when there are more, all are read anew.
const RECORDS_MAX: usize = 5_000;

type Record = Arc<dyn Any + Send + Sync>;

#[derive(Debug, Default)]
pub(super) struct Known {
    generations: [AtomicU64; TABLES.len()],
    /// With the generation of its table before it was read.
    records: Mutex<HashMap<String, (u64, Record)>>,
    /// What is being read, and waited for by whoever else wants it.
    reading: Mutex<HashMap<String, Arc<AsyncMutex<()>>>>,
}

/// Raises the generations of tables when it is dropped: also when the commit panics.
#[derive(Debug)]
pub(super) struct Raise<'a> {
    known: &'a Known,
    tables: Vec<usize>,
}

/// Whether it is kept as well that there is no record. Not where callers make up ids: they would fill the memory.
pub(super) fn keeps_absence(table: &str) -> bool {
    table == SUPPRESSION_HEAD
}

impl Known {
    fn place(table: &str) -> Option<usize> {
        TABLES.iter().position(|known| *known == table)
    }

    /// None: nothing of this table is kept.
    pub(super) fn generation(&self, table: &str) -> Option<u64> {
        Self::place(table).map(|place| self.generations[place].load(Ordering::Acquire))
    }

    /// Of several tables together: it is another one as soon as any of them was written.
    pub(super) fn generation_of(&self, tables: &[&str]) -> Option<u64> {
        tables.iter().map(|table| self.generation(table)).sum()
    }

    /// Some(None): it is known that there is no such record.
    pub(super) fn get<T: Clone + 'static>(&self, key: &str, generation: u64) -> Option<Option<T>> {
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, record) = records.get(key)?;
        if *read_at == generation { record.downcast_ref::<Option<T>>().cloned() } else { None }
    }

    /// What was read after the generation that is given, or at it: after whoever asks for it came.
    pub(super) fn read_since<T: Clone + 'static>(&self, key: &str, generation: u64) -> Option<T> {
        let records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        let (read_at, record) = records.get(key)?;
        if *read_at >= generation { record.downcast_ref::<Option<T>>().cloned().flatten() } else { None }
    }

    pub(super) fn put<T: Send + Sync + 'static>(&self, key: String, generation: u64, record: Option<T>) {
        let mut records = self.records.lock().unwrap_or_else(PoisonError::into_inner);
        if records.len() >= RECORDS_MAX {
            records.clear();
        }
        records.insert(key, (generation, Arc::new(record)));
    }

    /// To be held while what goes by this name is read. Who has to wait for it looks again before reading: pages that are
    /// asked for at once after a write would all read the same.
    pub(super) async fn turn(&self, name: &str) -> OwnedMutexGuard<()> {
        let turn = {
            let mut reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
            if reading.len() >= RECORDS_MAX {
                reading.retain(|_, turn| Arc::strong_count(turn) > 1);
            }
            Arc::clone(reading.entry(name.to_owned()).or_default())
        };
        turn.lock_owned().await
    }

    /// Those of these tables of which something is kept.
    pub(super) fn places(tables: impl IntoIterator<Item = impl AsRef<str>>) -> Vec<usize> {
        tables.into_iter().filter_map(|table| Self::place(table.as_ref())).collect()
    }

    /// To be held while a transaction that writes these tables is committed.
    pub(super) const fn raise(&self, tables: Vec<usize>) -> Raise<'_> {
        Raise { known: self, tables }
    }
}

impl Drop for Raise<'_> {
    fn drop(&mut self) {
        for &place in &self.tables {
            self.known.generations[place].fetch_add(1, Ordering::AcqRel);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_to_its_table_makes_a_record_unknown() {
        let known = Known::default();
        assert_eq!(known.generation("journal"), None);
        let before = known.generation("user").unwrap();
        known.put("user:1".into(), before, Some(7_u32));
        assert_eq!(known.get::<u32>("user:1", before), Some(Some(7)));
        assert_eq!(known.get::<String>("user:1", before), None, "of another type");
        drop(known.raise(Known::places(["campaign", "journal"])));
        assert_eq!(known.get::<u32>("user:1", known.generation("user").unwrap()), Some(Some(7)));
        // Read before the write, and put in after it.
        drop(known.raise(Known::places(["user"])));
        known.put("user:1".into(), before, Some(7_u32));
        assert_eq!(known.get::<u32>("user:1", known.generation("user").unwrap()), None);
    }
}
