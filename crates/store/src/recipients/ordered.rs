//! The recipients of a Spread campaign are brought into the order of its plan: then index order is the order of sending,
//! and a day's messages change few blocks.
//!
//! *Fixed*: plan and seed are on record before anything moves. *Ordering*: the blocks in the new order are written beside
//! the others, which stay as they are. *Copying*: they take their places, bytes for bytes. *Ready*. Each step commits
//! with the record of how far it is, so that a process that ends anywhere repeats at most one batch, and of two that
//! work on one campaign the former is shut out. States need no moving: nobody was claimed yet.

use bytes::Bytes;
use domain::{
    id::{CampaignId, WorkspaceId},
    spread::{Plan, Seed},
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, Variables};

use super::{
    BLOCK_LEN, Filter, RecipientBlock,
    write::{FILTERS, ORDERED, ORDERED_FILTERS, RECIPIENTS, block_key, read_packed},
};
use crate::{
    Error, Scope, SystemScope,
    access::random_bytes,
    audit::{Chain, Event},
    db::{Tx, corrupt, key, tx::Columns},
};

/// Blocks that change their place in one transaction; it has to fit the database's memtable.
const COPY_BLOCKS: u32 = 8;
const COPY_OCTETS_MAX: usize = 8 << 20;
const DELETE_RECORDS_MAX: i64 = 256;

/// The plan of a Spread campaign, and how far its recipients are in order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Spread {
    pub plan: Plan,
    pub seed: Seed,
    pub recipients: u32,
    pub planned_at_ms: i64,
    pub stage: SpreadStage,
    /// Done in this stage.
    pub blocks: u32,
    pub revision: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SpreadStage {
    Ordering,
    Copying,
    Ready,
}

impl Columns for Spread {}

impl Spread {
    #[must_use]
    pub const fn blocks_total(&self) -> u32 {
        self.recipients.div_ceil(BLOCK_LEN)
    }

    /// The blocks of recipients are being written over, in the order of the plan.
    #[must_use]
    pub fn is_being_copied(&self) -> bool {
        self.stage == SpreadStage::Copying
    }

    /// Of both stages together, from 0 to 100.
    #[must_use]
    pub fn percent(&self) -> u8 {
        let total = u64::from(self.blocks_total()).max(1) * 2;
        let done = match self.stage {
            SpreadStage::Ordering => u64::from(self.blocks),
            SpreadStage::Copying => u64::from(self.blocks_total() + self.blocks),
            SpreadStage::Ready => total,
        };
        (done * 100 / total).min(100) as u8
    }
}

fn spread_key(workspace: WorkspaceId, campaign: CampaignId) -> RecordId {
    key::of("spread", workspace, [key::id(campaign)])
}

/// The campaign's plan, once it is made.
pub async fn spread(scope: &Scope, campaign: CampaignId) -> Result<Option<Spread>, Error> {
    scope.inner().db.get(spread_key(scope.workspace_id(), campaign)).await
}

/// The same, for the engine.
pub async fn load_spread(scope: &SystemScope, campaign: CampaignId) -> Result<Option<Spread>, Error> {
    scope.inner().db.get(spread_key(scope.workspace_id(), campaign)).await
}

/// Fixes the plan with a fresh seed, on record; one that is there stays.
pub async fn fix_plan(scope: &SystemScope, campaign: CampaignId, plan: Plan, recipients: u32) -> Result<Spread, Error> {
    let (inner, workspace) = (scope.inner(), scope.workspace_id());
    if let Some(known) = load_spread(scope, campaign).await? {
        return Ok(known);
    }
    let spread = Spread {
        plan,
        seed: Seed(u128::from_le_bytes(random_bytes()?)),
        recipients,
        planned_at_ms: scope.now_ms(),
        stage: SpreadStage::Ordering,
        blocks: 0,
        revision: 1,
    };
    let window = spread.plan.window();
    let event = Event::new(scope.actor(), scope.origin(), "campaign.planned")
        .on("campaign", &campaign)
        .change("seed", None, Some(spread.seed))
        .change("recipients", None, Some(recipients))
        .change("stretches", None, Some(spread.plan.slots.len()))
        .change("first_ms", None, window.as_ref().map(|window| window.start))
        .change("end_ms", None, window.as_ref().map(|window| window.end));
    let made = inner
        .audited(Chain::Workspace(workspace), event, |tx| tx.create(spread_key(workspace, campaign), &spread))
        .await;
    match made {
        Ok(()) => Ok(spread),
        // Somebody else was quicker: theirs holds.
        Err(cause) => load_spread(scope, campaign).await?.ok_or(cause),
    }
}

/// Writes the next blocks of the new order beside the others. With the last one, what was written is complete.
pub async fn order_some(
    scope: &SystemScope,
    campaign: CampaignId,
    spread: &mut Spread,
    blocks: &[RecipientBlock],
) -> Result<(), Error> {
    let workspace = scope.workspace_id();
    let first = spread.blocks;
    let rows: Vec<(u32, Bytes, Bytes)> = (first..)
        .zip(blocks)
        .map(|(number, block)| (number, block.encode().into(), Filter::of(block.numbers()).encode().into()))
        .collect();
    let mut next = Spread { blocks: first + rows.len() as u32, revision: spread.revision + 1, ..spread.clone() };
    if spread.stage != SpreadStage::Ordering || next.blocks > spread.blocks_total() {
        return Err(Error::Corrupt);
    }
    if next.blocks == spread.blocks_total() {
        next.stage = SpreadStage::Copying;
        next.blocks = 0;
    }
    advance(scope, campaign, spread, next, |tx| {
        for (number, recipients, filter) in &rows {
            tx.put_bytes(block_key(ORDERED, workspace, campaign, *number), recipients.clone());
            tx.put_bytes(block_key(ORDERED_FILTERS, workspace, campaign, *number), filter.clone());
        }
    })
    .await
}

impl Spread {
    /// Lets the next blocks of the new order take their places.
    pub async fn copy_some(&mut self, scope: &SystemScope, campaign: CampaignId) -> Result<(), Error> {
        let (inner, workspace) = (scope.inner(), scope.workspace_id());
        let read = |table| read_packed(inner, table, workspace, campaign, u64::from(self.blocks), COPY_BLOCKS);
        let (recipients, filters) = (read(ORDERED).await?, read(ORDERED_FILTERS).await?);
        let mut octets = 0;
        let mut rows: Vec<(u32, Bytes, Bytes)> = Vec::new();
        for (number, (recipients, filter)) in (self.blocks..).zip(recipients.into_iter().zip(filters)) {
            if recipients.0 != u64::from(number) || filter.0 != u64::from(number) {
                return Err(Error::Corrupt);
            }
            octets += recipients.1.len() + filter.1.len();
            if octets > COPY_OCTETS_MAX && !rows.is_empty() {
                break;
            }
            rows.push((number, recipients.1, filter.1));
        }
        if rows.is_empty() || self.stage != SpreadStage::Copying {
            return Err(Error::Corrupt);
        }
        let mut next = Self { blocks: self.blocks + rows.len() as u32, revision: self.revision + 1, ..self.clone() };
        if next.blocks == self.blocks_total() {
            next.stage = SpreadStage::Ready;
        }
        advance(scope, campaign, self, next, |tx| {
            for (number, recipients, filter) in &rows {
                tx.put_bytes(block_key(RECIPIENTS, workspace, campaign, *number), recipients.clone());
                tx.put_bytes(block_key(FILTERS, workspace, campaign, *number), filter.clone());
            }
        })
        .await
    }
}

/// Commits a step together with the record of it. [`Error::Moved`]: somebody else works on it.
async fn advance(
    scope: &SystemScope,
    campaign: CampaignId,
    spread: &mut Spread,
    next: Spread,
    also: impl Fn(&mut Tx),
) -> Result<(), Error> {
    let id = spread_key(scope.workspace_id(), campaign);
    let build = || {
        let mut tx = Tx::new();
        tx.compare_and_set(id.clone(), spread.revision, &next);
        also(&mut tx);
        tx
    };
    scope.inner().db.transact(build).await?;
    *spread = next;
    Ok(())
}

/// Deletes what was written beside the blocks and has done its work, or will never be needed. Repeating it is harmless.
pub async fn discard_order(scope: &SystemScope, campaign: CampaignId) -> Result<(), Error> {
    let inner = scope.inner();
    for table in [ORDERED, ORDERED_FILTERS] {
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
                tx.delete_all(ids.clone());
                tx
            };
            inner.db.transact(build).await?;
        }
    }
    Ok(())
}
