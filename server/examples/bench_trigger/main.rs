//! `./x bench trigger`: single numbers over HTTP for a Trigger campaign, each with its API key checked and an
//! Idempotency-Key of its own, while a bulk campaign goes on over the same link. Server, engine and links are in this
//! process, journal and blocks on disk; the SMSC has a thread of its own, and so have the programs that ask.
//!
//! `--seconds N` (60), `--rate N` requests per second (1,000), `--bulk N` segments per second of the bulk campaign (5,000),
//! `--connections N` that are kept alive (64). One JSON object per line; exits 1 when a number that was accepted is not at
//! the SMSC exactly once.

mod client;
#[path = "../../../crates/engine/examples/support/clock.rs"]
mod clock;
#[path = "../../../crates/engine/examples/support/installation.rs"]
mod installation;
mod prepare;
mod smsc;

use std::{net::SocketAddr, path::Path, process::ExitCode, sync::Arc, time::Duration};

use app::api::{context::Services, monitoring::history::Monitor};
use domain::clock::Clock;
use engine::{
    Engine, EngineConfig,
    exports::Exports,
    intake::Intake,
    links::{FileLinks, LinkDesk},
    tendlc::{Registrations, TenDlcConfig},
};
use server::{
    config::{Config, Overrides},
    doctor::Doctor,
    health::Readiness,
    router,
    state::AppState,
};
use sms_core::{ChannelId, LinkSettings};
use store::StoreConfig;
use tokio_util::sync::CancellationToken;

use crate::{
    client::{Asked, Load},
    clock::MachineClock,
    installation::CHANNEL,
    smsc::Smsc,
};

type Failure = Box<dyn std::error::Error + Send + Sync>;

/// After the last request: what was accepted is on the wire by then.
const LAST: Duration = Duration::from_secs(5);

struct Options {
    seconds: u32,
    rate: u32,
    bulk: u32,
    connections: usize,
}

fn main() -> ExitCode {
    let given = |name: &str, default: u32| {
        let given = std::env::args().skip_while(|argument| argument != name).nth(1);
        given.and_then(|text| text.parse().ok()).unwrap_or(default)
    };
    let options = Options {
        seconds: given("--seconds", 60),
        rate: given("--rate", 1_000),
        bulk: given("--bulk", 5_000),
        connections: given("--connections", 64) as usize,
    };
    match measure(&options) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("bench trigger: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn measure(options: &Options) -> Result<(), Failure> {
    let dir = tempfile::tempdir()?;
    let smsc = Smsc::start(&dir.path().join("smsc.log"))?;
    // As the server itself runs.
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .thread_stack_size(8 << 20)
        .enable_all()
        .build()?;
    let (asked, span) = runtime.block_on(run(dir.path(), options, &smsc))?;
    report(options, &asked, &smsc, span)
}

async fn run(dir: &Path, options: &Options, smsc: &Smsc) -> Result<(Vec<Asked>, Duration), Failure> {
    let clock: Arc<dyn Clock> = Arc::new(MachineClock);
    let config = StoreConfig::new(store::Engine::disk(dir.join("db")), dir.join("keys"));
    let opened = store::open(config, Arc::clone(&clock)).await?;
    let recipients = options.bulk.saturating_mul(options.seconds + 30);
    let prepared = Box::pin(prepare::make(&opened, recipients)).await?;

    let link = LinkSettings {
        // Both of them, and something over.
        rate_segments_per_s: Some(f64::from(options.bulk + options.rate) * 1.05),
        ..LinkSettings::simulator(ChannelId::parse(CHANNEL)?, smsc.port)
    };
    let file = FileLinks { links: vec![link], ..FileLinks::default() };
    let links = LinkDesk::open(opened.system.clone(), file, Vec::new(), &clock).await?;
    let intake = Intake::start(opened.system.clone(), dir).await?;
    let engine = Engine::start(EngineConfig::standard(), opened.system.clone(), links.core(), Arc::clone(&clock))?;
    let config = Config::load(None, &Overrides { data_dir: Some(dir.to_owned()), ..Overrides::default() })?;
    let doctor =
        Doctor::within(config.clone(), clock, opened.system.clone(), engine.handle(), links.clone(), Vec::new());
    let services = Services {
        gate: opened.gate.clone(),
        engine: engine.handle(),
        links,
        intake,
        exports: Exports::start(opened.system.clone(), dir, config.export_days).await?,
        registrations: Registrations::new(opened.system.clone(), None, TenDlcConfig::default()),
        upload_max_bytes: config.upload_max_mib << 20,
        api_upload_max_bytes: config.api_upload_max_mib << 20,
        insecure_http: false,
        public_url: config.public_url.clone(),
        mail: None,
        monitor: Monitor::default(),
        examiner: Arc::new(doctor),
        grafana: None,
    };
    let readiness = Readiness::default();
    readiness.set(true);
    let router = router::build(&config, AppState::new(services, readiness, CancellationToken::new()));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        let service = router.into_make_service_with_connect_info::<SocketAddr>();
        if let Err(cause) = axum::serve(listener, service).await {
            eprintln!("bench trigger: the server ended: {cause}");
        }
    });
    prepared.until_sending(&opened).await?;
    smsc.until_bulk(options.bulk).await?;

    let load = Load {
        address,
        path: format!("/api/v1/campaigns/{}/numbers", prepared.trigger),
        secret: prepared.secret.reveal().to_owned(),
        requests: options.rate * options.seconds,
        rate: options.rate,
        connections: options.connections,
    };
    let bulk_before = smsc.bulk();
    let begun = std::time::Instant::now();
    let asked = tokio::task::spawn_blocking(move || load.run()).await??;
    let span = begun.elapsed();
    let bulk = smsc.bulk() - bulk_before;
    line("bulk_per_s", bulk as f64 / span.as_secs_f64(), "1/s", Some(f64::from(options.bulk)), false);
    tokio::time::sleep(LAST).await;
    engine.shutdown(Duration::from_secs(30)).await;
    Ok((asked, span))
}

fn report(options: &Options, asked: &[Asked], smsc: &Smsc, span: Duration) -> Result<(), Failure> {
    let arrived = smsc.arrived();
    let (mut from_answer, mut from_due) = (Vec::new(), Vec::new());
    let (mut accepted, mut lost, mut doubled) = (0_u32, 0_u32, 0_u32);
    for (number, asked) in (0..).zip(asked) {
        let at = arrived.get(&number).map(Vec::as_slice).unwrap_or_default();
        doubled += u32::from(at.len() > 1);
        let Some(answered) = asked.accepted else { continue };
        accepted += 1;
        let Some(&at) = at.first() else {
            lost += 1;
            continue;
        };
        from_answer.push(at.saturating_duration_since(answered).as_secs_f64() * 1e3);
        from_due.push(at.saturating_duration_since(asked.due).as_secs_f64() * 1e3);
    }
    let refused = asked.len() as u32 - accepted;
    line("requests_per_s", f64::from(accepted) / span.as_secs_f64(), "1/s", Some(f64::from(options.rate)), false);
    line("p50_ms", percentile(&mut from_answer, 0.50), "ms", None, true);
    line("p99_ms", percentile(&mut from_answer, 0.99), "ms", Some(50.0), true);
    line("due_to_wire_p50_ms", percentile(&mut from_due, 0.50), "ms", None, true);
    line("due_to_wire_p99_ms", percentile(&mut from_due, 0.99), "ms", Some(50.0), true);
    line("accepted", f64::from(accepted), "numbers", None, false);
    line("not_accepted", f64::from(refused), "requests", None, true);
    line("lost", f64::from(lost), "numbers", Some(0.0), true);
    line("duplicates", f64::from(doubled), "numbers", Some(0.0), true);
    if lost + doubled > 0 {
        return Err(format!("{lost} accepted numbers are not at the SMSC, {doubled} more than once").into());
    }
    if accepted == 0 { Err("no number was accepted".into()) } else { Ok(()) }
}

/// Sorts; nothing has no percentile.
fn percentile(values: &mut [f64], part: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    let last = values.len().saturating_sub(1);
    values.get((last as f64 * part).round() as usize).copied().unwrap_or(f64::NAN)
}

fn line(metric: &str, value: f64, unit: &str, anchor: Option<f64>, less_is_better: bool) {
    let or_null = |value: Option<f64>| match value.filter(|value| value.is_finite()) {
        Some(value) => format!("{value:.2}"),
        None => "null".to_owned(),
    };
    let ratio = anchor.map(|anchor| if less_is_better { anchor / value } else { value / anchor });
    println!(
        r#"{{"bench":"trigger","metric":"{metric}","value":{},"unit":"{unit}","anchor":"design","anchor_value":{},"ratio":{}}}"#,
        or_null(Some(value)),
        or_null(anchor),
        or_null(ratio)
    );
}
