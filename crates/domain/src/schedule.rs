//! Local times of a workspace's zone, and the moments they stand for.
//!
//! A person types what a clock on the wall shows. Twice a year some of these times do not exist or come twice: the first
//! are refused with the explanation, of the second the first occurrence counts and is said so.

use std::{fmt, ops::Range};

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::{AmbiguousOffset, TimeZone},
};

use crate::month::Month;

/// A time zone by its IANA name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zone(TimeZone);

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no time zone {name:?}; use an IANA name such as Europe/Vienna")]
pub struct UnknownZone {
    pub name: String,
}

/// A start that was typed, as a moment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// Since the epoch.
    pub at_ms: i64,
    /// To be shown: the local time comes twice on that day, and this is the first.
    pub note: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidStart {
    #[error("a start has the form 2026-11-20T17:45")]
    Unreadable,
    #[error(
        "{typed} does not exist: on that day the clocks in {zone} go from {from} to {to}; choose a time before {from} or from {to} on"
    )]
    Gap { typed: String, zone: String, from: String, to: String },
    #[error("{typed} has passed; in {zone} it is {now}")]
    Past { typed: String, zone: String, now: String },
}

impl Zone {
    pub fn parse(name: &str) -> Result<Self, UnknownZone> {
        TimeZone::get(name.trim()).map(Self).map_err(|_| UnknownZone { name: name.to_owned() })
    }

    #[must_use]
    pub const fn utc() -> Self {
        Self(TimeZone::UTC)
    }

    #[must_use]
    pub fn name(&self) -> &str {
        self.0.iana_name().unwrap_or("UTC")
    }

    /// `2026-11-20 17:45 +01:00`: local time and offset, for pages, mails and exports.
    #[must_use]
    pub fn format(&self, at_ms: i64) -> String {
        self.print("%Y-%m-%d %H:%M %:z", at_ms)
    }

    /// `2026-11-20 17:45:12.345 +01:00`, for the audit log.
    #[must_use]
    pub fn format_exact(&self, at_ms: i64) -> String {
        self.print("%Y-%m-%d %H:%M:%S%.3f %:z", at_ms)
    }

    /// `2026-11-20T17:45`, the value of a form's date and time field.
    #[must_use]
    pub fn local(&self, at_ms: i64) -> String {
        self.print("%Y-%m-%dT%H:%M", at_ms)
    }

    /// The local day around a moment, as [start, end) in ms: 23 to 25 hours, for daily limits.
    #[must_use]
    pub fn day(&self, at_ms: i64) -> Range<i64> {
        let now = timestamp(at_ms).to_zoned(self.0.clone());
        let start = now.start_of_day();
        let end = start.as_ref().ok().and_then(|start| start.tomorrow().ok()).and_then(|next| next.start_of_day().ok());
        // Only at the far ends of the calendar is there no such day.
        let start_ms = start.map_or(i64::MIN, |start| start.timestamp().as_millisecond());
        start_ms..end.map_or(i64::MAX, |end| end.timestamp().as_millisecond())
    }

    /// A month as people of this zone live it, as [start, end) in ms.
    #[must_use]
    pub fn month(&self, month: Month) -> Range<i64> {
        let start = |month: Month| {
            let first = Date::new(month.year(), month.month(), 1).ok()?.to_zoned(self.0.clone()).ok()?;
            Some(first.timestamp().as_millisecond())
        };
        start(month).unwrap_or(i64::MAX)..month.next().and_then(start).unwrap_or(i64::MAX)
    }

    /// The month of a moment; None beyond the years that a [`Month`] has.
    #[must_use]
    pub fn month_of(&self, at_ms: i64) -> Option<Month> {
        let local = timestamp(at_ms).to_zoned(self.0.clone());
        Month::new(local.year(), local.month()).ok()
    }

    /// How far clocks are ahead of UTC at a moment, and until when that stays so.
    pub(crate) fn offset(&self, at_ms: i64) -> (i64, i64) {
        let at = timestamp(at_ms);
        let until = self.0.following(at).next().map_or(i64::MAX, |change| change.timestamp().as_millisecond());
        (i64::from(self.0.to_offset(at).seconds()) * 1_000, until)
    }

    fn print(&self, format: &str, at_ms: i64) -> String {
        timestamp(at_ms).to_zoned(self.0.clone()).strftime(format).to_string()
    }
}

impl fmt::Display for Zone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Beyond the calendar's ends (the years -9999 and 9999) the end.
fn timestamp(at_ms: i64) -> Timestamp {
    Timestamp::from_millisecond(at_ms).unwrap_or(if at_ms < 0 { Timestamp::MIN } else { Timestamp::MAX })
}

/// The moment of a local time `YYYY-MM-DDTHH:MM`, past or not.
pub fn resolve(local: &str, zone: &Zone) -> Result<Start, InvalidStart> {
    let typed = local.trim();
    let time: DateTime =
        typed.parse().ok().filter(|_| typed.len() >= "2026-11-20T17:45".len()).ok_or(InvalidStart::Unreadable)?;
    let moment = zone.0.to_ambiguous_timestamp(time);
    let clock = |time: DateTime| time.strftime("%H:%M").to_string();
    let (offset, note) = match moment.offset() {
        AmbiguousOffset::Unambiguous { offset } => (offset, None),
        AmbiguousOffset::Fold { before, after } => {
            let note = format!(
                "{} comes twice on that day, since the clocks in {zone} go back; the first is meant (UTC{before}, not UTC{after})",
                clock(time)
            );
            (before, Some(note))
        }
        AmbiguousOffset::Gap { before, after } => {
            let change = after.to_timestamp(time).ok().and_then(|early| zone.0.following(early).next());
            let at = change.map_or(Timestamp::MIN, |change| change.timestamp());
            return Err(InvalidStart::Gap {
                typed: readable(time),
                zone: zone.to_string(),
                from: clock(before.to_datetime(at)),
                to: clock(after.to_datetime(at)),
            });
        }
    };
    let at = offset.to_timestamp(time).map_err(|_| InvalidStart::Unreadable)?;
    Ok(Start { at_ms: at.as_millisecond(), note })
}

/// The moment of a time with its offset, `2026-11-20T17:45:00+01:00` (RFC 3339), since the epoch.
#[must_use]
pub fn instant(text: &str) -> Option<i64> {
    text.trim().parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

/// [`resolve`] for a campaign that is to start then: a time that has passed is refused.
pub fn start(local: &str, zone: &Zone, now_ms: i64) -> Result<Start, InvalidStart> {
    let start = resolve(local, zone)?;
    if start.at_ms <= now_ms {
        return Err(InvalidStart::Past {
            typed: zone.format(start.at_ms),
            zone: zone.to_string(),
            now: zone.format(now_ms),
        });
    }
    Ok(start)
}

fn readable(time: DateTime) -> String {
    time.strftime("%Y-%m-%d %H:%M").to_string()
}

/// The names that a form offers, sorted: `UTC` and those of places.
#[must_use]
pub fn zone_names() -> Vec<String> {
    const PLACES: [&str; 10] = [
        "Africa/",
        "America/",
        "Antarctica/",
        "Arctic/",
        "Asia/",
        "Atlantic/",
        "Australia/",
        "Europe/",
        "Indian/",
        "Pacific/",
    ];
    let mut names: Vec<String> = (jiff::tz::db().available())
        .map(|name| name.as_str().to_owned())
        .filter(|name| name == "UTC" || PLACES.iter().any(|place| name.starts_with(place)))
        .collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// With half hours, half-hour changes, a skipped day and summer time around Ramadan.
#[cfg(test)]
pub(crate) const TEST_ZONES: [&str; 7] = [
    "UTC",
    "Europe/Vienna",
    "America/New_York",
    "Asia/Kolkata",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Africa/Casablanca",
];

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{TEST_ZONES as ZONES, *};

    fn vienna() -> Zone {
        Zone::parse("Europe/Vienna").unwrap()
    }

    #[test]
    fn a_local_time_becomes_a_moment() {
        let start = resolve("2026-11-20T17:45", &vienna()).unwrap();
        assert_eq!((start.at_ms, start.note), (1_795_193_100_000, None));
        assert_eq!(vienna().format(start.at_ms), "2026-11-20 17:45 +01:00");
        assert_eq!(vienna().local(start.at_ms), "2026-11-20T17:45");
        assert_eq!(vienna().format_exact(start.at_ms + 12_345), "2026-11-20 17:45:12.345 +01:00");
        assert_eq!(Zone::parse("Asia/Kolkata").unwrap().format(start.at_ms), "2026-11-20 22:15 +05:30");
    }

    #[test]
    fn months_are_those_of_the_zone_and_leave_no_gap() {
        let november: Month = "2026-11".parse().unwrap();
        let range = vienna().month(november);
        assert_eq!(vienna().format(range.start), "2026-11-01 00:00 +01:00");
        assert_eq!(vienna().format(range.end), "2026-12-01 00:00 +01:00");
        for zone in ZONES.map(|name| Zone::parse(name).unwrap()) {
            let mut month: Month = "2010-01".parse().unwrap();
            for _ in 0..240 {
                let (range, next) = (zone.month(month), month.next().unwrap());
                assert_eq!(range.end, zone.month(next).start, "{zone} {month}");
                assert_eq!(zone.month_of(range.start), Some(month), "{zone} {month}");
                assert_eq!(zone.month_of(range.end - 1), Some(month), "{zone} {month}");
                month = next;
            }
        }
    }

    #[test]
    fn a_time_that_does_not_exist_is_refused_with_the_explanation() {
        let error = resolve("2026-03-29T02:30", &vienna()).unwrap_err();
        assert_eq!(
            error.to_string(),
            "2026-03-29 02:30 does not exist: on that day the clocks in Europe/Vienna go from 02:00 to 03:00; \
             choose a time before 02:00 or from 03:00 on"
        );
        assert!(resolve("2026-03-29T01:59", &vienna()).is_ok());
        assert!(resolve("2026-03-29T03:00", &vienna()).is_ok());
        // Samoa skipped a whole day when it crossed the date line.
        assert!(matches!(
            resolve("2011-12-30T12:00", &Zone::parse("Pacific/Apia").unwrap()),
            Err(InvalidStart::Gap { .. })
        ));
    }

    #[test]
    fn of_a_time_that_comes_twice_the_first_counts() {
        let start = resolve("2026-10-25T02:30", &vienna()).unwrap();
        assert_eq!(vienna().format(start.at_ms), "2026-10-25 02:30 +02:00");
        assert_eq!(
            start.note.unwrap(),
            "02:30 comes twice on that day, since the clocks in Europe/Vienna go back; the first is meant \
             (UTC+02, not UTC+01)"
        );
        assert_eq!(resolve("2026-10-25T03:00", &vienna()).unwrap().note, None);
    }

    #[test]
    fn a_start_in_the_past_is_refused() {
        let now_ms = resolve("2026-11-20T17:45", &vienna()).unwrap().at_ms;
        assert!(start("2026-11-20T17:46", &vienna(), now_ms).is_ok());
        for past in ["2026-11-20T17:45", "2026-11-20T17:44", "2025-11-20T17:46"] {
            assert!(matches!(start(past, &vienna(), now_ms), Err(InvalidStart::Past { .. })), "{past}");
        }
        assert_eq!(
            start("2026-11-20T17:44", &vienna(), now_ms).unwrap_err().to_string(),
            "2026-11-20 17:44 +01:00 has passed; in Europe/Vienna it is 2026-11-20 17:45 +01:00"
        );
    }

    #[test]
    fn a_time_with_its_offset_is_a_moment() {
        for text in ["2026-11-20T17:45:00+01:00", "2026-11-20T16:45:00Z", "2026-11-20T16:45Z"] {
            assert_eq!(instant(text), Some(1_795_193_100_000), "{text}");
        }
        for bad in ["", "2026-11-20T17:45", "2026-11-20", "tomorrow"] {
            assert_eq!(instant(bad), None, "{bad}");
        }
    }

    #[test]
    fn refuses_what_is_no_time() {
        for bad in ["", "tomorrow", "2026-11-20", "2026-02-30T10:00", "2026-11-20T24:01", "20.11.2026 17:45"] {
            assert_eq!(resolve(bad, &vienna()), Err(InvalidStart::Unreadable), "{bad}");
        }
        assert!(Zone::parse("Europe/Atlantis").is_err());
        assert!(Zone::parse("").is_err());
    }

    #[test]
    fn days_have_23_to_25_hours() {
        let hours = |local: &str| {
            let at_ms = resolve(local, &vienna()).unwrap().at_ms;
            let day = vienna().day(at_ms);
            assert!(day.contains(&at_ms));
            (day.end - day.start) / 3_600_000
        };
        assert_eq!(["2026-03-29T12:00", "2026-10-25T12:00", "2026-11-20T00:00"].map(hours), [23, 25, 24]);
    }

    #[test]
    fn offers_the_zones_of_places() {
        let names = zone_names();
        for name in ["UTC", "Europe/Vienna", "America/Argentina/Buenos_Aires", "Asia/Kolkata"] {
            assert!(names.iter().any(|known| known == name), "{name}");
        }
        assert!(names.iter().all(|name| Zone::parse(name).is_ok()));
        assert!(names.is_sorted());
    }

    proptest! {
        #[test]
        fn moments_round_trip(at_min in 0_i64..70_000_000, name in prop::sample::select(&ZONES[..])) {
            let zone = Zone::parse(name).unwrap();
            let at_ms = at_min * 60_000;
            let start = resolve(&zone.local(at_ms), &zone);
            // Offsets with seconds were in use until 1972; the second time around is read as the first.
            if let Ok(start) = start {
                prop_assert!(start.at_ms == at_ms || start.note.is_some() || zone.local(start.at_ms) == zone.local(at_ms));
            }
            prop_assert!(zone.day(at_ms).contains(&at_ms));
        }

        #[test]
        fn never_panics(text in any::<String>(), at_ms in any::<i64>()) {
            let _ = resolve(&text, &vienna());
            let _ = (vienna().format(at_ms), vienna().day(at_ms));
        }
    }
}
