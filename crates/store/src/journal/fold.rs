//! Folding: what the journal says goes into the blocks, in one transaction with the position up to which it did.

use domain::{
    campaign::Progress,
    id::{CampaignId, WorkspaceId},
};
use serde::{Deserialize, Serialize};
use surrealdb::types::RecordId;

use super::{
    book::{HourDelta, Snapshot, Totals},
    claims::Claims,
};
use crate::{
    Error, SystemScope,
    db::{self, Abort, Tx, tx::Columns},
    inbox,
    recipients::{ErrorKind, SendError, block_key, encode_numbers, encode_states},
    webhooks,
};

/// What the blocks hold, apart from the blocks: `progress:[ws, c]`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Folded {
    pub(super) recipients: u32,
    /// The latest record that is folded.
    pub(super) seq: u64,
    pub(super) progress: Progress,
    pub(super) cursor: u32,
    /// (kind, code, recipients); kind 0 has no code.
    pub(super) failures: Vec<(u8, u32, u64)>,
    pub(super) first_claim_at_ms: Option<i64>,
    pub(super) last_outcome_at_ms: Option<i64>,
    pub(super) changed_at_ms: Option<i64>,
    #[serde(default)]
    pub(super) claims: Claims,
    pub(super) revision: u64,
}

impl Columns for Folded {}

/// What one campaign sent in one hour: `hourly:[ws, hour, c]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Hourly {
    pub(super) hour: i64,
    pub(super) sent: u64,
    pub(super) failed: u64,
    pub(super) segments: u64,
    #[serde(default)]
    pub(super) delivered: u64,
    #[serde(default)]
    pub(super) segments_delivered: u64,
    #[serde(default)]
    pub(super) segments_failed: u64,
}

impl Columns for Hourly {}

pub(super) fn key(workspace: WorkspaceId, campaign: CampaignId) -> RecordId {
    db::key::of("progress", workspace, [db::key::id(campaign)])
}

pub(super) fn hourly_key(workspace: WorkspaceId, hour: i64, campaign: CampaignId) -> RecordId {
    let hour = db::key::number(u64::try_from(hour).unwrap_or(0));
    db::key::of("hourly", workspace, [hour, db::key::id(campaign)])
}

impl Folded {
    pub(super) fn new(recipients: u32) -> Self {
        Self {
            recipients,
            seq: 0,
            progress: Progress { waiting: u64::from(recipients), ..Progress::default() },
            cursor: 0,
            failures: Vec::new(),
            first_claim_at_ms: None,
            last_outcome_at_ms: None,
            changed_at_ms: None,
            claims: Claims::default(),
            revision: 1,
        }
    }
}

/// The stored form of a reason.
pub(super) fn reason_code(reason: Option<SendError>) -> (u8, u32) {
    reason.map_or((0, 0), |error| (error.kind as u8, error.code))
}

pub(super) fn reason_of(kind: u8, code: u32) -> Option<SendError> {
    let kind = match kind {
        1 => ErrorKind::CommandStatus,
        2 => ErrorKind::CarrierCode,
        3 => ErrorKind::MessageState,
        4 => ErrorKind::Withheld,
        _ => return None,
    };
    Some(SendError { kind, code })
}

impl From<&Folded> for Totals {
    fn from(folded: &Folded) -> Self {
        Self {
            progress: folded.progress,
            cursor: folded.cursor,
            failures: folded.failures.iter().map(|&(kind, code, count)| (reason_of(kind, code), count)).collect(),
            first_claim_at_ms: folded.first_claim_at_ms,
            last_outcome_at_ms: folded.last_outcome_at_ms,
            changed_at_ms: folded.changed_at_ms,
            claims: folded.claims.clone(),
        }
    }
}

/// The owner's end of a campaign's blocks. Works while the journal is appended to.
#[derive(Debug)]
pub struct Folder {
    scope: SystemScope,
    campaign: CampaignId,
    stored: Folded,
}

impl Folder {
    pub(super) const fn new(scope: SystemScope, campaign: CampaignId, stored: Folded) -> Self {
        Self { scope, campaign, stored }
    }

    /// The latest record that is folded.
    #[must_use]
    pub const fn position(&self) -> u64 {
        self.stored.seq
    }

    /// Folds the records up to `seq`, of which `snapshot` is the account. [`Error::Stale`]: another owner took over.
    pub async fn fold(&mut self, snapshot: &Snapshot, seq: u64) -> Result<(), Error> {
        let inner = self.scope.inner();
        let workspace = self.scope.workspace_id();
        let totals = &snapshot.totals;
        let failures = totals.failures.iter().map(|(&reason, &count)| {
            let (kind, code) = reason_code(reason);
            (kind, code, count)
        });
        let next = Folded {
            recipients: snapshot.recipients,
            seq,
            progress: totals.progress,
            cursor: totals.cursor,
            failures: failures.collect(),
            first_claim_at_ms: totals.first_claim_at_ms,
            last_outcome_at_ms: totals.last_outcome_at_ms,
            changed_at_ms: totals.changed_at_ms,
            claims: totals.claims.clone(),
            revision: self.stored.revision + 1,
        };
        let changed = snapshot.blocks.iter().map(|(block, states)| (*block, states.as_ref()));
        let events = webhooks::of_fold(&self.scope, self.campaign, changed).await?;
        let states = snapshot.blocks.iter().map(|(block, states)| (*block, encode_states(states)));
        let numbers = snapshot.added.iter().map(|(block, numbers)| (*block, encode_numbers(numbers)));
        let blocks: Vec<_> = states
            .chain(numbers)
            .flat_map(|(block, records)| {
                records.map(|(table, bytes)| (block_key(table, workspace, self.campaign, block), bytes))
            })
            .collect();
        let mut hours = Vec::with_capacity(snapshot.hours.len());
        for (&hour, delta) in &snapshot.hours {
            let key = hourly_key(workspace, hour, self.campaign);
            let known: Hourly = inner.db.get(key.clone()).await?.unwrap_or_default();
            hours.push((key, known.plus(hour, delta)));
        }
        let first = self.stored.seq + 1;
        let records = db::key::range(
            "journal",
            workspace,
            [db::key::id(self.campaign)],
            Some(db::key::number(first)),
            Some(db::key::number(seq + 1)),
        );
        // Only a Trigger campaign grows, by what was in its inbox.
        let taken = (snapshot.recipients > self.stored.recipients)
            .then(|| inbox::records(workspace, self.campaign, self.stored.recipients, Some(snapshot.recipients)));
        let committed = inner
            .db
            .transact(|| {
                let mut tx = Tx::new();
                tx.compare_and_set(key(workspace, self.campaign), self.stored.revision, &next);
                for (key, bytes) in &blocks {
                    tx.put_bytes(key.clone(), bytes.clone());
                }
                for (key, hourly) in &hours {
                    tx.put(key.clone(), hourly);
                }
                events.put(&mut tx);
                if seq >= first {
                    tx.delete(records.clone());
                }
                if let Some(taken) = &taken {
                    tx.delete(taken.clone());
                }
                tx
            })
            .await;
        if let Err(abort) = committed {
            let stored: Option<Folded> = inner.db.get(key(workspace, self.campaign)).await?;
            if stored.as_ref() != Some(&next) {
                let fenced = stored.as_ref() != Some(&self.stored);
                return Err(if fenced { Abort::Stale.into() } else { abort.into() });
            }
        }
        self.stored = next;
        Ok(())
    }
}

impl Hourly {
    const fn plus(self, hour: i64, delta: &HourDelta) -> Self {
        Self {
            hour,
            sent: self.sent + delta.sent,
            failed: self.failed + delta.failed,
            segments: self.segments + delta.segments,
            delivered: self.delivered + delta.delivered,
            segments_delivered: self.segments_delivered + delta.segments_delivered,
            segments_failed: self.segments_failed + delta.segments_failed,
        }
    }
}
