//! What happens to the recipients of a running campaign: an append-only journal that is folded into their blocks.
//!
//! Claims, outcomes and receipts are appended as packed batches, each one transaction: the record `journal:[ws, c, seq]`
//! and the journal's head `lease:[ws, c]`, advanced by compare-and-set. The head holds the owner, its fencing number and
//! the exact figures after the batch. In the background a fold writes the changed state blocks, the position, the
//! figures and the hourly counters, and deletes the records that it covers, in one transaction.
//!
//! *Invariants*: one owner writes; another that takes over raises the fencing number, after which nothing of the former
//! owner commits. What was appended is never lost; what is folded is never applied again. Figures add up to the number
//! of recipients at all times.

pub mod added;
pub mod book;
mod claims;
pub mod entry;
mod figures;
mod filling;
mod fold;
mod owner;
mod read;
mod rules;
mod unmatched;
pub(crate) mod wire;

use domain::{
    campaign::Progress,
    id::{CampaignId, WorkspaceId},
};
use serde::{Deserialize, Serialize};
use surrealdb::types::RecordId;

pub use self::{
    claims::{Claimed, Claims, claims},
    fold::Folder,
    owner::{Acquired, Appended, Journal, Owner},
    read::{Failure, HourCount, Tail, failures, hourly, tail, tail_of},
    rules::{awaits_receipt, is_open},
    unmatched::{UNMATCHED_BATCH_MAX, Unmatched, UnmatchedKey},
};
pub(crate) use self::{
    figures::{figures_of, figures_of_all},
    read::{failures_of, progress_of},
};
use crate::db::{key, tx::Columns};

/// The head of a journal: who may append, and what the figures are.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Head {
    /// The engine that owns the campaign.
    owner: String,
    /// Raised by every takeover.
    fence: u64,
    /// Until when the owner need not be asked whether it is alive.
    until_ms: i64,
    /// The number of the next record.
    next_seq: u64,
    /// Recipients per state after the latest record.
    live: Progress,
    revision: u64,
}

impl Columns for Head {}

fn head_key(workspace: WorkspaceId, campaign: CampaignId) -> RecordId {
    key::of("lease", workspace, [key::id(campaign)])
}

fn record_key(workspace: WorkspaceId, campaign: CampaignId, seq: u64) -> RecordId {
    key::of("journal", workspace, [key::id(campaign), key::number(seq)])
}

fn states_key(workspace: WorkspaceId, campaign: CampaignId, block: u32) -> RecordId {
    key::of("recipient_states", workspace, [key::id(campaign), key::number(u64::from(block))])
}

/// Recipients in block `block` of a campaign of `recipients`.
fn block_len(recipients: u32, block: u32) -> usize {
    use crate::recipients::BLOCK_LEN;
    recipients.saturating_sub(block.saturating_mul(BLOCK_LEN)).min(BLOCK_LEN) as usize
}

#[cfg(test)]
mod tests;
