use std::collections::VecDeque;

use smpp::random::SplitMix64;

use super::*;

fn at(start: Instant, ms: u64) -> Instant {
    start + Duration::from_millis(ms)
}

#[test]
fn a_link_without_a_rate_is_not_held() {
    let start = Instant::now();
    let mut pacer = Pacer::new(None, None, start);
    assert_eq!(pacer.take(5_000, start), 5_000);
    assert_eq!(pacer.next_at(), None);
}

#[test]
fn the_rate_is_kept_to_the_segment() {
    let start = Instant::now();
    let mut pacer = Pacer::new(Some(250.0), Some(10), start);
    let taken: usize = (0..=4_000).map(|ms| pacer.take(1_000, at(start, ms))).sum();
    assert!((1_009..=1_010).contains(&taken), "{taken}");
}

#[test]
fn the_next_token_is_there_when_it_is_announced() {
    let start = Instant::now();
    let mut pacer = Pacer::new(Some(3.0), Some(1), start);
    for _ in 0..20 {
        let next = pacer.next_at().unwrap();
        assert_eq!(pacer.take(9, next), 1);
    }
}

#[test]
fn a_window_of_throttled_answers_slows_once() {
    let start = Instant::now();
    let mut pacer = Pacer::new(Some(1_000.0), None, start);
    let epoch = pacer.epoch();
    pacer.accepted(100, at(start, 500));
    for _ in 0..300 {
        pacer.heard(Answers { epoch, accepted: 1, throttled: 10 }, at(start, 1_000));
    }
    let limit = pacer.limit().unwrap();
    assert!((94.0..=96.0).contains(&limit), "{limit}");
    assert_eq!(pacer.take(10, at(start, 1_000)), 0);
}

#[test]
fn a_single_throttled_answer_slows_nothing() {
    let start = Instant::now();
    let mut pacer = Pacer::new(None, None, start);
    pacer.heard(Answers { epoch: pacer.epoch(), accepted: 0, throttled: 1 }, start);
    assert_eq!(pacer.limit(), None);
}

/// A carrier as the link sees it, in steps of a millisecond.
struct Carrier {
    random: SplitMix64,
    /// The part that is throttled whatever the rate.
    throttle_rate: f64,
    /// More than this is throttled, in a bucket of a tenth of a second.
    limit_per_s: Option<f64>,
    tokens: f64,
}

impl Carrier {
    fn new(throttle_rate: f64, limit_per_s: Option<f64>) -> Self {
        Self { random: SplitMix64::new(7), throttle_rate, limit_per_s, tokens: 0.0 }
    }

    fn pass_millisecond(&mut self) {
        if let Some(limit) = self.limit_per_s {
            self.tokens = (self.tokens + limit / 1_000.0).min((limit / 10.0).max(1.0));
        }
    }

    fn accepts(&mut self) -> bool {
        if self.limit_per_s.is_some() {
            if self.tokens < 1.0 {
                return false;
            }
            self.tokens -= 1.0;
        }
        !self.random.chance(self.throttle_rate)
    }
}

/// A link that always has something to send, with a window of 200 and answers after 20 ms: 10,000 per second at most.
struct Line {
    pacer: Pacer,
    start: Instant,
    ms: u64,
    /// When each answer comes, to what epoch, and whether it is a good one.
    on_the_way: VecDeque<(u64, u32, bool)>,
}

const WINDOW: usize = 200;
const LATENCY_MS: u64 = 20;

impl Line {
    fn new(rate_per_s: Option<f64>) -> Self {
        let start = Instant::now();
        Self { pacer: Pacer::new(rate_per_s, None, start), start, ms: 0, on_the_way: VecDeque::new() }
    }

    /// Accepted and throttled per second.
    fn run(&mut self, carrier: &mut Carrier, seconds: u64) -> (f64, f64) {
        let (mut accepted, mut throttled) = (0, 0);
        for _ in 0..seconds * 1_000 {
            self.ms += 1;
            carrier.pass_millisecond();
            let now = at(self.start, self.ms);
            let mut answers = Answers { epoch: self.pacer.epoch(), ..Answers::default() };
            while let Some((_, epoch, good)) = self.on_the_way.pop_front_if(|(due, ..)| *due <= self.ms) {
                if good {
                    accepted += 1;
                    self.pacer.accepted(1, now);
                } else {
                    throttled += 1;
                }
                if epoch == answers.epoch {
                    *(if good { &mut answers.accepted } else { &mut answers.throttled }) += 1;
                }
            }
            self.pacer.heard(answers, now);
            for _ in 0..self.pacer.take(WINDOW - self.on_the_way.len(), now) {
                self.on_the_way.push_back((self.ms + LATENCY_MS, self.pacer.epoch(), carrier.accepts()));
            }
        }
        (f64::from(accepted) / seconds as f64, f64::from(throttled) / seconds as f64)
    }
}

#[test]
fn a_few_throttled_at_random_leave_the_link_as_quick_as_it_is() {
    for (configured, full) in [(None, 10_000.0), (Some(1_000.0), 1_000.0), (Some(50.0), 50.0)] {
        let (accepted, _) = Line::new(configured).run(&mut Carrier::new(0.02, None), 120);
        assert!(accepted > full * 0.93, "{accepted} of {full} per second");
    }
}

#[test]
fn much_throttled_at_random_slows_gently() {
    let (accepted, _) = Line::new(Some(1_000.0)).run(&mut Carrier::new(0.15, None), 300);
    assert!(accepted > 15.0, "{accepted} per second");
}

#[test]
fn what_the_carrier_takes_is_found_and_kept() {
    for limit in [20.0, 400.0, 3_000.0] {
        let (mut line, mut carrier) = (Line::new(None), Carrier::new(0.0, Some(limit)));
        line.run(&mut carrier, 30);
        let (accepted, throttled) = line.run(&mut carrier, 60);
        assert!(accepted > limit * 0.9, "{accepted} of {limit} per second");
        assert!(throttled < limit * 0.1, "{throttled} throttled per second at {limit}");
    }
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
