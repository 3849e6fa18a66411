//! Mails against a mail server that shares no line with ours. `./x test` installs it and sets `MC_SMTP_PEER`; without
//! that variable the tests pass by when node or the package is not there.

use std::{
    io::{BufRead, BufReader},
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, mpsc},
    time::Duration,
};

use domain::{audit::Origin, clock::ManualClock};
use server::{
    config::{MailConfig, MailTls},
    mail::{Mailer, Round, round},
};
use store::{Gate, StoreConfig, SystemDoor, Token, notices, users, users::NewUser};
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(20);
const PUBLIC_URL: &str = "https://sms.example";

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers/smtp")
}

/// The mail server; `heard` gives what it prints.
struct Peer {
    child: Child,
    lines: mpsc::Receiver<String>,
    port: u16,
}

impl Peer {
    fn start(port: u16, options: &[&str]) -> Option<Self> {
        let required = std::env::var_os("MC_SMTP_PEER").is_some();
        let installed = folder().join("node_modules/smtp-server").is_dir();
        assert!(installed || !required, "smtp-server is not installed: run npm ci in {}", folder().display());
        if !installed {
            return None;
        }
        let spawned = Command::new("node")
            .arg("mailbox.js")
            .arg(port.to_string())
            .args(options)
            .current_dir(folder())
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
        let mut peer = Self { child, lines, port: 0 };
        peer.port = peer.heard("listening")["port"].as_u64().unwrap().try_into().unwrap();
        Some(peer)
    }

    /// The next event, which has to be of this name; what the server has to say about broken connections is passed over.
    fn heard(&self, event: &str) -> serde_json::Value {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).unwrap();
            let heard: serde_json::Value = serde_json::from_str(&line).unwrap();
            if heard["event"] != "error" {
                assert_eq!(heard["event"], event, "{line}");
                return heard;
            }
        }
    }

    /// The address and Message-ID of the next mail, with the mail.
    fn mail(&self) -> (String, String, serde_json::Value) {
        let mail = self.heard("mail");
        let text = |key: &str| mail[key].as_str().unwrap().to_owned();
        (text("to"), text("message_id"), mail.clone())
    }

    fn heard_nothing_else(&self) {
        let heard = self.lines.try_iter().find(|line| !line.contains(r#""event":"error""#));
        assert_eq!(heard, None);
    }

    fn config(&self) -> MailConfig {
        MailConfig {
            host: "localhost".into(),
            port: Some(self.port),
            tls: MailTls::None,
            ca_file: None,
            user: None,
            password: None,
            password_file: None,
            from: "Message Center <sms@sms.example>".into(),
            timeout_s: 5,
        }
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A store that sends mails, without a job: tests look into the outbox themselves.
struct Outbox {
    gate: Gate,
    door: SystemDoor,
    clock: Arc<ManualClock>,
    _dir: tempfile::TempDir,
}

impl Outbox {
    async fn with_people(names: &[&str]) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::at(1_790_000_000_000));
        let config =
            StoreConfig { sends_mail: true, ..StoreConfig::new(store::Engine::Memory, dir.path().join("keys")) };
        let opened = store::open(config, clock.clone()).await.unwrap();
        for name in names {
            let new = NewUser { email: format!("{name}@acme.example"), name: (*name).to_owned(), super_admin: true };
            users::create(&opened.gate, &new, None).await.unwrap();
        }
        Self { gate: opened.gate, door: opened.system, clock, _dir: dir }
    }

    /// Puts a mail into it: the link of somebody who forgot their password.
    async fn put(&self, name: &str) {
        let email = format!("{name}@acme.example");
        notices::ask_for_link(&self.gate, &email, Origin::default()).await.unwrap().unwrap();
        // They are sent in this order.
        self.clock.advance(1);
    }

    async fn empty_into(&self, config: &MailConfig) -> Round {
        let mailer = Mailer::new(config, PUBLIC_URL).unwrap();
        round(&self.door, &mailer, &CancellationToken::new()).await.unwrap()
    }

    async fn later(&self, config: &MailConfig) -> Round {
        self.clock.advance(60_000);
        self.empty_into(config).await
    }
}

#[tokio::test]
async fn a_mail_arrives_once_with_its_link_and_is_marked_as_automatic() {
    let Some(peer) = Peer::start(0, &[]) else { return };
    let outbox = Outbox::with_people(&["ann"]).await;
    outbox.put("ann").await;
    outbox.put("nobody").await;
    assert_eq!(outbox.empty_into(&peer.config()).await, Round::Idle);
    let (to, id, mail) = peer.mail();
    assert_eq!(to, "ann@acme.example");
    assert!(id.ends_with("@sms.example>"), "{id}");
    assert_eq!(mail["from"], "sms@sms.example");
    assert_eq!(mail["headers"]["auto-submitted"], "auto-generated");
    assert_eq!(mail["subject"], "Set a new password for Message Center");
    let text = mail["text"].as_str().unwrap();
    let (_, link) = text.split_once("https://sms.example/link/").unwrap();
    let token = Token::presented(link.split_whitespace().next().unwrap());
    outbox.gate.set_password(&token, "nine paper kites", Origin::default()).await.unwrap();
    outbox.later(&peer.config()).await;
    peer.heard_nothing_else();
}

#[tokio::test]
async fn what_is_refused_for_now_is_sent_later_and_what_is_refused_for_good_is_given_up() {
    let Some(peer) = Peer::start(0, &[]) else { return };
    let outbox = Outbox::with_people(&["root", "later", "never", "drop"]).await;
    for name in ["later", "never", "root"] {
        outbox.put(name).await;
    }
    assert_eq!(outbox.empty_into(&peer.config()).await, Round::Idle, "one refusal holds nobody else up");
    assert_eq!(peer.heard("refused")["to"], "later@acme.example");
    assert_eq!(peer.heard("refused")["to"], "never@acme.example");
    assert_eq!(peer.mail().0, "root@acme.example");

    assert_eq!(outbox.later(&peer.config()).await, Round::Idle);
    assert_eq!(peer.mail().0, "later@acme.example");
    outbox.clock.advance(24 * 3_600_000);
    outbox.later(&peer.config()).await;
    peer.heard_nothing_else();

    outbox.put("drop").await;
    assert_eq!(outbox.empty_into(&peer.config()).await, Round::Down);
    let lost = peer.heard("dropped");
    assert_eq!(outbox.later(&peer.config()).await, Round::Idle);
    let (_, id, _) = peer.mail();
    assert_eq!(lost["message_id"], id.as_str(), "both are the same mail to whoever gets them twice");
}

#[tokio::test]
async fn while_the_mail_server_is_down_nothing_is_lost() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let Some(peer) = Peer::start(free, &[]) else { return };
    let config = peer.config();
    drop(peer);
    let outbox = Outbox::with_people(&["ann", "bob"]).await;
    outbox.put("ann").await;
    outbox.put("bob").await;
    assert_eq!(outbox.empty_into(&config).await, Round::Down);
    assert_eq!(outbox.empty_into(&config).await, Round::Down);
    let peer = Peer::start(free, &[]).unwrap();
    assert_eq!(outbox.later(&config).await, Round::Idle);
    let mut arrived = [peer.mail().0, peer.mail().0];
    arrived.sort();
    assert_eq!(arrived, ["ann@acme.example", "bob@acme.example"]);
    peer.heard_nothing_else();
}

#[tokio::test]
async fn starttls_is_insisted_on_and_a_wrong_password_gives_up_no_mail() {
    let Some(peer) = Peer::start(0, &["tls", "sign-in"]) else { return };
    let outbox = Outbox::with_people(&["ann"]).await;
    outbox.put("ann").await;
    let files = tempfile::tempdir().unwrap();
    let password_file = files.path().join("password");
    let config = |password: &str| {
        std::fs::write(&password_file, format!("{password}\n")).unwrap();
        MailConfig {
            tls: MailTls::Starttls,
            ca_file: Some(folder().join("ca.pem")),
            user: Some("sms".into()),
            password_file: Some(password_file.clone()),
            ..peer.config()
        }
    };
    let stranger = MailConfig { ca_file: None, ..config("open sesame") };
    assert_eq!(outbox.empty_into(&stranger).await, Round::Down, "a server that nobody vouches for gets no mail");
    assert_eq!(outbox.later(&config("guess")).await, Round::Down);
    peer.heard("refused_sign_in");
    outbox.clock.advance(60_000);
    assert_eq!(outbox.later(&config("open sesame")).await, Round::Idle);
    let (_, _, mail) = peer.mail();
    assert_eq!(mail["secure"], true);

    // A server without STARTTLS gets nothing either.
    let plain = Peer::start(0, &[]).unwrap();
    outbox.put("ann").await;
    let downgraded = MailConfig { port: Some(plain.port), ..config("open sesame") };
    assert_eq!(outbox.empty_into(&downgraded).await, Round::Down);
    plain.heard_nothing_else();
}

#[tokio::test]
async fn what_was_given_up_stands_in_the_log_without_the_address() {
    let Some(peer) = Peer::start(0, &[]) else { return };
    let outbox = Outbox::with_people(&["never", "root"]).await;
    outbox.put("never").await;
    outbox.put("root").await;
    outbox.empty_into(&peer.config()).await;
    peer.heard("refused");
    let (_, _, mail) = peer.mail();
    let (_, link) = mail["text"].as_str().unwrap().split_once("https://sms.example/link/").unwrap();
    let token = Token::presented(link.split_whitespace().next().unwrap());
    let root = outbox
        .gate
        .set_password(&token, "nine paper kites", Origin::default())
        .await
        .unwrap()
        .signed_in()
        .unwrap()
        .session;
    let standing = notices::standing(&outbox.gate.rule(&root).unwrap()).await.unwrap();
    assert_eq!((standing.waiting, standing.given_up.len()), (0, 1));
    assert!(standing.given_up[0].reason.contains("550"), "{standing:?}");
    assert!(!format!("{standing:?}").contains('@'));
}
