//! A campaign on a pool: receipts find their message by the link that sent it, also after a restart.

use std::{sync::Arc, time::Duration};

use domain::{
    campaign::{Progress, Status},
    clock::{Clock, ManualClock},
    recipient::RecipientState,
};
use engine::{Engine, EngineConfig};
use sms_core::{ChannelId, Core, CoreSettings, InProcessCore, LinkSettings, PoolMember, PoolSettings, Switchboard};

use crate::fixture::{Order, START_MS, Smsc, count, open, quick, submit};

pub fn id(text: &str) -> ChannelId {
    ChannelId::parse(text).unwrap()
}

/// The links `a` and `b`, and the pool of them that the campaign is on.
pub fn board(ports: [u16; 2], clock: &Arc<ManualClock>) -> Arc<Switchboard> {
    let shared: Arc<dyn Clock> = clock.clone();
    let links = [("a", ports[0]), ("b", ports[1])].map(|(name, port)| LinkSettings::simulator(id(name), port));
    let core: Arc<dyn Core> = Arc::new(InProcessCore::start(CoreSettings { links: links.into() }, &shared).unwrap());
    let members = ["a", "b"].map(|link| PoolMember { link: id(link), weight: 1 }).into();
    let pool =
        PoolSettings { id: id("simulator"), name: "Both".into(), members, failover: true, rate_segments_per_s: None };
    Arc::new(Switchboard::new(vec![core], vec![pool], true).unwrap())
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn receipts_are_told_apart_by_their_link() {
    let dir = tempfile::tempdir().unwrap();
    let smsc_dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let clock = Arc::new(ManualClock::at(START_MS));
    // Started within a moment, both give out the same ids for the most part; all of the second one's messages fail.
    let smscs = [Smsc::start(smsc_dirs[0].path()).await, Smsc::start(smsc_dirs[1].path()).await];
    for smsc in &smscs {
        smsc.control.update(|behaviour| {
            behaviour.max_submits_per_s = Some(2_000);
            behaviour.receipts.delay_ms = 1_500;
        });
    }
    smscs[1].control.update(|behaviour| behaviour.receipts.failure_rate = 1.0);
    let (gate, system) = open(dir.path(), &clock).await;
    let (job, people) = submit(&gate, &system, Order::of(6_000)).await;
    let config =
        || EngineConfig { dispatch: quick(), look_interval: Duration::from_millis(100), ..EngineConfig::standard() };
    let ports = [smscs[0].port, smscs[1].port];
    let engine = Engine::start(config(), system.clone(), board(ports, &clock), clock.clone()).unwrap();
    job.approve(&gate, &people).await;
    engine.handle().nudge();
    assert_eq!(engine.handle().channels().last().unwrap().members, [id("a"), id("b")]);
    job.until(&system, |campaign| campaign.progress.submitted > 1_000).await;
    // The first life ends with receipts owed by both.
    engine.shutdown(Duration::from_secs(20)).await;
    let left = job.campaign(&system).await.progress;
    assert!(left.submitted > 0 && left.uncertain == 0, "{left:?}");

    let engine = Engine::start(config(), system.clone(), board(ports, &clock), clock.clone()).unwrap();
    job.until(&system, |campaign| campaign.life.status == Status::Done).await;
    engine.shutdown(Duration::from_secs(20)).await;
    let rows = job.rows(&system).await;
    let [by_a, by_b] = smscs.each_ref().map(Smsc::accepted);
    assert_eq!(by_a.len() + by_b.len(), 6_000);
    assert!(by_a.values().chain(by_b.values()).all(|&times| times == 1));
    assert_eq!(
        count(&rows),
        Progress { delivered: by_a.len() as u64, failed: by_b.len() as u64, ..Progress::default() }
    );
    for (number, row) in rows {
        let expected = if by_a.contains_key(&(number, 1)) { RecipientState::Delivered } else { RecipientState::Failed };
        assert_eq!(row.state, expected, "{row:?}");
    }
}
