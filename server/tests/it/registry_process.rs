//! The server as a process, killed again and again while programs register brands and 10DLC campaigns, order vettings and
//! assign numbers: the registry has each of them once.

use std::{
    collections::{BTreeMap, BTreeSet},
    future::pending,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use serde_json::{Value, json};
use tcr::{
    Client, ClientConfig, Registry, Secret,
    simulator::{Behaviour, Fault, Simulator, SimulatorConfig},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::{sleep, timeout},
};

/// Nothing here takes this long unless it hangs.
const PATIENCE: Duration = Duration::from_secs(120);
const KILLS: u32 = 10;
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

fn campaign(brand: &str, name: &str) -> Value {
    json!({
        "brand_id": brand, "use_case": "ACCOUNT_NOTIFICATION", "terms_accepted": true,
        "description": format!("{name} tells its customers when something of their account changes."),
        "message_flow": "Customers agree on acme.example/sms when they open an account.",
        "sample_messages": [format!("{name}: your password was changed. Reply STOP to opt out.")],
        "opt_in_message": format!("{name}: you will get messages on your account. HELP, STOP."),
        "opt_out_message": format!("{name}: you will get no more messages."),
        "help_message": format!("{name}: write to help@acme.example for help."),
    })
}

/// What was answered of one name, step by step.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
enum Got {
    #[default]
    Nothing,
    Brand,
    Vetting,
    Campaign,
    Number,
}

/// A brand, its vetting, its 10DLC campaign and a number in it; ends early where the line is cut.
async fn register(port: u16, key: &str, number: u32, got: &mut BTreeMap<String, Got>) -> Option<()> {
    let name = format!("Acme {number}");
    got.insert(name.clone(), Got::Nothing);
    let mut done = |answer: (u16, Value), what| {
        assert!(matches!(answer.0, 200..=202), "{what:?}: {answer:?}");
        got.insert(name.clone(), what);
        answer.1
    };
    let made = done(ask(port, key, "POST", "/brands", Some(brand(&name))).await?, Got::Brand);
    let of = made["data"]["id"].as_str().unwrap().to_owned();
    let vetting = Some(json!({ "provider": "AEGIS" }));
    // The registry may not have answered yet, when the line to it was cut: then the brand is not verified, and nothing follows.
    let ordered = ask(port, key, "POST", &format!("/brands/{of}/vetting"), vetting).await?;
    if ordered.0 == 409 {
        return Some(());
    }
    done(ordered, Got::Vetting);
    let made = ask(port, key, "POST", "/campaigns", Some(campaign(&of, &name))).await?;
    if matches!(made.0, 409 | 422 | 503) {
        return Some(());
    }
    let made = done(made, Got::Campaign);
    let of = made["data"]["id"].as_str().unwrap().to_owned();
    let numbers = json!({ "phone_numbers": [format!("+1303555{number:04}")] });
    let assigned = ask(port, key, "POST", &format!("/campaigns/{of}/numbers"), Some(numbers)).await?;
    if assigned.0 == 409 {
        return Some(());
    }
    done(assigned, Got::Number);
    Some(())
}

/// Nothing has still to be told, but for an order of a vetting of which nobody knows whether the registry has taken it: that
/// one is looked for, and not given again by itself.
fn is_settled(item: &Value) -> bool {
    let waiting = item["waiting"].as_array().unwrap();
    item["status"] == "ACTIVE" && waiting.iter().all(|waiting| waiting == "vetting")
}

/// All of a list, when nothing of it has still to be told to the registry.
async fn settled(port: u16, key: &str, path: &str) -> Vec<Value> {
    let settled = async {
        loop {
            let (status, answer) = ask(port, key, "GET", &format!("{path}?limit=200"), None).await.unwrap();
            assert_eq!(status, 200, "{answer}");
            let items = answer["data"]["items"].as_array().unwrap().clone();
            if items.iter().all(is_settled) {
                break items;
            }
            sleep(Duration::from_millis(100)).await;
        }
    };
    timeout(PATIENCE, settled).await.expect("what was cut off is not told to the registry")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn killed_in_a_loop_it_registers_everything_once() {
    let folder = tempfile::tempdir().unwrap();
    let behaviour = Behaviour { latency_ms: 5, ..Behaviour::default() };
    let config = SimulatorConfig { behaviour, ..SimulatorConfig::loopback(Secret::new("key"), Secret::new("s3cret")) };
    let simulator = Simulator::bind(config).await.unwrap();
    let (base_url, control) = (simulator.base_url(), simulator.control());
    tokio::spawn(simulator.run(pending()));
    let (file, port) = configured(folder.path(), &base_url);
    let key = run(&file, &["staff", "make-key", "--email", "root@acme.example", "--name", "loop"]);

    // How long one takes here and now: the lives are measured by it.
    let mut got = BTreeMap::new();
    let mut process = Process::start(&file, port).await;
    let begun = Instant::now();
    register(port, &key, 0, &mut got).await.unwrap();
    assert_eq!(got["Acme 0"], Got::Number);
    let one = begun.elapsed();
    process.kill();
    let mut sent = 0_u32;
    for life in 0..KILLS {
        let mut process = Process::start(&file, port).await;
        control.update(|behaviour| {
            let cut_at = usize::try_from(life % 5).unwrap();
            behaviour.write_faults = (0..cut_at).map(|_| Fault::Pass).chain([Fault::CutAfter]).collect();
        });
        let work = async {
            loop {
                sent += 1;
                if register(port, &key, sent, &mut got).await.is_none() {
                    break;
                }
            }
        };
        // Each life is ended a little later: before, between and behind the steps of a registration.
        let moment = one.mul_f64(0.2 + 0.3 * f64::from(life));
        let _ = timeout(moment, work).await;
        process.kill();
    }
    let _process = Process::start(&file, port).await;
    let brands = settled(port, &key, "/brands").await;
    let campaigns = settled(port, &key, "/campaigns").await;
    let ids = |items: &[Value], name: &str| -> BTreeSet<String> {
        items.iter().map(|item| item[name].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(ids(&brands, "tcr_brand_id").len(), brands.len(), "an id of the registry for each");
    assert_eq!(ids(&campaigns, "tcr_campaign_id").len(), campaigns.len(), "an id of the registry for each");
    assert_eq!(control.registered(), (brands.len(), campaigns.len()), "as many there as here");
    assert!(brands.len() > 1 && campaigns.len() > 1, "nothing was begun between the kills");

    let registry = Client::new(ClientConfig::new(&base_url, Secret::new("key"), Secret::new("s3cret"))).unwrap();
    for (name, got) in &got {
        let own: Vec<_> = brands.iter().filter(|brand| brand["display_name"] == **name).collect();
        assert!(own.len() <= 1 && (*got < Got::Brand || own.len() == 1), "{name}: {got:?}, {own:?}");
        let Some(own) = own.first() else { continue };
        let vettings = registry.vettings(own["tcr_brand_id"].as_str().unwrap().parse().unwrap()).await.unwrap();
        assert!(vettings.len() <= 1, "{name} is vetted, and paid for, once: {vettings:?}");
        assert!(*got < Got::Vetting || vettings.len() == 1, "{name} was answered for");
        let of: Vec<_> = campaigns.iter().filter(|campaign| campaign["brand_id"] == own["id"]).collect();
        assert!(of.len() <= 1 && (*got < Got::Campaign || of.len() == 1), "{name}: {got:?}, {of:?}");
        let Some(of) = of.first() else { continue };
        let there = registry.numbers(of["tcr_campaign_id"].as_str().unwrap().parse().unwrap(), 1, 10).await.unwrap();
        assert!(there.records.len() <= 1 && (*got < Got::Number || there.records.len() == 1), "{name}: {there:?}");
    }
}

/// A server with a super admin, a workspace and this registry: its configuration and port.
fn configured(folder: &Path, registry: &str) -> (PathBuf, u16) {
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    drop(free);
    let key_file = folder.join("registry.key");
    std::fs::write(&key_file, "key:s3cret\n").unwrap();
    let file = folder.join("message-center.toml");
    let data = folder.join("data");
    let toml = format!(
        "listen = \"127.0.0.1:{port}\"\ndata_dir = {data:?}\n\n[registry]\nurl = {registry:?}\nkey_file = {key_file:?}\n"
    );
    std::fs::write(&file, toml).unwrap();
    let password = folder.join("password");
    std::fs::write(&password, "seven wooden boats\n").unwrap();
    let create =
        ["user", "create", "--email", "root@acme.example", "--name", "Root", "--super-admin", "--password-file"];
    run(&file, &[&create[..], &[password.to_str().unwrap()]].concat());
    let found = ["workspace", "create", "--slug", "acme", "--name", "Acme", "--time-zone", "UTC", "--country", "US"];
    run(&file, &found);
    (file, port)
}
