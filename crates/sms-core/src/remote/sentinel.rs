//! Lines in the log that alerts are built on.

use std::time::Duration;

use meter::Counter;

/// A call to a Core that takes longer has `[core-slow]` in the log.
pub(super) const SLOW: Duration = Duration::from_secs(5);
/// A batch that is larger has `[core-large]` in the log.
pub(super) const LARGE_OCTETS: usize = 8 << 20;

/// How often the lines were written.
pub static SLOW_CALLS: Counter = Counter::new();
pub static LARGE_BATCHES: Counter = Counter::new();

pub(super) fn slow(core: &str, call: &'static str, after: Duration) {
    SLOW_CALLS.one();
    let after_ms = u64::try_from(after.as_millis()).unwrap_or(u64::MAX);
    tracing::warn!(sentinel = "core-slow", core, call, after_ms, "[core-slow] SMS Core has not answered yet");
}

pub(super) fn large(core: &str, octets: usize, messages: usize) {
    LARGE_BATCHES.one();
    tracing::warn!(sentinel = "core-large", core, octets, messages, "[core-large] a batch for SMS Core is very large");
}
