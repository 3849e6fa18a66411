//! The time of this machine.

use std::time::{SystemTime, UNIX_EPOCH};

use domain::clock::Clock;

#[derive(Debug)]
pub struct MachineClock;

impl Clock for MachineClock {
    fn now_ms(&self) -> i64 {
        SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_millis() as i64)
    }
}
