//! What a super admin has set for the installation, above the values of the configuration file.

use domain::installation::Settings;
use serde::{Deserialize, Serialize};
use surrealdb::types::RecordId;

use crate::{
    Error, Gate, Ruler,
    access::Inner,
    audit::{Chain, Event},
    db::{key, tx::Columns},
};

/// The settings as they are in force.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct InForce {
    pub settings: Settings,
    /// 0: nothing was ever set, and the values of the configuration file hold.
    pub revision: u64,
}

impl Columns for InForce {}

fn settings_key() -> RecordId {
    key::global("installation_settings", "settings")
}

impl Inner {
    pub(crate) async fn settings(&self) -> Result<InForce, Error> {
        let read = self.db.get(settings_key());
        let set: Option<InForce> = self.db.known(&["installation_settings"], "settings".to_owned(), read).await?;
        Ok(set.unwrap_or_else(|| InForce { settings: self.default_settings.clone(), revision: 0 }))
    }

    /// Refuses a password that is too short, common, refused by the installation, or the address itself.
    pub(crate) async fn check_password(&self, password: &str, email: &str) -> Result<(), Error> {
        let settings = self.settings().await?.settings;
        let checked = settings.password_rules().check(password, email);
        checked.map_err(|refusal| Error::invalid("password", refusal.to_string()))
    }
}

/// Characters of a password at least, for the forms that set one.
pub async fn password_min_length(gate: &Gate) -> Result<u32, Error> {
    Ok(gate.inner.settings().await?.settings.password_min_length)
}

pub async fn read(ruler: &Ruler) -> Result<InForce, Error> {
    ruler.inner().settings().await
}

/// Puts settings in force, if those that the person saw still are.
pub async fn save(ruler: &Ruler, seen_revision: u64, settings: Settings) -> Result<(), Error> {
    settings.check().map_err(|refusal| Error::invalid(refusal.setting(), refusal.to_string()))?;
    let inner = ruler.inner();
    let before = inner.settings().await?;
    let stale =
        || Error::Stale { what: "somebody else changed the settings in the meantime; look at them again".into() };
    if before.revision != seen_revision {
        return Err(stale());
    }
    if before.settings == settings {
        return Ok(());
    }
    let event = changes(&before.settings, &settings, Event::new(ruler.actor(), ruler.origin(), "settings.changed"));
    let after = InForce { settings, revision: seen_revision + 1 };
    let saved = inner
        .audited(Chain::Installation, event.on("installation", &"settings"), |tx| {
            ruler.rely_on(tx);
            if seen_revision == 0 {
                tx.create(settings_key(), &after);
            } else {
                tx.compare_and_set(settings_key(), seen_revision, &after);
            }
        })
        .await;
    // Two who set something for the first time at once: the record exists, or is at another revision.
    match saved {
        Err(Error::Moved) => Err(stale()),
        Err(Error::Stale { .. }) if inner.settings().await?.revision != seen_revision => Err(stale()),
        other => other,
    }
}

fn changes(before: &Settings, after: &Settings, event: Event) -> Event {
    event
        .change("password_min_length", Some(before.password_min_length), Some(after.password_min_length))
        .change("refused_words", Some(before.refused_words.join(", ")), Some(after.refused_words.join(", ")))
        .change("second_factor", Some(before.second_factor.name()), Some(after.second_factor.name()))
        .change("session_hours", Some(before.session_hours), Some(after.session_hours))
        .change("session_idle_minutes", Some(before.session_idle_minutes), Some(after.session_idle_minutes))
        .change("diagnostics_for", Some(before.diagnostics_for.name()), Some(after.diagnostics_for.name()))
}
