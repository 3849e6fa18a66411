//! Links that come, go, break and are told to end.

use std::time::Duration;

use smpp::simulator::Behaviour;
use sms_core::{ChannelId, Core, CoreError, LinkOrder, LinkState, PartResult, Priority, Tenant};

use crate::support::{
    NOW_MS, PATIENCE, Rig, accepted, assert_one_each, count, message, messages, outcomes, simulator, uncertain,
};

#[tokio::test]
async fn the_status_tells_how_the_link_is() {
    let rig = Rig::start(Behaviour::default(), |link| link.sessions = 3).await;
    let status = rig.until(|status| status.sessions_bound == 3).await;
    assert_eq!((status.state, status.is_simulator, status.window), (LinkState::Up, true, 3_000));
    let mut lane = rig.lane();
    lane.sender.submit(messages(0..2_000)).await.unwrap();
    outcomes(&mut lane, 2_000).await;
    let status = rig.until(|status| status.window_used == 0).await;
    assert_eq!((status.counters.submitted, status.counters.accepted), (2_000, 2_000));
    assert!(status.rate_segments_per_s > 0.0);
    let unknown = ChannelId::parse("elsewhere").unwrap();
    let refused = rig.core.open_lane(&unknown, Priority::Bulk).unwrap_err();
    assert_eq!(refused, CoreError::UnknownChannel(unknown));
}

#[tokio::test]
async fn the_status_tells_since_when_and_why_the_link_is_away() {
    let rig = Rig::start(Behaviour::default(), |_| ()).await;
    let up = rig.until(|status| status.state == LinkState::Up).await;
    assert_eq!((up.since_ms, up.trouble()), (NOW_MS, None));
    rig.clock.set(NOW_MS + 60_000);
    rig.simulator.update(|behaviour| behaviour.refuse_bind = Some(0x08));
    rig.simulator.hang_up();
    let down = rig.until(|status| status.trouble().is_some()).await;
    assert_eq!((down.state, down.since_ms), (LinkState::Connecting, NOW_MS + 60_000));
    // Each attempt has a reason of its own; the time is that of the first.
    rig.clock.set(NOW_MS + 90_000);
    let refused = rig.until(|status| status.trouble().is_some_and(|reason| reason.contains("ESME_RSYSERR"))).await;
    assert_eq!(refused.since_ms, NOW_MS + 60_000);
    rig.simulator.update(|behaviour| behaviour.refuse_bind = None);
    let again = rig.until(|status| status.state == LinkState::Up).await;
    assert_eq!((again.since_ms, again.trouble()), (NOW_MS + 90_000, None));
    assert!(again.last_error.is_some());
}

#[tokio::test]
async fn what_waits_goes_out_when_the_smsc_comes_up() {
    let (port, control) = simulator(Behaviour { refuse_bind: Some(0x08), ..Behaviour::default() }).await;
    let rig = Rig::on_port(port, control, |_| ());
    let mut lane = rig.lane();
    lane.sender.submit(messages(0..10)).await.unwrap();
    let status = rig.until(|status| status.last_error.is_some()).await;
    assert_eq!((status.state, status.queued_messages), (LinkState::Connecting, 10));
    assert!(status.last_error.unwrap().contains("ESME_RSYSERR"));
    rig.simulator.update(|behaviour| behaviour.refuse_bind = None);
    assert_eq!(accepted(&outcomes(&mut lane, 10).await), 10);
}

#[tokio::test]
async fn a_wrong_password_stops_the_link_until_a_person_restarts_it() {
    let rig = Rig::start(Behaviour { refuse_bind: Some(0x0E), ..Behaviour::default() }, |_| ()).await;
    let mut lane = rig.lane();
    let submitted = lane.sender.submit(messages(0..10)).await;
    let status = rig.until(|status| status.state == LinkState::Stopped).await;
    assert!(status.last_error.unwrap().contains("invalid password"));
    if submitted.is_ok() {
        assert_eq!(count(&outcomes(&mut lane, 10).await, &PartResult::NotSent), 10);
    }
    let refused = lane.sender.submit(messages(10..11)).await.unwrap_err();
    assert!(matches!(refused, CoreError::Stopped { .. }), "{refused}");
    assert_eq!(rig.simulator.counts().binds_refused, 1);
    rig.simulator.update(|behaviour| behaviour.refuse_bind = None);
    rig.core.order_link(&rig.channel, LinkOrder::Restart).unwrap();
    rig.until(|status| status.state == LinkState::Up).await;
    lane.sender.submit(messages(20..21)).await.unwrap();
    assert_eq!(accepted(&outcomes(&mut lane, 1).await), 1);
}

#[tokio::test]
async fn breaking_in_the_middle_loses_nothing_and_doubles_nothing() {
    let behaviour = Behaviour { close_after_submits: Some(700), ..Behaviour::default() };
    let rig = Rig::start(behaviour, |link| {
        link.sessions = 2;
        link.window = 64;
    })
    .await;
    let mut lane = rig.lane();
    lane.sender.submit(messages(0..4_000)).await.unwrap();
    let outcomes = outcomes(&mut lane, 4_000).await;
    assert_one_each(&outcomes);
    let unknown = count(&outcomes, &uncertain());
    assert_eq!(accepted(&outcomes) + unknown, 4_000);
    let at_smsc = usize::try_from(rig.simulator.counts().accepted).unwrap();
    // Whatever the SMSC has is accounted for, and nothing was sent twice.
    assert!(accepted(&outcomes) <= at_smsc && at_smsc <= accepted(&outcomes) + unknown);
    // A window for each of the breaks at the most.
    assert!(unknown <= 64 * 8, "{unknown}");
}

#[tokio::test]
async fn shutting_down_leaves_nothing_uncertain() {
    let behaviour = Behaviour { latency_ms: 50, ..Behaviour::default() };
    let rig = Rig::start(behaviour, |link| link.window = 20).await;
    let mut lane = rig.lane();
    let long = "Three parts, of which the first may be under way. ".repeat(8);
    let batch: Vec<_> = (0..200).map(|token| message(token, &long)).collect();
    let parts = batch[0].encoded.parts.len();
    lane.sender.submit(batch).await.unwrap();
    rig.until(|status| status.window_used > 0).await;
    rig.core.shutdown(PATIENCE).await;
    let outcomes = outcomes(&mut lane, 200 * parts).await;
    assert_one_each(&outcomes);
    assert_eq!(count(&outcomes, &uncertain()), 0);
    assert_eq!(accepted(&outcomes) as u64, rig.simulator.counts().accepted);
    assert!(accepted(&outcomes) > 0 && accepted(&outcomes).is_multiple_of(parts));
    assert_eq!(rig.simulator.counts().unbinds, 1);
    assert_eq!(rig.status().state, LinkState::ShutDown);
    assert_eq!(lane.sender.submit(messages(0..1)).await, Err(CoreError::ShutDown));
}

#[tokio::test]
async fn shutting_down_without_answers_ends_all_the_same() {
    let behaviour = Behaviour { silence_rate: 1.0, ..Behaviour::default() };
    let rig = Rig::start(behaviour, |_| ()).await;
    let mut lane = rig.lane();
    lane.sender.submit(messages(0..5)).await.unwrap();
    rig.until(|status| status.window_used == 5).await;
    rig.core.shutdown(Duration::from_millis(100)).await;
    assert_eq!(count(&outcomes(&mut lane, 5).await, &uncertain()), 5);
}

#[tokio::test]
async fn withdrawing_takes_back_what_no_session_has() {
    let rig = Rig::start(Behaviour::default(), |link| {
        link.rate_segments_per_s = Some(1.0);
        link.burst_segments = Some(5);
    })
    .await;
    let mut lane = rig.lane();
    let mut other = rig.lane();
    lane.sender.submit(messages(0..100)).await.unwrap();
    let mut got = outcomes(&mut lane, 5).await;
    other.sender.submit(messages(500..501)).await.unwrap();
    lane.sender.withdraw();
    got.extend(outcomes(&mut lane, 95).await);
    assert_one_each(&got);
    assert!(accepted(&got) <= 7);
    assert_eq!(accepted(&outcomes(&mut other, 1).await), 1);
}

#[tokio::test]
async fn interactive_lanes_go_first_and_bulk_lanes_take_turns() {
    let (port, control) = simulator(Behaviour { refuse_bind: Some(0x08), ..Behaviour::default() }).await;
    let rig = Rig::on_port(port, control, |link| {
        link.window = 1;
        link.rate_segments_per_s = Some(100.0);
        link.burst_segments = Some(1);
    });
    let (first, mut second) = (rig.lane(), rig.lane());
    let mut urgent = rig.core.open_lane(&rig.channel, Priority::Interactive).unwrap();
    first.sender.submit(messages(0..1_000)).await.unwrap();
    second.sender.submit(messages(1_000..1_005)).await.unwrap();
    urgent.sender.submit(messages(2_000..2_005)).await.unwrap();
    rig.simulator.update(|behaviour| behaviour.refuse_bind = None);
    assert_eq!(accepted(&outcomes(&mut urgent, 5).await), 5);
    assert!(rig.status().counters.accepted <= 7);
    assert_eq!(accepted(&outcomes(&mut second, 5).await), 5);
    assert!(rig.status().counters.accepted <= 20);
    first.sender.withdraw();
}

#[tokio::test]
async fn a_tenant_with_one_small_campaign_is_not_held_up_by_one_with_ten_large_ones() {
    let (port, control) = simulator(Behaviour { refuse_bind: Some(0x08), ..Behaviour::default() }).await;
    let rig = Rig::on_port(port, control, |link| link.window = 1);
    let mut large = Vec::new();
    for campaign in 0..10 {
        let lane = rig.core.open_lane_of(Tenant(1), &rig.channel, Priority::Bulk).unwrap();
        let first = campaign * 10_000;
        lane.sender.submit(messages(first..first + 500)).await.unwrap();
        large.push(lane);
    }
    let mut small = rig.core.open_lane_of(Tenant(2), &rig.channel, Priority::Bulk).unwrap();
    small.sender.submit(messages(900_000..900_100)).await.unwrap();
    rig.simulator.update(|behaviour| behaviour.refuse_bind = None);
    assert_eq!(accepted(&outcomes(&mut small, 100).await), 100);
    // Half of what went out until then was theirs, and a turn and what was under way came on top.
    let accepted = rig.status().counters.accepted;
    assert!(accepted <= 2 * 100 + 100, "{accepted} went out until the hundred had");
    large.iter().for_each(|lane| lane.sender.withdraw());
}

#[tokio::test]
async fn a_lane_waits_for_room() {
    let rig = Rig::start(Behaviour { deaf: true, ..Behaviour::default() }, |link| link.lane_segments = 256).await;
    let mut lane = rig.lane();
    let sender = lane.sender.clone();
    let submitting = tokio::spawn(async move { sender.submit(messages(0..600)).await });
    rig.until(|status| status.queued_messages == 256).await;
    assert!(!submitting.is_finished());
    rig.simulator.update(|behaviour| behaviour.deaf = false);
    rig.simulator.hang_up();
    assert_eq!(accepted(&outcomes(&mut lane, 600).await), 600);
    submitting.await.unwrap().unwrap();
}
