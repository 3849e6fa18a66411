//! How fast a link may send: its configured rate as a token bucket, and less while the carrier throttles.
//!
//! Additive increase, multiplicative decrease. A window full of throttled answers is one signal, not a thousand: only
//! what was sent since the last cut may cut again.

use std::time::Duration;

use tokio::time::Instant;

/// By how much a throttled answer slows the link.
const DECREASE: f64 = 0.8;
/// How long without a throttled answer before the link is sped up a little.
const INCREASE_EVERY: Duration = Duration::from_secs(1);
/// By which part of the rate, and at least by one per second.
const INCREASE: f64 = 0.05;
/// The lowest rate that a carrier can press a link to.
const FLOOR_PER_S: f64 = 1.0;

#[derive(Debug)]
pub(super) struct Pacer {
    configured: Option<f64>,
    burst: Option<f64>,
    /// Set while the carrier throttles.
    reduced: Option<f64>,
    tokens: f64,
    filled_at: Instant,
    epoch: u32,
    changed_at: Instant,
    accepted: Meter,
}

impl Pacer {
    pub fn new(rate_per_s: Option<f64>, burst: Option<u32>, now: Instant) -> Self {
        let mut pacer = Self {
            configured: rate_per_s,
            burst: burst.map(f64::from),
            reduced: None,
            tokens: 0.0,
            filled_at: now,
            epoch: 0,
            changed_at: now,
            accepted: Meter::new(now),
        };
        pacer.tokens = pacer.limit().map_or(0.0, |limit| pacer.capacity(limit));
        pacer
    }

    /// What the link is held to, in segments per second.
    pub fn limit(&self) -> Option<f64> {
        self.reduced.or(self.configured)
    }

    /// Goes with everything that is sent, and back into [`Pacer::throttled`].
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// How many of `wanted` may go now.
    pub fn take(&mut self, wanted: usize, now: Instant) -> usize {
        self.speed_up(now);
        let Some(limit) = self.limit() else { return wanted };
        let earned = now.saturating_duration_since(self.filled_at).as_secs_f64() * limit;
        self.tokens = (self.tokens + earned).min(self.capacity(limit));
        self.filled_at = now;
        let granted = wanted.min(self.tokens as usize);
        self.tokens -= granted as f64;
        granted
    }

    pub fn give_back(&mut self, unused: usize) {
        if self.limit().is_some() {
            self.tokens += unused as f64;
        }
    }

    /// When there will be a token again.
    pub fn next_at(&self) -> Option<Instant> {
        let missing = (1.0 - self.tokens).max(0.0);
        // A little more than needed, or rounding would wake for nothing.
        self.limit().map(|limit| self.filled_at + Duration::from_secs_f64(missing / limit) + Duration::from_micros(50))
    }

    pub fn accepted(&mut self, segments: u64, now: Instant) {
        self.accepted.add(segments, now);
    }

    /// Accepted per second over the last seconds.
    pub fn rate(&self, now: Instant) -> f64 {
        self.accepted.rate(now, Meter::SLOTS as u64 - 1)
    }

    /// The carrier throttled something that was sent in this epoch.
    pub fn throttled(&mut self, epoch: u32, now: Instant) {
        self.changed_at = now;
        if epoch != self.epoch {
            return;
        }
        self.epoch = self.epoch.wrapping_add(1);
        let achieved = self.accepted.rate(now, 10);
        let held_to = self.limit().unwrap_or(f64::INFINITY);
        let base = if achieved >= FLOOR_PER_S { achieved.min(held_to) } else { held_to.min(100.0) / 2.0 };
        self.reduced = Some((base * DECREASE).max(FLOOR_PER_S));
        self.tokens = 0.0;
        self.filled_at = now;
    }

    fn speed_up(&mut self, now: Instant) {
        let Some(mut reduced) = self.reduced else { return };
        while now.saturating_duration_since(self.changed_at) >= INCREASE_EVERY {
            self.changed_at += INCREASE_EVERY;
            reduced += (reduced * INCREASE).max(1.0);
            // Nothing was heard for so long that the old limit says nothing any more.
            if reduced >= self.configured.unwrap_or(1e6) {
                self.reduced = None;
                return;
            }
        }
        self.reduced = Some(reduced);
    }

    fn capacity(&self, limit: f64) -> f64 {
        let tenth = (limit / 10.0).max(1.0);
        match self.reduced {
            Some(_) => tenth.min(self.burst.unwrap_or(tenth)),
            None => self.burst.unwrap_or(tenth),
        }
    }
}

/// Counts in slots of a tenth of a second.
#[derive(Debug)]
struct Meter {
    started: Instant,
    slots: [(u64, u64); Self::SLOTS],
}

impl Meter {
    const SLOTS: usize = 32;

    fn new(started: Instant) -> Self {
        Self { started, slots: [(u64::MAX, 0); Self::SLOTS] }
    }

    fn slot(&self, now: Instant) -> u64 {
        u64::try_from(now.saturating_duration_since(self.started).as_millis() / 100).unwrap_or(0)
    }

    fn add(&mut self, count: u64, now: Instant) {
        let number = self.slot(now);
        let slot = &mut self.slots[(number % Self::SLOTS as u64) as usize];
        if slot.0 != number {
            *slot = (number, 0);
        }
        slot.1 += count;
    }

    /// Per second over the last `slots` slots, or over the life so far when that is shorter.
    fn rate(&self, now: Instant, slots: u64) -> f64 {
        let current = self.slot(now);
        let first = (current + 1).saturating_sub(slots);
        let counted: u64 =
            self.slots.iter().filter(|(number, _)| (first..=current).contains(number)).map(|(_, count)| count).sum();
        let lived = now.saturating_duration_since(self.started).as_secs_f64();
        counted as f64 / lived.min(slots as f64 / 10.0).max(0.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(start: Instant, ms: u64) -> Instant {
        start + Duration::from_millis(ms)
    }

    #[test]
    fn a_link_without_a_rate_is_not_held() {
        let start = Instant::now();
        let mut pacer = Pacer::new(None, None, start);
        assert_eq!(pacer.take(5_000, start), 5_000);
        assert_eq!(pacer.next_at(), None);
    }

    #[test]
    fn the_rate_is_kept_to_the_segment() {
        let start = Instant::now();
        let mut pacer = Pacer::new(Some(250.0), Some(10), start);
        let taken: usize = (0..=4_000).map(|ms| pacer.take(1_000, at(start, ms))).sum();
        assert!((1_009..=1_010).contains(&taken), "{taken}");
    }

    #[test]
    fn the_next_token_is_there_when_it_is_announced() {
        let start = Instant::now();
        let mut pacer = Pacer::new(Some(3.0), Some(1), start);
        for _ in 0..20 {
            let next = pacer.next_at().unwrap();
            assert_eq!(pacer.take(9, next), 1);
        }
    }

    #[test]
    fn a_window_of_throttled_answers_slows_once() {
        let start = Instant::now();
        let mut pacer = Pacer::new(Some(1_000.0), None, start);
        let epoch = pacer.epoch();
        pacer.accepted(100, at(start, 500));
        (0..300).for_each(|_| pacer.throttled(epoch, at(start, 1_000)));
        let limit = pacer.limit().unwrap();
        assert!((79.0..=81.0).contains(&limit), "{limit}");
        assert_eq!(pacer.take(10, at(start, 1_000)), 0);
    }

    #[test]
    fn it_comes_back_to_the_configured_rate() {
        let start = Instant::now();
        let mut pacer = Pacer::new(Some(100.0), None, start);
        pacer.throttled(pacer.epoch(), start);
        let slowed = pacer.limit().unwrap();
        assert!(slowed < 50.0);
        pacer.take(0, at(start, 1_000));
        assert!(pacer.limit().unwrap() > slowed);
        pacer.take(0, at(start, 60_000));
        assert_eq!(pacer.limit(), Some(100.0));
    }
}
