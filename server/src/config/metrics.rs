//! Where figures for Prometheus are served, `[metrics]` in the file. Without it they are not.

use std::{fs, net::SocketAddr, path::PathBuf};

use serde::{Deserialize, Serialize};

use super::ConfigError;

/// A shorter token is guessed.
const TOKEN_MIN: usize = 16;

/// The listener of `GET /metrics`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MetricsConfig {
    /// An address and port of its own, such as `127.0.0.1:9464`.
    pub listen: SocketAddr,
    /// The first line of this file is what Prometheus presents as its bearer token.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub token_file: Option<PathBuf>,
}

impl MetricsConfig {
    /// # Errors
    /// What is wrong, with what to change.
    pub fn check(&self) -> Result<(), ConfigError> {
        if !self.listen.ip().is_loopback() && self.token_file.is_none() {
            return Err(ConfigError::Metrics {
                setting: "token_file",
                rule: "there where listen is reachable from other machines",
            });
        }
        self.token().map(drop)
    }

    /// What has to be presented; None: nothing.
    ///
    /// # Errors
    /// When the file cannot be read, or its first line is too short.
    pub fn token(&self) -> Result<Option<String>, ConfigError> {
        let Some(file) = &self.token_file else { return Ok(None) };
        let text =
            fs::read_to_string(file).map_err(|source| ConfigError::MetricsFile { file: file.clone(), source })?;
        let token = text.lines().next().unwrap_or_default().trim();
        if token.len() < TOKEN_MIN {
            return Err(ConfigError::Metrics {
                setting: "token_file",
                rule: "a file whose first line has 16 characters or more",
            });
        }
        Ok(Some(token.to_owned()))
    }

    /// The section as a file would say it.
    pub(super) fn to_toml(&self) -> String {
        let token = self.token_file.as_ref().map(|file| format!("\ntoken_file = {file:?}")).unwrap_or_default();
        format!("[metrics]\nlisten = \"{}\"{token}", self.listen)
    }
}
