//! The Core API between two ends: messages, receipts, breaks.

use std::{
    collections::HashSet,
    io::Write,
    sync::{Arc, Mutex},
    time::Duration,
};

use smpp::simulator::Behaviour;
use sms_core::{Core, CoreError, LinkOrder, LinkState, MessageId, PartOutcome, PartResult, Priority};
use tokio::{net::TcpListener, time::timeout};

use crate::{
    remote_rig::{Line, Remote, line, up},
    support::{
        PATIENCE, accepted, assert_one_each, channel, count, eventually, message, messages, outcomes, uncertain,
    },
};

fn ids(outcomes: &[PartOutcome]) -> HashSet<MessageId> {
    let id = |outcome: &PartOutcome| match &outcome.result {
        PartResult::Accepted { message_id, .. } => message_id.clone(),
        other => panic!("{other:?}"),
    };
    outcomes.iter().map(id).collect()
}

#[tokio::test]
async fn messages_go_and_receipts_come_back() {
    let remote = Remote::start(Behaviour::default(), |_| ()).await;
    let core = remote.connect().await;
    let status = core.links().remove(0);
    assert_eq!((status.id, status.is_simulator, status.state), (channel(), true, LinkState::Up));
    let mut receipts = core.take_receipts().unwrap();
    let mut lane = core.open_lane(&channel(), Priority::Bulk).unwrap();
    for batch in 0..4 {
        lane.sender.submit(messages(batch * 500..(batch + 1) * 500)).await.unwrap();
    }
    let long = "A text that needs three parts. ".repeat(13);
    lane.sender.submit(vec![message(2_000, &long), message(2_001, "Ünïcödé ☃")]).await.unwrap();
    let outcomes = outcomes(&mut lane, 2_004).await;
    assert_one_each(&outcomes);
    let sent = ids(&outcomes);
    let mut received = HashSet::new();
    while received.len() < 2_004 {
        let mut batch = timeout(PATIENCE, receipts.recv()).await.unwrap().unwrap();
        received.extend(batch.receipts.iter().map(|receipt| receipt.message_id.clone()));
        // Some are acknowledged apart.
        let lots = batch.split_by(|receipt| receipt.recipient.unwrap().as_u64() % 3 == 0);
        lots.into_values().for_each(sms_core::ReceiptBatch::acknowledge);
    }
    assert_eq!(sent, received);
    eventually(|| (remote.simulator.counts().receipts_acknowledged == 2_004).then_some(())).await;
}

#[tokio::test]
async fn what_is_refused_comes_again() {
    let remote = Remote::start(Behaviour::default(), |_| ()).await;
    let core = remote.connect().await;
    let mut receipts = core.take_receipts().unwrap();
    let lane = core.open_lane(&channel(), Priority::Bulk).unwrap();
    lane.sender.submit(messages(0..1)).await.unwrap();
    timeout(PATIENCE, receipts.recv()).await.unwrap().unwrap().refuse();
    timeout(PATIENCE, receipts.recv()).await.unwrap().unwrap().acknowledge();
    eventually(|| (remote.simulator.counts().receipts_acknowledged == 1).then_some(())).await;
    assert_eq!(remote.simulator.counts().receipts_refused, 1);
}

#[tokio::test]
async fn a_receipt_that_is_not_acknowledged_comes_again_by_the_next_connection() {
    let remote = Remote::start(Behaviour::default(), |_| ()).await;
    let (port, state) = line(remote.port).await;
    let core = remote.connect_with(remote.settings(port));
    up(&core).await;
    let mut receipts = core.take_receipts().unwrap();
    let mut lane = core.open_lane(&channel(), Priority::Interactive).unwrap();
    lane.sender.submit(messages(0..1)).await.unwrap();
    outcomes(&mut lane, 1).await;
    let first = timeout(PATIENCE, receipts.recv()).await.unwrap().unwrap();
    state.send_replace(Line::Cut);
    eventually(|| core.trouble()).await;
    state.send_replace(Line::Open);
    let again = timeout(PATIENCE, receipts.recv()).await.unwrap().unwrap();
    assert_eq!(first.receipts, again.receipts);
    assert_eq!(remote.simulator.counts().receipts_acknowledged, 0);
    again.acknowledge();
    eventually(|| (remote.simulator.counts().receipts_acknowledged == 1).then_some(())).await;
}

#[tokio::test]
async fn what_was_handed_over_when_the_line_breaks_is_uncertain_and_nothing_is_sent_twice() {
    let remote = Remote::start(Behaviour { latency_ms: 30, ..Behaviour::default() }, |link| link.window = 10).await;
    let (port, state) = line(remote.port).await;
    let core = remote.connect_with(remote.settings(port));
    up(&core).await;
    let mut lane = core.open_lane(&channel(), Priority::Bulk).unwrap();
    lane.sender.submit(messages(0..500)).await.unwrap();
    eventually(|| (remote.simulator.counts().accepted > 30).then_some(())).await;
    state.send_replace(Line::Cut);
    let got = outcomes(&mut lane, 500).await;
    assert_one_each(&got);
    assert_eq!(accepted(&got) + count(&got, &uncertain()), 500);
    let refused = lane.sender.submit(messages(500..501)).await;
    assert!(matches!(refused, Err(CoreError::Unreachable { .. })), "{refused:?}");
    // What the Core had queued is not sent once nobody hears of it.
    eventually(|| {
        (remote.links.links()[0].queued_messages == 0 && remote.links.links()[0].window_used == 0).then_some(())
    })
    .await;
    let at_smsc = remote.simulator.counts().accepted;
    assert!(at_smsc < 500 && accepted(&got) as u64 <= at_smsc, "{at_smsc}");
    assert!(core.links()[0].last_error.as_ref().unwrap().contains("https://localhost"));

    state.send_replace(Line::Open);
    up(&core).await;
    lane.sender.submit(messages(500..600)).await.unwrap();
    assert_eq!(accepted(&outcomes(&mut lane, 100).await), 100, "the lane is good again");
}

/// It refuses what comes while it ends in order; what came at its very end would be uncertain.
#[tokio::test]
async fn nothing_more_is_handed_to_a_core_that_goes_down() {
    let remote = Remote::start(Behaviour::default(), |_| ()).await;
    let (port, state) = line(remote.port).await;
    let core = remote.connect_with(remote.settings(port));
    up(&core).await;
    let mut lane = core.open_lane(&channel(), Priority::Bulk).unwrap();
    lane.sender.submit(messages(0..1)).await.unwrap();
    assert_eq!(accepted(&outcomes(&mut lane, 1).await), 1);
    remote.links.shutdown(Duration::from_secs(5)).await;
    assert!(matches!(lane.sender.submit(messages(1..2)).await, Err(CoreError::ShutDown)));
    state.send_replace(Line::Stalled);
    let refused = timeout(Duration::from_secs(2), lane.sender.submit(messages(2..3))).await;
    assert!(matches!(refused.expect("it went over the line"), Err(CoreError::ShutDown)));
}

#[tokio::test]
async fn withdrawing_and_ending_take_back_what_is_not_sent() {
    let remote = Remote::start(Behaviour::default(), |link| {
        link.rate_segments_per_s = Some(1.0);
        link.burst_segments = Some(5);
    })
    .await;
    let core = remote.connect().await;
    let mut lane = core.open_lane(&channel(), Priority::Bulk).unwrap();
    lane.sender.submit(messages(0..1_000)).await.unwrap();
    let mut got = outcomes(&mut lane, 5).await;
    lane.sender.withdraw();
    got.extend(outcomes(&mut lane, 995).await);
    assert_one_each(&got);
    assert!(accepted(&got) <= 8);
    lane.sender.submit(messages(1_000..1_500)).await.unwrap();
    core.shutdown(PATIENCE).await;
    let rest = outcomes(&mut lane, 500).await;
    assert_eq!(accepted(&rest) + count(&rest, &PartResult::NotSent), 500);
    assert_eq!(lane.sender.submit(messages(0..1)).await, Err(CoreError::ShutDown));
    assert_eq!(remote.links.links()[0].state, LinkState::Up, "the links are not ours");
}

#[tokio::test]
async fn links_are_ordered_about_and_refusals_come_back() {
    let remote = Remote::start(Behaviour::default(), |_| ()).await;
    let core = remote.connect().await;
    core.test_link(&channel()).await.unwrap();
    remote.simulator.update(|behaviour| behaviour.refuse_bind = Some(0x0E));
    let refused = core.test_link(&channel()).await.unwrap_err();
    assert!(refused.to_string().contains("ESME_RINVPASWD"), "{refused}");
    remote.simulator.update(|behaviour| behaviour.refuse_bind = None);
    let lane = core.open_lane(&channel(), Priority::Bulk).unwrap();
    core.order_link(&channel(), LinkOrder::Disable).unwrap();
    eventually(|| (core.links()[0].state == LinkState::Disabled).then_some(())).await;
    let refused = lane.sender.submit(messages(0..1)).await.unwrap_err();
    assert!(matches!(refused, CoreError::Stopped { .. }), "{refused}");
    core.order_link(&channel(), LinkOrder::Enable).unwrap();
    eventually(|| (core.links()[0].state == LinkState::Up).then_some(())).await;
}

/// HTTP/2 peers end a connection on which a hundred empty frames have come; requests without a body send none.
/// A carrier that takes its time is not taken for an SMS Core that cannot be reached.
#[tokio::test]
async fn a_bind_for_trial_takes_as_long_as_the_timers_of_its_link() {
    let silent = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = silent.local_addr().unwrap().port();
    let remote = Remote::start(Behaviour::default(), |link| {
        link.port = port;
        link.timers.bind_s = 11;
    })
    .await;
    let mut settings = remote.settings(remote.port);
    settings.slow_ms = 10;
    let core = remote.connect_with(settings);
    eventually(|| (core.connections() > 0).then_some(())).await;
    let failed = core.test_link(&channel()).await.unwrap_err();
    assert!(matches!(failed, CoreError::TestFailed { .. }), "{failed}");
}

#[tokio::test]
async fn a_connection_lasts_however_much_is_asked_on_it() {
    let remote = Remote::start(Behaviour::default(), |_| ()).await;
    let core = remote.connect().await;
    for _ in 0..300 {
        core.test_link(&channel()).await.unwrap();
    }
    assert_eq!((core.connections(), core.trouble()), (1, None));
}

/// What is logged while it lives.
#[derive(Clone, Default)]
struct Lines(Arc<Mutex<Vec<u8>>>);

impl Write for Lines {
    fn write(&mut self, octets: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(octets);
        Ok(octets.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl Lines {
    /// The first line that has all of these.
    fn find(&self, pieces: &[&str]) -> Option<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        text.lines().find(|line| pieces.iter().all(|piece| line.contains(piece))).map(str::to_owned)
    }
}

#[tokio::test]
async fn a_core_that_is_slow_and_a_batch_that_is_large_are_in_the_log() {
    let lines = Lines::default();
    let writer = lines.clone();
    let subscriber = tracing_subscriber::fmt().json().flatten_event(true).with_writer(move || writer.clone()).finish();
    let _logged = tracing::subscriber::set_default(subscriber);
    let remote = Remote::start(Behaviour::default(), |_| ()).await;
    let (port, state) = line(remote.port).await;
    let mut settings = remote.settings(port);
    assert_eq!((settings.slow_ms, settings.large_octets), (5_000, 8 << 20));
    (settings.slow_ms, settings.large_octets) = (200, 2_000);
    let core = remote.connect_with(settings);
    up(&core).await;
    let mut lane = core.open_lane(&channel(), Priority::Bulk).unwrap();
    lane.sender.submit(messages(0..10)).await.unwrap();
    outcomes(&mut lane, 10).await;
    assert_eq!(lines.find(&["[core-large]"]), None);
    lane.sender.submit(messages(10..1_000)).await.unwrap();
    outcomes(&mut lane, 990).await;
    let large = lines.find(&["[core-large]"]).unwrap();
    assert!(large.contains(r#""sentinel":"core-large""#) && large.contains(r#""messages":990"#), "{large}");

    state.send_replace(Line::Stalled);
    let sender = lane.sender.clone();
    let submitting = tokio::spawn(async move { sender.submit(messages(1_000..1_010)).await });
    let slow = eventually(|| lines.find(&["[core-slow]", r#""call":"submit""#])).await;
    assert!(slow.contains(r#""sentinel":"core-slow""#) && slow.contains(r#""after_ms":200"#), "{slow}");
    eventually(|| lines.find(&["[core-slow]", r#""call":"links""#])).await;
    state.send_replace(Line::Open);
    assert_eq!(accepted(&outcomes(&mut lane, 10).await), 10, "slow is not lost");
    submitting.await.unwrap().unwrap();
}
