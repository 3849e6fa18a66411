//! Making and revoking keys. Both are on record, with everything but the secret.

use domain::{
    api_key::{self, ACTIVE_MAX, ApiKey, DAY_MS, LIFE_DAYS_MAX, NAME_CHARACTERS_MAX, Realm, Revocation},
    audit::{Actor, Origin},
    id::ApiKeyId,
    permission::kind,
};

use super::{
    ApiSecret,
    realm::{Guard, KeyEntry, SecretClaim, chain_of, guard_of, key_of, secret_of},
    secret::{OF_INSTALLATION, OF_WORKSPACE},
};
use crate::{Error, Granted, Ruler, access::Inner, audit::Event, db::Tx, users::User};

/// Attempts to make a key when others are made at the same time.
const ATTEMPTS_MAX: u32 = 20;

/// A key about to be made.
#[derive(Debug, Clone)]
pub struct NewKey {
    pub name: String,
    /// Ignored for the installation's keys.
    pub scopes: Vec<api_key::Scope>,
    pub life_days: u32,
}

/// The keys of the workspace, newest first.
pub async fn list(scope: &Granted<kind::ManageApiKeys>) -> Result<Vec<KeyEntry>, Error> {
    scope.inner().entries_of(Realm::Workspace(scope.workspace_id())).await
}

/// The keys of the installation, newest first.
pub async fn installation_keys(ruler: &Ruler) -> Result<Vec<KeyEntry>, Error> {
    ruler.inner().entries_of(Realm::Installation).await
}

/// A key that acts in the name of whoever makes it. The secret is returned and not kept.
pub async fn make(scope: &Granted<kind::ManageApiKeys>, new: &NewKey) -> Result<(ApiKey, ApiSecret), Error> {
    if new.scopes.is_empty() {
        return Err(Error::invalid("scopes", "choose at least one thing that the key may do"));
    }
    Keeper::of_workspace(scope).make(new, new.scopes.clone(), OF_WORKSPACE, |tx| scope.rely_on(tx)).await
}

/// A key that reads the figures of all workspaces.
pub async fn make_for_installation(ruler: &Ruler, new: &NewKey) -> Result<(ApiKey, ApiSecret), Error> {
    Keeper::of_installation(ruler).make(new, Vec::new(), OF_INSTALLATION, |tx| ruler.rely_on(tx)).await
}

/// Ends a key: its next request is refused. Revoking it again changes nothing.
pub async fn revoke(scope: &Granted<kind::ManageApiKeys>, id: ApiKeyId) -> Result<(), Error> {
    Keeper::of_workspace(scope).revoke(id, |tx| scope.rely_on(tx)).await
}

pub async fn revoke_of_installation(ruler: &Ruler, id: ApiKeyId) -> Result<(), Error> {
    Keeper::of_installation(ruler).revoke(id, |tx| ruler.rely_on(tx)).await
}

/// Who does something to the keys of a realm.
pub(super) struct Keeper<'a> {
    pub(super) inner: &'a Inner,
    pub(super) realm: Realm,
    /// Whose key it will be, and who revokes one.
    pub(super) person: &'a User,
    pub(super) actor: Actor,
    pub(super) origin: Origin,
}

impl<'a> Keeper<'a> {
    fn of_workspace(scope: &'a Granted<kind::ManageApiKeys>) -> Self {
        Self {
            inner: scope.inner(),
            realm: Realm::Workspace(scope.workspace_id()),
            person: scope.user(),
            actor: scope.actor(),
            origin: scope.origin(),
        }
    }

    fn of_installation(ruler: &'a Ruler) -> Self {
        Self {
            inner: ruler.inner(),
            realm: Realm::Installation,
            person: ruler.user(),
            actor: ruler.actor(),
            origin: ruler.origin(),
        }
    }

    fn event(&self, action: &'static str, key: &ApiKey) -> Event {
        Event::new(self.actor.clone(), self.origin.clone(), action).on("api_key", &key.id)
    }

    pub(super) async fn make(
        &self,
        new: &NewKey,
        mut scopes: Vec<api_key::Scope>,
        prefix: &str,
        rely_on: impl Fn(&mut Tx),
    ) -> Result<(ApiKey, ApiSecret), Error> {
        let name = new.name.trim();
        if !(1..=NAME_CHARACTERS_MAX).contains(&name.chars().count()) {
            return Err(Error::invalid("name", format!("a name has 1 to {NAME_CHARACTERS_MAX} characters")));
        }
        if !(1..=LIFE_DAYS_MAX).contains(&new.life_days) {
            return Err(Error::invalid("life_days", format!("a key is good for 1 to {LIFE_DAYS_MAX} days")));
        }
        scopes.sort_unstable();
        scopes.dedup();
        let secret = ApiSecret::new(prefix)?;
        let now_ms = self.inner.now_ms();
        let key = ApiKey {
            id: ApiKeyId::from_uuid(self.inner.new_uuid()?),
            realm: self.realm,
            name: name.to_owned(),
            scopes,
            start: secret.start(),
            owner: self.person.id,
            owner_name: self.person.name.clone(),
            created_at_ms: now_ms,
            expires_at_ms: now_ms + i64::from(new.life_days) * DAY_MS,
            revoked: None,
            revision: 1,
        };
        let claim = SecretClaim { realm: self.realm, key: key.id };
        let (record, secret_record) = (key_of(self.realm, key.id), secret_of(&secret.hash()));
        for _ in 0..ATTEMPTS_MAX {
            let guard: Option<Guard> = self.inner.db.get(guard_of(self.realm)).await?;
            self.check_room(now_ms).await?;
            let made = self
                .inner
                .audited(chain_of(self.realm), self.made(&key), |tx| {
                    match &guard {
                        None => tx.create(guard_of(self.realm), &Guard { revision: 1 }),
                        Some(Guard { revision }) => {
                            let next = Guard { revision: revision + 1 };
                            tx.compare_and_set(guard_of(self.realm), *revision, &next);
                        }
                    }
                    tx.create(record.clone(), &key);
                    tx.create(secret_record.clone(), &claim);
                    rely_on(tx);
                })
                .await;
            match made {
                Ok(()) => return Ok((key, secret)),
                // Somebody else made a key: count again.
                Err(Error::Moved) => {}
                Err(Error::Stale { .. }) if guard.is_none() => {}
                Err(other) => return Err(other),
            }
        }
        Err(Error::Moved)
    }

    async fn check_room(&self, now_ms: i64) -> Result<(), Error> {
        let keys = self.inner.keys_of(self.realm).await?;
        if keys.iter().filter(|key| key.state(now_ms).is_active()).count() < ACTIVE_MAX {
            return Ok(());
        }
        Err(Error::invalid(
            "name",
            format!("there are {ACTIVE_MAX} active keys; revoke one that is not needed any more"),
        ))
    }

    fn made(&self, key: &ApiKey) -> Event {
        let scopes: Vec<&str> = key.scopes.iter().map(|scope| scope.name()).collect();
        self.event("api_key.made", key)
            .change("name", None, Some(key.name.clone()))
            .change("start", None, Some(key.start.clone()))
            .change("scopes", None, Some(scopes.join(" ")).filter(|scopes| !scopes.is_empty()))
            .change("expires_at_ms", None, Some(key.expires_at_ms))
    }

    pub(super) async fn revoke(&self, id: ApiKeyId, rely_on: impl Fn(&mut Tx)) -> Result<(), Error> {
        let record = key_of(self.realm, id);
        let before: ApiKey = self.inner.db.get(record.clone()).await?.ok_or(Error::NotFound)?;
        if before.revoked.is_some() {
            return Ok(());
        }
        let (by, by_name) = (self.person.id, self.person.name.clone());
        let after = ApiKey {
            revoked: Some(Revocation { by, by_name, at_ms: self.inner.now_ms() }),
            revision: before.revision + 1,
            ..before.clone()
        };
        let event = self.event("api_key.revoked", &before).change("name", Some(before.name.clone()), None).change(
            "start",
            Some(before.start.clone()),
            None,
        );
        self.inner
            .audited(chain_of(self.realm), event, |tx| {
                tx.compare_and_set(record.clone(), before.revision, &after);
                rely_on(tx);
            })
            .await
    }
}
