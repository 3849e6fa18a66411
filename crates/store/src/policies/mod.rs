//! Presets: policies of channels, as super admins decide on them ([`presets`]), and what is remembered for them
//! ([`history`]).
//!
//! A preset is of the installation; what it counts is of a workspace, so that no tenant learns anything of another one.
//! Nothing is remembered while no channel has a preset that counts.

pub mod history;
mod presets;

use std::collections::HashMap;

use domain::{
    campaign::{Mode, Parameters},
    channel::ChannelId,
    id::PresetId,
    policy::PresetConfig,
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, Variables};

pub use self::presets::{Chosen, add, change, choose, chosen, find, list, remove};
use crate::{
    Error, Ruler, Scope, SystemDoor,
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

/// The channels there are at a moment: of each pool the links that a message to it goes out by, of each link none.
pub type Pools = HashMap<ChannelId, Vec<ChannelId>>;

/// The policies of all channels at a moment.
///
/// What goes out by a pool goes out by one of its links, and which one is known late: it keeps to the pool's preset and to
/// those of all its links, so that the preset of a link is never gone around.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InForce {
    presets: HashMap<ChannelId, PresetConfig>,
    pools: Pools,
}

impl InForce {
    /// What messages by a link or a pool keep to; None: nothing is asked of them.
    #[must_use]
    pub fn of(&self, channel: &str) -> Option<PresetConfig> {
        PresetConfig::strictest(self.holding(channel).cloned())
    }

    /// What a campaign's messages keep to; None: nothing is asked of them.
    #[must_use]
    pub fn of_campaign(&self, parameters: &Parameters) -> Option<PresetConfig> {
        let is_code = parameters.mode == Mode::Trigger && parameters.ignore_daily_window;
        let holding = self.holding(&parameters.channel);
        PresetConfig::strictest(holding.map(|preset| if is_code { preset.of_codes() } else { preset.clone() }))
    }

    fn holding(&self, channel: &str) -> impl Iterator<Item = &PresetConfig> {
        let members = self.pools.iter().find(|(pool, _)| pool.as_str() == channel).map(|(_, links)| links.as_slice());
        let members = members.unwrap_or_default();
        let holds = move |id: &ChannelId| id.as_str() == channel || members.contains(id);
        self.presets.iter().filter(move |(id, _)| holds(id)).map(|(_, preset)| preset)
    }

    /// Whether it is known what messages by this channel keep to. Not of one that is left out just now: the links of a pool
    /// whose lanes are still open are not known, and so neither are their presets.
    #[must_use]
    pub fn covers(&self, channel: &str) -> bool {
        self.presets.is_empty() || self.pools.keys().any(|known| known.as_str() == channel)
    }

    /// Whether some channel has a preset that counts: then every message is remembered, by whichever channel it goes.
    #[must_use]
    pub fn counts(&self) -> bool {
        self.presets.values().any(PresetConfig::counts)
    }
}

/// Reads the policies of all channels.
pub async fn in_force(door: &SystemDoor, pools: Pools) -> Result<InForce, Error> {
    read_in_force(door.inner(), pools).await
}

async fn read_in_force(inner: &Inner, pools: Pools) -> Result<InForce, Error> {
    let choices = inner.choices().await?;
    if choices.iter().all(|choice| choice.preset.is_none()) {
        return Ok(InForce::default());
    }
    let presets: HashMap<PresetId, PresetConfig> =
        inner.presets().await?.into_iter().map(|preset| (preset.id, preset.config)).collect();
    let of = |choice: Choice| Some((choice.channel, presets.get(&choice.preset?)?.clone()));
    Ok(InForce { presets: choices.into_iter().filter_map(of).collect(), pools })
}

/// The policies of all channels, as everybody of a workspace may know them.
pub async fn known(scope: &Scope, pools: Pools) -> Result<InForce, Error> {
    read_in_force(scope.inner(), pools).await
}

/// The policies of all channels, for super admins.
pub async fn ruled(ruler: &Ruler, pools: Pools) -> Result<InForce, Error> {
    read_in_force(ruler.inner(), pools).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(text: &str) -> ChannelId {
        ChannelId::parse(text).unwrap()
    }

    #[test]
    fn a_pool_that_is_left_out_does_not_go_around_the_presets_of_its_links() {
        let preset = PresetConfig { per_day: Some(1), ..PresetConfig::default() };
        let presets = HashMap::from([(id("a"), preset.clone())]);
        let all = Pools::from([(id("a"), vec![]), (id("b"), vec![]), (id("pool"), vec![id("a"), id("b")])]);
        let in_force = InForce { presets: presets.clone(), pools: all.clone() };
        assert!(["a", "b", "pool"].iter().all(|channel| in_force.covers(channel)));
        assert_eq!((in_force.of("pool"), in_force.of("b")), (Some(preset), None));
        let without: Pools = all.into_iter().filter(|(channel, _)| *channel != id("pool")).collect();
        let in_force = InForce { presets, pools: without };
        assert!(!in_force.covers("pool"), "it looks as if nothing were asked of it");
        assert!(InForce::default().covers("pool"), "nothing is asked of anybody");
    }
}
