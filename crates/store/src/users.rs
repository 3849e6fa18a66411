//! People who sign in.

use domain::{
    audit::{Actor, Origin},
    email::Email,
    id::UserId,
    permission::Capacity,
};
use serde::{Deserialize, Serialize};
use surrealdb::types::Variables;

use crate::{
    Error, Gate, Token,
    access::{
        Inner, fold,
        link::{LINK_LIFE_MS, LinkPurpose, link_key},
    },
    audit::{Chain, Event},
    db::{Tx, key, tx::Columns},
    identity::users::UserChange,
};

/// A person. The password hash never leaves this crate.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct User {
    pub id: UserId,
    /// In lower case.
    pub email: String,
    pub name: String,
    pub super_admin: bool,
    pub blocked_at_ms: Option<i64>,
    pub created_at_ms: i64,
    /// Whether a code is asked for after the password.
    #[serde(default)]
    pub second_factor: bool,
    pub(crate) password_hash: Option<String>,
    pub(crate) revision: u64,
}

impl Columns for User {}

impl User {
    /// Whether a password has been set; until then only the one-time link leads in.
    #[must_use]
    pub const fn is_active(&self) -> bool {
        self.password_hash.is_some() && self.blocked_at_ms.is_none()
    }

    pub(crate) fn actor(&self) -> Actor {
        Actor::User {
            id: self.id,
            email: self.email.clone(),
            name: self.name.clone(),
            capacity: self.super_admin.then_some(Capacity::SuperAdmin),
        }
    }
}

/// The unique claim on a folded e-mail address.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct EmailClaim {
    user: UserId,
}

impl Columns for EmailClaim {}

/// A user about to be made, checked.
#[derive(Debug, Clone)]
pub struct NewUser {
    pub email: String,
    pub name: String,
    pub super_admin: bool,
}

impl NewUser {
    /// The checked address.
    pub(crate) fn check(&self) -> Result<Email, Error> {
        let email = Email::parse(&self.email).map_err(|refusal| Error::invalid("email", refusal.to_string()))?;
        check_name(&self.name)?;
        Ok(email)
    }
}

/// A name without the blanks around it.
pub(crate) fn check_name(name: &str) -> Result<String, Error> {
    let name = name.trim();
    if !(1..=100).contains(&name.chars().count()) {
        return Err(Error::invalid("name", "a name has 1 to 100 characters"));
    }
    Ok(name.to_owned())
}

impl Inner {
    pub(crate) async fn user(&self, id: UserId) -> Result<Option<User>, Error> {
        self.db.get_known(key::global("user", id)).await
    }

    pub(crate) async fn user_by_email(&self, folded: &str) -> Result<Option<User>, Error> {
        let claim: Option<EmailClaim> = self.db.get(key::global("user_email", folded)).await?;
        match claim {
            Some(claim) => self.user(claim.user).await,
            None => Ok(None),
        }
    }

    /// A user that exists once `put_user` is committed.
    pub(crate) fn new_user(&self, new: &NewUser, password_hash: Option<String>) -> Result<User, Error> {
        let email = new.check()?;
        Ok(User {
            id: UserId::from_uuid(self.new_uuid()?),
            email: email.as_str().to_owned(),
            name: new.name.trim().to_owned(),
            super_admin: new.super_admin,
            blocked_at_ms: None,
            created_at_ms: self.now_ms(),
            second_factor: false,
            password_hash,
            revision: 1,
        })
    }

    pub(crate) async fn any_user(&self) -> Result<bool, Error> {
        let mut answer = self.db.read("SELECT VALUE record::id(id) FROM user LIMIT 1", Variables::new()).await?;
        let ids: Vec<String> = answer.take(0).map_err(crate::db::corrupt)?;
        Ok(!ids.is_empty())
    }
}

pub(crate) fn put_user(tx: &mut Tx, user: &User) {
    tx.create(key::global("user", user.id), user);
    tx.create(key::global("user_email", &user.email), &EmailClaim { user: user.id });
}

/// From the command line: a user by a password, or without one by a one-time link that is returned.
pub async fn create(gate: &Gate, new: &NewUser, password: Option<String>) -> Result<(UserId, Option<Token>), Error> {
    let inner = &*gate.inner;
    let password_hash = match password {
        Some(password) => {
            inner.check_password(&password, &new.email).await?;
            Some(inner.hasher.hash(password).await?)
        }
        None => None,
    };
    let user = inner.new_user(new, password_hash)?;
    if inner.user_by_email(&user.email).await?.is_some() {
        return Err(Error::invalid("email", "somebody has this e-mail address already"));
    }
    let link = match &user.password_hash {
        Some(_) => None,
        None => Some(inner.new_link(LinkPurpose::SetPassword { user: user.id }, LINK_LIFE_MS)?),
    };
    let event = Event::new(Actor::System { reason: "command line".into() }, Origin::default(), "user.created")
        .on("user", &user.id)
        .change("email", None, Some(user.email.clone()))
        .change("super_admin", None, Some(user.super_admin));
    inner
        .audited(Chain::Installation, event, |tx| {
            put_user(tx, &user);
            if let Some((token, record)) = &link {
                tx.create(link_key(token), record);
            }
        })
        .await?;
    Ok((user.id, link.map(|(token, _)| token)))
}

/// From the command line: a new one-time link for somebody who has none or forgot the password. The old password works
/// until the link is used.
pub async fn reset_link(gate: &Gate, email: &str) -> Result<Token, Error> {
    let inner = &*gate.inner;
    let user = inner.user_by_email(&fold(email)).await?.ok_or(Error::NotFound)?;
    let (token, record) = inner.new_link(LinkPurpose::SetPassword { user: user.id }, LINK_LIFE_MS)?;
    let event = Event::new(Actor::System { reason: "command line".into() }, Origin::default(), "user.link_made")
        .on("user", &user.id);
    inner.audited(Chain::Installation, event, |tx| tx.create(link_key(&token), &record)).await?;
    Ok(token)
}

/// From the command line: keeps somebody out, from their next request on. Their sessions and one-time links end.
pub async fn block(gate: &Gate, email: &str) -> Result<(), Error> {
    change(gate, email, UserChange::Block).await
}

/// From the command line: lets somebody who was blocked sign in again.
pub async fn restore(gate: &Gate, email: &str) -> Result<(), Error> {
    change(gate, email, UserChange::Restore).await
}

async fn change(gate: &Gate, email: &str, change: UserChange) -> Result<(), Error> {
    let user = gate.inner.user_by_email(&fold(email)).await?.ok_or(Error::NotFound)?;
    gate.inner.change_user(user.id, change, command_line(), |_| {}).await.map(drop)
}

/// From the command line: removes the second factor of somebody who has lost it. Their sessions end.
pub async fn reset_second_factor(gate: &Gate, email: &str) -> Result<(), Error> {
    let user = gate.inner.user_by_email(&fold(email)).await?.ok_or(Error::NotFound)?;
    let (actor, origin) = command_line();
    let event = Event::new(actor, origin, "second_factor.reset").on("user", &user.id);
    gate.inner.reset_second_factor(&user, event, |_| {}).await
}

fn command_line() -> (Actor, Origin) {
    (Actor::System { reason: "command line".into() }, Origin::default())
}
