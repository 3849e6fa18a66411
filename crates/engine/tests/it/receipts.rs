//! Receipts that are repeated, or that nobody awaits.

use std::{sync::Arc, time::Duration};

use domain::{
    campaign::Status,
    clock::{Clock, ManualClock},
};
use engine::DispatchConfig;
use smpp::{
    Bind, BindRole, Password, Session,
    session::{Event, SessionConfig, connect},
    simulator::SimulatorConfig,
    wire::{Destination, SubmitSm},
};
use store::{campaigns, recipients::PartState, workspaces};
use tokio::runtime::{Builder, Runtime};

use crate::fixture::{Order, PATIENCE, START_MS, Smsc, enter, left_behind, open, quick, slug, start, start_on, submit};

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

async fn until(mut reached: impl AsyncFnMut() -> bool) {
    let begun = std::time::Instant::now();
    while !reached().await {
        assert!(begun.elapsed() < PATIENCE, "it did not come to that");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

/// A message of two parts, of which the SMSC has the first one when the process ends; its receipt comes twice.
/// `answered`: the first part's acceptance is on record by then.
fn two_parts_and_a_repeated_receipt(answered: bool) {
    let outside_dir = tempfile::tempdir().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let outside = runtime();
    // The second copy comes when the first one is acknowledged.
    let config = SimulatorConfig { receipt_window: 1, ..SimulatorConfig::loopback() };
    let smsc = outside.block_on(Smsc::with(outside_dir.path(), config));
    smsc.control.update(|behaviour| {
        behaviour.latency_ms = 300;
        behaviour.silence_rate = if answered { 0.0 } else { 1.0 };
        behaviour.receipts.delay_ms = 2_500;
        behaviour.receipts.duplicate_rate = 1.0;
    });

    let first = runtime();
    let job = first.block_on(async {
        let process = start(dir.path(), smsc.port, &clock, quick()).await;
        let order = Order { text: "Hello {name}", ..Order::of(1) };
        let (job, people) = submit(&process.gate, &process.system, order).await;
        job.approve(&process.gate, &people).await;
        process.engine.handle().nudge();
        until(async || smsc.control.counts().accepted == 1).await;
        // The second part never gets there.
        smsc.control.update(|behaviour| behaviour.throttle_rate = 1.0);
        if answered {
            until(async || {
                job.rows(&process.system).await[0].1.parts.first().is_some_and(|part| part.message_id.is_some())
            })
            .await;
        }
        job
    });
    first.shutdown_timeout(Duration::from_secs(10));
    let dir = left_behind(dir.path());

    let second = runtime();
    let parts = second.block_on(async {
        let process = start(dir.path(), smsc.port, &clock, quick()).await;
        until(async || smsc.control.counts().receipts_acknowledged == 2).await;
        process.engine.shutdown(Duration::from_secs(20)).await;
        let row = job.rows(&process.system).await.remove(0).1;
        row.parts.iter().map(|part| part.state).collect::<Vec<_>>()
    });
    assert_eq!(parts, [PartState::Delivered, PartState::Uncertain], "one receipt is not for two parts");
    assert_eq!(smsc.accepted().len(), 1);
    second.shutdown_timeout(Duration::from_secs(10));
    outside.shutdown_background();
}

#[test]
fn a_repeated_receipt_does_not_settle_another_part() {
    two_parts_and_a_repeated_receipt(true);
}

#[test]
fn a_repeated_receipt_settles_one_uncertain_part() {
    two_parts_and_a_repeated_receipt(false);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_receipt_that_waits_holds_up_no_other() {
    const RECIPIENTS: u32 = 10_000;
    const STRANGERS: u64 = 100;
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let smsc = Smsc::start(dir.path()).await;
    smsc.control.update(|behaviour| {
        behaviour.latency_ms = 5;
        behaviour.receipts.delay_ms = 200;
    });
    // For longer than this test: what waits is not answered.
    let config = DispatchConfig { parking: Duration::from_secs(600), ..quick() };
    let (gate, system) = open(dir.path(), &clock).await;
    let (job, people) = submit(&gate, &system, Order::of(RECIPIENTS)).await;
    let process = start_on(gate, system, smsc.port, &clock, config);
    job.approve(&process.gate, &people).await;
    process.engine.handle().nudge();
    until(async || smsc.control.counts().accepted > 0).await;
    let done = job.until(&process.system, |campaign| campaign.life.status == Status::Done);
    let ((), done) = tokio::join!(strangers(smsc.port, STRANGERS), done);
    assert_eq!(done.progress.delivered, u64::from(RECIPIENTS));
    until(async || smsc.control.counts().receipts_sent == u64::from(RECIPIENTS) + STRANGERS).await;
    until(async || smsc.control.counts().receipts_acknowledged == u64::from(RECIPIENTS)).await;
    process.engine.shutdown(Duration::from_secs(20)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn receipts_of_a_workspace_that_is_gone_are_answered() {
    const RECIPIENTS: u32 = 20;
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let smsc = Smsc::start(dir.path()).await;
    smsc.control.update(|behaviour| behaviour.receipts.delay_ms = 8_000);
    let process = start(dir.path(), smsc.port, &clock, quick()).await;
    let (job, people) = submit(&process.gate, &process.system, Order::of(RECIPIENTS)).await;
    job.approve(&process.gate, &people).await;
    process.engine.handle().nudge();
    until(async || job.campaign(&process.system).await.progress.submitted == u64::from(RECIPIENTS)).await;
    campaigns::cancel(&job.control(&process.gate, &people).await).await.unwrap();
    let scope = enter(&process.gate, &people.root).await;
    workspaces::archive(&scope.grant().unwrap(), scope.workspace().revision, "acme").await.unwrap();
    let ruler = process.gate.rule(&people.root).unwrap();
    let workspace = workspaces::removal::begin(&ruler, &slug(), "acme").await.unwrap();
    workspaces::removal::finish(&process.system, workspace).await.unwrap();
    assert_eq!(smsc.control.counts().receipts_sent, 0, "they come later than this");
    until(async || smsc.control.counts().receipts_acknowledged == u64::from(RECIPIENTS)).await;
    process.engine.shutdown(Duration::from_secs(20)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn receipts_of_unknown_messages_are_given_up_after_a_week() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let smsc = Smsc::start(dir.path()).await;
    let process = start(dir.path(), smsc.port, &clock, quick()).await;
    strangers(smsc.port, 3).await;
    until(async || smsc.control.counts().receipts_acknowledged == 3).await;
    let stored = async || process.system.unmatched_after(None).await.unwrap().len();
    assert_eq!(stored().await, 3);
    clock.advance(6 * 24 * 3_600_000);
    strangers(smsc.port, 1).await;
    until(async || stored().await == 4).await;
    clock.advance(2 * 24 * 3_600_000);
    until(async || stored().await == 1).await;
    process.engine.shutdown(Duration::from_secs(20)).await;
}

/// Another program with the same account may send any number of messages.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_too_many_receipts_of_unknown_messages_the_oldest_are_forgotten_and_counted() {
    const MOST: usize = 8;
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let smsc = Smsc::start(dir.path()).await;
    let config = DispatchConfig { unmatched_max: MOST, ..quick() };
    let process = start(dir.path(), smsc.port, &clock, config.clone()).await;
    let stored = async |system: &store::SystemDoor| {
        let mut times: Vec<_> =
            system.unmatched_after(None).await.unwrap().iter().map(|unmatched| unmatched.receipt.at_ms).collect();
        times.sort_unstable();
        times
    };
    for _ in 0..MOST {
        clock.advance(1_000);
        strangers(smsc.port, 1).await;
        let now_ms = clock.now_ms();
        until(async || stored(&process.system).await.last() == Some(&now_ms)).await;
    }
    let all = stored(&process.system).await;
    assert_eq!(all.len(), MOST, "as many as may be");
    clock.advance(1_000);
    strangers(smsc.port, 1).await;
    until(async || stored(&process.system).await.len() <= MOST - MOST / 4).await;
    let left = stored(&process.system).await;
    assert_eq!(left[..], [&all[3..], &[clock.now_ms()]].concat()[..], "the newest are left");
    let mut sheet = meter::Sheet::default();
    process.engine.handle().metrics(&mut sheet);
    assert!(sheet.to_text().contains("message_center_receipts_unmatched_dropped_total 3\n"), "{}", sheet.to_text());
    // A start holds what it finds to the same.
    process.engine.shutdown(Duration::from_secs(20)).await;
    let next = left_behind(dir.path());
    let config = DispatchConfig { unmatched_max: 4, ..config };
    let process = start(next.path(), smsc.port, &clock, config).await;
    until(async || stored(&process.system).await == left[3..]).await;
    process.engine.shutdown(Duration::from_secs(20)).await;
}

/// Messages of another program that has the same account, one after the other: the SMSC sends their receipts to our
/// session, among our own.
async fn strangers(port: u16, count: u64) {
    let stream = connect("127.0.0.1", port, Duration::from_secs(5)).await.unwrap();
    let bind = Bind {
        role: BindRole::Transmitter,
        system_id: "message-center".to_owned(),
        password: Password::new("simulate"),
        system_type: String::new(),
        address_range: smpp::BindRange::default(),
    };
    let mut session = Session::bind(stream, &bind, SessionConfig::with_window(1)).await.unwrap();
    let mut events = Vec::new();
    for number in 0..count {
        let message = SubmitSm {
            source_ton: 5,
            source_npi: 0,
            source: b"OTHER",
            destination_ton: 1,
            destination_npi: 1,
            destination: Destination::Number(436_610_000_000 + number),
            esm_class: 0,
            validity_period: b"",
            registered_delivery: 1,
            data_coding: 0,
            header: &[],
            content: b"Hello",
            tlvs: &[],
        };
        session.submit(number, &message).unwrap();
        while !events.drain(..).any(|event| matches!(event, Event::Answer { .. })) {
            session.drive(&mut events).await.unwrap();
        }
    }
}
