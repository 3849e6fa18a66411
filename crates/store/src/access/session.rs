//! Signing in, and the proof of having done so.

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    api_key::ApiKey,
    audit::{Actor, Origin},
    id::{SessionId, UserId},
    permission::Capacity,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use surrealdb::types::{SurrealValue, Value, Variables};

use super::{Gate, Inner, hex, random_bytes};
use crate::{
    Error,
    audit::{Chain, Event},
    db::{Tx, key, tx::Columns},
    users::User,
};

/// Failures before an account locks, and for how long (`spec.md` §3).
const FAILURES_MAX: u32 = 3;
const LOCK_MS: i64 = 60_000;
/// The time of last use is written at most this often.
const TOUCH_MS: i64 = 60_000;

/// 256 random bits that a browser or a link carries; only their SHA-256 is stored. Never printed by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    pub(crate) fn new() -> Result<Self, Error> {
        Ok(Self(URL_SAFE_NO_PAD.encode(random_bytes::<32>()?)))
    }

    /// What somebody presents; it proves nothing until it is looked up.
    #[must_use]
    pub fn presented(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// For the cookie or the link, once.
    #[must_use]
    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub(crate) fn hash(&self) -> String {
        hex(&Sha256::digest(self.0.as_bytes()))
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct SessionRecord {
    pub(crate) id: SessionId,
    pub(crate) user: UserId,
    pub(crate) created_at_ms: i64,
    pub(crate) last_used_at_ms: i64,
    pub(crate) address: String,
    pub(crate) user_agent: String,
}

impl Columns for SessionRecord {
    fn columns(&self) -> Vec<(&'static str, Value)> {
        vec![("user", self.user.to_string().into_value())]
    }
}

/// Counts failures per address, known or not, so that locking tells nothing of who exists.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct SignInGuard {
    failures: u32,
    locked_until_ms: i64,
    #[serde(default)]
    revision: u64,
}

impl Columns for SignInGuard {}

/// Proof that a request comes from somebody who is signed in and not blocked. Short-lived: made anew for each request.
#[derive(Debug, Clone)]
pub struct Session {
    id: SessionId,
    user: User,
    origin: Origin,
    expires_at_ms: i64,
}

impl Session {
    #[must_use]
    pub const fn id(&self) -> SessionId {
        self.id
    }

    #[must_use]
    pub const fn user(&self) -> &User {
        &self.user
    }

    #[must_use]
    pub const fn origin(&self) -> &Origin {
        &self.origin
    }

    /// When it ends, whatever happens.
    #[must_use]
    pub const fn expires_at_ms(&self) -> i64 {
        self.expires_at_ms
    }

    /// What a key does is done in its owner's name, for one request.
    pub(crate) fn of_key(key: &ApiKey, owner: User, origin: Origin) -> Self {
        Self { id: SessionId::from_uuid(key.id.as_uuid()), user: owner, origin, expires_at_ms: key.expires_at_ms }
    }

    pub(crate) fn actor(&self, capacity: Option<Capacity>) -> Actor {
        Actor::User {
            id: self.user.id,
            email: self.user.email.clone(),
            name: self.user.name.clone(),
            capacity: capacity.or(self.user.super_admin.then_some(Capacity::SuperAdmin)),
        }
    }
}

/// A fresh session: the token goes into the cookie and is not kept.
#[derive(Debug)]
pub struct SignedIn {
    pub token: Token,
    pub session: Session,
}

/// Why a sign-in was refused: the same for unknown and known addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SignInRefusal {
    #[error("this e-mail and password do not belong together")]
    Wrong,
    #[error("too many attempts; try again in {seconds} s")]
    Locked { seconds: u32 },
}

impl Gate {
    /// Checks e-mail and password. Costs the same time for unknown, blocked and known accounts.
    pub async fn sign_in(
        &self,
        email: &str,
        password: &str,
        origin: Origin,
    ) -> Result<Result<SignedIn, SignInRefusal>, Error> {
        let inner = &*self.inner;
        let folded = fold(email);
        let guard_id = key::global("sign_in_guard", hex(&Sha256::digest(folded.as_bytes())));
        let guard: SignInGuard = inner.db.get(guard_id.clone()).await?.unwrap_or_default();
        let now_ms = inner.now_ms();
        if guard.locked_until_ms > now_ms {
            return Ok(Err(SignInRefusal::locked(guard.locked_until_ms - now_ms)));
        }
        let user = inner.user_by_email(&folded).await?;
        let stored = user.as_ref().and_then(|user| user.password_hash.clone());
        let matches = inner.hasher.verify(password.to_owned(), stored).await?;
        match user.filter(|user| matches && user.blocked_at_ms.is_none()) {
            Some(user) => {
                if guard.failures > 0 {
                    inner.db.transact(|| with(|tx| tx.delete(guard_id.clone()))).await?;
                }
                Ok(Ok(inner.start_session(user, origin, "session.signed_in").await?))
            }
            None => {
                let failures = guard.failures + 1;
                let locks = failures >= FAILURES_MAX;
                let next = SignInGuard {
                    failures: if locks { 0 } else { failures },
                    locked_until_ms: if locks { now_ms + LOCK_MS } else { 0 },
                    revision: guard.revision + 1,
                };
                let event = Event::new(Actor::Unknown, origin, if locks { "sign_in.locked" } else { "sign_in.failed" })
                    .on("sign_in", &guard_key_for_audit(&folded));
                inner.audited(Chain::Installation, event, |tx| tx.put(guard_id.clone(), &next)).await?;
                Ok(Err(if locks { SignInRefusal::locked(LOCK_MS) } else { SignInRefusal::Wrong }))
            }
        }
    }

    /// The session of a presented token; [`Error::SignedOut`] when it is unknown, ended, or its user is blocked.
    pub async fn session(&self, token: &Token, origin: Origin) -> Result<Session, Error> {
        let inner = &*self.inner;
        let id = key::global("session", token.hash());
        let record: SessionRecord = inner.db.get(id.clone()).await?.ok_or(Error::SignedOut)?;
        let now_ms = inner.now_ms();
        let expires_at_ms = record.created_at_ms + inner.session_absolute_ms;
        if now_ms >= expires_at_ms || now_ms >= record.last_used_at_ms + inner.session_idle_ms {
            inner.db.transact(|| with(|tx| tx.delete(id.clone()))).await?;
            return Err(Error::SignedOut);
        }
        let user =
            inner.user(record.user).await?.filter(|user| user.blocked_at_ms.is_none()).ok_or(Error::SignedOut)?;
        if now_ms >= record.last_used_at_ms + TOUCH_MS {
            let touched = SessionRecord { last_used_at_ms: now_ms, ..record.clone() };
            inner.db.transact(|| with(|tx| tx.put(id.clone(), &touched))).await?;
        }
        Ok(Session { id: record.id, user, origin, expires_at_ms })
    }

    /// Ends the session of a presented token. Ending one that is over is no error.
    pub async fn sign_out(&self, token: &Token, origin: Origin) -> Result<(), Error> {
        let Ok(session) = self.session(token, origin).await else { return Ok(()) };
        let event =
            Event::new(session.actor(None), session.origin.clone(), "session.signed_out").on("session", &session.id);
        let id = key::global("session", token.hash());
        self.inner.audited(Chain::Installation, event, |tx| tx.delete(id.clone())).await?;
        Ok(())
    }
}

impl SignInRefusal {
    fn locked(left_ms: i64) -> Self {
        Self::Locked { seconds: u32::try_from(((left_ms + 999) / 1_000).max(1)).unwrap_or(1) }
    }
}

impl Inner {
    /// Opens a session for a user whose identity has just been proved.
    pub(crate) async fn start_session(
        &self,
        user: User,
        origin: Origin,
        action: &'static str,
    ) -> Result<SignedIn, Error> {
        let token = Token::new()?;
        let now_ms = self.now_ms();
        let record = SessionRecord {
            id: SessionId::from_uuid(self.new_uuid()?),
            user: user.id,
            created_at_ms: now_ms,
            last_used_at_ms: now_ms,
            address: origin.address.clone(),
            user_agent: origin.user_agent.clone(),
        };
        let session = Session { id: record.id, user, origin, expires_at_ms: now_ms + self.session_absolute_ms };
        let event = Event::new(session.actor(None), session.origin.clone(), action).on("session", &record.id);
        let id = key::global("session", token.hash());
        self.audited(Chain::Installation, event, |tx| tx.put(id.clone(), &record)).await?;
        Ok(SignedIn { token, session })
    }

    /// Ends every session of a user, within a transaction that changes who they are.
    pub(crate) async fn sessions_of(&self, user: UserId) -> Result<Vec<surrealdb::types::RecordId>, Error> {
        let mut vars = Variables::new();
        vars.insert("user", user.to_string());
        let mut answer = self.db.read("SELECT VALUE id FROM session WHERE user = $user", vars).await?;
        answer.take(0).map_err(crate::db::corrupt)
    }
}

/// Addresses are compared in lower case; what is no address is a guess like any other.
pub(crate) fn fold(email: &str) -> String {
    email.trim().to_lowercase()
}

/// The audit log names an unknown address by a hash: it may be somebody's password typed into the wrong field.
fn guard_key_for_audit(folded_email: &str) -> String {
    hex(&Sha256::digest(folded_email.as_bytes())[..8])
}

pub(crate) fn with(build: impl FnOnce(&mut Tx)) -> Tx {
    let mut tx = Tx::new();
    build(&mut tx);
    tx
}
