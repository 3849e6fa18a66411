//! The suppression list of a workspace: numbers that get no messages from it.
//!
//! `suppression:[workspace, shard]` holds the numbers of a stretch of hashes with how each came there, packed, so that ten
//! million of them are 4,096 records; `suppression_head:[workspace]` how many there are and the list's revision. The list
//! is asked when a file is read, when a campaign claims recipients, and when a program brings numbers: [`among`].
//!
//! *Invariants*: what changes the list advances its revision in the same transaction, with the audit record, which names
//! counts and hashes and never a number. An entry that is there stands: its source is the first one.

pub mod blacklist;
mod change;
mod export;
mod import;
mod index;
mod list;
mod shard;
mod stop;

use std::fmt;

use domain::{id::WorkspaceId, permission::kind, phone::PhoneNumber, suppression::Source};
use serde::{Deserialize, Serialize};
use surrealdb::types::RecordId;

pub(crate) use self::index::{Bloom, Index, among_in};
use self::shard::Shard;
pub use self::{
    change::{AddedAs, BATCH_MAX, add, remove},
    export::ListCsv,
    import::{
        Import, ImportReport, ImportState, Sample, begin_import, find_import, finish_import, import_received,
        load_import, merge_import,
    },
    index::{among, among_brought},
    list::{Cursor, InvalidCursor, ListPage, Listed, find_all, page},
    shard::{Entry, SHARDS, hash, shard_of},
    stop::{by_start, by_stop},
};
use crate::{
    Error, Granted,
    access::Inner,
    db::{key, tx::Columns},
};

const TABLE: &str = "suppression";
/// Numbers that one list holds at most.
pub const NUMBERS_MAX: u64 = 50_000_000;

/// How much is on the list, and which revision it is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    /// Numbers by source, in the order of [`Source::ALL`].
    counts: [u64; 5],
    changed_at_ms: i64,
    revision: u64,
}

impl Columns for Head {}

impl Head {
    fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    const fn count(&mut self, source: Source) -> &mut u64 {
        &mut self.counts[source as usize - 1]
    }
}

fn head_key(workspace: WorkspaceId) -> RecordId {
    key::of("suppression_head", workspace, [])
}

fn shard_key(workspace: WorkspaceId, shard: u32) -> RecordId {
    key::of(TABLE, workspace, [key::number(shard.into())])
}

async fn read_head(inner: &Inner, workspace: WorkspaceId) -> Result<Head, Error> {
    Ok(inner.db.get_known(head_key(workspace)).await?.unwrap_or_default())
}

async fn read_shard(inner: &Inner, workspace: WorkspaceId, shard: u32) -> Result<Shard, Error> {
    let bytes = inner.db.get_bytes(shard_key(workspace, shard)).await?;
    Ok(bytes.map(|bytes| Shard::decode(&bytes)).transpose()?.unwrap_or_default())
}

/// What the list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    pub total: u64,
    pub by_source: [(Source, u64); 5],
    /// None: nothing was ever on it.
    pub changed_at_ms: Option<i64>,
}

/// How many numbers are on the list, by source.
pub async fn summary(scope: &Granted<kind::ManageWorkspace>) -> Result<Summary, Error> {
    summary_of(scope.inner(), scope.workspace_id()).await
}

async fn summary_of(inner: &Inner, list: WorkspaceId) -> Result<Summary, Error> {
    let head = read_head(inner, list).await?;
    let mut by_source = Source::ALL.map(|source| (source, 0));
    for ((_, count), counted) in by_source.iter_mut().zip(head.counts) {
        *count = counted;
    }
    Ok(Summary { total: head.total(), by_source, changed_at_ms: (head.revision > 0).then_some(head.changed_at_ms) })
}

/// The entry of a number: whoever asks knows the number.
pub async fn find(scope: &Granted<kind::ManageWorkspace>, number: PhoneNumber) -> Result<Option<Entry>, Error> {
    let shard = read_shard(scope.inner(), scope.workspace_id(), shard_of(number.as_u64())).await?;
    Ok(shard.find(number.as_u64()).cloned())
}

/// Where an entry is at the moment: what an address names it by, for a number never stands in one. Written `shard-row`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    shard: u32,
    row: u32,
}

impl Place {
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (shard, row) = text.split_once('-')?;
        Some(Self { shard: shard.parse().ok().filter(|&shard| shard < SHARDS)?, row: row.parse().ok()? })
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.shard, self.row)
    }
}

/// Where a number is; None: it is not on the list.
pub async fn place_of(scope: &Granted<kind::ManageWorkspace>, number: PhoneNumber) -> Result<Option<Place>, Error> {
    place_in(scope.inner(), scope.workspace_id(), number).await
}

async fn place_in(inner: &Inner, list: WorkspaceId, number: PhoneNumber) -> Result<Option<Place>, Error> {
    let shard = shard_of(number.as_u64());
    let entries = read_shard(inner, list, shard).await?;
    let row = entries.entries().iter().position(|entry| entry.number == number.as_u64());
    Ok(row.and_then(|row| u32::try_from(row).ok()).map(|row| Place { shard, row }))
}

/// The entry that is at a place now.
pub async fn at(scope: &Granted<kind::ManageWorkspace>, place: Place) -> Result<Option<Entry>, Error> {
    entry_at(scope.inner(), scope.workspace_id(), place).await
}

async fn entry_at(inner: &Inner, list: WorkspaceId, place: Place) -> Result<Option<Entry>, Error> {
    let shard = read_shard(inner, list, place.shard).await?;
    Ok(shard.entries().get(place.row as usize).cloned())
}
