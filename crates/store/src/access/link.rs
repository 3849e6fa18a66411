//! One-time links: set-up, and setting a password.

use domain::{
    audit::Origin,
    id::{LinkId, UserId},
};
use serde::{Deserialize, Serialize};
use surrealdb::types::Variables;

use super::{Gate, Inner, Token, session::with};
use crate::{
    Error,
    audit::{Chain, Event},
    db::{Tx, key, tx::Columns},
    identity::Entrance,
};

/// How long a colleague's link is good for.
pub(crate) const LINK_LIFE_MS: i64 = 7 * 24 * 3_600_000;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum LinkPurpose {
    /// The first run: opens the page that makes the super admin.
    SetUp,
    /// Sets the password of a user and signs them in.
    SetPassword { user: UserId },
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LinkRecord {
    pub(crate) id: LinkId,
    pub(crate) purpose: LinkPurpose,
    pub(crate) expires_at_ms: i64,
}

impl Columns for LinkRecord {}

pub(crate) fn link_key(token: &Token) -> surrealdb::types::RecordId {
    key::global("one_time_link", token.hash())
}

impl Inner {
    /// A link that is stored by the transaction it is put into.
    pub(crate) fn new_link(&self, purpose: LinkPurpose, life_ms: i64) -> Result<(Token, LinkRecord), Error> {
        let record = LinkRecord {
            id: LinkId::from_uuid(self.new_uuid()?),
            purpose,
            expires_at_ms: self.now_ms().saturating_add(life_ms),
        };
        Ok((Token::new()?, record))
    }

    pub(crate) async fn link(&self, token: &Token) -> Result<LinkRecord, Error> {
        let record: LinkRecord = self.db.get(link_key(token)).await?.ok_or(Error::NotFound)?;
        if record.expires_at_ms <= self.now_ms() {
            self.db.transact(|| with(|tx| tx.delete(link_key(token)))).await?;
            return Err(Error::NotFound);
        }
        Ok(record)
    }

    /// Every open link that sets this person's password.
    pub(crate) async fn links_of(&self, user: UserId) -> Result<Vec<surrealdb::types::RecordId>, Error> {
        let mut vars = Variables::new();
        vars.insert("user", user.to_string());
        let mut answer =
            self.db.read("SELECT VALUE id FROM one_time_link WHERE doc.purpose.user = $user", vars).await?;
        answer.take(0).map_err(crate::db::corrupt)
    }

    /// Consumes a link inside a transaction: of two people with the same link, one gets through.
    pub(crate) fn consume_link(tx: &mut Tx, token: &Token) {
        tx.delete_existing(link_key(token));
    }
}

impl Gate {
    /// What a presented link is for; [`Error::NotFound`] when it is unknown, used or expired.
    pub async fn link_purpose(&self, token: &Token) -> Result<LinkPurpose, Error> {
        self.inner.link(token).await.map(|link| link.purpose)
    }

    /// Sets the password behind a [`LinkPurpose::SetPassword`] link, ends other sessions, and signs in; where there is a
    /// second factor, a code is asked for all the same.
    pub async fn set_password(&self, token: &Token, password: &str, origin: Origin) -> Result<Entrance, Error> {
        let inner = &*self.inner;
        let LinkPurpose::SetPassword { user } = inner.link(token).await?.purpose else { return Err(Error::NotFound) };
        let mut user = inner.user(user).await?.filter(|user| user.blocked_at_ms.is_none()).ok_or(Error::NotFound)?;
        inner.check_password(password, &user.email).await?;
        let expected = user.revision;
        user.password_hash = Some(inner.hasher.hash(password.to_owned()).await?);
        user.revision += 1;
        let old_sessions = inner.sessions_of(user.id).await?;
        let event = Event::new(user.actor(), origin.clone(), "user.password_set").on("user", &user.id);
        inner
            .audited(Chain::Installation, event, |tx| {
                Inner::consume_link(tx, token);
                tx.compare_and_set(key::global("user", user.id), expected, &user);
                for session in &old_sessions {
                    tx.delete(session.clone());
                }
            })
            .await?;
        inner.enter_after_password(user, origin, None).await
    }
}
