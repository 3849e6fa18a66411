//! The rate above which the simulator throttles.

use tokio::time::Instant;

/// A token bucket of a tenth of a second.
#[derive(Debug, Default)]
pub(super) struct Bucket {
    tokens: f64,
    filled_at: Option<Instant>,
}

impl Bucket {
    /// Whether one more is within the rate.
    pub fn take(&mut self, now: Instant, rate_per_s: u32) -> bool {
        let rate = f64::from(rate_per_s);
        let burst = (rate / 10.0).max(1.0);
        let earned = self.filled_at.map_or(burst, |filled_at| (now - filled_at).as_secs_f64() * rate);
        self.tokens = (self.tokens + earned).min(burst);
        self.filled_at = Some(now);
        let within = self.tokens >= 1.0;
        if within {
            self.tokens -= 1.0;
        }
        within
    }
}
