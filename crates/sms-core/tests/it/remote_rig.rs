//! An SMS Core behind the Core API, certificates for both ends, and a line between them that can be cut.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use domain::{
    clock::{Clock, ManualClock},
    id::InstallationId,
};
use rcgen::{
    BasicConstraints, CertificateParams, CertificateRevocationListParams, CertifiedIssuer, DnType,
    ExtendedKeyUsagePurpose, IsCa, KeyIdMethod, KeyPair, RevokedCertParams, SanType, date_time_ymd,
};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use smpp::simulator::{Behaviour, Control};
use sms_core::{
    ChannelId, Core, CoreSettings, InProcessCore, LinkSettings, LinkState,
    remote::{CoreServer, IdentityFiles, RemoteCore, RemoteSettings, ServerControl, ServerSettings},
};
use time::OffsetDateTime;
use tokio::{
    io::copy_bidirectional,
    net::{TcpListener, TcpStream},
    sync::watch,
};
use tokio_util::sync::CancellationToken;

use crate::support::{NOW_MS, channel, eventually, simulator};

pub const CENTER: &str = "urn:message-center:center";

pub type Authority = CertifiedIssuer<'static, KeyPair>;

pub fn authority(name: &str) -> Authority {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, name);
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// What a certificate says.
#[derive(Clone, Copy)]
pub struct Leaf {
    pub uri: &'static str,
    pub host: &'static str,
    pub expired: bool,
}

pub const CORE_LEAF: Leaf = Leaf { uri: "urn:message-center:core", host: "localhost", expired: false };
pub const CENTER_LEAF: Leaf = Leaf { uri: CENTER, host: "center.example", expired: false };

/// Certificate and key as PEM.
pub fn leaf(authority: &Authority, leaf: Leaf) -> (String, String) {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, leaf.uri);
    params.subject_alt_names =
        vec![SanType::URI(leaf.uri.try_into().unwrap()), SanType::DnsName(leaf.host.try_into().unwrap())];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth, ExtendedKeyUsagePurpose::ClientAuth];
    if leaf.expired {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2021, 1, 1);
    }
    let key = KeyPair::generate().unwrap();
    (params.signed_by(&key, authority).unwrap().pem(), key.serialize_pem())
}

/// The files of one end.
pub struct Files(pub IdentityFiles);

impl Files {
    pub fn new(folder: &Path, name: &str) -> Self {
        let file = |end: &str| -> PathBuf { folder.join(format!("{name}.{end}")) };
        Self(IdentityFiles { ca: file("ca"), certificate: file("crt"), key: file("key"), crl: None })
    }

    /// Trusts these authorities.
    pub fn trust(&self, authorities: &[&Authority]) -> &Self {
        let all: String = authorities.iter().map(|authority| authority.pem()).collect();
        std::fs::write(&self.0.ca, all).unwrap();
        self
    }

    /// Refuses these certificates of an authority from now on.
    pub fn revoke(&self, list: &str) -> &Self {
        replace(self.0.crl.as_ref().unwrap(), list);
        self
    }

    pub fn identify(&self, (certificate, key): &(String, String)) -> &Self {
        // As renewal does it: never a file that is half there.
        for (file, content) in [(&self.0.key, key), (&self.0.certificate, certificate)] {
            replace(file, content);
        }
        self
    }
}

fn replace(file: &Path, content: &str) {
    let fresh = file.with_extension("new");
    std::fs::write(&fresh, content).unwrap();
    std::fs::rename(&fresh, file).unwrap();
}

/// A list of certificates (PEM) that an authority has revoked, good until then.
pub fn revocation_list(authority: &Authority, certificates: &[&str], until: OffsetDateTime) -> String {
    let revoked = certificates.iter().map(|pem| {
        let der = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
        let serial = webpki::EndEntityCert::try_from(&der).unwrap().serial().to_vec();
        RevokedCertParams {
            serial_number: serial.into(),
            revocation_time: date_time_ymd(2026, 1, 1),
            reason_code: None,
            invalidity_date: None,
        }
    });
    let list = CertificateRevocationListParams {
        this_update: date_time_ymd(2020, 1, 1),
        next_update: until,
        crl_number: 1_u64.into(),
        issuing_distribution_point: None,
        revoked_certs: revoked.collect(),
        key_identifier_method: KeyIdMethod::Sha256,
    };
    list.signed_by(authority).unwrap().pem().unwrap()
}

/// A line that passes everything on, stands still, or is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Line {
    Open,
    Stalled,
    Cut,
}

/// A line to `to`; the port of its near end.
pub async fn line(to: u16) -> (u16, watch::Sender<Line>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let (state, _) = watch::channel(Line::Open);
    let states = state.clone();
    tokio::spawn(async move {
        while let Ok((mut near, _)) = listener.accept().await {
            let mut states = states.subscribe();
            tokio::spawn(async move {
                if *states.borrow() == Line::Cut {
                    return;
                }
                let Ok(mut far) = TcpStream::connect(("127.0.0.1", to)).await else { return };
                loop {
                    let at = *states.borrow_and_update();
                    match at {
                        Line::Cut => return,
                        Line::Stalled => drop(states.changed().await),
                        Line::Open => tokio::select! {
                            _ = copy_bidirectional(&mut near, &mut far) => return,
                            _ = states.changed() => (),
                        },
                    }
                }
            });
        }
    });
    (port, state)
}

pub struct Remote {
    folder: tempfile::TempDir,
    pub authority: Authority,
    pub core_files: Files,
    pub center_files: Files,
    pub links: Arc<InProcessCore>,
    pub simulator: Control,
    pub control: ServerControl,
    pub port: u16,
}

impl Remote {
    pub async fn start(behaviour: Behaviour, change: impl FnOnce(&mut LinkSettings)) -> Self {
        Self::start_with(behaviour, change, false, Duration::from_secs(300)).await
    }

    /// The Core asks connections to end that are so old.
    pub async fn with_age(behaviour: Behaviour, change: impl FnOnce(&mut LinkSettings), age: Duration) -> Self {
        Self::start_with(behaviour, change, false, age).await
    }

    /// Both ends have a list of revoked certificates, with none on it yet.
    pub async fn with_lists(behaviour: Behaviour, change: impl FnOnce(&mut LinkSettings)) -> Self {
        Self::start_with(behaviour, change, true, Duration::from_secs(300)).await
    }

    async fn start_with(
        behaviour: Behaviour,
        change: impl FnOnce(&mut LinkSettings),
        lists: bool,
        connection_age: Duration,
    ) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let authority = authority("first");
        let (mut core_files, mut center_files) =
            (Files::new(folder.path(), "core"), Files::new(folder.path(), "center"));
        if lists {
            for (files, name) in [(&mut core_files, "core.crl"), (&mut center_files, "center.crl")] {
                files.0.crl = Some(folder.path().join(name));
                files.revoke(&revocation_list(&authority, &[], date_time_ymd(2100, 1, 1)));
            }
        }
        core_files.trust(&[&authority]).identify(&leaf(&authority, CORE_LEAF));
        center_files.trust(&[&authority]).identify(&leaf(&authority, CENTER_LEAF));
        let (smsc_port, simulator) = simulator(behaviour).await;
        let mut link = LinkSettings::simulator(channel(), smsc_port);
        change(&mut link);
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(NOW_MS));
        let links = Arc::new(InProcessCore::start(CoreSettings { links: vec![link] }, &clock).unwrap());
        let settings = ServerSettings {
            listen: ([127, 0, 0, 1], 0).into(),
            identity: core_files.0.clone(),
            allow: vec![CENTER.to_owned()],
            connection_age,
            watch: Duration::from_millis(20),
        };
        let server = CoreServer::bind(settings, links.clone()).await.unwrap();
        let (port, control) = (server.address().port(), server.control());
        tokio::spawn(server.run(CancellationToken::new()));
        Self { folder, authority, core_files, center_files, links, simulator, control, port }
    }

    /// The files of one more end.
    pub fn files_of(&self, name: &str, identity: &(String, String)) -> Files {
        let files = Files::new(self.folder.path(), name);
        files.trust(&[&self.authority]).identify(identity);
        files
    }

    pub fn settings(&self, port: u16) -> RemoteSettings {
        self.settings_of(&self.center_files, port)
    }

    pub fn settings_of(&self, files: &Files, port: u16) -> RemoteSettings {
        let mut settings = RemoteSettings::new(
            ChannelId::parse("remote").unwrap(),
            format!("https://localhost:{port}"),
            files.0.clone(),
        );
        settings.watch_ms = 20;
        settings
    }

    pub fn connect_with(&self, settings: RemoteSettings) -> RemoteCore {
        self.connect_as(InstallationId::NIL, settings)
    }

    /// A client of another installation.
    pub fn connect_as(&self, installation: InstallationId, settings: RemoteSettings) -> RemoteCore {
        let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(NOW_MS));
        let core = RemoteCore::start(settings, installation, &clock).unwrap();
        core.keep_to(&HashMap::new());
        core
    }

    /// A client, connected.
    pub async fn connect(&self) -> RemoteCore {
        let core = self.connect_with(self.settings(self.port));
        up(&core).await;
        core
    }

    /// The reason why a client with these files is not let in.
    pub async fn refused(&self) -> String {
        let core = self.connect_with(self.settings(self.port));
        let reason = eventually(|| core.trouble()).await;
        assert!(core.links().iter().all(|link| link.state == LinkState::Connecting && !link.submits));
        reason
    }
}

pub async fn up(core: &RemoteCore) {
    eventually(|| core.links().iter().any(|link| link.state == LinkState::Up).then_some(())).await;
}
