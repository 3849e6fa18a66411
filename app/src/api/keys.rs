//! API keys of a workspace and of the installation.

use domain::api_key::{KeyState, Scope};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{error::AppError, state::moment::Moment};

/// What the page of keys shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// Newest first.
    pub rows: Vec<KeyRow>,
    /// One that was made just now, where no script has kept it.
    pub fresh: Option<FreshKey>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeyRow {
    pub id: String,
    pub name: String,
    /// How the secret begins.
    pub start: String,
    /// Empty for the installation's.
    pub scopes: Vec<Scope>,
    /// In whose name it acts.
    pub owner: String,
    /// The owner is blocked, and so the key does not work.
    pub owner_blocked: bool,
    pub created: Moment,
    pub expires: Moment,
    pub state: KeyState,
    /// By whom and when.
    pub revoked: Option<(String, Moment)>,
    /// When, and from which address.
    pub last_use: Option<(Moment, String)>,
}

/// A key with its secret, shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FreshKey {
    pub name: String,
    pub secret: String,
    /// A line for a terminal that tries it.
    pub curl: String,
}

/// The keys of the workspace.
#[server]
pub async fn api_keys(slug: String) -> Result<Keys, AppError> {
    use domain::permission::kind::ManageApiKeys;

    let services = super::context::services()?;
    let handed = super::key_handed_over::take(&services);
    let scope = super::context::enter(&slug).await?;
    let entries = store::api_keys::list(&scope.grant::<ManageApiKeys>()?).await?;
    let moment = |at_ms| Moment::of(&scope, at_ms);
    Ok(keys(entries, scope.now_ms(), handed, &services.public_url, moment))
}

/// A key that acts in the name of whoever makes it.
#[server]
pub async fn make_api_key(
    slug: String,
    name: String,
    #[server(default)] scopes: Vec<Scope>,
    life_days: u32,
) -> Result<FreshKey, AppError> {
    use domain::permission::kind::ManageApiKeys;

    let services = super::context::services()?;
    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant::<ManageApiKeys>()?;
    let new = store::api_keys::NewKey { name, scopes, life_days };
    let (key, secret) = store::api_keys::make(&proof, &new).await?;
    super::key_handed_over::keep(&services, &key.id.to_string(), secret.reveal());
    Ok(fresh(&key, secret.reveal(), &services.public_url))
}

/// Ends a key at once.
#[server]
pub async fn revoke_api_key(slug: String, key: String) -> Result<(), AppError> {
    use domain::permission::kind::ManageApiKeys;

    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant::<ManageApiKeys>()?;
    Ok(store::api_keys::revoke(&proof, key.parse().map_err(|_| AppError::NotFound)?).await?)
}

/// The keys of the installation, for super admins.
#[server]
pub async fn installation_keys() -> Result<Keys, AppError> {
    let services = super::context::services()?;
    let handed = super::key_handed_over::take(&services);
    let ruler = super::context::rule().await?;
    let entries = store::api_keys::installation_keys(&ruler).await?;
    Ok(keys(entries, ruler.now_ms(), handed, &services.public_url, Moment::in_utc))
}

/// A key that reads the figures of all workspaces.
#[server]
pub async fn make_installation_key(name: String, life_days: u32) -> Result<FreshKey, AppError> {
    let services = super::context::services()?;
    let ruler = super::context::rule().await?;
    let new = store::api_keys::NewKey { name, scopes: Vec::new(), life_days };
    let (key, secret) = store::api_keys::make_for_installation(&ruler, &new).await?;
    super::key_handed_over::keep(&services, &key.id.to_string(), secret.reveal());
    Ok(fresh(&key, secret.reveal(), &services.public_url))
}

#[server]
pub async fn revoke_installation_key(key: String) -> Result<(), AppError> {
    let ruler = super::context::rule().await?;
    let key = key.parse().map_err(|_| AppError::NotFound)?;
    Ok(store::api_keys::revoke_of_installation(&ruler, key).await?)
}

#[cfg(feature = "ssr")]
fn keys(
    entries: Vec<store::api_keys::KeyEntry>,
    now_ms: i64,
    handed: Option<(String, String)>,
    public_url: &str,
    moment: impl Fn(i64) -> Moment,
) -> Keys {
    let fresh = handed.and_then(|(id, secret)| {
        let entry = entries.iter().find(|entry| entry.key.id.to_string() == id);
        let entry = entry.filter(|entry| secret.starts_with(&entry.key.start))?;
        store::api_keys::ApiSecret::presented(&secret).is_well_formed().then(|| fresh(&entry.key, &secret, public_url))
    });
    let rows = entries.into_iter().map(|entry| {
        let store::api_keys::KeyEntry { key, last_use, owner_blocked } = entry;
        KeyRow {
            state: key.state(now_ms),
            id: key.id.to_string(),
            name: key.name,
            start: key.start,
            scopes: key.scopes,
            owner: key.owner_name,
            owner_blocked,
            created: moment(key.created_at_ms),
            expires: moment(key.expires_at_ms),
            revoked: key.revoked.map(|revoked| (revoked.by_name, moment(revoked.at_ms))),
            last_use: last_use.map(|(at_ms, address)| (moment(at_ms), address)),
        }
    });
    Keys { rows: rows.collect(), fresh }
}

#[cfg(feature = "ssr")]
fn fresh(key: &domain::api_key::ApiKey, secret: &str, public_url: &str) -> FreshKey {
    let path = match key.realm {
        domain::api_key::Realm::Workspace(_) => "workspace",
        domain::api_key::Realm::Installation => "installation/workspaces",
        domain::api_key::Realm::Registry(_) => "messaging/brands",
    };
    FreshKey {
        name: key.name.clone(),
        secret: secret.to_owned(),
        curl: format!("curl -H \"Authorization: Bearer {secret}\" {public_url}/api/v1/{path}"),
    }
}
