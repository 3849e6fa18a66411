//! The hours of a week as people read and type them.

use domain::week::{Hours, Week};

/// `Monday to Friday 09:00–20:00, Saturday 09:00–13:00`; days without hours are left out.
#[must_use]
pub fn week_in_words(week: &Week) -> String {
    let mut parts: Vec<(usize, usize, Hours)> = Vec::new();
    for (day, hours) in week.0.iter().enumerate() {
        let Some(hours) = *hours else { continue };
        match parts.last_mut() {
            Some((_, last, same)) if *last + 1 == day && *same == hours => *last = day,
            _ => parts.push((day, day, hours)),
        }
    }
    let part = |(first, last, hours): (usize, usize, Hours)| {
        let days = match (first, last) {
            (0, 6) => "every day".to_owned(),
            (first, last) if first == last => Week::DAYS[first].to_owned(),
            (first, last) => format!("{} to {}", Week::DAYS[first], Week::DAYS[last]),
        };
        format!("{days} {}–{}", clock(hours.from_minute), clock(hours.to_minute))
    };
    parts.into_iter().map(part).collect::<Vec<_>>().join(", ")
}

/// Minutes from midnight as `09:00`; the end of a day is `24:00`.
#[must_use]
pub fn clock(minute: u16) -> String {
    format!("{:02}:{:02}", minute / 60, minute % 60)
}

/// What [`clock`] writes, and `9:00`.
#[must_use]
pub fn minute_of(clock: &str) -> Option<u16> {
    let (hours, minutes) = clock.trim().split_once(':')?;
    let digits = |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(hours, 2) || !digits(minutes, 2) || minutes.len() != 2 {
        return None;
    }
    let (hours, minutes): (u16, u16) = (hours.parse().ok()?, minutes.parse().ok()?);
    (minutes < 60 && hours * 60 + minutes <= 1_440).then_some(hours * 60 + minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_days_are_said_together() {
        let mut week = Week::daily(540, 1_200);
        assert_eq!(week_in_words(&week), "every day 09:00–20:00");
        week.0[5] = Some(Hours { from_minute: 540, to_minute: 1_440 });
        week.0[6] = None;
        assert_eq!(week_in_words(&week), "Monday to Friday 09:00–20:00, Saturday 09:00–24:00");
        assert_eq!(week_in_words(&Week([None; 7])), "");
    }

    #[test]
    fn what_is_typed_is_what_was_written() {
        for minute in 0..=1_440 {
            assert_eq!(minute_of(&clock(minute)), Some(minute));
        }
        assert_eq!(minute_of(" 9:05 "), Some(545));
        for wrong in ["", "9", "24:01", "12:60", "-1:00", "1:2", "a:00", "12:00:00"] {
            assert_eq!(minute_of(wrong), None, "{wrong}");
        }
    }
}
