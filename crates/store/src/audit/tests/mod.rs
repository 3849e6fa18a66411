//! The log underneath: what a person with the database at hand could do to it, and what it does when there is none.

mod fallback;
mod retention;
mod sentinels;
mod tampering;

use std::{
    fs,
    path::PathBuf,
    sync::{Arc, atomic::Ordering},
};

use domain::{
    audit::{Actor, AuditRecord, Origin},
    clock::ManualClock,
    id::WorkspaceId,
};
use surrealdb::types::Variables;
use uuid::Uuid;

use super::{Chain, Event, Keeper, Verified, verify::verify};
use crate::{AuditConfig, Engine, Opened, StoreConfig, access::Inner, db::Tx};

const START_MS: i64 = 1_790_000_000_000;

struct Log {
    opened: Opened,
    keeper: Keeper,
    clock: Arc<ManualClock>,
    dir: tempfile::TempDir,
}

fn chain() -> Chain {
    Chain::Workspace(WorkspaceId::from_uuid(Uuid::from_u128(7)))
}

impl Log {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut AuditConfig)) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut config = StoreConfig::new(Engine::Memory, dir.path().join("keys"));
        config.audit = AuditConfig::new(dir.path().join("audit"));
        change(&mut config.audit);
        let clock = Arc::new(ManualClock::at(START_MS));
        let opened = crate::open(config, clock.clone()).await.unwrap();
        let keeper = opened.system.audit_keeper().unwrap();
        Self { opened, keeper, clock, dir }
    }

    fn inner(&self) -> &Inner {
        self.opened.system.inner()
    }

    fn clock_ms(&self) -> i64 {
        self.inner().now_ms()
    }

    fn file(&self, name: &str) -> PathBuf {
        self.dir.path().join("audit").join(name)
    }

    /// The database does not answer any more, or does again.
    fn set_down(&self, down: bool) {
        self.inner().db.down.store(down, Ordering::SeqCst);
    }

    /// So many changes, a second apart.
    async fn write(&self, count: u64) {
        for _ in 0..count {
            self.clock.advance(1_000);
            self.inner().audited(chain(), event("campaign.edited"), |_| {}).await.unwrap();
        }
    }

    async fn checkpoint(&self) {
        self.keeper.checkpoint().await.unwrap();
    }

    async fn verify(&self) -> Verified {
        verify(self.inner(), None, &self.file("checkpoints.jsonl")).await.unwrap()
    }

    /// Oldest first.
    async fn records(&self, chain: Chain) -> Vec<AuditRecord> {
        let mut vars = Variables::new();
        vars.insert("range", chain.records(0, None));
        self.inner().db.docs("SELECT VALUE doc FROM $range ORDER BY id", vars).await.unwrap()
    }

    /// What somebody writes to the database past the program.
    async fn underneath(&self, build: impl Fn(&mut Tx)) {
        let mut tx = Tx::new();
        build(&mut tx);
        self.inner().db.commit(tx).await.unwrap();
    }
}

fn event(action: &'static str) -> Event {
    let actor = Actor::System { reason: "test".into() };
    Event::new(actor, Origin::default(), action).on("campaign", &"c-1").note("as it was".to_owned())
}

fn read(path: PathBuf) -> String {
    fs::read_to_string(path).unwrap()
}
