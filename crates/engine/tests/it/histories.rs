//! Histories: people, the clock, the carrier, the registry and kills do what they do in any order, over campaigns of the
//! four modes and their versions. After each step it is known of each campaign what keeps it from sending; while something
//! does, nothing of it reaches the SMSC. In the end everybody has been sent to once or is accounted for, and whatever was
//! sent is the text of a version that a moderator approved.
//!
//! Two are always played: one that goes through every reason of a pause, each with a kill in its middle, and one that was
//! made at random. `HISTORIES=20 cargo test -p engine --test it histories` plays others.

mod scenario;

use std::time::Duration;

use domain::campaign::PauseReason;
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};

use self::scenario::{Life, Scenario, runtime};
use crate::fixture::Process;

const STEPS: usize = 20;
/// Of [`Scenario::jobs`].
const ON_DEMAND: usize = 0;
const SCHEDULED: usize = 1;
const SPREAD: usize = 2;
const TRIGGER: usize = 3;
/// Of submits, for all campaigns: slow enough that somebody waits at each step.
const SLOW_PER_S: u32 = 60;
const QUICK_PER_S: u32 = 150;

#[derive(Debug, Clone, Copy)]
enum Step {
    /// Another text; a new version, for which no approval holds.
    Edit(usize),
    Approve(usize),
    Start(usize),
    Pause(usize),
    Resume(usize),
    Cancel(usize),
    /// Of the workspace, or of the installation.
    Hold {
        installation: bool,
    },
    Release {
        installation: bool,
    },
    /// The daily hours leave this moment out, or there are none.
    Night(bool),
    /// The workspace has room for a few messages more today, or for any number.
    Limit(bool),
    LinkDown,
    LinkUp,
    /// A carrier suspends the 10DLC campaign, or has it back.
    Suspend(bool),
    /// What the brand may send on this day is used up by others.
    UseUpTheDay,
    /// A program hands in some numbers.
    Arrive(u32),
    Minutes(i64),
    /// The process ends in order, and the next one begins.
    Restart,
}

/// A step, and whether the process is killed before it has taken it in.
type Moment = (Step, bool);

fn moment() -> impl Strategy<Value = Moment> {
    let campaign = 0_usize..4;
    let step = prop_oneof![
        3 => campaign.clone().prop_map(Step::Edit),
        8 => campaign.clone().prop_map(Step::Approve),
        4 => campaign.clone().prop_map(Step::Start),
        4 => campaign.clone().prop_map(Step::Pause),
        6 => campaign.clone().prop_map(Step::Resume),
        1 => campaign.prop_map(Step::Cancel),
        2 => any::<bool>().prop_map(|installation| Step::Hold { installation }),
        4 => any::<bool>().prop_map(|installation| Step::Release { installation }),
        3 => any::<bool>().prop_map(Step::Night),
        3 => any::<bool>().prop_map(Step::Limit),
        1 => Just(Step::LinkDown),
        3 => Just(Step::LinkUp),
        3 => any::<bool>().prop_map(Step::Suspend),
        1 => Just(Step::UseUpTheDay),
        5 => (1_u32..30).prop_map(Step::Arrive),
        6 => (1_i64..45).prop_map(Step::Minutes),
        2 => Just(Step::Restart),
    ];
    (step, prop::bool::weighted(0.25))
}

/// What makes a campaign pause for this reason, and what ends it; a new reason needs its own.
const fn cause(reason: PauseReason) -> (Step, Step) {
    match reason {
        PauseReason::ByHand => (Step::Pause(SPREAD), Step::Resume(SPREAD)),
        PauseReason::OutsideDailyWindow => (Step::Night(true), Step::Night(false)),
        PauseReason::DailyLimit => (Step::Limit(true), Step::Limit(false)),
        PauseReason::ChannelDown => (Step::LinkDown, Step::LinkUp),
        PauseReason::EverythingHeld => (Step::Hold { installation: true }, Step::Release { installation: true }),
        PauseReason::MissedSchedule => (Step::Minutes(130), Step::Resume(SPREAD)),
        PauseReason::TenDlc => (Step::Suspend(true), Step::Suspend(false)),
        // It ends with the day.
        PauseReason::TenDlcDailyCap => (Step::UseUpTheDay, Step::Resume(SCHEDULED)),
    }
}

/// Versions first; then each reason, with a kill before the engine knows of its cause, and one before it knows of its end.
fn every_reason() -> Vec<Moment> {
    let mut moments = vec![
        (Step::Approve(ON_DEMAND), true),
        (Step::Edit(ON_DEMAND), false),
        (Step::Edit(SCHEDULED), true),
        (Step::Approve(SCHEDULED), false),
        (Step::Edit(SCHEDULED), false),
        (Step::Edit(TRIGGER), false),
        (Step::Approve(TRIGGER), true),
        (Step::Start(TRIGGER), false),
        (Step::Arrive(20), true),
        (Step::Approve(SPREAD), false),
        (Step::Approve(SCHEDULED), true),
        (Step::Start(SCHEDULED), false),
    ];
    // What is Pending is missed; what waits for the brand's next day waits through all the others.
    let first = [PauseReason::MissedSchedule, PauseReason::TenDlcDailyCap];
    let others = PauseReason::ALL.into_iter().filter(|reason| !first.contains(reason));
    for reason in first.into_iter().chain(others) {
        let (begin, end) = cause(reason);
        moments.extend([(begin, true), (Step::Edit(SPREAD), false), (end, true), (Step::Arrive(5), false)]);
    }
    moments
}

fn play(moments: &[Moment], submits_per_s: u32) -> Scenario {
    let outside = runtime();
    let mut scenario = Scenario::begin(&outside, submits_per_s);
    let mut life = scenario.live();
    for &(step, killed) in moments {
        if let Step::Restart = step {
            scenario.end(life, false);
            life = scenario.live();
        }
        life.runtime.block_on(scenario.take(&life, step));
        if killed {
            scenario.end(life, true);
            life = scenario.live();
        }
        life.runtime.block_on(scenario.look(&life));
    }
    life.runtime.block_on(scenario.finish(&life));
    let Life { runtime, process, people } = life;
    drop(people);
    runtime.block_on(async {
        let Process { gate, system, core, engine } = process;
        engine.shutdown(Duration::from_secs(20)).await;
        drop((gate, core));
        scenario.account(&system, moments.len() as u64).await;
    });
    outside.shutdown_background();
    scenario
}

#[test]
fn through_every_reason_of_a_pause_everybody_is_sent_to_once_or_accounted_for() {
    let played = play(&every_reason(), SLOW_PER_S);
    for reason in PauseReason::ALL {
        assert!(played.seen.contains(&reason), "nothing was paused: {reason:?}");
    }
}

#[test]
fn whatever_happens_in_whatever_order_everybody_is_sent_to_once_or_accounted_for() {
    let others: Option<usize> = std::env::var("HISTORIES").ok().and_then(|count| count.parse().ok());
    let mut runner = match others {
        Some(_) => TestRunner::new(Config::default()),
        None => TestRunner::deterministic(),
    };
    for _ in 0..others.unwrap_or(1) {
        let moments = prop::collection::vec(moment(), STEPS).new_tree(&mut runner).unwrap().current();
        println!("{moments:?}");
        play(&moments, QUICK_PER_S);
    }
}
