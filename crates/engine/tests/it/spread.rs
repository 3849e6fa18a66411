//! Spread: everybody once, in the order and at the times of the plan, whatever happens while it is built and sent.

use std::{collections::HashSet, sync::Arc, time::Duration};

use domain::{
    campaign::{Campaign, Mode, PauseReason, Status},
    clock::ManualClock,
    week::Week,
};
use store::{
    Reason, campaigns,
    recipients::{self, Spread, SpreadStage},
};
use tokio::runtime::{Builder, Runtime};

use crate::{
    dispatch::{World, world},
    fixture::{FIRST_NUMBER, Job, Order, Process, START_MS, Smsc, left_behind, open, quick, start, submit},
    times::{moment, reason, vienna},
};

const MINUTE_MS: i64 = 60_000;

async fn plan(job: &Job, process: &Process) -> Option<Spread> {
    let scope = process.system.enter(job.workspace, Reason::Dispatch);
    recipients::load_spread(&scope, job.campaign).await.unwrap()
}

/// Everybody of the order once, and no longer in the order of the file.
async fn numbers(job: &Job, process: &Process, count: u32) -> Vec<u64> {
    let numbers: Vec<u64> = job.rows(&process.system).await.into_iter().map(|(number, _)| number).collect();
    let expected: HashSet<u64> = (0..u64::from(count)).map(|index| FIRST_NUMBER + index).collect();
    assert_eq!(numbers.len(), count as usize);
    assert_eq!(numbers.iter().copied().collect::<HashSet<_>>(), expected);
    let in_place = (FIRST_NUMBER..).zip(&numbers).filter(|(place, number)| place == *number).count();
    assert!(in_place < 20, "{in_place} are where they were");
    numbers
}

fn spread(from: &str, to: &str, recipients: u32) -> Order {
    Order { mode: Mode::Spread, start_at_ms: Some(moment(from)), end_at_ms: Some(moment(to)), ..Order::of(recipients) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn three_days_of_office_hours_go_by_the_plan() {
    let world = world(spread("2026-09-22T00:00", "2026-09-25T00:00", 9_000)).await;
    let week = Week::daily(9 * 60, 17 * 60);
    world.set_hours(Some(week), None).await;
    world.approve().await;
    world.until(|campaign| campaign.life.status == Status::Pending).await;
    let plan = plan(&world.job, &world.process).await.unwrap();
    assert_eq!((plan.stage, plan.recipients), (SpreadStage::Ready, 9_000));
    assert_eq!(plan.plan.slots.iter().map(|slot| slot.recipients).collect::<Vec<_>>(), [3_000; 3]);
    let order = numbers(&world.job, &world.process, 9_000).await;

    // The start of the window is in the night: it is due, and waits for the morning.
    world.clock.set(moment("2026-09-22T00:00"));
    world.until(|campaign| reason(campaign) == Some(PauseReason::OutsideDailyWindow)).await;
    for (at, sent) in [
        ("2026-09-22T09:00", 1),
        ("2026-09-22T11:00", 751),
        ("2026-09-22T16:59", 2_994),
        ("2026-09-22T20:00", 2_994),
        ("2026-09-23T13:00", 4_501),
    ] {
        world.clock.set(moment(at));
        let expected = |campaign: &Campaign| campaign.progress.delivered == sent;
        world.until(expected).await;
        assert!(expected(&world.rest().await), "{at}");
        assert_eq!(u64::from(plan.plan.due_by(moment(at))).min(sent), sent, "{at}");
    }
    // Paused by hand for a day: what is overdue goes at once, the rest as it was planned.
    campaigns::pause(&world.job.control(&world.process.gate, &world.people).await).await.unwrap();
    world.process.engine.handle().nudge();
    world.rest().await;
    world.clock.set(moment("2026-09-24T10:00"));
    assert_eq!(world.rest().await.progress.delivered, 4_501);
    campaigns::resume(&world.job.control(&world.process.gate, &world.people).await).await.unwrap();
    world.until(|campaign| campaign.progress.delivered == 6_376).await;
    assert_eq!(world.rest().await.progress.delivered, 6_376);
    world.clock.set(moment("2026-09-24T16:59") + 59_999);
    world.until(|campaign| campaign.life.status == Status::Done).await;
    let (progress, rows, accepted) = world.end().await;
    assert_eq!(progress.delivered, 9_000);
    assert_eq!((accepted.len(), accepted.values().copied().max()), (9_000, Some(1)));
    assert_eq!(rows.iter().map(|(number, _)| *number).collect::<Vec<_>>(), order);
    for (place, (_, row)) in (0..).zip(&rows) {
        let claimed_at_ms = row.claimed_at_ms.unwrap();
        assert!(claimed_at_ms >= plan.plan.due_ms(place), "{place} was sent before it was due");
        assert!(week.is_open(&vienna(), claimed_at_ms), "{place}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_end_of_the_window_ends_it_and_who_waits_is_not_sent_to() {
    let world = world(spread("2026-09-22T10:00", "2026-09-22T11:00", 600)).await;
    world.approve().await;
    world.until(|campaign| campaign.life.status == Status::Pending).await;
    world.clock.set(moment("2026-09-22T10:30"));
    world.until(|campaign| campaign.progress.delivered == 301).await;
    campaigns::pause(&world.job.control(&world.process.gate, &world.people).await).await.unwrap();
    world.clock.set(moment("2026-09-22T11:00"));
    world.until(|campaign| campaign.life.status == Status::Expired && campaign.progress.not_sent == 299).await;
    let (_, _, accepted) = world.end().await;
    assert_eq!(accepted.len(), 301);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn approved_late_it_is_spread_over_what_is_left() {
    let world = world(spread("2026-09-22T10:00", "2026-09-22T12:00", 1_200)).await;
    world.clock.set(moment("2026-09-22T11:00"));
    world.approve().await;
    world.until(|campaign| campaign.progress.delivered >= 1).await;
    let window = plan(&world.job, &world.process).await.unwrap().plan.window().unwrap();
    assert_eq!(window, moment("2026-09-22T11:00")..moment("2026-09-22T12:00"));
    world.clock.set(moment("2026-09-22T11:30"));
    world.until(|campaign| campaign.progress.delivered == 601).await;
    assert_eq!(world.rest().await.progress.delivered, 601);
    world.end().await;
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

#[test]
fn killed_while_it_is_built_everybody_is_there_once() {
    const RECIPIENTS: u32 = 90_000;
    let outside_dir = tempfile::tempdir().unwrap();
    let mut dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let outside = runtime();
    let smsc = outside.block_on(Smsc::start(outside_dir.path()));
    let first = runtime();
    let job: Job = first.block_on(async {
        let (gate, system) = open(dir.path(), &clock).await;
        let order = Order {
            start_at_ms: Some(START_MS + 60 * MINUTE_MS),
            end_at_ms: Some(START_MS + 120 * MINUTE_MS),
            mode: Mode::Spread,
            ..Order::of(RECIPIENTS)
        };
        let (job, people) = submit(&gate, &system, order).await;
        job.approve(&gate, &people).await;
        job
    });
    first.shutdown_timeout(Duration::from_secs(10));
    dir = left_behind(dir.path());

    // Once in every stage, wherever it stands then.
    let moments: [fn(&Spread) -> bool; 4] = [
        |_| true,
        |spread| spread.stage != SpreadStage::Ordering || spread.blocks > 0,
        |spread| spread.stage != SpreadStage::Ordering,
        |spread| spread.stage == SpreadStage::Copying && spread.blocks > 8 || spread.stage == SpreadStage::Ready,
    ];
    let mut seeds = HashSet::new();
    for reached in moments {
        let life = runtime();
        let seed = life.block_on(async {
            let process = start(dir.path(), smsc.port, &clock, quick()).await;
            loop {
                if let Some(spread) = plan(&job, &process).await.filter(&reached) {
                    break spread.seed.to_string();
                }
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
        seeds.insert(seed);
        life.shutdown_timeout(Duration::from_secs(10));
        dir = left_behind(dir.path());
    }
    let last = runtime();
    last.block_on(async {
        let process = start(dir.path(), smsc.port, &clock, quick()).await;
        job.until(&process.system, |campaign| campaign.life.status == Status::Pending).await;
        numbers(&job, &process, RECIPIENTS).await;
        seeds.insert(plan(&job, &process).await.unwrap().seed.to_string());
        process.engine.shutdown(Duration::from_secs(20)).await;
    });
    assert_eq!(seeds.len(), 1, "one plan, whatever happened");
    last.shutdown_timeout(Duration::from_secs(10));
    outside.shutdown_background();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelled_while_it_is_built_it_keeps_everybody_once() {
    let world: World = world(spread("2026-09-22T10:00", "2026-09-22T12:00", 60_000)).await;
    world.approve().await;
    loop {
        let stage = plan(&world.job, &world.process).await.map(|spread| spread.stage);
        if stage.is_some_and(|stage| stage != SpreadStage::Ordering) {
            break;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    campaigns::cancel(&world.job.control(&world.process.gate, &world.people).await).await.unwrap();
    world.process.engine.handle().nudge();
    world.until(|campaign| campaign.progress.not_sent == 60_000).await;
    let numbers: HashSet<u64> =
        world.job.rows(&world.process.system).await.into_iter().map(|(number, _)| number).collect();
    assert_eq!(numbers.len(), 60_000);
    assert!(world.smsc.accepted().is_empty());
}
