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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_a_loop_it_loses_and_doubles_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let certs = folder.path().join("certs");
    let made = Command::new(PROGRAM).args(["certs", "init", "--dir"]).arg(&certs).output().unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    assert!(String::from_utf8_lossy(&made.stdout).contains("urn:message-center:center"));

    let smsc_log = folder.path().join("smsc.log");
    let behaviour = Behaviour { latency_ms: 5, ..Behaviour::default() };
    let config = SimulatorConfig { behaviour, log: Some(smsc_log.clone()), ..SimulatorConfig::loopback() };
    let simulator = Simulator::bind(config).await.unwrap();
    let (smsc_port, control) = (simulator.address().port(), simulator.control());
    tokio::spawn(simulator.run(pending()));
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let file = folder.path().join("core.toml");
    let write = |name: &str| {
        std::fs::write(
            &file,
            format!(
                "listen = \"127.0.0.1:{port}\"\nca = {:?}\ncertificate = {:?}\nkey = {:?}\n\
                 allow = [\"urn:message-center:center\"]\n\n[[links]]\nid = \"carrier\"\nname = \"{name}\"\n\
                 host = \"127.0.0.1\"\nport = {smsc_port}\nsystem_id = \"esme\"\npassword = \"secret\"\nwindow = 50\n",
                certs.join("ca.crt"),
                certs.join("core.crt"),
                certs.join("core.key"),
            ),
        )
        .unwrap();
    };
    write("Carrier");
    let identity = IdentityFiles {
        ca: certs.join("ca.crt"),
        certificate: certs.join("center.crt"),
        key: certs.join("center.key"),
    };
    let settings = RemoteSettings::new(ChannelId::parse("dmz").unwrap(), format!("https://localhost:{port}"), identity);
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(0));
    let mut process = Process::start(&file);
    let core = RemoteCore::start(settings, &clock).unwrap();
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
