//! Refusals that are not the end: throttling, full queues, lost binds.

use std::time::Duration;

use smpp::simulator::{Behaviour, PrefixError};
use sms_core::{Core, LinkOrder, LinkState, PartResult, RetryRule};

use crate::support::{Rig, accepted, assert_one_each, count, eventually, message, messages, outcomes};

#[tokio::test]
async fn throttling_slows_the_link_and_fails_nothing() {
    let behaviour = Behaviour { max_submits_per_s: Some(400), ..Behaviour::default() };
    let rig = Rig::start(behaviour, |link| link.window = 50).await;
    let mut lane = rig.lane();
    lane.sender.submit(messages(0..1_000)).await.unwrap();
    let outcomes = outcomes(&mut lane, 1_000).await;
    assert_eq!(accepted(&outcomes), 1_000);
    assert_one_each(&outcomes);
    let counters = rig.status().counters;
    assert!(counters.throttled > 0);
    // A naive loop was measured at 180 refusals for each acceptance.
    assert!(counters.throttled < 500, "{counters:?}");
    assert_eq!(counters.refused, 0);
}

#[tokio::test]
async fn what_is_throttled_at_random_is_sent_again_without_slowing_the_link() {
    let behaviour = Behaviour { throttle_rate: 0.02, latency_ms: 5, ..Behaviour::default() };
    let rig = Rig::start(behaviour, |link| link.window = 50).await;
    let mut lane = rig.lane();
    lane.sender.submit(messages(0..20_000)).await.unwrap();
    // A link that each of them slowed would be down to some dozen a second, and this out of patience.
    let outcomes = outcomes(&mut lane, 20_000).await;
    assert_eq!(accepted(&outcomes), 20_000);
    assert_one_each(&outcomes);
    let counters = rig.status().counters;
    assert!((200..800).contains(&counters.throttled), "{counters:?}");
    // Now and then the link looks whether it is the rate, for which it goes a little slower.
    assert!(rig.status().rate_limit_segments_per_s.is_none_or(|limit| limit > 1_000.0), "{:?}", rig.status());
}

#[tokio::test]
async fn the_configured_rate_is_kept() {
    let rig = Rig::start(Behaviour::default(), |link| {
        link.rate_segments_per_s = Some(500.0);
        link.burst_segments = Some(50);
    })
    .await;
    rig.until(|status| status.sessions_bound == 1).await;
    let mut lane = rig.lane();
    let began = std::time::Instant::now();
    lane.sender.submit(messages(0..300)).await.unwrap();
    outcomes(&mut lane, 300).await;
    assert!(began.elapsed() >= Duration::from_millis(490), "{:?}", began.elapsed());
    assert_eq!(rig.status().rate_limit_segments_per_s, Some(500.0));
}

#[tokio::test]
async fn a_temporary_refusal_is_retried_as_often_as_the_policy_says() {
    let refusal = PrefixError { prefix: "43660".into(), command_status: 0x14 };
    let behaviour = Behaviour { errors_by_prefix: vec![refusal], ..Behaviour::default() };
    let rig = Rig::start(behaviour, |link| {
        link.policy.temporary = vec![RetryRule { command_status: 0x14, retries: 2, delay_s: 0 }];
    })
    .await;
    let mut lane = rig.lane();
    lane.sender.submit(messages(0..3)).await.unwrap();
    let outcomes = outcomes(&mut lane, 3).await;
    assert_eq!(count(&outcomes, &PartResult::Refused { command_status: 0x14 }), 3);
    assert_eq!(rig.simulator.counts().submits, 9);
    let counters = rig.status().counters;
    assert_eq!((counters.retried, counters.refused, counters.refused_by_class.iter().sum()), (6, 3, 3));
}

/// The first part is with the carrier, and the second one is refused for now, when the link is taken out of use.
#[tokio::test]
async fn a_message_that_has_begun_is_finished_though_the_link_is_disabled() {
    let rig = Rig::start(Behaviour { latency_ms: 300, ..Behaviour::default() }, |link| {
        link.policy.temporary = vec![RetryRule { command_status: 0x14, retries: 5, delay_s: 1 }];
    })
    .await;
    let mut lane = rig.lane();
    lane.sender.submit(vec![message(7, &"A text that needs two parts. ".repeat(8))]).await.unwrap();
    eventually(|| (rig.simulator.counts().accepted == 1).then_some(())).await;
    let refusal = PrefixError { prefix: "43660".into(), command_status: 0x14 };
    rig.simulator.update(|behaviour| behaviour.errors_by_prefix = vec![refusal]);
    rig.until(|status| status.counters.retried == 1).await;
    rig.core.order_link(&rig.channel, LinkOrder::Disable).unwrap();
    rig.simulator.update(|behaviour| behaviour.errors_by_prefix.clear());
    let outcomes = outcomes(&mut lane, 2).await;
    assert_eq!(accepted(&outcomes), 2, "{outcomes:?}");
    rig.until(|status| status.state == LinkState::Disabled && status.sessions_bound == 0).await;
}

#[tokio::test]
async fn a_temporary_refusal_that_passes_is_no_failure() {
    let refusal = PrefixError { prefix: "43660".into(), command_status: 0x08 };
    let behaviour = Behaviour { errors_by_prefix: vec![refusal], ..Behaviour::default() };
    let rig = Rig::start(behaviour, |link| {
        link.policy.temporary = vec![RetryRule { command_status: 0x08, retries: 1, delay_s: 1 }];
    })
    .await;
    let mut lane = rig.lane();
    lane.sender.submit(messages(0..3)).await.unwrap();
    rig.until(|status| status.retrying_parts == 3).await;
    rig.simulator.update(|behaviour| behaviour.errors_by_prefix.clear());
    assert_eq!(accepted(&outcomes(&mut lane, 3).await), 3);
}

#[tokio::test]
async fn a_lost_bind_is_bound_again_and_the_message_goes_out() {
    let refusal = PrefixError { prefix: "43660".into(), command_status: 0x04 };
    let behaviour = Behaviour { errors_by_prefix: vec![refusal], ..Behaviour::default() };
    let rig = Rig::start(behaviour, |_| ()).await;
    let mut lane = rig.lane();
    lane.sender.submit(messages(0..3)).await.unwrap();
    rig.until(|status| status.counters.reconnects > 0).await;
    rig.simulator.update(|behaviour| behaviour.errors_by_prefix.clear());
    assert_eq!(accepted(&outcomes(&mut lane, 3).await), 3);
    assert!(rig.status().last_error.unwrap().contains("not bound"));
}
