//! The figures: who gets them, what they tell, and that dashboards, alerts and the manual name those that there are.

use std::{
    collections::BTreeSet,
    fs,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    sync::Arc,
};

use domain::clock::{Clock, ManualClock};
use server::{
    config::MetricsConfig,
    metrics::{Certificate, Listener, Source},
};
use sms_core::{ChannelId, Core, CoreSettings, InProcessCore, LinkSettings};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};
use tokio_util::sync::CancellationToken;

use crate::server::Server;

/// What may tell one series from another. None of it says whose messages they are.
const LABELS: [&str; 9] = ["link", "state", "mode", "class", "reason", "outcome", "sentinel", "certificate", "version"];

/// The families of a Message Center and of an SMS Core with everything that can be shown: a link with a rate, and a
/// certificate.
pub async fn families() -> BTreeSet<&'static str> {
    let server = Server::start().await;
    let pem = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls/first.crt");
    let folder = tempfile::tempdir().unwrap();
    let list = sms_core::remote::issue(folder.path(), &["localhost".to_owned()]).unwrap().crl;
    let watched = vec![Certificate::new("web", &pem), Certificate::list("core dmz", &list)];
    let center = server.figures(watched).sheet().await;
    let clock: Arc<dyn Clock> = Arc::new(ManualClock::at(0));
    // Nobody listens there.
    let link = LinkSettings::simulator(ChannelId::parse("carrier").unwrap(), 1);
    let links = vec![LinkSettings { rate_segments_per_s: Some(10.0), ..link }];
    let core: Arc<dyn Core> = Arc::new(InProcessCore::start(CoreSettings { links }, &clock).unwrap());
    let core = Source::Core { core, certificates: Vec::new() }.sheet().await;
    for family in center.families().iter().chain(core.families()) {
        for (label, _) in family.series.iter().flat_map(|series| &series.labels) {
            assert!(LABELS.contains(label), "{} has the label {label}", family.name);
        }
    }
    center.families().iter().chain(core.families()).map(|family| family.name).collect()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, found) } else { found.push(path) }
    }
}

/// The metrics that a text names, those of histograms without their endings.
pub fn named(text: &str, families: &BTreeSet<&str>) -> BTreeSet<String> {
    let words = text.split(|character: char| !character.is_ascii_alphanumeric() && !"_:".contains(character));
    let ours = words.filter(|word| word.starts_with("message_center_") || word.starts_with("process_"));
    let base = |word: &str| {
        let base = ["_bucket", "_sum", "_count"].iter().find_map(|ending| word.strip_suffix(ending));
        base.filter(|base| families.contains(base)).unwrap_or(word).to_owned()
    };
    ours.map(base).collect()
}

#[tokio::test]
async fn dashboards_alerts_and_the_manual_name_the_figures_that_there_are() {
    let families = families().await;
    let mut deployed = Vec::new();
    files(&root().join("deploy/prometheus"), &mut deployed);
    files(&root().join("deploy/grafana/dashboards"), &mut deployed);
    assert!(deployed.len() >= 4, "{deployed:?}");
    for file in deployed {
        for name in named(&fs::read_to_string(&file).unwrap(), &families) {
            assert!(families.contains(name.as_str()), "{} names {name}, which there is not", file.display());
        }
    }
    let manual = fs::read_to_string(root().join("docs/OPERATIONS.md")).unwrap();
    let told = named(&manual, &families);
    let untold: Vec<_> = families.iter().filter(|name| !told.contains(**name)).collect();
    assert!(untold.is_empty(), "docs/OPERATIONS.md does not tell of {untold:?}");
    let gone: Vec<_> = told.iter().filter(|name| !families.contains(name.as_str())).collect();
    assert!(gone.is_empty(), "docs/OPERATIONS.md tells of {gone:?}, which there are not");
}

#[test]
fn the_manual_says_what_to_do_on_each_alert() {
    let rules = fs::read_to_string(root().join("deploy/prometheus/rules/message-center.yml")).unwrap();
    let manual = fs::read_to_string(root().join("docs/OPERATIONS.md")).unwrap();
    let alerts: Vec<_> = rules.lines().filter_map(|line| line.trim().strip_prefix("- alert: ")).collect();
    assert!(alerts.len() > 20);
    for alert in alerts {
        assert!(manual.contains(&format!("\n#### {alert}\n")), "docs/OPERATIONS.md has no part {alert}");
    }
}

pub async fn ask(port: u16, authorization: &str) -> String {
    let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await.unwrap();
    let request = format!("GET /metrics HTTP/1.1\r\nHost: localhost\r\n{authorization}Connection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.unwrap();
    answer
}

#[tokio::test]
async fn figures_are_for_those_who_have_the_token() {
    let server = Server::start().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("token");
    fs::write(&file, "a token of some length\n").unwrap();
    let config = MetricsConfig { listen: (Ipv4Addr::LOCALHOST, 0).into(), token_file: Some(file) };
    let listener = Listener::bind(&config, server.figures(Vec::new())).await.unwrap();
    let port = listener.address().unwrap().port();
    let stop = CancellationToken::new();
    let running = tokio::spawn(listener.run(stop.clone()));
    for refused in ["", "Authorization: Bearer a token of some lengt\r\n", "Authorization: Basic YTpi\r\n"] {
        let answer = ask(port, refused).await;
        assert!(answer.starts_with("HTTP/1.1 401") && !answer.contains("message_center_"), "{answer}");
    }
    let answer = ask(port, "Authorization: Bearer a token of some length\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    assert!(answer.contains("text/plain; version=0.0.4"), "{answer}");
    assert!(answer.contains("message_center_link_state{link=\"simulator\",state=\"up\"} 1"), "{answer}");
    // Whose data it is, nobody learns: there is a workspace, and its name is nowhere.
    assert!(!answer.contains("acme"), "{answer}");
    stop.cancel();
    running.await.unwrap();
}
