//! How the audit log is kept, `[audit]` in the file.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use store::AuditConfig;

use super::ConfigError;

const RETENTION_MAX_DAYS: u32 = 36_500;
const FALLBACK_MAX_MIB: u64 = 10_240;

/// What an operator may set of the audit log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AuditSettings {
    /// Records are removed after so many days; 0: never.
    pub retention_days: u32,
    /// What the file may have that takes events while the database is away.
    pub fallback_max_mib: u64,
    /// Where the signed checkpoints are written; without it `audit/checkpoints.jsonl` in the data folder.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub checkpoints: Option<PathBuf>,
}

impl Default for AuditSettings {
    fn default() -> Self {
        Self { retention_days: 90, fallback_max_mib: 200, checkpoints: None }
    }
}

impl AuditSettings {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        if self.retention_days > RETENTION_MAX_DAYS {
            return Err(ConfigError::Audit {
                setting: "retention_days",
                rule: "at most 36,500; 0 keeps records for ever",
            });
        }
        if !(1..=FALLBACK_MAX_MIB).contains(&self.fallback_max_mib) {
            return Err(ConfigError::Audit { setting: "fallback_max_mib", rule: "1 to 10,240" });
        }
        Ok(())
    }

    /// The store's own settings.
    #[must_use]
    pub fn to_config(&self, data_dir: &Path) -> AuditConfig {
        let mut config = AuditConfig::new(data_dir.join("audit"));
        config.checkpoints.clone_from(&self.checkpoints);
        config.fallback_max_bytes = self.fallback_max_mib << 20;
        config.retention_days = Some(self.retention_days).filter(|days| *days > 0);
        config
    }

    /// The section as a file would say it.
    pub(super) fn to_toml(&self) -> String {
        let checkpoints = match &self.checkpoints {
            Some(path) => format!("checkpoints = {path:?}"),
            None => "# checkpoints: audit/checkpoints.jsonl in the data folder".to_owned(),
        };
        format!(
            "[audit]\nretention_days = {}\nfallback_max_mib = {}\n{checkpoints}",
            self.retention_days, self.fallback_max_mib
        )
    }
}
