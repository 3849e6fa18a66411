//! Proofs of membership and of permission. Their fields are private and only this file makes them.

use std::{marker::PhantomData, ops::Deref, sync::Arc};

use domain::{
    audit::{Actor, Origin},
    campaign::Campaign,
    ctn_hash::WorkspaceKey,
    id::{CampaignId, UserId, WorkspaceId},
    permission::{Capacity, Kind, Permission, Reach},
    schedule::Zone,
    slug::Slug,
    workspace::{Rules, Workspace},
};

use super::{Gate, Inner, Session, membership_key};
use crate::{
    Error,
    audit::{Chain, Event},
    campaigns,
    db::{Tx, key},
    idempotency::{Claim, Mark},
    members::Membership,
    users::User,
};

/// Proof that the signed-in person may be in this workspace: a member, or a super admin.
#[derive(Debug, Clone)]
pub struct Scope {
    inner: Arc<Inner>,
    session: Session,
    workspace: Workspace,
    /// None: a super admin who is no member.
    membership: Option<Membership>,
    capacity: Capacity,
    /// All that it can be a proof of; None: whatever the capacity gives.
    only: Option<Permission>,
    /// The request of a program that is done with the next decision.
    request: Option<Arc<Mark>>,
}

impl Gate {
    /// Not a member, no such slug: the same [`Error::NotFound`].
    pub async fn enter(&self, session: &Session, slug: &Slug) -> Result<Scope, Error> {
        let workspace = self.inner.workspace_by_slug(slug).await?.ok_or(Error::NotFound)?;
        Scope::open(&self.inner, session, workspace).await
    }
}

impl Scope {
    /// Not a member: [`Error::NotFound`].
    pub(crate) async fn open(inner: &Arc<Inner>, session: &Session, workspace: Workspace) -> Result<Self, Error> {
        let membership = inner.membership(workspace.id, session.user().id).await?;
        let capacity = if session.user().super_admin {
            Capacity::SuperAdmin
        } else {
            membership.as_ref().ok_or(Error::NotFound)?.capacity()
        };
        if !workspace.lets_in(capacity) {
            return Err(Error::NotFound);
        }
        let (inner, session) = (Arc::clone(inner), session.clone());
        Ok(Self { inner, session, workspace, membership, capacity, only: None, request: None })
    }

    /// The same proof, good for one permission and no other: what a key may do.
    pub(crate) const fn only(mut self, permission: Permission) -> Self {
        self.only = Some(permission);
        self
    }

    fn stands_for(&self, permission: Permission) -> Result<(), Error> {
        match self.only {
            Some(only) if only != permission => Err(Error::Forbidden),
            Some(_) | None => Ok(()),
        }
    }

    pub(crate) const fn session(&self) -> &Session {
        &self.session
    }

    #[must_use]
    pub const fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    #[must_use]
    pub const fn workspace_id(&self) -> WorkspaceId {
        self.workspace.id
    }

    #[must_use]
    pub const fn capacity(&self) -> Capacity {
        self.capacity
    }

    #[must_use]
    pub const fn user(&self) -> &User {
        self.session.user()
    }

    #[must_use]
    pub const fn user_id(&self) -> UserId {
        self.session.user().id
    }

    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.inner.now_ms()
    }

    /// The workspace's time zone.
    #[must_use]
    pub fn zone(&self) -> Option<Zone> {
        Zone::parse(&self.workspace.time_zone).ok()
    }

    /// A moment as this workspace's people read it, with its offset.
    pub(crate) fn show_time(&self, at_ms: i64) -> String {
        self.zone().map_or_else(|| format!("{at_ms} ms"), |zone| zone.format(at_ms))
    }

    /// What this workspace and the installation make of the table of permissions.
    #[must_use]
    pub const fn rules(&self) -> Rules {
        self.workspace.rules(self.session.diagnostics_for())
    }

    /// Whether a control should be offered; the decision itself is [`Scope::grant`].
    #[must_use]
    pub const fn reach(&self, permission: Permission) -> Reach {
        self.rules().reach(permission, self.capacity)
    }

    /// The key with which this workspace's numbers are hashed.
    #[must_use]
    pub fn ctn_key(&self) -> WorkspaceKey {
        self.inner.keys.for_workspace(self.workspace.id)
    }

    /// Proof of a permission over everything in the workspace.
    pub fn grant<P: Kind>(&self) -> Result<Granted<P>, Error> {
        self.stands_for(P::PERMISSION)?;
        match self.reach(P::PERMISSION) {
            Reach::Any => Ok(Granted { scope: self.clone(), permission: PhantomData }),
            Reach::Own | Reach::None => Err(self.refuse(P::PERMISSION, None)),
        }
    }

    /// Proof of a permission over one campaign, with the campaign: any, or the person's own.
    pub async fn grant_on<P: Kind>(&self, id: CampaignId) -> Result<On<P>, Error> {
        self.stands_for(P::PERMISSION)?;
        let campaign = campaigns::find(self, id).await?;
        self.on(campaign)
    }

    /// The same with the campaign as its record has it: its figures may be those of an earlier moment.
    pub(crate) async fn grant_on_record<P: Kind>(&self, id: CampaignId) -> Result<On<P>, Error> {
        self.stands_for(P::PERMISSION)?;
        let campaign = campaigns::find_record(self, id).await?;
        self.on(campaign)
    }

    fn on<P: Kind>(&self, campaign: Campaign) -> Result<On<P>, Error> {
        let id = campaign.id;
        let allowed = match self.reach(P::PERMISSION) {
            Reach::Any => true,
            Reach::Own => campaign.author == self.user_id(),
            Reach::None => false,
        };
        if !allowed {
            return Err(self.refuse(P::PERMISSION, Some(id)));
        }
        Ok(On { granted: Granted { scope: self.clone(), permission: PhantomData }, campaign })
    }

    /// The refusal of a permission; on record unless it is about looking only, or the role would allow it were the
    /// workspace not archived.
    fn refuse(&self, permission: Permission, campaign: Option<CampaignId>) -> Error {
        let archived = self.workspace.archived_at_ms.is_some() && permission.changes();
        if archived && permission.reach(self.capacity) != Reach::None {
            return Error::Archived;
        }
        if !permission.only_looks() {
            let event = Event::new(self.actor(), self.origin(), "access.denied").change(
                "permission",
                None,
                Some(permission.label()),
            );
            let event = match campaign {
                Some(id) => event.on("campaign", &id),
                None => event.on("workspace", &self.workspace.id),
            };
            self.inner.denied(self.session.id(), Chain::Workspace(self.workspace.id), event);
        }
        Error::Forbidden
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    pub(crate) fn actor(&self) -> Actor {
        self.session.actor(Some(self.capacity))
    }

    pub(crate) fn origin(&self) -> Origin {
        self.session.origin().clone()
    }

    /// Makes a decision depend on what it was based on: that the person is still who they were, in the role that they
    /// had, under the rules of the workspace as they were read.
    pub(crate) fn rely_on(&self, tx: &mut Tx) {
        tx.rely_on(key::global("user", self.user_id()), self.user().revision);
        tx.rely_on(key::global("workspace", self.workspace.id), self.workspace.revision);
        if let Some(membership) = &self.membership {
            tx.rely_on(membership_key(self.workspace.id, self.user_id()), membership.revision);
            let lapsed = membership.tenure().at(self.now_ms()) != Some(membership.tenure());
            if lapsed && self.capacity != Capacity::SuperAdmin {
                tx.lapsed();
            }
        }
        if let Some(request) = &self.request {
            request.put(tx);
        }
    }
}

/// Proof of the permission `P` over everything in the workspace.
///
/// A proof of one permission does not stand for another:
/// ```compile_fail
/// use domain::permission::kind;
/// fn needs(_: &store::Granted<kind::DecideCampaign>) {}
/// fn try_it(proof: &store::Granted<kind::CreateCampaign>) {
///     needs(proof);
/// }
/// ```
/// and none can be made outside of this crate:
/// ```compile_fail
/// use domain::permission::kind;
/// fn forge(scope: store::Scope) -> store::Granted<kind::DecideCampaign> {
///     store::Granted { scope, permission: std::marker::PhantomData }
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Granted<P> {
    scope: Scope,
    permission: PhantomData<fn() -> P>,
}

impl<P> Deref for Granted<P> {
    type Target = Scope;

    fn deref(&self) -> &Scope {
        &self.scope
    }
}

/// Proof of the permission `P` over one campaign, with the campaign as it was read.
#[derive(Debug, Clone)]
pub struct On<P> {
    granted: Granted<P>,
    campaign: Campaign,
}

impl<P> On<P> {
    /// The same proof, for one decision, with which the request is done.
    #[must_use]
    pub fn for_request(mut self, claim: &Claim) -> Self {
        self.granted.scope.request = Some(Arc::new(claim.mark()));
        self
    }

    #[must_use]
    pub fn into_campaign(self) -> Campaign {
        self.campaign
    }

    #[must_use]
    pub const fn campaign(&self) -> &Campaign {
        &self.campaign
    }
}

impl<P> Deref for On<P> {
    type Target = Scope;

    fn deref(&self) -> &Scope {
        &self.granted.scope
    }
}
