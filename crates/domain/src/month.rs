//! A calendar month, by which usage is counted and billed.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// Written `2026-11`. Which moments belong to it depends on the zone: `schedule::Zone::month`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Month {
    year: i16,
    /// 1 to 12.
    month: i8,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a month is written as year and month, such as 2026-11")]
pub struct InvalidMonth;

impl Month {
    /// Years 1970 to 9998: those that a clock can show, with a month behind each.
    pub fn new(year: i16, month: i8) -> Result<Self, InvalidMonth> {
        let known = (1970..=9998).contains(&year) && (1..=12).contains(&month);
        known.then_some(Self { year, month }).ok_or(InvalidMonth)
    }

    #[must_use]
    pub const fn year(self) -> i16 {
        self.year
    }

    #[must_use]
    pub const fn month(self) -> i8 {
        self.month
    }

    /// The month behind it; None at the end of the calendar.
    #[must_use]
    pub fn next(self) -> Option<Self> {
        if self.month < 12 { Self::new(self.year, self.month + 1) } else { Self::new(self.year + 1, 1) }.ok()
    }

    /// The month before it; None at the beginning of the calendar.
    #[must_use]
    pub fn previous(self) -> Option<Self> {
        if self.month > 1 { Self::new(self.year, self.month - 1) } else { Self::new(self.year - 1, 12) }.ok()
    }
}

impl FromStr for Month {
    type Err = InvalidMonth;

    fn from_str(text: &str) -> Result<Self, InvalidMonth> {
        let digits = |text: &str| text.bytes().all(|digit| digit.is_ascii_digit());
        let (year, month) = text.split_once('-').ok_or(InvalidMonth)?;
        if year.len() != 4 || month.len() != 2 || !digits(year) || !digits(month) {
            return Err(InvalidMonth);
        }
        Self::new(year.parse().map_err(|_| InvalidMonth)?, month.parse().map_err(|_| InvalidMonth)?)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

impl TryFrom<String> for Month {
    type Error = InvalidMonth;

    fn try_from(text: String) -> Result<Self, InvalidMonth> {
        text.parse()
    }
}

impl From<Month> for String {
    fn from(month: Month) -> Self {
        month.to_string()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(year in 1970_i16..=9998, month in 1_i8..=12) {
            let it = Month::new(year, month).unwrap();
            prop_assert_eq!(it.to_string().parse(), Ok(it));
            if let Some(next) = it.next() {
                prop_assert!(next > it);
                prop_assert_eq!(next.previous(), Some(it));
            }
        }
    }

    #[test]
    fn refuses_what_is_no_month() {
        for bad in ["", "2026", "2026-13", "2026-00", "2026-1", "26-01", "2026-11-01", "+026-11", "9999-01", "2026-١١"]
        {
            assert_eq!(bad.parse::<Month>(), Err(InvalidMonth), "{bad}");
        }
    }
}
