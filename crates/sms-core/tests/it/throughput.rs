//! That nothing on the way through the core is slow by the message.

use smpp::simulator::Behaviour;

use crate::support::{Rig, accepted, messages};

/// Far below what it does (see the bench), so that a busy machine does not fail it, and far above what a task or a
/// write per message would reach.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_messages_go_through_in_seconds() {
    let rig = Rig::start(Behaviour::default(), |link| {
        link.receipts = sms_core::ReceiptRequest::None;
    })
    .await;
    rig.until(|status| status.sessions_bound == 1).await;
    let mut lane = rig.lane();
    let sender = lane.sender.clone();
    let began = std::time::Instant::now();
    let feed = tokio::spawn(async move {
        for start in (0..100_000).step_by(4_096) {
            sender.submit(messages(start..(start + 4_096).min(100_000))).await.unwrap();
        }
    });
    let mut done = 0;
    while done < 100_000 {
        done += accepted(&lane.outcomes.recv().await.unwrap());
    }
    feed.await.unwrap();
    let per_s = 100_000.0 / began.elapsed().as_secs_f64();
    println!("{per_s:.0} submissions/s");
    assert!(per_s > 10_000.0, "{per_s:.0} submissions/s");
}

/// A carrier that throttles above 100 per second, over a real socket: `./x bench throttle` measures it for longer.
#[tokio::test]
async fn what_a_carrier_throttles_is_sent_at_its_rate() {
    let rig = Rig::start(Behaviour { max_submits_per_s: Some(100), ..Behaviour::default() }, |link| {
        link.receipts = sms_core::ReceiptRequest::None;
    })
    .await;
    rig.until(|status| status.sessions_bound == 1).await;
    let mut lane = rig.lane();
    let began = std::time::Instant::now();
    lane.sender.submit(messages(0..400)).await.unwrap();
    assert_eq!(accepted(&crate::support::outcomes(&mut lane, 400).await), 400);
    assert!(began.elapsed().as_secs_f64() < 6.0, "{:?}", began.elapsed());
    let counts = rig.simulator.counts();
    assert_eq!(counts.accepted, 400);
    assert!(counts.throttled < 60, "{} thrown back", counts.throttled);
}
