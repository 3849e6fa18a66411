//! How often something may be tried from one network address: a bucket of tokens each, in memory and bounded.
//!
//! It is a hint of this process and no record: after a restart everybody may try again. What must never be forgotten,
//! the failures of an account, is in the database ([`super::guard`]).

use std::{
    collections::HashMap,
    net::IpAddr,
    sync::{Mutex, PoisonError},
};

/// Whose bucket: an IPv4 address, or an IPv6 network of 64 bits, which is what one customer gets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Source {
    V4([u8; 4]),
    V6([u8; 8]),
    /// A request whose address is not known.
    Unknown,
}

impl Source {
    fn of(address: &str) -> Self {
        match address.parse::<IpAddr>().map(|address| address.to_canonical()) {
            Ok(IpAddr::V4(address)) => Self::V4(address.octets()),
            Ok(IpAddr::V6(address)) => {
                let mut network = [0; 8];
                network.copy_from_slice(&address.octets()[..8]);
                Self::V6(network)
            }
            Err(_) => Self::Unknown,
        }
    }
}

/// For each source the moment at which its bucket is full again (GCRA).
#[derive(Debug)]
pub(crate) struct Limiter {
    /// How many attempts a full bucket has.
    burst: u32,
    /// After this long another one is allowed.
    refill_ms: i64,
    sources_max: usize,
    full_at_ms: Mutex<HashMap<Source, i64>>,
}

impl Limiter {
    pub(crate) fn new(burst: u32, refill_ms: i64, sources_max: usize) -> Self {
        Self { burst, refill_ms, sources_max, full_at_ms: Mutex::default() }
    }

    /// Takes an attempt, or says in how many seconds there is one.
    pub(crate) fn take(&self, address: &str, now_ms: i64) -> Result<(), u32> {
        let mut buckets = self.full_at_ms.lock().unwrap_or_else(PoisonError::into_inner);
        let source = Source::of(address);
        let full_at_ms = buckets.get(&source).map_or(now_ms, |&at_ms| at_ms.max(now_ms)) + self.refill_ms;
        let wait_ms = full_at_ms - now_ms - i64::from(self.burst) * self.refill_ms;
        if wait_ms > 0 {
            return Err(u32::try_from((wait_ms + 999) / 1_000).unwrap_or(u32::MAX));
        }
        if buckets.len() >= self.sources_max && !buckets.contains_key(&source) {
            make_room(&mut buckets, now_ms, self.sources_max);
        }
        buckets.insert(source, full_at_ms);
        Ok(())
    }

    /// Gives back what [`Limiter::take`] took, when the attempt was in order.
    pub(crate) fn give_back(&self, address: &str) {
        let mut buckets = self.full_at_ms.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(full_at_ms) = buckets.get_mut(&Source::of(address)) {
            *full_at_ms -= self.refill_ms;
        }
    }
}

/// Forgets those that may try as they like, and if that is not enough the half that has tried least.
fn make_room(buckets: &mut HashMap<Source, i64>, now_ms: i64, sources_max: usize) {
    buckets.retain(|_, full_at_ms| *full_at_ms > now_ms);
    if buckets.len() >= sources_max {
        let mut moments: Vec<i64> = buckets.values().copied().collect();
        let middle = moments.len() / 2;
        let (_, &mut median_ms, _) = moments.select_nth_unstable(middle);
        let mut spare = middle;
        buckets.retain(|_, full_at_ms| {
            let forgotten = *full_at_ms <= median_ms && spare > 0;
            spare -= usize::from(forgotten);
            !forgotten
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_bucket_a_wait_and_one_at_a_time() {
        let limiter = Limiter::new(3, 2_000, 100);
        for _ in 0..3 {
            assert_eq!(limiter.take("192.0.2.7", 0), Ok(()));
        }
        assert_eq!(limiter.take("192.0.2.7", 0), Err(2));
        assert_eq!(limiter.take("192.0.2.7", 1_001), Err(1));
        assert_eq!(limiter.take("192.0.2.8", 0), Ok(()), "another address");
        assert_eq!(limiter.take("192.0.2.7", 2_000), Ok(()));
        assert_eq!(limiter.take("192.0.2.7", 2_000), Err(2));
        limiter.give_back("192.0.2.7");
        assert_eq!(limiter.take("192.0.2.7", 2_000), Ok(()));
    }

    #[test]
    fn a_network_of_ipv6_is_one_source_and_a_cloak_hides_nothing() {
        let limiter = Limiter::new(1, 1_000, 100);
        assert_eq!(limiter.take("2001:db8:1:2:3::1", 0), Ok(()));
        assert_eq!(limiter.take("2001:db8:1:2:ffff::9", 0), Err(1));
        assert_eq!(limiter.take("2001:db8:1:3::1", 0), Ok(()));
        assert_eq!(limiter.take("192.0.2.1", 0), Ok(()));
        assert_eq!(limiter.take("::ffff:192.0.2.1", 0), Err(1));
    }

    #[test]
    fn its_size_is_bounded_and_who_tried_most_is_remembered() {
        let limiter = Limiter::new(5, 1_000, 8);
        for _ in 0..5 {
            assert_eq!(limiter.take("192.0.2.1", 0), Ok(()));
        }
        for source in 0..100 {
            _ = limiter.take(&format!("198.51.100.{source}"), 0);
            assert!(limiter.full_at_ms.lock().unwrap().len() <= 8);
        }
        assert!(limiter.take("192.0.2.1", 0).is_err());
    }
}
