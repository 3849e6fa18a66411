//! Who is let in: every way of not being who one should be, and certificates that change under load.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use domain::id::InstallationId;
use rcgen::date_time_ymd;
use rustls::{
    ClientConfig, HandshakeKind, RootCertStore,
    client::Resumption,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
};
use smpp::simulator::Behaviour;
use sms_core::{
    Core, Priority,
    remote::{RemoteError, RemoteSettings, issue},
};
use tokio::{io::AsyncReadExt, net::TcpStream, time::timeout};
use tokio_rustls::TlsConnector;

use crate::{
    remote_rig::{Authority, CENTER, CENTER_LEAF, CORE_LEAF, Leaf, Remote, authority, leaf, revocation_list, up},
    support::{PATIENCE, accepted, channel, eventually, messages, outcomes},
};

#[tokio::test]
async fn who_is_not_known_is_refused() {
    let remote = Remote::start(Behaviour::default(), |_| ()).await;
    let stranger = authority("stranger");
    let cases: [(&str, &Authority, Leaf, &str); 3] = [
        ("wrong authority", &stranger, CENTER_LEAF, "UnknownCA"),
        ("wrong name", &remote.authority, Leaf { uri: "urn:message-center:somebody", ..CENTER_LEAF }, "AccessDenied"),
        ("expired", &remote.authority, Leaf { expired: true, ..CENTER_LEAF }, "CertificateExpired"),
    ];
    for (case, authority, says, expected) in cases {
        remote.center_files.identify(&leaf(authority, says));
        let reason = remote.refused().await;
        assert!(reason.contains(expected), "{case}: {reason}");
    }
    assert_eq!(remote.control.connections(), 0);
    remote.center_files.identify(&leaf(&remote.authority, CENTER_LEAF));
    remote.connect().await;
    assert_eq!(remote.control.connections(), 1);
}

#[tokio::test]
async fn a_core_that_is_another_one_is_not_talked_to() {
    let remote = Remote::start(Behaviour::default(), |_| ()).await;
    let stranger = authority("stranger");
    let cases: [(&Authority, Leaf, &str); 3] = [
        (&stranger, CORE_LEAF, "UnknownIssuer"),
        (&remote.authority, Leaf { host: "elsewhere.example", ..CORE_LEAF }, "not valid for name"),
        (&remote.authority, Leaf { expired: true, ..CORE_LEAF }, "expired"),
    ];
    for (authority, says, expected) in cases {
        remote.core_files.identify(&leaf(authority, says));
        remote.control.reload();
        let reason = remote.refused().await;
        assert!(reason.contains(expected), "{reason}");
    }
}

#[tokio::test]
async fn who_is_taken_off_the_list_is_cut_off_and_stays_out() {
    let remote = Remote::start(Behaviour::default(), |_| ()).await;
    let core = remote.connect().await;
    remote.control.allow(vec!["urn:message-center:another".to_owned()]);
    let reason = eventually(|| core.trouble().filter(|reason| reason.contains("AccessDenied"))).await;
    assert!(
        core.open_lane(&channel(), Priority::Bulk).unwrap().sender.submit(messages(0..1)).await.is_err(),
        "{reason}"
    );
    remote.control.allow(vec!["center.example".to_owned()]);
    crate::remote_rig::up(&core).await;
}

/// As SIGHUP has it done.
#[tokio::test]
async fn a_client_that_is_told_looks_at_its_files_at_once() {
    let remote = Remote::start(Behaviour::default(), |_| ()).await;
    let core = remote.connect_with(RemoteSettings { watch_ms: 3_600_000, ..remote.settings(remote.port) });
    up(&core).await;
    let before = core.connections();
    remote.center_files.identify(&leaf(&remote.authority, CENTER_LEAF));
    core.reload();
    eventually(|| (core.connections() > before).then_some(())).await;
}

/// They would take each other's receipts.
#[tokio::test]
async fn a_second_message_center_is_turned_away_while_the_first_is_connected() {
    const OTHER: &str = "urn:message-center:other";
    let remote = Remote::start(Behaviour::default(), |_| ()).await;
    remote.control.allow(vec![CENTER.to_owned(), OTHER.to_owned()]);
    let first = remote.connect().await;
    let other = leaf(&remote.authority, Leaf { uri: OTHER, host: "other.example", expired: false });
    let files = remote.files_of("other", &other);
    let second = remote.connect_with(remote.settings_of(&files, remote.port));
    let reason = eventually(|| second.trouble()).await;
    assert!(reason.contains("serves one Message Center") && reason.contains(CENTER), "{reason}");
    assert!(second.open_lane(&channel(), Priority::Bulk).is_err());
    let mut receipts = first.take_receipts().unwrap();
    let lane = first.open_lane(&channel(), Priority::Bulk).unwrap();
    lane.sender.submit(messages(0..1)).await.unwrap();
    timeout(PATIENCE, receipts.recv()).await.unwrap().unwrap().acknowledge();
    eventually(|| (remote.simulator.counts().receipts_acknowledged == 1).then_some(())).await;
    drop((lane, first));
    crate::remote_rig::up(&second).await;
}

/// As when somebody copies the files of one Message Center to set up another one.
#[tokio::test]
async fn two_installations_with_one_certificate_are_told_apart() {
    let remote = Remote::start(Behaviour::default(), |_| ()).await;
    let first = remote.connect().await;
    let other: InstallationId = "00000000-0000-0000-0000-000000000001".parse().unwrap();
    let second = remote.connect_as(other, remote.settings(remote.port));
    let reason = eventually(|| second.trouble()).await;
    assert!(reason.contains("another installation") && reason.contains("stop that one"), "{reason}");
    assert!(second.open_lane(&channel(), Priority::Bulk).is_err());
    // Another process of the first one, or the one that follows it, is let in.
    up(&remote.connect().await).await;
    let mut receipts = first.take_receipts().unwrap();
    let lane = first.open_lane(&channel(), Priority::Bulk).unwrap();
    lane.sender.submit(messages(0..1)).await.unwrap();
    timeout(PATIENCE, receipts.recv()).await.unwrap().unwrap().acknowledge();
    drop((lane, first));
    up(&second).await;
}

/// A key that is broken keeps neither names nor revocations out, on either end.
#[tokio::test]
async fn what_cannot_be_used_keeps_nothing_else_out() {
    let remote = Remote::with_lists(Behaviour::default(), |_| ()).await;
    let stolen = [leaf(&remote.authority, CORE_LEAF), leaf(&remote.authority, CENTER_LEAF)];
    remote.core_files.identify(&stolen[0]);
    remote.center_files.identify(&stolen[1]);
    remote.control.reload();
    let core = remote.connect().await;
    for files in [&remote.core_files, &remote.center_files] {
        std::fs::write(&files.0.key, "half a file").unwrap();
    }
    remote.control.reload();
    let names = vec![CENTER.to_owned(), "urn:message-center:another".to_owned()];
    remote.control.allow(names.clone());
    remote.control.reload();
    assert_eq!(remote.control.allowed(), names);
    let list = |stolen: &(String, String)| revocation_list(&remote.authority, &[&stolen.0], date_time_ymd(2100, 1, 1));
    remote.core_files.revoke(&list(&stolen[1]));
    eventually(|| core.trouble().filter(|reason| reason.contains("CertificateRevoked"))).await;
    remote.core_files.revoke(&list(&stolen[1])).identify(&leaf(&remote.authority, CORE_LEAF));
    remote.center_files.identify(&leaf(&remote.authority, CENTER_LEAF));
    up(&core).await;
    std::fs::write(&remote.center_files.0.key, "half a file").unwrap();
    let current = std::fs::read_to_string(&remote.core_files.0.certificate).unwrap();
    remote.center_files.revoke(&list(&(current, String::new())));
    eventually(|| core.trouble().filter(|reason| reason.contains("Revoked"))).await;
}

/// A client that resumes sessions if it can; how its handshake went.
async fn greet(config: &Arc<ClientConfig>, port: u16) -> Result<HandshakeKind, std::io::Error> {
    let stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let name = ServerName::try_from("localhost").unwrap();
    let mut stream = TlsConnector::from(Arc::clone(config)).connect(name, stream).await?;
    // The server's word on the certificate, and a ticket if it gave one, come with what it sends first.
    let mut first = [0; 9];
    timeout(PATIENCE, stream.read_exact(&mut first)).await.unwrap()?;
    Ok(stream.get_ref().1.handshake_kind().unwrap())
}

#[tokio::test]
async fn nothing_is_resumed_and_so_not_past_a_removed_authority() {
    let remote = Remote::start(Behaviour::default(), |_| ()).await;
    let mut roots = RootCertStore::empty();
    roots.add(remote.authority.der().clone()).unwrap();
    let files = &remote.center_files.0;
    let chain = CertificateDer::pem_file_iter(&files.certificate).unwrap().map(Result::unwrap).collect();
    let key = PrivateKeyDer::from_pem_file(&files.key).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, key)
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    config.resumption = Resumption::in_memory_sessions(16);
    let config = Arc::new(config);
    for _ in 0..2 {
        assert_eq!(greet(&config, remote.port).await.unwrap(), HandshakeKind::Full);
    }
    // The same client, whose authority is not trusted any more; our own certificate stays.
    remote.core_files.trust(&[&authority("second")]);
    remote.control.reload();
    let refused = greet(&config, remote.port).await.unwrap_err();
    assert!(refused.to_string().contains("UnknownCA"), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn certificates_and_authorities_change_under_load_without_a_failed_request() {
    let remote = Remote::start(Behaviour { latency_ms: 5, ..Behaviour::default() }, |link| link.window = 50).await;
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
            let up = asked.links().iter().all(|link| link.sessions_bound > 0);
            assert!(up && asked.trouble().is_none());
        }
    });
    let counting = tokio::spawn(async move {
        let mut all = Vec::new();
        while let Some(outcomes) = lane.outcomes.recv().await {
            all.extend(outcomes);
        }
        (all, lane.sender)
    });
    // Waits until a connection that was made after the change is in use.
    let renewed = async |after: u64| eventually(|| (core.connections() > after).then_some(())).await;

    let first = &remote.authority;
    let second = authority("second");
    let before = core.connections();
    remote.center_files.identify(&leaf(first, CENTER_LEAF));
    renewed(before).await;
    remote.core_files.identify(&leaf(first, CORE_LEAF));
    remote.control.reload();
    // Over to another authority: both are trusted, then new certificates, then the old one is forgotten.
    remote.core_files.trust(&[first, &second]);
    remote.control.reload();
    let before = core.connections();
    remote.center_files.trust(&[first, &second]);
    renewed(before).await;
    let before = core.connections();
    remote.center_files.identify(&leaf(&second, CENTER_LEAF));
    renewed(before).await;
    remote.core_files.identify(&leaf(&second, CORE_LEAF));
    remote.control.reload();
    let before = core.connections();
    remote.center_files.trust(&[&second]);
    renewed(before).await;
    // Whatever is under way on a connection that came with the former certificate is answered first.
    let former = remote.links.links()[0].counters.accepted;
    eventually(|| (remote.links.links()[0].counters.accepted > former + 500).then_some(())).await;
    remote.core_files.trust(&[&second]);
    remote.control.reload();
    // What cannot be used is not taken.
    std::fs::write(&remote.core_files.0.certificate, "half a file").unwrap();
    std::fs::write(&remote.center_files.0.ca, "half a file").unwrap();
    remote.control.reload();
    let former = remote.links.links()[0].counters.accepted;
    eventually(|| (remote.links.links()[0].counters.accepted > former + 1_000).then_some(())).await;

    stop.store(true, Ordering::Relaxed);
    let sent = sending.await.unwrap();
    asking.await.unwrap();
    eventually(|| (remote.simulator.counts().accepted >= sent).then_some(())).await;
    core.shutdown(PATIENCE).await;
    let (all, _sender) = timeout(PATIENCE, counting).await.unwrap().unwrap();
    assert_eq!((all.len() as u64, accepted(&all) as u64), (sent, sent));
    assert_eq!(remote.simulator.counts().accepted, sent);
}

#[tokio::test]
async fn a_first_installation_has_its_certificates_made() {
    let folder = tempfile::tempdir().unwrap();
    let issued = issue(folder.path(), &["localhost".to_owned(), "127.0.0.1".to_owned()]).unwrap();
    let remote = Remote::start(Behaviour::default(), |_| ()).await;
    let copy = |from: &std::path::Path, to: &std::path::Path| std::fs::copy(from, to).unwrap();
    for (files, (certificate, key)) in [(&remote.core_files, &issued.core), (&remote.center_files, &issued.center)] {
        copy(&issued.ca, &files.0.ca);
        copy(certificate, &files.0.certificate);
        copy(key, &files.0.key);
    }
    remote.control.reload();
    let core = remote.connect().await;
    let mut lane = core.open_lane(&channel(), Priority::Bulk).unwrap();
    lane.sender.submit(messages(0..5)).await.unwrap();
    assert_eq!(accepted(&outcomes(&mut lane, 5).await), 5);
    use std::os::unix::fs::PermissionsExt;
    assert_eq!(std::fs::metadata(&issued.core.1).unwrap().permissions().mode() & 0o777, 0o600);
    let again = issue(folder.path(), &["localhost".to_owned()]).unwrap_err();
    assert!(again.to_string().contains("is there already"), "{again}");
}

#[tokio::test]
async fn another_version_is_refused_with_words() {
    use http_body_util::{BodyExt, Empty};
    use hyper::{Request, body::Bytes, client::conn::http2};
    use hyper_util::rt::{TokioExecutor, TokioIo};
    let remote = Remote::start(Behaviour::default(), |_| ()).await;
    let files = &remote.center_files.0;
    let mut roots = RootCertStore::empty();
    roots.add(remote.authority.der().clone()).unwrap();
    let chain = CertificateDer::pem_file_iter(&files.certificate).unwrap().map(Result::unwrap).collect();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_client_auth_cert(chain, PrivateKeyDer::from_pem_file(&files.key).unwrap())
        .unwrap();
    config.alpn_protocols = vec![b"h2".to_vec()];
    let stream = TcpStream::connect(("127.0.0.1", remote.port)).await.unwrap();
    let name = ServerName::try_from("localhost").unwrap();
    let stream = TlsConnector::from(Arc::new(config)).connect(name, stream).await.unwrap();
    let (mut sender, connection) =
        http2::handshake::<_, _, Empty<Bytes>>(TokioExecutor::new(), TokioIo::new(stream)).await.unwrap();
    tokio::spawn(connection);
    let request = Request::get("https://localhost/links").header("core-api", "999").body(Empty::new()).unwrap();
    let response = sender.send_request(request).await.unwrap();
    assert_eq!(response.status(), 505);
    let words = response.into_body().collect().await.unwrap().to_bytes();
    let words = String::from_utf8(words.to_vec()).unwrap();
    assert!(
        words.contains(&format!("speaks version {}", sms_core::remote::API_VERSION)) && words.contains("asked for 999"),
        "{words}"
    );
}

#[tokio::test]
async fn mistakes_in_the_address_and_the_files_are_named() {
    let remote = Remote::start(Behaviour::default(), |_| ()).await;
    let clock: Arc<dyn domain::clock::Clock> = Arc::new(domain::clock::ManualClock::at(0));
    for url in ["http://localhost:1", "localhost:1", "https://localhost/path", "https://"] {
        let settings = sms_core::remote::RemoteSettings { url: url.to_owned(), ..remote.settings(1) };
        let error = sms_core::remote::RemoteCore::start(settings, InstallationId::NIL, &clock).unwrap_err();
        assert!(matches!(error, RemoteError::Url(_)), "{url}: {error}");
    }
    std::fs::remove_file(&remote.center_files.0.key).unwrap();
    let error =
        sms_core::remote::RemoteCore::start(remote.settings(remote.port), InstallationId::NIL, &clock).unwrap_err();
    assert!(error.to_string().contains("center.key"), "{error}");
}
