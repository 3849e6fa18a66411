//! The mail server, `[mail]` in the file. Without it the installation sends no mails.

use std::{fmt, fs, net::IpAddr, path::PathBuf, time::Duration};

use lettre::message::Mailbox;
use serde::{Deserialize, Serialize};

use super::ConfigError;

/// How the connection is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum MailTls {
    /// Begins in plain text and has to go over to TLS before anything is said.
    #[default]
    Starttls,
    /// TLS from the first byte.
    Tls,
    None,
}

impl MailTls {
    const fn name(self) -> &'static str {
        match self {
            Self::Starttls => "starttls",
            Self::Tls => "tls",
            Self::None => "none",
        }
    }

    const fn usual_port(self) -> u16 {
        match self {
            Self::Starttls => 587,
            Self::Tls => 465,
            Self::None => 25,
        }
    }
}

/// The password at the mail server; never printed.
#[derive(Clone, PartialEq, Eq, Deserialize)]
#[serde(transparent)]
pub struct MailPassword(String);

impl MailPassword {
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for MailPassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MailPassword(…)")
    }
}

/// How mails leave.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailConfig {
    pub host: String,
    /// Without it 587, 465 or 25, by `tls`.
    pub port: Option<u16>,
    #[serde(default)]
    pub tls: MailTls,
    /// Certificates (PEM) that are trusted besides those of the system.
    pub ca_file: Option<PathBuf>,
    pub user: Option<String>,
    pub password: Option<MailPassword>,
    /// The first line of this file is the password.
    pub password_file: Option<PathBuf>,
    /// The sender of every mail, such as `Message Center <sms@example.org>`.
    pub from: String,
    /// Seconds that each step of the conversation with the mail server may take.
    #[serde(default = "usual_timeout_s")]
    pub timeout_s: u64,
}

const fn usual_timeout_s() -> u64 {
    30
}

impl MailConfig {
    #[must_use]
    pub fn port(&self) -> u16 {
        self.port.unwrap_or(self.tls.usual_port())
    }

    #[must_use]
    pub const fn timeout(&self) -> Duration {
        Duration::from_secs(self.timeout_s)
    }

    /// Where mails go, in words.
    #[must_use]
    pub fn summary(&self) -> String {
        let tls = match self.tls {
            MailTls::Starttls => "STARTTLS",
            MailTls::Tls => "TLS",
            MailTls::None => "not encrypted",
        };
        format!("{}:{}, {tls}", self.host, self.port())
    }

    /// User and password, the latter from its file if there is one.
    pub fn credentials(&self) -> Result<Option<(String, MailPassword)>, ConfigError> {
        let password = match (&self.password, &self.password_file) {
            (Some(_), Some(_)) => return Err(wrong("password", "left out where there is a password_file")),
            (Some(password), None) => Some(password.clone()),
            (None, Some(file)) => {
                let text =
                    fs::read_to_string(file).map_err(|source| ConfigError::MailFile { file: file.clone(), source })?;
                Some(MailPassword(text.lines().next().unwrap_or_default().to_owned()))
            }
            (None, None) => None,
        };
        match (&self.user, password) {
            (Some(user), Some(password)) => Ok(Some((user.clone(), password))),
            (None, None) => Ok(None),
            (Some(_), None) => Err(wrong("password", "there, or in a password_file, where there is a user")),
            (None, Some(_)) => Err(wrong("user", "there where there is a password")),
        }
    }

    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if self.host.trim().is_empty() || self.host.contains(char::is_whitespace) {
            return Err(wrong("host", "the name or address of the mail server"));
        }
        if self.from.parse::<Mailbox>().is_err() {
            return Err(wrong("from", "an address such as Message Center <sms@example.org>"));
        }
        if !(1..=60).contains(&self.timeout_s) {
            return Err(wrong("timeout_s", "1 to 60 seconds"));
        }
        let here = self.host == "localhost" || self.host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
        if self.credentials()?.is_some() && self.tls == MailTls::None && !here {
            return Err(wrong(
                "tls",
                "starttls or tls where there is a password, which would cross the network unencrypted",
            ));
        }
        if let Some(file) = &self.ca_file {
            fs::read(file).map_err(|source| ConfigError::MailFile { file: file.clone(), source })?;
        }
        Ok(())
    }

    /// The section as a file would say it; a password stays out of it.
    pub(super) fn to_toml(&self) -> String {
        let mut lines = vec![
            "[mail]".to_owned(),
            format!("host = {:?}", self.host),
            format!("port = {}", self.port()),
            format!("tls = \"{}\"", self.tls.name()),
            format!("from = {:?}", self.from),
            format!("timeout_s = {}", self.timeout_s),
        ];
        lines.extend(self.ca_file.as_ref().map(|file| format!("ca_file = {file:?}")));
        lines.extend(self.user.as_ref().map(|user| format!("user = {user:?}")));
        lines.extend(self.password_file.as_ref().map(|file| format!("password_file = {file:?}")));
        lines.extend(self.password.as_ref().map(|_| "# password: not shown".to_owned()));
        lines.join("\n")
    }
}

const fn wrong(setting: &'static str, rule: &'static str) -> ConfigError {
    ConfigError::Mail { setting, rule }
}
