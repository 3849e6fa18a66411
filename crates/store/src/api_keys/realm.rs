//! Where the records of keys lie: those of a workspace under its id, those of the installation and of
//! people apart.

use domain::{
    api_key::{ApiKey, Realm},
    id::{ApiKeyId, UserId},
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, SurrealValue, Value, Variables};

use crate::{
    Error,
    access::Inner,
    audit::Chain,
    db::{key, tx::Columns},
};

impl Columns for ApiKey {}

/// When and from where a key was used last; written once a minute at most.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LastUse {
    pub(super) at_ms: i64,
    pub(super) address: String,
}

impl Columns for LastUse {}

/// Leads from the hash of a secret to its key.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
pub(super) struct SecretClaim {
    pub(super) realm: Realm,
    pub(super) key: ApiKeyId,
}

impl Columns for SecretClaim {
    fn columns(&self) -> Vec<(&'static str, Value)> {
        let workspace = match self.realm {
            Realm::Workspace(workspace) => workspace.to_string(),
            Realm::Installation | Realm::Registry(_) => String::new(),
        };
        vec![("workspace", workspace.into_value())]
    }
}

/// Counts the keys that were made in a realm: whoever makes one relies on the count of active ones that they read.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub(super) struct Guard {
    pub(super) revision: u64,
}

impl Columns for Guard {}

/// A key as pages list it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyEntry {
    pub key: ApiKey,
    /// When and from which address it was used last.
    pub last_use: Option<(i64, String)>,
    /// The owner is blocked: the key does not work.
    pub owner_blocked: bool,
}

pub(super) fn key_of(realm: Realm, id: ApiKeyId) -> RecordId {
    match realm {
        Realm::Workspace(workspace) => key::of("api_key", workspace, [key::id(id)]),
        Realm::Installation => key::global("installation_key", id),
        Realm::Registry(_) => key::global("registry_key", id),
    }
}

pub(super) fn use_of(realm: Realm, id: ApiKeyId) -> RecordId {
    match realm {
        Realm::Workspace(workspace) => key::of("api_key_use", workspace, [key::id(id)]),
        Realm::Installation => key::global("installation_key_use", id),
        Realm::Registry(_) => key::global("registry_key_use", id),
    }
}

pub(super) fn secret_of(hash: &str) -> RecordId {
    key::global("api_key_secret", hash)
}

pub(super) fn guard_of(realm: Realm) -> RecordId {
    match realm {
        Realm::Workspace(workspace) => key::of("api_key_guard", workspace, []),
        Realm::Installation => key::global("api_key_guard", "installation"),
        Realm::Registry(owner) => key::global("api_key_guard", owner),
    }
}

pub(super) const fn chain_of(realm: Realm) -> Chain {
    match realm {
        Realm::Workspace(workspace) => Chain::Workspace(workspace),
        Realm::Installation | Realm::Registry(_) => Chain::Installation,
    }
}

impl Inner {
    /// Every key of a realm, newest first.
    pub(super) async fn keys_of(&self, realm: Realm) -> Result<Vec<ApiKey>, Error> {
        let mut vars = Variables::new();
        match realm {
            Realm::Workspace(workspace) => {
                vars.insert("range", key::all("api_key", workspace, []));
                self.db.docs("SELECT VALUE doc FROM $range ORDER BY id DESC", vars).await
            }
            Realm::Installation => self.db.docs("SELECT VALUE doc FROM installation_key ORDER BY id DESC", vars).await,
            Realm::Registry(owner) => {
                vars.insert("owner", owner.to_string());
                self.db.docs("SELECT VALUE doc FROM registry_key WHERE doc.owner = $owner ORDER BY id DESC", vars).await
            }
        }
    }

    pub(super) async fn entries_of(&self, realm: Realm) -> Result<Vec<KeyEntry>, Error> {
        let mut entries = Vec::new();
        for key in self.keys_of(realm).await? {
            let last_use: Option<LastUse> = self.db.get(use_of(realm, key.id)).await?;
            let owner_blocked = self.is_blocked(key.owner).await?;
            let last_use = last_use.map(|last| (last.at_ms, last.address));
            entries.push(KeyEntry { key, last_use, owner_blocked });
        }
        Ok(entries)
    }

    async fn is_blocked(&self, user: UserId) -> Result<bool, Error> {
        Ok(self.user(user).await?.is_none_or(|user| user.blocked_at_ms.is_some()))
    }
}
