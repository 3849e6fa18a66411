//! Whole runs: everything that is claimed is accounted for, and nothing is sent that should not be.

use std::{collections::HashMap, sync::Arc, time::Duration};

use domain::{
    campaign::{Mode, PauseReason, Progress, Status},
    clock::ManualClock,
    recipient::RecipientState,
};
use smpp::simulator::PrefixError;
use store::campaigns;

use crate::fixture::{FIRST_NUMBER, Job, Order, People, Process, START_MS, Smsc, count, quick, start, submit};

/// One process at work on one campaign.
pub struct World {
    pub dir: tempfile::TempDir,
    pub clock: Arc<ManualClock>,
    pub smsc: Smsc,
    pub process: Process,
    pub job: Job,
    pub people: People,
}

pub async fn world(order: Order) -> World {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let smsc = Smsc::start(dir.path()).await;
    let process = start(dir.path(), smsc.port, &clock, quick()).await;
    let (job, people) = submit(&process.gate, &process.system, order).await;
    World { dir, clock, smsc, process, job, people }
}

impl World {
    pub async fn approve(&self) {
        self.job.approve(&self.process.gate, &self.people).await;
        self.process.engine.handle().nudge();
    }

    /// Ends the process in order and reads what it left: the figures of the record are those of the rows.
    pub async fn end(self) -> (Progress, Vec<(u64, store::recipients::RecipientStatus)>, HashMap<(u64, u8), u32>) {
        let Self { process, job, smsc, dir: _dir, .. } = self;
        process.engine.shutdown(Duration::from_secs(20)).await;
        let rows = job.rows(&process.system).await;
        let progress = job.campaign(&process.system).await.progress;
        assert_eq!(count(&rows), progress);
        (progress, rows, smsc.accepted())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_with_faults_add_up() {
    let world = world(Order { text: "Hello {name}", ..Order::of(10_000) }).await;
    world.smsc.control.update(|behaviour| {
        behaviour.throttle_rate = 0.0005;
        behaviour.errors_by_prefix =
            vec![PrefixError { prefix: (FIRST_NUMBER / 1_000 + 3).to_string(), command_status: 0x0B }];
        behaviour.receipts.loss_rate = 0.01;
        behaviour.receipts.duplicate_rate = 0.1;
        behaviour.receipts.failure_rate = 0.05;
        behaviour.receipts.before_responses = true;
    });
    world.approve().await;
    world
        .job
        .until(&world.process.system, |campaign| {
            let p = campaign.progress;
            p.waiting + p.claimed == 0 && p.submitted < 400 && p.submitted > 0
        })
        .await;
    // The receipts that were lost are not waited for for ever.
    tokio::time::sleep(Duration::from_millis(700)).await;
    world.clock.advance(26 * 3_600_000);
    let done = world.job.until(&world.process.system, |campaign| campaign.life.status == Status::Done).await;
    assert_eq!(done.progress.total(), 10_000);
    let (progress, rows, accepted) = world.end().await;
    assert_eq!(progress, done.progress);
    assert_eq!((progress.submitted, progress.waiting, progress.claimed, progress.uncertain), (0, 0, 0, 0));
    assert!(progress.no_receipt > 20, "{progress:?}");
    assert!(progress.failed > 1_200, "1,000 refused, 5 % by receipt: {progress:?}");

    assert!(accepted.values().all(|&times| times == 1), "a part was accepted twice");
    for (number, row) in &rows {
        let parts = row.parts.len() as u8;
        assert_eq!(parts, if (number - FIRST_NUMBER).is_multiple_of(50) { 2 } else { 1 });
        let arrived = (1..=parts).filter(|&part| accepted.contains_key(&(*number, part))).count();
        match row.state {
            RecipientState::Delivered | RecipientState::NoReceipt => assert_eq!(arrived, usize::from(parts)),
            RecipientState::Failed => assert!(row.error.is_some()),
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn pausing_and_resuming_loses_and_repeats_nothing() {
    let world = world(Order::of(6_000)).await;
    world.smsc.control.update(|behaviour| behaviour.max_submits_per_s = Some(4_000));
    world.approve().await;
    let (gate, system) = (&world.process.gate, &world.process.system);
    world.job.until(system, |campaign| campaign.progress.processed() > 500).await;
    campaigns::pause(&world.job.control(gate, &world.people).await).await.unwrap();
    world.process.engine.handle().nudge();
    let paused = world.job.until(system, |campaign| campaign.progress.claimed == 0).await;
    tokio::time::sleep(Duration::from_millis(700)).await;
    let still = world.job.campaign(system).await;
    assert_eq!(still.life.status, Status::Paused);
    assert_eq!(still.progress.waiting, paused.progress.waiting, "nothing is claimed while it is paused");
    assert!(still.progress.waiting > 0);
    campaigns::resume(&world.job.control(gate, &world.people).await).await.unwrap();
    world.process.engine.handle().nudge();
    world.job.until(system, |campaign| campaign.life.status == Status::Done).await;
    let (progress, _, accepted) = world.end().await;
    assert_eq!(progress, Progress { delivered: 6_000, ..Progress::default() });
    assert_eq!((accepted.len(), accepted.values().copied().max()), (6_000, Some(1)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn cancelling_leaves_nobody_waiting() {
    let world = world(Order::of(9_000)).await;
    world.smsc.control.update(|behaviour| behaviour.max_submits_per_s = Some(3_000));
    world.approve().await;
    let (gate, system) = (&world.process.gate, &world.process.system);
    world.job.until(system, |campaign| campaign.progress.processed() > 500).await;
    campaigns::cancel(&world.job.control(gate, &world.people).await).await.unwrap();
    world.process.engine.handle().nudge();
    let ended =
        world.job.until(system, |campaign| campaign.progress.in_flight() + campaign.progress.waiting == 0).await;
    assert_eq!(ended.life.status, Status::Cancelled);
    let (progress, _, accepted) = world.end().await;
    assert!(progress.not_sent > 3_000, "{progress:?}");
    assert_eq!(progress.delivered + progress.not_sent, 9_000);
    assert_eq!(accepted.len() as u64, progress.delivered);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_is_away_pauses_and_goes_on_by_itself() {
    let world = world(Order::of(5_000)).await;
    let system = &world.process.system;
    world.smsc.control.update(|behaviour| behaviour.refuse_bind = Some(0x08));
    world.smsc.control.hang_up();
    world.approve().await;
    let down = Some(PauseReason::ChannelDown);
    let reason = |campaign: &domain::campaign::Campaign| campaign.life.pause.as_ref().map(|pause| pause.reason);
    let held = world.job.until(system, |campaign| reason(campaign) == down).await;
    assert_eq!(held.progress.waiting, 5_000);
    world.smsc.control.update(|behaviour| {
        behaviour.refuse_bind = None;
        behaviour.max_submits_per_s = Some(2_000);
    });
    world.job.until(system, |campaign| campaign.progress.delivered > 300).await;
    // And in the middle.
    world.smsc.control.update(|behaviour| behaviour.refuse_bind = Some(0x08));
    world.smsc.control.hang_up();
    world.job.until(system, |campaign| reason(campaign) == down).await;
    world.smsc.control.update(|behaviour| behaviour.refuse_bind = None);
    world.job.until(system, |campaign| campaign.progress.waiting + campaign.progress.claimed == 0).await;
    world.clock.advance(26 * 3_600_000);
    world.job.until(system, |campaign| campaign.life.status == Status::Done).await;
    let (progress, rows, accepted) = world.end().await;
    // What was on the wire when the connection broke is uncertain, at most a window; it is never sent again.
    assert!(progress.uncertain <= 100, "{progress:?}");
    assert_eq!(progress.total(), 5_000);
    assert!(accepted.values().all(|&times| times == 1));
    for (number, row) in rows {
        if row.state != RecipientState::Uncertain {
            assert!(accepted.contains_key(&(number, 1)), "{number} {row:?}");
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_scheduled_campaign_waits_for_its_time_and_a_missed_one_asks() {
    let at_ms = START_MS + 3_600_000;
    let world = world(Order { mode: Mode::Scheduled, start_at_ms: Some(at_ms), ..Order::of(50) }).await;
    let system = &world.process.system;
    world.approve().await;
    world.job.until(system, |campaign| campaign.life.status == Status::Pending).await;
    world.clock.set(at_ms - 1);
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert_eq!(world.job.campaign(system).await.life.status, Status::Pending);
    assert!(world.smsc.accepted().is_empty());
    // Nobody was there for more than an hour.
    world.clock.set(at_ms + 3_600_001);
    let held = world.job.until(system, |campaign| campaign.life.status == Status::Paused).await;
    assert_eq!(held.life.pause.unwrap().reason, PauseReason::MissedSchedule);
    assert!(world.smsc.accepted().is_empty());
    // A person decides to send now.
    campaigns::resume(&world.job.control(&world.process.gate, &world.people).await).await.unwrap();
    world.job.until(system, |campaign| campaign.life.status == Status::Done).await;
    assert_eq!(world.end().await.0.delivered, 50);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ending_in_order_leaves_nothing_uncertain_and_late_receipts_still_count() {
    let world = world(Order::of(8_000)).await;
    world.smsc.control.update(|behaviour| {
        behaviour.max_submits_per_s = Some(1_000);
        behaviour.receipts.delay_ms = 4_000;
    });
    world.approve().await;
    world.job.until(&world.process.system, |campaign| campaign.progress.submitted > 1_000).await;
    let World { dir, clock, smsc, process: Process { gate, system, engine, core }, job, people } = world;
    engine.shutdown(Duration::from_secs(20)).await;
    drop((core, people));
    let left = job.campaign(&system).await;
    assert_eq!((left.progress.uncertain, left.progress.claimed), (0, 0), "{:?}", left.progress);
    assert!(left.progress.waiting > 0 && left.progress.submitted > 0);
    assert_eq!(count(&job.rows(&system).await), left.progress);

    smsc.control.update(|behaviour| behaviour.max_submits_per_s = None);
    let next = crate::fixture::start_on(gate, system, smsc.port, &clock, quick());
    job.until(&next.system, |campaign| campaign.life.status == Status::Done).await;
    next.engine.shutdown(Duration::from_secs(20)).await;
    assert_eq!(count(&job.rows(&next.system).await), Progress { delivered: 8_000, ..Progress::default() });
    assert!(smsc.accepted().values().all(|&times| times == 1));
    drop(dir);
}
