//! Changing and removing members. Every change writes the guard of its workspace too: two that each leave another admin
//! could otherwise leave none.

use domain::{
    id::{UserId, WorkspaceId},
    members::{Member, MemberChange, Standing, Tenure},
    permission::kind,
};
use serde::{Deserialize, Serialize};
use surrealdb::types::RecordId;

use super::{Membership, tenure_changes};
use crate::{
    Error, Granted,
    access::Inner,
    audit::{Chain, Event},
    db::{Abort, Tx, key, tx::Columns},
    users::User,
};

/// Attempts of a change that finds the guard moved by another one.
const ATTEMPTS_MAX: u32 = 40;

/// What every change of a role writes.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Guard {
    revision: u64,
}

impl Columns for Guard {}

fn guard_key(workspace: WorkspaceId) -> RecordId {
    key::of("member_guard", workspace, [])
}

/// One member, for whoever may change them.
pub async fn find(scope: &Granted<kind::ManageMembers>, user: UserId) -> Result<Member, Error> {
    let inner = scope.inner();
    let membership = inner.membership(scope.workspace_id(), user).await?.ok_or(Error::NotFound)?;
    let user = inner.user(user).await?.ok_or(Error::NotFound)?;
    Ok(membership.with(user))
}

/// Gives a member another standing, for good or until a moment; `seen` is [`Member::revision`] as the person saw it.
pub async fn change(
    scope: &Granted<kind::ManageMembers>,
    user: UserId,
    seen: u64,
    standing: Standing,
    until_ms: Option<i64>,
) -> Result<(), Error> {
    let now_ms = scope.now_ms();
    alter(scope, user, seen, "member.role_changed", |before| match until_ms {
        None => Ok(Some(Tenure::lasting(standing))),
        Some(ends_at_ms) => before
            .with_temporary(standing, ends_at_ms, now_ms)
            .map(Some)
            .map_err(|refusal| Error::invalid("until", refusal.to_string())),
    })
    .await
}

/// Ends a membership. What the person made stays.
pub async fn remove(scope: &Granted<kind::ManageMembers>, user: UserId, seen: u64) -> Result<(), Error> {
    alter(scope, user, seen, "member.removed", |_| Ok(None)).await
}

async fn alter(
    scope: &Granted<kind::ManageMembers>,
    user: UserId,
    seen: u64,
    action: &'static str,
    compute: impl Fn(Tenure) -> Result<Option<Tenure>, Error>,
) -> Result<(), Error> {
    let inner = scope.inner();
    let workspace = scope.workspace_id();
    for _ in 0..ATTEMPTS_MAX {
        let guard = guard(inner, workspace).await?;
        let membership = inner.membership(workspace, user).await?.ok_or(Error::NotFound)?;
        let person = inner.user(user).await?.ok_or(Error::NotFound)?;
        if membership.revision != seen {
            return Err(Error::Stale {
                what: "somebody else has changed this membership since you opened the page; look at it again and decide anew"
                    .into(),
            });
        }
        let before = membership.tenure();
        let after = compute(before)?;
        let admins = other_admins(inner, workspace, user).await?;
        check(scope, &person, before, after, admins.len())?;
        if after == Some(before) {
            return Ok(());
        }
        let event = Event::new(scope.actor(), scope.origin(), action).on("member", &user).change(
            "member",
            None,
            Some(person.email.clone()),
        );
        let outcome = inner
            .audited(Chain::Workspace(workspace), tenure_changes(event, Some(before), after), |tx| {
                tx.compare_and_set(guard_key(workspace), guard.revision, &Guard { revision: guard.revision + 1 });
                scope.rely_on(tx);
                tx.rely_on(key::global("user", person.id), person.revision);
                // That somebody who stays can sign in is relied on, too.
                if let Some((admin, membership)) = admins.first() {
                    tx.rely_on(key::global("user", admin.id), admin.revision);
                    tx.rely_on(membership.key(), membership.revision);
                }
                put(tx, &membership, after);
            })
            .await;
        match outcome {
            Err(Error::Moved) => {}
            other => return other,
        }
    }
    Err(Error::Moved)
}

/// Writes what becomes of a membership, as long as it is the one that was read.
pub(super) fn put(tx: &mut Tx, before: &Membership, after: Option<Tenure>) {
    let next = before.next(after.unwrap_or(before.tenure()));
    tx.compare_and_set(before.key(), before.revision, &next);
    if after.is_none() {
        tx.delete(before.key());
    }
}

fn check(
    scope: &Granted<kind::ManageMembers>,
    person: &User,
    before: Tenure,
    after: Option<Tenure>,
    other_admins: usize,
) -> Result<(), Error> {
    let change = MemberChange {
        by: scope.user_id(),
        by_super_admin: scope.user().super_admin,
        of: person.id,
        of_super_admin: person.super_admin,
        of_active: person.is_active(),
        before,
        after,
        other_admins,
    };
    change.check().map_err(|refusal| Error::invalid("role", refusal.to_string()))
}

/// Lasting admins who can sign in, besides one person.
async fn other_admins(
    inner: &Inner,
    workspace: WorkspaceId,
    besides: UserId,
) -> Result<Vec<(User, Membership)>, Error> {
    let mut admins = Vec::new();
    for membership in inner.memberships(workspace).await? {
        if membership.user == besides || !membership.tenure().is_lasting_admin() {
            continue;
        }
        if let Some(user) = inner.user(membership.user).await?.filter(User::is_active) {
            admins.push((user, membership));
        }
    }
    Ok(admins)
}

/// The guard of a workspace, made when its first member is changed.
async fn guard(inner: &Inner, workspace: WorkspaceId) -> Result<Guard, Error> {
    let first = Guard { revision: 1 };
    if let Some(guard) = inner.db.get(guard_key(workspace)).await? {
        return Ok(guard);
    }
    let made = inner
        .db
        .transact(|| {
            let mut tx = Tx::new();
            tx.create(guard_key(workspace), &first);
            tx
        })
        .await;
    match made {
        Ok(()) => Ok(first),
        Err(Abort::Exists) => inner.db.get(guard_key(workspace)).await?.ok_or(Error::Unavailable),
        Err(other) => Err(other.into()),
    }
}
