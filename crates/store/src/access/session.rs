//! The proof of having signed in, and the tokens that lead to it. How somebody signs in is in [`crate::identity`].

use std::fmt;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    api_key::ApiKey,
    audit::{Actor, Origin},
    id::{SessionId, UserId},
    installation::DiagnosticsFor,
    permission::Capacity,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use surrealdb::types::{RecordId, SurrealValue, Value, Variables};

use super::{Gate, Inner, hex, random_bytes};
use crate::{
    Error,
    audit::{Chain, Event},
    db::{Tx, key, tx::Columns},
    users::User,
};

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

/// When somebody signed in last.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct LastSignIn {
    pub(crate) user: UserId,
    pub(crate) at_ms: i64,
}

impl Columns for LastSignIn {}

/// Proof that a request comes from somebody who is signed in and not blocked, with the second factor that the
/// installation asks of them. Short-lived: made anew for each request.
#[derive(Debug, Clone)]
pub struct Session {
    id: SessionId,
    user: User,
    origin: Origin,
    expires_at_ms: i64,
    idle_until_ms: i64,
    /// As the installation had it set when the session was looked up.
    diagnostics_for: DiagnosticsFor,
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

    /// When it ends if it is not used meanwhile.
    #[must_use]
    pub const fn idle_until_ms(&self) -> i64 {
        self.idle_until_ms
    }

    pub(crate) const fn diagnostics_for(&self) -> DiagnosticsFor {
        self.diagnostics_for
    }

    /// What a key does is done in its owner's name, for one request.
    pub(crate) fn of_key(key: &ApiKey, owner: User, origin: Origin) -> Self {
        Self {
            id: SessionId::from_uuid(key.id.as_uuid()),
            user: owner,
            origin,
            expires_at_ms: key.expires_at_ms,
            idle_until_ms: key.expires_at_ms,
            // No key has a scope for diagnostics.
            diagnostics_for: DiagnosticsFor::SuperAdmins,
        }
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

/// Who sends a request, and no more: it opens the set-up of the second factor and nothing else.
#[derive(Debug, Clone)]
pub struct Identified {
    session: Session,
    needs_second_factor: bool,
}

impl Identified {
    #[must_use]
    pub const fn user(&self) -> &User {
        self.session.user()
    }

    /// The installation asks for a second factor, and there is none yet.
    #[must_use]
    pub const fn needs_second_factor(&self) -> bool {
        self.needs_second_factor
    }

    fn with_second_factor(self) -> Result<Session, Error> {
        if self.needs_second_factor { Err(Error::SecondFactorMissing) } else { Ok(self.session) }
    }

    pub(crate) const fn origin(&self) -> &Origin {
        self.session.origin()
    }

    pub(crate) fn actor(&self) -> Actor {
        self.session.actor(None)
    }
}

/// A fresh session: the token goes into the cookie and is not kept.
#[derive(Debug)]
pub struct SignedIn {
    pub token: Token,
    pub session: Session,
}

impl Gate {
    /// The session of a presented token; [`Error::SignedOut`] when it is unknown, ended, or its user is blocked, and
    /// [`Error::SecondFactorMissing`] while a second factor has to be set up first.
    pub async fn session(&self, token: &Token, origin: Origin) -> Result<Session, Error> {
        self.identify(token, origin).await?.with_second_factor()
    }

    /// The same for what an open page asks by itself: it does not count as use, or whoever walked away from a page that
    /// follows its campaigns would stay signed in.
    pub async fn watching_session(&self, token: &Token, origin: Origin) -> Result<Session, Error> {
        self.presented(token, origin, false).await?.with_second_factor()
    }

    /// Who presents a token, also while they lack a second factor.
    pub async fn identify(&self, token: &Token, origin: Origin) -> Result<Identified, Error> {
        self.presented(token, origin, true).await
    }

    async fn presented(&self, token: &Token, origin: Origin, used: bool) -> Result<Identified, Error> {
        let inner = &*self.inner;
        let id = key::global("session", token.hash());
        let record: SessionRecord = inner.db.get_known(id.clone()).await?.ok_or(Error::SignedOut)?;
        let settings = inner.settings().await?.settings;
        let now_ms = inner.now_ms();
        let expires_at_ms = record.created_at_ms + settings.session_absolute_ms();
        let idle_until_ms = record.last_used_at_ms + settings.session_idle_ms();
        if now_ms >= expires_at_ms || now_ms >= idle_until_ms {
            inner.db.transact(|| with(|tx| tx.delete(id.clone()))).await?;
            return Err(Error::SignedOut);
        }
        let user =
            inner.user(record.user).await?.filter(|user| user.blocked_at_ms.is_none()).ok_or(Error::SignedOut)?;
        if used && now_ms >= record.last_used_at_ms + TOUCH_MS {
            // Never an upsert: a session that was ended meanwhile stays so.
            inner.db.transact(|| with(|tx| tx.set_number(id.clone(), "last_used_at_ms", now_ms))).await?;
        }
        let needs_second_factor =
            !user.second_factor && inner.must_have_second_factor(&user, settings.second_factor).await?;
        let idle_until_ms = if used { now_ms + settings.session_idle_ms() } else { idle_until_ms };
        let diagnostics_for = settings.diagnostics_for;
        let session = Session { id: record.id, user, origin, expires_at_ms, idle_until_ms, diagnostics_for };
        Ok(Identified { session, needs_second_factor })
    }

    /// Ends the session of a presented token. Ending one that is over is no error.
    pub async fn sign_out(&self, token: &Token, origin: Origin) -> Result<(), Error> {
        let Ok(Identified { session, .. }) = self.identify(token, origin).await else { return Ok(()) };
        let event =
            Event::new(session.actor(None), session.origin.clone(), "session.signed_out").on("session", &session.id);
        let id = key::global("session", token.hash());
        self.inner.audited(Chain::Installation, event, |tx| tx.delete(id.clone())).await?;
        Ok(())
    }
}

impl Inner {
    /// Opens a session for a user whose identity has just been proved, with what else that proof changes.
    pub(crate) async fn open_session(
        &self,
        user: User,
        origin: Origin,
        also: impl Fn(&mut Tx),
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
        let settings = self.settings().await?.settings;
        let last = LastSignIn { user: user.id, at_ms: now_ms };
        let session = Session {
            id: record.id,
            user,
            origin,
            expires_at_ms: now_ms + settings.session_absolute_ms(),
            idle_until_ms: now_ms + settings.session_idle_ms(),
            diagnostics_for: settings.diagnostics_for,
        };
        let event =
            Event::new(session.actor(None), session.origin.clone(), "session.signed_in").on("session", &record.id);
        let id = key::global("session", token.hash());
        self.audited(Chain::Installation, event, |tx| {
            also(tx);
            // Whoever was blocked or got another password in the meantime does not come in.
            tx.rely_on(key::global("user", session.user.id), session.user.revision);
            tx.put(id.clone(), &record);
            tx.put(key::global("last_sign_in", session.user.id), &last);
        })
        .await?;
        Ok(SignedIn { token, session })
    }

    /// The sessions of a user, which end in the transaction that changes who they are.
    pub(crate) async fn sessions_of(&self, user: UserId) -> Result<Vec<RecordId>, Error> {
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

pub(crate) fn with(build: impl FnOnce(&mut Tx)) -> Tx {
    let mut tx = Tx::new();
    build(&mut tx);
    tx
}
