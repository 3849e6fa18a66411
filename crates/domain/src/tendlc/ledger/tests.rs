//! Hours and days of messages, by a clock that is a number: what is sent when, and never more than a rate or a day allows.

use std::collections::VecDeque;

use proptest::prelude::*;

use super::*;

/// 2026-11-29, ten o'clock Pacific time.
const MORNING_MS: i64 = 1_795_975_200_000;
const SECOND_MS: i64 = 1_000;

fn allowance(per_minute: u32, per_day: u32) -> Allowance {
    Allowance {
        campaign_segments_per_minute: per_minute,
        brand_segments_per_day: per_day,
        campaign_segments_per_day: None,
        brand_segments_per_minute: None,
    }
}

/// An hour's plan of two 10DLC campaigns of one brand, 2 segments a second each and 2,000 a day together.
#[test]
fn two_campaigns_of_a_brand_send_exactly_what_is_allowed() {
    let allowance = allowance(120, 2_000);
    let mut campaigns = [Ledger::fresh(MORNING_MS); 2];
    let mut brand = Ledger::fresh(MORNING_MS);
    let mut sent = [0, 0];
    let mut last_wait = None;
    for turn in 0..7_200 {
        let now_ms = MORNING_MS + turn * SECOND_MS / 2;
        for (at, campaign) in campaigns.iter_mut().enumerate() {
            let charged = charge(*campaign, brand, &allowance, [1; 100], now_ms);
            (*campaign, brand) = (charged.campaign, charged.brand);
            sent[at] += charged.segments;
            // One each half second, neither more nor less.
            assert_eq!(sent[at], (turn as u32 + 1).min(1_000));
            last_wait = charged.wait;
        }
    }
    assert_eq!(sent.iter().sum::<u32>(), 2_000);
    let (until_ms, why) = last_wait.unwrap();
    assert_eq!((why, until_ms), (Waits::Day, CapDay::of(MORNING_MS).ends_at_ms()));
    assert_eq!(brand.segments_on(until_ms - 1), 2_000);
    // After midnight Pacific time there is a new cap.
    let charged = charge(campaigns[0], brand, &allowance, [1; 100], until_ms);
    assert!(charged.segments > 0 && brand.segments_on(until_ms) == 0);
}

#[test]
fn a_rate_is_kept_over_a_minute() {
    let allowance = allowance(120, 100_000);
    let (mut campaign, mut brand) = (Ledger::fresh(MORNING_MS), Ledger::fresh(MORNING_MS));
    let mut sent = 0;
    // Asked ten times a second: what is granted does not depend on how often one asks.
    for tenth in 0..600 {
        let charged = charge(campaign, brand, &allowance, [1; 10], MORNING_MS + tenth * 100);
        (campaign, brand) = (charged.campaign, charged.brand);
        sent += charged.segments;
    }
    assert_eq!(sent, 120);
}

#[test]
fn most_of_a_rate_is_left_for_the_pace() {
    let long = |segments| Some(Long { segments, since_us: 0, before: 1, seen_us: 0 });
    let paces = [(1, 1), (75, 75), (120, 120), (240, 239), (2_400, 2_381), (4_500, 4_464)];
    let with_long = [(1, 1), (75, 72), (120, 117), (240, 236), (2_400, 2_378), (4_500, 4_461)];
    for (expected, long) in [(paces, None), (with_long, long(4))] {
        for (per_minute, steady) in expected {
            let pace = Pace::of(per_minute, long, MINUTE_US).unwrap();
            assert_eq!((MINUTE_US + pace.segment_us - 1) / pace.segment_us, steady, "{per_minute}");
        }
    }
    assert!(Pace::of(0, None, 0).is_none());
}

#[test]
fn a_message_longer_than_a_minute_can_never_be_sent() {
    let allowance = allowance(4, 100);
    let fresh = Ledger::fresh(MORNING_MS);
    assert!(!Ledger::holds(allowance.campaign_bounds(), 5) && Ledger::holds(allowance.campaign_bounds(), 4));
    assert_eq!(charge(fresh, fresh, &allowance, [5], MORNING_MS).wait.unwrap().1, Waits::Day);
    assert_eq!(charge(fresh, fresh, &allowance, [4], MORNING_MS).messages, 1);
}

/// What goes in front of it comes from elsewhere: another SMS campaign of the same 10DLC campaign never pauses.
#[test]
fn a_message_of_some_segments_gets_its_turn_beside_short_ones() {
    let allowance = allowance(75, 100_000);
    let (mut campaign, mut brand) = (Ledger::fresh(MORNING_MS), Ledger::fresh(MORNING_MS));
    let mut long = 0;
    // The first minute leaves the room.
    for tenth in 0..1_200 {
        for (messages, later_ms) in [([1; 5], 0), ([3; 5], 50)] {
            let charged = charge(campaign, brand, &allowance, messages, MORNING_MS + tenth * 100 + later_ms);
            (campaign, brand) = (charged.campaign, charged.brand);
            long += usize::from(messages[0] == 3) * charged.messages;
        }
    }
    assert!(long > 3, "{long}");
}

#[test]
fn long_messages_after_a_pause_keep_the_rate_from_the_first_minute_on() {
    let allowance = allowance(120, 100_000);
    let (mut campaign, mut brand) = (Ledger::fresh(MORNING_MS), Ledger::fresh(MORNING_MS));
    let mut sent = [0; 2];
    for (minute, sent) in sent.iter_mut().enumerate() {
        // Ten minutes apart.
        for hundredth in 0..6_000 {
            let now_ms = MORNING_MS + minute as i64 * 600_000 + hundredth * 10;
            let charged = charge(campaign, brand, &allowance, [3], now_ms);
            (campaign, brand) = (charged.campaign, charged.brand);
            *sent += charged.segments;
        }
    }
    assert!(sent.iter().all(|sent| (117..=120).contains(sent)), "{sent:?}");
}

/// The room for them is not there yet.
#[test]
fn long_messages_after_short_ones_keep_the_rate() {
    for (per_minute, pause_ms) in [(75, 0), (120, 0), (120, 20_000), (2_400, 0), (4_500, 1_000)] {
        let allowance = allowance(per_minute, 100_000);
        let (mut campaign, mut brand) = (Ledger::fresh(MORNING_MS), Ledger::fresh(MORNING_MS));
        let (mut sent, mut minute) = (VecDeque::new(), 0);
        for now_ms in (0..130_000).step_by(10).map(|since_ms| MORNING_MS + since_ms) {
            let messages = match now_ms - MORNING_MS {
                at_ms if at_ms < 65_000 => [1; 50],
                at_ms if at_ms < 65_000 + pause_ms => continue,
                _ => [7; 50],
            };
            let charged = charge(campaign, brand, &allowance, messages, now_ms);
            (campaign, brand) = (charged.campaign, charged.brand);
            sent.push_back((now_ms, charged.segments));
            minute += charged.segments;
            while let Some((_, segments)) = sent.pop_front_if(|(at_ms, _)| now_ms - *at_ms >= 60_000) {
                minute -= segments;
            }
            assert!(minute <= per_minute, "{minute} of {per_minute}");
        }
    }
}

/// In no step with a pace.
fn one_of_three(step: i64) -> bool {
    step.wrapping_mul(0x9e37_79b9).rotate_left(48) % 3 == 0
}

/// Longer and longer ones, beside short ones that are asked for twice as often: none waits for much more than a minute.
#[test]
fn no_message_starves_beside_short_ones() {
    for per_minute in [40, 75, 120, 4_500] {
        let allowance = allowance(per_minute, 100_000);
        let (mut campaign, mut brand) = (Ledger::fresh(MORNING_MS), Ledger::fresh(MORNING_MS));
        let mut longer = 2;
        let mut since_ms = 0;
        for at_ms in (0..900_000).step_by(20) {
            let now_ms = MORNING_MS + at_ms;
            let is_long = one_of_three(at_ms / 20);
            let segments = if is_long { longer } else { 1 };
            let charged = charge(campaign, brand, &allowance, [segments], now_ms);
            (campaign, brand) = (charged.campaign, charged.brand);
            if is_long && charged.messages > 0 {
                (longer, since_ms) = (if longer == AHEAD_MAX { 2 } else { longer + 1 }, at_ms);
            }
            assert!(at_ms - since_ms <= 75_000, "{per_minute}: one of {longer} segments");
        }
    }
}

#[test]
fn a_longer_message_does_not_stop_the_long_ones() {
    let allowance = allowance(120, 100_000);
    let (mut campaign, mut brand) = (Ledger::fresh(MORNING_MS), Ledger::fresh(MORNING_MS));
    let mut sent = 0;
    for tenth in 0..1_700 {
        let messages = match tenth {
            1_200 => [4],
            _ if one_of_three(tenth) => [3],
            _ => [1],
        };
        let charged = charge(campaign, brand, &allowance, messages, MORNING_MS + tenth * 100);
        (campaign, brand) = (charged.campaign, charged.brand);
        sent += usize::from(tenth > 1_200 && messages == [3]) * charged.messages;
    }
    assert!(sent > 10, "{sent}");
}

/// The room for long messages goes away between two charges of a burst.
#[test]
fn a_pace_that_quickens_keeps_the_rate() {
    for per_minute in [240, 360, 480, 600, 1_200, 2_400] {
        let allowance = allowance(per_minute, 100_000);
        let fresh = Ledger::fresh(MORNING_MS);
        let long = charge(fresh, fresh, &allowance, [10], MORNING_MS);
        let begun_ms = MORNING_MS + LONG_FOR_US / 1_000 - 1;
        let mut sent = 0;
        let (mut campaign, mut brand) = (long.campaign, long.brand);
        for at_ms in 0..60_000 {
            let messages = vec![1; if at_ms == 0 { 1 } else { 50 }];
            let charged = charge(campaign, brand, &allowance, messages, begun_ms + at_ms);
            (campaign, brand) = (charged.campaign, charged.brand);
            sent += charged.segments;
        }
        assert!(campaign.long.is_none() && sent <= per_minute, "{sent} of {per_minute}");
    }
}

#[test]
fn long_messages_that_are_over_slow_nothing_down() {
    let allowance = allowance(120, 100_000);
    let (mut campaign, mut brand) = (Ledger::fresh(MORNING_MS), Ledger::fresh(MORNING_MS));
    let mut last_minute = 0;
    let day_ms = 24 * 3_600_000;
    for (from_ms, messages) in [(0, [3]), (60_000, [1]), (day_ms + 60_000, [1]), (day_ms + 120_000, [1])] {
        last_minute = 0;
        for tenth in 0..600 {
            let charged = charge(campaign, brand, &allowance, messages, MORNING_MS + from_ms + tenth * 100);
            (campaign, brand) = (charged.campaign, charged.brand);
            last_minute += charged.segments;
        }
    }
    assert_eq!(last_minute, 120);
}

/// Ledgers that were written before long messages were noted.
#[test]
fn a_ledger_without_long_messages_is_read() {
    let kept = serde_json::to_value(Ledger::fresh(MORNING_MS)).unwrap();
    let mut before = kept.clone();
    before.as_object_mut().unwrap().remove("long").unwrap();
    assert_eq!(serde_json::from_value::<Ledger>(before).unwrap(), Ledger::fresh(MORNING_MS));
}

#[test]
fn a_message_goes_as_a_whole_or_waits() {
    let allowance = allowance(6_000, 10);
    let fresh = Ledger::fresh(MORNING_MS);
    let charged = charge(fresh, fresh, &allowance, [3, 3, 3, 3], MORNING_MS);
    assert_eq!((charged.messages, charged.segments), (3, 9));
    assert_eq!(charged.wait.unwrap().1, Waits::Day);
    let charged = charge(charged.campaign, charged.brand, &allowance, [1, 1], MORNING_MS);
    assert_eq!((charged.messages, charged.brand.segments_on(MORNING_MS)), (1, 10));
    assert!(!Ledger::holds(allowance.brand_bounds(), 11) && Ledger::holds(allowance.brand_bounds(), 10));
}

#[test]
fn what_was_not_sent_comes_back_to_its_day_and_to_no_other() {
    let allowance = allowance(6_000, 10);
    let fresh = Ledger::fresh(MORNING_MS);
    let full = charge(fresh, fresh, &allowance, [1; 10], MORNING_MS).brand;
    let (today, end_ms) = (CapDay::of(MORNING_MS), CapDay::of(MORNING_MS).ends_at_ms());
    assert_eq!(full.waits_until(allowance.brand_bounds(), 1, MORNING_MS), Some(end_ms));
    let back = full.less(today, 4);
    assert_eq!((back.segments_on(MORNING_MS), back.less(today, 99).segments_on(MORNING_MS)), (6, 0));
    assert_eq!(back.waits_until(allowance.brand_bounds(), 4, MORNING_MS), None);
    assert_eq!(full.less(CapDay::of(MORNING_MS - 86_400_000), 4), full);
    assert_eq!(full.waits_until(allowance.brand_bounds(), 1, end_ms), None, "another day");
}

/// It would leave on the next day, to whose cap it is not charged.
#[test]
fn in_the_last_seconds_of_a_day_nothing_is_charged() {
    let allowance = allowance(6_000, 100);
    let fresh = Ledger::fresh(MORNING_MS);
    let end_ms = CapDay::of(MORNING_MS).ends_at_ms();
    let late = charge(fresh, fresh, &allowance, [1; 10], end_ms - 4_000);
    assert_eq!((late.messages, late.wait), (0, Some((end_ms, Waits::Rate))));
    assert_eq!(charge(fresh, fresh, &allowance, [1; 10], end_ms - 6_000).messages, 10);
    assert_eq!(charge(fresh, fresh, &allowance, [1; 10], end_ms).messages, 10);
}

#[test]
fn what_may_send_nothing_sends_nothing() {
    let fresh = Ledger::fresh(MORNING_MS);
    for nothing in [allowance(0, 100), allowance(100, 0)] {
        assert_eq!(charge(fresh, fresh, &nothing, [1], MORNING_MS).messages, 0);
    }
}

proptest! {
    #[test]
    fn no_day_holds_more_than_its_cap(
        per_minute in 1u32..5_000,
        per_day in 1u32..500,
        steps in proptest::collection::vec((0i64..14_400_000, proptest::collection::vec(1u32..6, 0..40)), 1..60),
    ) {
        let allowance = allowance(per_minute, per_day);
        let (mut campaign, mut brand) = (Ledger::fresh(MORNING_MS), Ledger::fresh(MORNING_MS));
        let mut now_ms = MORNING_MS;
        let mut days = std::collections::BTreeMap::<CapDay, u32>::new();
        for (pause_ms, messages) in steps {
            now_ms += pause_ms;
            let offered = messages.len();
            let charged = charge(campaign, brand, &allowance, messages.clone(), now_ms);
            (campaign, brand) = (charged.campaign, charged.brand);
            *days.entry(CapDay::of(now_ms)).or_default() += charged.segments;
            prop_assert_eq!(charged.segments, messages[..charged.messages].iter().sum::<u32>());
            prop_assert_eq!(charged.wait.is_none(), charged.messages == offered);
            if let Some((at_ms, _)) = charged.wait {
                prop_assert!(at_ms > now_ms);
            }
        }
        prop_assert!(days.values().all(|segments| *segments <= per_day));
    }

    /// However it is cut up, whoever asks and however long the messages are: in no 60 seconds more than the rate.
    #[test]
    fn no_minute_holds_more_than_its_rate(
        per_minute in prop_oneof![1u32..60, 60u32..6_000],
        steps in proptest::collection::vec(
            (prop_oneof![0i64..400, 0i64..3_000, 30_000i64..90_000], prop_oneof![Just(1u32), 1u32..4, 1u32..20]),
            1..300,
        ),
    ) {
        let allowance = allowance(per_minute, u32::MAX);
        let (mut campaign, mut brand) = (Ledger::fresh(MORNING_MS), Ledger::fresh(MORNING_MS));
        let mut now_ms = MORNING_MS;
        let mut sent = Vec::new();
        for (pause_ms, segments) in steps {
            now_ms += pause_ms;
            let charged = charge(campaign, brand, &allowance, [segments; 50], now_ms);
            (campaign, brand) = (charged.campaign, charged.brand);
            sent.push((now_ms, charged.segments));
        }
        for (from, (start_ms, _)) in sent.iter().enumerate() {
            let within = sent[from..].iter().take_while(|(at_ms, _)| at_ms - start_ms < 60_000);
            prop_assert!(within.map(|(_, segments)| segments).sum::<u32>() <= per_minute);
        }
    }
}
