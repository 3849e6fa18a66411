//! How a link begins, when nobody knows yet what the carrier takes: with a handful of parts, and with more for each that
//! was answered well. A quick carrier has all of its window within some milliseconds; one that throttles does so before
//! there is much to be thrown back.

use std::time::Duration;

use tokio::time::Instant;

/// What may be unanswered at first.
const FIRST: f64 = 10.0;
/// How much a good answer adds.
const GROWTH: f64 = 0.25;
/// With so much allowed there is nothing more to be careful about.
const WIDE: f64 = 20_000.0;
/// A carrier that says nothing at all for so long has not throttled either.
const SILENCE: Duration = Duration::from_secs(1);

#[derive(Debug)]
pub(super) struct Opening {
    allowed: f64,
    grown_at: Instant,
}

impl Opening {
    pub fn new(now: Instant) -> Self {
        Self { allowed: FIRST, grown_at: now }
    }

    /// How much more may go out while so much is unanswered.
    pub fn room(&mut self, unanswered: u64, now: Instant) -> usize {
        if unanswered == 0 {
            self.grown_at = now;
        } else if unanswered as f64 >= self.allowed && now.saturating_duration_since(self.grown_at) >= SILENCE {
            self.allowed *= 2.0;
            self.grown_at = now;
        }
        (self.allowed as u64).saturating_sub(unanswered) as usize
    }

    /// Parts that were accepted, or refused for a reason of their own.
    pub fn answered(&mut self, parts: u64, now: Instant) {
        if parts > 0 {
            self.allowed += GROWTH * parts as f64;
            self.grown_at = now;
        }
    }

    pub fn is_over(&self) -> bool {
        self.allowed >= WIDE
    }
}
