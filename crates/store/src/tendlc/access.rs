//! Proofs of what somebody sees and may do at the 10DLC registry. Their fields are private and only this file makes them.

use std::{collections::BTreeMap, marker::PhantomData, ops::Deref, sync::Arc};

use domain::{
    api_key::{ApiKey, Scope as KeyFor},
    id::{ApiKeyId, UserId, WorkspaceId},
    permission::{Capacity, Permission, Reach},
    slug::Slug,
    tendlc::{
        Visible,
        staff::{NoChoice, StaffAction, StaffRole},
    },
    workspace::Workspace,
};
use surrealdb::types::RecordId;

use super::{
    edits::Editor,
    staff::{Assignment, assignment_key},
};
use crate::{
    Error, Gate, Scope, Session,
    access::Inner,
    audit::{Chain, Event},
    db::{Tx, key},
    idempotency::Caller,
};

/// What is done at the registry, as types: a proof of one cannot stand for another.
pub mod action {
    #[derive(Debug, Clone, Copy)]
    pub enum Read {}
    /// Register, change, vet and delete brands.
    #[derive(Debug, Clone, Copy)]
    pub enum Brands {}
    /// Register, change and deactivate 10DLC campaigns.
    #[derive(Debug, Clone, Copy)]
    pub enum Campaigns {}
    /// Assign numbers and take them out.
    #[derive(Debug, Clone, Copy)]
    pub enum Numbers {}
}

/// The type-level name of a [`StaffAction`]; implemented by the types of [`action`] and by nothing else.
pub trait Action: sealed::Sealed {
    const STAFF: StaffAction;
    /// What a member of the workspace needs for it.
    const PERMISSION: Permission;
    /// What a key has to be made for.
    const KEY: KeyFor;
}

mod sealed {
    pub trait Sealed {}
}

macro_rules! actions {
    ($($name:ident => $permission:ident, $key:ident;)+) => {$(
        impl sealed::Sealed for action::$name {}
        impl Action for action::$name {
            const STAFF: StaffAction = StaffAction::$name;
            const PERMISSION: Permission = Permission::$permission;
            const KEY: KeyFor = KeyFor::$key;
        }
    )+};
}

actions! {
    Read => ViewWorkspace, TenDlcRead;
    Brands => ManageBrands, TenDlcWrite;
    Campaigns => ManageTenDlc, TenDlcWrite;
    Numbers => ManageTenDlc, TenDlcWrite;
}

/// A key by which somebody comes.
#[derive(Debug, Clone)]
pub(crate) struct KeyOf {
    pub(crate) key: ApiKey,
    /// The only one that it opens; None: every one in which its owner has to do with the registry.
    pub(crate) workspace: Option<WorkspaceId>,
}

/// Proof of which workspaces somebody sees at the registry: those of which they are a member, those that are assigned to
/// them as staff, all for a super admin. Short-lived: made anew for each request.
///
/// ```compile_fail
/// fn forge(visible: domain::tendlc::Visible) -> store::tendlc::Registrar {
///     store::tendlc::Registrar { visible }
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Registrar {
    inner: Arc<Inner>,
    session: Session,
    key: Option<KeyOf>,
    visible: Visible,
    assigned: BTreeMap<WorkspaceId, Assignment>,
}

/// Proof that somebody reads what is of these workspaces.
#[derive(Debug, Clone)]
pub struct Sight {
    inner: Arc<Inner>,
    visible: Visible,
}

/// Proof that somebody has to do with the registry in one workspace, and reads there.
#[derive(Debug, Clone)]
pub struct Desk {
    registrar: Registrar,
    workspace: Workspace,
    /// As a member, or as a super admin.
    scope: Option<Scope>,
    /// As staff.
    assigned: Option<Assignment>,
}

/// Proof of an action in one workspace.
///
/// ```compile_fail
/// use store::tendlc::{Doing, action};
/// fn needs(_: &Doing<action::Brands>) {}
/// fn try_it(proof: &Doing<action::Campaigns>) {
///     needs(proof);
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Doing<A> {
    desk: Desk,
    /// Whether it is allowed as staff, and not to the member.
    as_staff: bool,
    action: PhantomData<fn() -> A>,
}

impl Gate {
    /// What the signed-in person sees and may do at the registry. Everybody has one; for most people there is nothing.
    pub async fn registrar(&self, session: &Session) -> Result<Registrar, Error> {
        Registrar::open(&self.inner, session, None).await
    }

    /// The desk of one workspace by its address, for its members, its staff and super admins. For everybody else it is like
    /// no workspace: [`Error::NotFound`].
    pub async fn desk(&self, session: &Session, slug: &Slug) -> Result<Desk, Error> {
        let workspace = self.inner.workspace_by_slug(slug).await?.ok_or(Error::NotFound)?;
        let assigned = self.inner.assignments_of(session.user().id).await?.remove(&workspace.id);
        let registrar = Registrar {
            inner: Arc::clone(&self.inner),
            session: session.clone(),
            key: None,
            visible: Visible::only([workspace.id]),
            assigned: assigned.into_iter().map(|assignment| (assignment.workspace, assignment)).collect(),
        };
        registrar.sit(workspace).await
    }
}

impl Registrar {
    pub(crate) async fn open(inner: &Arc<Inner>, session: &Session, key: Option<KeyOf>) -> Result<Self, Error> {
        let user = session.user();
        let assigned = inner.assignments_of(user.id).await?;
        let seen = if user.super_admin {
            Visible::All
        } else {
            let member = inner.workspaces_of(user).await?.into_iter().map(|entry| entry.workspace.id);
            Visible::only(member.chain(assigned.keys().copied()))
        };
        let visible = match key.as_ref().and_then(|key| key.workspace) {
            None => seen,
            Some(only) if seen.sees(only) => Visible::only([only]),
            Some(_) => Visible::None,
        };
        Ok(Self { inner: Arc::clone(inner), session: session.clone(), key, visible, assigned })
    }

    #[must_use]
    pub const fn visible(&self) -> &Visible {
        &self.visible
    }

    /// The workspaces that are seen, by name, with what the person is in each as staff.
    pub async fn workspaces(&self) -> Result<Vec<(Workspace, Option<StaffRole>)>, Error> {
        let mut found = match &self.visible {
            Visible::All => self.inner.all_workspaces().await?,
            Visible::Only(ids) => {
                let mut found = Vec::with_capacity(ids.len());
                for id in ids {
                    found.extend(self.inner.db.get::<Workspace>(key::global("workspace", id)).await?);
                }
                found
            }
            Visible::None => Vec::new(),
        };
        found.sort_by_cached_key(|workspace| (workspace.display_name.to_lowercase(), workspace.id));
        let role = |id: WorkspaceId| self.assigned.get(&id).map(|assigned| assigned.role);
        Ok(found.into_iter().map(|workspace| (role(workspace.id), workspace)).map(|(role, of)| (of, role)).collect())
    }

    /// The key by which they come.
    #[must_use]
    pub fn key(&self) -> Option<&ApiKey> {
        self.key.as_ref().map(|key| &key.key)
    }

    /// Refused unless a key that was presented is for the action; a refusal is on record.
    pub fn check_key<A: Action>(&self) -> Result<(), Error> {
        let Some(KeyOf { key, .. }) = &self.key else { return Ok(()) };
        if key.has(A::KEY) {
            return Ok(());
        }
        let why = format!("{}: the key was not made for it", A::KEY.name());
        self.inner.refuse(key, self.session.user(), self.session.origin().clone(), &why);
        Err(Error::Forbidden)
    }

    /// The workspace that is named by its id or slug; one that is not seen is like none.
    async fn named(&self, named: &str) -> Result<WorkspaceId, Error> {
        let found = match named.trim().parse::<WorkspaceId>() {
            Ok(id) => self.inner.db.get_known::<Workspace>(key::global("workspace", id)).await?,
            Err(_) => match Slug::parse(named.trim()) {
                Ok(slug) => self.inner.workspace_by_slug(&slug).await?,
                Err(_) => None,
            },
        };
        found.map(|workspace| workspace.id).filter(|id| self.visible.sees(*id)).ok_or(Error::NotFound)
    }

    /// For lists: all that is seen, or the one of these workspaces that is named.
    pub async fn sight(&self, named: Option<&str>) -> Result<Sight, Error> {
        self.check_key::<action::Read>()?;
        let visible = match named {
            None => self.visible.clone(),
            Some(named) => Visible::only([self.named(named).await?]),
        };
        Ok(Sight { inner: Arc::clone(&self.inner), visible })
    }

    /// Where something new is done: in the workspace that is named, else in the only one that is seen. With several it has
    /// to be named ([`Error::Invalid`]); with none it is [`Error::Forbidden`].
    pub async fn choose(&self, named: Option<&str>) -> Result<Desk, Error> {
        let named = match named {
            Some(_) if self.visible == Visible::None => return Err(Error::Forbidden),
            Some(named) => Some(self.named(named).await?),
            None => None,
        };
        match self.visible.choose(named) {
            Ok(workspace) => self.at(workspace).await,
            Err(NoChoice::Several) => Err(Error::invalid("X-Customer-ID", NoChoice::Several.to_string())),
            Err(NoChoice::Nothing) => Err(Error::Forbidden),
            Err(NoChoice::NotFound) => Err(Error::NotFound),
        }
    }

    /// Where something that is there lies: the desk of that of its workspaces that is seen, and is the named one if one was
    /// named.
    pub(super) async fn desk_among(
        &self,
        workspaces: impl IntoIterator<Item = WorkspaceId>,
        named: Option<&str>,
    ) -> Result<Desk, Error> {
        let named = match named {
            Some(named) => Some(self.named(named).await?),
            None => None,
        };
        let mut seen = workspaces
            .into_iter()
            .filter(|workspace| self.visible.sees(*workspace) && named.is_none_or(|named| named == *workspace));
        match (seen.next(), seen.next()) {
            (Some(workspace), None) => self.at(workspace).await,
            (None, _) => Err(Error::NotFound),
            (Some(_), Some(_)) => Err(Error::invalid("X-Customer-ID", NoChoice::Several.to_string())),
        }
    }

    /// One workspace; [`Error::NotFound`] when it is not seen.
    pub async fn at(&self, workspace: WorkspaceId) -> Result<Desk, Error> {
        if !self.visible.sees(workspace) {
            return Err(Error::NotFound);
        }
        let workspace: Workspace =
            self.inner.db.get_known(key::global("workspace", workspace)).await?.ok_or(Error::NotFound)?;
        self.sit(workspace).await
    }

    async fn sit(&self, workspace: Workspace) -> Result<Desk, Error> {
        let scope = match Scope::open(&self.inner, &self.session, workspace.clone()).await {
            Ok(scope) => Some(scope),
            Err(Error::NotFound) => None,
            Err(other) => return Err(other),
        };
        let assigned = self.assigned.get(&workspace.id).cloned();
        if scope.is_none() && assigned.is_none() {
            return Err(Error::NotFound);
        }
        Ok(Desk { registrar: self.clone(), workspace, scope, assigned })
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.inner
    }
}

impl Sight {
    /// The same, of these workspaces alone, as far as they are seen.
    #[must_use]
    pub fn of(&self, workspaces: impl IntoIterator<Item = WorkspaceId>) -> Self {
        let seen = workspaces.into_iter().filter(|workspace| self.visible.sees(*workspace));
        Self { inner: Arc::clone(&self.inner), visible: Visible::only(seen) }
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.inner
    }

    pub(super) const fn visible(&self) -> &Visible {
        &self.visible
    }
}

impl Desk {
    #[must_use]
    pub const fn workspace(&self) -> &Workspace {
        &self.workspace
    }

    #[must_use]
    pub const fn workspace_id(&self) -> WorkspaceId {
        self.workspace.id
    }

    #[must_use]
    pub fn user_id(&self) -> UserId {
        self.registrar.session.user().id
    }

    /// Who changes something here: the person, or a program with their key.
    #[must_use]
    pub fn editor(&self) -> Editor {
        Editor { user: self.user_id(), key: self.registrar.key().map(|key| key.id) }
    }

    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.inner().now_ms()
    }

    /// What they are here as staff.
    #[must_use]
    pub fn staff_role(&self) -> Option<StaffRole> {
        self.assigned.as_ref().map(|assigned| assigned.role)
    }

    /// What they are in the workspace; None: they come as staff only.
    #[must_use]
    pub fn capacity(&self) -> Option<Capacity> {
        self.scope.as_ref().map(Scope::capacity)
    }

    /// Whether a control should be offered; the decision itself is [`Desk::may`].
    #[must_use]
    pub fn allows<A: Action>(&self) -> bool {
        let open = !A::PERMISSION.changes() || self.workspace.archived_at_ms.is_none();
        open && (self.allows_member::<A>() || self.allows_staff::<A>())
    }

    fn allows_member<A: Action>(&self) -> bool {
        self.scope.as_ref().is_some_and(|scope| A::PERMISSION.reach(scope.capacity()) == Reach::Any)
    }

    fn allows_staff<A: Action>(&self) -> bool {
        self.assigned.as_ref().is_some_and(|assigned| assigned.role.may(A::STAFF))
    }

    pub(super) fn inner(&self) -> &Inner {
        &self.registrar.inner
    }

    pub(super) fn user_name(&self) -> &str {
        &self.registrar.session.user().name
    }

    /// Proof of an action here: as a member, or as staff. A refusal is on record.
    pub fn may<A: Action>(&self) -> Result<Doing<A>, Error> {
        self.registrar.check_key::<A>()?;
        let member = self.allows_member::<A>();
        if !member && !self.allows_staff::<A>() {
            return Err(self.refuse::<A>());
        }
        if A::PERMISSION.changes() && self.workspace.archived_at_ms.is_some() {
            return Err(Error::Archived);
        }
        Ok(Doing { desk: self.clone(), as_staff: !member, action: PhantomData })
    }

    fn refuse<A: Action>(&self) -> Error {
        let session = &self.registrar.session;
        let capacity = self.scope.as_ref().map(Scope::capacity);
        let event = Event::new(session.actor(capacity), session.origin().clone(), "access.denied")
            .on("workspace", &self.workspace.id)
            .change("permission", None, Some(A::PERMISSION.label()));
        self.inner_arc().denied(session.id(), Chain::Workspace(self.workspace.id), event);
        Error::Forbidden
    }

    const fn inner_arc(&self) -> &Arc<Inner> {
        &self.registrar.inner
    }
}

/// A request at the registry may be repeated, too: by the key that came with it.
impl From<&Desk> for Caller {
    fn from(desk: &Desk) -> Self {
        let key = ApiKeyId::from_uuid(desk.registrar.session.id().as_uuid());
        Self::new(Arc::clone(desk.inner_arc()), desk.workspace.id, key)
    }
}

impl Doing<action::Read> {
    /// For lists of this workspace.
    #[must_use]
    pub fn sight(&self) -> Sight {
        Sight { inner: Arc::clone(self.inner_arc()), visible: Visible::only([self.workspace_id()]) }
    }
}

impl<A> Deref for Doing<A> {
    type Target = Desk;

    fn deref(&self) -> &Desk {
        &self.desk
    }
}

impl<A> Doing<A> {
    /// Who does what to what; that it is done as staff stands beside it.
    pub(super) fn event(&self, action: &'static str, kind: &'static str, id: &impl std::fmt::Display) -> Event {
        let session = &self.registrar.session;
        let capacity = self.scope.as_ref().filter(|_| !self.as_staff).map(Scope::capacity);
        let event = Event::new(session.actor(capacity), session.origin().clone(), action).on(kind, id);
        match self.assigned.as_ref().filter(|_| self.as_staff) {
            Some(assigned) => event.note(format!("as staff: {}", assigned.role.label())),
            None => event,
        }
    }

    /// Makes what is done depend on what allowed it: the person, the workspace, the membership or the assignment.
    pub(super) fn rely_on(&self, tx: &mut Tx) {
        match (&self.scope, &self.assigned) {
            (Some(scope), _) if !self.as_staff => scope.rely_on(tx),
            (_, Some(assigned)) => {
                let user = self.registrar.session.user();
                tx.rely_on(key::global("user", user.id), user.revision);
                tx.rely_on(key::global("workspace", self.workspace.id), self.workspace.revision);
                tx.rely_on(assignment_key(assigned.workspace, assigned.user), assigned.revision);
            }
            // Neither cannot be: `may` made it of one of them.
            _ => tx.lapsed(),
        }
    }

    pub(super) fn record(&self, table: &'static str, id: impl std::fmt::Display) -> RecordId {
        key::of(table, self.workspace.id, [key::id(id)])
    }

    pub(super) const fn chain(&self) -> Chain {
        Chain::Workspace(self.desk.workspace.id)
    }
}
