//! Numbers that were accepted for a Trigger campaign, until the owner of its journal takes them in.
//!
//! Any replica appends, and gives each number its place: the index that the recipient will have. What is in here was
//! answered for, so it lies in records of its own, `inbox:[ws, c, first index]`, behind a head `inbox_head:[ws, c]` that is
//! advanced by compare-and-set. The owner takes the records in their order, each from the place that its journal has come
//! to; the fold that brings their numbers into the blocks deletes them. (A transaction with a DELETE has SurrealDB read
//! the definitions of all tables first: too much for each of the journal's.)
//!
//! *Invariants*: places are given once and leave no gap; what lies before the journal's place is never taken again. A sealed inbox takes nothing any more, and is sealed only when
//! everything in it was taken: what was accepted becomes a recipient, whatever happens to the campaign.

use domain::{
    id::{CampaignId, WorkspaceId},
    permission::kind,
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, SurrealValue, Variables};

use crate::{
    Error, On, Scope, SystemScope,
    access::{Inner, hex, random_bytes},
    db::{Abort, Tx, corrupt, key, tx::Columns},
    idempotency::{self, Kept},
    journal::{
        added::{Added, put_added, read_added},
        wire::Reader,
    },
};

const VERSION: u8 = 1;
/// Attempts to get places while other replicas take some, too.
const ATTEMPTS_MAX: u32 = 50;

/// Which places are given.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    /// The index of the next number.
    next: u32,
    /// It takes no more.
    sealed: bool,
    /// Names the latest append, by which one whose answer was lost finds out whether it is there.
    latest: String,
    revision: u64,
}

impl Columns for Head {}

/// What became of numbers that were put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entered {
    /// Durable; the first has this index, and the others follow.
    From(u32),
    /// The campaign takes no numbers any more.
    Sealed,
}

fn head_key(workspace: WorkspaceId, campaign: CampaignId) -> RecordId {
    key::of("inbox_head", workspace, [key::id(campaign)])
}

fn record_key(workspace: WorkspaceId, campaign: CampaignId, first: u32) -> RecordId {
    key::of("inbox", workspace, [key::id(campaign), key::number(u64::from(first))])
}

/// The records whose first number has a place from `from` to before `to`.
pub(crate) fn records(workspace: WorkspaceId, campaign: CampaignId, from: u32, to: Option<u32>) -> RecordId {
    let place = |place: u32| key::number(u64::from(place));
    key::range("inbox", workspace, [key::id(campaign)], Some(place(from)), to.map(place))
}

/// Puts numbers in, behind those that are there; `added.start` is found here. What is answered to requests that may be
/// repeated is kept in the same transaction: `kept` makes it, by the index of the first number. [`Error::Moved`]: another
/// process has answered one of these requests in the meantime, and nothing was put in.
pub async fn append(
    proof: &On<kind::ControlCampaign>,
    added: &mut Added,
    kept: impl Fn(u32) -> Vec<Kept>,
) -> Result<Entered, Error> {
    put_in(proof.inner(), proof.workspace_id(), proof.campaign().id, added, kept).await
}

pub(crate) async fn put_in(
    inner: &Inner,
    workspace: WorkspaceId,
    campaign: CampaignId,
    added: &mut Added,
    kept: impl Fn(u32) -> Vec<Kept>,
) -> Result<Entered, Error> {
    let count = u32::try_from(added.rows.len()).map_err(|_| Error::Corrupt)?;
    let latest = hex(&random_bytes::<8>()?);
    let (mut unknown, mut exists) = (false, false);
    for _ in 0..ATTEMPTS_MAX {
        let before: Option<Head> = inner.db.get(head_key(workspace, campaign)).await?;
        if unknown || exists {
            match &before {
                // Not a place is taken, but an answer.
                head if exists && head.as_ref().map_or(0, |head| head.next) == added.start => return Err(Error::Moved),
                _ if exists => exists = false,
                Some(head) if head.latest == latest => return Ok(Entered::From(added.start)),
                // Nobody has moved it on: the attempt did not commit.
                head if head.as_ref().map_or(0, |head| head.next) == added.start => unknown = false,
                _ => return Err(Error::Unknown),
            }
        }
        if before.as_ref().is_some_and(|head| head.sealed) {
            return Ok(Entered::Sealed);
        }
        added.start = before.as_ref().map_or(0, |head| head.next);
        let next = added.start.checked_add(count).ok_or(Error::Corrupt)?;
        let revision = before.as_ref().map(|head| head.revision);
        let head = Head { next, sealed: false, latest: latest.clone(), revision: revision.unwrap_or(0) + 1 };
        let bytes = bytes::Bytes::from(encode(added));
        let mut tx = Tx::new();
        match revision {
            Some(revision) => tx.compare_and_set(head_key(workspace, campaign), revision, &head),
            None => tx.create(head_key(workspace, campaign), &head),
        }
        tx.create_bytes(record_key(workspace, campaign, added.start), bytes);
        idempotency::keep(&mut tx, kept(added.start));
        match inner.db.commit(tx).await {
            Ok(()) => return Ok(Entered::From(added.start)),
            Err(Abort::Stale | Abort::Conflict) => {}
            Err(Abort::Exists) => exists = true,
            Err(Abort::Failed(Error::Unknown)) => unknown = true,
            Err(other) => return Err(other.into()),
        }
    }
    Err(if unknown { Error::Unknown } else { Error::Unavailable })
}

/// What is to be taken in next, from the recipient `from` on: about `limit` numbers, in their order and without a gap.
pub async fn next(scope: &SystemScope, campaign: CampaignId, from: u32, limit: usize) -> Result<Vec<Added>, Error> {
    #[derive(SurrealValue)]
    struct Stored {
        bytes: surrealdb::types::Bytes,
    }

    let mut vars = Variables::new();
    vars.insert("range", records(scope.workspace_id(), campaign, from, None));
    vars.insert("limit", i64::try_from(limit.max(1)).unwrap_or(i64::MAX));
    let mut answer = scope.inner().db.read("SELECT bytes FROM $range LIMIT $limit", vars).await?;
    let stored: Vec<Stored> = answer.take(0).map_err(corrupt)?;
    let (mut found, mut rows, mut end) = (Vec::new(), 0, from);
    for record in stored {
        let added = decode(&record.bytes.into_inner()).ok_or_else(|| {
            tracing::error!(%campaign, "a record of the inbox is damaged");
            Error::Corrupt
        })?;
        if added.start != end || rows >= limit {
            break;
        }
        end = added.end();
        rows += added.rows.len();
        found.push(added);
    }
    Ok(found)
}

/// Whether the number with this index was accepted, be it a recipient by now or not.
pub async fn has(scope: &Scope, campaign: CampaignId, index: u32) -> Result<bool, Error> {
    let head: Option<Head> = scope.inner().db.get(head_key(scope.workspace_id(), campaign)).await?;
    Ok(head.is_some_and(|head| index < head.next))
}

/// Closes the inbox for good, if everything in it is a recipient; false: something is left to be taken.
pub async fn seal(scope: &SystemScope, campaign: CampaignId, recipients: u32) -> Result<bool, Error> {
    let (inner, workspace) = (scope.inner(), scope.workspace_id());
    let before: Option<Head> = inner.db.get(head_key(workspace, campaign)).await?;
    if before.as_ref().map_or(0, |head| head.next) != recipients {
        return Ok(false);
    }
    if before.as_ref().is_some_and(|head| head.sealed) {
        return Ok(true);
    }
    let revision = before.as_ref().map(|head| head.revision);
    let latest = before.map(|head| head.latest).unwrap_or_default();
    let head = Head { next: recipients, sealed: true, latest, revision: revision.unwrap_or(0) + 1 };
    let mut tx = Tx::new();
    match revision {
        Some(revision) => tx.compare_and_set(head_key(workspace, campaign), revision, &head),
        None => tx.create(head_key(workspace, campaign), &head),
    }
    match inner.db.commit(tx).await {
        Ok(()) => Ok(true),
        // Somebody has put something in, or nobody knows: the next look tells.
        Err(Abort::Stale | Abort::Exists | Abort::Conflict | Abort::Failed(Error::Unknown)) => Ok(false),
        Err(other) => Err(other.into()),
    }
}

fn encode(added: &Added) -> Vec<u8> {
    let mut out = Vec::with_capacity(32 + added.rows.len() * 48);
    out.push(VERSION);
    put_added(&mut out, added);
    let checksum = crc32fast::hash(&out);
    out.extend_from_slice(&checksum.to_le_bytes());
    out
}

fn decode(bytes: &[u8]) -> Option<Added> {
    let (body, checksum) = bytes.split_last_chunk::<4>()?;
    let mut reader = Reader::new(body);
    if crc32fast::hash(body) != u32::from_le_bytes(*checksum) || reader.u8()? != VERSION {
        return None;
    }
    read_added(&mut reader).filter(|_| reader.left() == 0)
}
