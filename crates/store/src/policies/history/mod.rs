//! What was sent to whom lately, of each workspace, as presets count it.
//!
//! A claim becomes durable together with a record of it, `sent_claims:[ws, campaign, record of the journal]`, in one
//! transaction. What is in such records is in memory, too, and from time to time settles in `sent:[ws, day, shard]`, packed
//! by hash, a few bytes a message. Settling twice changes nothing, so a crash in between repeats it.
//!
//! A campaign of millions is weighed as a whole, shard by shard ([`Account::begin`], [`Account::sent_to`]). From then on its
//! claims ask for those numbers alone that others have sent to since: filters in memory tell which these can be
//! ([`Account::admit`]). What asks and what is claimed is one step at a time, so two campaigns never both take the last
//! message that a number may get.
//!
//! *Invariants*: what is claimed is remembered before it is handed to the Core, and until it can make no difference any
//! more. A message that a process claimed and did not send still counts: never more than allowed.

mod account;
mod forget;
mod memory;
mod settle;
pub(crate) mod shard;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::id::{CampaignId, WorkspaceId};
use surrealdb::types::RecordId;

use self::memory::{Budget, Memory};
pub(crate) use self::settle::{erase, of_number};
pub use self::{
    account::{Account, Admission, Candidate},
    shard::{Entry, SHARDS, shard_of},
};
use crate::db::key;

const TABLE: &str = "sent";
const CLAIMS_TABLE: &str = "sent_claims";

/// The histories that are in memory.
#[derive(Debug, Default)]
pub(crate) struct Histories {
    known: Mutex<HashMap<WorkspaceId, Arc<History>>>,
    budget: Budget,
    /// It is noted which days hold something, of what an earlier release wrote, too.
    days_known: tokio::sync::OnceCell<()>,
}

/// What is in memory of one workspace.
#[derive(Debug)]
pub(crate) struct History {
    workspace: WorkspaceId,
    memory: Mutex<Memory>,
    /// The records that a former process left have been read.
    read: tokio::sync::OnceCell<()>,
    /// Held by whoever asks and claims.
    admitting: tokio::sync::Mutex<()>,
    /// Held by whoever writes shards.
    settling: tokio::sync::Mutex<()>,
}

impl Histories {
    pub(crate) fn of(&self, workspace: WorkspaceId) -> Arc<History> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let history = known.entry(workspace).or_insert_with(|| {
            Arc::new(History {
                workspace,
                memory: Mutex::new(Memory::with(self.budget.clone())),
                read: tokio::sync::OnceCell::new(),
                admitting: tokio::sync::Mutex::default(),
                settling: tokio::sync::Mutex::default(),
            })
        });
        Arc::clone(history)
    }

    fn all(&self) -> Vec<Arc<History>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner).values().cloned().collect()
    }

    /// A workspace is deleted: what is in memory of it is written no more.
    pub(crate) async fn forget(&self, workspace: WorkspaceId) {
        let gone = self.known.lock().unwrap_or_else(PoisonError::into_inner).remove(&workspace);
        if let Some(history) = gone {
            let _held = history.settling.lock().await;
            *history.memory() = Memory::with(self.budget.clone());
        }
    }

    /// Gives up what nobody uses and what has nothing to settle.
    fn let_go(&self) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.retain(|_, history| Arc::strong_count(history) > 1 || !history.memory().is_idle());
    }
}

impl History {
    fn memory(&self) -> std::sync::MutexGuard<'_, Memory> {
        self.memory.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn shard_key(workspace: WorkspaceId, day: u32, shard: u32) -> RecordId {
    key::of(TABLE, workspace, [key::number(day.into()), key::number(shard.into())])
}

/// The record of the claims in record `seq` of a campaign's journal.
pub(crate) fn claims_key(workspace: WorkspaceId, campaign: CampaignId, seq: u64) -> RecordId {
    key::of(CLAIMS_TABLE, workspace, [key::id(campaign), key::number(seq)])
}
