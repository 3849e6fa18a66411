//! The doctor from outside: each thing that is wrong is found, with what to do about it.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, sync::Arc};

use app::api::diagnostics::{Finding, Verdict};
use domain::clock::ManualClock;
use server::{
    config::{Config, Overrides},
    doctor::Doctor,
};

const NOW_MS: i64 = 1_795_953_600_000;
const DAY_MS: i64 = 86_400_000;
/// When the certificate of the tests ends.
const END_MS: i64 = 4_950_990_379_000;

/// A port that nobody listens on.
fn closed_port() -> u16 {
    std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

/// What is found in an installation whose file says `toml`.
async fn look(folder: &Path, toml: &str, now_ms: i64) -> Vec<Finding> {
    let file = folder.join("message-center.toml");
    fs::write(&file, toml).unwrap();
    let listen = Some(([127, 0, 0, 1], closed_port()).into());
    let overrides = Overrides { listen, data_dir: Some(folder.join("data")), ..Overrides::default() };
    let config = Config::load(Some(&file), &overrides).unwrap();
    Doctor::outside(config, Arc::new(ManualClock::at(now_ms)), false).look().await
}

fn of<'a>(findings: &'a [Finding], area: &str, what: &str) -> &'a Finding {
    let found = findings.iter().find(|finding| finding.area == area && finding.what.contains(what));
    found.unwrap_or_else(|| panic!("nothing is said of {what} in {area}: {findings:#?}"))
}

#[tokio::test]
async fn a_fresh_installation_has_no_faults() {
    let folder = tempfile::tempdir().unwrap();
    let findings = look(folder.path(), "", NOW_MS).await;
    assert!(findings.iter().all(|finding| finding.verdict < Verdict::Fault), "{findings:#?}");
    assert_eq!(of(&findings, "Data", "Folder").verdict, Verdict::Note);
    for finding in &findings {
        assert!(finding.verdict < Verdict::Warning || finding.advice.is_some(), "no advice: {finding:?}");
    }
}

#[tokio::test]
async fn files_that_others_can_read_are_named_with_the_command_that_closes_them() {
    let folder = tempfile::tempdir().unwrap();
    let keys = folder.path().join("data/keys");
    fs::create_dir_all(&keys).unwrap();
    fs::set_permissions(folder.path().join("data"), fs::Permissions::from_mode(0o700)).unwrap();
    let key = keys.join("master.key");
    fs::write(&key, [7; 32]).unwrap();
    for (mode, verdict) in [(0o644, Verdict::Fault), (0o640, Verdict::Warning)] {
        fs::set_permissions(&key, fs::Permissions::from_mode(mode)).unwrap();
        let findings = look(folder.path(), "", NOW_MS).await;
        let finding = of(&findings, "Secrets", "master.key");
        assert_eq!(finding.verdict, verdict, "{finding:?}");
        assert_eq!(finding.advice.as_deref(), Some(&*format!("chmod go-rwx {}", key.display())));
    }
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    let findings = look(folder.path(), "", NOW_MS).await;
    assert_eq!(of(&findings, "Secrets", "Permissions").verdict, Verdict::Good);
}

#[tokio::test]
async fn carriers_that_cannot_be_reached_and_the_end_of_certificates_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let tls = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/tls");
    let toml = format!(
        "public_url = \"https://localhost\"\ntls_certificate = {:?}\ntls_key = {:?}\n[[links]]\nid = \"carrier\"\n\
         name = \"Carrier\"\nhost = \"127.0.0.1\"\nport = {}\nsystem_id = \"a\"\npassword = \"b\"\n",
        tls.join("first.crt"),
        tls.join("first.key"),
        closed_port(),
    );
    let findings = look(folder.path(), &toml, NOW_MS).await;
    let link = of(&findings, "Links", "Carrier");
    assert_eq!(link.verdict, Verdict::Fault);
    assert!(link.found.contains("refused"), "{link:?}");
    assert_eq!(of(&findings, "Configuration", "Rate of carrier").verdict, Verdict::Note);
    assert_eq!(of(&findings, "Certificates", "web").verdict, Verdict::Good);
    for (now_ms, verdict, said) in [
        (END_MS - 10 * DAY_MS, Verdict::Warning, "ends in 10 days"),
        (END_MS - 29 * DAY_MS, Verdict::Warning, "ends in 29 days"),
        (END_MS - 6 * DAY_MS, Verdict::Fault, "within a week"),
        (END_MS + 3 * DAY_MS, Verdict::Fault, "ended 3 days ago"),
    ] {
        let findings = look(folder.path(), &toml, now_ms).await;
        let certificate = of(&findings, "Certificates", "web");
        assert_eq!(certificate.verdict, verdict, "{certificate:?}");
        assert!(certificate.found.contains(said), "{certificate:?}");
    }
    let mixed = toml.replace("first.key", "second.key");
    let findings = look(folder.path(), &mixed, NOW_MS).await;
    assert!(of(&findings, "Certificates", "web").found.contains("cannot be used together"));
}

#[tokio::test]
async fn audit_events_that_wait_and_a_clock_that_was_set_back_are_found() {
    let folder = tempfile::tempdir().unwrap();
    let audit = folder.path().join("data/audit");
    fs::create_dir_all(&audit).unwrap();
    fs::write(audit.join("fallback.jsonl"), "{}\n{}\n").unwrap();
    let line = format!(
        "{{\"statement\":{{\"at_ms\":{},\"previous\":\"\",\"heads\":[]}},\"signature\":\"x\"}}\n",
        NOW_MS + DAY_MS
    );
    fs::write(audit.join("checkpoints.jsonl"), line).unwrap();
    let findings = look(folder.path(), "", NOW_MS).await;
    let waiting = of(&findings, "Audit log", "File for when");
    assert_eq!(waiting.verdict, Verdict::Warning);
    assert!(waiting.found.starts_with("2 events wait in it"), "{waiting:?}");
    let checkpoints = of(&findings, "Audit log", "Checkpoints");
    assert_eq!(checkpoints.verdict, Verdict::Fault);
    assert!(checkpoints.found.contains("in the future"), "{checkpoints:?}");
    assert_eq!(of(&look(folder.path(), "", 0).await, "Machine", "Clock").verdict, Verdict::Fault);
}

#[tokio::test]
async fn grafana_that_does_not_answer_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let port = closed_port();
    let toml = format!(
        "public_url = \"http://localhost:3000\"\n[grafana]\nurl = \"http://127.0.0.1:{port}\"\nlisten = \"127.0.0.1:0\"\n\
         public_url = \"http://localhost:3002\"\n"
    );
    let findings = look(folder.path(), &toml, NOW_MS).await;
    let finding = of(&findings, "Grafana", "Grafana");
    assert_eq!(finding.verdict, Verdict::Warning, "{finding:?}");
    assert!(finding.found.contains(&format!("127.0.0.1:{port}")), "{finding:?}");
    assert_eq!(of(&findings, "Grafana", "Origin").verdict, Verdict::Note);
    let without = look(folder.path(), "", NOW_MS).await;
    assert!(without.iter().all(|finding| finding.area != "Grafana"), "nobody is told of what they do not use");
}
