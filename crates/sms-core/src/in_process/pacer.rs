//! How fast a link may send: its configured rate as a token bucket, and less while the carrier throttles.
//!
//! What slows a link is the share of throttled answers, not that there was one: carriers throttle a message now and then
//! at any rate, and such a message is sent again and tells nothing. More of them than chance explains slow the link to
//! what the carrier has just accepted. From there it goes back quickly to the rate at which it was throttled, and beyond
//! that rate in steps that grow for as long as nothing speaks against them.

use std::time::Duration;

use tokio::time::Instant;

/// The share of throttled answers that says nothing about the rate.
const TOLERATED: f64 = 0.05;
/// How many standard deviations above the tolerated share are no chance any more.
const CERTAINTY: f64 = 3.0;
/// Fewer throttled answers within a round say nothing, whatever their share.
const THROTTLED_MIN: u64 = 5;
/// Answers are judged within a round, and a slowed link is sped up when one has passed.
const ROUND: Duration = Duration::from_secs(1);
/// The part of what the carrier accepts to which the link is slowed, so that the carrier catches up.
const DECREASE: f64 = 0.95;
/// The same while the carrier accepts nothing at all.
const DECREASE_SHUT: f64 = 0.5;
/// By which part of the rate a round speeds a link up that is below the rate at which it was throttled.
const RETURN: f64 = 0.5;
/// The first step beyond the rate at which the link was throttled; each further one is twice as long, up to the last.
const FIRST_STEP: f64 = 0.02;
const LAST_STEP: f64 = 0.5;
/// The lowest rate that a carrier can press a link to.
const FLOOR_PER_S: f64 = 1.0;
/// Without a configured rate nothing above this is worth holding a link to.
const UNHELD_PER_S: f64 = 1e6;

#[derive(Debug)]
pub(super) struct Pacer {
    configured: Option<f64>,
    burst: Option<f64>,
    /// Set while the carrier throttles.
    reduced: Option<Reduced>,
    tokens: f64,
    filled_at: Instant,
    epoch: u32,
    round: Round,
    accepted: Meter,
}

/// What a carrier answered of what was sent in one epoch.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Answers {
    pub epoch: u32,
    pub accepted: u64,
    pub throttled: u64,
}

#[derive(Debug, Clone, Copy)]
struct Reduced {
    limit: f64,
    /// What the carrier accepted when it throttled last.
    ceiling: f64,
    step: f64,
}

#[derive(Debug, Clone, Copy)]
struct Round {
    began: Instant,
    accepted: u64,
    throttled: u64,
}

impl Round {
    const fn new(began: Instant) -> Self {
        Self { began, accepted: 0, throttled: 0 }
    }

    /// Whether more was throttled than the tolerated share and chance explain together.
    fn is_slowed(&self) -> bool {
        let expected = TOLERATED * (self.accepted + self.throttled) as f64;
        self.throttled >= THROTTLED_MIN && self.throttled as f64 > expected + CERTAINTY * expected.sqrt()
    }
}

impl Reduced {
    fn speed_up(&mut self) {
        let by = if self.limit < self.ceiling {
            (self.limit * RETURN).min(self.ceiling - self.limit)
        } else {
            let by = self.limit * self.step;
            self.step = (self.step * 2.0).min(LAST_STEP);
            by
        };
        self.limit += by.max(FLOOR_PER_S);
    }
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
            round: Round::new(now),
            accepted: Meter::new(now),
        };
        pacer.tokens = pacer.limit().map_or(0.0, |limit| pacer.capacity(limit));
        pacer
    }

    /// Takes other settings; what was learnt of the carrier is forgotten.
    pub fn reconfigure(&mut self, rate_per_s: Option<f64>, burst: Option<u32>, now: Instant) {
        self.configured = rate_per_s;
        self.burst = burst.map(f64::from);
        self.reduced = None;
        self.round = Round::new(now);
        self.tokens = self.limit().map_or(0.0, |limit| self.tokens.min(self.capacity(limit)));
        self.filled_at = now;
    }

    /// Whether the carrier throttles, and the link is slower for it than configured.
    pub fn is_slowed(&self) -> bool {
        self.reduced.is_some()
    }

    /// What the link is held to, in segments per second.
    pub fn limit(&self) -> Option<f64> {
        self.reduced.map(|reduced| reduced.limit).or(self.configured)
    }

    /// Goes with everything that is sent, and comes back in [`Answers`]. Another one begins when the link is slowed, so
    /// that a window full of throttled answers slows it once.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// How many of `wanted` may go now.
    pub fn take(&mut self, wanted: usize, now: Instant) -> usize {
        self.next_round(now);
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

    /// Segments that the carrier accepted, of whatever epoch.
    pub fn accepted(&mut self, segments: u64, now: Instant) {
        self.accepted.add(segments, now);
    }

    /// Accepted per second over the last seconds.
    pub fn rate(&self, now: Instant) -> f64 {
        self.accepted.rate(now, Meter::SLOTS as u64 - 1)
    }

    /// Judges what the carrier answered. What was sent before the link was slowed says nothing about its rate now.
    pub fn heard(&mut self, answers: Answers, now: Instant) {
        if answers.epoch != self.epoch {
            return;
        }
        self.next_round(now);
        self.round.accepted += answers.accepted;
        self.round.throttled += answers.throttled;
        if self.round.is_slowed() {
            self.slow_down(now);
        }
    }

    fn slow_down(&mut self, now: Instant) {
        self.epoch = self.epoch.wrapping_add(1);
        let decrease = if self.round.accepted == 0 { DECREASE_SHUT } else { DECREASE };
        self.round = Round::new(now);
        let held_to = self.limit().unwrap_or(f64::INFINITY);
        let achieved = self.accepted.rate(now, 10).min(held_to);
        // Nothing was accepted for a while: there is no rate to go by.
        let ceiling = if achieved >= FLOOR_PER_S { achieved } else { held_to.min(100.0) };
        let limit = (ceiling * decrease).max(FLOOR_PER_S);
        self.reduced = Some(Reduced { limit, ceiling, step: FIRST_STEP });
        self.tokens = 0.0;
        self.filled_at = now;
    }

    /// Begins another round when the last one is over, which has then spoken for more speed.
    fn next_round(&mut self, now: Instant) {
        while now.saturating_duration_since(self.round.began) >= ROUND {
            let Some(reduced) = &mut self.reduced else {
                self.round = Round::new(now);
                return;
            };
            self.round = Round::new(self.round.began + ROUND);
            reduced.speed_up();
            if reduced.limit >= self.configured.unwrap_or(UNHELD_PER_S) {
                self.reduced = None;
            }
        }
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
#[path = "pacer_tests.rs"]
mod tests;
