//! Keys of people for the 10DLC registry: good in every workspace in which their owner has to do with it, as staff, as a
//! member or as a super admin.

use domain::{
    api_key::{self, Realm},
    audit::{Actor, Origin},
    id::ApiKeyId,
};

use super::{ApiSecret, KeyEntry, NewKey, manage::Keeper, secret::OF_REGISTRY};
use crate::{
    Error, Gate, Session,
    access::{Inner, fold},
    tendlc::{KeyOf, Registrar},
    users::User,
};

/// What such a key can be made for.
const SCOPES: [api_key::Scope; 2] = [api_key::Scope::TenDlcRead, api_key::Scope::TenDlcWrite];

impl Gate {
    /// What a presented key may do at the 10DLC registry: one of a workspace in that workspace, one of a person wherever
    /// they have to do with it. What does not work is [`Error::SignedOut`], as with [`Gate::enter_key`].
    pub async fn enter_registry_key(&self, presented: &ApiSecret, origin: Origin) -> Result<Registrar, Error> {
        let inner = &self.inner;
        let (key, owner) = inner.behind(presented, &origin).await?;
        match key.realm {
            Realm::Workspace(_) => {
                let entered = self.enter_key(presented, origin).await?;
                let session = entered.scope().session().clone();
                let key = KeyOf { key, workspace: Some(entered.workspace().id) };
                Registrar::open(inner, &session, Some(key)).await
            }
            Realm::Registry(_) => {
                inner.touch(&key, &origin).await;
                let session = Session::of_key(&key, owner, origin);
                Registrar::open(inner, &session, Some(KeyOf { key, workspace: None })).await
            }
            Realm::Installation => {
                inner.refuse(&key, &owner, origin, "a key of the installation does not open the 10DLC registry");
                Err(Error::Forbidden)
            }
        }
    }
}

async fn owner(gate: &Gate, email: &str) -> Result<User, Error> {
    gate.inner.user_by_email(&fold(email)).await?.ok_or(Error::NotFound)
}

fn keeper<'a>(inner: &'a Inner, of: &User, person: &'a User) -> Keeper<'a> {
    let actor = Actor::System { reason: "command line".into() };
    Keeper { inner, realm: Realm::Registry(of.id), person, actor, origin: Origin::default() }
}

/// From the command line: a key for the 10DLC registry that acts in somebody's name. The secret is returned and not kept.
pub async fn make_for_registry(gate: &Gate, email: &str, new: &NewKey) -> Result<ApiSecret, Error> {
    let owner = owner(gate, email).await?;
    if new.scopes.is_empty() || new.scopes.iter().any(|scope| !SCOPES.contains(scope)) {
        return Err(Error::invalid("scopes", "such a key is for tendlc:read, tendlc:write, or both"));
    }
    let keeper = keeper(&gate.inner, &owner, &owner);
    let made = keeper.make(new, new.scopes.clone(), OF_REGISTRY, |tx| {
        tx.rely_on(crate::db::key::global("user", owner.id), owner.revision);
    });
    Ok(made.await?.1)
}

/// From the command line: somebody's keys for the 10DLC registry, newest first.
pub async fn registry_keys(gate: &Gate, email: &str) -> Result<Vec<KeyEntry>, Error> {
    let owner = owner(gate, email).await?;
    gate.inner.entries_of(Realm::Registry(owner.id)).await
}

/// From the command line: ends one of these keys.
pub async fn revoke_of_registry(gate: &Gate, email: &str, id: ApiKeyId) -> Result<(), Error> {
    let owner = owner(gate, email).await?;
    let by = User { name: "command line".to_owned(), ..owner.clone() };
    keeper(&gate.inner, &owner, &by).revoke(id, |_| {}).await
}
