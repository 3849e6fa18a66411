//! Keeps to the registry's rate limits by waiting.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// So many calls at once, and one more each interval (the generic cell rate algorithm).
#[derive(Debug)]
pub(super) struct Pace {
    interval: Duration,
    burst: u32,
    /// When the bucket is empty again.
    full_at: Mutex<Option<Instant>>,
}

impl Pace {
    /// At most `limit` calls in any stretch of time as long as `window`: a quarter of them at once, the others spread.
    pub fn new(limit: u32, window: Duration) -> Self {
        let burst = (limit / 4).max(1);
        let spread = limit.saturating_sub(burst).max(1);
        Self { interval: window / spread, burst, full_at: Mutex::new(None) }
    }

    /// Takes a place and says when it comes; None if that is later than `latest`, and then none is taken.
    fn place(&self, now: Instant, latest: Instant) -> Option<Instant> {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let from = full_at.map_or(now, |full_at| full_at.max(now));
        // The last `burst` places are open at once.
        let at = (from + self.interval).checked_sub(self.interval * self.burst).map_or(now, |at| at.max(now));
        if at > latest {
            return None;
        }
        *full_at = Some(from + self.interval);
        Some(at)
    }

    /// Waits for a place, at most until `latest`. The seconds until there is one if that is too long.
    pub async fn wait(&self, latest: Instant) -> Result<(), u64> {
        let now = Instant::now();
        match self.place(now, latest.max(now)) {
            Some(at) => {
                tokio::time::sleep_until(at).await;
                Ok(())
            }
            None => Err(latest.saturating_duration_since(now).as_secs().max(1)),
        }
    }

    /// The registry said that it was too much: nobody goes before this time.
    pub fn hold_until(&self, at: Instant) {
        let mut full_at = self.full_at.lock().unwrap_or_else(PoisonError::into_inner);
        let until = at + self.interval * self.burst.saturating_sub(1);
        *full_at = Some(full_at.map_or(until, |full_at| full_at.max(until)));
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_burst_and_then_one_each_interval() {
        let start = Instant::now();
        let latest = start + Duration::from_secs(60);
        // Five at once, and fifteen more in a second.
        let pace = Pace::new(20, Duration::from_millis(1_500));
        let waits: Vec<u128> = (0..8).map(|_| (pace.place(start, latest).unwrap() - start).as_millis()).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 100, 200, 300]);
        let later = start + Duration::from_secs(10);
        let waits: Vec<u128> = (0..6).map(|_| (pace.place(later, latest).unwrap() - later).as_millis()).collect();
        assert_eq!(waits, [0, 0, 0, 0, 0, 100]);
    }

    #[test]
    fn whoever_would_wait_too_long_takes_no_place() {
        let start = Instant::now();
        let pace = Pace::new(2, Duration::from_secs(1));
        assert_eq!(pace.place(start, start), Some(start));
        assert_eq!(pace.place(start, start), None);
        assert_eq!(pace.place(start, start + Duration::from_secs(1)), Some(start + Duration::from_secs(1)));
    }

    #[test]
    fn a_refusal_holds_everybody() {
        let start = Instant::now();
        let pace = Pace::new(20, Duration::from_secs(1));
        pace.hold_until(start + Duration::from_secs(3));
        let latest = start + Duration::from_secs(60);
        assert_eq!(pace.place(start, latest), Some(start + Duration::from_secs(3)));
        assert!(pace.place(start, latest) > Some(start + Duration::from_secs(3)));
    }

    proptest! {
        /// Whenever somebody comes, and wherever one begins to count.
        #[test]
        fn no_window_holds_more_than_the_limit(
            limit in 1u32..40,
            window_ms in 100u64..10_000,
            gaps_ms in proptest::collection::vec(0u64..400, 1..120),
        ) {
            let (start, window) = (Instant::now(), Duration::from_millis(window_ms));
            let pace = Pace::new(limit, window);
            let latest = start + Duration::from_secs(10_000);
            let mut now = start;
            let mut places = Vec::new();
            for gap_ms in gaps_ms {
                now += Duration::from_millis(gap_ms);
                places.push(pace.place(now, latest).unwrap());
            }
            places.sort();
            for (at, from) in places.iter().enumerate() {
                let within = places[at..].iter().take_while(|place| **place < *from + window).count();
                prop_assert!(within <= limit as usize, "{within} of {limit}");
            }
        }
    }
}
