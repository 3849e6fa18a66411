//! How subscribers who write back are understood and answered, `[inbound]` in the file.

use std::fmt::Write as _;

use domain::inbound::{Families, Family};
use engine::InboundConfig;
use serde::{Deserialize, Serialize};
use sms_core::ChannelId;

use super::ConfigError;

/// What an operator may set of inbound messages.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct InboundSettings {
    /// The channel of confirmations, a link or a pool; without it the link by which a message came.
    pub reply_by: Option<String>,
    /// Keywords and confirmations by language, `[[inbound.families]]`; without any those that come with the product.
    pub families: Vec<Family>,
}

impl InboundSettings {
    pub(super) fn check(&self) -> Result<(), ConfigError> {
        self.read().map(drop)
    }

    /// The engine's own settings; those of the product where these are refused, which [`super::Config`] does before.
    #[must_use]
    pub fn to_config(&self) -> InboundConfig {
        self.read().unwrap_or_else(|_| InboundConfig::standard())
    }

    fn read(&self) -> Result<InboundConfig, ConfigError> {
        let families = match &self.families[..] {
            [] => Families::standard(),
            given => Families::new(given.to_vec()).map_err(|refusal| ConfigError::Inbound(refusal.to_string()))?,
        };
        let reply_by = self.reply_by.as_deref().map(ChannelId::parse).transpose();
        let reply_by =
            reply_by.map_err(|refusal| ConfigError::Inbound(format!("reply_by is no channel: {refusal}")))?;
        Ok(InboundConfig { families, reply_by })
    }

    /// The section as a file would say it; nothing where nothing is set.
    pub(super) fn to_toml(&self) -> String {
        let mut toml = String::new();
        if *self != Self::default() {
            toml.push_str("\n\n[inbound]");
        }
        if let Some(channel) = &self.reply_by {
            let _ = write!(toml, "\nreply_by = {channel:?}");
        }
        for Family { language, stop, start, help, stop_reply, start_reply, help_reply } in &self.families {
            let _ = write!(
                toml,
                "\n\n[[inbound.families]]\nlanguage = {language:?}\nstop = {stop:?}\nstart = {start:?}\nhelp = {help:?}\n\
                 stop_reply = {stop_reply:?}\nstart_reply = {start_reply:?}\nhelp_reply = {help_reply:?}"
            );
        }
        toml
    }
}
