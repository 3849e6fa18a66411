//! What readers see: the head's figures, and blocks merged with what is not folded yet.

use std::collections::HashSet;

use domain::{
    campaign::Progress,
    id::{CampaignId, WorkspaceId},
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{Bytes, Variables};

use super::{
    Head,
    added::Added,
    entry::{Batch, Entry},
    filling,
    fold::{self, Folded, Hourly, reason_of},
    head_key, rules,
};
use crate::{
    Error, Scope, SystemScope,
    access::Inner,
    db::{corrupt, key},
    recipients::{BLOCK_LEN, RecipientBlock, SendError, StateBlock, Unfolded},
};

/// Recipients per state after the latest journal record; None: nothing was ever claimed or closed.
pub(crate) async fn progress_of(
    inner: &Inner,
    workspace: WorkspaceId,
    campaign: CampaignId,
) -> Result<Option<Progress>, Error> {
    let head: Option<Head> = inner.db.get(head_key(workspace, campaign)).await?;
    Ok(head.map(|head| head.live))
}

/// Recipients that failed for one reason. None: part of the message never went out, or its text could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Failure {
    pub reason: Option<SendError>,
    pub recipients: u64,
}

/// Why recipients of a campaign failed, most frequent first; as of the latest fold, some seconds old at most.
pub async fn failures(scope: &Scope, campaign: CampaignId) -> Result<Vec<Failure>, Error> {
    let folded: Option<Folded> = scope.inner().db.get(fold::key(scope.workspace_id(), campaign)).await?;
    let mut failures: Vec<Failure> = folded
        .map(|folded| folded.failures)
        .unwrap_or_default()
        .into_iter()
        .map(|(kind, code, recipients)| Failure { reason: reason_of(kind, code), recipients })
        .collect();
    failures.sort_by_key(|failure| std::cmp::Reverse(failure.recipients));
    Ok(failures)
}

/// Why recipients of several campaigns of a workspace failed, each reason once.
pub(crate) async fn failures_of(
    inner: &Inner,
    workspace: WorkspaceId,
    campaigns: &[CampaignId],
) -> Result<Vec<Failure>, Error> {
    /// Of [`Folded`]; the rest of it grows with a campaign.
    #[derive(Debug, Serialize, Deserialize)]
    struct Reasons {
        failures: Vec<(u8, u32, u64)>,
    }

    let ids: Vec<_> = campaigns.iter().map(|campaign| fold::key(workspace, *campaign)).collect();
    let mut vars = Variables::new();
    vars.insert("ids", ids);
    let rows: Vec<Reasons> = inner.db.docs("SELECT doc.failures AS failures FROM $ids", vars).await?;
    let mut failures: Vec<Failure> = Vec::new();
    for (kind, code, recipients) in rows.into_iter().flat_map(|row| row.failures) {
        let reason = reason_of(kind, code);
        match failures.iter_mut().find(|known| known.reason == reason) {
            Some(known) => known.recipients += recipients,
            None => failures.push(Failure { reason, recipients }),
        }
    }
    failures.sort_by_key(|failure| std::cmp::Reverse(failure.recipients));
    Ok(failures)
}

/// What a workspace sent in one hour, counted from the epoch.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HourCount {
    pub hour: i64,
    /// Recipients whose message the SMSC took.
    pub sent: u64,
    /// Recipients that failed, at the SMSC or by a receipt.
    pub failed: u64,
    /// Message parts that the SMSC took.
    pub segments: u64,
    /// Recipients whose receipt said that it arrived, in the hour in which it did.
    pub delivered: u64,
}

/// The hours `from <= hour < to` in which something was sent, in order.
pub async fn hourly(scope: &Scope, from: i64, to: i64) -> Result<Vec<HourCount>, Error> {
    let hour = |hour: i64| key::number(u64::try_from(hour).unwrap_or(0));
    let mut vars = Variables::new();
    vars.insert("range", key::range("hourly", scope.workspace_id(), [], Some(hour(from)), Some(hour(to))));
    let rows: Vec<Hourly> = scope.inner().db.docs("SELECT VALUE doc FROM $range", vars).await?;
    let mut hours: Vec<HourCount> = Vec::new();
    for row in rows {
        let row = HourCount {
            hour: row.hour,
            sent: row.sent,
            failed: row.failed,
            segments: row.segments,
            delivered: row.delivered,
        };
        match hours.iter_mut().find(|known| known.hour == row.hour) {
            Some(known) => {
                known.sent += row.sent;
                known.failed += row.failed;
                known.segments += row.segments;
                known.delivered += row.delivered;
            }
            None => hours.push(row),
        }
    }
    hours.sort_by_key(|row| row.hour);
    Ok(hours)
}

/// The journal of a campaign as far as it is not folded, for merging with blocks.
#[derive(Debug, Default)]
pub struct Tail {
    entries: Vec<Entry>,
    blocks: HashSet<u32>,
}

/// Reads what is not folded. Do it before reading the blocks that it is merged with: what is folded in between is then
/// in the blocks, and applying it again changes nothing.
pub async fn tail(scope: &Scope, campaign: CampaignId) -> Result<Tail, Error> {
    read_tail(scope.inner(), scope.workspace_id(), campaign).await
}

/// The same, for the engine.
pub async fn tail_of(scope: &SystemScope, campaign: CampaignId) -> Result<Tail, Error> {
    read_tail(scope.inner(), scope.workspace_id(), campaign).await
}

async fn read_tail(inner: &Inner, workspace: WorkspaceId, campaign: CampaignId) -> Result<Tail, Error> {
    let mut vars = Variables::new();
    vars.insert("range", key::all("journal", workspace, [key::id(campaign)]));
    let mut answer = inner.db.read("SELECT VALUE bytes FROM $range", vars).await?;
    let records: Vec<Bytes> = answer.take(0).map_err(corrupt)?;
    let mut entries = Vec::new();
    for record in records {
        let batch = Batch::decode(&record.into_inner()).map_err(|cause| {
            tracing::error!(%campaign, %cause, "a journal record cannot be read");
            Error::Corrupt
        })?;
        entries.extend(batch.entries);
    }
    Ok(Tail::new(entries))
}

impl Tail {
    pub(super) fn new(entries: Vec<Entry>) -> Self {
        let blocks_of = |start: u32, len: u32| start / BLOCK_LEN..=start.saturating_add(len.max(1) - 1) / BLOCK_LEN;
        let changed = entries.iter().flat_map(rules::changes).map(|(span, _)| (span.start, span.len));
        let added = entries.iter().filter_map(added).map(|added| (added.start, added.end() - added.start));
        let blocks =
            changed.chain(added).filter(|&(_, len)| len > 0).flat_map(|(start, len)| blocks_of(start, len)).collect();
        Self { entries, blocks }
    }

    /// The recipients that were added to a block, with the place of each in it.
    fn added_to(&self, block: u32) -> impl Iterator<Item = (usize, &Added, usize)> {
        let first = block.saturating_mul(BLOCK_LEN);
        self.entries.iter().filter_map(added).flat_map(move |added| {
            let from = first.max(added.start);
            let to = first.saturating_add(BLOCK_LEN).min(added.end());
            (from..to).map(move |index| ((index - first) as usize, added, (index - added.start) as usize))
        })
    }
}

const fn added(entry: &Entry) -> Option<&Added> {
    match entry {
        Entry::Added(added) => Some(added),
        _ => None,
    }
}

impl Unfolded for Tail {
    fn touches(&self, block: u32) -> bool {
        self.blocks.contains(&block)
    }

    fn apply(&self, block: u32, states: &mut StateBlock) {
        if let Some((last, ..)) = self.added_to(block).last() {
            states.grow(last + 1);
        }
        let first = block.saturating_mul(BLOCK_LEN);
        for (span, change) in self.entries.iter().flat_map(rules::changes) {
            let start = span.start.saturating_sub(first) as usize;
            let end = span.start.saturating_add(span.len).saturating_sub(first) as usize;
            let end = end.min(states.rows().len());
            for row in states.rows_mut().get_mut(start..end).unwrap_or_default() {
                rules::change(row, &change);
            }
        }
    }

    fn numbers(&self, block: u32, stored: Option<RecipientBlock>) -> Option<RecipientBlock> {
        let mut numbers = stored;
        for (place, added, row) in self.added_to(block) {
            let numbers = numbers.get_or_insert_with(|| RecipientBlock::new(added.fields.clone()));
            // What is folded by now is in the block already.
            if place == numbers.len() {
                filling::append(numbers, added, &added.rows[row]);
            }
        }
        numbers
    }

    fn last_grown(&self) -> Option<u32> {
        let last = self.entries.iter().filter_map(added).map(Added::end).max()?.checked_sub(1)?;
        Some(last / BLOCK_LEN)
    }

    fn adds(&self, block: u32, number: u64) -> bool {
        self.added_to(block).any(|(_, added, row)| added.rows[row].number == number)
    }
}
