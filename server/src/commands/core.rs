//! `message-center core`: the links to carriers as a process of its own, for one Message Center or several.
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

use crate::{
    cli::CliError,
    clock::SystemClock,
    config::{ConfigError, LogFormat, MetricsConfig},
    logging,
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

    fn load(file: &Path) -> Result<Self, CoreError> {
        let failed = |source| CoreError::File { file: file.to_owned(), source: Box::new(source) };
        let read: Self = Figment::from(Toml::file_exact(file)).extract().map_err(failed)?;
        if read.allow.is_empty() {
            return Err(CoreError::NobodyAllowed);
        }
        if !(10..=86_400).contains(&read.connection_age_s) {
            return Err(CoreError::ConnectionAge);
        }
        CoreSettings { links: read.links.clone() }.check()?;
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

/// Runs until SIGTERM or SIGINT.
async fn serve(file: &Path) -> Result<(), CoreError> {
    let settings = CoreFile::load(file)?;
    logging::start_with(settings.log_format, &settings.log_filter);
    let clock: Arc<dyn Clock> = Arc::new(SystemClock);
    let (simulator, simulator_stop) = (TaskTracker::new(), CancellationToken::new());
    let trial = if settings.links.is_empty() {
        vec![start_simulator(&simulator, simulator_stop.clone()).await?]
    } else {
        Vec::new()
    };
    let mut certificates = Certificate::of_links(&settings.links);
    certificates.push(Certificate::new("core", &settings.certificate));
    certificates.push(Certificate::new("authority of core", &settings.ca));
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

/// Takes what has changed. A file that cannot be used changes nothing.
fn reload(file: &Path, core: &InProcessCore, control: &ServerControl, trial: &[LinkSettings]) {
    control.reload();
    let settings = match CoreFile::load(file) {
        Ok(settings) => settings,
        Err(cause) => {
            tracing::error!(%cause, "the file is not taken; everything stays as it was");
            return;
        }
    };
    let links = if settings.links.is_empty() { trial.to_vec() } else { settings.links };
    if let Err(cause) = core.configure(CoreSettings { links }) {
        tracing::error!(%cause, "the links stay as they were");
        return;
    }
    control.allow(settings.allow);
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
}
