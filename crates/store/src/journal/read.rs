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
    entry::{Batch, Entry},
    fold::{self, Folded, Hourly, reason_of},
    head_key, rules,
};
use crate::{
    Error, Scope,
    access::Inner,
    db::{corrupt, key},
    recipients::{BLOCK_LEN, SendError, StateBlock, Unfolded},
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
}

/// The hours `from <= hour < to` in which something was sent, in order.
pub async fn hourly(scope: &Scope, from: i64, to: i64) -> Result<Vec<HourCount>, Error> {
    let hour = |hour: i64| key::number(u64::try_from(hour).unwrap_or(0));
    let mut vars = Variables::new();
    vars.insert("range", key::range("hourly", scope.workspace_id(), [], Some(hour(from)), Some(hour(to))));
    let rows: Vec<Hourly> = scope.inner().db.docs("SELECT VALUE doc FROM $range", vars).await?;
    let mut hours: Vec<HourCount> = Vec::new();
    for row in rows {
        let row = HourCount { hour: row.hour, sent: row.sent, failed: row.failed, segments: row.segments };
        match hours.iter_mut().find(|known| known.hour == row.hour) {
            Some(known) => {
                known.sent += row.sent;
                known.failed += row.failed;
                known.segments += row.segments;
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
    let mut vars = Variables::new();
    vars.insert("range", key::all("journal", scope.workspace_id(), [key::id(campaign)]));
    let mut answer = scope.inner().db.read("SELECT VALUE bytes FROM $range", vars).await?;
    let records: Vec<Bytes> = answer.take(0).map_err(corrupt)?;
    let mut tail = Tail::default();
    for record in records {
        let batch = Batch::decode(&record.into_inner()).map_err(|cause| {
            tracing::error!(%campaign, %cause, "a journal record cannot be read");
            Error::Corrupt
        })?;
        tail.entries.extend(batch.entries);
    }
    tail.blocks = tail
        .entries
        .iter()
        .flat_map(rules::changes)
        .filter(|(span, _)| span.len > 0)
        .flat_map(|(span, _)| span.start / BLOCK_LEN..=span.start.saturating_add(span.len - 1) / BLOCK_LEN)
        .collect();
    Ok(tail)
}

impl Unfolded for Tail {
    fn touches(&self, block: u32) -> bool {
        self.blocks.contains(&block)
    }

    fn apply(&self, block: u32, states: &mut StateBlock) {
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
}
