//! Blocks as records: writing, loading and deleting them, for the engine.

use bytes::Bytes;
use domain::id::{CampaignId, WorkspaceId};
use surrealdb::types::{RecordId, SurrealValue, Variables};

use super::{Filter, RecipientBlock, StateBlock};
use crate::{
    Error, SystemScope,
    access::Inner,
    db::{Tx, corrupt, key},
};

pub(super) const RECIPIENTS: &str = "recipients";
pub(super) const STATES: &str = "recipient_states";
/// How many of a block are in each state: a page of one state reads these instead of the states.
pub(super) const COUNTS: &str = "recipient_counts";
pub(super) const FILTERS: &str = "recipient_filters";
pub(super) const REJECTS: &str = "rejects";
/// Blocks of a Spread campaign in the order of its plan, until they take the place of those in the order of the file.
pub(super) const ORDERED: &str = "spread_recipients";
pub(super) const ORDERED_FILTERS: &str = "spread_filters";

/// Records that one transaction deletes.
const DELETE_RECORDS_MAX: i64 = 256;

/// A block ready to be written: encoding is work for the processor, done before the transaction.
#[derive(Debug, Clone)]
pub struct EncodedBlock {
    pub(super) number: u32,
    pub(super) recipients: Bytes,
    pub(super) states: Bytes,
    pub(super) counts: Bytes,
    pub(super) filter: Bytes,
}

impl EncodedBlock {
    #[must_use]
    pub fn new(number: u32, recipients: &RecipientBlock, states: &StateBlock) -> Self {
        Self {
            number,
            recipients: recipients.encode().into(),
            states: states.encode().into(),
            counts: states.pack_counts().into(),
            filter: Filter::of(recipients.numbers()).encode().into(),
        }
    }

    /// Which block of the campaign it is.
    #[must_use]
    pub const fn number(&self) -> u32 {
        self.number
    }

    /// The record that [`RecipientBlock::decode`] reads.
    #[must_use]
    pub const fn recipients(&self) -> &Bytes {
        &self.recipients
    }

    /// Bytes of the four records.
    #[must_use]
    pub fn octets(&self) -> usize {
        self.recipients.len() + self.states.len() + self.counts.len() + self.filter.len()
    }

    /// Adds the four records, new or replaced, to a transaction.
    pub(crate) fn put(&self, tx: &mut Tx, workspace: WorkspaceId, campaign: CampaignId) {
        tx.put_bytes(block_key(RECIPIENTS, workspace, campaign, self.number), self.recipients.clone());
        tx.put_bytes(block_key(STATES, workspace, campaign, self.number), self.states.clone());
        tx.put_bytes(block_key(COUNTS, workspace, campaign, self.number), self.counts.clone());
        tx.put_bytes(block_key(FILTERS, workspace, campaign, self.number), self.filter.clone());
    }
}

/// Adds new blocks to a transaction.
pub(super) fn insert_blocks(tx: &mut Tx, workspace: WorkspaceId, campaign: CampaignId, blocks: &[EncodedBlock]) {
    let mut insert = |table: &'static str, bytes: fn(&EncodedBlock) -> &Bytes| {
        let key = |block: &EncodedBlock| block_key(table, workspace, campaign, block.number);
        tx.insert_bytes(table, blocks.iter().map(|block| (key(block), bytes(block).clone())));
    };
    insert(RECIPIENTS, |block| &block.recipients);
    insert(STATES, |block| &block.states);
    insert(COUNTS, |block| &block.counts);
    insert(FILTERS, |block| &block.filter);
}

/// The two records of a block that never change once it is full: numbers with merge values, and their filter.
pub(crate) fn encode_numbers(recipients: &RecipientBlock) -> [(&'static str, Bytes); 2] {
    let filter = Filter::of(recipients.numbers()).encode();
    [(RECIPIENTS, recipients.encode().into()), (FILTERS, filter.into())]
}

/// The two records of a block that change together: states, and how many are in each.
pub(crate) fn encode_states(states: &StateBlock) -> [(&'static str, Bytes); 2] {
    [(STATES, states.encode().into()), (COUNTS, states.pack_counts().into())]
}

pub(crate) fn block_key(table: &'static str, workspace: WorkspaceId, campaign: CampaignId, block: u32) -> RecordId {
    key::of(table, workspace, [key::id(campaign), key::number(block.into())])
}

/// Writes blocks in one transaction, new or replaced: numbers of a Trigger campaign, Spread's order, a changed text.
pub async fn replace_blocks(scope: &SystemScope, campaign: CampaignId, blocks: &[EncodedBlock]) -> Result<(), Error> {
    let build = || {
        let mut tx = Tx::new();
        for block in blocks {
            block.put(&mut tx, scope.workspace_id(), campaign);
        }
        tx
    };
    Ok(scope.inner().db.transact(build).await?)
}

/// The block, or None behind the last one.
pub async fn load_block(
    scope: &SystemScope,
    campaign: CampaignId,
    block: u32,
) -> Result<Option<RecipientBlock>, Error> {
    read_block(scope.inner(), scope.workspace_id(), campaign, block).await
}

/// The states of the block as of the latest fold, or None behind the last block.
pub async fn load_states(scope: &SystemScope, campaign: CampaignId, block: u32) -> Result<Option<StateBlock>, Error> {
    let bytes = read_states(scope.inner(), scope.workspace_id(), campaign, block).await?;
    Ok(bytes.map(|bytes| StateBlock::decode(&bytes)).transpose()?)
}

/// At most `limit` chunks of rejects with their numbers, packed as they are, from number `from` on.
pub async fn load_rejects(
    scope: &SystemScope,
    campaign: CampaignId,
    from: u32,
    limit: u32,
) -> Result<Vec<(u32, Bytes)>, Error> {
    let chunks = read_packed(scope.inner(), REJECTS, scope.workspace_id(), campaign, from.into(), limit).await?;
    chunks.into_iter().map(|(number, bytes)| Ok((u32::try_from(number).map_err(|_| Error::Corrupt)?, bytes))).collect()
}

pub(super) async fn read_block(
    inner: &Inner,
    workspace: WorkspaceId,
    campaign: CampaignId,
    block: u32,
) -> Result<Option<RecipientBlock>, Error> {
    let bytes = inner.db.get_bytes(block_key(RECIPIENTS, workspace, campaign, block)).await?;
    Ok(bytes.map(|bytes| RecipientBlock::decode(&bytes)).transpose()?)
}

pub(super) async fn read_states(
    inner: &Inner,
    workspace: WorkspaceId,
    campaign: CampaignId,
    block: u32,
) -> Result<Option<Bytes>, Error> {
    inner.db.get_bytes(block_key(STATES, workspace, campaign, block)).await
}

/// A packed record with the last part of its key.
#[derive(Debug, SurrealValue)]
pub(super) struct Packed {
    pub(super) number: i64,
    pub(super) bytes: surrealdb::types::Bytes,
}

/// At most `limit` packed records of a table, from number `from` on, in order.
pub(super) async fn read_packed(
    inner: &Inner,
    table: &'static str,
    workspace: WorkspaceId,
    campaign: CampaignId,
    from: u64,
    limit: u32,
) -> Result<Vec<(u64, Bytes)>, Error> {
    let mut vars = Variables::new();
    vars.insert("range", key::range(table, workspace, [key::id(campaign)], Some(key::number(from)), None));
    vars.insert("limit", i64::from(limit));
    let mut answer = inner.db.read("SELECT record::id(id)[2] AS number, bytes FROM $range LIMIT $limit", vars).await?;
    let records: Vec<Packed> = answer.take(0).map_err(corrupt)?;
    Ok(records.into_iter().map(|record| (record.number.unsigned_abs(), record.bytes.into_inner())).collect())
}

/// Deletes every recipient and reject of a campaign, a few blocks at a time. Repeating it is harmless.
pub async fn delete_all(scope: &SystemScope, campaign: CampaignId) -> Result<(), Error> {
    let inner = scope.inner();
    for table in [FILTERS, STATES, COUNTS, RECIPIENTS, REJECTS, ORDERED, ORDERED_FILTERS] {
        loop {
            let mut vars = Variables::new();
            vars.insert("range", key::all(table, scope.workspace_id(), [key::id(campaign)]));
            vars.insert("limit", DELETE_RECORDS_MAX);
            let mut answer = inner.db.read("SELECT VALUE id FROM $range LIMIT $limit", vars).await?;
            let ids: Vec<RecordId> = answer.take(0).map_err(corrupt)?;
            if ids.is_empty() {
                break;
            }
            let build = || {
                let mut tx = Tx::new();
                for id in &ids {
                    tx.delete(id.clone());
                }
                tx
            };
            inner.db.transact(build).await?;
        }
    }
    Ok(())
}
