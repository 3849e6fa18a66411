//! How long it takes to send so much, in the hours and within the limits that hold.

use domain::{schedule::Zone, week::Week};

use super::Duration;

const DAYS_MAX: usize = 366;

pub struct Sending {
    pub segments: u64,
    /// None: as fast as it goes.
    pub segments_per_s: Option<f64>,
    pub segments_a_day: Option<u64>,
    pub week: Option<Week>,
    pub zone: Zone,
}

impl Sending {
    /// From its start to its last message, closed hours among it.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_precision_loss,
        clippy::cast_sign_loss,
        reason = "an estimate in whole seconds"
    )]
    pub fn from(&self, start_ms: i64) -> Duration {
        if self.segments == 0 || (self.segments_per_s.is_none() && self.segments_a_day.is_none()) {
            return Duration::Unknown;
        }
        // What is not limited takes no time worth mentioning.
        let per_ms = self.segments_per_s.unwrap_or(1e9) / 1_000.0;
        let mut left = self.segments as f64;
        let mut at_ms = start_ms;
        for _ in 0..DAYS_MAX {
            let day = self.zone.day(at_ms);
            let rest = at_ms..day.end;
            let open = match &self.week {
                Some(week) => week.open_within(&self.zone, rest),
                None => vec![rest],
            };
            let mut today = self.segments_a_day.map_or(f64::INFINITY, |most| most as f64);
            for open in open {
                let length_ms = (open.end - open.start) as f64;
                let sent = (length_ms * per_ms).min(today).min(left);
                left -= sent;
                today -= sent;
                if left < 0.5 {
                    let end_ms = open.start as f64 + sent / per_ms;
                    return Duration::Seconds(((end_ms - start_ms as f64) / 1_000.0).ceil().max(1.0) as u64);
                }
            }
            at_ms = day.end;
        }
        Duration::OverAYear
    }
}

#[cfg(test)]
mod tests {
    use domain::schedule::resolve;

    use super::*;

    const HOUR_S: u64 = 3_600;

    fn sending(segments: u64) -> Sending {
        let zone = Zone::parse("Europe/Vienna").unwrap();
        Sending { segments, segments_per_s: Some(10.0), segments_a_day: None, week: None, zone }
    }

    fn from_noon(sending: &Sending) -> Duration {
        sending.from(resolve("2026-11-16T12:00", &sending.zone).unwrap().at_ms)
    }

    #[test]
    fn without_hours_and_limits_the_rate_decides() {
        assert_eq!(from_noon(&sending(36_000)), Duration::Seconds(HOUR_S));
        assert_eq!(from_noon(&sending(1)), Duration::Seconds(1));
        assert_eq!(from_noon(&sending(0)), Duration::Unknown);
        assert_eq!(from_noon(&Sending { segments_per_s: None, ..sending(9) }), Duration::Unknown);
    }

    #[test]
    fn closed_hours_take_their_time() {
        // Two hours until 14:00, one more on the next day from 09:00 on.
        let week = Some(Week::daily(9 * 60, 14 * 60));
        assert_eq!(from_noon(&Sending { week, ..sending(3 * 36_000) }), Duration::Seconds(22 * HOUR_S));
    }

    #[test]
    fn a_daily_limit_takes_days() {
        let limited = Sending { segments_a_day: Some(100), ..sending(250) };
        // 100 at noon, 100 after midnight, and 50 after the next.
        assert_eq!(from_noon(&limited), Duration::Seconds(36 * HOUR_S + 5));
        let unlimited = Sending { segments_per_s: None, segments_a_day: Some(1), ..sending(1_000) };
        assert_eq!(from_noon(&unlimited), Duration::OverAYear);
    }
}
