//! How fast a link may send: its configured rate as a token bucket, and less while the carrier throttles.
//!
//! What slows a link is the share of throttled answers, not that there was one: carriers throttle a message now and then
//! at any rate, and such a message is sent again and tells nothing. More of them than chance explains slow the link to
//! what the carrier accepts ([`Ceiling`]). Where it is a small share only an experiment tells whether the rate is the
//! reason: the link is slowed below what was accepted, and if as much is thrown back then, it is a habit of the carrier
//! that no slowness cures, and the link goes on as before.

use std::time::Duration;

use tokio::time::Instant;

use super::{
    ceiling::{Ceiling, FLOOR_PER_S},
    opening::Opening,
    rate_meter::RateMeter,
    tally::Tally,
};

/// The share of throttled answers that says nothing about the rate while nothing is known of the carrier.
const TOLERATED: f64 = 0.05;
/// And over a longer time.
const TOLERATED_LONG: f64 = 0.01;
/// Fewer throttled answers say nothing, whatever their share.
const THROTTLED_MIN: u64 = 5;
const THROTTLED_MIN_LONG: u64 = 8;
/// Answers are judged within a round, which is longer where fewer come.
const ROUND: Duration = Duration::from_secs(1);
const LONGEST_ROUND: Duration = Duration::from_secs(10);
const ROUND_ANSWERS: u64 = 20;
/// What is judged over a longer time.
const LONG_ANSWERS: u64 = 4_000;
/// Accepted parts that are enough to take the rate by which they came.
const MEASURED_ANSWERS: u64 = 20;
/// What was accepted lately is counted over a second, or as long as so many take.
const LATELY_PARTS: f64 = 20.0;
/// To which part a link is slowed while the carrier accepts nothing at all.
const DECREASE_SHUT: f64 = 0.5;
/// A greater share is no habit.
const HABIT_MAX: f64 = 0.2;
/// What is tried: a share that is found at the moment when it is too much looks greater than it is.
const TRIED_MAX: f64 = 0.35;
const TRIED_ANSWERS: u64 = 50;
/// An experiment has its result after so many answers, and in this time.
const TRIAL_ANSWERS: u64 = 100;
const TRIAL: Duration = Duration::from_millis(2_800);
/// Without a configured rate nothing above this is worth holding a link to.
const UNHELD_PER_S: f64 = 1e6;

#[derive(Debug)]
pub(super) struct Pacer {
    configured: Option<f64>,
    burst: Option<f64>,
    /// Until the carrier has shown that it takes much, or throttled.
    opening: Option<Opening>,
    /// Sent and not answered, over all sessions.
    unanswered: u64,
    /// Set while the carrier throttles.
    ceiling: Option<Ceiling>,
    tokens: f64,
    filled_at: Instant,
    epoch: u32,
    /// When the link got its present limit by being slowed.
    epoch_began: Instant,
    round: Tally,
    long: Tally,
    /// What is accepted since the first throttled answer of the epoch.
    saturated: Option<Tally>,
    /// Whether a share of throttled answers comes of the rate.
    trial: Option<Trial>,
    /// The share that this carrier throttles at any rate.
    habit: f64,
    accepted: RateMeter,
    /// When the first part of this epoch went out that is not answered.
    first_sent: Option<Instant>,
    /// Whether the latency of this epoch is known.
    timed: bool,
    /// From a part to its answer.
    latency: Duration,
}

/// What a carrier answered of what was sent in one epoch.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Answers {
    pub epoch: u32,
    pub accepted: u64,
    pub throttled: u64,
}

/// What was before the link was slowed.
#[derive(Debug, Clone, Copy)]
struct Trial {
    share: f64,
    /// None: it was not held at all.
    limit: Option<f64>,
    was_reduced: bool,
    settled: bool,
}

impl Pacer {
    pub fn new(rate_per_s: Option<f64>, burst: Option<u32>, now: Instant) -> Self {
        let mut pacer = Self {
            configured: rate_per_s,
            burst: burst.map(f64::from),
            opening: Some(Opening::new(now)),
            unanswered: 0,
            ceiling: None,
            tokens: 0.0,
            filled_at: now,
            epoch: 0,
            epoch_began: now,
            round: Tally::new(now),
            long: Tally::new(now),
            saturated: None,
            trial: None,
            habit: 0.0,
            accepted: RateMeter::new(now),
            first_sent: None,
            timed: false,
            latency: Duration::ZERO,
        };
        pacer.tokens = pacer.limit().map_or(0.0, |limit| pacer.capacity(limit));
        pacer
    }

    /// Takes other settings; what was learnt of the carrier is forgotten.
    pub fn reconfigure(&mut self, rate_per_s: Option<f64>, burst: Option<u32>, now: Instant) {
        self.configured = rate_per_s;
        self.burst = burst.map(f64::from);
        self.opening = Some(Opening::new(now));
        self.ceiling = None;
        self.trial = None;
        self.habit = 0.0;
        self.begin_epoch(now);
        self.tokens = self.limit().map_or(0.0, |limit| self.tokens.min(self.capacity(limit)));
        self.filled_at = now;
    }

    /// Whether the carrier throttles, and the link is slower for it than configured.
    pub fn is_slowed(&self) -> bool {
        self.ceiling.as_ref().is_some_and(|ceiling| ceiling.limit < self.top())
    }

    /// What the link is held to at most.
    fn top(&self) -> f64 {
        self.configured.unwrap_or(UNHELD_PER_S)
    }

    /// What the link is held to, in segments per second.
    pub fn limit(&self) -> Option<f64> {
        let slowed = self.ceiling.as_ref().map(|ceiling| ceiling.limit).filter(|limit| *limit < self.top());
        slowed.or(self.configured)
    }

    /// Goes with everything that is sent, and comes back in [`Answers`]. Another one begins when the link is slowed, so
    /// that a window full of throttled answers slows it once.
    pub fn epoch(&self) -> u32 {
        self.epoch
    }

    /// How many of `wanted` may go now. What does not go is given back, what goes is answered.
    pub fn take(&mut self, wanted: usize, now: Instant) -> usize {
        self.pass(now);
        let wanted = match &mut self.opening {
            Some(opening) => wanted.min(opening.room(self.unanswered, now)),
            None => wanted,
        };
        let granted = match self.limit() {
            None => wanted,
            Some(limit) => {
                let earned = now.saturating_duration_since(self.filled_at).as_secs_f64() * limit;
                self.tokens = (self.tokens + earned).min(self.capacity(limit));
                let granted = wanted.min(self.tokens as usize);
                self.tokens -= granted as f64;
                granted
            }
        };
        self.filled_at = now;
        self.unanswered += granted as u64;
        if granted > 0 && !self.timed {
            self.first_sent.get_or_insert(now);
        }
        granted
    }

    pub fn give_back(&mut self, unused: usize) {
        self.unanswered = self.unanswered.saturating_sub(unused as u64);
        if self.limit().is_some() {
            self.tokens += unused as f64;
        }
    }

    /// When it is worth asking again: there will be a token then, or a link that begins may be allowed more.
    pub fn next_at(&self) -> Option<Instant> {
        let token_in = self.limit().map_or(0.0, |limit| (1.0 - self.tokens).max(0.0) / limit);
        // A little more than needed, or rounding would wake for nothing.
        let token_at = self.filled_at + Duration::from_secs_f64(token_in) + Duration::from_micros(50);
        match &self.opening {
            // As a rule an answer comes first.
            Some(_) if token_in == 0.0 => Some(self.filled_at + Duration::from_millis(20)),
            _ => self.limit().map(|_| token_at),
        }
    }

    /// What came of parts that were taken: all of them, those that the carrier accepted, and those that it refused for a
    /// reason of their own, of whatever epoch.
    pub fn answered(&mut self, all: u64, accepted: u64, refused: u64, now: Instant) {
        self.unanswered = self.unanswered.saturating_sub(all);
        self.accepted.add(accepted, now);
        if let Some(opening) = &mut self.opening {
            opening.answered(accepted + refused, now);
            if opening.is_over() {
                self.opening = None;
            }
        }
    }

    /// Accepted per second over the last seconds.
    pub fn rate(&self, now: Instant) -> f64 {
        self.accepted.rate(now, 31, 0.1)
    }

    /// Judges what the carrier answered. What was sent before the link was slowed says nothing about its rate now.
    pub fn heard(&mut self, answers: Answers, now: Instant) {
        if answers.epoch != self.epoch || answers.accepted + answers.throttled == 0 {
            return;
        }
        if let Some(first_sent) = self.first_sent.take() {
            self.latency = now.saturating_duration_since(first_sent);
            self.timed = true;
        }
        self.pass(now);
        let Answers { accepted, throttled, .. } = answers;
        self.round.add(accepted, throttled);
        self.long.add(accepted, throttled);
        if let Some(saturated) = &mut self.saturated {
            saturated.add(accepted, throttled);
        } else if throttled > 0 {
            self.saturated = Some(Tally::new(now));
        }
        if let (Some(ceiling), true) = (&mut self.ceiling, accepted > 0) {
            ceiling.heard_good();
        }
        // While a link begins or goes up there is nothing to compare with, and during an experiment no other one.
        let is_settled = self.opening.is_none() || now.saturating_duration_since(self.epoch_began) >= ROUND;
        let judges_long = is_settled && self.trial.is_none() && self.ceiling.as_ref().is_none_or(Ceiling::is_settled);
        let tolerated = self.trial.map_or(TOLERATED, |trial| trial.share.clamp(TOLERATED, HABIT_MAX));
        let tolerated_long = self.habit + TOLERATED_LONG;
        let asks = self.trial.is_none() && self.ceiling.as_ref().is_some_and(Ceiling::asks);
        if self.round.exceeds(tolerated.max(tolerated_long), THROTTLED_MIN)
            || (asks && self.round.exceeds(tolerated_long, THROTTLED_MIN))
        {
            self.slow_down(self.round, now);
        } else if judges_long && self.long.exceeds(tolerated_long, THROTTLED_MIN_LONG) {
            self.slow_down(self.long, now);
        }
    }

    fn slow_down(&mut self, judged: Tally, now: Instant) {
        let held_to = self.limit();
        let was_opening = self.opening.take().is_some();
        let share = judged.share();
        let before = self.ceiling.take();
        let slots = held_to.map_or(10.0, |limit| (LATELY_PARTS / limit * 10.0).clamp(10.0, 100.0));
        let lately = self.accepted.rate(now, slots as u64, 1.0);
        let known = before.as_ref().and_then(Ceiling::known);
        self.ceiling = Some(if judged.accepted == 0 {
            let limit = held_to.unwrap_or(100.0).min(lately.max(100.0)) * DECREASE_SHUT;
            let known = known.or_else(|| Some(lately).filter(|lately| *lately >= FLOOR_PER_S));
            Ceiling::shut(limit, known, now)
        } else if was_opening && now.saturating_duration_since(self.epoch_began) < ROUND {
            let quickly = self.accepted.rate(now, 10, 0.25);
            Ceiling::above(quickly.min(held_to.unwrap_or(f64::INFINITY)), now)
        } else {
            // Since when the link has been about as fast as it is.
            let since =
                before.as_ref().and_then(Ceiling::climbed_at).map_or(self.epoch_began, |at| at.max(self.epoch_began));
            let may_be_habit = judged.answers() >= TRIED_ANSWERS && share < TRIED_MAX;
            self.trial =
                may_be_habit.then_some(Trial { share, limit: held_to, was_reduced: before.is_some(), settled: false });
            Ceiling::found(self.measured(held_to, share, lately, since, now), before.as_ref(), now)
        });
        self.tokens = 0.0;
        self.filled_at = now;
        self.begin_epoch(now);
    }

    /// What the carrier accepts per second, as well as can be told; `lately` is what it accepted in the last second.
    fn measured(&self, held_to: Option<f64>, throttled_share: f64, lately: f64, since: Instant, now: Instant) -> f64 {
        let saturated = self.saturated.filter(|saturated| saturated.accepted >= MEASURED_ANSWERS);
        // Of a whole second at about this rate what was accepted is the most that it can be.
        let is_whole = now.saturating_duration_since(since) >= ROUND;
        let accepts = match (saturated, held_to) {
            (Some(saturated), _) => {
                let lasted = now.saturating_duration_since(saturated.began).as_secs_f64();
                let since = saturated.accepted as f64 / lasted.max(0.001);
                // A carrier that counts by the second lets through what it let through a second ago; one with a bucket
                // has let through a little more before it was empty.
                if is_whole { (since + lately) / 2.0 } else { since }
            }
            (None, Some(limit)) => limit * (1.0 - throttled_share),
            (None, None) => lately,
        };
        if is_whole { accepts.min(lately) } else { accepts }.max(FLOOR_PER_S)
    }

    fn begin_epoch(&mut self, now: Instant) {
        self.epoch = self.epoch.wrapping_add(1);
        self.epoch_began = now;
        self.round = Tally::new(now);
        self.long = Tally::new(now);
        self.saturated = None;
        (self.first_sent, self.timed) = (None, false);
    }

    /// What time brings: the end of a round, the result of an experiment, another step upwards.
    fn pass(&mut self, now: Instant) {
        let lasted = now.saturating_duration_since(self.round.began);
        if lasted >= LONGEST_ROUND || (lasted >= ROUND && self.round.answers() >= ROUND_ANSWERS) {
            self.round = Tally::new(now);
        }
        if self.long.answers() > LONG_ANSWERS {
            self.long.fade();
        }
        self.conclude(now);
        if let Some(ceiling) = &mut self.ceiling {
            if ceiling.pass(self.configured.unwrap_or(UNHELD_PER_S), self.latency, now) {
                self.round = Tally::new(now);
            }
            if ceiling.is_over(now) {
                self.ceiling = None;
            }
        }
    }

    /// Looks whether as much is thrown back at the lower rate.
    fn conclude(&mut self, now: Instant) {
        let Some(trial) = &mut self.trial else { return };
        let lasted = now.saturating_duration_since(self.epoch_began);
        if lasted >= ROUND && !trial.settled {
            // A carrier that counts by the second has forgotten by now what was before.
            trial.settled = true;
            self.long = Tally::new(now);
        }
        let trial = *trial;
        if lasted < TRIAL || self.long.answers() < TRIAL_ANSWERS {
            return;
        }
        self.trial = None;
        let Some(ceiling) = &mut self.ceiling else { return };
        // The lower rate has to be one at which the former ones would have been taken.
        let is_fair = trial.limit.is_none_or(|limit| ceiling.limit <= limit * (1.0 - trial.share) * 1.01);
        let share = self.long.share();
        if is_fair && share > trial.share * 0.5 && share < HABIT_MAX {
            self.habit = share;
            match (trial.limit, trial.was_reduced) {
                (Some(limit), true) => ceiling.release(limit, now),
                _ => self.ceiling = None,
            }
            self.begin_epoch(now);
        }
    }

    fn capacity(&self, limit: f64) -> f64 {
        let tenth = (limit / 10.0).max(1.0);
        let burst = self.burst.unwrap_or(tenth);
        if self.is_slowed() { tenth.min(burst) } else { burst }
    }
}

#[cfg(test)]
#[path = "pacer_tests.rs"]
mod tests;
