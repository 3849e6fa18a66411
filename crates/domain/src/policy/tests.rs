use proptest::{collection::vec, prelude::*};

use super::*;

fn preset() -> PresetConfig {
    PresetConfig { name: "Marketing".into(), per_day: Some(1), ..PresetConfig::default() }
}

fn zone() -> Zone {
    Zone::parse("Europe/Vienna").unwrap()
}

/// 2026-10-25 12:00 in Vienna: a day of 25 hours.
const NOON_MS: i64 = 1_792_926_000_000;

fn sent(message: u32, at_ms: i64, text: u32) -> Sent {
    Sent { message, minute: minute(at_ms), text }
}

fn judged(preset: &PresetConfig, sent: &[Sent], at_ms: i64) -> Option<LeftOut> {
    preset.judge(&mut sent.to_vec(), 0, 7, at_ms, &Days::of(&zone(), at_ms))
}

#[test]
fn what_cannot_be_says_which_field_and_what_to_do() {
    assert_eq!(preset().check(), Ok(()));
    for (wrong, refusal) in [
        (PresetConfig { name: " ".into(), ..preset() }, InvalidPreset::Name),
        (PresetConfig { name: "x".repeat(81), ..preset() }, InvalidPreset::Name),
        (PresetConfig { per_day: Some(0), ..preset() }, InvalidPreset::PerDay),
        (PresetConfig { per_week: Some(1_001), ..preset() }, InvalidPreset::PerWeek),
        (PresetConfig { per_day: Some(3), per_week: Some(2), ..preset() }, InvalidPreset::WeekBelowDay),
        (PresetConfig { duplicate_hours: Some(169), ..preset() }, InvalidPreset::DuplicateHours),
        (PresetConfig { per_day: None, exempt_codes: true, ..preset() }, InvalidPreset::Empty),
    ] {
        assert_eq!(wrong.check(), Err(refusal), "{wrong:?}");
    }
    assert_eq!(PresetConfig { per_day: None, blacklist: true, ..preset() }.check(), Ok(()));
}

#[test]
fn of_several_the_strictest_holds_in_everything() {
    assert_eq!(PresetConfig::strictest([]), None);
    assert_eq!(PresetConfig::strictest([preset()]), Some(preset()));
    let codes = PresetConfig { per_day: Some(1), exempt_codes: true, ..PresetConfig::default() };
    let weekly =
        PresetConfig { per_day: Some(3), per_week: Some(5), duplicate_hours: Some(2), ..PresetConfig::default() };
    let listed = PresetConfig { duplicate_hours: Some(48), blacklist: true, exempt_codes: true, ..codes.clone() };
    let all = [codes.clone(), weekly.clone(), listed];
    let expected = PresetConfig {
        name: String::new(),
        per_day: Some(1),
        per_week: Some(5),
        duplicate_hours: Some(48),
        blacklist: true,
        exempt_codes: false,
    };
    assert_eq!(PresetConfig::strictest(all.clone()), Some(expected));
    // Codes are held to what does not exempt them, and to no more than that.
    let of_codes = PresetConfig::strictest(all.iter().map(PresetConfig::of_codes)).unwrap();
    assert_eq!(
        (of_codes.per_day, of_codes.per_week, of_codes.duplicate_hours, of_codes.blacklist),
        (Some(3), Some(5), Some(2), true)
    );
    let only_listed = PresetConfig { blacklist: true, ..PresetConfig::default() };
    assert!(PresetConfig::strictest([codes, only_listed]).unwrap().exempt_codes);
}

#[test]
fn a_day_ends_at_the_midnight_of_the_workspace() {
    let day = zone().day(NOON_MS);
    assert_eq!(day.end - day.start, 25 * HOUR_MS);
    let yesterday = [sent(1, day.start - 1, 1)];
    assert_eq!(judged(&preset(), &yesterday, NOON_MS), None);
    assert_eq!(judged(&preset(), &[sent(1, day.start, 1)], day.end - 1), Some(LeftOut::PerDay));
    assert_eq!(judged(&preset(), &[sent(1, day.end - 1, 1)], day.end), None);
}

#[test]
fn seven_days_are_today_and_the_six_before() {
    let preset = PresetConfig { per_day: None, per_week: Some(2), ..preset() };
    let days = Days::of(&zone(), NOON_MS);
    // The clocks went back within them.
    assert_eq!(days.day.end - days.week_from_ms, 7 * DAY_MS + HOUR_MS);
    let first = sent(1, days.week_from_ms, 1);
    assert_eq!(judged(&preset, &[first, sent(2, NOON_MS, 1)], NOON_MS), Some(LeftOut::PerWeek));
    assert_eq!(judged(&preset, &[sent(1, days.week_from_ms - 1, 1), sent(2, NOON_MS, 1)], NOON_MS), None);
    assert!(preset.looks_back_to_ms(NOON_MS, &days) > NOON_MS - REMEMBERED_MS);
}

#[test]
fn the_same_text_is_not_repeated_within_its_window() {
    let preset = PresetConfig { per_day: None, duplicate_hours: Some(2), ..preset() };
    let ago = |ms| [sent(1, NOON_MS - ms, 7), sent(2, NOON_MS, 8)];
    assert_eq!(judged(&preset, &ago(2 * HOUR_MS), NOON_MS), Some(LeftOut::Duplicate));
    assert_eq!(judged(&preset, &ago(2 * HOUR_MS + MINUTE_MS), NOON_MS), None);
    // It came at the end of its minute: never sooner than the window says.
    assert_eq!(judged(&preset, &ago(2 * HOUR_MS - 1), NOON_MS + MINUTE_MS - 1), Some(LeftOut::Duplicate));
}

#[test]
fn a_message_that_came_back_counts_once_and_not_against_itself() {
    let two = PresetConfig { per_day: Some(2), ..preset() };
    let twice = [sent(5, NOON_MS - HOUR_MS, 1), sent(5, NOON_MS, 1)];
    assert_eq!(judged(&two, &twice, NOON_MS), None);
    assert_eq!(judged(&preset(), &[sent(0, NOON_MS, 7)], NOON_MS), None, "its own claim");
}

#[test]
fn stored_values_are_fixed() {
    for (value, why) in (11..).zip(LeftOut::ALL) {
        assert_eq!((why as u32, LeftOut::from_stored(value)), (value, Some(why)));
    }
    assert_eq!((LeftOut::from_stored(1), LeftOut::from_stored(15)), (None, None));
}

fn history() -> impl Strategy<Value = Vec<Sent>> {
    let one = (1_u32..30, 0_i64..9 * DAY_MS, 5_u32..9);
    vec(one.prop_map(|(message, ago_ms, text)| sent(message, NOON_MS - ago_ms, text)), 0..12)
}

fn any_preset() -> impl Strategy<Value = PresetConfig> {
    let cap = || proptest::option::of(1_u32..5);
    (cap(), cap(), proptest::option::of(1_u32..=168)).prop_map(|(per_day, per_week, duplicate_hours)| PresetConfig {
        per_day,
        per_week,
        duplicate_hours,
        ..PresetConfig::default()
    })
}

proptest! {
    /// What Building relies on: the claim comes later, and asks again only for numbers that got something in between.
    #[test]
    fn who_may_be_sent_to_may_be_later_on(preset in any_preset(), sent in history(), later_ms in 0..9 * DAY_MS) {
        if judged(&preset, &sent, NOON_MS).is_none() {
            prop_assert_eq!(judged(&preset, &sent, NOON_MS + later_ms), None);
        }
    }

    /// Whoever is let through one by one never gets more than was allowed.
    #[test]
    fn never_more_than_allowed(preset in any_preset(), gaps in vec(0_i64..30 * HOUR_MS, 0..40)) {
        let (mut got, mut at_ms) = (Vec::<Sent>::new(), NOON_MS);
        for (message, gap) in (1_u32..).zip(gaps) {
            at_ms += gap;
            let days = Days::of(&zone(), at_ms);
            if preset.judge(&mut got.clone(), message, 7, at_ms, &days).is_none() {
                got.push(sent(message, at_ms, 7));
            }
            let since = |from_ms| got.iter().filter(|sent| sent.at_ms() >= from_ms).count() as u32;
            prop_assert!(preset.per_day.is_none_or(|cap| since(days.day.start) <= cap));
            prop_assert!(preset.per_week.is_none_or(|cap| since(days.week_from_ms) <= cap));
            if let (Some(hours), [.., before, last]) = (preset.duplicate_hours, got.as_slice()) {
                prop_assert!(last.at_ms() - before.at_ms() >= i64::from(hours) * HOUR_MS);
            }
        }
    }

    #[test]
    fn what_is_too_old_to_look_at_makes_no_difference(preset in any_preset(), sent in history()) {
        let days = Days::of(&zone(), NOON_MS);
        let from_ms = preset.looks_back_to_ms(NOON_MS, &days);
        let recent: Vec<Sent> = sent.iter().copied().filter(|sent| sent.at_ms() >= from_ms).collect();
        // Claims of one message lie apart by moments, not by days.
        let once = |sent: &[Sent]| sent.iter().map(|sent| sent.message).collect::<std::collections::HashSet<_>>().len();
        prop_assume!(once(&sent) == sent.len());
        prop_assert_eq!(judged(&preset, &sent, NOON_MS), judged(&preset, &recent, NOON_MS));
    }

    #[test]
    fn a_preset_says_what_it_asks_for(preset in any_preset()) {
        prop_assert_eq!(preset.counts(), !preset.rules().is_empty());
    }
}
