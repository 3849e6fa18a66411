//! Links that are changed, drained, disabled and tried while others go on.

use smpp::simulator::Behaviour;
use sms_core::{
    BindMode, ChannelId, Core, CoreError, CoreSettings, LinkOrder, LinkSettings, LinkState, LinkStatus, PartResult,
    Password, Priority, test_bind,
};

use crate::support::{
    PATIENCE, Rig, accepted, assert_one_each, channel, count, eventually, messages, outcomes, simulator,
};

fn other() -> ChannelId {
    ChannelId::parse("other").unwrap()
}

fn status(rig: &Rig, link: &ChannelId) -> LinkStatus {
    rig.core.links().into_iter().find(|status| status.id == *link).unwrap()
}

#[tokio::test]
async fn a_link_is_changed_without_the_others_noticing() {
    let rig = Rig::start(Behaviour::default(), |_| ()).await;
    let (other_port, other_simulator) = simulator(Behaviour::default()).await;
    let first = LinkSettings::simulator(channel(), rig.port);
    let second = LinkSettings { name: "Other".to_owned(), ..LinkSettings::simulator(other(), other_port) };
    rig.core.configure(CoreSettings { links: vec![first.clone(), second.clone()] }).unwrap();
    eventually(|| (status(&rig, &other()).state == LinkState::Up).then_some(())).await;
    rig.until(|status| status.state == LinkState::Up).await;
    let mut lane = rig.core.open_lane(&other(), Priority::Bulk).unwrap();

    // Another account at the same carrier, with more sessions; messages come all the while.
    let changed = LinkSettings { system_id: "second".to_owned(), sessions: 3, window: 7, ..second };
    lane.sender.submit(messages(0..3_000)).await.unwrap();
    rig.core.configure(CoreSettings { links: vec![first.clone(), changed.clone()] }).unwrap();
    lane.sender.submit(messages(3_000..6_000)).await.unwrap();
    let got = outcomes(&mut lane, 6_000).await;
    assert_one_each(&got);
    assert_eq!(accepted(&got), 6_000, "none is lost, and none uncertain");
    assert_eq!(other_simulator.counts().submits, 6_000, "and none sent twice");
    eventually(|| (status(&rig, &other()).sessions_bound == 3).then_some(())).await;
    assert_eq!(status(&rig, &other()).window, 21);
    assert_eq!((rig.simulator.counts().binds, rig.simulator.counts().unbinds), (1, 0));

    // What is only a matter of speed needs no bind.
    let binds = other_simulator.counts().binds;
    let slower = LinkSettings { rate_segments_per_s: Some(50.0), ..changed };
    rig.core.configure(CoreSettings { links: vec![first.clone(), slower.clone()] }).unwrap();
    assert_eq!(status(&rig, &other()).rate_limit_segments_per_s, Some(50.0));
    assert_eq!(other_simulator.counts().binds, binds);

    // Taken out, and put back: the lane is good again.
    rig.core.configure(CoreSettings { links: vec![first.clone()] }).unwrap();
    assert_eq!(rig.core.links().len(), 1);
    let refused = lane.sender.submit(messages(0..1)).await.unwrap_err();
    assert!(matches!(refused, CoreError::Stopped { .. }), "{refused}");
    rig.core.configure(CoreSettings { links: vec![first, slower] }).unwrap();
    lane.sender.submit(messages(6_000..6_001)).await.unwrap();
    assert_eq!(accepted(&outcomes(&mut lane, 1).await), 1);
}

#[tokio::test]
async fn settings_that_cannot_be_used_change_nothing() {
    let rig = Rig::start(Behaviour::default(), |_| ()).await;
    let wrong = LinkSettings { window: 0, ..LinkSettings::simulator(channel(), rig.port) };
    assert!(rig.core.configure(CoreSettings { links: vec![wrong] }).unwrap_err().to_string().contains("window"));
    assert_eq!(rig.status().sessions_configured, 1);
    rig.until(|status| status.state == LinkState::Up).await;
}

#[tokio::test]
async fn the_right_password_lets_a_stopped_link_go_on() {
    let rig = Rig::start(Behaviour { refuse_bind: Some(0x0E), ..Behaviour::default() }, |_| ()).await;
    rig.until(|status| status.state == LinkState::Stopped).await;
    rig.simulator.update(|behaviour| behaviour.refuse_bind = None);
    let corrected = LinkSettings { password: Password::new("right"), ..LinkSettings::simulator(channel(), rig.port) };
    rig.core.configure(CoreSettings { links: vec![corrected] }).unwrap();
    rig.until(|status| status.state == LinkState::Up).await;
}

#[tokio::test]
async fn a_drained_link_sends_what_it_has_and_takes_nothing_more() {
    let rig = Rig::start(Behaviour { latency_ms: 20, ..Behaviour::default() }, |link| link.window = 10).await;
    let mut lane = rig.lane();
    lane.sender.submit(messages(0..100)).await.unwrap();
    rig.core.order_link(&rig.channel, LinkOrder::Drain).unwrap();
    let refused = lane.sender.submit(messages(100..101)).await.unwrap_err();
    assert!(refused.to_string().contains("drained"), "{refused}");
    assert_eq!(accepted(&outcomes(&mut lane, 100).await), 100);
    rig.until(|status| status.state == LinkState::Disabled && status.sessions_bound == 0).await;
    assert_eq!(rig.simulator.counts().unbinds, 1);
    rig.core.order_link(&rig.channel, LinkOrder::Enable).unwrap();
    lane.sender.submit(messages(100..101)).await.unwrap();
    assert_eq!(accepted(&outcomes(&mut lane, 1).await), 1);
}

#[tokio::test]
async fn a_disabled_link_gives_back_what_it_has_not_sent() {
    let rig = Rig::start(Behaviour { latency_ms: 50, ..Behaviour::default() }, |link| link.window = 10).await;
    let mut lane = rig.lane();
    lane.sender.submit(messages(0..500)).await.unwrap();
    rig.until(|status| status.window_used > 0).await;
    rig.core.order_link(&rig.channel, LinkOrder::Disable).unwrap();
    let got = outcomes(&mut lane, 500).await;
    assert_one_each(&got);
    assert_eq!(accepted(&got) + count(&got, &PartResult::NotSent), 500);
    rig.until(|status| status.sessions_bound == 0).await;
    assert_eq!(accepted(&got) as u64, rig.simulator.counts().accepted);
}

#[tokio::test]
async fn a_link_may_be_configured_and_not_in_use() {
    let rig = Rig::start(Behaviour::default(), |link| link.disabled = true).await;
    assert_eq!(rig.status().state, LinkState::Disabled);
    assert!(rig.lane().sender.submit(messages(0..1)).await.is_err());
    rig.core.order_link(&rig.channel, LinkOrder::Enable).unwrap();
    rig.until(|status| status.state == LinkState::Up).await;
}

#[tokio::test]
async fn a_bind_for_trial_says_what_the_carrier_says() {
    let rig = Rig::start(Behaviour::default(), |_| ()).await;
    rig.until(|status| status.state == LinkState::Up).await;
    rig.core.test_link(&rig.channel).await.unwrap();
    let counts = rig.simulator.counts();
    assert_eq!((counts.binds, counts.unbinds), (2, 1));
    assert_eq!(rig.status().sessions_bound, 1, "the link itself is as before");
    rig.simulator.update(|behaviour| behaviour.refuse_bind = Some(0x0F));
    let refused = rig.core.test_link(&rig.channel).await.unwrap_err();
    assert!(refused.to_string().contains("ESME_RINVSYSID"), "{refused}");
    assert_eq!(rig.status().state, LinkState::Up);
    let nowhere = LinkSettings::simulator(other(), 1);
    assert!(test_bind(&nowhere).await.unwrap_err().contains("no connection"));
}

#[tokio::test]
async fn a_pair_sends_by_one_session_and_receives_by_the_other() {
    let rig = Rig::start(Behaviour::default(), |link| {
        link.bind = BindMode::Pair;
        link.sessions = 2;
    })
    .await;
    let up = rig.until(|status| status.sessions_bound == 4).await;
    assert_eq!((up.state, up.sessions_configured, up.window), (LinkState::Up, 4, 2_000));
    let mut receipts = rig.core.take_receipts().unwrap();
    let mut lane = rig.lane();
    lane.sender.submit(messages(0..500)).await.unwrap();
    assert_eq!(accepted(&outcomes(&mut lane, 500).await), 500);
    let mut received = 0;
    while received < 500 {
        let batch = tokio::time::timeout(PATIENCE, receipts.recv()).await.unwrap().unwrap();
        received += batch.receipts.len();
        batch.acknowledge();
    }
    eventually(|| (rig.simulator.counts().receipts_acknowledged == 500).then_some(())).await;
}
