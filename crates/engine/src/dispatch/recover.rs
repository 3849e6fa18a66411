//! Taking up a campaign where it stands: after a pause of days, or after a crash.

use domain::recipient::RecipientState;
use sms_core::ChannelId;
use store::{
    journal::{
        awaits_receipt,
        entry::{Closing, Entry, Span},
        is_open,
    },
    recipients::{BLOCK_LEN, PartState, SendError},
};

use super::{
    index::Target,
    link_id,
    plan::Plan,
    runner::{Runner, Stop},
};

/// Receipts that were applied so shortly before the last change may not have been acknowledged any more when the process
/// ended: the carrier repeats them.
const REPEATED_WITHIN_MS: i64 = 60_000;

impl Runner {
    /// Reads the states once. What was claimed and has no outcome is closed as uncertain: nobody knows, so it is never
    /// sent again. What awaits receipts goes into the index, unless it is there (`indexed`), and what has just got its
    /// own, so that a repeated receipt is known as one.
    pub(super) async fn recover(&mut self, indexed: bool) -> Result<(), Stop> {
        let progress = *self.book.progress();
        let (cursor, recipients) = (self.book.totals().cursor, self.book.recipients());
        // Some of those that were never claimed are left out by a policy, and do not wait.
        let by_policy = |reason: &Option<SendError>| reason.is_some_and(|error| error.policy().is_some());
        let failures = &self.book.totals().failures;
        let left_out: u64 = failures.iter().filter(|(reason, _)| by_policy(reason)).map(|(_, count)| count).sum();
        let returned_count = (progress.waiting + left_out).saturating_sub(u64::from(recipients - cursor));
        let look_for_returned = returned_count > 0 && self.campaign.life.status.is_active();
        let look_for_parts = !indexed && progress.waiting < u64::from(recipients);
        let (mut open, mut returned, mut uncertain) = (Vec::new(), Vec::new(), Vec::new());
        let now_ms = self.scope.now_ms();
        let repeated_since_ms = self.book.totals().changed_at_ms.unwrap_or(0) - REPEATED_WITHIN_MS;
        if progress.claimed > 0 || look_for_returned || look_for_parts {
            for block in 0..cursor.div_ceil(BLOCK_LEN) {
                self.load(block).await?;
                let first = block * BLOCK_LEN;
                let end = (first + BLOCK_LEN).min(recipients);
                let mut known = Vec::new();
                for index in first..end {
                    let Some(row) = self.book.row(index) else { break };
                    if is_open(row) {
                        open.push(index);
                    }
                    if row.state == RecipientState::Waiting && index < cursor {
                        returned.push(index);
                    }
                    for (part, status) in row.parts.iter().enumerate() {
                        let target = Target { slot: self.slot, index, part: part as u8 };
                        if matches!(status.state, PartState::Uncertain | PartState::Claimed) {
                            uncertain.push((target, row.claimed_at_ms.unwrap_or(now_ms)));
                        }
                        let Some(id) = status.message_id.as_ref().filter(|_| !indexed) else { continue };
                        let awaits = awaits_receipt(status);
                        if awaits || row.done_at_ms.is_some_and(|done_at_ms| done_at_ms >= repeated_since_ms) {
                            known.push((target, String::from_utf8_lossy(&id.to_bytes()).into_owned(), awaits));
                        }
                    }
                }
                let channel = self.campaign.parameters.channel.clone();
                for (target, kept, awaits) in known {
                    let (link, id) = link_id::split(&channel, &kept);
                    if !awaits {
                        self.context.correlator.settled(link, id, target);
                        continue;
                    }
                    let early = self.context.correlator.accepted(link, id, target);
                    if let Ok(link) = ChannelId::parse(link) {
                        self.early(&link, id, target, early).await?;
                    }
                }
                self.book.evict(self.context.config.keep_blocks);
            }
        }
        if !open.is_empty() {
            tracing::warn!(
                campaign = %self.key.campaign,
                recipients = open.len(),
                "claimed and without an outcome when the process ended: uncertain, not sent again"
            );
            let at_ms = self.scope.now_ms();
            self.stage(Entry::Closed { spans: spans(&open), kind: Closing::Uncertain, at_ms }).await?;
        }
        for (target, since_ms) in uncertain {
            let block = self.recipients(target.index / BLOCK_LEN).await?;
            if let Some(&number) = block.numbers().get((target.index % BLOCK_LEN) as usize) {
                self.context.correlator.uncertain(&self.campaign.parameters.channel, number, target, since_ms);
            }
        }
        self.context.correlator.indexed(self.slot);
        self.plan = Plan::new(cursor, recipients, spans(&returned));
        Ok(())
    }
}

/// Indices in order, as spans.
pub(super) fn spans(indices: &[u32]) -> Vec<Span> {
    let mut spans: Vec<Span> = Vec::new();
    for &index in indices {
        match spans.last_mut() {
            Some(last) if last.start + last.len == index => last.len += 1,
            _ => spans.push(Span { start: index, len: 1 }),
        }
    }
    spans
}
