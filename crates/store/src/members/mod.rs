//! Who belongs to a workspace, as what and for how long: reading here, and a file for each way in which it changes.
//!
//! A standing that has ended by the clock is over for whoever reads it, whether the job that writes the end has come by
//! or not.

pub mod invitations;
pub mod joining;
pub mod roles;
mod temporary;

use domain::{
    audit::{Actor, Origin},
    id::{UserId, WorkspaceId},
    members::{Member, Standing, Temporary, Tenure},
    permission::{Capacity, Role, kind},
    schedule,
    slug::Slug,
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{SurrealValue, Value, Variables};

pub(crate) use self::{joining::forget_old_requests, temporary::end_due};
use crate::{
    Error, Gate, Granted, Scope, Token,
    access::{
        Inner,
        link::{LINK_LIFE_MS, LinkPurpose, link_key},
        membership_key,
    },
    audit::{Chain, Event},
    db::{Tx, corrupt, key, tx::Columns},
    users::User,
};

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Membership {
    pub(crate) workspace: WorkspaceId,
    pub(crate) user: UserId,
    role: Role,
    moderator_flag: bool,
    #[serde(default)]
    temporary: Option<Temporary>,
    pub(crate) revision: u64,
}

impl Columns for Membership {
    fn columns(&self) -> Vec<(&'static str, Value)> {
        let mut columns = vec![("user", self.user.to_string().into_value())];
        columns.extend(self.temporary.map(|temporary| ("ends_at_ms", temporary.ends_at_ms.into_value())));
        columns
    }
}

impl Membership {
    pub(crate) fn new(workspace: WorkspaceId, user: UserId, role: Role, moderator_flag: bool) -> Self {
        Self::begin(workspace, user, Tenure::lasting(Standing::new(role, moderator_flag)))
    }

    pub(crate) fn begin(workspace: WorkspaceId, user: UserId, tenure: Tenure) -> Self {
        let Tenure { standing, temporary } = tenure;
        let (role, moderator_flag) = (standing.role(), standing.moderator_flag());
        Self { workspace, user, role, moderator_flag, temporary, revision: 1 }
    }

    pub(crate) fn tenure(&self) -> Tenure {
        Tenure { standing: Standing::new(self.role, self.moderator_flag), temporary: self.temporary }
    }

    pub(crate) fn capacity(&self) -> Capacity {
        self.tenure().standing.capacity()
    }

    /// As it is at this moment, by the revision that is stored; None: it is over.
    pub(crate) fn at(self, now_ms: i64) -> Option<Self> {
        let tenure = self.tenure().at(now_ms)?;
        Some(Self { revision: self.revision, ..Self::begin(self.workspace, self.user, tenure) })
    }

    /// The next revision, with another tenure.
    fn next(&self, tenure: Tenure) -> Self {
        Self { revision: self.revision + 1, ..Self::begin(self.workspace, self.user, tenure) }
    }

    fn key(&self) -> surrealdb::types::RecordId {
        membership_key(self.workspace, self.user)
    }

    fn with(self, user: User) -> Member {
        Member {
            user: user.id,
            active: user.is_active(),
            blocked: user.blocked_at_ms.is_some(),
            super_admin: user.super_admin,
            name: user.name,
            email: user.email,
            tenure: Tenure { standing: Standing::new(self.role, self.moderator_flag), temporary: self.temporary },
            revision: self.revision,
        }
    }
}

pub(crate) fn put_membership(tx: &mut Tx, membership: &Membership) {
    tx.create(membership.key(), membership);
}

impl Inner {
    /// Somebody's membership as it is now; None when they are no member, or not any more.
    pub(crate) async fn membership(&self, workspace: WorkspaceId, user: UserId) -> Result<Option<Membership>, Error> {
        let stored: Option<Membership> = self.db.get_known(membership_key(workspace, user)).await?;
        Ok(stored.and_then(|membership| membership.at(self.now_ms())))
    }

    /// Those of one person that are in force.
    pub(crate) async fn memberships_of(&self, user: UserId) -> Result<Vec<Membership>, Error> {
        let mut vars = Variables::new();
        vars.insert("user", user.to_string());
        let read = self.db.docs("SELECT VALUE doc FROM membership WHERE user = $user", vars);
        let stored: Vec<Membership> = self.db.known(&["membership"], format!("memberships of {user}"), read).await?;
        let now_ms = self.now_ms();
        Ok(stored.into_iter().filter_map(|membership| membership.at(now_ms)).collect())
    }

    pub(crate) async fn memberships(&self, workspace: WorkspaceId) -> Result<Vec<Membership>, Error> {
        let mut vars = Variables::new();
        vars.insert("range", key::all("membership", workspace, []));
        let stored: Vec<Membership> = self.db.docs("SELECT VALUE doc FROM $range", vars).await?;
        let now_ms = self.now_ms();
        Ok(stored.into_iter().filter_map(|membership| membership.at(now_ms)).collect())
    }

    /// Begins a membership; one that is over and still on record makes room. [`Error::Stale`] for somebody who is a
    /// member.
    async fn new_membership(
        &self,
        workspace: WorkspaceId,
        user: UserId,
        tenure: Tenure,
    ) -> Result<NewMembership, Error> {
        let stored: Option<Membership> = self.db.get(membership_key(workspace, user)).await?;
        let Some(stored) = stored else {
            return Ok(NewMembership { membership: Membership::begin(workspace, user, tenure), over: None });
        };
        if stored.clone().at(self.now_ms()).is_some() {
            return Err(Error::Stale { what: "this person is a member of the workspace already".into() });
        }
        Ok(NewMembership { membership: stored.next(tenure), over: Some(stored.revision) })
    }
}

/// A membership that exists once it is committed.
struct NewMembership {
    membership: Membership,
    /// The revision of an earlier one that is over.
    over: Option<u64>,
}

impl NewMembership {
    fn put(&self, tx: &mut Tx) {
        match self.over {
            Some(revision) => tx.compare_and_set(self.membership.key(), revision, &self.membership),
            None => put_membership(tx, &self.membership),
        }
    }
}

/// The members of a workspace, by name.
pub async fn list(scope: &Granted<kind::ViewWorkspace>) -> Result<Vec<Member>, Error> {
    let inner = scope.inner();
    let mut members = Vec::new();
    for membership in inner.memberships(scope.workspace_id()).await? {
        let Some(user): Option<User> = inner.user(membership.user).await? else {
            continue;
        };
        members.push(membership.with(user));
    }
    members.sort_by_key(|member| member.name.to_lowercase());
    Ok(members)
}

/// The end of something temporary as it was typed, in the workspace's zone; None when nothing was.
pub fn until(scope: &Scope, local: &str) -> Result<Option<i64>, Error> {
    if local.trim().is_empty() {
        return Ok(None);
    }
    let zone = scope.zone().ok_or(Error::Corrupt)?;
    let end = schedule::resolve(local, &zone).map_err(|refusal| match refusal {
        schedule::InvalidStart::Unreadable => Error::invalid("until", "an end has the form 2026-11-20T17:45"),
        other => Error::invalid("until", other.to_string()),
    })?;
    domain::members::check_end(end.at_ms, scope.now_ms())
        .map_err(|refusal| Error::invalid("until", refusal.to_string()))?;
    Ok(Some(end.at_ms))
}

/// The tenure that a form asks for somebody who is no member yet.
fn first_tenure(standing: Standing, until_ms: Option<i64>, now_ms: i64) -> Result<Tenure, Error> {
    match until_ms {
        None => Ok(Tenure::lasting(standing)),
        Some(ends_at_ms) => {
            Tenure::until(standing, ends_at_ms, now_ms).map_err(|refusal| Error::invalid("until", refusal.to_string()))
        }
    }
}

/// Adds what changed from one tenure to another; None: no member.
fn tenure_changes(event: Event, before: Option<Tenure>, after: Option<Tenure>) -> Event {
    let role = |tenure: Tenure| format!("{:?}", tenure.standing.role()).to_lowercase();
    let ends = |tenure: Tenure| tenure.temporary.map(|temporary| schedule_utc(temporary.ends_at_ms));
    event
        .change("role", before.map(role), after.map(role))
        .change(
            "moderator_flag",
            before.map(|tenure| tenure.standing.moderator_flag()),
            after.map(|tenure| tenure.standing.moderator_flag()),
        )
        .change("until", before.and_then(ends), after.and_then(ends))
}

fn schedule_utc(at_ms: i64) -> String {
    schedule::Zone::parse("UTC").map_or_else(|_| format!("{at_ms} ms"), |zone| zone.format(at_ms))
}

/// From the command line: makes an existing user a member.
pub async fn add(gate: &Gate, slug: &Slug, user: UserId, role: Role, moderator_flag: bool) -> Result<(), Error> {
    let inner: &Inner = &gate.inner;
    let workspace = inner.workspace_by_slug(slug).await?.ok_or(Error::NotFound)?;
    let tenure = Tenure::lasting(Standing::new(role, moderator_flag));
    let begun = inner.new_membership(workspace.id, user, tenure).await?;
    let event = Event::new(Actor::System { reason: "command line".into() }, Origin::default(), "member.added")
        .on("member", &user);
    inner.audited(Chain::Workspace(workspace.id), tenure_changes(event, None, Some(tenure)), |tx| begun.put(tx)).await
}

/// A new one-time link for a member who has not chosen a password yet, with the member; earlier links stop working.
/// Whoever holds the link becomes that person, so that an admin of one workspace makes none for people with rights
/// elsewhere.
pub async fn renew_link(scope: &Granted<kind::ManageMembers>, user: UserId) -> Result<(Member, Token), Error> {
    let inner = scope.inner();
    let membership = inner.membership(scope.workspace_id(), user).await?.ok_or(Error::NotFound)?;
    let user = inner.user(user).await?.ok_or(Error::NotFound)?;
    if user.password_hash.is_some() || user.blocked_at_ms.is_some() {
        return Err(Error::invalid("user", "only people who have not signed in yet get a new link"));
    }
    let rules_all = scope.capacity() == Capacity::SuperAdmin;
    if user.super_admin || (!rules_all && memberships_of(inner, user.id).await? > 1) {
        return Err(Error::invalid("user", "a new link for this person is made on the command line of the server"));
    }
    let earlier = inner.links_of(user.id).await?;
    let (token, record) = inner.new_link(LinkPurpose::SetPassword { user: user.id }, LINK_LIFE_MS)?;
    let event = Event::new(scope.actor(), scope.origin(), "member.link_made").on("member", &user.id);
    inner
        .audited(Chain::Workspace(scope.workspace_id()), event, |tx| {
            scope.rely_on(tx);
            tx.rely_on(membership.key(), membership.revision);
            tx.rely_on(key::global("user", user.id), user.revision);
            for link in &earlier {
                tx.delete(link.clone());
            }
            tx.create(link_key(&token), &record);
        })
        .await?;
    Ok((membership.with(user), token))
}

/// Of how many workspaces somebody is a member.
async fn memberships_of(inner: &Inner, user: UserId) -> Result<usize, Error> {
    let mut vars = Variables::new();
    vars.insert("user", user.to_string());
    let mut answer = inner.db.read("SELECT VALUE doc.role FROM membership WHERE user = $user", vars).await?;
    let roles: Vec<String> = answer.take(0).map_err(corrupt)?;
    Ok(roles.len())
}
