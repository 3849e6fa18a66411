//! Presets, which are policies of channels, and which channel has which, for super admins.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{error::AppError, state::moment::Moment};

/// A preset as the list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresetRow {
    pub id: String,
    pub name: String,
    /// What it asks for, in half sentences.
    pub rules: Vec<String>,
    /// Links and pools that have it.
    pub channels: Vec<String>,
}

/// A preset as its form shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PresetView {
    pub row: PresetRow,
    pub per_day: Option<u32>,
    pub per_week: Option<u32>,
    pub duplicate_hours: Option<u32>,
    pub blacklist: bool,
    pub exempt_codes: bool,
    pub changed: Moment,
    pub changed_by: String,
    pub revision: u64,
}

/// The policy of a channel, and those that it may have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PolicyOfChannel {
    /// The id of its preset; empty: none.
    pub chosen: String,
    /// Id and name.
    pub presets: Vec<(String, String)>,
    /// What messages by it keep to, in half sentences: the chosen one, and of a pool the presets of its links.
    pub rules: Vec<String>,
    /// Links of the pool that have a preset, with its name.
    pub through: Vec<(String, String)>,
    pub is_pool: bool,
}

/// By name.
#[server]
pub async fn presets() -> Result<Vec<PresetRow>, AppError> {
    let ruler = crate::api::context::rule().await?;
    let chosen = store::policies::chosen(&ruler).await?;
    Ok(store::policies::list(&ruler).await?.iter().map(|preset| row(preset, &chosen)).collect())
}

#[server]
pub async fn preset(id: String) -> Result<PresetView, AppError> {
    let ruler = crate::api::context::rule().await?;
    let preset = store::policies::find(&ruler, preset_id(&id)?).await?;
    let chosen = store::policies::chosen(&ruler).await?;
    let row = row(&preset, &chosen);
    let config = preset.config;
    Ok(PresetView {
        row,
        per_day: config.per_day,
        per_week: config.per_week,
        duplicate_hours: config.duplicate_hours,
        blacklist: config.blacklist,
        exempt_codes: config.exempt_codes,
        changed: Moment::in_utc(preset.changed_at_ms),
        changed_by: preset.changed_by,
        revision: preset.revision,
    })
}

/// Makes a preset. It does nothing before a channel has it.
#[server]
pub async fn add_preset(
    name: String,
    #[server(default)] per_day: String,
    #[server(default)] per_week: String,
    #[server(default)] duplicate_hours: String,
    #[server(default)] blacklist: bool,
    #[server(default)] exempt_codes: bool,
) -> Result<(), AppError> {
    let ruler = crate::api::context::rule().await?;
    let config = read(name, [&per_day, &per_week, &duplicate_hours], blacklist, exempt_codes)?;
    store::policies::add(&ruler, config).await?;
    leptos_axum::redirect("/installation/presets");
    Ok(())
}

/// Puts other rules in force.
#[server]
pub async fn change_preset(
    id: String,
    revision: u64,
    name: String,
    #[server(default)] per_day: String,
    #[server(default)] per_week: String,
    #[server(default)] duplicate_hours: String,
    #[server(default)] blacklist: bool,
    #[server(default)] exempt_codes: bool,
) -> Result<(), AppError> {
    let services = crate::api::context::services()?;
    let ruler = crate::api::context::rule().await?;
    let config = read(name, [&per_day, &per_week, &duplicate_hours], blacklist, exempt_codes)?;
    store::policies::change(&ruler, preset_id(&id)?, revision, config).await?;
    services.engine.nudge();
    leptos_axum::redirect("/installation/presets");
    Ok(())
}

/// Takes a preset away, also from the channels that have it; `channels` is how many these were said to be.
#[server]
pub async fn remove_preset(id: String, revision: u64, channels: u64) -> Result<(), AppError> {
    let services = crate::api::context::services()?;
    let ruler = crate::api::context::rule().await?;
    store::policies::remove(&ruler, preset_id(&id)?, revision, channels).await?;
    services.engine.nudge();
    leptos_axum::redirect("/installation/presets");
    Ok(())
}

/// What a link or a pool has.
#[server]
pub async fn channel_policy(channel: String) -> Result<PolicyOfChannel, AppError> {
    let services = crate::api::context::services()?;
    let ruler = crate::api::context::rule().await?;
    let presets = store::policies::list(&ruler).await?;
    let chosen = store::policies::chosen(&ruler).await?;
    let pools = services.engine.pools();
    let members = pools.iter().find(|(pool, _)| pool.as_str() == channel).map(|(_, links)| links.clone());
    let in_force = store::policies::ruled(&ruler, pools).await?;
    let name_of = |id| presets.iter().find(|preset| preset.id == id).map(|preset| preset.config.name.clone());
    let members = members.unwrap_or_default();
    let is_pool = !members.is_empty();
    let through = chosen.iter().filter(|one| members.contains(&one.channel));
    let through = through.filter_map(|one| Some((one.channel.to_string(), name_of(one.preset)?))).collect();
    let chosen = chosen.iter().find(|one| one.channel.as_str() == channel).map(|one| one.preset);
    Ok(PolicyOfChannel {
        chosen: chosen.map(|id| id.to_string()).unwrap_or_default(),
        presets: presets.into_iter().map(|preset| (preset.id.to_string(), preset.config.name)).collect(),
        rules: in_force.of(&channel).map(|rules| rules.rules()).unwrap_or_default(),
        through,
        is_pool,
    })
}

/// Gives a link or a pool a preset; an empty one takes its preset away.
#[server]
pub async fn choose_policy(channel: String, #[server(default)] preset: String) -> Result<(), AppError> {
    let services = crate::api::context::services()?;
    let ruler = crate::api::context::rule().await?;
    let channel = domain::channel::ChannelId::parse(&channel).map_err(|_| AppError::NotFound)?;
    let links = services.links.sheets(&ruler).await?;
    let pools = services.links.pool_sheets(&ruler).await?;
    if !links.iter().any(|link| link.id == channel) && !pools.iter().any(|pool| pool.id == channel) {
        return Err(AppError::NotFound);
    }
    let preset = if preset.is_empty() { None } else { Some(preset_id(&preset)?) };
    store::policies::choose(&ruler, &channel, preset).await?;
    services.engine.nudge();
    Ok(())
}

#[cfg(feature = "ssr")]
fn preset_id(text: &str) -> Result<domain::id::PresetId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

#[cfg(feature = "ssr")]
fn row(preset: &store::policies::Preset, chosen: &[store::policies::Chosen]) -> PresetRow {
    let having = chosen.iter().filter(|one| one.preset == preset.id);
    PresetRow {
        id: preset.id.to_string(),
        name: preset.config.name.clone(),
        rules: preset.config.rules(),
        channels: having.map(|one| one.channel.to_string()).collect(),
    }
}

#[cfg(feature = "ssr")]
fn read(
    name: String,
    [per_day, per_week, duplicate_hours]: [&str; 3],
    blacklist: bool,
    exempt_codes: bool,
) -> Result<domain::policy::PresetConfig, AppError> {
    let number = |field: &str, text: &str| match text.trim() {
        "" => Ok(None),
        text => {
            text.parse().map(Some).map_err(|_| AppError::field(field, "Write a whole number, or nothing for no limit."))
        }
    };
    Ok(domain::policy::PresetConfig {
        name,
        per_day: number("per_day", per_day)?,
        per_week: number("per_week", per_week)?,
        duplicate_hours: number("duplicate_hours", duplicate_hours)?,
        blacklist,
        exempt_codes,
    })
}
