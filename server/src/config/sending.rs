//! How campaigns are sent, `[engine]` in the file.

use engine::EngineConfig;
use serde::{Deserialize, Serialize};

use super::ConfigError;

const CLAIM_LIMIT_MAX: u32 = 100_000;
const RECEIPT_WAIT_MAX_S: u32 = 31 * 24 * 3_600;

/// What an operator may set of the engine.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EngineSettings {
    /// Recipients of one campaign that may be on their way to the carrier at a time: what a crash leaves uncertain at
    /// most. A link is kept full when this is a few times its window.
    pub claim_limit: u32,
    /// Seconds after the last message for which a campaign waits for receipts; without it the campaign's validity and
    /// an hour.
    pub receipt_wait_s: Option<u32>,
}

impl Default for EngineSettings {
    fn default() -> Self {
        Self { claim_limit: EngineConfig::standard().dispatch.claim_limit, receipt_wait_s: None }
    }
}

impl EngineSettings {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if !(1..=CLAIM_LIMIT_MAX).contains(&self.claim_limit) {
            return Err(ConfigError::Engine { setting: "claim_limit", rule: "1 to 100,000 recipients" });
        }
        if self.receipt_wait_s.is_some_and(|wait_s| wait_s > RECEIPT_WAIT_MAX_S) {
            return Err(ConfigError::Engine { setting: "receipt_wait_s", rule: "at most 31 days, 2,678,400 seconds" });
        }
        Ok(())
    }

    /// The engine's own settings.
    #[must_use]
    pub fn to_config(&self) -> EngineConfig {
        let mut config = EngineConfig::standard();
        config.dispatch.claim_limit = self.claim_limit;
        config.dispatch.receipt_wait_ms = self.receipt_wait_s.map(|wait_s| i64::from(wait_s) * 1_000);
        config
    }

    /// The section as a file would say it.
    pub(super) fn to_toml(&self) -> String {
        let wait = match self.receipt_wait_s {
            Some(wait_s) => format!("receipt_wait_s = {wait_s}"),
            None => "# receipt_wait_s: the validity of each campaign, and an hour".to_owned(),
        };
        format!("[engine]\nclaim_limit = {}\n{wait}", self.claim_limit)
    }
}
