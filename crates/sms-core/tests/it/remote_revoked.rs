//! Certificates that are revoked: refused on both ends, also in the middle of everything.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use domain::id::InstallationId;
use rcgen::date_time_ymd;
use smpp::simulator::Behaviour;
use sms_core::{
    Core, LinkState, Priority,
    remote::{RemoteError, RevokeError, issue, revoke},
};

use crate::{
    remote_rig::{CENTER_LEAF, CORE_LEAF, Remote, authority, leaf, revocation_list, up},
    support::{accepted, channel, eventually, messages, outcomes},
};

#[tokio::test]
async fn a_revoked_message_center_is_cut_off_and_stays_out() {
    let remote = Remote::with_lists(Behaviour::default(), |_| ()).await;
    let stolen = leaf(&remote.authority, CENTER_LEAF);
    remote.center_files.identify(&stolen);
    let core = remote.connect().await;
    remote.core_files.revoke(&revocation_list(&remote.authority, &[&stolen.0], date_time_ymd(2100, 1, 1)));
    // By the watch of the file alone.
    let reason = eventually(|| core.trouble().filter(|reason| reason.contains("CertificateRevoked"))).await;
    assert!(core.links().iter().all(|link| link.state == LinkState::Connecting), "{reason}");
    // A new certificate of the same name is let in.
    remote.center_files.identify(&leaf(&remote.authority, CENTER_LEAF));
    up(&core).await;
}

#[tokio::test]
async fn a_revoked_core_is_talked_to_no_more() {
    let remote = Remote::with_lists(Behaviour::default(), |_| ()).await;
    let stolen = leaf(&remote.authority, CORE_LEAF);
    remote.core_files.identify(&stolen);
    remote.control.reload();
    let core = remote.connect().await;
    remote.center_files.revoke(&revocation_list(&remote.authority, &[&stolen.0], date_time_ymd(2100, 1, 1)));
    let reason = eventually(|| core.trouble().filter(|reason| reason.contains("Revoked"))).await;
    let lane = core.open_lane(&channel(), Priority::Bulk).unwrap();
    assert!(lane.sender.submit(messages(0..1)).await.is_err(), "{reason}");
    assert_eq!(remote.simulator.counts().accepted, 0);
    remote.core_files.identify(&leaf(&remote.authority, CORE_LEAF));
    remote.control.reload();
    up(&core).await;
}

/// A list that somebody forgot to renew stops nobody, and what it revokes stays revoked.
#[tokio::test]
async fn a_list_that_is_out_of_date_goes_on_counting() {
    let remote = Remote::with_lists(Behaviour::default(), |_| ()).await;
    let stolen = leaf(&remote.authority, CENTER_LEAF);
    let old = revocation_list(&remote.authority, &[&stolen.0], date_time_ymd(2021, 1, 1));
    remote.core_files.revoke(&old);
    remote.center_files.revoke(&old);
    remote.control.reload();
    remote.connect().await;
    remote.center_files.identify(&stolen);
    let reason = remote.refused().await;
    assert!(reason.contains("CertificateRevoked"), "{reason}");
}

/// One of two is revoked while both work: the other one does not notice. Then both go over to another authority, whose list
/// is not there yet.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_certificate_is_revoked_under_load_without_a_failed_request_of_the_others() {
    let remote = Remote::with_lists(Behaviour { latency_ms: 5, ..Behaviour::default() }, |link| link.window = 50).await;
    let stolen = leaf(&remote.authority, CENTER_LEAF);
    let thief_files = remote.files_of("thief", &stolen);
    let thief = remote.connect_with(remote.settings_of(&thief_files, remote.port));
    up(&thief).await;
    let core = Arc::new(remote.connect().await);
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
    let (asked, ending) = (Arc::clone(&core), Arc::clone(&stop));
    let asking = tokio::spawn(async move {
        while !ending.load(Ordering::Relaxed) {
            asked.test_link(&channel()).await.unwrap();
            assert!(asked.trouble().is_none());
        }
    });
    let counting = tokio::spawn(async move {
        let mut all = Vec::new();
        while let Some(outcomes) = lane.outcomes.recv().await {
            all.extend(outcomes);
        }
        (all, lane.sender)
    });
    let went_on = async || {
        let former = remote.links.links()[0].counters.accepted;
        eventually(|| (remote.links.links()[0].counters.accepted > former + 500).then_some(())).await;
    };
    went_on().await;
    let list = revocation_list(&remote.authority, &[&stolen.0], date_time_ymd(2100, 1, 1));
    remote.core_files.revoke(&list);
    remote.control.reload();
    eventually(|| thief.trouble().filter(|reason| reason.contains("CertificateRevoked"))).await;
    went_on().await;
    // The other end's list is renewed, too; its connection is made anew for it.
    let before = core.connections();
    remote.center_files.revoke(&revocation_list(&remote.authority, &[], date_time_ymd(2101, 1, 1)));
    eventually(|| (core.connections() > before).then_some(())).await;
    // To another authority, of which the lists say nothing.
    let second = authority("second");
    for files in [&remote.core_files, &remote.center_files, &thief_files] {
        files.trust(&[&remote.authority, &second]);
    }
    remote.control.reload();
    let before = core.connections();
    remote.center_files.identify(&leaf(&second, CENTER_LEAF));
    eventually(|| (core.connections() > before).then_some(())).await;
    remote.core_files.identify(&leaf(&second, CORE_LEAF));
    remote.control.reload();
    // What cannot be used is not taken, and what is in force stays.
    std::fs::write(remote.core_files.0.crl.as_ref().unwrap(), "no list").unwrap();
    remote.control.reload();
    went_on().await;
    stop.store(true, Ordering::Relaxed);
    let sent = sending.await.unwrap();
    asking.await.unwrap();
    eventually(|| (remote.simulator.counts().accepted >= sent).then_some(())).await;
    core.shutdown(Duration::from_secs(20)).await;
    let (all, _sender) = counting.await.unwrap();
    assert_eq!((all.len() as u64, accepted(&all) as u64), (sent, sent));
    // It stays out, whatever the file of the list was in between.
    eventually(|| thief.trouble().filter(|reason| reason.contains("CertificateRevoked"))).await;
}

#[tokio::test]
async fn certificates_that_were_made_for_a_first_installation_are_revoked_by_a_command() {
    let folder = tempfile::tempdir().unwrap();
    let issued = issue(folder.path(), &["localhost".to_owned()]).unwrap();
    let stolen_elsewhere = leaf(&authority("another"), CENTER_LEAF);
    let remote = Remote::with_lists(Behaviour::default(), |_| ()).await;
    let copy = |from: &std::path::Path, to: &std::path::Path| std::fs::copy(from, to).unwrap();
    for (files, (certificate, key)) in [(&remote.core_files, &issued.core), (&remote.center_files, &issued.center)] {
        copy(&issued.ca, &files.0.ca);
        copy(certificate, &files.0.certificate);
        copy(key, &files.0.key);
        copy(&issued.crl, files.0.crl.as_ref().unwrap());
    }
    remote.control.reload();
    let core = remote.connect().await;
    let mut lane = core.open_lane(&channel(), Priority::Bulk).unwrap();
    lane.sender.submit(messages(0..5)).await.unwrap();
    assert_eq!(accepted(&outcomes(&mut lane, 5).await), 5);
    let revoked = revoke(folder.path(), std::slice::from_ref(&issued.center.0)).unwrap();
    assert_eq!((revoked.certificates, &revoked.list), (1, &issued.crl));
    copy(&issued.crl, remote.core_files.0.crl.as_ref().unwrap());
    eventually(|| core.trouble().filter(|reason| reason.contains("CertificateRevoked"))).await;
    // What is on the list stays on it, once.
    let both = [issued.core.0.clone(), issued.center.0.clone()];
    assert_eq!(revoke(folder.path(), &both).unwrap().certificates, 2);
    assert_eq!(revoke(folder.path(), &[]).unwrap().certificates, 2);
    // The list of another authority, first in the file, is neither taken for ours nor lost.
    let others = revocation_list(&authority("another"), &[&stolen_elsewhere.0], date_time_ymd(2100, 1, 1));
    let ours = std::fs::read_to_string(&issued.crl).unwrap();
    std::fs::write(&issued.crl, format!("{others}{ours}")).unwrap();
    assert_eq!(revoke(folder.path(), &[]).unwrap().certificates, 2);
    let both_lists = std::fs::read_to_string(&issued.crl).unwrap();
    assert!(both_lists.contains(others.trim()) && both_lists.matches("BEGIN X509 CRL").count() == 2, "{both_lists}");
    copy(&issued.crl, remote.center_files.0.crl.as_ref().unwrap());
    eventually(|| core.trouble().filter(|reason| reason.contains("peer certificate: Revoked"))).await;

    let refused = revoke(folder.path(), std::slice::from_ref(&issued.ca)).unwrap_err();
    assert!(matches!(refused, RevokeError::Authority(_)), "{refused}");
    let foreign = folder.path().join("foreign.crt");
    std::fs::write(&foreign, leaf(&authority("stranger"), CENTER_LEAF).0).unwrap();
    let refused = revoke(folder.path(), &[foreign]).unwrap_err();
    assert!(matches!(refused, RevokeError::Foreign(_)), "{refused}");
    std::fs::write(folder.path().join("ca.key"), leaf(&authority("another"), CENTER_LEAF).1).unwrap();
    let refused = revoke(folder.path(), &[]).unwrap_err();
    assert!(matches!(refused, RevokeError::Key(_)), "{refused}");
}

#[tokio::test]
async fn a_list_that_is_named_and_not_there_is_an_error_at_the_start() {
    let remote = Remote::start(Behaviour::default(), |_| ()).await;
    let mut settings = remote.settings(remote.port);
    settings.crl = Some(remote.center_files.0.ca.with_extension("crl"));
    let clock: Arc<dyn domain::clock::Clock> = Arc::new(domain::clock::ManualClock::at(0));
    let error = sms_core::remote::RemoteCore::start(settings.clone(), InstallationId::NIL, &clock).unwrap_err();
    assert!(matches!(error, RemoteError::Identity(_)) && error.to_string().contains("cannot be read"), "{error}");
    std::fs::write(settings.crl.as_ref().unwrap(), remote.authority.pem()).unwrap();
    let error = sms_core::remote::RemoteCore::start(settings, InstallationId::NIL, &clock).unwrap_err();
    assert!(error.to_string().contains("it has no revocation list"), "{error}");
}
