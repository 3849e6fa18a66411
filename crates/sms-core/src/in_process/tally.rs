//! Answers of a carrier, and whether they speak against the rate.

use tokio::time::Instant;

/// How many standard deviations above what is tolerated are no chance any more.
const CERTAINTY: f64 = 3.0;

#[derive(Debug, Clone, Copy)]
pub(super) struct Tally {
    pub began: Instant,
    pub accepted: u64,
    pub throttled: u64,
}

impl Tally {
    pub const fn new(began: Instant) -> Self {
        Self { began, accepted: 0, throttled: 0 }
    }

    pub fn add(&mut self, accepted: u64, throttled: u64) {
        self.accepted += accepted;
        self.throttled += throttled;
    }

    pub const fn answers(&self) -> u64 {
        self.accepted + self.throttled
    }

    /// The part that was throttled.
    pub fn share(&self) -> f64 {
        self.throttled as f64 / self.answers().max(1) as f64
    }

    /// Whether more was throttled than the tolerated share and chance explain together; fewer than `least` say nothing.
    pub fn exceeds(&self, tolerated: f64, least: u64) -> bool {
        let expected = tolerated * self.answers() as f64;
        self.throttled >= least && self.throttled as f64 > expected + CERTAINTY * expected.sqrt()
    }

    /// Old answers count for less.
    pub const fn fade(&mut self) {
        self.accepted /= 2;
        self.throttled /= 2;
    }
}
