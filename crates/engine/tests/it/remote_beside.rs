//! An SMS Core in another process beside links that are configured in the product: one installation.

use std::{collections::HashSet, path::Path, sync::Arc, time::Duration};

use domain::{
    campaign::{Progress, Status},
    clock::{Clock, ManualClock},
    id::InstallationId,
    link::{LinkUse, PoolConfig, PoolShare},
    recipient::RecipientState,
};
use engine::{
    Engine, LinkState,
    links::{FileLinks, LinkDesk, LinkOrigin, LinkRefusal},
};
use sms_core::{
    Core, CoreSettings, InProcessCore, LinkSettings,
    remote::{CoreServer, IdentityFiles, Issued, RemoteCore, RemoteSettings, ServerSettings, issue},
};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::{
    fixture::{Job, Order, START_MS, Smsc, count, open, submit, submit_as},
    links::{carrier, config, engine_config, id, password, state, until},
};

/// The other process; the network cannot tell.
struct Other {
    stop: CancellationToken,
    links: Arc<InProcessCore>,
    serving: JoinHandle<()>,
    port: u16,
}

impl Other {
    async fn start(port: u16, smsc_port: u16, issued: &Issued, clock: &Arc<dyn Clock>) -> Self {
        let mut link = LinkSettings::simulator(id("far"), smsc_port);
        link.rate_segments_per_s = Some(600.0);
        let links = Arc::new(InProcessCore::start(CoreSettings { links: vec![link] }, clock).unwrap());
        let (certificate, key) = issued.core.clone();
        let settings = ServerSettings {
            listen: ([127, 0, 0, 1], port).into(),
            identity: IdentityFiles { ca: issued.ca.clone(), certificate, key, crl: Some(issued.crl.clone()) },
            allow: vec![issued.center_name.clone()],
            connection_age: Duration::from_secs(300),
            watch: Duration::from_secs(2),
        };
        let server = loop {
            // The one before may still be giving up its port.
            match CoreServer::bind(settings.clone(), links.clone()).await {
                Ok(server) => break server,
                Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        };
        let (port, stop) = (server.address().port(), CancellationToken::new());
        let serving = tokio::spawn(server.run(stop.clone()));
        Self { stop, links, serving, port }
    }

    async fn end(self) {
        self.links.shutdown(Duration::from_secs(5)).await;
        self.stop.cancel();
        self.serving.await.unwrap();
    }
}

fn connect(port: u16, issued: &Issued, clock: &Arc<dyn Clock>) -> Arc<RemoteCore> {
    let (certificate, key) = issued.center.clone();
    let identity = IdentityFiles { ca: issued.ca.clone(), certificate, key, crl: Some(issued.crl.clone()) };
    let settings = RemoteSettings::new(id("dmz"), format!("https://localhost:{port}"), identity);
    Arc::new(RemoteCore::start(settings, InstallationId::NIL, clock).unwrap())
}

fn certificates(folder: &Path) -> Issued {
    issue(&folder.join("certs"), &["localhost".to_owned()]).unwrap()
}

fn numbers(smsc: &Smsc) -> HashSet<u64> {
    smsc.accepted().into_keys().map(|(number, _)| number).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_pool_mixes_links_of_the_product_and_of_another_core() {
    let dir = tempfile::tempdir().unwrap();
    let smsc_dirs = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    // Begun within a moment, both give out the same ids for the most part; all of the far one's messages fail.
    let smscs = [carrier(&smsc_dirs[0]).await, carrier(&smsc_dirs[1]).await];
    smscs[1].control.update(|behaviour| behaviour.receipts.failure_rate = 1.0);
    let clock = Arc::new(ManualClock::at(START_MS));
    let shared: Arc<dyn Clock> = clock.clone();
    let (gate, system) = open(dir.path(), &clock).await;
    let (first, people) = submit(&gate, &system, Order { channel: "both", ..Order::of(2_000) }).await;
    let ruler = gate.rule(&people.root).unwrap();
    let issued = certificates(dir.path());
    let other = Other::start(0, smscs[1].port, &issued, &shared).await;
    let port = other.port;
    let remote = connect(port, &issued, &shared);
    let others: Vec<Arc<dyn Core>> = vec![remote.clone()];
    let desk = LinkDesk::open(system.clone(), FileLinks::default(), others, &shared).await.unwrap();
    desk.add(&ruler, id("near"), config(smscs[0].port), password("one"), LinkUse::InUse).await.unwrap();
    until("the far link", || state(&desk, "far") == Some(LinkState::Up)).await;
    let members = ["near", "far"].map(|link| PoolShare { link: id(link), weight: 1 }).into();
    let both = PoolConfig { name: "Both".into(), members, failover: true, rate_segments_per_s: None };
    desk.add_pool(&ruler, id("both"), both).await.unwrap();
    let origins: Vec<_> =
        desk.sheets(&ruler).await.unwrap().into_iter().map(|sheet| (sheet.id, sheet.origin)).collect();
    assert_eq!(origins, [(id("near"), LinkOrigin::Product), (id("far"), LinkOrigin::OtherCore)]);
    // Whatever the product adds, an id is good once.
    let taken = desk.add(&ruler, id("far"), config(1), password("x"), LinkUse::InUse).await.unwrap_err();
    assert!(matches!(taken, LinkRefusal::IdTaken(_)), "{taken}");

    let engine = Engine::start(engine_config(), system.clone(), desk.core(), clock.clone()).unwrap();
    let done = async |job: &Job| {
        job.approve(&gate, &people).await;
        engine.handle().nudge();
        job.until(&system, |campaign| campaign.life.status == Status::Done).await.progress
    };
    done(&first).await;
    let (near, far) = (numbers(&smscs[0]), numbers(&smscs[1]));
    assert!(near.len() > 200 && far.len() > 200, "{} and {}", near.len(), far.len());
    assert!(near.is_disjoint(&far));
    let rows = first.rows(&system).await;
    let expected = Progress { delivered: near.len() as u64, failed: far.len() as u64, ..Progress::default() };
    assert_eq!((near.len() + far.len(), count(&rows)), (2_000, expected));
    for (number, row) in &rows {
        let of_far = far.contains(number);
        assert_eq!(row.state == RecipientState::Failed, of_far, "receipts are found by link and id: {row:?}");
    }
    // Each by itself, too.
    let by = async |channel, text, first_number| {
        let order = Order { channel, text, first_number, ..Order::of(300) };
        let job = submit_as(&gate, &system, &people, order).await;
        done(&job).await
    };
    let apart = crate::fixture::FIRST_NUMBER + 100_000;
    assert_eq!(by("far", "By the far one", apart).await, Progress { failed: 300, ..Progress::default() });
    assert_eq!(by("near", "By the near one", apart).await, Progress { delivered: 300, ..Progress::default() });

    // Out of use: the pool goes on by the other one, and a bind for trial is still made.
    desk.decide_use(&ruler, &id("far"), LinkUse::Drained).await.unwrap();
    until("the drained link", || state(&desk, "far") == Some(LinkState::Disabled)).await;
    assert_eq!(desk.sheet(&ruler, &id("far")).await.unwrap().wanted, Some(LinkUse::Drained));
    assert_eq!(desk.test(&ruler, &id("far")).await.unwrap().outcome, Ok(()));
    let by_far = smscs[1].control.counts().accepted;
    let alone = Progress { delivered: 300, ..Progress::default() };
    assert_eq!(by("both", "While it is out of use", apart).await, alone);
    // The other process begins again, and knows of nothing.
    other.end().await;
    until("the end", || remote.trouble().is_some()).await;
    let other = Other::start(port, smscs[1].port, &issued, &shared).await;
    until("the next one", || remote.trouble().is_none()).await;
    assert_eq!(by("both", "After it began again", apart).await, alone);
    until("its order", || state(&desk, "far") == Some(LinkState::Disabled)).await;
    assert_eq!(smscs[1].control.counts().accepted, by_far);
    desk.decide_use(&ruler, &id("far"), LinkUse::InUse).await.unwrap();
    until("the far link", || state(&desk, "far") == Some(LinkState::Up)).await;
    assert_eq!(by("far", "In use again", apart).await, Progress { failed: 300, ..Progress::default() });
    engine.shutdown(Duration::from_secs(20)).await;
    other.end().await;
}

/// What stands in the list for a Core that was never reached is no link.
#[tokio::test]
async fn nothing_is_decided_of_links_that_are_not_known() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let shared: Arc<dyn Clock> = clock.clone();
    let (gate, system) = open(dir.path(), &clock).await;
    let (_, people) = submit(&gate, &system, Order::of(10)).await;
    let ruler = gate.rule(&people.root).unwrap();
    let issued = certificates(dir.path());
    let others: Vec<Arc<dyn Core>> = vec![connect(1, &issued, &shared)];
    let desk = LinkDesk::open(system, FileLinks::default(), others, &shared).await.unwrap();
    // Its address is not for everybody.
    let status = || desk.core().links().remove(0);
    until("the trouble", || status().trouble().is_some_and(|reason| reason.contains("https://localhost:1"))).await;
    assert_eq!(status().trouble_in_general(), Some("SMS Core cannot be reached"));
    let refused = desk.decide_use(&ruler, &id("dmz"), LinkUse::Disabled).await.unwrap_err();
    assert!(refused.to_string().contains("was not reached yet"), "{refused}");
    let unknown = desk.decide_use(&ruler, &id("nowhere"), LinkUse::Disabled).await.unwrap_err();
    assert!(matches!(unknown, LinkRefusal::Store(store::Error::NotFound)), "{unknown}");
}
