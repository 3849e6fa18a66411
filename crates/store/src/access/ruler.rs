//! The proof of a super admin, for what is of the whole installation.

use std::sync::Arc;

use domain::{
    audit::{Actor, Origin},
    id::UserId,
    permission::Capacity,
};

use super::{Gate, Inner, Session};
use crate::{
    Error,
    db::{Tx, key},
    users::User,
};

/// Proof that the signed-in person is a super admin. Its field is private and only [`Gate::rule`] makes one:
/// ```compile_fail
/// fn forge(session: store::Session) -> store::Ruler {
///     store::Ruler { session }
/// }
/// ```
#[derive(Debug, Clone)]
pub struct Ruler {
    inner: Arc<Inner>,
    session: Session,
}

impl Gate {
    /// Who is no super admin gets [`Error::NotFound`]: nothing tells them what there is.
    pub fn rule(&self, session: &Session) -> Result<Ruler, Error> {
        if !session.user().super_admin {
            return Err(Error::NotFound);
        }
        Ok(Ruler { inner: Arc::clone(&self.inner), session: session.clone() })
    }
}

impl Ruler {
    #[must_use]
    pub const fn session(&self) -> &Session {
        &self.session
    }

    #[must_use]
    pub const fn user(&self) -> &User {
        self.session.user()
    }

    #[must_use]
    pub const fn user_id(&self) -> UserId {
        self.session.user().id
    }

    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.inner.now_ms()
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }

    pub(crate) fn actor(&self) -> Actor {
        self.session.actor(Some(Capacity::SuperAdmin))
    }

    pub(crate) fn origin(&self) -> Origin {
        self.session.origin().clone()
    }

    /// Makes a decision depend on the person still being who they were when it was made.
    pub(crate) fn rely_on(&self, tx: &mut Tx) {
        tx.rely_on(key::global("user", self.user_id()), self.user().revision);
    }
}
