//! The configuration: defaults, then the TOML file, then `MESSAGE_CENTER_*` in the environment, then options.

mod audit;
mod grafana;
mod inbound;
mod mail;
mod metrics;
mod network;
mod registry;
mod sending;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::{Args, ValueEnum};
use domain::installation::{InvalidSetting, Settings};
use figment::{
    Figment,
    providers::{Env, Format, Serialized, Toml},
};
use serde::{Deserialize, Serialize};

pub use self::{
    audit::AuditSettings,
    grafana::{DashboardConfig, GrafanaConfig, Site},
    inbound::InboundSettings,
    mail::{MailConfig, MailTls},
    metrics::MetricsConfig,
    network::Network,
    registry::RegistryConfig,
    sending::EngineSettings,
};
use sms_core::{LinkSettings, PoolSettings, remote::RemoteSettings};

const ENVIRONMENT_PREFIX: &str = "MESSAGE_CENTER_";
const DEFAULT_FILE: &str = "message-center.toml";

/// How the log is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ValueEnum)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    Text,
    Json,
}

/// What the server runs with; `message-center config check` prints it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// The file that was read, if there was one.
    #[serde(skip)]
    pub file: Option<PathBuf>,
    /// Address and port of the web server.
    pub listen: SocketAddr,
    /// The folder of the database, uploads and keys.
    pub data_dir: PathBuf,
    /// The address under which people reach the installation, such as `https://sms.example.org`.
    pub public_url: String,
    /// Serve plain HTTP beyond this machine: passwords and cookies can be read on the way.
    pub insecure_http: bool,
    /// PEM files with which the server speaks TLS by itself: its certificate with what leads to its authority, and the
    /// key. Read again on SIGHUP.
    #[serde(default)]
    pub tls_certificate: Option<PathBuf>,
    #[serde(default)]
    pub tls_key: Option<PathBuf>,
    /// Reverse proxies whose `X-Forwarded-For` is believed: addresses or networks, such as `10.0.0.0/8`.
    pub trusted_proxies: Vec<Network>,
    pub log_format: LogFormat,
    /// Which lines are logged, such as `info` or `info,engine=debug`.
    pub log_filter: String,
    /// How long requests may take to finish once the server is told to stop.
    pub drain_s: u64,
    /// What one file of recipients may have when it comes through the browser.
    pub upload_max_mib: u64,
    /// What one file of recipients may have when a program brings it, and a file for a suppression list.
    pub api_upload_max_mib: u64,
    /// How long a file of delivery records can be downloaded.
    pub export_days: u32,
    /// Let webhooks go to this machine and into private networks, which workspaces could look around in.
    pub webhooks_to_private: bool,
    /// Passwords, second factors, sessions and who sees diagnostics, until a super admin sets something else; `[identity]`
    /// in the file.
    #[serde(default)]
    pub identity: Settings,
    /// How campaigns are sent, `[engine]` in the file.
    #[serde(default)]
    pub engine: EngineSettings,
    /// How subscribers who write back are understood, `[inbound]` in the file.
    #[serde(default)]
    pub inbound: InboundSettings,
    /// How the audit log is kept, `[audit]` in the file.
    #[serde(default)]
    pub audit: AuditSettings,
    /// The links to carriers, `[[links]]` in the file. None: the simulator, and no real message leaves.
    #[serde(default, skip_serializing)]
    pub links: Vec<LinkSettings>,
    /// Links that campaigns use together as one channel, `[[pools]]` in the file.
    #[serde(default, skip_serializing)]
    pub pools: Vec<PoolSettings>,
    /// SMS Cores in processes of their own, `[[cores]]` in the file.
    #[serde(default, skip_serializing)]
    pub cores: Vec<RemoteSettings>,
    /// The mail server, `[mail]` in the file. None: no mails are sent.
    #[serde(default, skip_serializing)]
    pub mail: Option<MailConfig>,
    /// Where figures for Prometheus are served, `[metrics]` in the file. None: nowhere.
    #[serde(default, skip_serializing)]
    pub metrics: Option<MetricsConfig>,
    /// Grafana's dashboards within our pages, `[grafana]` in the file. None: our own charts alone.
    #[serde(default, skip_serializing)]
    pub grafana: Option<GrafanaConfig>,
    /// Where the control page of the default simulator is served, on this machine. None: nowhere.
    #[serde(default)]
    pub simulator_control: Option<SocketAddr>,
    /// The 10DLC registry, `[registry]` in the file. None: 10DLC is off.
    #[serde(default, skip_serializing)]
    pub registry: Option<RegistryConfig>,
}

/// How `serve` starts.
#[derive(Debug, Clone, Default, Args)]
pub struct ServeOptions {
    #[command(flatten)]
    pub overrides: Overrides,
    /// Fill a fresh installation with a workspace to try things in: three people whose one-time links are printed, an
    /// approved sender, and a file of recipients.
    #[arg(long)]
    pub demo: bool,
}

/// Options of the command line; each wins over file and environment.
#[derive(Debug, Clone, Default, Args, Serialize)]
pub struct Overrides {
    /// Address and port of the web server [default: 127.0.0.1:3000].
    #[arg(long, value_name = "ADDRESS:PORT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub listen: Option<SocketAddr>,
    /// The folder of the database, uploads and keys [default: data].
    #[arg(long, value_name = "FOLDER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub data_dir: Option<PathBuf>,
    /// The address under which people reach the installation [default: made of --listen].
    #[arg(long, value_name = "URL")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub public_url: Option<String>,
    /// Serve plain HTTP beyond this machine, where passwords and cookies can be read on the way.
    #[arg(long)]
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub insecure_http: bool,
    /// PEM file of the certificate with which the server speaks TLS by itself.
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_certificate: Option<PathBuf>,
    /// PEM file of the certificate's key.
    #[arg(long, value_name = "FILE")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tls_key: Option<PathBuf>,
    /// A reverse proxy whose X-Forwarded-For is believed; address or network, may be given several times.
    #[arg(long = "trusted-proxy", value_name = "NETWORK")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub trusted_proxies: Vec<Network>,
    /// How the log is written [default: text].
    #[arg(long, value_name = "FORMAT")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_format: Option<LogFormat>,
    /// Which lines are logged, such as `info,engine=debug` [default: info, and warnings of the database].
    #[arg(long, value_name = "FILTER")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub log_filter: Option<String>,
    /// Seconds that requests get to finish once the server is told to stop [default: 10].
    #[arg(long, value_name = "SECONDS")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub drain_s: Option<u64>,
}

/// Why a configuration cannot be used. Each says what to change.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("{0}")]
    Read(#[from] Box<figment::Error>),
    #[error("there is no file {0}")]
    NoFile(PathBuf),
    #[error(
        "{listen} is reachable from other machines, and passwords would cross the network unencrypted: listen on \
         127.0.0.1, or give it tls_certificate and tls_key, or name an https public_url and the trusted_proxies in \
         front of it, or accept it with --insecure-http"
    )]
    Plain { listen: SocketAddr },
    #[error("tls_certificate and tls_key belong together: give both or neither")]
    HalfTls,
    #[error("with tls_certificate the server speaks https only, and public_url is {0}")]
    PlainUrl(String),
    #[error("public_url has to be an address such as https://sms.example.org, without a path: {0}")]
    PublicUrl(String),
    #[error("log_filter cannot be read: {0}")]
    LogFilter(#[from] tracing_subscriber::filter::ParseError),
    #[error("{name} of [identity] cannot be used: {0}", name = .0.setting())]
    Identity(#[from] InvalidSetting),
    #[error("{setting} of [engine] has to be {rule}")]
    Engine { setting: &'static str, rule: &'static str },
    #[error("{setting} of [mail] has to be {rule}")]
    Mail { setting: &'static str, rule: &'static str },
    #[error("{file} of [mail] cannot be read")]
    MailFile { file: PathBuf, source: std::io::Error },
    #[error("{setting} of [metrics] has to be {rule}")]
    Metrics { setting: &'static str, rule: &'static str },
    #[error("{file} of [metrics] cannot be read")]
    MetricsFile { file: PathBuf, source: std::io::Error },
    #[error("{setting} of [grafana] has to be {rule}")]
    Grafana { setting: &'static str, rule: &'static str },
    #[error("{file} of [grafana] cannot be read")]
    GrafanaFile { file: PathBuf, source: std::io::Error },
    #[error("{setting} of [audit] has to be {rule}")]
    Audit { setting: &'static str, rule: &'static str },
    #[error("simulator_control has to be an address of this machine, such as 127.0.0.1:2776: nobody signs in there")]
    SimulatorControl,
    #[error("[inbound] cannot be used: {0}")]
    Inbound(String),
    #[error("[registry] cannot be used: {0}")]
    Registry(String),
    #[error("{file} of [registry] cannot be read")]
    RegistryFile { file: PathBuf, source: std::io::Error },
}

/// What holds without file, environment and options. `public_url` follows `listen`.
#[derive(Serialize)]
struct Defaults {
    listen: &'static str,
    data_dir: &'static str,
    public_url: &'static str,
    insecure_http: bool,
    trusted_proxies: [Network; 0],
    log_format: LogFormat,
    log_filter: &'static str,
    drain_s: u64,
    upload_max_mib: u64,
    api_upload_max_mib: u64,
    export_days: u32,
    webhooks_to_private: bool,
}

const DEFAULTS: Defaults = Defaults {
    listen: "127.0.0.1:3000",
    data_dir: "data",
    public_url: "",
    insecure_http: false,
    trusted_proxies: [],
    log_format: LogFormat::Text,
    // The embedded database tells its settings at every start.
    log_filter: "info,surrealdb=warn,surrealkv=warn",
    drain_s: 10,
    upload_max_mib: 50,
    api_upload_max_mib: 1_024,
    export_days: 7,
    webhooks_to_private: false,
};

impl Config {
    /// Reads everything and checks it.
    pub fn load(file: Option<&Path>, overrides: &Overrides) -> Result<Self, ConfigError> {
        let file = match file {
            Some(file) if !file.is_file() => return Err(ConfigError::NoFile(file.to_owned())),
            Some(file) => Some(file),
            None => Some(Path::new(DEFAULT_FILE)).filter(|file| file.is_file()),
        };
        let mut sources = Figment::from(Serialized::defaults(DEFAULTS));
        if let Some(file) = file {
            sources = sources.merge(Toml::file_exact(file));
        }
        // MESSAGE_CENTER_CONFIG names the file; MESSAGE_CENTER_CACHE belongs to ./x.
        let environment = Env::prefixed(ENVIRONMENT_PREFIX).ignore(&["config", "cache"]);
        // MESSAGE_CENTER_MAIL_HOST is the host of [mail].
        let environment = environment.map(|name| {
            let within = ["mail", "metrics", "grafana"].into_iter().find_map(|section| {
                let setting = name.as_str().strip_prefix(section)?.strip_prefix('_')?;
                Some(format!("{section}.{setting}"))
            });
            match within {
                Some(within) => within.into(),
                None => name.into(),
            }
        });
        let read = Self::from_sources(&sources.merge(environment).merge(Serialized::defaults(overrides)))?;
        Ok(Self { file: file.map(Path::to_owned), ..read })
    }

    fn from_sources(sources: &Figment) -> Result<Self, ConfigError> {
        let mut config: Self = sources.extract().map_err(Box::new)?;
        if config.public_url.is_empty() {
            let scheme = if config.tls_certificate.is_some() { "https" } else { "http" };
            config.public_url = format!("{scheme}://{}", config.listen);
        }
        config.public_url = config.public_url.trim_end_matches('/').to_owned();
        if let Some(grafana) = &mut config.grafana {
            grafana.tidy();
        }
        config.check()?;
        Ok(config)
    }

    /// Whether passwords stand in the file itself.
    #[must_use]
    pub fn holds_passwords(&self) -> bool {
        self.links.iter().any(|link| !link.password.expose().is_empty())
            || self.mail.as_ref().is_some_and(|mail| mail.password.is_some())
    }

    fn check(&self) -> Result<(), ConfigError> {
        let rest = self.public_url.strip_prefix("https://").or_else(|| self.public_url.strip_prefix("http://"));
        if !rest.is_some_and(|host| !host.is_empty() && !host.contains(['/', '?', '#', '@', ' '])) {
            return Err(ConfigError::PublicUrl(self.public_url.clone()));
        }
        if self.tls_certificate.is_some() != self.tls_key.is_some() {
            return Err(ConfigError::HalfTls);
        }
        if self.tls_certificate.is_some() && !self.is_https() {
            return Err(ConfigError::PlainUrl(self.public_url.clone()));
        }
        let behind_tls = self.tls_certificate.is_some() || (self.is_https() && !self.trusted_proxies.is_empty());
        if !self.listen.ip().is_loopback() && !behind_tls && !self.insecure_http {
            return Err(ConfigError::Plain { listen: self.listen });
        }
        tracing_subscriber::EnvFilter::try_new(&self.log_filter)?;
        if let Some(mail) = &self.mail {
            mail.check()?;
        }
        if let Some(metrics) = &self.metrics {
            metrics.check()?;
        }
        if let Some(grafana) = &self.grafana {
            grafana.check(self)?;
        }
        if self.simulator_control.is_some_and(|control| !control.ip().is_loopback()) {
            return Err(ConfigError::SimulatorControl);
        }
        if let Some(registry) = &self.registry {
            registry.check(&self.public_url)?;
        }
        self.audit.check()?;
        self.identity.check()?;
        self.inbound.check()?;
        self.engine.check()
    }

    /// Whether people reach the installation by https, from itself or from a proxy.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.public_url.starts_with("https://")
    }

    /// The files of the certificate and its key, when the server speaks TLS by itself.
    #[must_use]
    pub fn tls_files(&self) -> Option<(&Path, &Path)> {
        self.tls_certificate.as_deref().zip(self.tls_key.as_deref())
    }

    /// The origins under which a browser may send forms: the public address and, on loopback, its usual names.
    #[must_use]
    pub fn own_origins(&self) -> Vec<String> {
        let mut origins = vec![self.public_url.clone()];
        if self.listen.ip().is_loopback() {
            let port = self.listen.port();
            let scheme = if self.tls_certificate.is_some() { "https" } else { "http" };
            origins.extend(["localhost", "127.0.0.1", "[::1]"].map(|host| format!("{scheme}://{host}:{port}")));
        }
        origins
    }

    /// The configuration as a file would say it.
    #[must_use]
    pub fn to_toml(&self) -> String {
        let list = self.trusted_proxies.iter().map(|network| format!("{:?}", network.to_string())).collect::<Vec<_>>();
        let format = match self.log_format {
            LogFormat::Text => "text",
            LogFormat::Json => "json",
        };
        let tls = self.tls_files().map_or_else(String::new, |(certificate, key)| {
            format!("tls_certificate = {certificate:?}\ntls_key = {key:?}\n")
        });
        let simulator =
            self.simulator_control.map(|control| format!("\nsimulator_control = \"{control}\"")).unwrap_or_default();
        let mail = self.mail.as_ref().map(|mail| format!("\n\n{}", mail.to_toml())).unwrap_or_default();
        let metrics = self.metrics.as_ref().map(|metrics| format!("\n\n{}", metrics.to_toml())).unwrap_or_default();
        let grafana = self.grafana.as_ref().map(|one| format!("\n\n{}", one.to_toml())).unwrap_or_default();
        let registry = self.registry.as_ref().map(|one| format!("\n\n{}", one.to_toml())).unwrap_or_default();
        format!(
            "listen = \"{}\"\ndata_dir = {:?}\npublic_url = {:?}\ninsecure_http = {}\n{tls}trusted_proxies = [{}]\nlog_format = \"{format}\"\nlog_filter = {:?}\ndrain_s = {}\nupload_max_mib = {}\napi_upload_max_mib = {}\nexport_days = {}\nwebhooks_to_private = {}{simulator}\n\n{}\n\n{}\n\n{}{}{registry}{mail}{metrics}{grafana}",
            self.listen,
            self.data_dir,
            self.public_url,
            self.insecure_http,
            list.join(", "),
            self.log_filter,
            self.drain_s,
            self.upload_max_mib,
            self.api_upload_max_mib,
            self.export_days,
            self.webhooks_to_private,
            identity_toml(&self.identity),
            self.engine.to_toml(),
            self.audit.to_toml(),
            self.inbound.to_toml(),
        )
    }
}

/// The section as a file would say it.
fn identity_toml(settings: &Settings) -> String {
    format!(
        "[identity]\npassword_min_length = {}\nrefused_words = {:?}\nsecond_factor = \"{}\"\nsession_hours = {}\nsession_idle_minutes = {}\ndiagnostics_for = \"{}\"",
        settings.password_min_length,
        settings.refused_words,
        settings.second_factor.name(),
        settings.session_hours,
        settings.session_idle_minutes,
        settings.diagnostics_for.name(),
    )
}
#[cfg(test)]
mod tests;
