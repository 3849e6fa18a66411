//! Whether numbers are on the list, cheaply enough to be asked at each claim: a Bloom filter per workspace in memory, and
//! a look into the shard only for what it lets through.
//!
//! *Invariant*: a filter answers for one revision of the list. Whoever asks reads the revision first, so a number that was
//! on the list before the question is never missed, whichever process put it there.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use bytes::Bytes;
use domain::{id::WorkspaceId, permission::kind};
use surrealdb::types::{SurrealValue, Variables};

use super::{
    Head, TABLE, read_head,
    shard::{Shard, shard_of},
    shard_key,
};
use crate::{
    Error, On, SystemScope,
    access::Inner,
    db::{corrupt, key},
    recipients::{BITS_A_NUMBER, probes},
};

/// The largest filter. Longer lists let more through in vain, and never less than they should.
const FILTER_OCTETS_MAX: usize = 16 << 20;
/// All filters together; beyond it the one that was asked longest ago goes.
const OCTETS_MAX: usize = 48 << 20;
/// Shards that are read at a time when a filter is made.
const SHARDS_AT_ONCE: i64 = 64;

/// The filters in memory.
#[derive(Debug, Default)]
pub(crate) struct Index {
    known: Mutex<HashMap<WorkspaceId, Known>>,
    /// Held by whoever changes a list, until the filter follows; and by whoever makes a filter.
    pub(super) writing: tokio::sync::Mutex<()>,
    clock: AtomicU64,
}

#[derive(Debug)]
struct Known {
    revision: u64,
    filter: Arc<Bloom>,
    /// Numbers that still fit without letting too much through.
    room: u64,
    asked: u64,
}

/// What may be in a set of numbers: it never misses one that is.
#[derive(Debug)]
pub(crate) struct Bloom {
    words: Vec<AtomicU64>,
}

impl Bloom {
    /// What [`Bloom::for_numbers`] takes.
    pub(crate) fn octets_for(count: u64) -> usize {
        let octets = usize::try_from(count).unwrap_or(usize::MAX).saturating_mul(BITS_A_NUMBER) / 8;
        octets.clamp(1 << 10, FILTER_OCTETS_MAX).div_ceil(8) * 8
    }

    pub(crate) fn for_numbers(count: u64) -> Self {
        let words = Self::octets_for(count) / 8;
        Self { words: (0..words).map(|_| AtomicU64::new(0)).collect() }
    }

    pub(crate) fn octets(&self) -> usize {
        self.words.len() * 8
    }

    fn bits(&self) -> u64 {
        self.words.len() as u64 * 64
    }

    pub(crate) fn insert(&self, number: u64) {
        for bit in probes(number, self.bits()) {
            self.words[(bit / 64) as usize].fetch_or(1 << (bit % 64), Ordering::Relaxed);
        }
    }

    pub(crate) fn may_hold(&self, number: u64) -> bool {
        probes(number, self.bits())
            .all(|bit| self.words[(bit / 64) as usize].load(Ordering::Relaxed) & (1 << (bit % 64)) != 0)
    }
}

impl Index {
    fn known(&self) -> MutexGuard<'_, HashMap<WorkspaceId, Known>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The filter of exactly this revision.
    fn at(&self, workspace: WorkspaceId, revision: u64) -> Option<Arc<Bloom>> {
        let mut known = self.known();
        let found = known.get_mut(&workspace).filter(|known| known.revision == revision)?;
        found.asked = self.clock.fetch_add(1, Ordering::Relaxed);
        Some(Arc::clone(&found.filter))
    }

    /// The list went from revision `before` to the next one by these additions, and by removals, which a filter may
    /// ignore. A filter of another revision, or one without room, is forgotten.
    pub(super) fn follow(&self, workspace: WorkspaceId, before: u64, added: &[u64]) {
        let mut known = self.known();
        let Some(found) = known.get_mut(&workspace) else { return };
        if found.revision != before || found.room < added.len() as u64 {
            known.remove(&workspace);
            return;
        }
        for &number in added {
            found.filter.insert(number);
        }
        found.room -= added.len() as u64;
        found.revision = before + 1;
    }

    fn keep(&self, workspace: WorkspaceId, revision: u64, filter: &Arc<Bloom>, room: u64) {
        let mut known = self.known();
        let asked = self.clock.fetch_add(1, Ordering::Relaxed);
        known.insert(workspace, Known { revision, filter: Arc::clone(filter), room, asked });
        while known.values().map(|known| known.filter.octets()).sum::<usize>() > OCTETS_MAX && known.len() > 1 {
            let oldest = known.iter().min_by_key(|(_, known)| known.asked).map(|(&workspace, _)| workspace);
            if let Some(oldest) = oldest {
                known.remove(&oldest);
            }
        }
    }
}

/// Which of these numbers get no messages, sorted. Costs one small read while none of them is on the list.
pub async fn among(scope: &SystemScope, numbers: &[u64]) -> Result<Vec<u64>, Error> {
    among_in(scope.inner(), scope.workspace_id(), numbers).await
}

/// The same for numbers that somebody brings to a campaign that is theirs to control.
pub async fn among_brought(proof: &On<kind::ControlCampaign>, numbers: &[u64]) -> Result<Vec<u64>, Error> {
    among_in(proof.inner(), proof.workspace_id(), numbers).await
}

pub(crate) async fn among_in(inner: &Inner, workspace: WorkspaceId, numbers: &[u64]) -> Result<Vec<u64>, Error> {
    let head = read_head(inner, workspace).await?;
    if numbers.is_empty() || head.total() == 0 {
        return Ok(Vec::new());
    }
    let filter = match inner.suppressions.at(workspace, head.revision) {
        Some(filter) => filter,
        None => make(inner, workspace).await?,
    };
    let mut wanted: Vec<u64> = numbers.iter().copied().filter(|&number| filter.may_hold(number)).collect();
    wanted.sort_unstable_by_key(|&number| (shard_of(number), number));
    wanted.dedup();
    let mut found = Vec::new();
    for of_shard in wanted.chunk_by(|&a, &b| shard_of(a) == shard_of(b)) {
        let Some(bytes) = inner.db.get_bytes(shard_key(workspace, shard_of(of_shard[0]))).await? else { continue };
        let listed = Shard::numbers(&bytes)?;
        found.extend(of_shard.iter().copied().filter(|number| listed.binary_search(number).is_ok()));
    }
    found.sort_unstable();
    Ok(found)
}

/// Reads the whole list once, a few shards at a time. Nobody changes it meanwhile in this process; what another process
/// adds has another revision.
async fn make(inner: &Inner, workspace: WorkspaceId) -> Result<Arc<Bloom>, Error> {
    let _held = inner.suppressions.writing.lock().await;
    let head: Head = read_head(inner, workspace).await?;
    // Somebody else has just made it.
    if let Some(filter) = inner.suppressions.at(workspace, head.revision) {
        return Ok(filter);
    }
    let room = head.total() / 4 + 1_024;
    let filter = Arc::new(Bloom::for_numbers(head.total() + room));
    let mut from = 0;
    loop {
        let shards = read_shards(inner, workspace, from, SHARDS_AT_ONCE).await?;
        let Some(&(last, _)) = shards.last() else { break };
        from = last + 1;
        for (_, bytes) in shards {
            for number in Shard::numbers(&bytes)? {
                filter.insert(number);
            }
        }
    }
    inner.suppressions.keep(workspace, head.revision, &filter, room);
    Ok(filter)
}

#[derive(Debug, SurrealValue)]
struct Packed {
    number: i64,
    bytes: surrealdb::types::Bytes,
}

/// At most `limit` shards that hold something, from number `from` on.
pub(super) async fn read_shards(
    inner: &Inner,
    workspace: WorkspaceId,
    from: u64,
    limit: i64,
) -> Result<Vec<(u64, Bytes)>, Error> {
    let mut vars = Variables::new();
    vars.insert("range", key::range(TABLE, workspace, [], Some(key::number(from)), None));
    vars.insert("limit", limit);
    let mut answer = inner.db.read("SELECT record::id(id)[1] AS number, bytes FROM $range LIMIT $limit", vars).await?;
    let records: Vec<Packed> = answer.take(0).map_err(corrupt)?;
    Ok(records.into_iter().map(|record| (record.number.unsigned_abs(), record.bytes.into_inner())).collect())
}
