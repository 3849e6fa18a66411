//! When messages may go out: the hours of a week as the clocks of a zone show them, and the moments they stand for.
//!
//! What counts at every moment is what a clock on the wall shows. Minutes that are skipped when clocks go forward are
//! lost; minutes that come twice when they go back are open, or closed, both times.

use std::ops::Range;

use crate::{
    schedule::Zone,
    week::{Hours, Week},
};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 1_440 * MINUTE_MS;
/// A week, and another one should a zone skip the one weekday that has hours (Samoa crossed the date line).
const SEARCH_MS: i64 = 22 * DAY_MS;
/// The first day of the epoch was a Thursday.
const EPOCH_WEEKDAY: i64 = 3;

impl Week {
    /// Whether messages may go out at a moment.
    #[must_use]
    pub fn is_open(&self, zone: &Zone, at_ms: i64) -> bool {
        let local_ms = at_ms.saturating_add(zone.offset(at_ms).0);
        self.of_day(local_ms.div_euclid(DAY_MS)).is_some_and(|hours| {
            let since_midnight_ms = local_ms.rem_euclid(DAY_MS);
            since_midnight_ms >= i64::from(hours.from_minute) * MINUTE_MS
                && since_midnight_ms < i64::from(hours.to_minute) * MINUTE_MS
        })
    }

    /// The first moment from `at_ms` on at which messages may go out; None: there is no hour at all.
    #[must_use]
    pub fn next_open(&self, zone: &Zone, at_ms: i64) -> Option<i64> {
        self.open_within(zone, at_ms..at_ms.saturating_add(SEARCH_MS)).first().map(|open| open.start)
    }

    /// The open stretches of a window, in order, none touching the next.
    #[must_use]
    pub fn open_within(&self, zone: &Zone, window: Range<i64>) -> Vec<Range<i64>> {
        let mut open: Vec<Range<i64>> = Vec::new();
        let mut at_ms = window.start;
        while at_ms < window.end {
            // Between two changes of the clocks local time is plain arithmetic.
            let (offset_ms, changes_ms) = zone.offset(at_ms);
            let end_ms = changes_ms.min(window.end);
            if end_ms <= at_ms {
                break;
            }
            let first = at_ms.saturating_add(offset_ms).div_euclid(DAY_MS);
            let last = (end_ms - 1).saturating_add(offset_ms).div_euclid(DAY_MS);
            for day in first..=last {
                let Some(hours) = self.of_day(day) else { continue };
                let moment = |minute: u16| {
                    let local_ms = day.saturating_mul(DAY_MS).saturating_add(i64::from(minute) * MINUTE_MS);
                    local_ms.saturating_sub(offset_ms).clamp(at_ms, end_ms)
                };
                let (from, to) = (moment(hours.from_minute), moment(hours.to_minute));
                match open.last_mut() {
                    _ if from >= to => {}
                    Some(before) if before.end == from => before.end = to,
                    _ => open.push(from..to),
                }
            }
            at_ms = end_ms;
        }
        open
    }

    /// The hours of a local day, counted from the epoch.
    fn of_day(&self, day: i64) -> Option<Hours> {
        self.0[(day.saturating_add(EPOCH_WEEKDAY)).rem_euclid(7) as usize]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::schedule::resolve;

    fn zone(name: &str) -> Zone {
        Zone::parse(name).unwrap()
    }

    fn moment(local: &str, zone: &Zone) -> i64 {
        resolve(local, zone).unwrap().at_ms
    }

    /// As text, so that a failure can be read.
    fn shown(week: &Week, zone: &Zone, from: &str, to: &str) -> Vec<String> {
        let open = week.open_within(zone, moment(from, zone)..moment(to, zone));
        open.into_iter().map(|open| format!("{} – {}", zone.format(open.start), zone.format(open.end))).collect()
    }

    #[test]
    fn hours_are_those_of_the_wall() {
        let vienna = zone("Europe/Vienna");
        let mut week = Week::daily(9 * 60, 20 * 60 + 30);
        week.0[6] = None;
        // 2026-11-20 is a Friday.
        for (local, open) in [
            ("2026-11-20T08:59", false),
            ("2026-11-20T09:00", true),
            ("2026-11-20T20:29", true),
            ("2026-11-20T20:30", false),
            ("2026-11-22T12:00", false),
            ("2026-07-20T09:00", true),
        ] {
            assert_eq!(week.is_open(&vienna, moment(local, &vienna)), open, "{local}");
        }
        assert_eq!(
            shown(&week, &vienna, "2026-11-21T12:00", "2026-11-23T10:00"),
            ["2026-11-21 12:00 +01:00 – 2026-11-21 20:30 +01:00", "2026-11-23 09:00 +01:00 – 2026-11-23 10:00 +01:00"]
        );
        let opens = week.next_open(&vienna, moment("2026-11-21T20:30", &vienna)).unwrap();
        assert_eq!(vienna.format(opens), "2026-11-23 09:00 +01:00");
        assert_eq!(Week([None; 7]).next_open(&vienna, 0), None);
    }

    #[test]
    fn when_clocks_change_the_wall_still_counts() {
        let vienna = zone("Europe/Vienna");
        let night = Week::daily(2 * 60, 3 * 60);
        // 02:00 to 03:00 is skipped, and comes twice.
        assert!(shown(&night, &vienna, "2026-03-29T00:00", "2026-03-29T12:00").is_empty());
        assert_eq!(
            shown(&night, &vienna, "2026-10-25T00:00", "2026-10-25T12:00"),
            ["2026-10-25 02:00 +02:00 – 2026-10-25 03:00 +01:00"]
        );
        // Half an hour: 01:30 to 02:00 comes twice.
        let lord_howe = zone("Australia/Lord_Howe");
        let night = Week::daily(60 + 45, 3 * 60);
        assert_eq!(
            shown(&night, &lord_howe, "2026-04-05T00:00", "2026-04-05T12:00"),
            ["2026-04-05 01:45 +11:00 – 2026-04-05 01:30 +10:30", "2026-04-05 01:45 +10:30 – 2026-04-05 03:00 +10:30"]
        );
        // A Friday that never was.
        let apia = zone("Pacific/Apia");
        let mut friday = Week([None; 7]);
        friday.0[4] = Some(Hours { from_minute: 0, to_minute: 1_440 });
        let opens = friday.next_open(&apia, moment("2011-12-24T00:00", &apia)).unwrap();
        assert_eq!(apia.format(opens), "2012-01-06 00:00 +14:00");
    }

    #[test]
    fn days_without_a_pause_are_one_stretch() {
        let vienna = zone("Europe/Vienna");
        let window = moment("2026-03-20T10:00", &vienna)..moment("2026-11-20T10:00", &vienna);
        assert_eq!(Week::daily(0, 1_440).open_within(&vienna, window.clone()), [window]);
    }

    fn week() -> impl Strategy<Value = Week> {
        let hours = prop::option::weighted(0.8, (0_u16..1_440, 1_u16..=1_440))
            .prop_map(|hours| hours.map(|(from, to)| Hours { from_minute: from, to_minute: to }));
        prop::array::uniform7(hours).prop_map(Week)
    }

    proptest! {
        #[test]
        fn stretches_are_exactly_the_open_moments(
            week in week(),
            name in prop::sample::select(&crate::schedule::TEST_ZONES[..]),
            start_min in 21_000_000_i64..30_000_000,
            minutes in 1_i64..30_000,
            looks in prop::collection::vec(0.0_f64..1.0, 40),
        ) {
            let zone = zone(name);
            let window = start_min * MINUTE_MS..(start_min + minutes) * MINUTE_MS;
            let open = week.open_within(&zone, window.clone());
            prop_assert!(open.iter().all(|open| open.start < open.end));
            prop_assert!(open.windows(2).all(|pair| pair[0].end < pair[1].start));
            prop_assert!(open.first().is_none_or(|open| open.start >= window.start));
            prop_assert!(open.last().is_none_or(|open| open.end <= window.end));
            for look in looks {
                let at_ms = window.start + ((window.end - window.start) as f64 * look) as i64;
                prop_assert_eq!(open.iter().any(|open| open.contains(&at_ms)), week.is_open(&zone, at_ms), "{}", zone.format(at_ms));
            }
            // At the edges to the millisecond.
            for edge in &open {
                prop_assert!(week.is_open(&zone, edge.start) && week.is_open(&zone, edge.end - 1));
                prop_assert!(edge.end == window.end || !week.is_open(&zone, edge.end));
                prop_assert!(edge.start == window.start || !week.is_open(&zone, edge.start - 1));
                prop_assert_eq!(week.next_open(&zone, edge.start), Some(edge.start));
            }
        }

        #[test]
        fn any_moment_is_answered(week in week(), at_ms in any::<i64>()) {
            let zone = zone("Europe/Vienna");
            let _ = (week.is_open(&zone, at_ms), week.next_open(&zone, at_ms));
        }
    }
}
