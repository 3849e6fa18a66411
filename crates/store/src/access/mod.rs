//! The doors to the data, and the proofs that they hand out (`docs/ARCHITECTURE.md`, "Proofs of access").

pub mod link;
mod master;
mod ruler;
mod scope;
mod session;
mod system;

use std::sync::Arc;

use domain::{
    clock::Clock,
    ctn_hash::MasterKey,
    id::{UserId, WorkspaceId},
};
use uuid::Uuid;

pub(crate) use self::session::fold;
pub use self::{
    master::MasterScope,
    ruler::Ruler,
    scope::{Granted, On, Scope},
    session::{Session, SignInRefusal, SignedIn, Token},
    system::{Reason, SystemDoor, SystemScope},
};
use crate::{
    Error, Opened, StoreConfig,
    audit::{Chains, Denials},
    db::Db,
    notices::Notices,
    password::Hasher,
};

/// What every door and proof shares. Private to the crate: nobody outside reaches the database with it.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) keys: MasterKey,
    pub(crate) hasher: Hasher,
    pub(crate) chains: Chains,
    pub(crate) denials: Denials,
    pub(crate) session_absolute_ms: i64,
    pub(crate) session_idle_ms: i64,
    pub(crate) notices: Notices,
}

impl Inner {
    pub(crate) fn new(
        db: Db,
        clock: Arc<dyn Clock>,
        keys: MasterKey,
        config: &StoreConfig,
    ) -> Result<Arc<Self>, Error> {
        Ok(Arc::new(Self {
            db,
            clock,
            keys,
            hasher: Hasher::new()?,
            chains: Chains::default(),
            denials: Denials::default(),
            session_absolute_ms: config.session_absolute_ms,
            session_idle_ms: config.session_idle_ms,
            notices: Notices::new(config.sends_mail),
        }))
    }

    pub(crate) fn now_ms(&self) -> i64 {
        self.clock.now_ms()
    }

    /// A version 7 UUID of now: ids sort by the time of their making.
    pub(crate) fn new_uuid(&self) -> Result<Uuid, Error> {
        let millis = u64::try_from(self.now_ms()).unwrap_or(0);
        Ok(uuid::Builder::from_unix_timestamp_millis(millis, &random_bytes::<10>()?).into_uuid())
    }
}

/// The only thing in the web server's state that leads to data.
#[derive(Debug, Clone)]
pub struct Gate {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) fn doors(inner: Arc<Inner>) -> Opened {
    Opened { gate: Gate { inner: Arc::clone(&inner) }, system: SystemDoor::new(inner) }
}

impl Gate {
    /// Milliseconds since the epoch by the installation's clock.
    #[must_use]
    pub fn now_ms(&self) -> i64 {
        self.inner.now_ms()
    }

    /// Whether the database answers.
    pub async fn ready(&self) -> Result<(), Error> {
        self.inner.db.read("RETURN 1", Default::default()).await.map(drop)
    }
}

/// Cryptographic randomness from the operating system.
pub(crate) fn random_bytes<const N: usize>() -> Result<[u8; N], Error> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|cause| Error::Setup(format!("no randomness from the system: {cause}")))?;
    Ok(bytes)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The record of a membership.
pub(crate) fn membership_key(workspace: WorkspaceId, user: UserId) -> surrealdb::types::RecordId {
    use crate::db::key;
    key::of("membership", workspace, [key::id(user)])
}
