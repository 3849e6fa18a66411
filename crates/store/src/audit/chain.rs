//! A chain and its head.
//!
//! The head is a record that each audited transaction advances by compare-and-set, so that two processes cannot write
//! the same sequence number; an in-process lock per chain keeps them from trying.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{audit::AuditRecord, id::WorkspaceId};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, SurrealValue, Value};

use super::{
    event::Event,
    seal::{GENESIS, seal},
};
use crate::{
    Error,
    access::Inner,
    db::{Abort, Tx, backoff, key, tx::Columns},
};

const ATTEMPTS_MAX: u32 = 60;

/// Whose chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Chain {
    Installation,
    Workspace(WorkspaceId),
}

impl Chain {
    pub(super) fn name(self) -> String {
        match self {
            Self::Installation => "installation".to_owned(),
            Self::Workspace(id) => id.to_string(),
        }
    }

    pub(super) fn head_key(self) -> RecordId {
        key::global("audit_head", self.name())
    }

    pub(super) fn record_key(self, seq: u64) -> RecordId {
        let key: Vec<Value> = vec![Value::String(self.name()), key::number(seq)];
        RecordId::new("audit", surrealdb::types::Array::from(key))
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct Head {
    pub(super) seq: u64,
    pub(super) hash: String,
    /// Equal to `seq`; the name that compare-and-set looks at.
    pub(super) revision: u64,
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
