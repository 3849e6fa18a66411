//! Connections that get old while messages go through: replaced by the client, or ended by the Core.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use smpp::simulator::Behaviour;
use sms_core::{
    Core, Priority,
    remote::{RemoteCore, RemoteSettings},
};

use crate::{
    remote_rig::{Remote, up},
    support::{PATIENCE, accepted, channel, eventually, messages},
};

/// Sends until so many connections have been used; nothing is refused, and nothing uncertain.
async fn sends_by_connections(remote: &Remote, core: RemoteCore, connections: u64) {
    let core = Arc::new(core);
    up(&core).await;
    let stop = Arc::new(AtomicBool::new(false));
    let mut lane = core.open_lane(&channel(), Priority::Bulk).unwrap();
    let (sender, ending) = (lane.sender.clone(), Arc::clone(&stop));
    let sending = tokio::spawn(async move {
        let mut sent = 0;
        while !ending.load(Ordering::Relaxed) {
            sender.submit(messages(sent..sent + 40)).await.unwrap();
            sent += 40;
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        sent
    });
    let counting = tokio::spawn(async move {
        let mut all = Vec::new();
        while let Some(outcomes) = lane.outcomes.recv().await {
            all.extend(outcomes);
        }
        (all, lane.sender)
    });
    eventually(|| (core.connections() >= connections).then_some(())).await;
    stop.store(true, Ordering::Relaxed);
    let sent = sending.await.unwrap();
    eventually(|| (remote.simulator.counts().accepted >= sent).then_some(())).await;
    core.shutdown(PATIENCE).await;
    let (all, _sender) = counting.await.unwrap();
    assert_eq!((all.len() as u64, accepted(&all) as u64), (sent, sent));
    assert_eq!(remote.simulator.counts().accepted, sent);
}

fn quick() -> Behaviour {
    Behaviour { latency_ms: 5, ..Behaviour::default() }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_replaces_its_connections_without_a_failed_request() {
    let remote = Remote::start(quick(), |link| link.window = 50).await;
    let core = remote.connect_with(RemoteSettings { connection_age_s: 1, ..remote.settings(remote.port) });
    sends_by_connections(&remote, core, 4).await;
}

/// Whose client would keep them for longer.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_core_ends_its_connections_and_loses_nothing() {
    let remote = Remote::with_age(quick(), |link| link.window = 50, Duration::from_secs(1)).await;
    let core = remote.connect_with(remote.settings(remote.port));
    sends_by_connections(&remote, core, 4).await;
}
