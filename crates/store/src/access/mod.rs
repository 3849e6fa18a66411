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
    installation::Settings,
};
use ed25519_dalek::SigningKey;
use uuid::Uuid;

pub(crate) use self::session::{LastSignIn, SessionRecord, fold, with};
pub use self::{
    master::MasterScope,
    ruler::Ruler,
    scope::{Granted, On, Scope},
    session::{Identified, Session, SignedIn, Token},
    system::{Reason, SystemDoor, SystemScope},
};
use crate::{
    AuditConfig, Error, Opened, StoreConfig,
    api_keys::Touches,
    audit::{Chains, Denials, Fallback, FallbackConfig, signing_key},
    campaigns::Indexes,
    db::Db,
    idempotency::Turns,
    identity::{Limiter, Sealer},
    notices::Notices,
    password::Hasher,
    policies::history::Histories,
    suppressions,
};

/// Attempts to sign in from one network address at once, and after how long there is another one. What succeeds is given
/// back: colleagues behind one address do not use up each other's.
const SIGN_IN_BURST: u32 = 20;
const SIGN_IN_REFILL_MS: i64 = 3_000;
/// Network addresses that are remembered for that.
const SOURCES_MAX: usize = 20_000;

/// What every door and proof shares. Private to the crate: nobody outside reaches the database with it.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) keys: MasterKey,
    pub(crate) hasher: Hasher,
    pub(crate) chains: Chains,
    /// What lists of campaigns are made from.
    pub(crate) indexes: Indexes,
    pub(crate) denials: Denials,
    pub(crate) fallback: Fallback,
    pub(crate) audit: AuditConfig,
    pub(crate) audit_key: SigningKey,
    pub(crate) notices: Notices,
    pub(crate) sealer: Sealer,
    pub(crate) sign_in_limiter: Limiter,
    pub(crate) suppressions: suppressions::Index,
    pub(crate) histories: Histories,
    pub(crate) turns: Turns,
    pub(crate) touches: Touches,
    /// What holds where a super admin has set nothing.
    pub(crate) default_settings: Settings,
}

impl Inner {
    pub(crate) fn new(
        db: Db,
        clock: Arc<dyn Clock>,
        keys: MasterKey,
        config: &StoreConfig,
    ) -> Result<Arc<Self>, Error> {
        let sealer = Sealer::new(&keys);
        Ok(Arc::new(Self {
            db,
            clock,
            keys,
            hasher: Hasher::new()?,
            chains: Chains::default(),
            indexes: Indexes::default(),
            denials: Denials::default(),
            audit: config.audit.clone(),
            audit_key: signing_key(&config.keys_dir)?,
            fallback: Fallback::open(FallbackConfig {
                path: config.audit.dir.join("fallback.jsonl"),
                max_bytes: config.audit.fallback_max_bytes,
            })?,
            notices: Notices::new(config.sends_mail),
            sealer,
            suppressions: suppressions::Index::default(),
            histories: Histories::default(),
            sign_in_limiter: Limiter::new(SIGN_IN_BURST, SIGN_IN_REFILL_MS, SOURCES_MAX),
            turns: Turns::default(),
            touches: Touches::default(),
            default_settings: config.settings.clone(),
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
