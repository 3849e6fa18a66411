//! What the figures showed in the last hour.

use std::{
    collections::{HashMap, VecDeque},
    sync::{Arc, Mutex, PoisonError},
};

use domain::id::WorkspaceId;
use engine::UnderWay;
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

/// Shared by whoever looks at the figures regularly and the pages that draw them.
#[derive(Debug, Clone)]
pub struct Monitor {
    sheets: Arc<History>,
    workspaces: Arc<Workspaces>,
}

impl Default for Monitor {
    fn default() -> Self {
        Self { sheets: Arc::new(History::new(KEPT, NAMES)), workspaces: Arc::default() }
    }
}

impl Monitor {
    /// What there was at a moment; a workspace that is not among `under_way` had nothing to do.
    pub fn record(&self, at_ms: i64, sheet: &Sheet, under_way: Vec<(WorkspaceId, UnderWay)>) {
        self.sheets.record(at_ms, sheet);
        let oldest_ms = self.sheets.read(|samples| samples.front().map_or(at_ms, |sample| sample.at_ms));
        self.workspaces.record(at_ms, oldest_ms, under_way);
    }

    pub(super) fn read<T>(&self, look: impl FnOnce(&VecDeque<Sample>) -> T) -> T {
        self.sheets.read(look)
    }

    /// What a workspace had under way at some of the moments that were recorded.
    pub(super) fn under_way(&self, workspace: WorkspaceId, times_ms: &[i64]) -> Vec<UnderWay> {
        self.workspaces.at(workspace, times_ms)
    }
}

/// What workspaces had under way in the last hour. It is on no sheet, since nothing that names a tenant leaves by those;
/// and of a workspace in which nothing happened there is nothing.
#[derive(Debug, Default)]
struct Workspaces(Mutex<HashMap<WorkspaceId, VecDeque<(i64, UnderWay)>>>);

impl Workspaces {
    fn record(&self, at_ms: i64, oldest_ms: i64, under_way: Vec<(WorkspaceId, UnderWay)>) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for (workspace, now) in under_way {
            held.entry(workspace).or_default().push_back((at_ms, now));
        }
        held.retain(|_, points| {
            while points.front().is_some_and(|(then_ms, _)| *then_ms < oldest_ms) {
                points.pop_front();
            }
            !points.is_empty()
        });
    }

    fn at(&self, workspace: WorkspaceId, times_ms: &[i64]) -> Vec<UnderWay> {
        let held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let points = held.get(&workspace);
        let found = |at_ms: &i64| {
            let (then_ms, point) = points?.iter().find(|(then_ms, _)| then_ms >= at_ms)?;
            (then_ms == at_ms).then_some(*point)
        };
        times_ms.iter().map(|at_ms| found(at_ms).unwrap_or_default()).collect()
    }
}

/// Whether a family is kept, and so can be drawn.
#[cfg(test)]
pub(super) fn is_kept(name: &str) -> bool {
    NAMES.contains(&name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_has_its_own_points_for_an_hour_and_is_then_forgotten() {
        let monitor = Monitor::default();
        let [one, other] =
            ["1", "2"].map(|id| format!("019d0000-0000-7000-8000-00000000000{id}").parse::<WorkspaceId>().unwrap());
        let busy = UnderWay { waiting: 7, in_flight: 2, messages_per_s: 1.5 };
        let every_ms = i64::try_from(EVERY_S).unwrap() * 1_000;
        monitor.record(0, &Sheet::default(), vec![(one, busy)]);
        monitor.record(every_ms, &Sheet::default(), Vec::new());
        assert_eq!(monitor.under_way(one, &[0, every_ms]), [busy, UnderWay::default()]);
        assert_eq!(monitor.under_way(other, &[0]), [UnderWay::default()], "nothing of another workspace");
        for place in 2..=KEPT {
            monitor.record(i64::try_from(place).unwrap() * every_ms, &Sheet::default(), Vec::new());
        }
        assert_eq!(monitor.under_way(one, &[0]), [UnderWay::default()]);
        assert!(monitor.workspaces.0.lock().unwrap().is_empty());
    }
}
