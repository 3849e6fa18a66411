//! The plan of a Spread campaign: when each recipient is due, evenly over the open hours of its window.
//!
//! The plan is fixed once, before the first message, and kept with the campaign: the open stretches of the window with
//! the number of recipients of each, and the seed of the order in which recipients come. Everything else follows from it.

use std::{fmt, ops::Range, str::FromStr};

use serde::{Deserialize, Serialize, de::Error as _};

use crate::{schedule::Zone, week::Week};

const MINUTE_MS: i64 = 60_000;
/// Shorter ones are nothing that could be spread.
pub const WINDOW_MINUTES_MIN: i64 = 30;
/// Longer ones are a mistake in the year.
pub const WINDOW_DAYS_MAX: i64 = 366;

/// Why there can be no plan. The text says what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidWindow {
    #[error("the end of the window is not after its start; choose a later end")]
    Backwards,
    #[error("a window has 30 minutes at least; choose a later end")]
    TooShort,
    #[error("a window has 366 days at most; choose an earlier end")]
    TooLong,
    #[error("no minute of the window lies in the workspace's daily hours; choose another window")]
    Closed,
}

/// Whether somebody can be sent to in this window, and whether it is one.
pub fn check(window: &Range<i64>, week: Option<&Week>, zone: &Zone) -> Result<(), InvalidWindow> {
    let length_ms = window.end.saturating_sub(window.start);
    if length_ms <= 0 {
        return Err(InvalidWindow::Backwards);
    }
    if length_ms < WINDOW_MINUTES_MIN * MINUTE_MS {
        return Err(InvalidWindow::TooShort);
    }
    if length_ms > WINDOW_DAYS_MAX * 1_440 * MINUTE_MS {
        return Err(InvalidWindow::TooLong);
    }
    Plan::new(window.clone(), week, zone, 0).map(drop)
}

/// A stretch of time and how many recipients are due in it, evenly, the first at its beginning.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    pub from_ms: i64,
    pub to_ms: i64,
    pub recipients: u32,
}

/// When each recipient is due, by their place in the order of sending.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Plan {
    /// In order of time.
    pub slots: Vec<Slot>,
}

impl Plan {
    /// Divides `recipients` over the open stretches of a window by their lengths, by largest remainder. `week` None: it is
    /// open at all hours.
    pub fn new(window: Range<i64>, week: Option<&Week>, zone: &Zone, recipients: u32) -> Result<Self, InvalidWindow> {
        if window.start >= window.end {
            return Err(InvalidWindow::Backwards);
        }
        let open = match week {
            Some(week) => week.open_within(zone, window),
            None => vec![window],
        };
        let total_ms: u128 = open.iter().map(length).sum();
        if total_ms == 0 {
            return Err(InvalidWindow::Closed);
        }
        let exact = |open: &Range<i64>| u128::from(recipients) * length(open);
        let mut slots: Vec<Slot> = open
            .iter()
            .map(|open| Slot { from_ms: open.start, to_ms: open.end, recipients: (exact(open) / total_ms) as u32 })
            .collect();
        let mut left = recipients - slots.iter().map(|slot| slot.recipients).sum::<u32>();
        let mut by_remainder: Vec<usize> = (0..open.len()).collect();
        by_remainder.sort_by_key(|&slot| std::cmp::Reverse(exact(&open[slot]) % total_ms));
        for slot in by_remainder {
            if left == 0 {
                break;
            }
            slots[slot].recipients += 1;
            left -= 1;
        }
        Ok(Self { slots })
    }

    /// All are due at a moment: somebody decides to send after the window.
    #[must_use]
    pub fn at_once(at_ms: i64, recipients: u32) -> Self {
        Self { slots: vec![Slot { from_ms: at_ms, to_ms: at_ms, recipients }] }
    }

    /// When the recipient at a place is due; behind the last one: at the end.
    #[must_use]
    pub fn due_ms(&self, place: u32) -> i64 {
        let mut first = 0;
        for slot in &self.slots {
            if place - first < slot.recipients {
                let share = length(&(slot.from_ms..slot.to_ms)) * u128::from(place - first);
                return slot.from_ms + (share / u128::from(slot.recipients)) as i64;
            }
            first += slot.recipients;
        }
        self.slots.last().map_or(i64::MAX, |last| last.to_ms)
    }

    /// How many recipients are due at a moment or before it: the places below this number.
    #[must_use]
    pub fn due_by(&self, at_ms: i64) -> u32 {
        let mut due = 0;
        for slot in &self.slots {
            if at_ms < slot.from_ms {
                break;
            }
            let length = length(&(slot.from_ms..slot.to_ms)).max(1);
            // All k for which from + ⌊length · k / n⌋ is not later.
            let elapsed = u128::from(at_ms.abs_diff(slot.from_ms)) + 1;
            let within = (elapsed * u128::from(slot.recipients)).div_ceil(length);
            due += u32::try_from(within).unwrap_or(u32::MAX).min(slot.recipients);
        }
        due
    }

    /// How many recipients are due on each local day on which some are, by the day's beginning.
    #[must_use]
    pub fn per_day(&self, zone: &Zone) -> Vec<(i64, u32)> {
        let Some(window) = self.window() else { return Vec::new() };
        let (mut days, mut at_ms, mut before) = (Vec::new(), window.start, 0);
        while at_ms <= window.end {
            let day = zone.day(at_ms);
            let due = self.due_by(day.end - 1);
            if due > before {
                days.push((day.start, due - before));
            }
            if day.end <= at_ms {
                break;
            }
            (at_ms, before) = (day.end, due);
        }
        days
    }

    /// From the first open moment to the last; None of a plan without any.
    #[must_use]
    pub fn window(&self) -> Option<Range<i64>> {
        Some(self.slots.first()?.from_ms..self.slots.last()?.to_ms)
    }
}

fn length(range: &Range<i64>) -> u128 {
    u128::from(range.end.abs_diff(range.start))
}

/// What the order of a plan is drawn from; recorded, so that it can be followed afterwards. As text 32 hexadecimal digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seed(pub u128);

impl Seed {
    /// Where recipient `index` of the file stands in the order: recipients are sent to by ascending rank. No two have the
    /// same, since each step can be undone.
    #[must_use]
    pub const fn rank(self, index: u32) -> u64 {
        mix(mix(index as u64 ^ self.0 as u64) ^ (self.0 >> 64) as u64)
    }
}

/// The finaliser of SplitMix64 (Steele, Lea and Flood 2014), a bijection.
const fn mix(value: u64) -> u64 {
    let mut value = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

impl fmt::Display for Seed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", self.0)
    }
}

impl FromStr for Seed {
    type Err = std::num::ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        u128::from_str_radix(text, 16).map(Self)
    }
}

impl Serialize for Seed {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Seed {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{schedule::resolve, week::Hours};

    const HOUR_MS: i64 = 60 * MINUTE_MS;

    fn vienna() -> Zone {
        Zone::parse("Europe/Vienna").unwrap()
    }

    fn window(from: &str, to: &str) -> Range<i64> {
        resolve(from, &vienna()).unwrap().at_ms..resolve(to, &vienna()).unwrap().at_ms
    }

    #[test]
    fn a_week_of_office_hours_gives_each_day_its_share() {
        let mut week = Week::daily(9 * 60, 17 * 60);
        week.0[5] = Some(Hours { from_minute: 9 * 60, to_minute: 13 * 60 });
        week.0[6] = None;
        let plan = Plan::new(window("2026-11-16T00:00", "2026-11-23T00:00"), Some(&week), &vienna(), 4_400).unwrap();
        let shares: Vec<u32> = plan.slots.iter().map(|slot| slot.recipients).collect();
        assert_eq!(shares, [800, 800, 800, 800, 800, 400]);
        // A hundred an hour.
        let first = plan.slots[0].from_ms;
        assert_eq!(vienna().format(first), "2026-11-16 09:00 +01:00");
        assert_eq!((plan.due_ms(0), plan.due_ms(100)), (first, first + HOUR_MS));
        assert_eq!(vienna().format(plan.due_ms(800)), "2026-11-17 09:00 +01:00");
        assert_eq!((plan.due_by(first - 1), plan.due_by(first), plan.due_by(first + HOUR_MS - 1)), (0, 1, 100));
        assert_eq!(plan.due_by(i64::MAX), 4_400);
        let days: Vec<(String, u32)> =
            plan.per_day(&vienna()).into_iter().map(|(day_ms, due)| (vienna().format(day_ms), due)).collect();
        assert_eq!(days.len(), 6);
        assert_eq!(days[0], ("2026-11-16 00:00 +01:00".to_owned(), 800));
        assert_eq!(days[5], ("2026-11-21 00:00 +01:00".to_owned(), 400));
        assert_eq!(Plan::at_once(first, 7).per_day(&vienna()), [(plan.per_day(&vienna())[0].0, 7)]);
    }

    #[test]
    fn windows_that_cannot_be_are_refused_with_words() {
        let office = Week::daily(9 * 60, 17 * 60);
        let refused = |from, to| check(&window(from, to), Some(&office), &vienna()).unwrap_err();
        assert_eq!(refused("2026-11-16T10:00", "2026-11-16T10:00"), InvalidWindow::Backwards);
        assert_eq!(refused("2026-11-16T10:00", "2026-11-16T09:00"), InvalidWindow::Backwards);
        assert_eq!(refused("2026-11-16T10:00", "2026-11-16T10:29"), InvalidWindow::TooShort);
        assert_eq!(refused("2026-11-16T10:00", "2027-11-18T10:00"), InvalidWindow::TooLong);
        assert_eq!(refused("2026-11-16T17:00", "2026-11-17T09:00"), InvalidWindow::Closed);
        assert!(check(&window("2026-11-16T10:00", "2026-11-16T10:30"), Some(&office), &vienna()).is_ok());
        assert!(check(&window("2026-11-16T17:00", "2026-11-17T09:01"), Some(&office), &vienna()).is_ok());
        assert!(check(&window("2026-11-16T17:00", "2026-11-17T09:00"), None, &vienna()).is_ok());
    }

    #[test]
    fn what_is_sent_at_once_is_due_at_once() {
        let plan = Plan::at_once(1_000, 7);
        assert_eq!((plan.due_by(999), plan.due_by(1_000), plan.due_ms(0), plan.due_ms(6)), (0, 7, 1_000, 1_000));
    }

    #[test]
    fn a_seed_is_kept_as_text() {
        let seed = Seed(0x0123_4567_89ab_cdef_0011_2233_4455_6677);
        let text = serde_json::to_string(&seed).unwrap();
        assert_eq!(text, "\"0123456789abcdef0011223344556677\"");
        assert_eq!(serde_json::from_str::<Seed>(&text).unwrap(), seed);
    }

    #[test]
    fn ranks_are_pairwise_different_and_even() {
        let mut ranks: Vec<u64> = (0..100_000).map(|index| Seed(7).rank(index)).collect();
        let low = ranks.iter().take(1_000).filter(|&&rank| rank < u64::MAX / 2).count();
        assert!((420..580).contains(&low), "{low} of the first thousand in the first half");
        ranks.sort_unstable();
        ranks.dedup();
        assert_eq!(ranks.len(), 100_000);
    }

    proptest! {
        #[test]
        fn every_recipient_is_due_once_evenly_and_in_open_hours(
            name in prop::sample::select(&crate::schedule::TEST_ZONES[..]),
            start_min in 21_000_000_i64..30_000_000,
            minutes in 30_i64..60_000,
            hours in prop::array::uniform7(prop::option::weighted(0.8, (0_u16..1_440, 1_u16..=1_440))),
            recipients in prop_oneof![0_u32..50, 0_u32..20_000, 9_000_000_u32..10_000_000],
        ) {
            let zone = Zone::parse(name).unwrap();
            let week = Week(hours.map(|hours| hours.map(|(from_minute, to_minute)| Hours { from_minute, to_minute })));
            let window = start_min * MINUTE_MS..(start_min + minutes) * MINUTE_MS;
            let Ok(plan) = Plan::new(window.clone(), Some(&week), &zone, recipients) else {
                prop_assert!(week.open_within(&zone, window).is_empty());
                return Ok(());
            };
            prop_assert_eq!(plan.slots.iter().map(|slot| u64::from(slot.recipients)).sum::<u64>(), u64::from(recipients));
            let total: u128 = plan.slots.iter().map(|slot| length(&(slot.from_ms..slot.to_ms))).sum();
            for slot in &plan.slots {
                let exact = recipients as f64 * length(&(slot.from_ms..slot.to_ms)) as f64 / total as f64;
                prop_assert!((f64::from(slot.recipients) - exact).abs() <= 1.0 + 1e-6, "{slot:?} {exact}");
            }
            let step = (recipients / 500).max(1);
            let mut before = window.start;
            for place in (0..recipients).step_by(step as usize) {
                let due_ms = plan.due_ms(place);
                prop_assert!(due_ms >= before && window.contains(&due_ms) && week.is_open(&zone, due_ms));
                prop_assert!(plan.due_by(due_ms) > place && plan.due_by(due_ms - 1) <= place);
                before = due_ms;
            }
            prop_assert_eq!(plan.due_by(window.start - 1), 0);
            prop_assert_eq!(plan.due_by(window.end), recipients);
        }
    }
}
