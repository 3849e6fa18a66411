//! The preset of a link holds for what reaches it through a pool, whatever changes while campaigns wait.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use domain::{
    campaign::{Mode, Progress, Status},
    channel::ChannelId,
    clock::ManualClock,
    phone::PhoneNumber,
    policy::{LeftOut, PresetConfig},
};
use engine::{Engine, EngineConfig};
use sms_core::{PoolMember, PoolSettings};
use store::{Gate, Session, SystemDoor, journal, policies, recipients::SendError, suppressions::blacklist};

use crate::{
    fixture::{FIRST_NUMBER, Job, Order, People, START_MS, Smsc, enter, open, quick, submit, submit_as},
    pools::{board, id},
};

const HOUR_MS: i64 = 3_600_000;

struct Rig {
    gate: Gate,
    system: SystemDoor,
    engine: Engine,
}

impl Rig {
    fn start(gate: Gate, system: SystemDoor, board: &Arc<sms_core::Switchboard>, clock: &Arc<ManualClock>) -> Self {
        let look_interval = Duration::from_millis(100);
        let config = EngineConfig { dispatch: quick(), look_interval, ..EngineConfig::standard() };
        let engine = Engine::start(config, system.clone(), board.clone(), clock.clone()).unwrap();
        Self { gate, system, engine }
    }

    async fn approved(&self, job: &Job, people: &People) {
        job.approve(&self.gate, people).await;
        self.engine.handle().nudge();
    }

    async fn pending(&self, people: &People, order: Order) -> Job {
        let job = submit_as(&self.gate, &self.system, people, order).await;
        self.approved(&job, people).await;
        job.until(&self.system, |campaign| campaign.life.status == Status::Pending).await;
        job
    }

    async fn done(&self, job: &Job) -> Progress {
        self.engine.handle().nudge();
        job.until(&self.system, |campaign| campaign.life.status == Status::Done).await.progress
    }

    async fn sent(&self, people: &People, text: &'static str, recipients: u32) -> (Job, Progress) {
        let order = Order { text, ..Order::of(recipients) };
        let job = submit_as(&self.gate, &self.system, people, order).await;
        self.approved(&job, people).await;
        let progress = self.done(&job).await;
        (job, progress)
    }

    async fn reasons(&self, people: &People, job: &Job) -> BTreeMap<Option<SendError>, u64> {
        let failures = journal::failures(&enter(&self.gate, &people.author).await, job.campaign).await.unwrap();
        failures.into_iter().map(|failure| (failure.reason, failure.recipients)).collect()
    }
}

async fn choose(gate: &Gate, root: &Session, channel: &ChannelId, config: PresetConfig) -> policies::Preset {
    let ruler = gate.rule(root).unwrap();
    let preset = policies::add(&ruler, PresetConfig { name: channel.to_string(), ..config }).await.unwrap();
    policies::choose(&ruler, channel, Some(preset.id)).await.unwrap();
    preset
}

fn scheduled(text: &'static str, hours: i64) -> Order {
    Order { mode: Mode::Scheduled, start_at_ms: Some(START_MS + hours * HOUR_MS), text, ..Order::of(2_000) }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_preset_of_a_link_is_not_gone_around_by_a_pool() {
    let dir = tempfile::tempdir().unwrap();
    let smsc_dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let clock = Arc::new(ManualClock::at(START_MS));
    let smscs = [Smsc::start(smsc_dirs[0].path()).await, Smsc::start(smsc_dirs[1].path()).await];
    let (gate, system) = open(dir.path(), &clock).await;
    let (first, people) = submit(&gate, &system, Order::of(2_000)).await;
    // The pool has a generous one of its own, and each link something else that is strict.
    let any = PresetConfig::default;
    choose(&gate, &people.root, &id("simulator"), PresetConfig { per_day: Some(10), ..any() }).await;
    choose(&gate, &people.root, &id("a"), PresetConfig { blacklist: true, ..any() }).await;
    choose(&gate, &people.root, &id("b"), PresetConfig { per_day: Some(1), ..any() }).await;
    let ruler = gate.rule(&people.root).unwrap();
    let listed: Vec<PhoneNumber> = (0..20).map(|i| PhoneNumber::from_u64(FIRST_NUMBER + i * 10).unwrap()).collect();
    blacklist::add(&ruler, &listed).await.unwrap();
    let rig = Rig::start(gate, system, &board([smscs[0].port, smscs[1].port], &clock), &clock);
    rig.approved(&first, &people).await;
    assert_eq!(rig.done(&first).await, Progress { delivered: 1_980, not_sent: 20, ..Progress::default() });
    let (second, progress) = rig.sent(&people, "Another", 2_500).await;
    assert_eq!(progress, Progress { delivered: 500, not_sent: 2_000, ..Progress::default() });
    let left_out = |why| Some(SendError::left_out(why));
    let expected = BTreeMap::from([(left_out(LeftOut::Blacklisted), 20), (left_out(LeftOut::PerDay), 1_980)]);
    assert_eq!(rig.reasons(&people, &second).await, expected);
    let most = smscs.iter().flat_map(|smsc| smsc.accepted().into_values()).max();
    assert_eq!(most, Some(1));
    rig.engine.shutdown(Duration::from_secs(20)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_is_weighed_again_when_a_link_joins_the_pool_or_its_preset_changes() {
    let dir = tempfile::tempdir().unwrap();
    let smsc_dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let clock = Arc::new(ManualClock::at(START_MS));
    let smscs = [Smsc::start(smsc_dirs[0].path()).await, Smsc::start(smsc_dirs[1].path()).await];
    let (gate, system) = open(dir.path(), &clock).await;
    let (first, people) = submit(&gate, &system, scheduled("Weighed by nothing", 1)).await;
    let preset =
        choose(&gate, &people.root, &id("b"), PresetConfig { per_day: Some(1), ..PresetConfig::default() }).await;
    let board = board([smscs[0].port, smscs[1].port], &clock);
    let pool = |links: &[&str]| PoolSettings {
        id: id("simulator"),
        name: "Pool".into(),
        members: links.iter().map(|link| PoolMember { link: id(link), weight: 1 }).collect(),
        failover: true,
        rate_segments_per_s: None,
    };
    board.set_pools(vec![pool(&["a"])], true).unwrap();
    let rig = Rig::start(gate, system, &board, &clock);
    rig.approved(&first, &people).await;
    first.until(&rig.system, |campaign| campaign.life.status == Status::Pending).await;
    // Nothing is asked of link a; what goes by it is remembered all the same.
    assert_eq!(rig.sent(&people, "By a alone", 2_000).await.1.delivered, 2_000);
    board.set_pools(vec![pool(&["a", "b"])], true).unwrap();
    rig.engine.handle().nudge();
    clock.advance(HOUR_MS);
    assert_eq!(rig.done(&first).await, Progress { not_sent: 2_000, ..Progress::default() });

    // Weighed by three a day, of which one was sent; one a day holds before it begins.
    let ruler = rig.gate.rule(&people.root).unwrap();
    let allowing = |per_day| PresetConfig { per_day: Some(per_day), ..preset.config.clone() };
    let preset = policies::change(&ruler, preset.id, preset.revision, allowing(3)).await.unwrap();
    let second = rig.pending(&people, scheduled("Weighed by three a day", 2)).await;
    policies::change(&ruler, preset.id, preset.revision, allowing(1)).await.unwrap();
    rig.engine.handle().nudge();
    clock.advance(HOUR_MS);
    assert_eq!(rig.done(&second).await, Progress { not_sent: 2_000, ..Progress::default() });

    // A link that leaves takes its preset along.
    board.set_pools(vec![pool(&["a"])], true).unwrap();
    assert_eq!(rig.sent(&people, "By a alone again", 2_000).await.1.delivered, 2_000);
    rig.engine.shutdown(Duration::from_secs(20)).await;
}

/// As when its file link goes with SIGHUP. What waits is not weighed by what is left, as if nothing were asked of the pool.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_of_a_pool_that_is_left_out_waits_until_the_pool_is_back() {
    let dir = tempfile::tempdir().unwrap();
    let smsc_dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let clock = Arc::new(ManualClock::at(START_MS));
    let smscs = [Smsc::start(smsc_dirs[0].path()).await, Smsc::start(smsc_dirs[1].path()).await];
    let (gate, system) = open(dir.path(), &clock).await;
    let (first, people) = submit(&gate, &system, Order { channel: "a", ..Order::of(2_000) }).await;
    choose(&gate, &people.root, &id("b"), PresetConfig { per_day: Some(1), ..PresetConfig::default() }).await;
    let board = board([smscs[0].port, smscs[1].port], &clock);
    let pools = || {
        vec![PoolSettings {
            id: id("simulator"),
            name: "Pool".into(),
            members: ["a", "b"].iter().map(|link| PoolMember { link: id(link), weight: 1 }).collect(),
            failover: true,
            rate_segments_per_s: None,
        }]
    };
    board.set_pools(pools(), true).unwrap();
    let rig = Rig::start(gate, system, &board, &clock);
    rig.approved(&first, &people).await;
    assert_eq!(rig.done(&first).await.delivered, 2_000);
    board.set_pools(Vec::new(), true).unwrap();
    let held = submit_as(&rig.gate, &rig.system, &people, Order { text: "By the pool", ..Order::of(2_000) }).await;
    rig.approved(&held, &people).await;
    held.until(&rig.system, |campaign| campaign.life.status == Status::Building).await;
    // Others go on meanwhile, and long enough for it to have been built.
    let other =
        submit_as(&rig.gate, &rig.system, &people, Order { channel: "a", text: "By a", ..Order::of(2_000) }).await;
    rig.approved(&other, &people).await;
    assert_eq!(rig.done(&other).await.delivered, 2_000);
    held.until(&rig.system, |campaign| campaign.life.status == Status::Building).await;
    board.set_pools(pools(), true).unwrap();
    assert_eq!(rig.done(&held).await, Progress { not_sent: 2_000, ..Progress::default() });
    rig.engine.shutdown(Duration::from_secs(20)).await;
}
