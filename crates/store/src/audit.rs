//! The audit log: one hash chain per workspace and one for the installation, written in the transaction of what it
//! records.
//!
//! A chain's head is a record that each audited transaction advances by compare-and-set, so that two processes cannot
//! write the same sequence number; an in-process lock per chain keeps them from trying.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{
    audit::{Actor, AuditRecord, Change, Origin},
    id::{CampaignId, WorkspaceId},
    permission::kind,
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use surrealdb::types::{RecordId, SurrealValue, Value, Variables};

use crate::{
    Error, Granted, On,
    access::{Inner, hex},
    db::{Abort, Tx, backoff, key, tx::Columns},
};

const ATTEMPTS_MAX: u32 = 60;
/// The `previous hash` of the first record of a chain.
const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// Whose chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Chain {
    Installation,
    Workspace(WorkspaceId),
}

impl Chain {
    fn name(self) -> String {
        match self {
            Self::Installation => "installation".to_owned(),
            Self::Workspace(id) => id.to_string(),
        }
    }

    fn head_key(self) -> RecordId {
        key::global("audit_head", self.name())
    }

    fn record_key(self, seq: u64) -> RecordId {
        let key: Vec<Value> = vec![Value::String(self.name()), key::number(seq)];
        RecordId::new("audit", surrealdb::types::Array::from(key))
    }
}

/// What is to be recorded.
#[derive(Debug, Clone)]
pub(crate) struct Event {
    actor: Actor,
    origin: Origin,
    action: &'static str,
    resource_kind: &'static str,
    resource_id: String,
    changes: Vec<Change>,
    note: Option<String>,
}

impl Event {
    pub(crate) const fn new(actor: Actor, origin: Origin, action: &'static str) -> Self {
        Self { actor, origin, action, resource_kind: "", resource_id: String::new(), changes: Vec::new(), note: None }
    }

    pub(crate) fn on(mut self, kind: &'static str, id: &impl fmt::Display) -> Self {
        self.resource_kind = kind;
        self.resource_id = id.to_string();
        self
    }

    /// Adds a field when it differs.
    pub(crate) fn change<T: fmt::Display + PartialEq>(
        mut self,
        field: &str,
        before: Option<T>,
        after: Option<T>,
    ) -> Self {
        if before != after {
            self.changes.push(Change {
                field: field.to_owned(),
                before: before.map(|value| value.to_string()),
                after: after.map(|value| value.to_string()),
            });
        }
        self
    }

    pub(crate) fn note(mut self, note: impl Into<Option<String>>) -> Self {
        self.note = note.into();
        self
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Head {
    seq: u64,
    hash: String,
    /// Equal to `seq`; the name that compare-and-set looks at.
    revision: u64,
}

impl Columns for Head {}

impl Columns for AuditRecord {
    fn columns(&self) -> Vec<(&'static str, Value)> {
        vec![("resource", format!("{}:{}", self.resource_kind, self.resource_id).into_value())]
    }
}

/// A lock per chain, made when it is first used.
#[derive(Debug, Default)]
pub(crate) struct Chains(Mutex<HashMap<Chain, Arc<tokio::sync::Mutex<()>>>>);

impl Chains {
    fn lock_of(&self, chain: Chain) -> Arc<tokio::sync::Mutex<()>> {
        Arc::clone(self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(chain).or_default())
    }
}

impl Inner {
    /// Commits what `build` puts into a transaction together with its audit record. Conflicts are retried; a failed
    /// compare-and-set of `build`'s own comes back as [`Error::Stale`].
    pub(crate) async fn audited(&self, chain: Chain, event: Event, build: impl Fn(&mut Tx)) -> Result<(), Error> {
        let lock = self.chains.lock_of(chain);
        let _held = lock.lock().await;
        for attempt in 0..ATTEMPTS_MAX {
            let head: Option<Head> = self.db.get(chain.head_key()).await?;
            let (seq, previous) = head.as_ref().map_or((1, GENESIS), |head| (head.seq + 1, head.hash.as_str()));
            let record = seal(&event, seq, self.now_ms(), previous);
            let next = Head { seq, hash: record.hash.clone(), revision: seq };
            let mut tx = Tx::new();
            build(&mut tx);
            tx.advance(chain.head_key(), head.map(|head| head.revision), &next);
            tx.create(chain.record_key(seq), &record);
            match self.db.commit(tx).await {
                Ok(()) => return Ok(()),
                Err(Abort::Conflict) => backoff(attempt).await,
                Err(other) => return Err(other.into()),
            }
        }
        Err(Error::Unavailable)
    }
}

/// The record with its hash: SHA-256 over the previous hash and the record as JSON without the hash.
fn seal(event: &Event, seq: u64, at_ms: i64, previous: &str) -> AuditRecord {
    let mut record = AuditRecord {
        seq,
        at_ms,
        actor: event.actor.clone(),
        origin: event.origin.clone(),
        action: event.action.to_owned(),
        resource_kind: event.resource_kind.to_owned(),
        resource_id: event.resource_id.clone(),
        changes: event.changes.clone(),
        note: event.note.clone(),
        hash: String::new(),
    };
    record.hash = hash_of(&record, previous);
    record
}

fn hash_of(record: &AuditRecord, previous: &str) -> String {
    let bare = AuditRecord { hash: String::new(), ..record.clone() };
    let mut hasher = Sha256::new();
    hasher.update(previous.as_bytes());
    hasher.update(serde_json::to_vec(&bare).unwrap_or_default());
    hex(&hasher.finalize())
}

/// The number of the first record that does not follow from the one before it; None: the chain holds.
#[must_use]
pub fn first_break(records: &[AuditRecord]) -> Option<u64> {
    let mut previous = GENESIS.to_owned();
    for (index, record) in records.iter().enumerate() {
        if record.seq != index as u64 + 1 || record.hash != hash_of(record, &previous) {
            return Some(index as u64 + 1);
        }
        previous.clone_from(&record.hash);
    }
    None
}

/// The workspace's log, newest first: at most `limit` records before `before_seq` (None: from the newest).
pub async fn page(
    scope: &Granted<kind::ViewAudit>,
    before_seq: Option<u64>,
    limit: u32,
) -> Result<Vec<AuditRecord>, Error> {
    let mut vars = Variables::new();
    vars.insert("limit", i64::from(limit));
    vars.insert("range", chain_range(scope.workspace_id(), before_seq));
    scope.inner().db.docs("SELECT VALUE doc FROM $range ORDER BY id DESC LIMIT $limit", vars).await
}

/// Everything recorded about one campaign, oldest first.
pub async fn of_campaign(proof: &On<kind::ViewCampaignAudit>) -> Result<Vec<AuditRecord>, Error> {
    about_campaign(proof.inner(), proof.workspace_id(), proof.campaign().id).await
}

pub(crate) async fn about_campaign(
    inner: &Inner,
    workspace: WorkspaceId,
    campaign: CampaignId,
) -> Result<Vec<AuditRecord>, Error> {
    let mut vars = Variables::new();
    vars.insert("resource", format!("campaign:{campaign}"));
    vars.insert("chain", workspace.to_string());
    let mut records: Vec<AuditRecord> = inner
        .db
        .docs("SELECT VALUE doc FROM audit WHERE resource = $resource AND record::id(id)[0] = $chain", vars)
        .await?;
    records.sort_by_key(|record| record.seq);
    Ok(records)
}

fn chain_range(workspace: WorkspaceId, before_seq: Option<u64>) -> RecordId {
    key::range("audit", workspace, [], None, before_seq.map(key::number))
}
