//! `message-center core`: the links to carriers as a process of its own, for one Message Center.
//!
//! It keeps nothing: killed at any moment, it leaves to Message Center what is uncertain. SIGHUP reads the file and the
//! certificates again; certificates are also looked at every few seconds.

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

use domain::clock::Clock;
use figment::{
    Figment,
    providers::{Format, Toml},
};
use serde::Deserialize;
use sms_core::{
    Core, CoreSettings, InProcessCore, LinkSettings, SettingsError,
    remote::{CoreServer, IdentityFiles, ServeError, ServerControl, ServerSettings},
};
use tokio::signal::unix::{SignalKind, signal};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use app::api::diagnostics::Finding;

use crate::{
    cli::CliError,
    clock::SystemClock,
    config::{ConfigError, LogFormat, MetricsConfig},
    doctor, logging,
    metrics::{Certificate, ListenError, Listener, Source},
    services::{StartError, start_simulator},
};

/// The file of an SMS Core.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct CoreFile {
    /// Where Message Center reaches it.
    listen: SocketAddr,
    ca: PathBuf,
    certificate: PathBuf,
    key: PathBuf,
    /// Lists of certificates that the authorities of Message Center have revoked.
    #[serde(default)]
    crl: Option<PathBuf>,
    /// Names in the certificates of those who are let in.
    allow: Vec<String>,
    /// A connection is replaced after so many seconds.
    #[serde(default = "CoreFile::default_connection_age_s")]
    connection_age_s: u64,
    #[serde(default = "CoreFile::default_log_format")]
    log_format: LogFormat,
    #[serde(default = "CoreFile::default_log_filter")]
    log_filter: String,
    /// What is on the wire gets so many seconds once it is told to stop.
    #[serde(default = "CoreFile::default_drain_s")]
    drain_s: u64,
    /// None: the simulator, and no real message leaves.
    #[serde(default)]
    links: Vec<LinkSettings>,
    /// Where figures for Prometheus are served. None: nowhere.
    #[serde(default)]
    metrics: Option<MetricsConfig>,
}

/// Why an SMS Core cannot run.
#[derive(Debug, thiserror::Error)]
pub enum CoreError {
    #[error("an SMS Core needs --config with its file: see docs/configuration.md")]
    NoFile,
    #[error("{} cannot be used: {source}", file.display())]
    File { file: PathBuf, source: Box<figment::Error> },
    #[error("allow has to name those who are let in, such as \"urn:message-center:center\"")]
    NobodyAllowed,
    #[error("connection_age_s has to be 10 to 86,400 seconds")]
    ConnectionAge,
    #[error(transparent)]
    Links(#[from] SettingsError),
    #[error(transparent)]
    Serve(#[from] ServeError),
    #[error(transparent)]
    Simulator(#[from] StartError),
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Metrics(#[from] ListenError),
    #[error("cannot wait for signals")]
    Signals(#[source] std::io::Error),
}

impl CoreFile {
    /// Those whose end is watched.
    fn certificates(&self) -> Vec<Certificate> {
        let own = [Certificate::new("core", &self.certificate), Certificate::new("authority of core", &self.ca)];
        let list = self.crl.as_deref().map(|file| Certificate::list("core", file));
        Certificate::of_links(&self.links).into_iter().chain(own).chain(list).collect()
    }

    const fn default_connection_age_s() -> u64 {
        300
    }

    const fn default_log_format() -> LogFormat {
        LogFormat::Text
    }

    fn default_log_filter() -> String {
        "info".to_owned()
    }

    const fn default_drain_s() -> u64 {
        10
    }

    /// Everything but the links is right; those are looked at when they are set up.
    fn load(file: &Path) -> Result<Self, CoreError> {
        let failed = |source| CoreError::File { file: file.to_owned(), source: Box::new(source) };
        let read: Self = Figment::from(Toml::file_exact(file)).extract().map_err(failed)?;
        if read.allow.is_empty() {
            return Err(CoreError::NobodyAllowed);
        }
        if !(10..=86_400).contains(&read.connection_age_s) {
            return Err(CoreError::ConnectionAge);
        }
        if let Some(metrics) = &read.metrics {
            metrics.check()?;
        }
        Ok(read)
    }
}

pub async fn run(file: Option<&Path>) -> Result<(), CliError> {
    let file = file.ok_or(CoreError::NoFile)?;
    Ok(serve(file).await?)
}

/// Whether everything is in order with the file of an SMS Core, from outside: nothing is bound and nothing connected.
pub fn examine(file: Option<&Path>) -> Result<Vec<Finding>, CliError> {
    let file = file.ok_or(CoreError::NoFile)?;
    let settings = CoreFile::load(file)?;
    let identity = IdentityFiles {
        ca: settings.ca.clone(),
        certificate: settings.certificate.clone(),
        key: settings.key.clone(),
        crl: settings.crl.clone(),
    };
    let flaws = settings.links.iter().flat_map(|link| link.flaws()).map(|flaw| flaw.to_string());
    let flaws = flaws.chain(identity.check(&settings.allow).err().map(|flaw| flaw.to_string())).collect();
    Ok(doctor::of_core(SystemClock.now_ms() / 1_000, flaws, &settings.certificates()))
}

/// Runs until SIGTERM or SIGINT.
async fn serve(file: &Path) -> Result<(), CoreError> {
    let settings = CoreFile::load(file)?;
    logging::start_with(settings.log_format, &settings.log_filter);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (simulator, simulator_stop) = (TaskTracker::new(), CancellationToken::new());
    let trial = if settings.links.is_empty() {
        vec![start_simulator(&simulator, simulator_stop.clone(), None).await?]
    } else {
        Vec::new()
    };
    let certificates = settings.certificates();
    let links = if settings.links.is_empty() { trial.clone() } else { settings.links };
    let core = Arc::new(InProcessCore::start(CoreSettings { links }, &clock)?);
    let server = CoreServer::bind(
        ServerSettings {
            listen: settings.listen,
            identity: IdentityFiles {
                ca: settings.ca,
                certificate: settings.certificate,
                key: settings.key,
                crl: settings.crl,
            },
            allow: settings.allow,
            connection_age: Duration::from_secs(settings.connection_age_s),
            watch: Duration::from_secs(2),
        },
        Arc::clone(&core) as Arc<dyn Core>,
    )
    .await?;
    println!("SMS Core is at https://{}", server.address());
    let stop = CancellationToken::new();
    if let Some(metrics) = &settings.metrics {
        let source = Source::Core { core: Arc::clone(&core) as Arc<dyn Core>, certificates };
        tokio::spawn(Listener::bind(metrics, source).await?.run(stop.clone()));
    }
    let control = server.control();
    let serving = tokio::spawn(server.run(stop.clone()));
    let mut hang_up = signal(SignalKind::hangup()).map_err(CoreError::Signals)?;
    let mut terminate = signal(SignalKind::terminate()).map_err(CoreError::Signals)?;
    let mut interrupt = signal(SignalKind::interrupt()).map_err(CoreError::Signals)?;
    loop {
        tokio::select! {
            _ = hang_up.recv() => reload(file, &core, &control, &trial),
            _ = terminate.recv() => break,
            _ = interrupt.recv() => break,
        }
    }
    tracing::info!("stopping");
    // First the links: what is answered meanwhile still gets to Message Center.
    core.shutdown(Duration::from_secs(settings.drain_s)).await;
    stop.cancel();
    let _ = serving.await;
    simulator_stop.cancel();
    simulator.close();
    simulator.wait().await;
    Ok(())
}

/// Takes what has changed. A file that cannot be read changes nothing, and links that cannot be used leave the links as
/// they were.
fn reload(file: &Path, core: &InProcessCore, control: &ServerControl, trial: &[LinkSettings]) {
    control.reload();
    let settings = match CoreFile::load(file) {
        Ok(settings) => settings,
        Err(cause) => {
            tracing::error!(%cause, "the file is not taken; everything stays as it was");
            return;
        }
    };
    // Whoever is taken off the list is out, whatever is wrong with the links.
    control.allow(settings.allow);
    let links = if settings.links.is_empty() { trial.to_vec() } else { settings.links };
    if let Err(cause) = core.configure(CoreSettings { links }) {
        tracing::error!(%cause, "the links stay as they were");
        return;
    }
    tracing::info!("the file was read again");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_in_the_file_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("core.toml");
        let load = |toml: &str| {
            std::fs::write(&file, toml).unwrap();
            CoreFile::load(&file).map(|read| read.listen).map_err(|error| error.to_string())
        };
        let base = "listen = \"127.0.0.1:7443\"\nca = \"a\"\ncertificate = \"b\"\nkey = \"c\"\n";
        assert!(load(base).unwrap_err().contains("allow"));
        assert!(load(&format!("{base}allow = []")).unwrap_err().contains("allow"));
        assert!(load(&format!("{base}allow = [\"x\"]\nlinsk = 1")).unwrap_err().contains("linsk"));
        assert!(load(&format!("{base}allow = [\"x\"]")).is_ok());
    }

    /// Who is taken off the list is out, whatever else is wrong with the file or the certificates.
    #[tokio::test]
    async fn names_are_taken_from_a_file_whose_links_and_key_are_broken() {
        let folder = tempfile::tempdir().unwrap();
        let issued = sms_core::remote::issue(&folder.path().join("certs"), &["localhost".to_owned()]).unwrap();
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let core = Arc::new(InProcessCore::start(CoreSettings { links: Vec::new() }, &clock).unwrap());
        let (certificate, key) = issued.core.clone();
        let settings = ServerSettings {
            listen: ([127, 0, 0, 1], 0).into(),
            identity: IdentityFiles { ca: issued.ca.clone(), certificate, key: key.clone(), crl: None },
            allow: vec!["stolen".to_owned()],
            connection_age: Duration::from_secs(300),
            watch: Duration::from_secs(300),
        };
        let server = CoreServer::bind(settings, Arc::clone(&core) as Arc<dyn Core>).await.unwrap();
        let control = server.control();
        std::fs::write(key, "half a file").unwrap();
        let file = folder.path().join("core.toml");
        let link =
            "[[links]]\nid = \"a\"\nname = \"\"\nhost = \"localhost\"\nport = 1\nsystem_id = \"x\"\npassword = \"\"\n";
        let base = "listen = \"127.0.0.1:7443\"\nca = \"a\"\ncertificate = \"b\"\nkey = \"c\"\n";
        std::fs::write(&file, format!("{base}allow = [\"another\"]\n{link}")).unwrap();
        reload(&file, &core, &control, &[]);
        assert_eq!((control.allowed(), core.links().len()), (vec!["another".to_owned()], 0));
        std::fs::write(&file, "allow = [").unwrap();
        reload(&file, &core, &control, &[]);
        assert_eq!(control.allowed(), ["another"]);
    }
}
