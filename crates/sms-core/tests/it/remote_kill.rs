//! An SMS Core that is killed again and again while messages go through it.

use std::{collections::HashMap, future::pending, sync::Arc, time::Duration};

use domain::{
    clock::{Clock, ManualClock},
    id::InstallationId,
    link::LinkUse,
};
use smpp::simulator::{Behaviour, Simulator, SimulatorConfig, log};
use sms_core::{
    ChannelId, Core, CoreSettings, InProcessCore, LinkSettings, LinkState, PartOutcome, PartResult, Priority,
    remote::{CoreServer, RemoteCore, RemoteSettings, ServerSettings},
};
use tokio::{
    runtime::Runtime,
    time::{Instant, timeout},
};
use tokio_util::sync::CancellationToken;

use crate::{
    remote_rig::{CENTER, CENTER_LEAF, CORE_LEAF, Files, authority, leaf, up},
    support::{NOW_MS, PATIENCE, channel, eventually, messages, simulator},
};

const KILLS: u64 = 12;

/// A process as far as the network can tell: its tasks and connections end where they stand.
fn process(port: u16, smsc_port: u16, files: &Files) -> Runtime {
    process_with(port, smsc_port, files, |_| ())
}

fn process_with(
    port: u16,
    smsc_port: u16,
    files: &Files,
    change: impl FnOnce(&mut LinkSettings) + Send + 'static,
) -> Runtime {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let identity = files.0.clone();
    let (ready, is_ready) = std::sync::mpsc::channel();
    runtime.spawn(async move {
        let mut link = LinkSettings::simulator(channel(), smsc_port);
        link.window = 50;
        change(&mut link);
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(NOW_MS));
        let links = Arc::new(InProcessCore::start(CoreSettings { links: vec![link] }, &clock).unwrap());
        let settings = ServerSettings {
            listen: ([127, 0, 0, 1], port).into(),
            identity,
            allow: vec![CENTER.to_owned()],
            connection_age: Duration::from_secs(300),
            watch: Duration::from_secs(2),
        };
        // The one before may still be giving up its port.
        let server = loop {
            match CoreServer::bind(settings.clone(), links.clone()).await {
                Ok(server) => break server,
                Err(_) => tokio::time::sleep(Duration::from_millis(5)).await,
            }
        };
        ready.send(()).unwrap();
        server.run(CancellationToken::new()).await;
    });
    is_ready.recv_timeout(PATIENCE).unwrap();
    runtime
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_core_that_is_killed_in_a_loop_loses_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let authority = authority("first");
    let (core_files, center_files) = (Files::new(folder.path(), "core"), Files::new(folder.path(), "center"));
    core_files.trust(&[&authority]).identify(&leaf(&authority, CORE_LEAF));
    center_files.trust(&[&authority]).identify(&leaf(&authority, CENTER_LEAF));
    let smsc_log = folder.path().join("smsc.log");
    let behaviour = Behaviour { latency_ms: 5, ..Behaviour::default() };
    let config = SimulatorConfig { behaviour, log: Some(smsc_log.clone()), ..SimulatorConfig::loopback() };
    let smsc = Simulator::bind(config).await.unwrap();
    let smsc_port = smsc.address().port();
    let control = smsc.control();
    tokio::spawn(smsc.run(pending()));
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);

    let settings = RemoteSettings::new(
        ChannelId::parse("remote").unwrap(),
        format!("https://localhost:{port}"),
        center_files.0.clone(),
    );
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(NOW_MS));
    let mut running = process(port, smsc_port, &core_files);
    let core = RemoteCore::start(settings, InstallationId::NIL, &clock).unwrap();
    core.keep_to(&HashMap::new());
    up(&core).await;
    let mut lane = core.open_lane(&channel(), Priority::Bulk).unwrap();
    let mut results: HashMap<u64, PartResult> = HashMap::new();
    let mut submitted = 0;
    for kill in 0..=KILLS {
        up(&core).await;
        let (mut open, before) = (0, control.counts().accepted);
        for batch in 0..5 {
            let next = submitted..submitted + 100;
            // What is refused was not handed over.
            if lane.sender.submit(messages(next.clone())).await.is_ok() {
                open += 100;
                submitted = next.end;
            }
            if batch == 2 && kill < KILLS {
                // Somewhere within what is under way.
                let somewhere = before + 20 + kill * 17;
                // Or all that was handed over is answered: where the connection had not come back, it is not sent.
                let until = Instant::now() + PATIENCE;
                while control.counts().accepted < somewhere && open > 0 {
                    assert!(Instant::now() < until, "{open} messages are neither with the carrier nor answered");
                    if let Ok(outcomes) = timeout(Duration::from_millis(2), lane.outcomes.recv()).await {
                        open -= note(&mut results, outcomes.unwrap());
                    }
                }
                std::mem::replace(&mut running, Runtime::new().unwrap()).shutdown_background();
            }
        }
        while open > 0 {
            open -= note(&mut results, timeout(PATIENCE, lane.outcomes.recv()).await.unwrap().unwrap());
        }
        if kill < KILLS {
            std::mem::replace(&mut running, process(port, smsc_port, &core_files)).shutdown_background();
        }
    }
    running.shutdown_background();
    assert_eq!(results.len() as u64, submitted);
    let mut at_smsc: HashMap<u64, u32> = HashMap::new();
    for line in log::read(&smsc_log).unwrap() {
        *at_smsc.entry(line.destination.parse::<u64>().unwrap() - 436_600_000_000).or_default() += 1;
    }
    assert!(at_smsc.values().all(|times| *times == 1), "sent twice");
    let mut uncertain = 0;
    for (token, result) in results {
        match result {
            PartResult::Accepted { .. } => assert!(at_smsc.contains_key(&token), "{token} is lost"),
            PartResult::NotSent => assert!(!at_smsc.contains_key(&token), "{token} was sent after all"),
            PartResult::Uncertain { .. } => uncertain += 1,
            PartResult::Refused { .. } => panic!("nothing was refused"),
        }
    }
    println!("{submitted} submitted, {} at the SMSC, {uncertain} uncertain", at_smsc.len());
    assert!(uncertain > 0 && uncertain <= 500 * KILLS);
}

/// How many there were.
fn note(results: &mut HashMap<u64, PartResult>, outcomes: Vec<PartOutcome>) -> usize {
    let count = outcomes.len();
    for outcome in outcomes {
        assert_eq!(results.insert(outcome.token, outcome.result), None, "{} was answered twice", outcome.token);
    }
    count
}

/// What is out of use is told to a Core that begins again before anything goes out by it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_is_out_of_use_stays_so_when_its_core_begins_again() {
    let folder = tempfile::tempdir().unwrap();
    let authority = authority("first");
    let (core_files, center_files) = (Files::new(folder.path(), "core"), Files::new(folder.path(), "center"));
    core_files.trust(&[&authority]).identify(&leaf(&authority, CORE_LEAF));
    center_files.trust(&[&authority]).identify(&leaf(&authority, CENTER_LEAF));
    let (smsc_port, control) = simulator(Behaviour::default()).await;
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let settings = RemoteSettings::new(
        ChannelId::parse("remote").unwrap(),
        format!("https://localhost:{port}"),
        center_files.0.clone(),
    );
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(NOW_MS));
    let running = process(port, smsc_port, &core_files);
    let core = Arc::new(RemoteCore::start(settings, InstallationId::NIL, &clock).unwrap());
    core.keep_to(&HashMap::new());
    up(&core).await;
    let wanted = |wanted| core.keep_to(&HashMap::from([(channel(), wanted)]));
    let is = |state| {
        let core = Arc::clone(&core);
        move || (core.trouble().is_none() && core.links()[0].state == state).then_some(())
    };
    wanted(LinkUse::Drained);
    eventually(is(LinkState::Disabled)).await;
    running.shutdown_background();
    eventually(|| core.trouble()).await;
    // Somebody tries all the time.
    let lane = core.open_lane(&channel(), Priority::Bulk).unwrap();
    let (sender, ending) = (lane.sender.clone(), CancellationToken::new());
    let ended = ending.clone();
    let trying = tokio::spawn(async move {
        let mut taken = 0;
        while !ended.is_cancelled() {
            taken += u32::from(sender.submit(messages(0..1)).await.is_ok());
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        taken
    });
    let running = process(port, smsc_port, &core_files);
    eventually(is(LinkState::Disabled)).await;
    ending.cancel();
    assert_eq!((trying.await.unwrap(), control.counts().accepted), (0, 0));
    wanted(LinkUse::InUse);
    eventually(is(LinkState::Up)).await;
    lane.sender.submit(messages(1..2)).await.unwrap();
    eventually(|| (control.counts().accepted == 1).then_some(())).await;
    running.shutdown_background();
}

/// Both processes begin at once: what is out of use is known before there is a connection at all.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_connected_before_it_is_known_what_is_out_of_use() {
    let (_folder, core_files, settings, port, smsc_port) = ends().await;
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(NOW_MS));
    let running = process(port, smsc_port, &core_files);
    let core = RemoteCore::start(settings, InstallationId::NIL, &clock).unwrap();
    let connected = timeout(Duration::from_millis(300), eventually(|| (core.connections() > 0).then_some(()))).await;
    assert!(connected.is_err(), "connected while nothing was said of its links");
    core.keep_to(&HashMap::from([(channel(), LinkUse::Disabled)]));
    eventually(|| (core.trouble().is_none() && core.links()[0].state == LinkState::Disabled).then_some(())).await;
    running.shutdown_background();
}

/// Its own file says `disabled`; that it is in use was decided here.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_link_that_is_in_use_is_so_again_when_its_core_begins_again() {
    let (_folder, core_files, settings, port, smsc_port) = ends().await;
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(NOW_MS));
    let core = RemoteCore::start(settings, InstallationId::NIL, &clock).unwrap();
    core.keep_to(&HashMap::from([(channel(), LinkUse::InUse)]));
    for _ in 0..2 {
        let running = process_with(port, smsc_port, &core_files, |link| link.disabled = true);
        up(&core).await;
        running.shutdown_background();
        eventually(|| core.trouble()).await;
    }
}

/// The files of both ends, how one reaches the other, and an SMSC.
async fn ends() -> (tempfile::TempDir, Files, RemoteSettings, u16, u16) {
    let folder = tempfile::tempdir().unwrap();
    let authority = authority("first");
    let (core_files, center_files) = (Files::new(folder.path(), "core"), Files::new(folder.path(), "center"));
    core_files.trust(&[&authority]).identify(&leaf(&authority, CORE_LEAF));
    center_files.trust(&[&authority]).identify(&leaf(&authority, CENTER_LEAF));
    let (smsc_port, _) = simulator(Behaviour::default()).await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let settings = RemoteSettings::new(
        ChannelId::parse("remote").unwrap(),
        format!("https://localhost:{port}"),
        center_files.0.clone(),
    );
    (folder, core_files, settings, port, smsc_port)
}
