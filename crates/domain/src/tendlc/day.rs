//! The day by which daily caps are counted: it begins at midnight Pacific time, whatever the workspace's zone.

use jiff::{Timestamp, civil::Date, tz::TimeZone};
use serde::{Deserialize, Serialize};

/// Where T-Mobile's day begins.
const ZONE: &str = "America/Los_Angeles";

/// A day of the registry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CapDay(Date);

impl CapDay {
    /// The day on which something is sent. Times before the year -9999 or after 9999 count for the epoch.
    #[must_use]
    pub fn of(at_ms: i64) -> Self {
        let at = Timestamp::from_millisecond(at_ms).unwrap_or(Timestamp::UNIX_EPOCH);
        Self(at.to_zoned(zone()).date())
    }

    /// When it begins, in milliseconds since the Unix epoch. Days with a change of the clock have 23 or 25 hours.
    #[must_use]
    pub fn begins_at_ms(self) -> i64 {
        self.0.to_zoned(zone()).map_or(i64::MIN, |midnight| midnight.timestamp().as_millisecond())
    }

    /// When what is over the cap may go on.
    #[must_use]
    pub fn ends_at_ms(self) -> i64 {
        self.0.tomorrow().map_or(i64::MAX, |next| Self(next).begins_at_ms())
    }

    /// `2026-11-29`: what counters are named by.
    #[must_use]
    pub fn name(self) -> String {
        self.0.to_string()
    }
}

/// The zone database is part of the program; without it the day would begin eight hours after midnight UTC.
fn zone() -> TimeZone {
    TimeZone::get(ZONE).unwrap_or_else(|_| TimeZone::fixed(jiff::tz::offset(-8)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn ms(text: &str) -> i64 {
        text.parse::<Timestamp>().unwrap().as_millisecond()
    }

    #[test]
    fn begins_at_midnight_pacific_time() {
        assert_eq!(CapDay::of(ms("2026-11-29T07:59:59.999Z")).name(), "2026-11-28");
        assert_eq!(CapDay::of(ms("2026-11-29T08:00:00Z")).name(), "2026-11-29");
        assert_eq!(CapDay::of(ms("2026-07-01T07:00:00Z")).name(), "2026-07-01");
        assert_eq!(CapDay::of(ms("2026-07-01T06:59:59Z")).ends_at_ms(), ms("2026-07-01T07:00:00Z"));
    }

    #[test]
    fn days_on_which_the_clock_changes_are_shorter_and_longer() {
        let hours = |text| {
            let day = CapDay::of(ms(text));
            (day.ends_at_ms() - day.begins_at_ms()) / 3_600_000
        };
        assert_eq!((hours("2026-03-08T20:00:00Z"), hours("2026-11-01T20:00:00Z")), (23, 25));
        assert_eq!(hours("2026-06-01T20:00:00Z"), 24);
    }

    proptest! {
        #[test]
        fn each_moment_is_in_its_day_and_days_follow_each_other(at_ms in 0i64..4_102_444_800_000) {
            let day = CapDay::of(at_ms);
            prop_assert!(day.begins_at_ms() <= at_ms && at_ms < day.ends_at_ms());
            prop_assert_eq!(CapDay::of(day.ends_at_ms()).begins_at_ms(), day.ends_at_ms());
            prop_assert!(CapDay::of(day.ends_at_ms()) > day);
        }
    }
}
