//! Presets: policies of channels, as super admins decide on them ([`presets`]), and what is remembered for them
//! ([`history`]).
//!
//! A preset is of the installation; what it counts is of a workspace, so that no tenant learns anything of another one.
//! Nothing is remembered while no channel has a preset that counts.

pub mod history;
mod presets;

use std::collections::HashMap;

use domain::{channel::ChannelId, id::PresetId, policy::PresetConfig};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, Variables};

pub use self::presets::{Chosen, add, change, choose, chosen, find, list, remove};
use crate::{
    Error, Scope, SystemDoor,
    access::Inner,
    db::{key, tx::Columns},
};

/// A preset that super admins have made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Preset {
    pub id: PresetId,
    pub config: PresetConfig,
    pub changed_at_ms: i64,
    pub changed_by: String,
    pub revision: u64,
}

impl Columns for Preset {}

/// What was decided for a channel; None: no policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Choice {
    channel: ChannelId,
    preset: Option<PresetId>,
    revision: u64,
}

impl Columns for Choice {}

fn preset_key(id: PresetId) -> RecordId {
    key::global("preset", id)
}

pub(crate) fn choice_key(channel: &ChannelId) -> RecordId {
    key::global("channel_preset", channel)
}

impl Inner {
    async fn presets(&self) -> Result<Vec<Preset>, Error> {
        self.db.docs("SELECT VALUE doc FROM preset", Variables::new()).await
    }

    async fn choices(&self) -> Result<Vec<Choice>, Error> {
        self.db.docs("SELECT VALUE doc FROM channel_preset", Variables::new()).await
    }
}

/// The policies of all channels at a moment.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InForce {
    channels: HashMap<ChannelId, Preset>,
}

impl InForce {
    /// Of a link or a pool; None: it has none.
    #[must_use]
    pub fn of(&self, channel: &str) -> Option<&Preset> {
        self.channels.iter().find(|(id, _)| id.as_str() == channel).map(|(_, preset)| preset)
    }

    /// Whether some channel has a preset that counts: then every message is remembered, by whichever channel it goes.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.channels.values().any(|preset| preset.config.counts())
    }
}

/// Reads the policies of all channels.
pub async fn in_force(door: &SystemDoor) -> Result<InForce, Error> {
    read_in_force(door.inner()).await
}

async fn read_in_force(inner: &Inner) -> Result<InForce, Error> {
    let choices = inner.choices().await?;
    if choices.iter().all(|choice| choice.preset.is_none()) {
        return Ok(InForce::default());
    }
    let presets: HashMap<PresetId, Preset> =
        inner.presets().await?.into_iter().map(|preset| (preset.id, preset)).collect();
    let of = |choice: Choice| Some((choice.channel, presets.get(&choice.preset?)?.clone()));
    Ok(InForce { channels: choices.into_iter().filter_map(of).collect() })
}

/// What a channel's messages keep to, as everybody of a workspace may know; None: it has no policy.
pub async fn of_channel(scope: &Scope, channel: &str) -> Result<Option<PresetConfig>, Error> {
    Ok(read_in_force(scope.inner()).await?.of(channel).map(|preset| preset.config.clone()))
}
