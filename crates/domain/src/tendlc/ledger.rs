//! What a 10DLC campaign and its brand have sent, and what may follow: rates by the minute, caps by the day.
//!
//! Each of the two has a [`Ledger`], which is kept as a record. Whoever is about to send charges messages to both and
//! writes both back as a compare-and-set, so that several SMS campaigns and several engines share what there is. A message
//! is charged as a whole: none is sent in part because the cap was reached in the middle of it.
//!
//! A rate holds in any 60 seconds, not on average. What goes at once after a pause, and what the longest message has more
//! than one segment, come out of the minute first ([`Pace`]); what is left of it is the pace. A rate of less than four a
//! second whose messages have one segment each is its own pace: nothing of it is lost.

use serde::{Deserialize, Serialize};

use super::{day::CapDay, throughput::Allowance};

/// What was sent on a day, and how far the rate is used up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ledger {
    day: CapDay,
    segments: u32,
    /// Until when what was charged keeps the rate busy, in microseconds since the Unix epoch.
    busy_until_us: i64,
    /// None: messages have one segment each.
    #[serde(default)]
    long: Option<Long>,
}

/// That messages of several segments are asked for. Beside shorter ones they would never find as much of a rate free at
/// once as they need, so the pace leaves room for the rest of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Long {
    /// Of the longest, as far as a rate leaves room for them.
    segments: u32,
    /// The pace leaves room since then, in microseconds since the Unix epoch.
    since_us: i64,
    seen_us: i64,
}

/// Of one ledger; None: no bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    pub segments_per_minute: Option<u32>,
    pub segments_per_day: Option<u32>,
}

/// Why messages wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waits {
    /// For their turn, within a minute or so.
    Rate,
    /// For the next midnight Pacific time.
    Day,
}

/// What was charged.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charged {
    pub campaign: Ledger,
    pub brand: Ledger,
    /// So many of the messages may be sent, from the first on.
    pub messages: usize,
    pub segments: u32,
    /// When the next one may be tried, and why not now; None: all may be sent.
    pub wait: Option<(i64, Waits)>,
}

const MINUTE_US: i64 = 60_000_000;
/// What was charged may be so much later than that until which it keeps the rate busy.
const BURST_MAX_US: i64 = MINUTE_US / 120;
/// At most so many segments of a message are sent before all of them have their turn.
const AHEAD_MAX: u32 = 10;
/// After so long without one of them, no room is left for long messages any more.
const LONG_FOR_US: i64 = 2 * MINUTE_US;
/// What is still going on is not put on record with every message.
const SEEN_AGAIN_US: i64 = MINUTE_US / 6;
/// What is charged to a day has to be at the carrier before it ends: in its last seconds nothing is charged.
const LAST_OF_DAY_MS: i64 = 5_000;

impl Allowance {
    #[must_use]
    pub const fn campaign_bounds(&self) -> Bounds {
        Bounds {
            segments_per_minute: Some(self.campaign_segments_per_minute),
            segments_per_day: self.campaign_segments_per_day,
        }
    }

    #[must_use]
    pub const fn brand_bounds(&self) -> Bounds {
        Bounds {
            segments_per_minute: self.brand_segments_per_minute,
            segments_per_day: Some(self.brand_segments_per_day),
        }
    }
}

/// How a rate is kept. Before the last message of any 60 seconds go fewer segments than `60 s + burst` has room for, and
/// that message adds `ahead` at most beyond those that waited for their turn: together no more than the rate.
#[derive(Debug, Clone, Copy)]
struct Pace {
    /// From one segment to the next.
    segment_us: i64,
    /// What a pause is made up for with: half a second, together with the segment whose turn it is.
    burst_us: i64,
    ahead: u32,
}

/// How many segments of a message a rate leaves room for.
fn ahead_of(per_minute: u32, segments: u32) -> u32 {
    segments.min(per_minute / 20).clamp(1, AHEAD_MAX)
}

impl Pace {
    /// None: a rate of nothing.
    fn of(per_minute: u32, long: Option<Long>, now_us: i64) -> Option<Self> {
        let room = long.map_or(1, |long| ahead_of(per_minute, long.segments));
        let burst = (per_minute / 120).saturating_sub(1);
        let steady = per_minute.checked_sub(burst + room - 1).filter(|steady| *steady > 0)?;
        // Rounded up: never a little faster.
        let segment_us = (MINUTE_US + i64::from(steady) - 1) / i64::from(steady);
        // The room is there when a whole minute has left it.
        let is_there = long.is_some_and(|long| now_us.saturating_sub(long.since_us) >= MINUTE_US);
        Some(Self { segment_us, burst_us: segment_us * i64::from(burst), ahead: if is_there { room } else { 1 } })
    }
}

impl Ledger {
    /// Nothing sent yet.
    #[must_use]
    pub fn fresh(now_ms: i64) -> Self {
        Self { day: CapDay::of(now_ms), segments: 0, busy_until_us: i64::MIN, long: None }
    }

    /// The day of its latest charge.
    #[must_use]
    pub const fn day(&self) -> CapDay {
        self.day
    }

    /// What was sent today.
    #[must_use]
    pub fn segments_on(&self, now_ms: i64) -> u32 {
        if self.day == CapDay::of(now_ms) { self.segments } else { 0 }
    }

    /// With segments less that were charged on a day and were certainly not sent. Of a day that is over nothing is left to
    /// be given back, and a rate is not made up for.
    #[must_use]
    pub fn less(self, day: CapDay, segments: u32) -> Self {
        if day == self.day { Self { segments: self.segments.saturating_sub(segments), ..self } } else { self }
    }

    /// Until when a message of so many segments waits for another day; None: today has room for it.
    #[must_use]
    pub fn waits_until(&self, bounds: Bounds, segments: u32, now_ms: i64) -> Option<i64> {
        let total = self.segments_on(now_ms).saturating_add(segments);
        bounds.segments_per_day.filter(|most| total > *most).map(|_| CapDay::of(now_ms).ends_at_ms())
    }

    /// A day that is over counts no more. A clock that goes back does not bring one back.
    fn today(self, now_ms: i64) -> Self {
        let day = CapDay::of(now_ms);
        if day > self.day { Self { day, segments: 0, ..self } } else { self }
    }

    /// Knows that a message of so many segments is asked for, whether it can be sent now or not.
    fn asked(self, bounds: Bounds, segments: u32, now_us: i64) -> Self {
        let wanted = ahead_of(bounds.segments_per_minute.unwrap_or(u32::MAX), segments);
        // Since the last charge nothing took the room, whatever the pace.
        let since_us = now_us.min(self.busy_until_us.saturating_add(BURST_MAX_US));
        let anew = Long { segments: wanted, since_us, seen_us: now_us };
        let long = match self.long.filter(|long| now_us - long.seen_us < LONG_FOR_US) {
            Some(long) if wanted < long.segments => Some(long),
            Some(long) if wanted > long.segments => Some(anew),
            Some(long) if now_us - long.seen_us < SEEN_AGAIN_US => Some(long),
            Some(long) => Some(Long { seen_us: now_us, ..long }),
            None => (wanted > 1).then_some(anew),
        };
        Self { long, ..self }
    }

    /// With a message more, or when and why not. A message that no bound could ever hold waits for ever, which is what
    /// [`Ledger::holds`] tells beforehand.
    fn with(self, bounds: Bounds, segments: u32, now_ms: i64) -> Result<Self, (i64, Waits)> {
        let total = self.segments.saturating_add(segments);
        let ends_at_ms = self.day.ends_at_ms();
        if now_ms < ends_at_ms && ends_at_ms - now_ms <= LAST_OF_DAY_MS {
            return Err((ends_at_ms, Waits::Rate));
        }
        if bounds.segments_per_day.is_some_and(|most| total > most) {
            return Err((ends_at_ms, Waits::Day));
        }
        let Some(per_minute) = bounds.segments_per_minute else {
            return Ok(Self { segments: total, ..self });
        };
        let now_us = now_ms.saturating_mul(1_000);
        let Some(pace) = Pace::of(per_minute, self.long, now_us) else {
            return Err((now_ms.saturating_add(MINUTE_US / 1_000), Waits::Rate));
        };
        if segments > per_minute {
            return Err((ends_at_ms, Waits::Day));
        }
        let turn_us =
            self.busy_until_us.saturating_add(i64::from(segments.saturating_sub(pace.ahead)) * pace.segment_us);
        if turn_us > now_us {
            // Rounded up, or it would be tried too early.
            return Err(((turn_us - 1).div_euclid(1_000) + 1, Waits::Rate));
        }
        let begun_us = self.busy_until_us.max(now_us - pace.burst_us);
        Ok(Self { segments: total, busy_until_us: begun_us + i64::from(segments) * pace.segment_us, ..self })
    }

    /// Whether a message of so many segments could be sent in an empty minute of an empty day.
    #[must_use]
    pub fn holds(bounds: Bounds, segments: u32) -> bool {
        [bounds.segments_per_day, bounds.segments_per_minute].into_iter().flatten().all(|most| segments.max(1) <= most)
    }
}

/// Charges messages, given by their segments, to a 10DLC campaign and its brand: as many of them, from the first on, as
/// both have room for. The ledgers may be others even if it is none.
#[must_use]
pub fn charge(
    campaign: Ledger,
    brand: Ledger,
    allowance: &Allowance,
    messages: impl IntoIterator<Item = u32>,
    now_ms: i64,
) -> Charged {
    let (campaign, brand) = (campaign.today(now_ms), brand.today(now_ms));
    let mut charged = Charged { campaign, brand, messages: 0, segments: 0, wait: None };
    for segments in messages {
        let asked = |ledger: Ledger, bounds| ledger.asked(bounds, segments, now_ms.saturating_mul(1_000));
        charged.campaign = asked(charged.campaign, allowance.campaign_bounds());
        charged.brand = asked(charged.brand, allowance.brand_bounds());
        let with = |ledger: Ledger, bounds| ledger.with(bounds, segments, now_ms);
        let both = (with(charged.campaign, allowance.campaign_bounds()), with(charged.brand, allowance.brand_bounds()));
        match both {
            (Ok(campaign), Ok(brand)) => {
                (charged.campaign, charged.brand) = (campaign, brand);
                charged.messages += 1;
                charged.segments += segments;
            }
            // The later of the two.
            (Err(one), Err(other)) => {
                charged.wait = Some(if one.0 >= other.0 { one } else { other });
                break;
            }
            (Err(wait), Ok(_)) | (Ok(_), Err(wait)) => {
                charged.wait = Some(wait);
                break;
            }
        }
    }
    charged
}

#[cfg(test)]
mod tests {
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
        let long = |segments| Some(Long { segments, since_us: 0, seen_us: 0 });
        let paces = [(1, 1), (75, 75), (120, 120), (240, 239), (2_400, 2_381), (4_500, 4_464)];
        let with_long = [(1, 1), (75, 73), (120, 117), (240, 236), (2_400, 2_378), (4_500, 4_461)];
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

    #[test]
    fn long_messages_that_are_over_slow_nothing_down() {
        let allowance = allowance(120, 100_000);
        let (mut campaign, mut brand) = (Ledger::fresh(MORNING_MS), Ledger::fresh(MORNING_MS));
        let mut last_minute = 0;
        for tenth in 0..3_600 {
            let messages = if tenth < 1_200 { [3] } else { [1] };
            let charged = charge(campaign, brand, &allowance, messages, MORNING_MS + tenth * 100);
            (campaign, brand) = (charged.campaign, charged.brand);
            last_minute += if tenth >= 3_000 { charged.segments } else { 0 };
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
}
