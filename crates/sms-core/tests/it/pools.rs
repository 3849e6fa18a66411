//! Pools: several links as one channel, over real sockets.

use std::{collections::HashSet, sync::Arc};

use domain::clock::{Clock, ManualClock};
use smpp::simulator::{Behaviour, Control};
use sms_core::{
    ChannelId, Core, CoreError, CoreSettings, InProcessCore, LinkOrder, LinkSettings, LinkState, PartOutcome,
    PartResult, PoolMember, PoolSettings, Priority, SettingsError, Switchboard,
};
use tokio::time::timeout;

use crate::support::{NOW_MS, PATIENCE, accepted, assert_one_each, eventually, message, messages, outcomes, simulator};

fn id(text: &str) -> ChannelId {
    ChannelId::parse(text).unwrap()
}

fn pool(members: &[(&str, u32)]) -> PoolSettings {
    let members = members.iter().map(|(link, weight)| PoolMember { link: id(link), weight: *weight }).collect();
    PoolSettings { id: id("both"), name: "Both".to_owned(), members, failover: true, rate_segments_per_s: None }
}

/// Two simulators, a link to each, and a pool of the two.
struct Two {
    board: Switchboard,
    a: Control,
    b: Control,
}

impl Two {
    async fn start(weights: [u32; 2], change: impl Fn(&mut LinkSettings)) -> Self {
        let (port_a, a) = simulator(Behaviour::default()).await;
        let (port_b, b) = simulator(Behaviour::default()).await;
        let links = [("a", port_a), ("b", port_b)].map(|(name, port)| {
            let mut link = LinkSettings::simulator(id(name), port);
            change(&mut link);
            link
        });
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(NOW_MS));
        let core: Arc<dyn Core> = Arc::new(InProcessCore::start(CoreSettings { links: links.into() }, &clock).unwrap());
        let pools = vec![pool(&[("a", weights[0]), ("b", weights[1])])];
        let board = Switchboard::new(vec![core], pools, true).unwrap();
        let two = Self { board, a, b };
        eventually(|| two.board.links().iter().all(|link| link.state == LinkState::Up).then_some(())).await;
        two
    }

    async fn until(&self, link: &str, state: LinkState) {
        let is_so = || self.board.links().iter().any(|status| status.id == id(link) && status.state == state);
        eventually(|| is_so().then_some(())).await;
    }
}

fn by(outcomes: &[PartOutcome], of: &str) -> usize {
    let is_by =
        |outcome: &&PartOutcome| matches!(&outcome.result, PartResult::Accepted { link, .. } if *link == id(of));
    outcomes.iter().filter(is_by).count()
}

#[tokio::test]
async fn messages_are_shared_by_weight_and_each_names_its_link() {
    let two = Two::start([3, 1], |_| ()).await;
    let channels = two.board.channels();
    assert_eq!(channels.iter().map(|channel| channel.id.as_str()).collect::<Vec<_>>(), ["a", "b", "both"]);
    assert_eq!((channels[2].state, channels[2].is_simulator, channels[2].window), (LinkState::Up, true, 2_000));
    let mut receipts = two.board.take_receipts().unwrap();
    let mut lane = two.board.open_lane(&id("both"), Priority::Bulk).unwrap();
    lane.sender.submit(messages(0..4_000)).await.unwrap();
    let outcomes = outcomes(&mut lane, 4_000).await;
    assert_one_each(&outcomes);
    assert_eq!((by(&outcomes, "a"), by(&outcomes, "b")), (3_000, 1_000));
    assert_eq!((two.a.counts().accepted, two.b.counts().accepted), (3_000, 1_000));

    let sent: HashSet<_> = outcomes
        .iter()
        .filter_map(|outcome| match &outcome.result {
            PartResult::Accepted { link, message_id } => Some((link.clone(), message_id.clone())),
            _ => None,
        })
        .collect();
    let mut received = HashSet::new();
    while received.len() < 4_000 {
        let batch = timeout(PATIENCE, receipts.recv()).await.unwrap().unwrap();
        received.extend(batch.receipts.iter().map(|receipt| (batch.channel.clone(), receipt.message_id.clone())));
        batch.acknowledge();
    }
    assert_eq!(sent, received, "by link and id");
}

/// Never more than its rate and a burst, however quick the links are; two campaigns are done in no less time than that.
#[tokio::test]
async fn a_pool_keeps_to_a_rate_of_its_own() {
    const PER_S: u32 = 400;
    let two = Two::start([1, 1], |_| ()).await;
    let limited = PoolSettings { rate_segments_per_s: Some(PER_S), ..pool(&[("a", 1), ("b", 1)]) };
    two.board.set_pools(vec![limited], true).unwrap();
    let limit = two.board.channels().iter().find_map(|channel| channel.rate_limit_segments_per_s);
    assert_eq!(limit, Some(f64::from(PER_S)));
    let mut lanes = [1, 2].map(|_| two.board.open_lane(&id("both"), Priority::Bulk).unwrap());
    let begun = std::time::Instant::now();
    for (lane, tokens) in lanes.iter().zip([0..300, 300..600]) {
        lane.sender.submit(messages(tokens)).await.unwrap();
    }
    for lane in &mut lanes {
        assert_one_each(&outcomes(lane, 300).await);
    }
    let most = f64::from(PER_S) * (begun.elapsed().as_secs_f64() + 0.5);
    assert_eq!(two.a.counts().accepted + two.b.counts().accepted, 600);
    assert!(most >= 600.0, "600 where {most} are allowed");
}

#[tokio::test]
async fn what_a_link_has_not_sent_when_it_goes_down_goes_out_by_the_other() {
    let two = Two::start([1, 1], |link| {
        if link.id == id("a") {
            link.window = 10;
            link.timers.reconnect_min_s = 60;
            link.timers.reconnect_max_s = 60;
        }
    })
    .await;
    // Ten are at the carrier, which does not answer; the others wait for the window.
    two.a.update(|behaviour| behaviour.silence_rate = 1.0);
    let mut lane = two.board.open_lane(&id("both"), Priority::Bulk).unwrap();
    lane.sender.submit(messages(0..200)).await.unwrap();
    eventually(|| (two.a.counts().accepted == 10).then_some(())).await;
    two.a.hang_up();
    let outcomes = outcomes(&mut lane, 200).await;
    assert_one_each(&outcomes);
    let unknown =
        outcomes.iter().filter(|outcome| matches!(&outcome.result, PartResult::Uncertain { link } if *link == id("a")));
    assert_eq!((unknown.count(), by(&outcomes, "b")), (10, 190));
    assert_eq!((two.a.counts().submits, two.b.counts().submits), (10, 190), "what may be at a carrier stays there");
}

#[tokio::test]
async fn a_reserve_takes_over_and_gives_back() {
    let two = Two::start([1, 0], |_| ()).await;
    let mut lane = two.board.open_lane(&id("both"), Priority::Interactive).unwrap();
    for (order, link, range) in
        [(None, "a", 0..50), (Some(LinkOrder::Disable), "b", 50..100), (Some(LinkOrder::Enable), "a", 100..150)]
    {
        if let Some(order) = order {
            two.board.order_link(&id("a"), order).unwrap();
            two.until("a", if order == LinkOrder::Disable { LinkState::Disabled } else { LinkState::Up }).await;
        }
        lane.sender.submit(messages(range)).await.unwrap();
        let outcomes = outcomes(&mut lane, 50).await;
        assert_eq!(by(&outcomes, link), 50, "{order:?}");
    }
}

#[tokio::test]
async fn the_parts_of_a_message_stay_together() {
    let two = Two::start([1, 1], |_| ()).await;
    let mut lane = two.board.open_lane(&id("both"), Priority::Bulk).unwrap();
    let long = "A text that needs three parts. ".repeat(13);
    lane.sender.submit((0..60).map(|token| message(token, &long)).collect()).await.unwrap();
    let outcomes = outcomes(&mut lane, 180).await;
    assert_eq!((by(&outcomes, "a"), by(&outcomes, "b")), (90, 90));
    for token in 0..60 {
        let links: HashSet<_> = outcomes
            .iter()
            .filter(|outcome| outcome.token == token)
            .filter_map(|outcome| match &outcome.result {
                PartResult::Accepted { link, .. } => Some(link.clone()),
                _ => None,
            })
            .collect();
        assert_eq!(links.len(), 1, "{token}");
    }
}

#[tokio::test]
async fn withdrawing_takes_back_what_waits_in_any_link() {
    let two = Two::start([1, 1], |link| {
        link.rate_segments_per_s = Some(1.0);
        link.burst_segments = Some(2);
    })
    .await;
    let mut lane = two.board.open_lane(&id("both"), Priority::Bulk).unwrap();
    lane.sender.submit(messages(0..1_000)).await.unwrap();
    let mut got = outcomes(&mut lane, 4).await;
    lane.sender.withdraw();
    got.extend(outcomes(&mut lane, 996).await);
    assert_one_each(&got);
    assert!((4..=8).contains(&accepted(&got)), "{}", accepted(&got));
    let at_smsc = two.a.counts().accepted + two.b.counts().accepted;
    assert_eq!(accepted(&got) as u64, at_smsc);
}

#[tokio::test]
async fn a_pool_without_a_link_in_use_takes_nothing() {
    let two = Two::start([1, 1], |_| ()).await;
    let lane = two.board.open_lane(&id("both"), Priority::Bulk).unwrap();
    for link in ["a", "b"] {
        two.board.order_link(&id(link), LinkOrder::Disable).unwrap();
    }
    let refused = lane.sender.submit(messages(0..1)).await.unwrap_err();
    assert!(matches!(&refused, CoreError::Stopped { channel, .. } if *channel == id("both")), "{refused}");
    assert_eq!(two.board.channels()[2].state, LinkState::Disabled);
}

#[tokio::test]
async fn mistakes_in_pools_are_named() {
    let (port, _control) = simulator(Behaviour::default()).await;
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(NOW_MS));
    let links = vec![LinkSettings::simulator(id("a"), port)];
    let core: Arc<dyn Core> = Arc::new(InProcessCore::start(CoreSettings { links }, &clock).unwrap());
    let refusal = |pools| Switchboard::new(vec![Arc::clone(&core)], pools, true).unwrap_err();
    let missing = refusal(vec![pool(&[("a", 1), ("c", 1)])]);
    assert_eq!(missing, SettingsError::NoSuchLink { pool: id("both"), link: id("c") });
    assert_eq!(missing.to_string(), "pool both: there is no link c");
    assert!(refusal(vec![pool(&[("a", 0)])]).to_string().contains("weight"));
    assert!(refusal(vec![pool(&[("a", 1), ("a", 2)])]).to_string().contains("once"));
    assert!(refusal(vec![PoolSettings { id: id("a"), ..pool(&[("a", 1)]) }]).to_string().contains("the id a"));
}

#[tokio::test]
async fn a_pool_that_is_changed_shares_what_comes_anew_in_lanes_that_are_open() {
    let two = Two::start([1, 0], |_| ()).await;
    let mut lane = two.board.open_lane(&id("both"), Priority::Bulk).unwrap();
    lane.sender.submit(messages(0..1_000)).await.unwrap();
    assert_eq!(by(&outcomes(&mut lane, 1_000).await, "a"), 1_000, "the other is a reserve");

    // Not among its links any more: what is submitted from now on goes out by the other.
    two.board.set_pools(vec![pool(&[("b", 1)])], true).unwrap();
    lane.sender.submit(messages(1_000..2_000)).await.unwrap();
    let moved = outcomes(&mut lane, 1_000).await;
    assert_one_each(&moved);
    assert_eq!((by(&moved, "a"), by(&moved, "b")), (0, 1_000));

    // And back, with another weight.
    two.board.set_pools(vec![pool(&[("a", 3), ("b", 1)])], true).unwrap();
    lane.sender.submit(messages(2_000..6_000)).await.unwrap();
    let shared = outcomes(&mut lane, 4_000).await;
    assert_one_each(&shared);
    // The one that comes back begins where the other is.
    assert_eq!((by(&shared, "a"), by(&shared, "b")), (3_000, 1_000));
    assert_eq!(two.a.counts().submits + two.b.counts().submits, 6_000, "none twice");

    let wrong = two.board.set_pools(vec![pool(&[("c", 1)])], true).unwrap_err();
    assert!(matches!(wrong, SettingsError::NoSuchLink { .. }), "{wrong}");
    assert_eq!(two.board.channels().len(), 3, "what was in force stays");
}
