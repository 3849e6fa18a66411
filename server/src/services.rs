//! What stands behind the web server: the store, the links, the engine.

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use app::api::{
    context::Services,
    monitoring::{grafana::Dashboards, history::Monitor},
};
use domain::clock::Clock;
use engine::{
    Engine, EngineConfig,
    exports::Exports,
    intake::Intake,
    links::{FileLinks, LinkDesk, LinkRefusal},
    tendlc::{Registrations, TenDlcConfig},
};
use smpp::simulator::{Simulator, SimulatorConfig};
use sms_core::{
    ChannelId, Core, LinkSettings,
    remote::{RemoteCore, RemoteError, RemoteSettings},
};
use store::{Gate, StoreConfig};
use tokio::net::TcpListener;
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    audit,
    clock::SystemClock,
    commands::simulator::control,
    config::{Config, ConfigError, MailConfig},
    doctor::Doctor,
    grafana::Grafana,
    mail::{Job, Mailer},
    metrics::{Certificate, ListenError, Listener, Source, sample},
    removal, upkeep,
    webhooks::{self, Poster},
};

/// Why the installation cannot be brought up.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the data folder {} cannot be made", folder.display())]
    Folder { folder: PathBuf, source: std::io::Error },
    #[error("the data cannot be opened")]
    Store(#[from] store::Error),
    #[error("the links cannot be used")]
    Links(#[from] LinkRefusal),
    #[error("an SMS Core cannot be used as configured")]
    Core(#[from] RemoteError),
    #[error("the simulator cannot listen on this machine")]
    Simulator(#[source] std::io::Error),
    #[error("a mail server, a registry or Grafana cannot be used as configured")]
    Config(#[from] ConfigError),
    #[error("the engine cannot be started")]
    Engine(#[source] store::Error),
    #[error(transparent)]
    Metrics(#[from] ListenError),
}

/// Opens the store of an installation: what every command needs.
pub async fn open_store(config: &Config) -> Result<store::Opened, StartError> {
    make_private(&config.data_dir).map_err(|source| StartError::Folder { folder: config.data_dir.clone(), source })?;
    let engine = store::Engine::disk(config.data_dir.join("db"));
    let sends_mail = config.mail.is_some();
    let (audit, accounts) = (config.audit.to_config(&config.data_dir), config.identity.clone());
    let keys = config.data_dir.join("keys");
    let settings = StoreConfig { audit, sends_mail, settings: accounts, ..StoreConfig::new(engine, keys) };
    Ok(store::open(settings, Arc::new(SystemClock)).await?)
}

/// A data folder that is made is for its owner alone; one that is there keeps its permissions.
fn make_private(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)
}

/// Everything that runs beside the web server.
#[derive(Debug)]
pub struct Running {
    pub services: Services,
    grafana: Option<Arc<Grafana>>,
    cores: Vec<Arc<RemoteCore>>,
    engine: Engine,
    intake: Intake,
    exports: Exports,
    mail: Job,
    webhooks: webhooks::Job,
    simulator: TaskTracker,
    simulator_stop: CancellationToken,
    jobs: TaskTracker,
    jobs_stop: CancellationToken,
    audit: TaskTracker,
    audit_stop: CancellationToken,
}

impl Running {
    pub async fn start(config: &Config) -> Result<Self, StartError> {
        let opened = open_store(config).await?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let simulator = TaskTracker::new();
        let simulator_stop = CancellationToken::new();
        let trial = if config.links.is_empty() && config.cores.is_empty() {
            vec![start_simulator(&simulator, simulator_stop.clone(), config.simulator_control).await?]
        } else {
            Vec::new()
        };
        let installation = opened.system.installation();
        let start = |settings: &RemoteSettings| RemoteCore::start(settings.clone(), installation, &clock).map(Arc::new);
        let cores = config.cores.iter().map(start).collect::<Result<Vec<_>, _>>()?;
        let others: Vec<Arc<dyn Core>> = cores.iter().map(|core| Arc::clone(core) as Arc<dyn Core>).collect();
        let file = FileLinks { links: config.links.clone(), pools: config.pools.clone(), trial };
        let links = LinkDesk::open(opened.system.clone(), file, others, &clock).await?;
        let mailer = config.mail.as_ref().map(|mail| Mailer::new(mail, &config.public_url)).transpose()?;
        let mail = Job::start(opened.system.clone(), mailer);
        let webhooks = webhooks::Job::start(opened.system.clone(), Poster::new(config.webhooks_to_private));
        let (registry, settings) = match &config.registry {
            Some(registry) => {
                let (client, settings) = registry.open(&config.public_url)?;
                (Some(client), settings)
            }
            None => (None, TenDlcConfig::default()),
        };
        let tiers = settings.tiers.clone();
        let registrations = Registrations::new(opened.system.clone(), registry, settings);
        let intake = Intake::start(opened.system.clone(), &config.data_dir).await?;
        let exports = Exports::start(opened.system.clone(), &config.data_dir, config.export_days).await?;
        let (jobs, jobs_stop) = (TaskTracker::new(), CancellationToken::new());
        jobs.spawn(removal::run(opened.system.clone(), intake.clone(), exports.clone(), jobs_stop.clone()));
        jobs.spawn(engine::retention::run(opened.system.clone(), exports.clone(), jobs_stop.clone()));
        jobs.spawn(registrations.clone().run(jobs_stop.clone()));
        jobs.spawn(upkeep::run(opened.system.clone(), jobs_stop.clone()));
        jobs.spawn(links.clone().run(jobs_stop.clone()));
        let (audit, audit_stop) = (TaskTracker::new(), CancellationToken::new());
        audit.spawn(audit::run(opened.system.audit_keeper()?, audit_stop.clone()));
        let settings = EngineConfig {
            inbound: config.inbound.to_config(),
            tiers,
            scratch: config.data_dir.clone(),
            ..config.engine.to_config()
        };
        let engine = Engine::start(settings, opened.system.clone(), links.core(), Arc::clone(&clock))
            .map_err(StartError::Engine)?;
        let source = Source::Center {
            engine: engine.handle(),
            door: opened.system.clone(),
            links: links.clone(),
            data_dir: config.data_dir.clone(),
            certificates: Certificate::all(config),
        };
        let door = opened.system;
        let monitor = Monitor::default();
        jobs.spawn(sample(source.clone(), monitor.clone(), Arc::clone(&clock), jobs_stop.clone()));
        let grafana = match &config.grafana {
            Some(grafana) => Some(Arc::new(Grafana::new(grafana, config, opened.gate.clone(), Arc::clone(&clock))?)),
            None => None,
        };
        let doctor = Doctor::within(config.clone(), clock, door, engine.handle(), links.clone(), cores.clone());
        if let Some(metrics) = &config.metrics {
            jobs.spawn(Listener::bind(metrics, source).await?.run(jobs_stop.clone()));
        }
        let services = Services {
            gate: opened.gate,
            engine: engine.handle(),
            links: links.clone(),
            intake: intake.clone(),
            exports: exports.clone(),
            registrations,
            upload_max_bytes: config.upload_max_mib << 20,
            api_upload_max_bytes: config.api_upload_max_mib << 20,
            insecure_http: config.insecure_http,
            public_url: config.public_url.clone(),
            mail: config.mail.as_ref().map(MailConfig::summary),
            monitor,
            grafana: grafana.clone().map(|grafana| grafana as Arc<dyn Dashboards>),
            examiner: Arc::new(doctor),
        };
        Ok(Self {
            services,
            grafana,
            cores,
            engine,
            intake,
            exports,
            mail,
            webhooks,
            simulator,
            simulator_stop,
            jobs,
            jobs_stop,
            audit,
            audit_stop,
        })
    }

    /// The links of this process, to be changed while they run.
    pub fn links(&self) -> LinkDesk {
        self.services.links.clone()
    }

    /// The SMS Cores in other processes.
    pub fn cores(&self) -> Vec<Arc<RemoteCore>> {
        self.cores.clone()
    }

    /// The proxy in front of Grafana, if there is one.
    pub fn grafana(&self) -> Option<Arc<Grafana>> {
        self.grafana.clone()
    }

    pub fn gate(&self) -> &Gate {
        &self.services.gate
    }

    /// In order: no new claims, what is on the wire is answered and written, then the links unbind.
    pub async fn stop(self, grace: Duration) {
        self.jobs_stop.cancel();
        self.jobs.close();
        self.jobs.wait().await;
        self.intake.shutdown().await;
        self.exports.shutdown().await;
        self.mail.stop(grace).await;
        self.engine.shutdown(grace).await;
        self.webhooks.stop(grace).await;
        self.simulator_stop.cancel();
        self.simulator.close();
        self.simulator.wait().await;
        // Last: what the others recorded at their end is stated too.
        self.audit_stop.cancel();
        self.audit.close();
        self.audit.wait().await;
    }
}

/// The default link: an SMSC of our own on the loopback interface, so that the main job works before a carrier is
/// configured. `control`: where the page is served that tells it how to behave.
pub(crate) async fn start_simulator(
    tasks: &TaskTracker,
    stop: CancellationToken,
    control: Option<SocketAddr>,
) -> Result<LinkSettings, StartError> {
    let mut settings = SimulatorConfig::loopback();
    settings.address = (Ipv4Addr::LOCALHOST, 0).into();
    let simulator = Simulator::bind(settings).await.map_err(StartError::Simulator)?;
    let port = simulator.address().port();
    if let Some(address) = control {
        let listener = TcpListener::bind(address).await.map_err(StartError::Simulator)?;
        tracing::info!(%address, "the simulator is told at its control page how to behave");
        let served = axum::serve(listener, control::router(simulator.control()));
        let stopped = stop.clone();
        tasks.spawn(async move {
            tokio::select! {
                served = served => drop(served),
                () = stopped.cancelled() => {}
            }
        });
    }
    tasks.spawn(simulator.run(async move { stop.cancelled().await }));
    let id =
        ChannelId::parse("simulator").map_err(|_| StartError::Simulator(std::io::ErrorKind::InvalidInput.into()))?;
    Ok(LinkSettings::simulator(id, port))
}
