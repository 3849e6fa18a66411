//! Presets in the hands of super admins, and which channel has which.

use domain::{channel::ChannelId, id::PresetId, policy::PresetConfig};

use super::{Choice, Preset, choice_key, preset_key};
use crate::{
    Error, Ruler,
    audit::{Chain, Event},
};

/// By name.
pub async fn list(ruler: &Ruler) -> Result<Vec<Preset>, Error> {
    let mut presets = ruler.inner().presets().await?;
    presets.sort_by(|a, b| (&a.config.name, a.id).cmp(&(&b.config.name, b.id)));
    Ok(presets)
}

pub async fn find(ruler: &Ruler, id: PresetId) -> Result<Preset, Error> {
    ruler.inner().db.get(preset_key(id)).await?.ok_or(Error::NotFound)
}

/// Which preset a channel has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chosen {
    pub channel: ChannelId,
    pub preset: PresetId,
}

/// Every channel that has one, by id.
pub async fn chosen(ruler: &Ruler) -> Result<Vec<Chosen>, Error> {
    let choices = ruler.inner().choices().await?;
    let mut chosen: Vec<Chosen> = choices
        .into_iter()
        .filter_map(|choice| Some(Chosen { channel: choice.channel, preset: choice.preset? }))
        .collect();
    chosen.sort_by(|a, b| a.channel.cmp(&b.channel));
    Ok(chosen)
}

fn checked(mut config: PresetConfig) -> Result<PresetConfig, Error> {
    config.name = config.name.trim().to_owned();
    config.check().map_err(|refusal| Error::invalid(refusal.field(), refusal.to_string()))?;
    Ok(config)
}

pub async fn add(ruler: &Ruler, config: PresetConfig) -> Result<Preset, Error> {
    let config = checked(config)?;
    let inner = ruler.inner();
    let preset = Preset {
        id: PresetId::from_uuid(inner.new_uuid()?),
        config,
        changed_at_ms: inner.now_ms(),
        changed_by: ruler.user().name.clone(),
        revision: 1,
    };
    let mut event = event(ruler, "preset.added", preset.id);
    for (field, value) in preset.config.said() {
        event = event.change(field, None, Some(value).filter(|value| !value.is_empty()));
    }
    inner
        .audited(Chain::Installation, event, |tx| {
            tx.create(preset_key(preset.id), &preset);
            ruler.rely_on(tx);
        })
        .await?;
    Ok(preset)
}

/// Puts other rules in force, if those that the person saw still are. They hold from the next claim on.
pub async fn change(ruler: &Ruler, id: PresetId, seen_revision: u64, config: PresetConfig) -> Result<Preset, Error> {
    let config = checked(config)?;
    let before = seen(ruler, id, seen_revision).await?;
    let after = Preset {
        config,
        changed_at_ms: ruler.now_ms(),
        changed_by: ruler.user().name.clone(),
        revision: before.revision + 1,
        ..before.clone()
    };
    let mut event = event(ruler, "preset.changed", id);
    for ((field, was), (_, is)) in before.config.said().into_iter().zip(after.config.said()) {
        event = event.change(field, Some(was), Some(is));
    }
    let changed = ruler
        .inner()
        .audited(Chain::Installation, event, |tx| {
            tx.compare_and_set(preset_key(id), before.revision, &after);
            ruler.rely_on(tx);
        })
        .await;
    match changed {
        Ok(()) => Ok(after),
        Err(Error::Moved) => Err(stale()),
        Err(other) => Err(other),
    }
}

/// Takes a preset away, and from the channels that have it. `seen_channels`: as many as the person was told.
pub async fn remove(ruler: &Ruler, id: PresetId, seen_revision: u64, seen_channels: u64) -> Result<(), Error> {
    let inner = ruler.inner();
    let before = seen(ruler, id, seen_revision).await?;
    let mut having = inner.choices().await?;
    having.retain(|choice| choice.preset == Some(id));
    if having.len() as u64 != seen_channels {
        return Err(stale());
    }
    let channels = having.iter().map(|choice| choice.channel.to_string()).collect::<Vec<_>>().join(", ");
    let event = event(ruler, "preset.removed", id).change("name", Some(before.config.name.clone()), None).change(
        "channels",
        Some(channels).filter(|channels| !channels.is_empty()),
        None,
    );
    let removed = inner
        .audited(Chain::Installation, event, |tx| {
            // Whoever chooses it writes it, too, so that no channel is left with a preset that is gone.
            tx.rely_on(preset_key(id), before.revision);
            tx.delete_existing(preset_key(id));
            for choice in &having {
                let after = Choice { preset: None, revision: choice.revision + 1, ..choice.clone() };
                tx.compare_and_set(choice_key(&choice.channel), choice.revision, &after);
            }
            ruler.rely_on(tx);
        })
        .await;
    match removed {
        Err(Error::Moved) => Err(stale()),
        other => other,
    }
}

/// Gives a channel a preset, or takes away the one that it has. Nothing is written when it has that already.
pub async fn choose(ruler: &Ruler, channel: &ChannelId, preset: Option<PresetId>) -> Result<(), Error> {
    let inner = ruler.inner();
    let before: Option<Choice> = inner.db.get(choice_key(channel)).await?;
    let had = before.as_ref().and_then(|before| before.preset);
    if had == preset {
        return Ok(());
    }
    let named = async |id: Option<PresetId>| match id {
        Some(id) => inner.db.get::<super::Preset>(preset_key(id)).await,
        None => Ok(None),
    };
    let (was, is) = (named(had).await?, named(preset).await?);
    if preset.is_some() && is.is_none() {
        return Err(Error::invalid("preset", "there is no such preset any more; choose another"));
    }
    let revision = before.as_ref().map_or(1, |before| before.revision + 1);
    let after = Choice { channel: channel.clone(), preset, revision };
    let name = |preset: &Preset| preset.config.name.clone();
    let event = Event::new(ruler.actor(), ruler.origin(), "channel.policy_chosen").on("channel", channel).change(
        "preset",
        was.as_ref().map(name),
        is.as_ref().map(name),
    );
    let chosen = inner
        .audited(Chain::Installation, event, |tx| {
            match &before {
                Some(before) => tx.compare_and_set(choice_key(channel), before.revision, &after),
                None => tx.create(choice_key(channel), &after),
            }
            if let Some(preset) = &is {
                tx.rely_on(preset_key(preset.id), preset.revision);
            }
            ruler.rely_on(tx);
        })
        .await;
    match chosen {
        Err(Error::Moved) => Err(stale()),
        other => other,
    }
}

async fn seen(ruler: &Ruler, id: PresetId, revision: u64) -> Result<Preset, Error> {
    let preset = find(ruler, id).await?;
    if preset.revision == revision { Ok(preset) } else { Err(stale()) }
}

fn stale() -> Error {
    Error::Stale { what: "somebody else has changed this preset in the meantime; look at it again".into() }
}

fn event(ruler: &Ruler, action: &'static str, id: PresetId) -> Event {
    Event::new(ruler.actor(), ruler.origin(), action).on("preset", &id)
}
