//! Links that super admins change while campaigns run over them: nothing is lost, nothing is sent twice.

use std::{sync::Arc, time::Duration};

use domain::{
    campaign::{Progress, Status},
    channel::ChannelId,
    clock::{Clock, ManualClock},
    link::{
        AddressRange, BindMode, IdBase, LinkConfig, LinkUse, PoolConfig, PoolShare, ReceiptRequest, StatusPolicy,
        Timers,
    },
};
use engine::{
    Engine, EngineConfig, LinkState,
    links::{FileLinks, LinkDesk, LinkOrigin, LinkRefusal, Secrets},
};
use smpp::simulator::{Behaviour, SimulatorConfig};
use store::{Ruler, links::LinkSecret};

use crate::fixture::{Order, PATIENCE, START_MS, Smsc, count, open, quick, submit};

/// The channel of the fixture's campaigns.
const CHANNEL: &str = "simulator";
const RECIPIENTS: u32 = 4_000;

pub fn id(text: &str) -> ChannelId {
    ChannelId::parse(text).unwrap()
}

pub fn config(port: u16) -> LinkConfig {
    LinkConfig {
        name: "Carrier".into(),
        host: "127.0.0.1".into(),
        port,
        tls: None,
        system_id: "acme".into(),
        system_type: String::new(),
        address_range: AddressRange::default(),
        bind: BindMode::Transceiver,
        sessions: 1,
        window: 50,
        rate_segments_per_s: Some(600.0),
        burst_segments: None,
        lane_segments: 20_000,
        timers: Timers { reconnect_min_s: 1, reconnect_max_s: 1, ..Timers::default() },
        id_base: IdBase::Verbatim,
        receipts: ReceiptRequest::Always,
        accepted_is_final: false,
        long_messages: Default::default(),
        tendlc_tlv: None,
        policy: StatusPolicy::default(),
        is_simulator: true,
    }
}

pub fn password(text: &str) -> Secrets {
    Secrets { password: Some(LinkSecret::new(text)), key: None }
}

/// A slow carrier, so that something is under way at each change.
pub async fn carrier(dir: &tempfile::TempDir) -> Smsc {
    let behaviour = Behaviour { latency_ms: 10, ..Behaviour::default() };
    Smsc::with(dir.path(), SimulatorConfig { behaviour, ..SimulatorConfig::loopback() }).await
}

pub async fn until(what: &str, ready: impl Fn() -> bool) {
    let begun = std::time::Instant::now();
    while !ready() {
        assert!(begun.elapsed() < PATIENCE, "{what} does not come");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}

pub fn state(desk: &LinkDesk, link: &str) -> Option<LinkState> {
    desk.core().links().into_iter().find(|status| status.id == id(link)).map(|status| status.state)
}

pub fn engine_config() -> EngineConfig {
    EngineConfig { dispatch: quick(), look_interval: Duration::from_millis(100), ..EngineConfig::standard() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_is_changed_while_a_campaign_runs_over_it() {
    let dir = tempfile::tempdir().unwrap();
    let smsc_dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let first = carrier(&smsc_dirs[0]).await;
    let clock = Arc::new(ManualClock::at(START_MS));
    let shared: Arc<dyn Clock> = clock.clone();
    let (gate, system) = open(dir.path(), &clock).await;
    let (job, people) = submit(&gate, &system, Order::of(RECIPIENTS)).await;
    // Its ids begin with the microsecond of its start: after all this they are not those of the first one.
    let smscs = [first, carrier(&smsc_dirs[1]).await];
    let ruler = gate.rule(&people.root).unwrap();
    let desk = LinkDesk::open(system.clone(), FileLinks::default(), Vec::new(), &shared).await.unwrap();
    desk.add(&ruler, id(CHANNEL), config(smscs[0].port), password("one"), LinkUse::InUse).await.unwrap();
    let engine = Engine::start(engine_config(), system.clone(), desk.core(), clock.clone()).unwrap();
    job.approve(&gate, &people).await;
    engine.handle().nudge();

    let all = || smscs.iter().map(|smsc| smsc.control.counts().accepted).sum::<u64>();
    let change = async |revision, config, secrets| {
        desk.change(&ruler, &id(CHANNEL), revision, config, secrets).await.unwrap();
    };
    until("the first messages", || all() > 300).await;
    let faster = LinkConfig { rate_segments_per_s: Some(900.0), window: 20, ..config(smscs[0].port) };
    change(1, faster.clone(), Secrets::default()).await;
    until("some more", || all() > 900).await;
    change(2, faster.clone(), password("two")).await;
    until("those with another password", || all() > 1_500).await;
    // Another address: the receipts that the former one owes come when it is the link's again.
    let elsewhere = LinkConfig { port: smscs[1].port, sessions: 2, ..faster.clone() };
    change(3, elsewhere, Secrets::default()).await;
    until("those at the other address", || smscs[1].control.counts().accepted > 600).await;
    desk.decide_use(&ruler, &id(CHANNEL), LinkUse::Drained).await.unwrap();
    until("the drained link", || state(&desk, CHANNEL) == Some(LinkState::Disabled)).await;
    change(4, faster, Secrets::default()).await;
    assert_eq!(state(&desk, CHANNEL), Some(LinkState::Disabled), "a change does not put it into use");
    desk.decide_use(&ruler, &id(CHANNEL), LinkUse::InUse).await.unwrap();
    job.until(&system, |campaign| campaign.progress.waiting == 0 && campaign.progress.claimed == 0).await;

    let has_told_all = |smsc: &Smsc| {
        let counts = smsc.control.counts();
        counts.receipts_acknowledged >= counts.accepted
    };
    until("the receipts of the first carrier", || has_told_all(&smscs[0])).await;
    // And those of the other one.
    change(5, config(smscs[1].port), Secrets::default()).await;
    job.until(&system, |campaign| campaign.life.status == Status::Done).await;
    engine.shutdown(Duration::from_secs(20)).await;
    let accepted = smscs.each_ref().map(Smsc::accepted);
    assert!(accepted.iter().all(|by| by.values().all(|&times| times == 1)), "none twice");
    assert_eq!(accepted.iter().map(std::collections::HashMap::len).sum::<usize>(), RECIPIENTS as usize);
    assert!(accepted[0].keys().all(|part| !accepted[1].contains_key(part)), "none by both");
    let expected = Progress { delivered: u64::from(RECIPIENTS), ..Progress::default() };
    assert_eq!(count(&job.rows(&system).await), expected);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_decided_holds_after_a_restart() {
    let dir = tempfile::tempdir().unwrap();
    let smsc = Smsc::start(dir.path()).await;
    let clock = Arc::new(ManualClock::at(START_MS));
    let shared: Arc<dyn Clock> = clock.clone();
    let (gate, system) = open(dir.path(), &clock).await;
    let (_, people) = submit(&gate, &system, Order::of(10)).await;
    let ruler: Ruler = gate.rule(&people.root).unwrap();
    let file = || FileLinks {
        links: vec![sms_core::LinkSettings::simulator(id("of-file"), smsc.port)],
        ..FileLinks::default()
    };
    let desk = LinkDesk::open(system.clone(), file(), Vec::new(), &shared).await.unwrap();
    // Described, tested, and then taken into use.
    desk.add(&ruler, id("a"), config(smsc.port), password("one"), LinkUse::Disabled).await.unwrap();
    assert_eq!(state(&desk, "a"), Some(LinkState::Disabled));
    smsc.control.update(|behaviour| behaviour.refuse_bind = Some(0x0E));
    let test = desk.test(&ruler, &id("a")).await.unwrap();
    assert!(test.outcome.unwrap_err().contains("ESME_RINVPASWD"));
    smsc.control.update(|behaviour| behaviour.refuse_bind = None);
    assert_eq!(desk.test(&ruler, &id("a")).await.unwrap().outcome, Ok(()));
    desk.decide_use(&ruler, &id("a"), LinkUse::InUse).await.unwrap();
    until("the link", || state(&desk, "a") == Some(LinkState::Up)).await;
    desk.decide_use(&ruler, &id("of-file"), LinkUse::Drained).await.unwrap();
    let members = ["a", "of-file"].map(|link| PoolShare { link: id(link), weight: 1 }).into();
    let both = PoolConfig { name: "Both".into(), members, failover: true, rate_segments_per_s: None };
    desk.add_pool(&ruler, id("both"), both).await.unwrap();
    desk.core().shutdown(Duration::from_secs(5)).await;

    let desk = LinkDesk::open(system.clone(), file(), Vec::new(), &shared).await.unwrap();
    until("the link", || state(&desk, "a") == Some(LinkState::Up)).await;
    assert_eq!(state(&desk, "of-file"), Some(LinkState::Disabled), "though its file says nothing of it");
    assert_eq!(desk.core().channels().last().unwrap().members.len(), 2);
    desk.decide_use(&ruler, &id("of-file"), LinkUse::InUse).await.unwrap();
    until("the link of the file", || state(&desk, "of-file") == Some(LinkState::Up)).await;
    desk.core().shutdown(Duration::from_secs(5)).await;

    // The file has taken the id for a link of its own: it stands before, and the page says so.
    let mut taken = file();
    taken.links.push(sms_core::LinkSettings {
        name: "Of the file".into(),
        ..sms_core::LinkSettings::simulator(id("a"), smsc.port)
    });
    let desk = LinkDesk::open(system.clone(), taken, Vec::new(), &shared).await.unwrap();
    let sheets = desk.sheets(&ruler).await.unwrap();
    let of_a: Vec<_> = sheets.iter().filter(|sheet| sheet.id == id("a")).collect();
    assert_eq!(of_a.iter().map(|sheet| sheet.origin).collect::<Vec<_>>(), [LinkOrigin::File, LinkOrigin::Product]);
    assert!(of_a[1].left_out.as_ref().unwrap().contains("configuration file"));
    // Taking the product's away leaves the file's alone.
    desk.remove(&ruler, &id("a"), 1).await.unwrap();
    until("the link of the file", || state(&desk, "a") == Some(LinkState::Up)).await;
    assert!(desk.pool_sheets(&ruler).await.unwrap()[0].left_out.is_none(), "the pool has the file's now");
    let refused = desk.add(&ruler, id("of-file"), config(smsc.port), password("x"), LinkUse::InUse).await.unwrap_err();
    assert!(matches!(refused, LinkRefusal::IdTaken(_)), "{refused}");
    desk.core().shutdown(Duration::from_secs(5)).await;
}

#[tokio::test]
async fn settings_that_cannot_be_used_are_refused_field_by_field() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let shared: Arc<dyn Clock> = clock.clone();
    let (gate, system) = open(dir.path(), &clock).await;
    let (_, people) = submit(&gate, &system, Order::of(10)).await;
    let ruler = gate.rule(&people.root).unwrap();
    let desk = LinkDesk::open(system, FileLinks::default(), Vec::new(), &shared).await.unwrap();
    let tls = domain::link::LinkTls { ca: Some("no certificate".into()), ..Default::default() };
    let wrong = LinkConfig { window: 0, system_id: String::new(), tls: Some(tls), ..config(1) };
    let refused = desk.add(&ruler, id("a"), wrong, password("x"), LinkUse::InUse).await.unwrap_err();
    let fields: Vec<_> = refused.fields().into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["window", "system_id", "tls_ca"]);
    assert!(desk.core().links().is_empty());
    let pool = PoolConfig {
        name: "Both".into(),
        members: vec![PoolShare { link: id("a"), weight: 1 }],
        failover: true,
        rate_segments_per_s: None,
    };
    assert_eq!(desk.add_pool(&ruler, id("both"), pool).await.unwrap_err().fields()[0].0, "members");
}

/// What watches the ends of certificates finds those that are kept in the database.
#[tokio::test]
async fn the_certificates_of_links_of_the_product_are_to_be_watched() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let shared: Arc<dyn Clock> = clock.clone();
    let (gate, system) = open(dir.path(), &clock).await;
    let (_, people) = submit(&gate, &system, Order::of(10)).await;
    let ruler = gate.rule(&people.root).unwrap();
    let desk = LinkDesk::open(system, FileLinks::default(), Vec::new(), &shared).await.unwrap();
    assert!(desk.certificates().is_empty());
    let pem = include_str!("../../../../server/tests/tls/first.crt");
    let tls = domain::link::LinkTls { ca: Some(pem.into()), ..Default::default() };
    let secured = LinkConfig { tls: Some(tls), ..config(1) };
    desk.add(&ruler, id("secured"), secured, password("x"), LinkUse::Disabled).await.unwrap();
    desk.add(&ruler, id("plain"), config(1), password("x"), LinkUse::Disabled).await.unwrap();
    assert_eq!(desk.certificates(), [("authority of link secured".to_owned(), pem.to_owned())]);
}
