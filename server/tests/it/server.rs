//! An installation without anybody in it: store, engine and router.

use std::{future::pending, path::Path, sync::Arc, time::Duration};

use app::api::context::{COOKIE_SECURE, Services};
use axum::Router;
use domain::{
    clock::{Clock, ManualClock},
    tendlc::PartnerId,
};
use engine::{
    Engine, EngineConfig, LinkState,
    exports::Exports,
    intake::Intake,
    links::{FileLinks, LinkDesk},
    tendlc::{Registrations, TenDlcConfig, Webhooks},
};
use server::{
    config::{Config, Overrides},
    doctor::Doctor,
    health::Readiness,
    metrics::{Certificate, Source},
    router,
    state::AppState,
};
use smpp::simulator::{Simulator, SimulatorConfig};
use sms_core::{ChannelId, LinkSettings};
use store::{Gate, StoreConfig, SystemDoor};
use tcr::{Client, ClientConfig, Secret, simulator as registry};
use tokio_util::sync::CancellationToken;

/// Where the registry's webhooks come.
pub const WEBHOOK: &str = "http://127.0.0.1:3000/api/v1/messaging/webhook";

/// The only channel.
pub const CHANNEL: &str = "simulator";
const START_MS: i64 = 1_790_000_000_000;
/// Nothing takes this long unless it hangs.
pub const PATIENCE: Duration = Duration::from_secs(60);

pub struct Server {
    pub gate: Gate,
    pub system: SystemDoor,
    pub intake: Intake,
    pub exports: Exports,
    pub router: Router,
    pub clock: Arc<ManualClock>,
    pub registrations: Registrations,
    /// What the simulated registry does.
    pub registry: registry::Control,
    engine: Engine,
    links: LinkDesk,
    dir: tempfile::TempDir,
}

impl Server {
    pub async fn start() -> Self {
        let dir = tempfile::tempdir().unwrap();
        let hand = Arc::new(ManualClock::at(START_MS));
        let clock: Arc<dyn Clock> = hand.clone();
        let open = |keys: &str| {
            let settings = StoreConfig::new(store::Engine::Memory, dir.path().join(keys));
            store::open(StoreConfig { sends_mail: true, ..settings }, Arc::clone(&clock))
        };
        let opened = open("keys").await.unwrap();
        // The engine works on a database of its own, which is empty: a campaign stays in the status that a test gave it.
        let elsewhere = open("engine-keys").await.unwrap();
        let links = LinkDesk::open(opened.system.clone(), simulated().await, Vec::new(), &clock).await.unwrap();
        let engine =
            Engine::start(EngineConfig::standard(), elsewhere.system, links.core(), Arc::clone(&clock)).unwrap();
        let intake = Intake::start(opened.system.clone(), dir.path()).await.unwrap();
        let exports = Exports::start(opened.system.clone(), dir.path(), 7).await.unwrap();
        let config =
            Config::load(None, &Overrides { data_dir: Some(dir.path().to_owned()), ..Overrides::default() }).unwrap();
        let desk = links.clone();
        let doctor = Doctor::within(
            config.clone(),
            hand.clone(),
            opened.system.clone(),
            engine.handle(),
            links.clone(),
            Vec::new(),
        );
        let (registrations, registry) = registered(&opened.system, &clock).await;
        let services = Services {
            gate: opened.gate.clone(),
            engine: engine.handle(),
            links,
            intake: intake.clone(),
            exports: exports.clone(),
            registrations: registrations.clone(),
            upload_max_bytes: config.upload_max_mib << 20,
            api_upload_max_bytes: config.api_upload_max_mib << 20,
            insecure_http: false,
            public_url: config.public_url.clone(),
            mail: None,
            monitor: Default::default(),
            grafana: None,
            examiner: Arc::new(doctor),
        };
        until_up(&engine).await;
        let readiness = Readiness::default();
        readiness.set(true);
        let router = router::build(&config, AppState::new(services, readiness, CancellationToken::new()));
        Self {
            gate: opened.gate,
            system: opened.system,
            intake,
            exports,
            router,
            clock: hand,
            registrations,
            registry,
            engine,
            links: desk,
            dir,
        }
    }

    pub fn data_dir(&self) -> &Path {
        self.dir.path()
    }

    /// Where its figures come from.
    pub fn figures(&self, certificates: Vec<Certificate>) -> Source {
        let data_dir = self.dir.path().to_owned();
        Source::Center {
            engine: self.engine.handle(),
            door: self.system.clone(),
            links: self.links.clone(),
            data_dir,
            certificates,
        }
    }

    /// The cookie with which a browser presents a session.
    pub fn cookie(token: &str) -> String {
        format!("{COOKIE_SECURE}={token}")
    }
}

async fn simulated() -> FileLinks {
    let simulator = Simulator::bind(SimulatorConfig::loopback()).await.unwrap();
    let link = LinkSettings::simulator(ChannelId::parse(CHANNEL).unwrap(), simulator.address().port());
    tokio::spawn(simulator.run(pending()));
    FileLinks { trial: vec![link], ..FileLinks::default() }
}

pub fn registry_secret() -> Secret {
    Secret::new("s3cret")
}

/// A simulated registry, and what speaks with it.
async fn registered(system: &SystemDoor, clock: &Arc<dyn Clock>) -> (Registrations, registry::Control) {
    let config = registry::SimulatorConfig::loopback(Secret::new("key"), registry_secret());
    let simulator = registry::Simulator::bind_with(config, Arc::clone(clock)).await.unwrap();
    let (base_url, control) = (simulator.base_url(), simulator.control());
    tokio::spawn(simulator.run(pending()));
    let client = ClientConfig {
        first_pause: Duration::from_millis(1),
        reads_per_s: 100_000,
        writes_per_10_s: 1_000_000,
        attempts: 3,
        ..ClientConfig::new(base_url, Secret::new("key"), registry_secret())
    };
    let webhooks = Webhooks { url: WEBHOOK.into(), secret: registry_secret(), subscribe: true };
    let partner = Some(PartnerId::parse("SABC123").unwrap());
    let config = TenDlcConfig { partner, webhooks: Some(webhooks), ..TenDlcConfig::default() };
    (Registrations::new(system.clone(), Some(Arc::new(Client::new(client).unwrap())), config), control)
}

async fn until_up(engine: &Engine) {
    let begun = std::time::Instant::now();
    while engine.handle().links().iter().any(|link| link.state != LinkState::Up) {
        assert!(begun.elapsed() < PATIENCE, "the link to the simulator does not come up");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}
