//! What the figures showed in the last hour.

use std::{collections::VecDeque, sync::Arc};

use meter::{History, Sample, Sheet};

/// Between two looks, in seconds.
pub const EVERY_S: u64 = 15;
/// An hour, and one more as the beginning of the first rate.
const KEPT: usize = 3_600 / EVERY_S as usize + 1;

/// What is drawn; the rest is for Prometheus alone.
const NAMES: &[&str] = &[
    "message_center_link_parts_accepted_total",
    "message_center_link_parts_refused_total",
    "message_center_link_parts_throttled_total",
    "message_center_link_receipts_total",
    "message_center_link_response_seconds",
    "message_center_link_receipt_commit_seconds",
    "message_center_link_delivery_seconds",
    "message_center_link_queued_messages",
    "message_center_link_window_used",
    "message_center_recipients_waiting",
    "message_center_recipients_in_flight",
    "message_center_ingest_lines_total",
    "message_center_database_commit_seconds",
    "message_center_http_request_seconds",
    "message_center_sentinel_total",
    "process_resident_memory_bytes",
    "process_cpu_seconds_total",
];

/// Shared by whoever looks at the figures regularly and the page that draws them.
#[derive(Debug, Clone)]
pub struct Monitor(Arc<History>);

impl Default for Monitor {
    fn default() -> Self {
        Self(Arc::new(History::new(KEPT, NAMES)))
    }
}

impl Monitor {
    pub fn record(&self, at_ms: i64, sheet: &Sheet) {
        self.0.record(at_ms, sheet);
    }

    pub(super) fn read<T>(&self, look: impl FnOnce(&VecDeque<Sample>) -> T) -> T {
        self.0.read(look)
    }
}

/// Whether a family is kept, and so can be drawn.
#[cfg(test)]
pub(super) fn is_kept(name: &str) -> bool {
    NAMES.contains(&name)
}
