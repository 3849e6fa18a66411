//! Presenting a key, and the proofs that it gives.

use std::sync::Arc;

use domain::{
    api_key::{ApiKey, Covers, KeyState, Kind, Realm},
    audit::Origin,
    id::{CampaignId, SessionId, WorkspaceId},
    month::Month,
    permission,
    schedule::Zone,
    workspace::Workspace,
};
use surrealdb::types::Variables;

use super::{
    ApiSecret,
    realm::{LastUse, SecretClaim, chain_of, key_of, secret_of, use_of},
};
use crate::{
    Error, Gate, Granted, On, Scope, Session,
    access::Inner,
    audit::Event,
    db::{Tx, key},
    overview,
    usage::{self, Totals},
    users::User,
};

/// The time of last use is written at most this often.
const TOUCH_MS: i64 = 60_000;

/// Proof that a request comes from a program with a working key of a workspace. Short-lived: made anew for each request.
///
/// What it may do is asked for by scope, and a proof by one scope does not stand for another:
/// ```compile_fail
/// use domain::{api_key::kind::CampaignsRead, permission::kind::ViewAudit};
/// fn try_it(key: &store::api_keys::KeyScope) -> Result<store::Granted<ViewAudit>, store::Error> {
///     key.grant::<CampaignsRead>()
/// }
/// ```
#[derive(Debug, Clone)]
pub struct KeyScope {
    inner: Arc<Inner>,
    scope: Scope,
    key: ApiKey,
}

/// Proof that a request comes from a program with a working key of the installation: it reads the figures of all
/// workspaces, and nothing else.
#[derive(Debug, Clone)]
pub struct MasterKeyScope {
    inner: Arc<Inner>,
    key: ApiKey,
}

impl Gate {
    /// The scope of a presented key. What is unknown, mistyped, revoked or expired, and what belongs to somebody who is
    /// blocked or no member any more, is the same [`Error::SignedOut`], found out by the same look into the database;
    /// a key of the installation is [`Error::Forbidden`].
    pub async fn enter_key(&self, presented: &ApiSecret, origin: Origin) -> Result<KeyScope, Error> {
        let inner = &self.inner;
        let (key, owner) = inner.behind(presented, &origin).await?;
        let Realm::Workspace(workspace) = key.realm else {
            inner.refuse(&key, &owner, origin, "only a key of a workspace opens one");
            return Err(Error::Forbidden);
        };
        let workspace: Workspace =
            inner.db.get_known(key::global("workspace", workspace)).await?.ok_or(Error::SignedOut)?;
        let session = Session::of_key(&key, owner.clone(), origin.clone());
        match Scope::open(inner, &session, workspace).await {
            Ok(scope) => {
                inner.touch(&key, &origin).await;
                Ok(KeyScope { inner: Arc::clone(inner), scope, key })
            }
            Err(Error::NotFound) => {
                inner.refuse(&key, &owner, origin, "its owner is no member of the workspace any more");
                Err(Error::SignedOut)
            }
            Err(other) => Err(other),
        }
    }

    /// The same for a key of the installation, whose owner is a super admin; a workspace's is [`Error::Forbidden`].
    pub async fn enter_installation_key(&self, presented: &ApiSecret, origin: Origin) -> Result<MasterKeyScope, Error> {
        let inner = &self.inner;
        let (key, owner) = inner.behind(presented, &origin).await?;
        if key.realm != Realm::Installation {
            inner.refuse(&key, &owner, origin, "only a key of the installation opens it");
            return Err(Error::Forbidden);
        }
        if !owner.super_admin {
            inner.refuse(&key, &owner, origin, "its owner is no super admin any more");
            return Err(Error::SignedOut);
        }
        inner.touch(&key, &origin).await;
        Ok(MasterKeyScope { inner: Arc::clone(inner), key })
    }
}

impl KeyScope {
    #[must_use]
    pub const fn key(&self) -> &ApiKey {
        &self.key
    }

    #[must_use]
    pub const fn workspace(&self) -> &Workspace {
        self.scope.workspace()
    }

    /// The proof that a scope of the key stands for. The key has to have it, and its owner has to be allowed as much now;
    /// a refusal is on record.
    pub fn grant<S: Kind>(&self) -> Result<Granted<S::Permission>, Error> {
        self.granted::<S, S::Permission>()
    }

    /// The same for one of several permissions that a scope covers.
    pub fn grant_as<S: Covers<P>, P: permission::Kind>(&self) -> Result<Granted<P>, Error> {
        self.granted::<S, P>()
    }

    fn granted<S: Kind, P: permission::Kind>(&self) -> Result<Granted<P>, Error> {
        self.check_made_for::<S>()?;
        self.judged::<S, _>(self.scope.clone().only(P::PERMISSION).grant::<P>())
    }

    /// The same over one campaign, with the campaign.
    pub async fn grant_on<S: Covers<P>, P: permission::Kind>(&self, id: CampaignId) -> Result<On<P>, Error> {
        self.check_made_for::<S>()?;
        self.judged::<S, _>(self.scope.clone().only(P::PERMISSION).grant_on::<P>(id).await)
    }

    /// [`KeyScope::grant_on`] for what is asked a thousand times a second: the figures of the campaign may be old.
    pub async fn grant_on_record<S: Covers<P>, P: permission::Kind>(&self, id: CampaignId) -> Result<On<P>, Error> {
        self.check_made_for::<S>()?;
        self.judged::<S, _>(self.scope.clone().only(P::PERMISSION).grant_on_record::<P>(id).await)
    }

    fn check_made_for<S: Kind>(&self) -> Result<(), Error> {
        if self.key.has(S::SCOPE) {
            return Ok(());
        }
        self.refused(&format!("{}: the key was not made for it", S::SCOPE.name()))
    }

    fn judged<S: Kind, T>(&self, granted: Result<T, Error>) -> Result<T, Error> {
        match granted {
            Err(Error::Forbidden) => self.refused(&format!("{}: its owner's role does not allow it", S::SCOPE.name())),
            other => other,
        }
    }

    fn refused<T>(&self, why: &str) -> Result<T, Error> {
        self.inner.refuse(&self.key, self.scope.user(), self.scope.origin(), why);
        Err(Error::Forbidden)
    }

    pub(super) const fn scope(&self) -> &Scope {
        &self.scope
    }

    pub(crate) fn shared(&self) -> Arc<Inner> {
        Arc::clone(&self.inner)
    }

    /// Campaigns that were ever submitted; drafts do not count.
    pub async fn workspace_total(&self) -> Result<u64, Error> {
        overview::workspace_total(&self.inner, self.workspace().id).await
    }
}

impl MasterKeyScope {
    #[must_use]
    pub const fn key(&self) -> &ApiKey {
        &self.key
    }

    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.inner.now_ms()
    }

    /// At most `limit` workspaces in the order of their making, behind `after`.
    pub async fn workspaces(&self, after: Option<WorkspaceId>, limit: u32) -> Result<Vec<Workspace>, Error> {
        let mut vars = Variables::new();
        vars.insert("after", after.map(|after| after.to_string()).unwrap_or_default());
        vars.insert("limit", i64::from(limit));
        let sql = "SELECT VALUE doc FROM \
                   (SELECT id, doc FROM workspace WHERE doc.id > $after ORDER BY id LIMIT $limit)";
        self.inner.db.docs(sql, vars).await
    }

    /// Campaigns of one of them that were ever submitted.
    pub async fn workspace_total(&self, workspace: &Workspace) -> Result<u64, Error> {
        overview::workspace_total(&self.inner, workspace.id).await
    }

    /// What one of them sent in a month of its own calendar.
    pub async fn usage(&self, workspace: &Workspace, month: Month) -> Result<Totals, Error> {
        usage::totals(&self.inner, workspace, month).await
    }

    /// The month that it is now in UTC.
    #[must_use]
    pub fn month_now(&self) -> Option<Month> {
        Zone::utc().month_of(self.now_ms())
    }
}

impl Inner {
    /// The key and its owner, if both are good.
    pub(super) async fn behind(
        self: &Arc<Self>,
        presented: &ApiSecret,
        origin: &Origin,
    ) -> Result<(ApiKey, User), Error> {
        let claim: Option<SecretClaim> = self.db.get_known(secret_of(&presented.hash())).await?;
        let claim = claim.filter(|_| presented.is_well_formed()).ok_or(Error::SignedOut)?;
        let key: ApiKey = self.db.get_known(key_of(claim.realm, claim.key)).await?.ok_or(Error::SignedOut)?;
        let owner: User = self.db.get_known(key::global("user", key.owner)).await?.ok_or(Error::SignedOut)?;
        let why = match key.state(self.now_ms()) {
            KeyState::Revoked => "it is revoked",
            KeyState::Expired => "it has expired",
            KeyState::Active | KeyState::EndsSoon if owner.blocked_at_ms.is_some() => "its owner is blocked",
            KeyState::Active | KeyState::EndsSoon => return Ok((key, owner)),
        };
        self.refuse(&key, &owner, origin.clone(), why);
        Err(Error::SignedOut)
    }

    /// Puts a refusal of a known key on record, a few times a minute at most; the refusal itself does not wait for it.
    pub(crate) fn refuse(self: &Arc<Self>, key: &ApiKey, owner: &User, origin: Origin, why: &str) {
        let event = Event::new(owner.actor(), origin, "api_key.denied")
            .on("api_key", &key.id)
            .change("key", None, Some(key.start.clone()))
            .change("reason", None, Some(why));
        self.denied(SessionId::from_uuid(key.id.as_uuid()), chain_of(key.realm), event);
    }

    /// Notes the use of a key. A request does not fail for it.
    pub(super) async fn touch(&self, key: &ApiKey, origin: &Origin) {
        let now_ms = self.now_ms();
        if !self.touches.is_due(key.id, now_ms, TOUCH_MS) {
            return;
        }
        let record = use_of(key.realm, key.id);
        let before: Result<Option<LastUse>, Error> = self.db.get(record.clone()).await;
        if before.is_ok_and(|before| before.is_none_or(|before| now_ms >= before.at_ms + TOUCH_MS)) {
            let next = LastUse { at_ms: now_ms, address: origin.address.clone() };
            let written = self.db.transact(|| {
                let mut tx = Tx::new();
                tx.put(record.clone(), &next);
                tx
            });
            if let Err(cause) = written.await {
                tracing::warn!(?cause, api_key.id = %key.id, "the use of a key is not noted");
            }
        }
    }
}
