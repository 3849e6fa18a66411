//! Everything that is kept: the only crate that names SurrealDB.
//!
//! Data is reached through proofs. [`Gate`] opens sessions and workspaces; [`Scope`] proves membership, [`Granted`] and
//! [`On`] a permission; the engine presents a [`SystemScope`]. Repositories take the proof, and every record id starts
//! with the workspace, so that a query across tenants cannot be written by accident.
//!
//! *Invariants*: the database handle is private to this crate; every write that a person causes commits together with
//! its audit record; nothing here knows HTTP.

// The fixture of the tests from outside serves those inside, too.
#[cfg(test)]
extern crate self as store;

mod access;
pub mod api_keys;
pub mod audit;
pub mod campaigns;
mod db;
pub mod erasure;
mod error;
pub mod exports;
pub mod first_run;
#[cfg(test)]
#[path = "../tests/it/fixture.rs"]
#[expect(dead_code, reason = "made for the tests from outside")]
mod fixture;
pub mod holds;
pub mod idempotency;
pub mod identity;
pub mod inbound;
pub mod inbox;
pub mod journal;
mod keys;
pub mod links;
pub mod members;
pub mod metrics;
pub mod monitoring;
pub mod notices;
pub mod overview;
mod password;
pub mod policies;
pub mod recipients;
pub mod retention;
pub mod senders;
pub mod suppressions;
pub mod templates;
pub mod tendlc;
pub mod test_sends;
pub mod usage;
pub mod users;
pub mod webhooks;
pub mod workspaces;

use std::{path::PathBuf, sync::Arc};

use domain::{clock::Clock, installation::Settings};

pub use self::{
    access::{
        Gate, Granted, Identified, MasterScope, On, Reason, Ruler, Scope, Session, SignedIn, SystemDoor, SystemScope,
        Token, link::LinkPurpose,
    },
    error::Error,
    identity::{Entrance, SignInRefusal},
};

/// Where and how the data is kept.
#[derive(Debug, Clone)]
pub struct StoreConfig {
    pub engine: Engine,
    /// The folder of keys that must not lie in the database (`master.key`); made if missing.
    pub keys_dir: PathBuf,
    pub audit: AuditConfig,
    /// A mail server is configured: mails are put into the outbox.
    pub sends_mail: bool,
    /// What holds for passwords, second factors and sessions where a super admin has set nothing.
    pub settings: Settings,
}

#[derive(Debug, Clone)]
pub enum Engine {
    /// For tests: lost when the process ends.
    Memory,
    /// Embedded SurrealKV in a folder; every commit is synced to disk.
    Disk { dir: PathBuf, memtable_mib: u32, block_cache_mib: u32 },
}

impl Engine {
    /// The sizes that keep an idle installation small; one transaction must fit the memtable.
    #[must_use]
    pub fn disk(dir: PathBuf) -> Self {
        Self::Disk { dir, memtable_mib: 32, block_cache_mib: 16 }
    }
}

/// How the audit log is kept.
#[derive(Debug, Clone)]
pub struct AuditConfig {
    /// The folder of the checkpoints and of the fallback file, outside of the database; made if missing.
    pub dir: PathBuf,
    /// Another place for the checkpoints, such as a disk that the database's administrator cannot write to.
    pub checkpoints: Option<PathBuf>,
    /// What the fallback file may have at most.
    pub fallback_max_bytes: u64,
    /// Records are removed after so many days; None: never.
    pub retention_days: Option<u32>,
}

impl AuditConfig {
    #[must_use]
    pub const fn new(dir: PathBuf) -> Self {
        Self { dir, checkpoints: None, fallback_max_bytes: 200 << 20, retention_days: Some(90) }
    }
}

impl StoreConfig {
    /// The audit log's files are beside the keys, unless `audit` says otherwise.
    #[must_use]
    pub fn new(engine: Engine, keys_dir: PathBuf) -> Self {
        Self {
            engine,
            audit: AuditConfig::new(keys_dir.join("audit")),
            keys_dir,
            settings: Settings::default(),
            sends_mail: false,
        }
    }
}

/// The two doors to the data. [`SystemDoor`] goes to the engine and nowhere else: whoever has no value of it cannot
/// make one.
#[derive(Debug)]
pub struct Opened {
    pub gate: Gate,
    pub system: SystemDoor,
}

/// The schema of a database, and the one that this program works with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Schema {
    /// 0: the database is empty.
    pub found: u32,
    pub known: u32,
}

/// Opens a database and looks at its schema, without bringing it up to date.
///
/// # Errors
/// [`Error::Setup`] when it cannot be opened, such as while another process has it.
pub async fn schema(engine: &Engine) -> Result<Schema, Error> {
    let db = db::Db::open(engine).await?;
    Ok(Schema { found: db::migrate::found(&db).await?, known: db::migrate::known() })
}

/// Opens (or makes) the database, brings its schema up to date, and refuses one that is newer than this program.
pub async fn open(config: StoreConfig, clock: Arc<dyn Clock>) -> Result<Opened, Error> {
    let keys = keys::load_or_create(&config.keys_dir)?;
    let db = db::Db::open(&config.engine).await?;
    db::migrate::run(&db, clock.now_ms()).await?;
    let inner = access::Inner::new(db, clock, keys, &config)?;
    Ok(access::doors(inner))
}
