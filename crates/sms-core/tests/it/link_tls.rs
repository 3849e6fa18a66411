//! Links whose certificates are texts, as the product keeps them: mutual TLS with a carrier, by real handshakes.

use std::{path::Path, sync::Arc};

use domain::clock::{Clock, ManualClock};
use rustls::{
    RootCertStore, ServerConfig,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
    server::WebPkiClientVerifier,
};
use smpp::{
    Password,
    simulator::Behaviour,
    tls::{TlsSettings, TlsTexts},
};
use sms_core::{Core, CoreSettings, InProcessCore, LinkSettings, Priority};
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
};
use tokio_rustls::TlsAcceptor;

use crate::{
    remote_rig::{Authority, CENTER_LEAF, CORE_LEAF, Leaf, authority, leaf, revocation_list},
    support::{NOW_MS, accepted, channel, eventually, messages, outcomes, simulator},
};

/// A carrier that is known by `own`, and lets in whose certificate is of `clients`; its port.
async fn carrier(own: &Authority, clients: &Authority) -> u16 {
    carrier_as(&leaf(own, CORE_LEAF), clients).await
}

async fn carrier_as((certificate, key): &(String, String), clients: &Authority) -> u16 {
    let (to, _control) = simulator(Behaviour::default()).await;
    let mut roots = RootCertStore::empty();
    roots.add(clients.der().clone()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider)).build().unwrap();
    let chain = vec![CertificateDer::from_pem_slice(certificate.as_bytes()).unwrap()];
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_client_cert_verifier(verifier)
        .with_single_cert(chain, PrivateKeyDer::from_pem_slice(key.as_bytes()).unwrap())
        .unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let Ok(mut near) = acceptor.accept(stream).await else { return };
                let mut far = TcpStream::connect(("127.0.0.1", to)).await.unwrap();
                let _ = copy_bidirectional(&mut near, &mut far).await;
            });
        }
    });
    port
}

fn link(port: u16, ca: &Authority, own: Option<(String, String)>) -> InProcessCore {
    link_with(port, ca, own, (None, None))
}

/// With a list of revoked certificates, in a file or as a text.
fn link_with(
    port: u16,
    ca: &Authority,
    own: Option<(String, String)>,
    (list, crl): (Option<&Path>, Option<String>),
) -> InProcessCore {
    let (certificate, key) = own.unzip();
    let texts = TlsTexts { ca: Some(ca.pem()), certificate, crl, key: key.map(Password::new) };
    let mut link = LinkSettings::simulator(channel(), port);
    link.tls = Some(TlsSettings {
        server_name: Some("localhost".to_owned()),
        crl_file: list.map(Path::to_owned),
        texts,
        ..TlsSettings::default()
    });
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(NOW_MS));
    InProcessCore::start(CoreSettings { links: vec![link] }, &clock).unwrap()
}

#[tokio::test]
async fn certificates_in_texts_open_a_link_with_mutual_tls() {
    let (carriers, ours) = (authority("carrier"), authority("ours"));
    let port = carrier(&carriers, &ours).await;
    let core = link(port, &carriers, Some(leaf(&ours, CENTER_LEAF)));
    core.test_link(&channel()).await.unwrap();
    let mut lane = core.open_lane(&channel(), Priority::Bulk).unwrap();
    lane.sender.submit(messages(0..50)).await.unwrap();
    assert_eq!(accepted(&outcomes(&mut lane, 50).await), 50);
}

#[tokio::test]
async fn who_is_not_who_they_should_be_gets_no_link_and_the_reason_is_said() {
    let (carriers, ours, stranger) = (authority("carrier"), authority("ours"), authority("stranger"));
    let port = carrier(&carriers, &ours).await;
    let expired = Leaf { expired: true, ..CENTER_LEAF };
    for (case, ca, own, expected) in [
        ("a carrier of another authority", &stranger, Some(leaf(&ours, CENTER_LEAF)), "UnknownIssuer"),
        ("our certificate of another authority", &carriers, Some(leaf(&stranger, CENTER_LEAF)), "UnknownCA"),
        ("our certificate expired", &carriers, Some(leaf(&ours, expired)), "CertificateExpired"),
        ("no certificate of ours", &carriers, None, "CertificateRequired"),
    ] {
        let core = link(port, ca, own);
        let error = eventually(|| core.links().remove(0).last_error).await;
        // With TLS 1.3 a server's word on our certificate comes after the handshake, and the bind finds the line closed.
        let is_said = error.contains(expected) || (case.contains("our") && error.contains("closed the connection"));
        assert!(is_said, "{case}: {error}");
        assert_eq!(core.links().remove(0).sessions_bound, 0, "{case}");
    }
}

#[tokio::test]
async fn a_carrier_whose_certificate_is_revoked_gets_no_session() {
    let (carriers, ours) = (authority("carrier"), authority("ours"));
    let shown = leaf(&carriers, CORE_LEAF);
    let port = carrier_as(&shown, &ours).await;
    let folder = tempfile::tempdir().unwrap();
    let list = folder.path().join("carrier.crl");
    let until = rcgen::date_time_ymd(2100, 1, 1);
    std::fs::write(&list, revocation_list(&carriers, &[], until)).unwrap();
    let link = |list, text| link_with(port, &carriers, Some(leaf(&ours, CENTER_LEAF)), (list, text));
    link(Some(&list), None).test_link(&channel()).await.unwrap();
    let revoked = revocation_list(&carriers, &[&shown.0], until);
    std::fs::write(&list, &revoked).unwrap();
    for core in [link(Some(&list), None), link(None, Some(revoked))] {
        let error = eventually(|| core.links().remove(0).last_error).await;
        assert!(error.contains("Revoked"), "{error}");
    }
}
