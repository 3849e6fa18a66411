//! What a link has learnt of a carrier that throttles: the rate at which it does, and how to find out whether it still
//! does.
//!
//! Below that rate a link stays for a good while. Then it asks for more, in small steps that grow; where they end tells
//! the rate anew, and if it is the former one the next question comes later. After a carrier that took nothing at all the
//! link goes back quickly to the rate that it knows, or upwards if it knows none.

use std::time::Duration;

use tokio::time::Instant;

/// The part of what the carrier accepts to which the link is held.
const HOLD: f64 = 0.985;
/// The first step beyond that; each further one is twice as long, up to the last.
const FIRST_STEP: f64 = 0.02;
const LAST_STEP: f64 = 0.1;
/// Between two steps.
const STEP_EVERY: Duration = Duration::from_secs(1);
const PARTS_PER_STEP: f64 = 10.0;
/// On the way back to a rate that is known, and on the way up while none is.
const CLIMB_EVERY: Duration = Duration::from_millis(250);
const CLIMB_BACK: f64 = 2.0;
const CLIMB_UP: f64 = 1.5;
/// How long a rate is kept that was not found twice.
const FIRST_HOLD: Duration = Duration::from_secs(3);
/// How long one that was; each time it is confirmed twice as long, up to the longest.
const PATIENCE: Duration = Duration::from_secs(10);
const LONGEST_PATIENCE: Duration = Duration::from_secs(60);
/// A question costs a few throttled parts: so many should have gone well before it.
const PARTS_PER_QUESTION: f64 = 600.0;
const LONGEST_HOLD: Duration = Duration::from_secs(120);
/// Rates that differ by less are the same.
const SAME: f64 = 0.1;
/// The lowest rate that a carrier can press a link to.
pub(super) const FLOOR_PER_S: f64 = 1.0;

#[derive(Debug)]
pub(super) struct Ceiling {
    pub limit: f64,
    /// What the carrier accepted when it throttled last, if it accepted anything.
    known: Option<f64>,
    step: f64,
    hold_until: Instant,
    patience: Duration,
    stepped_at: Instant,
    /// When it last went up by more than a little.
    climbed_at: Option<Instant>,
    /// Something was accepted since: silence, or nothing but refusals, speak for no more speed.
    heard_good: bool,
    /// Since when it limits nothing any more.
    harmless_since: Option<Instant>,
}

impl Ceiling {
    /// The carrier accepts so much, and throttles the rest. `before` is what was known.
    pub fn found(accepts: f64, before: Option<&Self>, now: Instant) -> Self {
        let is_same = |known: f64| (accepts / known - 1.0).abs() < SAME;
        let confirmed = before.filter(|before| before.known.is_some_and(is_same));
        // Each measurement is of some twenty parts: two together are the better one.
        let accepts = confirmed.and_then(|before| before.known).map_or(accepts, |known| (accepts + known) / 2.0);
        let patience = confirmed.map_or(PATIENCE, |before| (before.patience * 2).min(LONGEST_PATIENCE));
        let hold = match confirmed {
            Some(before) => {
                let enough = Duration::from_secs_f64(PARTS_PER_QUESTION / accepts.max(FLOOR_PER_S));
                before.patience.max(enough).min(LONGEST_HOLD)
            }
            None => FIRST_HOLD,
        };
        Self { patience, hold_until: now + hold, ..Self::at(accepts * HOLD, Some(accepts), now) }
    }

    /// The carrier throttles, and nobody knows at which rate: it is somewhere above this one.
    pub fn above(limit: f64, now: Instant) -> Self {
        Self::at(limit, None, now)
    }

    /// The carrier takes nothing at all. It is tried with `limit`, and what was known is gone back to.
    pub fn shut(limit: f64, known: Option<f64>, now: Instant) -> Self {
        Self::at(limit, known, now)
    }

    fn at(limit: f64, known: Option<f64>, now: Instant) -> Self {
        Self {
            limit: limit.max(FLOOR_PER_S),
            known,
            step: FIRST_STEP,
            hold_until: now,
            patience: PATIENCE,
            stepped_at: now,
            climbed_at: None,
            heard_good: false,
            harmless_since: None,
        }
    }

    pub fn known(&self) -> Option<f64> {
        self.known
    }

    /// Since when the limit has been much the same, where it was less before.
    pub fn climbed_at(&self) -> Option<Instant> {
        self.climbed_at
    }

    /// Whether nothing is asked for at the moment.
    pub fn holds(&self, now: Instant) -> bool {
        now < self.hold_until
    }

    /// Asks for more from now on.
    pub fn release(&mut self, limit: f64, now: Instant) {
        self.limit = limit;
        self.hold_until = now;
        self.stepped_at = now;
    }

    pub fn heard_good(&mut self) {
        self.heard_good = true;
    }

    /// Goes up where it is time to, and not beyond `top`. Answers come so much later than what they answer.
    /// Whether it did.
    pub fn pass(&mut self, top: f64, latency: Duration, now: Instant) -> bool {
        let rested = now.saturating_duration_since(self.stepped_at);
        if !self.heard_good || rested < CLIMB_EVERY.max(latency * 2) {
            return false;
        }
        match self.known.map(|known| known * HOLD) {
            None => {
                self.limit = (self.limit * CLIMB_UP).max(self.limit + FLOOR_PER_S);
                self.climbed_at = Some(now);
            }
            Some(known) if self.limit < known => {
                self.limit = (self.limit * CLIMB_BACK).max(self.limit + FLOOR_PER_S).min(known);
                self.hold_until = now + FIRST_HOLD;
                self.climbed_at = Some(now);
            }
            Some(_) if self.holds(now) || rested < self.step_every().max(latency * 2) => return false,
            Some(_) => {
                self.limit += self.limit * self.step;
                self.step = (self.step * 2.0).min(LAST_STEP);
            }
        }
        if self.limit >= top {
            self.limit = top;
            self.harmless_since.get_or_insert(now);
        }
        self.stepped_at = now;
        self.heard_good = false;
        true
    }

    /// Whether the limit is beyond what is known to be taken.
    pub fn asks(&self) -> bool {
        self.known.is_some_and(|known| self.limit > known * HOLD * 1.001)
    }

    /// A step has to be looked at for a while.
    fn step_every(&self) -> Duration {
        STEP_EVERY.max(Duration::from_secs_f64(PARTS_PER_STEP / self.limit))
    }

    /// Whether it is not on its way up without knowing where to.
    pub fn is_settled(&self) -> bool {
        self.known.is_some() || self.harmless_since.is_some()
    }

    /// Whether it has limited nothing for so long that the carrier has other habits by now.
    pub fn is_over(&self, now: Instant) -> bool {
        self.harmless_since.is_some_and(|since| now.saturating_duration_since(since) >= LONGEST_PATIENCE)
    }
}
