//! Who belongs to a workspace, in which role.

use domain::{
    audit::{Actor, Origin},
    id::{UserId, WorkspaceId},
    permission::{Capacity, Role, kind},
    slug::Slug,
    workspace::Member,
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{SurrealValue, Value, Variables};

use crate::{
    Error, Gate, Granted, Token,
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
    pub(crate) role: Role,
    pub(crate) moderator_flag: bool,
    pub(crate) revision: u64,
}

impl Columns for Membership {
    fn columns(&self) -> Vec<(&'static str, Value)> {
        vec![("user", self.user.to_string().into_value())]
    }
}

impl Membership {
    pub(crate) fn new(workspace: WorkspaceId, user: UserId, role: Role, moderator_flag: bool) -> Self {
        Self { workspace, user, role, moderator_flag: moderator_flag && role == Role::Author, revision: 1 }
    }

    fn with(self, user: User) -> Member {
        Member {
            user: user.id,
            active: user.is_active(),
            name: user.name,
            email: user.email,
            role: self.role,
            moderator_flag: self.moderator_flag,
        }
    }
}

pub(crate) fn put_membership(tx: &mut Tx, membership: &Membership) {
    tx.create(membership_key(membership.workspace, membership.user), membership);
}

/// The members of a workspace, by name.
pub async fn list(scope: &Granted<kind::ViewWorkspace>) -> Result<Vec<Member>, Error> {
    let inner = scope.inner();
    let mut vars = Variables::new();
    vars.insert("range", key::all("membership", scope.workspace_id(), []));
    let memberships: Vec<Membership> = inner.db.docs("SELECT VALUE doc FROM $range", vars).await?;
    let mut members = Vec::with_capacity(memberships.len());
    for membership in memberships {
        let Some(user): Option<User> = inner.user(membership.user).await? else {
            continue;
        };
        members.push(membership.with(user));
    }
    members.sort_by_key(|member| member.name.to_lowercase());
    Ok(members)
}

/// From the command line: makes an existing user a member.
pub async fn add(gate: &Gate, slug: &Slug, user: UserId, role: Role, moderator_flag: bool) -> Result<(), Error> {
    let inner: &Inner = &gate.inner;
    let workspace = inner.workspace_by_slug(slug).await?.ok_or(Error::NotFound)?;
    let membership = Membership::new(workspace.id, user, role, moderator_flag);
    let event = Event::new(Actor::System { reason: "command line".into() }, Origin::default(), "member.added")
        .on("member", &user)
        .change("role", None, Some(format!("{role:?}").to_lowercase()))
        .change("moderator_flag", None, Some(moderator_flag));
    inner
        .audited(Chain::Workspace(workspace.id), event, |tx| {
            put_membership(tx, &membership);
        })
        .await
}

/// A new one-time link for a member who has not chosen a password yet, with the member; earlier links stop working.
/// Whoever holds the link becomes that person, so that an admin of one workspace makes none for people with rights
/// elsewhere.
pub async fn renew_link(scope: &Granted<kind::ManageMembers>, user: UserId) -> Result<(Member, Token), Error> {
    let inner = scope.inner();
    let member_key = membership_key(scope.workspace_id(), user);
    let membership: Membership = inner.db.get(member_key.clone()).await?.ok_or(Error::NotFound)?;
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
            tx.rely_on(member_key.clone(), membership.revision);
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
