//! The list page by page, for programs, and the blacklist for its page: in an order that stays, whatever comes onto the list or leaves it meanwhile.
//!
//! A cursor stands in addresses, where no number may: it is the shard and the keyed hash of the last entry, and within a
//! shard the entries are given in the order of these hashes.

use std::{fmt, str::FromStr, sync::Arc};

use domain::{
    ctn_hash::{CtnHash, WorkspaceKey},
    id::WorkspaceId,
    permission::kind,
    phone::PhoneNumber,
    suppression::Source,
};

use super::{
    change::{IMPORT, check_batch},
    index::read_shards,
    read_shard,
    shard::{Entry, SHARDS, Shard, shard_of},
};
use crate::{
    Error, Granted,
    access::Inner,
    audit::{Chain, Event},
    recipients::Reveal,
};

/// Entries of one page at most.
const PAGE_ROWS_MAX: usize = 500;
/// Shards that are read at a time: a short list has one number in each.
const SHARDS_AT_ONCE: i64 = 16;

/// The last entry of a page. Written `shard-hash`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    shard: u32,
    hash: CtnHash,
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.shard, self.hash)
    }
}

/// No cursor of a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a place on a suppression list")]
pub struct InvalidCursor;

impl FromStr for Cursor {
    type Err = InvalidCursor;

    fn from_str(text: &str) -> Result<Self, InvalidCursor> {
        let (shard, hash) = text.split_once('-').ok_or(InvalidCursor)?;
        let shard = shard.parse().ok().filter(|shard| *shard < SHARDS).ok_or(InvalidCursor)?;
        Ok(Self { shard, hash: hash.parse().map_err(|_| InvalidCursor)? })
    }
}

/// A number on the list, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// `+43…` against the proof, else `•••4567`.
    pub number: String,
    pub ctn_hash: String,
    pub source: Source,
    pub at_ms: i64,
    /// Empty where it was nobody's doing.
    pub by: Arc<str>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ListPage {
    pub entries: Vec<Listed>,
    /// Where the next page begins; None: there is none.
    pub next: Option<Cursor>,
}

/// At most `limit` entries behind `after`. Full numbers are a reveal, and stand in the audit log as one.
pub async fn page(
    scope: &Granted<kind::ManageWorkspace>,
    after: Option<Cursor>,
    limit: usize,
    reveal: Reveal<'_>,
) -> Result<ListPage, Error> {
    let full = match reveal {
        Reveal::Masked => false,
        Reveal::Full(proof) if proof.workspace_id() == scope.workspace_id() => true,
        Reveal::Full(_) => return Err(Error::Forbidden),
    };
    let page = page_in(scope.inner(), scope.workspace_id(), after, limit, full).await?;
    record(scope, &page, full).await?;
    Ok(page)
}

/// Of any list; what is revealed by it is for the caller to record.
pub(super) async fn page_in(
    inner: &Inner,
    list: WorkspaceId,
    after: Option<Cursor>,
    limit: usize,
    full: bool,
) -> Result<ListPage, Error> {
    let limit = limit.clamp(1, PAGE_ROWS_MAX);
    let key = inner.keys.for_workspace(list);
    let mut page = ListPage::default();
    let mut from = after.map_or(0, |after| u64::from(after.shard));
    'shards: loop {
        let shards = read_shards(inner, list, from, SHARDS_AT_ONCE).await?;
        let Some(&(last, _)) = shards.last() else {
            page.next = None;
            break;
        };
        from = last + 1;
        for (number, bytes) in shards {
            let shard = u32::try_from(number).map_err(|_| Error::Corrupt)?;
            let behind = after.filter(|after| after.shard == shard).map(|after| after.hash);
            for (hash, listed) in hashed(&key, &Shard::decode(&bytes)?, behind, full)? {
                if page.entries.len() == limit {
                    break 'shards;
                }
                page.entries.push(listed);
                page.next = Some(Cursor { shard, hash });
            }
        }
        if last + 1 >= u64::from(SHARDS) {
            page.next = None;
            break;
        }
    }
    Ok(page)
}

/// The entries of a shard behind a hash, in the order of their hashes.
fn hashed(
    key: &WorkspaceKey,
    shard: &Shard,
    behind: Option<CtnHash>,
    full: bool,
) -> Result<Vec<(CtnHash, Listed)>, Error> {
    let mut found = Vec::new();
    for entry in shard.entries() {
        let number = PhoneNumber::from_u64(entry.number).ok_or(Error::Corrupt)?;
        let hash = key.ctn_hash(number);
        if behind.is_some_and(|behind| hash <= behind) {
            continue;
        }
        let Entry { source, at_ms, by, .. } = entry.clone();
        let shown = if full { number.to_string() } else { number.masked() };
        found.push((hash, Listed { number: shown, ctn_hash: hash.to_string(), source, at_ms, by }));
    }
    found.sort_unstable_by_key(|&(hash, _)| hash);
    Ok(found)
}

async fn record(scope: &Granted<kind::ManageWorkspace>, page: &ListPage, full: bool) -> Result<(), Error> {
    if !full || page.entries.is_empty() {
        return Ok(());
    }
    let event = Event::new(scope.actor(), scope.origin(), "suppressions.revealed")
        .on("workspace", &scope.workspace_id())
        .note(format!("{} numbers", page.entries.len()));
    scope.inner().audited(Chain::Workspace(scope.workspace_id()), event, |_| {}).await
}

/// The entries of numbers, masked, in their order; None: the number is not on the list. Whoever asks knows the numbers.
pub async fn find_all(
    scope: &Granted<kind::ManageWorkspace>,
    numbers: &[PhoneNumber],
) -> Result<Vec<Option<Listed>>, Error> {
    check_batch(numbers, IMPORT)?;
    let key = scope.ctn_key();
    let mut found = vec![None; numbers.len()];
    let mut places: Vec<usize> = (0..numbers.len()).collect();
    places.sort_unstable_by_key(|&place| shard_of(numbers[place].as_u64()));
    let shard_at = |place: usize| shard_of(numbers[place].as_u64());
    for of_shard in places.chunk_by(|&a, &b| shard_at(a) == shard_at(b)) {
        let shard = read_shard(scope.inner(), scope.workspace_id(), shard_at(of_shard[0])).await?;
        for &place in of_shard {
            let number = numbers[place];
            found[place] = shard.find(number.as_u64()).map(|entry| Listed {
                number: number.masked(),
                ctn_hash: key.ctn_hash(number).to_string(),
                source: entry.source,
                at_ms: entry.at_ms,
                by: Arc::clone(&entry.by),
            });
        }
    }
    Ok(found)
}
