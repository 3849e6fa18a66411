//! Sending: from waiting recipients to messages on the wire, and from answers to states.
//!
//! Each campaign in work has one [`runner`]: it owns the campaign's journal, claims recipients in batches, hands them to
//! a lane of the Core once the claim is durable, and writes what comes back. The [`correlator`] leads receipts to the
//! runner of the campaign that they belong to.
//!
//! *Invariants*: nothing goes to the Core that is not durably claimed, and nothing is claimed without an approval on
//! record of the version that is sent. What may have reached the SMSC is never claimed again. At most `claim_limit`
//! recipients are claimed without a durable outcome. A receipt is acknowledged only when it is durable.

mod acknowledge;
mod arrange;
mod claim;
mod compose;
mod correlator;
mod figures;
mod hours;
pub mod index;
mod late;
mod limits;
pub(crate) mod link_id;
mod plan;
mod policy;
mod receive;
mod recover;
mod router;
mod runner;
mod settle;
pub(crate) mod tendlc;
mod trigger;
mod weigh;
mod write;

use std::time::Duration;

pub(crate) use self::{
    acknowledge::Pending,
    correlator::Correlator,
    index::{Slot, Target},
    late::{close_overdue, give_up_old},
    router::{Routed, route},
    runner::{Command, Context, Key, Runner},
};

const MINUTE_MS: i64 = 60_000;

/// The settings of dispatch.
#[derive(Debug, Clone)]
pub struct DispatchConfig {
    /// Recipients of one campaign that are claimed and have no durable outcome: what a crash leaves uncertain.
    pub claim_limit: u32,
    /// Recipients claimed together.
    pub claim_batch: u32,
    /// What arrives within this time is written together.
    pub commit_interval: Duration,
    /// Changed blocks in memory at which a fold starts.
    pub fold_blocks: usize,
    /// Journal entries after which a fold starts.
    pub fold_entries: u64,
    /// A fold starts after this time in any case when something has changed.
    pub fold_interval: Duration,
    /// Blocks kept in memory besides the changed ones.
    pub keep_blocks: usize,
    /// How long after the last message the receipts are waited for; None: the campaign's validity and an hour.
    pub receipt_wait_ms: Option<i64>,
    /// The validity of a campaign that names none.
    pub validity_minutes: u32,
    /// How long a receipt waits in memory for its message before it is stored as unmatched.
    pub parking: Duration,
    /// Receipts of unknown messages, and of campaigns that ended, are followed this long.
    pub late_receipts_ms: i64,
    /// Messages that nobody knows whose receipts are kept; when there are more, the oldest go. Twenty octets of memory each.
    pub unmatched_max: usize,
    /// How long a link may be away before the campaign is shown as paused.
    pub channel_down_after: Duration,
    /// A scheduled start that is missed by more than this asks a person.
    pub missed_after_ms: i64,
}

impl DispatchConfig {
    /// How long after its last message a campaign's receipts are waited for.
    pub(crate) fn wait_for_receipts_ms(&self, validity_minutes: Option<u32>) -> i64 {
        let validity = validity_minutes.unwrap_or(self.validity_minutes);
        self.receipt_wait_ms.unwrap_or_else(|| (i64::from(validity) + 60) * MINUTE_MS)
    }

    /// The settings of a product that is used as it comes.
    #[must_use]
    pub const fn standard() -> Self {
        Self {
            claim_limit: 2_000,
            claim_batch: 500,
            commit_interval: Duration::from_millis(4),
            fold_blocks: 32,
            fold_entries: 60_000,
            fold_interval: Duration::from_secs(2),
            keep_blocks: 16,
            receipt_wait_ms: None,
            validity_minutes: 24 * 60,
            parking: Duration::from_secs(2),
            late_receipts_ms: 7 * 24 * 3_600_000,
            unmatched_max: 200_000,
            channel_down_after: Duration::from_secs(3),
            missed_after_ms: 3_600_000,
        }
    }
}
