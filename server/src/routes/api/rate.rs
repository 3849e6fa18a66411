//! How quickly one key may ask: a bucket of requests that fills up again, and one of numbers for Trigger campaigns.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::id::ApiKeyId;

/// How much may come at once, and in the long run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limit {
    pub burst: u32,
    pub per_s: u32,
}

/// Requests.
pub const REQUESTS: Limit = Limit { burst: 100, per_s: 10 };
/// Numbers for Trigger campaigns, each for itself or many in one request; they count as no requests.
pub const NUMBERS: Limit = Limit { burst: 4_000, per_s: 2_000 };
/// Buckets that are kept; full ones are forgotten first.
const BUCKETS_MAX: usize = 10_000;
const MILLI: i64 = 1_000;

/// A bucket for each key that was used lately.
#[derive(Debug, Clone)]
pub struct Rates {
    limit: Limit,
    buckets: Arc<Mutex<HashMap<ApiKeyId, Bucket>>>,
}

/// In thousandths.
#[derive(Debug, Clone, Copy)]
struct Bucket {
    level: i64,
    at_ms: i64,
}

/// How a key stands after a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    pub limit: Limit,
    pub remaining: u32,
    /// Seconds until the bucket is full again.
    pub full_in_s: u32,
}

impl Limit {
    const fn full(self) -> i64 {
        self.burst as i64 * MILLI
    }
}

impl Bucket {
    fn filled(self, limit: Limit, now_ms: i64) -> Self {
        let come = (now_ms - self.at_ms).max(0).saturating_mul(i64::from(limit.per_s));
        Self { level: self.level.saturating_add(come).min(limit.full()), at_ms: now_ms.max(self.at_ms) }
    }

    fn standing(self, limit: Limit) -> Standing {
        Standing {
            limit,
            remaining: u32::try_from(self.level / MILLI).unwrap_or(0),
            full_in_s: seconds(limit.full() - self.level, limit),
        }
    }
}

/// In how many seconds so many thousandths have come, rounded up.
fn seconds(amount: i64, limit: Limit) -> u32 {
    let by = i64::from(limit.per_s) * MILLI;
    u32::try_from((amount + by - 1) / by).unwrap_or(u32::MAX)
}

impl Rates {
    #[must_use]
    pub fn new(limit: Limit) -> Self {
        Self { limit, buckets: Arc::default() }
    }

    /// How a key stands that has nothing left.
    #[must_use]
    pub const fn empty(&self) -> Standing {
        Standing { limit: self.limit, remaining: 0, full_in_s: self.limit.burst / self.limit.per_s }
    }

    /// Takes as much as that, at most a whole bucket, or says after how many seconds there is as much.
    pub fn take(&self, key: ApiKeyId, amount: u32, now_ms: i64) -> Result<Standing, u32> {
        let limit = self.limit;
        let mut buckets = self.buckets.lock().unwrap_or_else(PoisonError::into_inner);
        if buckets.len() >= BUCKETS_MAX {
            buckets.retain(|_, bucket| bucket.filled(limit, now_ms).level < limit.full());
        }
        let bucket = buckets.entry(key).or_insert(Bucket { level: limit.full(), at_ms: now_ms });
        *bucket = bucket.filled(limit, now_ms);
        let wanted = (i64::from(amount) * MILLI).min(limit.full());
        if bucket.level < wanted {
            return Err(seconds(wanted - bucket.level, limit).max(1));
        }
        bucket.level -= wanted;
        Ok(bucket.standing(limit))
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
        let rates = Rates::new(REQUESTS);
        for left in (0..REQUESTS.burst).rev() {
            assert_eq!(rates.take(key(1), 1, 0).unwrap().remaining, left);
        }
        assert_eq!(rates.take(key(1), 1, 0), Err(1));
        assert_eq!(rates.take(key(1), 1, 99), Err(1));
        assert_eq!(rates.take(key(1), 1, 100), Ok(Standing { limit: REQUESTS, remaining: 0, full_in_s: 10 }));
        assert_eq!(rates.take(key(1), 1, 100), Err(1));
        assert!(rates.take(key(2), 1, 100).is_ok(), "another key has its own");
        let given = (0..10_000).filter(|tenth| rates.take(key(1), 1, 1_100 + tenth * 10).is_ok()).count();
        assert!((1_000..=1_011).contains(&given), "{given} in 100 s");
        assert_eq!(rates.take(key(1), 1, 1_000_000).unwrap().remaining, REQUESTS.burst - 1);
    }

    #[test]
    fn a_clock_that_goes_back_gives_nothing_away() {
        let rates = Rates::new(REQUESTS);
        for _ in 0..REQUESTS.burst {
            rates.take(key(1), 1, 50_000).unwrap();
        }
        assert_eq!(rates.take(key(1), 1, 0), Err(1));
        assert_eq!(rates.take(key(1), 1, 50_099), Err(1));
    }

    #[test]
    fn many_numbers_are_taken_together_or_not_at_all() {
        let rates = Rates::new(NUMBERS);
        for left in [3_000, 2_000, 1_000, 0] {
            assert_eq!(rates.take(key(1), 1_000, 0).unwrap().remaining, left);
        }
        assert_eq!(rates.take(key(1), 1_000, 0), Err(1));
        assert_eq!(rates.take(key(1), 1_000, 250), Err(1), "half of them are there");
        assert_eq!(rates.take(key(1), 1_000, 500).unwrap().remaining, 0);
        assert!(rates.take(key(2), u32::MAX, 0).is_ok(), "nobody waits for what never fits");
    }
}
