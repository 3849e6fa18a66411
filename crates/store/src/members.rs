//! Who belongs to a workspace, in which role.

use domain::{
    audit::{Actor, Origin},
    id::{UserId, WorkspaceId},
    permission::{Role, kind},
    slug::Slug,
    workspace::Member,
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{SurrealValue, Value, Variables};

use crate::{
    Error, Gate, Granted,
    access::{Inner, membership_key},
    audit::{Chain, Event},
    db::{Tx, key, tx::Columns},
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
        let Some(user): Option<User> = inner.user(membership.user).await? else { continue };
        members.push(Member {
            user: user.id,
            active: user.is_active(),
            name: user.name,
            email: user.email,
            role: membership.role,
            moderator_flag: membership.moderator_flag,
        });
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
    inner.audited(Chain::Workspace(workspace.id), event, |tx| put_membership(tx, &membership)).await
}

