//! The hours of a week in which messages may go out. Plain figures: the browser has them without the zone database.

use serde::{Deserialize, Serialize};

/// The minutes of a local day in which messages may go out: [from, to), counted from midnight, `to` at most 1,440.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Hours {
    pub from_minute: u16,
    pub to_minute: u16,
}

/// The hours of each weekday, Monday first; None: nothing goes out on that day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Week(pub [Option<Hours>; 7]);

/// Why the hours of a week cannot be used. The text says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWeek {
    #[error("on {day} the hours have to end after they begin; choose a later end, or no hours on that day")]
    Backwards { day: &'static str },
    #[error("a day ends at 24:00; choose an earlier end for {day}")]
    BeyondMidnight { day: &'static str },
    #[error("nothing could go out on any day; choose hours for one day at least")]
    Closed,
}

impl Week {
    pub const DAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

    /// The same hours every day.
    #[must_use]
    pub const fn daily(from_minute: u16, to_minute: u16) -> Self {
        Self([Some(Hours { from_minute, to_minute }); 7])
    }

    pub fn check(&self) -> Result<(), InvalidWeek> {
        for (hours, day) in self.0.iter().zip(Self::DAYS) {
            let Some(hours) = hours else { continue };
            if hours.from_minute >= hours.to_minute {
                return Err(InvalidWeek::Backwards { day });
            }
            if hours.to_minute > 1_440 {
                return Err(InvalidWeek::BeyondMidnight { day });
            }
        }
        if self.0.iter().all(Option::is_none) { Err(InvalidWeek::Closed) } else { Ok(()) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hours_that_cannot_be_are_refused_by_their_day() {
        assert_eq!(Week::daily(9 * 60, 20 * 60).check(), Ok(()));
        assert_eq!(Week::daily(0, 1_440).check(), Ok(()));
        assert_eq!(Week([None; 7]).check(), Err(InvalidWeek::Closed));
        let mut week = Week::daily(540, 600);
        week.0[2] = Some(Hours { from_minute: 600, to_minute: 600 });
        assert_eq!(week.check(), Err(InvalidWeek::Backwards { day: "Wednesday" }));
        week.0[2] = Some(Hours { from_minute: 600, to_minute: 1_441 });
        assert_eq!(week.check().unwrap_err().to_string(), "a day ends at 24:00; choose an earlier end for Wednesday");
    }
}
