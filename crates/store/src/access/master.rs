//! Reading across workspaces.

use std::sync::Arc;

use super::{Gate, Inner, Session};
use crate::Error;

/// Proof that a super admin reads across all workspaces. Nothing is changed with it: who acts in a workspace enters it.
#[derive(Debug, Clone)]
pub struct MasterScope {
    inner: Arc<Inner>,
}

impl Gate {
    /// Who is no super admin gets [`Error::NotFound`].
    pub fn master(&self, session: &Session) -> Result<MasterScope, Error> {
        if !session.user().super_admin {
            return Err(Error::NotFound);
        }
        Ok(MasterScope { inner: Arc::clone(&self.inner) })
    }
}

impl MasterScope {
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.inner.now_ms()
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.inner
    }
}
