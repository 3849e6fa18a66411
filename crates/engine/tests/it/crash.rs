//! The process ends at random moments, and goes on: nothing is lost, nothing is sent twice.

use std::{sync::Arc, time::Duration};

use domain::{campaign::Status, clock::ManualClock, recipient::RecipientState};
use engine::DispatchConfig;
use tokio::runtime::{Builder, Runtime};

use crate::fixture::{
    Job, Order, PATIENCE, People, Process, START_MS, Smsc, count, enter, left_behind, open, quick, start, submit,
};

const KILLS: u64 = 6;
const CLAIM_LIMIT: u32 = 300;
const RECIPIENTS: u32 = 9_000;

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

#[test]
fn killed_at_random_moments_nothing_is_lost_or_sent_twice() {
    let outside_dir = tempfile::tempdir().unwrap();
    let mut dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let outside = runtime();
    let smsc = outside.block_on(Smsc::start(outside_dir.path()));
    smsc.control.update(|behaviour| {
        behaviour.max_submits_per_s = Some(3_000);
        behaviour.latency_ms = 5;
        behaviour.receipts.delay_ms = 200;
        behaviour.receipts.duplicate_rate = 0.05;
    });
    let config = || DispatchConfig { claim_limit: CLAIM_LIMIT, claim_batch: 100, ..quick() };

    let first = runtime();
    let job: Job = first.block_on(async {
        let (gate, system) = open(dir.path(), &clock).await;
        let (job, people) = submit(&gate, &system, Order::of(RECIPIENTS)).await;
        job.approve(&gate, &people).await;
        job
    });
    first.shutdown_timeout(Duration::from_secs(10));
    dir = left_behind(dir.path());

    let mut uncertain_before = 0;
    for kill in 0..KILLS {
        let life = runtime();
        let uncertain = life.block_on(async {
            let process = start(dir.path(), smsc.port, &clock, config()).await;
            let begun = smsc.accepted().len();
            // A different moment each time, by how much has been accepted.
            let some = (137 + kill * 311) as usize;
            job.until(&process.system, |campaign| {
                campaign.life.status == Status::Done || smsc.accepted().len() > begun + some
            })
            .await;
            job.campaign(&process.system).await.progress.uncertain
        });
        // As a kill does: tasks end where they stand, nothing is drained or folded.
        life.shutdown_timeout(Duration::from_secs(10));
        dir = left_behind(dir.path());
        assert!(uncertain <= uncertain_before + u64::from(CLAIM_LIMIT), "{uncertain} after {uncertain_before}");
        uncertain_before = uncertain;
    }

    let last = runtime();
    let rows = last.block_on(async {
        let process = start(dir.path(), smsc.port, &clock, config()).await;
        let nobody_left = |campaign: &domain::campaign::Campaign| {
            let p = campaign.progress;
            p.waiting + p.claimed + p.submitted == 0
        };
        job.until(&process.system, nobody_left).await;
        // Receipts of uncertain recipients find them by their number, after they were parked.
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        clock.advance(26 * 3_600_000);
        let done = job.until(&process.system, |campaign| campaign.life.status == Status::Done).await;
        process.engine.shutdown(Duration::from_secs(20)).await;
        let rows = job.rows(&process.system).await;
        assert_eq!(count(&rows), done.progress);
        rows
    });
    let accepted = smsc.accepted();
    assert!(accepted.values().all(|&times| times == 1), "sent twice");
    let mut uncertain = 0;
    for (number, row) in &rows {
        match row.state {
            RecipientState::Delivered => assert!(accepted.contains_key(&(*number, 1)), "{number} was never there"),
            RecipientState::Uncertain => uncertain += 1,
            other => panic!("{number} is lost: {other:?}"),
        }
    }
    assert_eq!(rows.len(), RECIPIENTS as usize);
    assert!(uncertain <= KILLS * u64::from(CLAIM_LIMIT));
    // Each of those that the SMSC has was settled by its receipt.
    let unsettled = rows
        .iter()
        .filter(|(number, row)| row.state == RecipientState::Uncertain && accepted.contains_key(&(*number, 1)))
        .count();
    assert_eq!(unsettled, 0, "receipts settle what the SMSC has");
    last.shutdown_timeout(Duration::from_secs(10));
    outside.shutdown_background();
}

/// Messages by hour, which the usage of the month is made of.
async fn sent_by_hour(process: &Process, people: &People) -> u64 {
    let hour = START_MS / 3_600_000;
    let scope = enter(&process.gate, &people.author).await;
    store::journal::hourly(&scope, hour - 1, hour + 2).await.unwrap().iter().map(|count| count.sent).sum()
}

#[test]
fn what_was_sent_just_before_a_kill_is_counted_by_the_hour() {
    const SENT: u32 = 50;
    let outside_dir = tempfile::tempdir().unwrap();
    let mut dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let outside = runtime();
    let smsc = outside.block_on(Smsc::start(outside_dir.path()));
    let first = runtime();
    let never = DispatchConfig { fold_interval: Duration::from_secs(3_600), ..quick() };
    let (job, people) = first.block_on(async {
        let process = start(dir.path(), smsc.port, &clock, never).await;
        let (job, people) = submit(&process.gate, &process.system, Order::of(SENT)).await;
        job.approve(&process.gate, &people).await;
        job.until(&process.system, |campaign| campaign.life.status == Status::Done).await;
        (job, people)
    });
    first.shutdown_timeout(Duration::from_secs(10));
    dir = left_behind(dir.path());

    let second = runtime();
    second.block_on(async {
        let process = start(dir.path(), smsc.port, &clock, quick()).await;
        assert_eq!(job.campaign(&process.system).await.life.status, Status::Done, "nobody has to work on it");
        let begun = std::time::Instant::now();
        while sent_by_hour(&process, &people).await < u64::from(SENT) {
            assert!(begun.elapsed() < PATIENCE, "{} of {SENT}", sent_by_hour(&process, &people).await);
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        assert_eq!(sent_by_hour(&process, &people).await, u64::from(SENT));
        process.engine.shutdown(Duration::from_secs(20)).await;
    });
    second.shutdown_timeout(Duration::from_secs(10));
    outside.shutdown_background();
}
