//! Campaigns that end while carriers owe receipts: those are waited for as long as those of any other campaign, and then
//! their messages have none. The clock is moved by hand.

use std::{pin::Pin, time::Duration};

use domain::campaign::{Campaign, Event, PauseReason, Progress, Status};
use engine::DispatchConfig;
use smpp::ReceiptState;
use store::{Reason, campaigns, retention, workspaces};

use crate::{
    dispatch::{World, world},
    fixture::{Order, PATIENCE, Process, START_MS, count, enter, quick, start_on},
    times::reason,
};

const MINUTE_MS: i64 = 60_000;
const DAY_MS: i64 = 24 * 60 * MINUTE_MS;
const SENT: u64 = 40;
const NOT_SENT: u64 = 20;
const VALIDITY_MINUTES: u32 = 60;
/// From the last message on.
const WAIT_MS: i64 = (VALIDITY_MINUTES as i64 + 60) * MINUTE_MS;

const OWED: Progress = progress(SENT, 0, 0);
const CLOSED: Progress = progress(0, SENT, 0);
const DELIVERED: Progress = progress(0, 0, SENT);

const fn progress(submitted: u64, no_receipt: u64, delivered: u64) -> Progress {
    Progress { waiting: 0, claimed: 0, submitted, delivered, failed: 0, uncertain: 0, no_receipt, not_sent: NOT_SENT }
}

/// A campaign that has ended in this way; the carrier has some of its messages, and owes their receipts until its link is
/// up again. In a box: the futures of a whole installation are large.
fn ended(end: Status) -> Pin<Box<dyn Future<Output = World> + Send>> {
    Box::pin(end_with_receipts_owed(end))
}

async fn end_with_receipts_owed(end: Status) -> World {
    let order = Order {
        daily_limit: Some(SENT as u32),
        validity_minutes: Some(VALIDITY_MINUTES),
        ..Order::of((SENT + NOT_SENT) as u32)
    };
    let world = world(order).await;
    world.smsc.control.update(|behaviour| behaviour.receipts.delay_ms = 8_000);
    world.approve().await;
    let limited =
        |campaign: &Campaign| reason(campaign) == Some(PauseReason::DailyLimit) && campaign.progress.submitted == SENT;
    world.until(limited).await;
    set_link(&world, false);
    match end {
        Status::Cancelled => {
            campaigns::cancel(&world.job.control(&world.process.gate, &world.people).await).await.unwrap();
        }
        Status::Failed => {
            let scope = world.process.system.enter(world.job.workspace, Reason::Dispatch);
            let failure = Some("the disk broke".to_owned());
            campaigns::advance(&scope, world.job.campaign, &Event::Fail, None, failure).await.unwrap();
        }
        Status::Expired => world.clock.set(START_MS + i64::from(VALIDITY_MINUTES) * MINUTE_MS),
        other => panic!("{other:?}"),
    }
    world.process.engine.handle().nudge();
    world.until(|campaign| campaign.life.status == end && campaign.progress == OWED).await;
    world
}

fn set_link(world: &World, up: bool) {
    world.smsc.control.update(|behaviour| behaviour.refuse_bind = (!up).then_some(0x08));
    if !up {
        world.smsc.control.hang_up();
    }
}

/// The next process, which finds the clock so much later.
async fn restarted(world: World, later_ms: i64, config: DispatchConfig) -> World {
    let World { dir, clock, smsc, process: Process { gate, system, engine, core }, job, people } = world;
    engine.shutdown(Duration::from_secs(20)).await;
    drop(core);
    clock.advance(later_ms);
    let process = start_on(gate, system, smsc.port, &clock, config);
    World { dir, clock, smsc, process, job, people }
}

/// Nobody looks after it any more.
async fn until_on_record(world: &World) {
    let begun = std::time::Instant::now();
    while !world.process.system.ended_awaiting_receipts().await.unwrap().is_empty() {
        assert!(begun.elapsed() < PATIENCE, "its record still says that receipts are awaited");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// What comes still later counts, and the rows say the same as the figures.
async fn late_receipts_count(world: World, end: Status) {
    set_link(&world, true);
    world.until(|campaign| campaign.progress == DELIVERED && campaign.life.status == end).await;
    let (progress, rows, accepted) = world.end().await;
    assert_eq!((progress, count(&rows)), (DELIVERED, DELIVERED));
    assert!(accepted.len() as u64 == SENT && accepted.values().all(|&times| times == 1));
}

async fn closed_by_the_process_that_ended_it(end: Status) {
    let world = ended(end).await;
    world.clock.set(START_MS + WAIT_MS - 1);
    assert_eq!(world.rest().await.progress, OWED);
    world.clock.set(START_MS + WAIT_MS);
    let closed = world.until(|campaign| campaign.progress.submitted == 0).await;
    assert_eq!((closed.life.status, closed.progress), (end, CLOSED));
    late_receipts_count(world, end).await;
}

async fn closed_by_a_process_that_comes_long_after(end: Status) {
    let world = restarted(ended(end).await, 30 * DAY_MS, quick()).await;
    let closed = world.until(|campaign| campaign.progress.submitted == 0).await;
    assert_eq!((closed.life.status, closed.progress), (end, CLOSED));
    until_on_record(&world).await;
    late_receipts_count(world, end).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_cancelled_campaign_receipts_are_waited_for_and_then_given_up() {
    closed_by_the_process_that_ended_it(Status::Cancelled).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_an_expired_campaign_receipts_are_waited_for_and_then_given_up() {
    closed_by_the_process_that_ended_it(Status::Expired).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_failed_campaign_receipts_are_waited_for_and_then_given_up() {
    closed_by_the_process_that_ended_it(Status::Failed).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_cancelled_campaign_receipts_are_given_up_after_a_month_without_a_process() {
    closed_by_a_process_that_comes_long_after(Status::Cancelled).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_an_expired_campaign_receipts_are_given_up_after_a_month_without_a_process() {
    closed_by_a_process_that_comes_long_after(Status::Expired).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_failed_campaign_receipts_are_given_up_after_a_month_without_a_process() {
    closed_by_a_process_that_comes_long_after(Status::Failed).await;
}

/// Nobody works on the campaign when its time comes; its recipients' data stay until then.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_that_nobody_works_on_is_closed_when_its_time_comes() {
    let config = DispatchConfig { receipt_wait_ms: Some(10 * DAY_MS), ..quick() };
    let world = restarted(ended(Status::Cancelled).await, 9 * DAY_MS, config).await;
    let scope = enter(&world.process.gate, &world.people.admin).await;
    workspaces::set_recipient_data_days(&scope.grant().unwrap(), scope.workspace().revision, Some(8)).await.unwrap();
    assert_eq!(world.rest().await.progress, OWED);
    retention::mark_due(&world.process.system).await.unwrap();
    assert_eq!(world.job.campaign(&world.process.system).await.recipient_data_removed_at_ms, None);
    world.clock.advance(3 * DAY_MS);
    world.until(|campaign| campaign.progress == CLOSED).await;
    until_on_record(&world).await;
    retention::mark_due(&world.process.system).await.unwrap();
    assert!(world.job.campaign(&world.process.system).await.recipient_data_removed_at_ms.is_some());
    world.process.engine.shutdown(Duration::from_secs(20)).await;
}

/// A message of which nobody knew is with the carrier after all, which then says no more of it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_turns_out_to_be_submitted_after_the_end_is_given_up_too() {
    let world = world(Order { validity_minutes: Some(VALIDITY_MINUTES), ..Order::of(SENT as u32) }).await;
    world.smsc.control.update(|behaviour| {
        behaviour.silence_rate = 1.0;
        behaviour.receipts.delay_ms = 3_000;
        behaviour.receipts.failure_rate = 1.0;
        behaviour.receipts.failure_state = ReceiptState::Enroute;
    });
    world.approve().await;
    while world.smsc.control.counts().accepted < SENT {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    set_link(&world, false);
    world.until(|campaign| campaign.progress.uncertain == SENT).await;
    world.clock.advance(WAIT_MS);
    world.until(|campaign| campaign.life.status == Status::Done).await;
    set_link(&world, true);
    world.until(|campaign| campaign.progress.submitted == SENT).await;
    world.clock.advance(WAIT_MS);
    world.until(|campaign| campaign.progress == Progress { no_receipt: SENT, ..Progress::default() }).await;
    world.end().await;
}
