//! A token bucket over segments, by the injected clock.

/// What bulk campaigns leave to urgent ones: a share of a second.
const LEFT_TO_URGENT: i64 = 10;
const MILLI: i64 = 1_000;

/// Holds a second's segments at most. A message of several parts may overdraw it: the next ones wait for that.
#[derive(Debug)]
pub(super) struct Bucket {
    milli_tokens: i64,
    at_ms: i64,
}

impl Bucket {
    pub(super) const fn new(per_s: u32, now_ms: i64) -> Self {
        Self { milli_tokens: per_s as i64 * MILLI, at_ms: now_ms }
    }

    /// Takes out all there is; at least 0.
    pub(super) fn take_all(&mut self, per_s: u32, now_ms: i64, urgent: bool) -> i64 {
        let capacity = i64::from(per_s) * MILLI;
        // A clock that was set back gives nothing.
        let elapsed_ms = now_ms.saturating_sub(self.at_ms).clamp(0, 60_000);
        self.milli_tokens = (self.milli_tokens + elapsed_ms * i64::from(per_s)).min(capacity);
        self.at_ms = now_ms;
        let kept = if urgent { 0 } else { capacity / LEFT_TO_URGENT };
        let taken = ((self.milli_tokens - kept) / MILLI).max(0);
        self.milli_tokens -= taken * MILLI;
        taken
    }

    /// Puts back what was not used; less than nothing where more was.
    pub(super) const fn give_back(&mut self, segments: i64) {
        self.milli_tokens += segments * MILLI;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_fills_by_the_clock_and_never_beyond_a_second() {
        let mut bucket = Bucket::new(100, 0);
        assert_eq!(bucket.take_all(100, 0, true), 100);
        assert_eq!(bucket.take_all(100, 5, true), 0, "half a segment");
        assert_eq!(bucket.take_all(100, 10, true), 1);
        assert_eq!(bucket.take_all(100, 9, true), 0, "the clock was set back");
        assert_eq!(bucket.take_all(100, 3_600_000, true), 100);
        // A lower rate holds at once.
        assert_eq!(bucket.take_all(10, 7_200_000, true), 10);
    }

    #[test]
    fn what_is_overdrawn_is_waited_for_and_what_is_left_comes_back() {
        let mut bucket = Bucket::new(10, 0);
        assert_eq!(bucket.take_all(10, 0, true), 10);
        bucket.give_back(-3);
        assert_eq!(bucket.take_all(10, 300, true), 0);
        assert_eq!(bucket.take_all(10, 400, true), 1);
        bucket.give_back(1);
        assert_eq!(bucket.take_all(10, 400, true), 1);
    }

    #[test]
    fn bulk_leaves_something_to_what_is_urgent() {
        let mut bucket = Bucket::new(100, 0);
        assert_eq!(bucket.take_all(100, 0, false), 90);
        assert_eq!(bucket.take_all(100, 0, false), 0);
        assert_eq!(bucket.take_all(100, 0, true), 10);
    }
}
