//! Against node-smpp, an SMSC that shares no line with ours. `./x test` installs it and sets `MC_NODE_SMPP`;
//! without that variable the test passes by when node or the package is not there.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    sync::mpsc,
    time::Duration,
};

use smpp::{
    Bind, BindRole, Password, Session,
    session::{Answer, BindError, End, Event, Incoming, SessionConfig, Transport, connect},
    tls::TlsSettings,
    wire::{Destination, SubmitSm},
};
use tokio::time::timeout;

use crate::peer::submit;

const PATIENCE: Duration = Duration::from_secs(20);

struct NodeSmsc {
    child: Child,
    lines: mpsc::Receiver<String>,
    port: u16,
}

impl NodeSmsc {
    fn start() -> Option<Self> {
        Self::with(&[])
    }

    /// With the files of its TLS: key, certificate, and the authority of those who may connect.
    fn with(files: &[&Path]) -> Option<Self> {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/node-smpp");
        let required = std::env::var_os("MC_NODE_SMPP").is_some();
        let installed = folder.join("node_modules/smpp").is_dir();
        assert!(installed || !required, "node-smpp is not installed: run npm ci in {}", folder.display());
        if !installed {
            return None;
        }
        let spawned = Command::new("node")
            .arg("smsc.js")
            .args(files)
            .current_dir(folder)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let mut child = match spawned {
            Ok(child) => child,
            Err(error) => {
                assert!(!required, "node does not start: {error}");
                return None;
            }
        };
        let stdout = child.stdout.take().unwrap();
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(stdout).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let first = lines.recv_timeout(PATIENCE).unwrap();
        let port = first.rsplit(':').next().unwrap().trim_end_matches('}').parse().unwrap();
        Some(Self { child, lines, port })
    }

    /// Waits for a line that has all of these in it.
    fn said(&self, pieces: &[&str]) -> String {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).unwrap();
            assert!(!line.contains(r#""event":"error""#), "{line}");
            if pieces.iter().all(|piece| line.contains(piece)) {
                return line;
            }
        }
    }
}

impl Drop for NodeSmsc {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn bind(password: &str) -> Bind {
    Bind {
        role: BindRole::Transceiver,
        system_id: "esme".to_owned(),
        password: Password::new(password),
        system_type: String::new(),
        address_range: smpp::BindRange::default(),
    }
}

fn to(number: u64) -> SubmitSm<'static> {
    SubmitSm { destination: Destination::Number(number), ..submit(b"Hello node") }
}

#[tokio::test]
async fn it_understands_us_and_we_understand_it() {
    let Some(smsc) = NodeSmsc::start() else { return };
    let stream = connect("127.0.0.1", smsc.port, PATIENCE).await.unwrap();
    let refused = Session::bind(stream, &bind("wrong"), SessionConfig::with_window(10)).await;
    assert_eq!(refused.unwrap_err(), BindError::Refused(0x0E));

    let stream = connect("127.0.0.1", smsc.port, PATIENCE).await.unwrap();
    let mut session = Session::bind(stream, &bind("right"), SessionConfig::with_window(10)).await.unwrap();
    session.submit(1, &to(436_601_000_001)).unwrap();
    session.submit(7, &to(436_601_000_007)).unwrap();
    session.submit(8, &to(436_601_000_008)).unwrap();
    session.submit(9, &to(436_601_000_009)).unwrap();
    let wide = SubmitSm { data_coding: 8, content: &[0x26, 0x03], ..to(436_601_000_002) };
    session.submit(2, &wide).unwrap();
    let part = SubmitSm { esm_class: 0x40, header: &[5, 0, 3, 200, 2, 1], ..to(436_601_000_003) };
    session.submit(3, &part).unwrap();

    let mut events = Vec::new();
    let (mut answered, mut receipted) = (Vec::new(), Vec::new());
    while answered.len() < 6 || receipted.len() < 4 {
        timeout(PATIENCE, session.drive(&mut events)).await.unwrap().unwrap();
        for event in events.drain(..) {
            match event {
                Event::Answer { token, answer } => answered.push((token, answer)),
                Event::Deliver(deliver) => {
                    session.acknowledge(deliver.sequence, 0);
                    let Incoming::Receipt { receipt, .. } = deliver.incoming else { panic!("no receipt") };
                    receipted.push((receipt.message_id, answered.len()));
                }
            }
        }
    }
    let answer = |token| answered.iter().find(|(of, _)| *of == token).map(|(_, answer)| answer.clone()).unwrap();
    assert_eq!(answer(7), Answer::Refused { command_status: 0x0B });
    assert_eq!(answer(8), Answer::Refused { command_status: 0x58 });
    for token in [1, 2, 3, 9] {
        let Answer::Accepted { message_id } = answer(token) else { panic!("{token} was not accepted") };
        assert!(receipted.iter().any(|(receipted, _)| *receipted == message_id), "no receipt for {token}");
    }
    session.begin_unbind(PATIENCE);
    let end = timeout(PATIENCE, async {
        loop {
            if let Err(end) = session.drive(&mut events).await {
                return end;
            }
        }
    });
    assert_eq!(end.await.unwrap(), End::Unbound);

    smsc.said(&[r#""to":"436601000001""#, r#""from":"Brand""#, r#""text":"Hello node""#]);
    smsc.said(&[r#""to":"436601000002""#, r#""data_coding":8"#, "\"text\":\"\u{2603}\""]);
    smsc.said(&[r#""to":"436601000003""#, r#""esm_class":64"#, "200,2,1"]);
    smsc.said(&[r#""event":"unbind""#]);
}

/// An authority, and certificates for both ends in files.
struct Pki {
    folder: tempfile::TempDir,
}

impl Pki {
    fn new() -> Self {
        use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
        let folder = tempfile::tempdir().unwrap();
        let write = |name: &str, content: String| std::fs::write(folder.path().join(name), content).unwrap();
        for (name, host) in [("carrier", "smsc.example"), ("ours", "esme.example")] {
            let mut params = CertificateParams::default();
            params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
            params.distinguished_name.push(DnType::CommonName, format!("{name} authority"));
            let authority = CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap();
            let key = KeyPair::generate().unwrap();
            let mut leaf = CertificateParams::new(vec![host.to_owned()]).unwrap();
            leaf.distinguished_name.push(DnType::CommonName, host);
            let leaf = leaf.signed_by(&key, &authority).unwrap();
            write(&format!("{name}-ca.crt"), authority.pem());
            write(&format!("{name}.crt"), leaf.pem());
            write(&format!("{name}.key"), key.serialize_pem());
        }
        Self { folder }
    }

    fn file(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    /// Trusts the carrier, whose name is not that of this machine.
    fn trusting(&self) -> TlsSettings {
        TlsSettings {
            ca_file: Some(self.file("carrier-ca.crt")),
            server_name: Some("smsc.example".to_owned()),
            ..TlsSettings::default()
        }
    }
}

/// Binds over TLS, has one message accepted, and unbinds.
async fn send_one(port: u16, tls: &TlsSettings) -> Result<(), BindError> {
    let connector = tls.connector("127.0.0.1").unwrap();
    let transport = Transport::open("127.0.0.1", port, Some(&connector), PATIENCE).await?;
    let mut session = Session::bind(transport, &bind("right"), SessionConfig::with_window(10)).await?;
    for token in 0..200 {
        while session.room() == 0 {
            drive(&mut session).await;
        }
        session.submit(token, &to(436_601_000_100 + token * 10)).unwrap();
    }
    session.begin_unbind(PATIENCE);
    let mut accepted = 0;
    loop {
        let mut events = Vec::new();
        let driven = timeout(PATIENCE, session.drive(&mut events)).await.unwrap();
        for event in events {
            match event {
                Event::Answer { answer: Answer::Accepted { .. }, .. } => accepted += 1,
                Event::Answer { .. } => panic!("not accepted"),
                Event::Deliver(deliver) => session.acknowledge(deliver.sequence, 0),
            }
        }
        if driven.is_err() {
            break;
        }
    }
    assert!(accepted > 0);
    Ok(())
}

async fn drive(session: &mut Session<Transport>) {
    let mut events = Vec::new();
    timeout(PATIENCE, session.drive(&mut events)).await.unwrap().unwrap();
    for event in events {
        if let Event::Deliver(deliver) = event {
            session.acknowledge(deliver.sequence, 0);
        }
    }
}

#[tokio::test]
async fn it_is_spoken_to_over_tls() {
    let pki = Pki::new();
    let Some(smsc) = NodeSmsc::with(&[&pki.file("carrier.key"), &pki.file("carrier.crt")]) else { return };
    send_one(smsc.port, &pki.trusting()).await.unwrap();
    let other = TlsSettings { ca_file: Some(pki.file("ours-ca.crt")), ..pki.trusting() };
    let refused = send_one(smsc.port, &other).await.unwrap_err();
    assert!(refused.to_string().contains("UnknownIssuer"), "{refused}");
    let elsewhere = TlsSettings { server_name: Some("other.example".to_owned()), ..pki.trusting() };
    let refused = send_one(smsc.port, &elsewhere).await.unwrap_err();
    assert!(refused.to_string().contains("not valid for name"), "{refused}");
}

#[tokio::test]
async fn it_is_spoken_to_over_mutual_tls() {
    let pki = Pki::new();
    let files = [pki.file("carrier.key"), pki.file("carrier.crt"), pki.file("ours-ca.crt")];
    let Some(smsc) = NodeSmsc::with(&[&files[0], &files[1], &files[2]]) else { return };
    let with = |certificate: &str, key: &str| TlsSettings {
        certificate: Some(pki.file(certificate)),
        key: Some(pki.file(key)),
        ..pki.trusting()
    };
    send_one(smsc.port, &with("ours.crt", "ours.key")).await.unwrap();
    assert!(send_one(smsc.port, &pki.trusting()).await.is_err(), "without a certificate");
    assert!(send_one(smsc.port, &with("carrier.crt", "carrier.key")).await.is_err(), "of another authority");
    let mistake = with("ours.crt", "carrier.key").connector("127.0.0.1").unwrap_err();
    assert!(mistake.to_string().contains("tls.key"), "{mistake}");
}
