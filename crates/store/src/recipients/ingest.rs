//! How far the reading of a recipient file has come: committed together with the blocks that it produced, so that a crash
//! repeats nothing and loses nothing.

use bytes::Bytes;
use domain::{
    campaign::IngestReport,
    id::{CampaignId, WorkspaceId},
};
use serde::{Deserialize, Serialize};
use surrealdb::types::RecordId;

use super::{
    EncodedBlock, RejectChunk, delete_all,
    write::{REJECTS, insert_blocks},
};
use crate::{
    Error, Scope, SystemScope,
    campaigns::uploads::{self, Upload},
    db::{Tx, key, tx::Columns},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IngestPhase {
    /// What an earlier file left is being deleted.
    Clearing,
    /// Blocks are being written.
    Writing,
    Done,
}

/// Where the reading of a file stands: everything before `offset` is in the blocks, the rejects and the report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Checkpoint {
    /// Names the file and the way in which it is read; another one starts from the beginning.
    pub source: String,
    pub phase: IngestPhase,
    /// Bytes of the file, as UTF-8.
    pub offset: u64,
    /// Line number at `offset`, from 1.
    pub line: u64,
    /// Valid numbers before `offset`, duplicates among them.
    pub numbers: u64,
    /// Of the next recipient.
    pub next_index: u64,
    pub reject_chunks: u32,
    /// The merge fields of the recipients.
    pub field_names: Vec<String>,
    pub report: IngestReport,
    /// Bumped by every write: of two who read one file, one goes on.
    pub revision: u64,
}

impl Columns for Checkpoint {}

/// What is committed at once.
#[derive(Debug, Clone)]
pub struct Batch {
    pub blocks: Vec<EncodedBlock>,
    /// Chunks of rejects with their numbers. Those that belong to a checkpoint to come may be written ahead: the same
    /// file gives the same chunks again.
    pub rejects: Vec<(u32, Bytes)>,
    /// None: only rejects, written ahead of the next checkpoint.
    pub checkpoint: Option<Checkpoint>,
}

impl Batch {
    /// Packs rejects for a batch.
    #[must_use]
    pub fn pack(rejects: &RejectChunk) -> Bytes {
        rejects.encode().into()
    }
}

fn ingest_key(workspace: WorkspaceId, campaign: CampaignId) -> RecordId {
    key::of("ingest", workspace, [key::id(campaign)])
}

/// How the reading of the campaign's file stands, if there was one.
pub async fn find_ingest(scope: &Scope, campaign: CampaignId) -> Result<Option<Checkpoint>, Error> {
    scope.inner().db.get(ingest_key(scope.workspace_id(), campaign)).await
}

/// The same, for the engine.
pub async fn load_ingest(scope: &SystemScope, campaign: CampaignId) -> Result<Option<Checkpoint>, Error> {
    scope.inner().db.get(ingest_key(scope.workspace_id(), campaign)).await
}

/// The checkpoint to go on from. For another source than last time everything read before is deleted first.
///
/// `upload` is what brings the recipients: one that was replaced meanwhile, or whose report is on record, deletes nothing
/// ([`Error::Moved`]). None: nothing else can bring any.
pub async fn open_ingest(
    scope: &SystemScope,
    campaign: CampaignId,
    upload: Option<&Upload>,
    source: &str,
    start: (u64, u64),
    field_names: &[String],
) -> Result<Checkpoint, Error> {
    let id = ingest_key(scope.workspace_id(), campaign);
    let found: Option<Checkpoint> = scope.inner().db.get(id.clone()).await?;
    if let Some(checkpoint) = found.clone().filter(|it| it.source == source && it.phase != IngestPhase::Clearing) {
        drop_rejects_ahead(scope, campaign, &checkpoint).await?;
        return Ok(checkpoint);
    }
    let (offset, line) = start;
    let mut checkpoint = Checkpoint {
        source: source.to_owned(),
        phase: IngestPhase::Clearing,
        offset,
        line,
        numbers: 0,
        next_index: 0,
        reject_chunks: 0,
        field_names: field_names.to_vec(),
        report: IngestReport::default(),
        revision: found.as_ref().map_or(1, |found| found.revision + 1),
    };
    save(scope, &id, found.map(|found| found.revision), &checkpoint, upload).await?;
    delete_all(scope, campaign).await?;
    let cleared = checkpoint.revision;
    checkpoint.phase = IngestPhase::Writing;
    checkpoint.revision += 1;
    save(scope, &id, Some(cleared), &checkpoint, upload).await?;
    Ok(checkpoint)
}

/// Rejects that were written ahead of a checkpoint that never came: they come again, and fewer of them when numbers have
/// left the suppression list meanwhile.
async fn drop_rejects_ahead(scope: &SystemScope, campaign: CampaignId, at: &Checkpoint) -> Result<(), Error> {
    let from = key::number(at.reject_chunks.into());
    let ahead = key::range(REJECTS, scope.workspace_id(), [key::id(campaign)], Some(from), None);
    let build = || {
        let mut tx = Tx::new();
        tx.delete(ahead.clone());
        tx
    };
    Ok(scope.inner().db.transact(build).await?)
}

async fn save(
    scope: &SystemScope,
    id: &RecordId,
    before: Option<u64>,
    next: &Checkpoint,
    upload: Option<&Upload>,
) -> Result<(), Error> {
    let build = || {
        let mut tx = Tx::new();
        if let Some(upload) = upload {
            uploads::still_read(&mut tx, upload);
        }
        match before {
            Some(revision) => tx.compare_and_set(id.clone(), revision, next),
            None => tx.create(id.clone(), next),
        }
        tx
    };
    Ok(scope.inner().db.transact(build).await?)
}

/// Commits blocks, rejects and the checkpoint behind them in one transaction, if nobody else has moved on from
/// `revision`. The committed checkpoint has the next revision.
pub async fn commit_ingest(
    scope: &SystemScope,
    campaign: CampaignId,
    revision: u64,
    batch: &Batch,
) -> Result<u64, Error> {
    let workspace = scope.workspace_id();
    let checkpoint = batch.checkpoint.clone().map(|next| Checkpoint { revision: revision + 1, ..next });
    let build = || {
        let mut tx = Tx::new();
        insert_blocks(&mut tx, workspace, campaign, &batch.blocks);
        for (number, bytes) in &batch.rejects {
            let parts = [key::id(campaign), key::number(u64::from(*number))];
            tx.put_bytes(key::of(REJECTS, workspace, parts), bytes.clone());
        }
        match &checkpoint {
            Some(next) => tx.compare_and_set(ingest_key(workspace, campaign), revision, next),
            None => tx.rely_on(ingest_key(workspace, campaign), revision),
        }
        tx
    };
    scope.inner().db.transact(build).await?;
    Ok(checkpoint.map_or(revision, |next| next.revision))
}
