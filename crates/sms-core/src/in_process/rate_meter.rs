//! How much the carrier accepted lately.

use tokio::time::Instant;

/// Counts in slots of a tenth of a second.
#[derive(Debug)]
pub(super) struct RateMeter {
    started: Instant,
    slots: [(u64, u64); Self::SLOTS],
}

impl RateMeter {
    /// More than ten seconds.
    const SLOTS: usize = 128;

    pub fn new(started: Instant) -> Self {
        Self { started, slots: [(u64::MAX, 0); Self::SLOTS] }
    }

    fn slot(&self, now: Instant) -> u64 {
        u64::try_from(now.saturating_duration_since(self.started).as_millis() / 100).unwrap_or(0)
    }

    pub fn add(&mut self, count: u64, now: Instant) {
        let number = self.slot(now);
        let slot = &mut self.slots[(number % Self::SLOTS as u64) as usize];
        if slot.0 != number {
            *slot = (number, 0);
        }
        slot.1 += count;
    }

    /// Per second over the last `slots` slots, the one under way as far as it is, or over the life so far when that is
    /// shorter, but never over less than `least_s`.
    pub fn rate(&self, now: Instant, slots: u64, least_s: f64) -> f64 {
        let current = self.slot(now);
        let first = (current + 1).saturating_sub(slots);
        let counted: u64 =
            self.slots.iter().filter(|(number, _)| (first..=current).contains(number)).map(|(_, count)| count).sum();
        let lived = now.saturating_duration_since(self.started).as_secs_f64();
        let span = if first == 0 { lived.max(least_s) } else { lived - first as f64 / 10.0 };
        counted as f64 / span.max(0.01)
    }
}
