//! The server as a process, killed again and again while programs register brands: the registry has each of them once.

use std::{
    collections::BTreeSet,
    future::pending,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tcr::{
    Secret,
    simulator::{Behaviour, Fault, Simulator, SimulatorConfig},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};

/// Nothing here takes this long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(120);
const KILLS: u32 = 6;
const PROGRAM: &str = env!("CARGO_BIN_EXE_message-center");

struct Process(Child);

impl Process {
    async fn start(config: &Path, port: u16) -> Self {
        let mut command = Command::new(PROGRAM);
        command.arg("serve").arg("--config").arg(config).stdout(Stdio::null()).stderr(Stdio::null());
        let process = Self(command.spawn().unwrap());
        let up = async {
            while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
                sleep(Duration::from_millis(20)).await;
            }
        };
        timeout(PATIENCE, up).await.expect("the server does not start");
        process
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

fn run(config: &Path, args: &[&str]) -> String {
    let made = Command::new(PROGRAM).args(args).arg("--config").arg(config).output().unwrap();
    assert!(made.status.success(), "{args:?}: {}", String::from_utf8_lossy(&made.stderr));
    String::from_utf8_lossy(&made.stdout).trim().to_owned()
}

/// A request over a connection of its own; None: it was cut.
async fn ask(port: u16, key: &str, method: &str, path: &str, body: Option<Value>) -> Option<(u16, Value)> {
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    let request = format!(
        "{method} /api/v1/messaging{path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n\
         X-Customer-ID: acme\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    );
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
    stream.write_all(request.as_bytes()).await.ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.ok()?;
    let status = answer.split(' ').nth(1)?.parse().ok()?;
    let begin = answer.find('{')?;
    let end = answer.rfind('}')?;
    Some((status, serde_json::from_str(&answer[begin..=end]).ok()?))
}

fn brand(name: &str) -> Value {
    json!({
        "entity_type": "PRIVATE_PROFIT", "display_name": name, "legal_name": "Acme Communications LLC",
        "ein": "12-3456789", "email": "compliance@acme.example", "phone": "+13035550100", "street": "1 Main Street",
        "city": "Denver", "state": "CO", "postal_code": "80202", "vertical": "COMMUNICATION",
    })
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_a_loop_it_registers_each_brand_once() {
    let folder = tempfile::tempdir().unwrap();
    let behaviour = Behaviour { latency_ms: 5, ..Behaviour::default() };
    let config = SimulatorConfig { behaviour, ..SimulatorConfig::loopback(Secret::new("key"), Secret::new("s3cret")) };
    let simulator = Simulator::bind(config).await.unwrap();
    let (base_url, control) = (simulator.base_url(), simulator.control());
    tokio::spawn(simulator.run(pending()));
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let key_file = folder.path().join("registry.key");
    std::fs::write(&key_file, "key:s3cret\n").unwrap();
    let file = folder.path().join("message-center.toml");
    let data = folder.path().join("data");
    let toml = format!(
        "listen = \"127.0.0.1:{port}\"\ndata_dir = {data:?}\n\n[registry]\nurl = {base_url:?}\nkey_file = {key_file:?}\n"
    );
    std::fs::write(&file, toml).unwrap();
    let password = folder.path().join("password");
    std::fs::write(&password, "seven wooden boats\n").unwrap();
    let create =
        ["user", "create", "--email", "root@acme.example", "--name", "Root", "--super-admin", "--password-file"];
    run(&file, &[&create[..], &[password.to_str().unwrap()]].concat());
    let found = ["workspace", "create", "--slug", "acme", "--name", "Acme", "--time-zone", "UTC", "--country", "US"];
    run(&file, &found);
    let key = run(&file, &["staff", "make-key", "--email", "root@acme.example", "--name", "loop"]);

    // How long one takes here and now: the lives are measured by it.
    let mut process = Process::start(&file, port).await;
    let begun = Instant::now();
    let (status, answer) = ask(port, &key, "POST", "/brands", Some(brand("Acme"))).await.unwrap();
    assert!(matches!(status, 201 | 202), "{answer}");
    let one = begun.elapsed();
    process.kill();
    let mut answered = BTreeSet::from(["Acme".to_owned()]);
    let mut sent = 0_u32;
    for life in 0..KILLS {
        let mut process = Process::start(&file, port).await;
        control.update(|behaviour| {
            behaviour.write_faults = [Fault::Pass, Fault::Pass, Fault::Pass, Fault::Pass, Fault::CutAfter].into();
        });
        let work = async {
            loop {
                sent += 1;
                let name = format!("Acme {sent}");
                match ask(port, &key, "POST", "/brands", Some(brand(&name))).await {
                    Some((201 | 202, _)) => {
                        answered.insert(name);
                    }
                    Some((status, answer)) => panic!("{status} {answer}"),
                    None => break,
                }
            }
        };
        // Each life is ended a little later: before, between and behind the steps of a registration.
        let moment = one.mul_f64(0.2 + 0.6 * f64::from(life));
        let _ = timeout(moment, work).await;
        process.kill();
    }
    let _process = Process::start(&file, port).await;
    let settled = async {
        loop {
            let (status, answer) = ask(port, &key, "GET", "/brands?limit=200", None).await.unwrap();
            assert_eq!(status, 200, "{answer}");
            let items = answer["data"]["items"].as_array().unwrap().clone();
            if items.iter().all(|brand| brand["status"] == "ACTIVE" && brand["waiting"].as_array().unwrap().is_empty())
            {
                break items;
            }
            sleep(Duration::from_millis(100)).await;
        }
    };
    let brands = timeout(PATIENCE, settled).await.expect("what was cut off is not told to the registry");
    let ids: BTreeSet<&str> = brands.iter().map(|brand| brand["tcr_brand_id"].as_str().unwrap()).collect();
    assert_eq!(ids.len(), brands.len(), "an id of the registry for each");
    assert_eq!(control.registered().0, brands.len(), "as many there as here");
    for name in &answered {
        let of_name = brands.iter().filter(|brand| brand["display_name"] == **name).count();
        assert_eq!(of_name, 1, "{name} was answered for");
    }
    assert!(brands.len() > 1, "nothing was begun between the kills");
}
