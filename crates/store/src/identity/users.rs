//! The people of the installation, for super admins.

use domain::{
    audit::{Actor, Origin},
    id::UserId,
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, Variables};

use crate::{
    Error, Ruler, Token,
    access::{
        Inner, LastSignIn,
        link::{LINK_LIFE_MS, LinkPurpose, link_key},
    },
    audit::{Chain, Event},
    db::{Tx, key, tx::Columns},
    members::Membership,
    users::{NewUser, User, put_user},
};

/// Times that a decision about super admins is made anew when another one came first.
const RACES_MAX: u32 = 60;

/// In what state an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UserState {
    Active,
    Blocked,
    /// The one-time link was not used yet.
    WithoutPassword,
}

/// Which people, on a page that is counted from 0.
#[derive(Debug, Clone, Default)]
pub struct UserQuery {
    /// Part of the name or address.
    pub search: String,
    pub state: Option<UserState>,
    pub page: u32,
    pub page_size: u32,
}

/// A person as the list shows them.
#[derive(Debug, Clone)]
pub struct UserRow {
    pub id: UserId,
    pub name: String,
    pub email: String,
    pub super_admin: bool,
    pub state: UserState,
    pub second_factor: bool,
    /// Of how many workspaces they are a member.
    pub memberships: u32,
    pub last_sign_in_at_ms: Option<i64>,
    pub sessions: u32,
}

/// A page of people, and how many there are in all.
#[derive(Debug, Clone)]
pub struct UserPage {
    pub rows: Vec<UserRow>,
    pub total: u32,
}

impl UserState {
    pub(crate) const fn of(user: &User) -> Self {
        match (user.blocked_at_ms, &user.password_hash) {
            (Some(_), _) => Self::Blocked,
            (None, Some(_)) => Self::Active,
            (None, None) => Self::WithoutPassword,
        }
    }
}

/// The people by name. An installation has some thousands at most: the list is read whole.
pub async fn list(ruler: &Ruler, query: &UserQuery) -> Result<UserPage, Error> {
    let inner = ruler.inner();
    let mut users: Vec<User> = inner.db.docs("SELECT VALUE doc FROM user", Variables::new()).await?;
    let search = query.search.trim().to_lowercase();
    users.retain(|user| {
        query.state.is_none_or(|state| state == UserState::of(user))
            && (search.is_empty() || user.name.to_lowercase().contains(&search) || user.email.contains(&search))
    });
    users.sort_by_cached_key(|user| (user.name.to_lowercase(), user.email.clone()));
    let total = u32::try_from(users.len()).unwrap_or(u32::MAX);
    let first = query.page.saturating_mul(query.page_size);
    let mut rows = Vec::new();
    for user in users.into_iter().skip(first as usize).take(query.page_size as usize) {
        rows.push(row(inner, user).await?);
    }
    Ok(UserPage { rows, total })
}

/// One of them.
pub async fn find(ruler: &Ruler, id: UserId) -> Result<UserRow, Error> {
    let user = ruler.inner().user(id).await?.ok_or(Error::NotFound)?;
    row(ruler.inner(), user).await
}

async fn row(inner: &Inner, user: User) -> Result<UserRow, Error> {
    let mut vars = Variables::new();
    vars.insert("user", user.id.to_string());
    let memberships: Vec<Membership> =
        inner.db.docs("SELECT VALUE doc FROM membership WHERE user = $user", vars).await?;
    let last: Option<LastSignIn> = inner.db.get(key::global("last_sign_in", user.id)).await?;
    Ok(UserRow {
        id: user.id,
        state: UserState::of(&user),
        super_admin: user.super_admin,
        second_factor: user.second_factor,
        memberships: u32::try_from(memberships.len()).unwrap_or(u32::MAX),
        last_sign_in_at_ms: last.map(|last| last.at_ms),
        sessions: u32::try_from(inner.sessions_of(user.id).await?.len()).unwrap_or(u32::MAX),
        name: user.name,
        email: user.email,
    })
}

/// A new person, with the one-time link behind which they choose a password.
pub async fn create(ruler: &Ruler, new: &NewUser) -> Result<(User, Token), Error> {
    let inner = ruler.inner();
    let user = inner.new_user(new, None)?;
    let taken = || Error::invalid("email", "somebody has this e-mail address already");
    if inner.user_by_email(&user.email).await?.is_some() {
        return Err(taken());
    }
    let (token, link) = inner.new_link(LinkPurpose::SetPassword { user: user.id }, LINK_LIFE_MS)?;
    let event = Event::new(ruler.actor(), ruler.origin(), "user.created")
        .on("user", &user.id)
        .change("email", None, Some(user.email.clone()))
        .change("super_admin", None, Some(user.super_admin));
    inner
        .audited(Chain::Installation, event, |tx| {
            ruler.rely_on(tx);
            put_user(tx, &user);
            tx.create(link_key(&token), &link);
        })
        .await?;
    Ok((user, token))
}

/// A one-time link with which somebody sets a new password; earlier ones stop working. The old password works until it
/// is used.
pub async fn reset_password(ruler: &Ruler, id: UserId) -> Result<(User, Token), Error> {
    let inner = ruler.inner();
    let user = inner.user(id).await?.ok_or(Error::NotFound)?;
    if user.blocked_at_ms.is_some() {
        return Err(Error::Stale { what: format!("{} is blocked; restore the account first", user.name) });
    }
    let earlier = inner.links_of(user.id).await?;
    let (token, link) = inner.new_link(LinkPurpose::SetPassword { user: user.id }, LINK_LIFE_MS)?;
    let event = Event::new(ruler.actor(), ruler.origin(), "user.link_made").on("user", &user.id);
    inner
        .audited(Chain::Installation, event, |tx| {
            ruler.rely_on(tx);
            if user.id != ruler.user_id() {
                tx.rely_on(key::global("user", user.id), user.revision);
            }
            for link in &earlier {
                tx.delete(link.clone());
            }
            tx.create(link_key(&token), &link);
        })
        .await?;
    Ok((user, token))
}

/// Ends every session of somebody; how many there were.
pub async fn end_sessions(ruler: &Ruler, id: UserId) -> Result<(User, u32), Error> {
    let inner = ruler.inner();
    let user = inner.user(id).await?.ok_or(Error::NotFound)?;
    let sessions = inner.sessions_of(user.id).await?;
    let count = u32::try_from(sessions.len()).unwrap_or(u32::MAX);
    let event = Event::new(ruler.actor(), ruler.origin(), "user.sessions_ended")
        .on("user", &user.id)
        .note(format!("{count} sessions"));
    inner
        .audited(Chain::Installation, event, |tx| {
            ruler.rely_on(tx);
            sessions.iter().for_each(|session| tx.delete(session.clone()));
        })
        .await?;
    Ok((user, count))
}

/// What a super admin does to the account of somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UserChange {
    /// Out from the next request on: sessions and one-time links end.
    Block,
    Restore,
    Promote,
    Demote,
}

impl UserChange {
    const fn action(self) -> &'static str {
        match self {
            Self::Block => "user.blocked",
            Self::Restore => "user.restored",
            Self::Promote => "user.promoted",
            Self::Demote => "user.demoted",
        }
    }

    /// The account afterwards; None when it is so already.
    fn apply(self, before: &User, now_ms: i64) -> Option<User> {
        let mut after = before.clone();
        match self {
            Self::Block => after.blocked_at_ms = after.blocked_at_ms.or(Some(now_ms)),
            Self::Restore => after.blocked_at_ms = None,
            Self::Promote => after.super_admin = true,
            Self::Demote => after.super_admin = false,
        }
        after.revision += 1;
        let same = after.blocked_at_ms == before.blocked_at_ms && after.super_admin == before.super_admin;
        (!same).then_some(after)
    }

    /// Takes a super admin away, if it is one.
    const fn takes_away(self) -> bool {
        matches!(self, Self::Block | Self::Demote)
    }
}

/// Changes an account. Nobody blocks or demotes themselves, and somebody who rules always stays.
pub async fn change(ruler: &Ruler, id: UserId, change: UserChange) -> Result<User, Error> {
    if change.takes_away() && id == ruler.user_id() {
        return Err(Error::Stale { what: "nobody blocks or demotes themselves; ask another super admin".into() });
    }
    let by = (ruler.actor(), ruler.origin());
    let rely = |tx: &mut Tx| {
        // Their own record is written anyway.
        if id != ruler.user_id() {
            ruler.rely_on(tx);
        }
    };
    ruler.inner().change_user(id, change, by, rely).await
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct SuperAdminGuard {
    revision: u64,
}

impl Columns for SuperAdminGuard {}

fn guard_key() -> RecordId {
    key::global("super_admin_guard", "installation")
}

impl Inner {
    /// Changes an account in a transaction that also writes the guard of the super admins, so that of two who take the
    /// last two away from each other one is too late.
    pub(crate) async fn change_user(
        &self,
        id: UserId,
        change: UserChange,
        (actor, origin): (Actor, Origin),
        also: impl Fn(&mut Tx),
    ) -> Result<User, Error> {
        for race in 0..RACES_MAX {
            let guard: Option<SuperAdminGuard> = self.db.get(guard_key()).await?;
            let before = self.user(id).await?.ok_or(Error::NotFound)?;
            let Some(after) = change.apply(&before, self.now_ms()) else { return Ok(before) };
            let rules = before.super_admin && before.is_active();
            if change.takes_away() && rules && self.others_who_rule(id).await? == 0 {
                return Err(Error::Stale {
                    what: format!("{} is the last super admin who can sign in; make another one first", before.name),
                });
            }
            let ended: Vec<RecordId> = if change == UserChange::Block {
                [self.sessions_of(id).await?, self.links_of(id).await?].concat()
            } else {
                Vec::new()
            };
            let event = Event::new(actor.clone(), origin.clone(), change.action()).on("user", &id);
            let next = SuperAdminGuard { revision: guard.as_ref().map_or(1, |guard| guard.revision + 1) };
            let changed = self
                .audited(Chain::Installation, event, |tx| {
                    also(tx);
                    tx.compare_and_set(key::global("user", id), before.revision, &after);
                    match &guard {
                        Some(guard) => tx.compare_and_set(guard_key(), guard.revision, &next),
                        None => tx.create(guard_key(), &next),
                    }
                    ended.iter().for_each(|record| tx.delete(record.clone()));
                })
                .await;
            match changed {
                Ok(()) => return Ok(after),
                // The guard or the account was written in between: decide anew.
                Err(Error::Moved) => crate::db::backoff(race).await,
                Err(Error::Stale { .. }) if guard.is_none() => crate::db::backoff(race).await,
                Err(other) => return Err(other),
            }
        }
        Err(Error::Unavailable)
    }

    /// Super admins besides this person who can sign in.
    pub(crate) async fn others_who_rule(&self, id: UserId) -> Result<usize, Error> {
        let rulers: Vec<User> =
            self.db.docs("SELECT VALUE doc FROM user WHERE doc.super_admin = true", Variables::new()).await?;
        Ok(rulers.iter().filter(|user| user.id != id && user.is_active()).count())
    }
}
