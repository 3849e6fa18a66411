use std::collections::VecDeque;

use smpp::random::SplitMix64;

use super::*;

fn at(start: Instant, ms: u64) -> Instant {
    start + Duration::from_millis(ms)
}

/// Of a carrier that has already shown that it takes much.
fn opened(rate_per_s: Option<f64>, burst: Option<u32>, start: Instant) -> Pacer {
    let mut pacer = Pacer::new(rate_per_s, burst, start);
    pacer.opening = None;
    pacer
}

#[test]
fn a_link_begins_with_a_handful_and_is_wide_open_when_that_went_well() {
    let start = Instant::now();
    let mut pacer = Pacer::new(None, None, start);
    assert_eq!((pacer.take(1_000, start), pacer.take(1_000, start)), (10, 0));
    // An answer comes first, as a rule; if none does, it is asked again.
    assert_eq!(pacer.next_at(), Some(at(start, 20)));
    pacer.answered(10, 8, 0, at(start, 1));
    assert_eq!(pacer.take(1_000, at(start, 1)), 12);
    let mut rounds = 0;
    while pacer.opening.is_some() {
        rounds += 1;
        let now = at(start, 1 + rounds);
        pacer.answered(pacer.unanswered, pacer.unanswered, 0, now);
        pacer.take(30_000, now);
    }
    assert!(rounds < 40, "{rounds} round trips");
}

#[test]
fn a_carrier_that_never_answers_is_sent_more_all_the_same() {
    let start = Instant::now();
    let mut pacer = Pacer::new(None, None, start);
    let taken: usize = (0..=3_000).step_by(10).map(|ms| pacer.take(1_000, at(start, ms))).sum();
    assert_eq!(taken, 80);
}

#[test]
fn a_link_without_a_rate_is_not_held() {
    let start = Instant::now();
    let mut pacer = opened(None, None, start);
    assert_eq!(pacer.take(5_000, start), 5_000);
    assert_eq!(pacer.next_at(), None);
}

#[test]
fn the_rate_is_kept_to_the_segment() {
    let start = Instant::now();
    let mut pacer = opened(Some(250.0), Some(10), start);
    let taken: usize = (0..=4_000).map(|ms| pacer.take(1_000, at(start, ms))).sum();
    assert!((1_009..=1_010).contains(&taken), "{taken}");
}

#[test]
fn the_next_token_is_there_when_it_is_announced() {
    let start = Instant::now();
    let mut pacer = opened(Some(3.0), Some(1), start);
    for _ in 0..20 {
        let next = pacer.next_at().unwrap();
        assert_eq!(pacer.take(9, next), 1);
    }
}

#[test]
fn a_window_of_throttled_answers_slows_once() {
    let start = Instant::now();
    let mut pacer = opened(Some(1_000.0), None, start);
    let epoch = pacer.epoch();
    pacer.answered(100, 100, 0, at(start, 500));
    for _ in 0..300 {
        pacer.heard(Answers { epoch, accepted: 1, throttled: 10 }, at(start, 1_000));
    }
    let limit = pacer.limit().unwrap();
    assert!((85.0..=100.0).contains(&limit), "{limit}");
    assert_eq!(pacer.take(10, at(start, 1_000)), 0);
}

#[test]
fn a_single_throttled_answer_slows_nothing() {
    let start = Instant::now();
    let mut pacer = Pacer::new(None, None, start);
    pacer.heard(Answers { epoch: pacer.epoch(), accepted: 0, throttled: 1 }, start);
    assert_eq!(pacer.limit(), None);
}

/// How a carrier counts what is too much.
#[derive(Debug, Clone, Copy)]
enum Counting {
    /// A token bucket that holds so many seconds' worth.
    Bucket(f64),
    /// So many in each second of its clock.
    Seconds,
    /// So many in any second.
    Sliding,
}

/// A carrier as the link sees it, in steps of a millisecond.
struct Carrier {
    random: SplitMix64,
    /// The part that is throttled whatever the rate.
    throttle_rate: f64,
    limit_per_s: Option<f64>,
    counting: Counting,
    ms: u64,
    tokens: f64,
    taken: VecDeque<u64>,
}

impl Carrier {
    fn new(throttle_rate: f64, limit_per_s: Option<f64>) -> Self {
        Self::counting(Counting::Bucket(0.1), throttle_rate, limit_per_s)
    }

    fn counting(counting: Counting, throttle_rate: f64, limit_per_s: Option<f64>) -> Self {
        let random = SplitMix64::new(7);
        // The clock of a carrier does not begin its seconds when we begin to send.
        Self { random, throttle_rate, limit_per_s, counting, ms: 391, tokens: f64::MAX, taken: VecDeque::new() }
    }

    fn pass_millisecond(&mut self) {
        self.ms += 1;
        if let (Some(limit), Counting::Bucket(seconds)) = (self.limit_per_s, self.counting) {
            self.tokens = (self.tokens + limit / 1_000.0).min((limit * seconds).max(1.0));
        }
    }

    fn accepts(&mut self) -> bool {
        !self.is_too_much() && !self.random.chance(self.throttle_rate)
    }

    fn is_too_much(&mut self) -> bool {
        let Some(limit) = self.limit_per_s else { return false };
        let since = match self.counting {
            Counting::Bucket(_) => {
                let is_within = self.tokens >= 1.0;
                self.tokens -= f64::from(u8::from(is_within));
                return !is_within;
            }
            Counting::Seconds => self.ms / 1_000 * 1_000,
            Counting::Sliding => self.ms.saturating_sub(999),
        };
        while self.taken.pop_front_if(|at| *at < since).is_some() {}
        let is_within = (self.taken.len() as f64) < limit;
        if is_within {
            self.taken.push_back(self.ms);
        }
        !is_within
    }
}

/// A link that always has something to send.
struct Line {
    pacer: Pacer,
    start: Instant,
    ms: u64,
    window: usize,
    latency_ms: u64,
    /// When each answer comes, to what epoch, and whether it is a good one.
    on_the_way: VecDeque<(u64, u32, bool)>,
}

impl Line {
    /// A window of 200 and answers after 20 ms: 10,000 per second at most.
    fn new(rate_per_s: Option<f64>) -> Self {
        Self::with(rate_per_s, 200, 20)
    }

    fn with(rate_per_s: Option<f64>, window: usize, latency_ms: u64) -> Self {
        let start = Instant::now();
        let pacer = Pacer::new(rate_per_s, None, start);
        Self { pacer, start, ms: 0, window, latency_ms, on_the_way: VecDeque::new() }
    }

    /// Accepted and throttled per second.
    fn run(&mut self, carrier: &mut Carrier, seconds: u64) -> (f64, f64) {
        let (mut accepted, mut throttled) = (0, 0);
        for _ in 0..seconds * 1_000 {
            self.ms += 1;
            carrier.pass_millisecond();
            let now = at(self.start, self.ms);
            let mut answers = Answers { epoch: self.pacer.epoch(), ..Answers::default() };
            let (mut all, mut good_ones) = (0, 0);
            while let Some((_, epoch, good)) = self.on_the_way.pop_front_if(|(due, ..)| *due <= self.ms) {
                all += 1;
                good_ones += u64::from(good);
                *(if good { &mut accepted } else { &mut throttled }) += 1;
                if epoch == answers.epoch {
                    *(if good { &mut answers.accepted } else { &mut answers.throttled }) += 1;
                }
            }
            self.pacer.answered(all, good_ones, 0, now);
            self.pacer.heard(answers, now);
            for _ in 0..self.pacer.take(self.window - self.on_the_way.len(), now) {
                self.on_the_way.push_back((self.ms + self.latency_ms, self.pacer.epoch(), carrier.accepts()));
            }
        }
        (f64::from(accepted) / seconds as f64, f64::from(throttled) / seconds as f64)
    }
}

#[test]
fn a_few_throttled_at_random_leave_the_link_as_quick_as_it_is() {
    for (configured, full) in [(None, 10_000.0), (Some(1_000.0), 1_000.0), (Some(50.0), 50.0)] {
        let (accepted, _) = Line::new(configured).run(&mut Carrier::new(0.02, None), 120);
        assert!(accepted > full * 0.92, "{accepted} of {full} per second");
    }
}

#[test]
fn much_throttled_at_random_is_found_to_be_a_habit() {
    let (accepted, _) = Line::new(Some(1_000.0)).run(&mut Carrier::new(0.15, None), 300);
    assert!(accepted > 600.0, "{accepted} per second");
}

#[test]
fn half_of_everything_thrown_back_slows_and_does_not_stop() {
    let (accepted, throttled) = Line::new(Some(1_000.0)).run(&mut Carrier::new(0.5, None), 300);
    assert!(accepted > 0.4 && throttled < 100.0, "{accepted} {throttled} per second");
}

/// From the first second on 95 of 100 are reached and fewer than 2 % are thrown back, whatever the window, the latency,
/// and the rate that somebody has put into the settings.
#[test]
fn what_the_carrier_takes_is_used_and_hardly_exceeded() {
    let mut failures = Vec::new();
    for (window, latency_ms) in [(10, 1), (100, 1), (1_000, 1), (100, 20), (1_000, 20), (200, 100)] {
        for configured in [None, Some(1_000.0), Some(130.0), Some(104.0), Some(100.0)] {
            let mut line = Line::with(configured, window, latency_ms);
            let (accepted, throttled) = line.run(&mut Carrier::new(0.0, Some(100.0)), 60);
            let share = throttled / (accepted + throttled);
            if accepted < 95.0 || share > 0.02 {
                failures.push(format!("{window}, {latency_ms} ms, {configured:?}: {accepted:.1}/s, {share:.4}"));
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

/// Carriers that count by the second, or let a whole second's worth through at once, are harder to measure.
#[test]
fn however_the_carrier_counts_it_comes_to_that() {
    let mut failures = Vec::new();
    for counting in [Counting::Bucket(1.0), Counting::Seconds, Counting::Sliding] {
        for (window, latency_ms) in [(10, 1), (1_000, 1), (100, 20), (200, 100), (1_000, 300)] {
            for configured in [None, Some(1_000.0), Some(130.0), Some(104.0), Some(100.0)] {
                let mut line = Line::with(configured, window, latency_ms);
                let mut carrier = Carrier::counting(counting, 0.0, Some(100.0));
                let first = line.run(&mut carrier, 60);
                let then = line.run(&mut carrier, 120);
                let share = |(accepted, throttled): (f64, f64)| throttled / (accepted + throttled);
                if first.0 < 75.0 || then.0 < 93.0 || share(first) > 0.09 || share(then) > 0.03 {
                    failures.push(format!(
                        "{counting:?} {window}, {latency_ms} ms, {configured:?}: {:.1}/s, {:.4}, then {:.1}/s, {:.4}",
                        first.0,
                        share(first),
                        then.0,
                        share(then)
                    ));
                }
            }
        }
    }
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn what_the_carrier_takes_is_found_and_kept() {
    for limit in [20.0, 100.0, 400.0, 3_000.0] {
        let (mut line, mut carrier) = (Line::new(None), Carrier::new(0.0, Some(limit)));
        line.run(&mut carrier, 30);
        let (accepted, throttled) = line.run(&mut carrier, 240);
        assert!(accepted > limit * 0.93, "{accepted} of {limit} per second");
        assert!(throttled < limit * 0.015, "{throttled} throttled per second at {limit}");
    }
}

#[test]
fn two_a_second_are_kept_to() {
    let (mut line, mut carrier) = (Line::new(None), Carrier::new(0.0, Some(2.0)));
    let (accepted, throttled) = line.run(&mut carrier, 600);
    assert!(accepted > 1.0 && throttled < 0.2, "{accepted} {throttled} per second");
}

#[test]
fn a_rate_that_the_carrier_changes_is_followed() {
    let mut line = Line::new(None);
    line.run(&mut Carrier::new(0.0, Some(400.0)), 30);
    let (accepted, throttled) = line.run(&mut Carrier::new(0.0, Some(100.0)), 60);
    assert!(accepted > 93.0 && throttled < 4.0, "{accepted} {throttled} per second");
    // Up it goes when it is asked for the next time.
    line.run(&mut Carrier::new(0.0, Some(800.0)), 150);
    let (accepted, _) = line.run(&mut Carrier::new(0.0, Some(800.0)), 30);
    assert!(accepted > 740.0, "{accepted} per second");
}

#[test]
fn it_comes_back_after_the_carrier_threw_everything_back() {
    for configured in [None, Some(1_000.0)] {
        let mut line = Line::new(configured);
        let (before, _) = line.run(&mut Carrier::new(0.0, None), 10);
        let (while_throttled, refused) = line.run(&mut Carrier::new(1.0, None), 20);
        assert!(while_throttled < before / 50.0, "{while_throttled}");
        assert!(refused < 100.0, "{refused} thrown back per second");
        line.run(&mut Carrier::new(0.02, None), 30);
        let (after, _) = line.run(&mut Carrier::new(0.02, None), 10);
        assert!(after > before * 0.9, "{after} after, {before} before");
    }
}
