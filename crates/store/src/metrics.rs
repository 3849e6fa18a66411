//! What is measured of the database, the audit log and the outboxes. The counters are of the process.

use meter::{Counter, Histogram, Ladder, Sheet};
use surrealdb::types::Variables;

use crate::{
    Error, SystemDoor,
    db::{Abort, corrupt},
};

/// How commits ended.
const OUTCOMES: [&str; 6] = ["committed", "conflict", "stale", "exists", "unavailable", "unknown"];

static COMMITS: [Counter; OUTCOMES.len()] = [const { Counter::new() }; OUTCOMES.len()];
pub(crate) static COMMIT_TIMES: Histogram = Histogram::new(Ladder::Quick);
pub(crate) static READ_ERRORS: Counter = Counter::new();

/// Lines that alerts are built on.
pub(crate) static FALLBACK: Counter = Counter::new();
pub(crate) static FALLBACK_OVERFLOW: Counter = Counter::new();
pub(crate) static CHECKPOINT: Counter = Counter::new();
pub(crate) static CHECKPOINT_AHEAD: Counter = Counter::new();

/// A transaction ended.
pub(crate) fn committed(result: &Result<(), Abort>) {
    let outcome = match result {
        Ok(()) => 0,
        Err(Abort::Conflict) => 1,
        Err(Abort::Stale | Abort::Relied) => 2,
        Err(Abort::Exists) => 3,
        Err(Abort::Failed(Error::Unknown)) => 5,
        Err(Abort::Failed(_)) => 4,
    };
    COMMITS[outcome].one();
}

impl SystemDoor {
    /// What the database, the audit log and the outboxes show at the moment. What waits in the outboxes is left out while
    /// the database does not answer.
    pub async fn metrics(&self, sheet: &mut Sheet) {
        for (outcome, count) in OUTCOMES.iter().zip(&COMMITS) {
            let help = "Transactions, by how they ended.";
            sheet.counter("message_center_database_commits_total", help, &[("outcome", outcome)], count.get());
        }
        let help = "How long transactions took until they were durable or refused.";
        sheet.times("message_center_database_commit_seconds", help, &[], &COMMIT_TIMES.read());
        let help = "Queries that failed.";
        sheet.counter("message_center_database_read_errors_total", help, &[], READ_ERRORS.get());
        for (sentinel, count) in [
            ("audit-fallback", &FALLBACK),
            ("audit-fallback-overflow", &FALLBACK_OVERFLOW),
            ("audit-checkpoint", &CHECKPOINT),
            ("audit-checkpoint-ahead", &CHECKPOINT_AHEAD),
        ] {
            let help = "How often a line that alerts are built on was written into the log.";
            sheet.counter("message_center_sentinel_total", help, &[("sentinel", sentinel)], count.get());
        }
        let fallback = self.audit_fallback();
        let help = "Audit events that wait in the file until the database takes them.";
        sheet.gauge("message_center_audit_fallback_bytes", help, &[], fallback.bytes as f64);
        let help = "Audit events that found no room and are not on record as a gap yet.";
        sheet.gauge("message_center_audit_fallback_lost_events", help, &[], fallback.lost_events as f64);
        if let Ok(waiting) = self.waiting("mail").await {
            sheet.gauge("message_center_mails_waiting", "Mails that wait to be taken.", &[], waiting as f64);
        }
        if let Ok(waiting) = self.waiting("webhook_delivery").await {
            let help = "Events that wait to be sent to the programs of workspaces.";
            sheet.gauge("message_center_webhook_events_waiting", help, &[], waiting as f64);
        }
    }

    async fn waiting(&self, table: &'static str) -> Result<u64, Error> {
        let sql = format!("SELECT VALUE count FROM (SELECT count() FROM {table} WHERE state = 'waiting' GROUP ALL)");
        let counts: Vec<i64> = self.inner().db.read(&sql, Variables::new()).await?.take(0).map_err(corrupt)?;
        Ok(counts.first().copied().and_then(|count| u64::try_from(count).ok()).unwrap_or(0))
    }

    /// How full the file is that takes audit events while the database does not.
    #[must_use]
    pub fn audit_fallback(&self) -> FallbackStanding {
        let inner = self.inner();
        let (bytes, lost_events) = inner.fallback.standing();
        FallbackStanding { bytes, lost_events, max_bytes: inner.audit.fallback_max_bytes }
    }
}

/// The file of audit events, as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FallbackStanding {
    pub bytes: u64,
    pub max_bytes: u64,
    /// Those that found no room and are not on record as a gap yet.
    pub lost_events: u64,
}
