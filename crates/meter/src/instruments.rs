//! Counters and histograms that cost an atomic addition.

use std::{
    sync::atomic::{AtomicU64, Ordering},
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

/// Goes up, from the start of the process on.
#[derive(Debug, Default)]
pub struct Counter(AtomicU64);

impl Counter {
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicU64::new(0))
    }

    pub fn add(&self, count: u64) {
        self.0.fetch_add(count, Ordering::Relaxed);
    }

    pub fn one(&self) {
        self.add(1);
    }

    #[must_use]
    pub fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The steps of a histogram. What lasts longer than the last one is counted behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ladder {
    /// From half a millisecond to 30 s: answers and commits.
    Quick,
    /// From a second to a day: what telephones and carriers take their time for.
    Slow,
}

/// Steps of each ladder.
const STEPS: usize = 14;

impl Ladder {
    /// The upper ends of the steps, in microseconds.
    #[must_use]
    pub const fn ends_us(self) -> [u64; STEPS] {
        const S: u64 = 1_000_000;
        match self {
            Self::Quick => [
                500,
                1_000,
                2_500,
                5_000,
                10_000,
                25_000,
                50_000,
                100_000,
                250_000,
                500_000,
                S,
                5 * S / 2,
                10 * S,
                30 * S,
            ],
            Self::Slow => [
                S,
                2 * S,
                5 * S,
                10 * S,
                30 * S,
                60 * S,
                120 * S,
                300 * S,
                900 * S,
                1_800 * S,
                3_600 * S,
                4 * 3_600 * S,
                12 * 3_600 * S,
                24 * 3_600 * S,
            ],
        }
    }
}

/// How long things took.
#[derive(Debug)]
pub struct Histogram {
    ladder: Ladder,
    counts: [AtomicU64; STEPS + 1],
    sum_us: AtomicU64,
}

impl Histogram {
    #[must_use]
    pub const fn new(ladder: Ladder) -> Self {
        Self { ladder, counts: [const { AtomicU64::new(0) }; STEPS + 1], sum_us: AtomicU64::new(0) }
    }

    pub fn record(&self, lasted: Duration) {
        self.record_all(lasted, 1);
    }

    /// `count` things that took as long.
    pub fn record_all(&self, lasted: Duration, count: u64) {
        let us = u64::try_from(lasted.as_micros()).unwrap_or(u64::MAX);
        let step = self.ladder.ends_us().iter().position(|end| us <= *end).unwrap_or(STEPS);
        self.counts[step].fetch_add(count, Ordering::Relaxed);
        self.sum_us.fetch_add(us.saturating_mul(count), Ordering::Relaxed);
    }

    /// Records from now until the value is dropped.
    #[must_use]
    pub fn lasting(&'static self) -> Lasting {
        Lasting { histogram: self, since: Instant::now() }
    }

    #[must_use]
    pub fn read(&self) -> Distribution {
        Distribution {
            ladder: self.ladder,
            counts: std::array::from_fn(|step| self.counts[step].load(Ordering::Relaxed)),
            sum_us: self.sum_us.load(Ordering::Relaxed),
        }
    }
}

/// Something that is going on.
#[derive(Debug)]
pub struct Lasting {
    histogram: &'static Histogram,
    since: Instant,
}

impl Drop for Lasting {
    fn drop(&mut self) {
        self.histogram.record(self.since.elapsed());
    }
}

/// A histogram as it was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Distribution {
    pub ladder: Ladder,
    /// By step, the last one is what lasted longer than all of them.
    pub counts: [u64; STEPS + 1],
    pub sum_us: u64,
}

impl Distribution {
    /// Nothing was recorded.
    #[must_use]
    pub const fn empty(ladder: Ladder) -> Self {
        Self { ladder, counts: [0; STEPS + 1], sum_us: 0 }
    }

    #[must_use]
    pub fn count(&self) -> u64 {
        self.counts.iter().sum()
    }

    #[must_use]
    pub fn sum_s(&self) -> f64 {
        self.sum_us as f64 / 1e6
    }

    /// Of both together, if they have the same steps; else the first.
    #[must_use]
    pub fn plus(mut self, other: &Self) -> Self {
        if self.ladder == other.ladder {
            for (count, more) in self.counts.iter_mut().zip(other.counts) {
                *count += more;
            }
            self.sum_us = self.sum_us.saturating_add(other.sum_us);
        }
        self
    }

    /// What came since an earlier reading. A process that has started anew counts from 0.
    #[must_use]
    pub fn since(&self, earlier: &Self) -> Self {
        let began_anew = self.counts.iter().zip(&earlier.counts).any(|(now, then)| now < then);
        if began_anew || self.ladder != earlier.ladder {
            return *self;
        }
        Self {
            ladder: self.ladder,
            counts: std::array::from_fn(|step| self.counts[step] - earlier.counts[step]),
            sum_us: self.sum_us.saturating_sub(earlier.sum_us),
        }
    }

    /// The time within which a share (0 to 1) of them ended, in seconds; drawn evenly within a step, as Prometheus does.
    /// None: there are none.
    #[must_use]
    pub fn quantile_s(&self, share: f64) -> Option<f64> {
        let total = self.count();
        if total == 0 {
            return None;
        }
        let wanted = share.clamp(0.0, 1.0) * total as f64;
        let (mut before, mut from_us) = (0, 0);
        for (count, end_us) in self.counts.iter().zip(self.ladder.ends_us()) {
            if *count > 0 && (before + count) as f64 >= wanted {
                let within = (wanted - before as f64) / *count as f64;
                return Some((from_us as f64 + (end_us - from_us) as f64 * within.max(0.0)) / 1e6);
            }
            before += count;
            from_us = end_us;
        }
        Some(from_us as f64 / 1e6)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_duration_is_in_the_step_that_ends_at_or_above_it() {
        let histogram = Histogram::new(Ladder::Quick);
        for us in [0, 500, 501, 30_000_000, 30_000_001] {
            histogram.record(Duration::from_micros(us));
        }
        let read = histogram.read();
        assert_eq!((read.counts[0], read.counts[1], read.counts[13], read.counts[14]), (2, 1, 1, 1));
        assert_eq!((read.count(), read.sum_us), (5, 60_001_002));
    }

    #[test]
    fn ladders_rise() {
        for ladder in [Ladder::Quick, Ladder::Slow] {
            assert!(ladder.ends_us().is_sorted_by(|one, next| one < next), "{ladder:?}");
        }
    }

    #[test]
    fn a_quantile_lies_in_its_step() {
        let histogram = Histogram::new(Ladder::Quick);
        assert_eq!(histogram.read().quantile_s(0.5), None);
        histogram.record_all(Duration::from_millis(4), 99);
        histogram.record(Duration::from_secs(7));
        let read = histogram.read();
        let median = read.quantile_s(0.5).unwrap();
        assert!((0.0025..=0.005).contains(&median), "{median}");
        let last = read.quantile_s(1.0).unwrap();
        assert!((2.5..=10.0).contains(&last), "{last}");
        histogram.record_all(Duration::from_secs(100), 1_000);
        assert_eq!(histogram.read().quantile_s(0.99), Some(30.0), "beyond the last step nothing more is known");
    }

    #[test]
    fn what_came_since_is_counted_and_a_new_process_counts_from_nothing() {
        let histogram = Histogram::new(Ladder::Slow);
        histogram.record_all(Duration::from_secs(3), 5);
        let earlier = histogram.read();
        histogram.record_all(Duration::from_secs(3), 2);
        assert_eq!(histogram.read().since(&earlier).count(), 2);
        let fresh = Histogram::new(Ladder::Slow);
        fresh.record(Duration::from_secs(3));
        assert_eq!(fresh.read().since(&earlier).count(), 1);
        assert_eq!(earlier.plus(&fresh.read()).count(), 6);
    }
}
