//! How quickly one key may ask: a bucket of requests that fills up again.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::id::ApiKeyId;

/// Requests that may come at once.
pub const BURST: u32 = 100;
/// Requests a second in the long run.
pub const PER_S: u32 = 10;
/// Buckets that are kept; full ones are forgotten first.
const BUCKETS_MAX: usize = 10_000;
const MILLI: i64 = 1_000;

/// A bucket for each key that was used lately.
#[derive(Debug, Clone, Default)]
pub struct Rates(Arc<Mutex<HashMap<ApiKeyId, Bucket>>>);

/// In thousandths of a request.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    level: i64,
    at_ms: i64,
}

/// How a key stands after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub remaining: u32,
    /// Seconds until the bucket is full again.
    pub full_in_s: u32,
}

impl Bucket {
    const FULL: i64 = BURST as i64 * MILLI;

    fn filled(self, now_ms: i64) -> Self {
        let come = (now_ms - self.at_ms).max(0).saturating_mul(i64::from(PER_S));
        Self { level: self.level.saturating_add(come).min(Self::FULL), at_ms: now_ms.max(self.at_ms) }
    }

    fn standing(self) -> Standing {
        let rounded_up = |amount: i64, by: i64| u32::try_from((amount + by - 1) / by).unwrap_or(u32::MAX);
        Standing {
            remaining: u32::try_from(self.level / MILLI).unwrap_or(0),
            full_in_s: rounded_up(Self::FULL - self.level, i64::from(PER_S) * MILLI),
        }
    }
}

impl Rates {
    /// Takes one request, or says after how many seconds there is one.
    pub fn take(&self, key: ApiKeyId, now_ms: i64) -> Result<Standing, u32> {
        let mut buckets = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= BUCKETS_MAX {
            buckets.retain(|_, bucket| bucket.filled(now_ms).level < Bucket::FULL);
        }
        let bucket = buckets.entry(key).or_insert(Bucket { level: Bucket::FULL, at_ms: now_ms });
        *bucket = bucket.filled(now_ms);
        if bucket.level < MILLI {
            return Err(1);
        }
        bucket.level -= MILLI;
        Ok(bucket.standing())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u128) -> ApiKeyId {
        format!("{number:032x}").parse().unwrap()
    }

    #[test]
    fn a_burst_and_then_the_rate() {
        let rates = Rates::default();
        for left in (0..BURST).rev() {
            assert_eq!(rates.take(key(1), 0).unwrap().remaining, left);
        }
        assert_eq!(rates.take(key(1), 0), Err(1));
        assert_eq!(rates.take(key(1), 99), Err(1));
        assert_eq!(rates.take(key(1), 100), Ok(Standing { remaining: 0, full_in_s: 10 }));
        assert_eq!(rates.take(key(1), 100), Err(1));
        assert!(rates.take(key(2), 100).is_ok(), "another key has its own");
        let given = (0..10_000).filter(|tenth| rates.take(key(1), 1_100 + tenth * 10).is_ok()).count();
        assert!((1_000..=1_011).contains(&given), "{given} in 100 s");
        assert_eq!(rates.take(key(1), 1_000_000).unwrap().remaining, BURST - 1);
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing_away() {
        let rates = Rates::default();
        for _ in 0..BURST {
            rates.take(key(1), 50_000).unwrap();
        }
        assert_eq!(rates.take(key(1), 0), Err(1));
        assert_eq!(rates.take(key(1), 50_099), Err(1));
    }
}
