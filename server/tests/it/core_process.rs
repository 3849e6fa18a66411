//! `message-center core` as a process: set up as the manual says, and killed again and again while messages go through.

use std::{
    collections::HashMap,
    future::pending,
    path::Path,
    process::{Child, Command, Stdio},
    sync::Arc,
    time::Duration,
};

use domain::{
    clock::{Clock, ManualClock},
    id::InstallationId,
    phone::PhoneNumber,
    segment::encode,
    sender::{Addressing, Npi, Saddr, Ton},
};
use smpp::simulator::{Behaviour, Simulator, SimulatorConfig, log};
use sms_core::{
    ChannelId, Core, LinkState, PartResult, Priority, Submission,
    remote::{IdentityFiles, RemoteCore, RemoteSettings},
};
use tokio::time::{sleep, timeout};

use crate::metrics::{ask, families, named};

/// Nothing here takes this long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(60);
const KILLS: u64 = 8;
const FIRST_NUMBER: u64 = 436_600_000_000;
const PROGRAM: &str = env!("CARGO_BIN_EXE_message-center");

struct Process(Child);

impl Process {
    fn start(config: &Path) -> Self {
        let mut command = Command::new(PROGRAM);
        command.arg("core").arg("--config").arg(config).stdout(Stdio::null()).stderr(Stdio::null());
        Self(command.spawn().unwrap())
    }

    fn signal(&self, name: &str) {
        let sent = Command::new("kill").arg(name).arg(self.0.id().to_string()).status().unwrap();
        assert!(sent.success());
    }

    /// SIGKILL.
    fn kill(&mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn channel() -> ChannelId {
    ChannelId::parse("carrier").unwrap()
}

fn messages(tokens: std::ops::Range<u64>) -> Vec<Submission> {
    let addressing = Arc::new(Addressing {
        saddr: Saddr::parse("Brand").unwrap(),
        source_ton: Ton::Alphanumeric,
        source_npi: Npi::Unknown,
        destination_ton: Ton::International,
        destination_npi: Npi::Isdn,
    });
    let encoded = Arc::new(encode("Hello").unwrap());
    tokens
        .map(|token| Submission {
            token,
            destination: PhoneNumber::from_u64(FIRST_NUMBER + token).unwrap(),
            addressing: Arc::clone(&addressing),
            encoded: Arc::clone(&encoded),
            validity_minutes: None,
            tendlc_campaign: None,
        })
        .collect()
}

fn free_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// Has the certificates made, as the manual says.
fn make_certificates(certs: &Path) {
    let made = Command::new(PROGRAM).args(["certs", "init", "--dir"]).arg(certs).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert!(String::from_utf8_lossy(&made.stdout).contains("urn:message-center:center"));
}

/// The file of a Core with one link.
fn core_file(certs: &Path, port: u16, smsc_port: u16, name: &str) -> String {
    format!(
        "listen = \"127.0.0.1:{port}\"\nca = {:?}\ncertificate = {:?}\nkey = {:?}\ncrl = {:?}\n\
         allow = [\"urn:message-center:center\"]\n\n[[links]]\nid = \"carrier\"\nname = \"{name}\"\n\
         host = \"127.0.0.1\"\nport = {smsc_port}\nsystem_id = \"esme\"\npassword = \"secret\"\nwindow = 50\n",
        certs.join("ca.crt"),
        certs.join("core.crt"),
        certs.join("core.key"),
        certs.join("crl.pem"),
    )
}

fn connected(certs: &Path, port: u16) -> RemoteCore {
    let identity = IdentityFiles {
        ca: certs.join("ca.crt"),
        certificate: certs.join("center.crt"),
        key: certs.join("center.key"),
        crl: Some(certs.join("crl.pem")),
    };
    let settings = RemoteSettings::new(ChannelId::parse("dmz").unwrap(), format!("https://localhost:{port}"), identity);
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(0));
    let core = RemoteCore::start(settings, InstallationId::NIL, &clock).unwrap();
    core.keep_to(&HashMap::new());
    core
}

async fn until(mut reached: impl FnMut() -> bool) {
    let poll = async {
        while !reached() {
            sleep(Duration::from_millis(3)).await;
        }
    };
    timeout(PATIENCE, poll).await.expect("it did not come to that");
}

fn is_up(core: &RemoteCore) -> bool {
    core.links().iter().any(|link| link.id == channel() && link.state == LinkState::Up)
}

/// What the doctor says of the file of a Core, and whether nothing is wrong with it.
fn doctor(config: &Path) -> (bool, String) {
    let looked = Command::new(PROGRAM).args(["doctor", "--core", "--config"]).arg(config).output().unwrap();
    (looked.status.success(), String::from_utf8(looked.stdout).unwrap())
}

#[test]
fn the_doctor_finds_a_revocation_list_that_it_would_not_start_with() {
    let folder = tempfile::tempdir().unwrap();
    let certs = folder.path().join("certs");
    make_certificates(&certs);
    let config = folder.path().join("core.toml");
    std::fs::write(&config, core_file(&certs, free_port(), free_port(), "Carrier")).unwrap();
    let (well, said) = doctor(&config);
    assert!(well && said.contains("revocation list of core: it is good for"), "{said}");
    std::fs::write(certs.join("crl.pem"), "rubbish").unwrap();
    let (well, said) = doctor(&config);
    assert!(!well && said.contains("Fault    revocation list of core"), "{said}");
    assert!(said.contains("give it lists in PEM format"), "{said}");
    assert!(said.contains("Fault    file: "), "the list cannot be used, so the Core would not start: {said}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_a_loop_it_loses_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let certs = folder.path().join("certs");
    make_certificates(&certs);
    let smsc_log = folder.path().join("smsc.log");
    let behaviour = Behaviour { latency_ms: 5, ..Behaviour::default() };
    let config = SimulatorConfig { behaviour, log: Some(smsc_log.clone()), ..SimulatorConfig::loopback() };
    let simulator = Simulator::bind(config).await.unwrap();
    let (smsc_port, control) = (simulator.address().port(), simulator.control());
    tokio::spawn(simulator.run(pending()));
    let port = free_port();
    let file = folder.path().join("core.toml");
    let write = |name: &str| std::fs::write(&file, core_file(&certs, port, smsc_port, name)).unwrap();
    write("Carrier");
    let mut process = Process::start(&file);
    let core = connected(&certs, port);
    until(|| is_up(&core)).await;
    // Another name in the file is there after a SIGHUP, without a new connection.
    write("Carrier renamed");
    process.signal("-HUP");
    until(|| core.links()[0].name == "Carrier renamed").await;
    assert_eq!(core.connections(), 1);

    let mut lane = core.open_lane(&channel(), Priority::Bulk).unwrap();
    let mut results: HashMap<u64, PartResult> = HashMap::new();
    let mut submitted = 0;
    for kill in 0..=KILLS {
        until(|| is_up(&core)).await;
        let (mut open, before) = (0, control.counts().accepted);
        for batch in 0..5 {
            let next = submitted..submitted + 100;
            // What is refused was not handed over.
            if lane.sender.submit(messages(next.clone())).await.is_ok() {
                open += 100;
                submitted = next.end;
            }
            if batch == 2 && kill < KILLS {
                until(|| control.counts().accepted >= before + 10 + kill * 23).await;
                process.kill();
            }
        }
        while open > 0 {
            let outcomes = timeout(PATIENCE, lane.outcomes.recv()).await.unwrap().unwrap();
            open -= outcomes.len();
            for outcome in outcomes {
                assert_eq!(results.insert(outcome.token, outcome.result), None, "{} was answered twice", outcome.token);
            }
        }
        if kill < KILLS {
            process = Process::start(&file);
        }
    }
    assert_eq!(results.len() as u64, submitted);
    let mut at_smsc: HashMap<u64, u32> = HashMap::new();
    for line in log::read(&smsc_log).unwrap() {
        *at_smsc.entry(line.destination.parse::<u64>().unwrap() - FIRST_NUMBER).or_default() += 1;
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
    assert!(uncertain > 0 && uncertain <= 500 * KILLS, "{uncertain}");
}

/// The figures of a Core are those that dashboards and alerts are made of.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn its_figures_are_served_to_prometheus() {
    let folder = tempfile::tempdir().unwrap();
    let certs = folder.path().join("certs");
    make_certificates(&certs);
    let simulator = Simulator::bind(SimulatorConfig::loopback()).await.unwrap();
    let smsc_port = simulator.address().port();
    tokio::spawn(simulator.run(pending()));
    let (port, figures_port) = (free_port(), free_port());
    let (file, token) = (folder.path().join("core.toml"), folder.path().join("token"));
    std::fs::write(&token, "a token of some length\n").unwrap();
    let section = format!("\n[metrics]\nlisten = \"127.0.0.1:{figures_port}\"\ntoken_file = {token:?}\n");
    std::fs::write(&file, core_file(&certs, port, smsc_port, "Carrier") + &section).unwrap();
    let _process = Process::start(&file);
    let core = connected(&certs, port);
    until(|| is_up(&core)).await;
    let mut lane = core.open_lane(&channel(), Priority::Bulk).unwrap();
    lane.sender.submit(messages(0..50)).await.unwrap();
    let mut open = 50;
    while open > 0 {
        open -= timeout(PATIENCE, lane.outcomes.recv()).await.unwrap().unwrap().len();
    }
    let refused = ask(figures_port, "").await;
    assert!(refused.starts_with("HTTP/1.1 401") && !refused.contains("message_center_"), "{refused}");
    let answer = ask(figures_port, "Authorization: Bearer a token of some length\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("text/plain; version=0.0.4"), "{answer}");
    for line in [
        "message_center_link_state{link=\"carrier\",state=\"up\"} 1",
        "message_center_link_parts_accepted_total{link=\"carrier\"} 50",
        "message_center_link_response_seconds_count{link=\"carrier\"} 50",
        "message_center_sentinel_total{sentinel=\"core-slow\"} 0",
        "message_center_certificate_end_seconds{certificate=\"core\"}",
        "process_resident_memory_bytes",
    ] {
        assert!(answer.contains(line), "{line} is not in {answer}");
    }
    let families = families().await;
    let (_, sheet) = answer.split_once("\r\n\r\n").unwrap();
    for name in named(sheet, &families) {
        assert!(families.contains(name.as_str()), "{name} is unknown to dashboards, alerts and the manual");
    }
    assert!(!answer.contains("Carrier") && !answer.contains("secret"), "{answer}");
}
