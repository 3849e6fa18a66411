//! A chain and its head.
//!
//! The head is a record that each audited transaction advances by compare-and-set, so that two processes cannot write
//! the same sequence number; an in-process lock per chain keeps them from trying.

use std::{
    collections::{HashMap, HashSet},
    ops::Bound,
    sync::{Arc, Mutex, PoisonError},
};

use domain::{audit::AuditRecord, id::WorkspaceId};
use serde::{Deserialize, Serialize};
use surrealdb::types::{Array, RecordId, RecordIdKeyRange, SurrealValue, Value, Variables};
use tokio::sync::Notify;

use super::{
    event::{Entry, Event},
    facets,
    seal::{GENESIS, seal},
};
use crate::{
    Error,
    access::Inner,
    db::{Abort, Tx, backoff, corrupt, key, tx::Columns},
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

    /// What [`Chain::name`] gives, read back.
    pub(super) fn named(name: &str) -> Option<Self> {
        match name {
            "installation" => Some(Self::Installation),
            id => id.parse().ok().map(Self::Workspace),
        }
    }

    pub(super) fn head_key(self) -> RecordId {
        key::global("audit_head", self.name())
    }

    pub(super) fn record_key(self, seq: u64) -> RecordId {
        let key: Vec<Value> = vec![Value::String(self.name()), key::number(seq)];
        RecordId::new("audit", Array::from(key))
    }

    /// The records from a number on and before another; None: to the end.
    pub(super) fn records(self, from: u64, to: Option<u64>) -> RecordId {
        let name = || Value::String(self.name());
        let end = to.map_or_else(|| Value::Array(Array::new()), key::number);
        let bound = |part: Value| Array::from(vec![name(), part]).into();
        let range =
            RecordIdKeyRange { start: Bound::Included(bound(key::number(from))), end: Bound::Excluded(bound(end)) };
        RecordId::new("audit", range)
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

/// A lock per chain, made when it is first used, and the news that one has grown.
#[derive(Debug, Default)]
pub(crate) struct Chains {
    locks: Mutex<HashMap<Chain, Arc<tokio::sync::Mutex<()>>>>,
    pub(super) grown: Notify,
}

impl Chains {
    fn lock_of(&self, chain: Chain) -> Arc<tokio::sync::Mutex<()>> {
        Arc::clone(self.locks.lock().unwrap_or_else(PoisonError::into_inner).entry(chain).or_default())
    }
}

impl Inner {
    /// Commits what `build` puts into a transaction together with its audit record. Conflicts are retried; a failed
    /// compare-and-set of `build`'s own comes back as [`Error::Stale`].
    pub(crate) async fn audited(&self, chain: Chain, event: Event, build: impl Fn(&mut Tx)) -> Result<(), Error> {
        self.audited_together(vec![(chain, event)], build).await
    }

    /// The same with a record for each of several things, in one chain or in several: all of it commits, or nothing.
    pub(crate) async fn audited_together(
        &self,
        mut events: Vec<(Chain, Event)>,
        build: impl Fn(&mut Tx),
    ) -> Result<(), Error> {
        // One order for everybody: two who need the same chains do not wait for each other.
        events.sort_by_key(|(chain, _)| chain.name());
        let mut locks: Vec<(Chain, Arc<tokio::sync::Mutex<()>>)> = Vec::new();
        for (chain, _) in &events {
            if locks.last().is_none_or(|(last, _)| last != chain) {
                locks.push((*chain, self.chains.lock_of(*chain)));
            }
        }
        let mut held = Vec::with_capacity(locks.len());
        for (_, lock) in &locks {
            held.push(lock.lock().await);
        }
        for attempt in 0..ATTEMPTS_MAX {
            let at_ms = self.now_ms();
            let entries: Vec<(Chain, Entry)> =
                events.iter().map(|(chain, event)| (*chain, Entry { at_ms, id: None, event: event.clone() })).collect();
            let of = |chain: Chain| {
                let own = entries.iter().filter(move |(of, _)| *of == chain);
                (chain, own.map(|(_, entry)| entry).collect())
            };
            let grown: Vec<(Chain, Vec<&Entry>)> = locks.iter().map(|(chain, _)| of(*chain)).collect();
            match self.append(&grown, &build).await {
                Err(Abort::Conflict) => backoff(attempt).await,
                other => return Ok(other?),
            }
        }
        Err(Error::Unavailable)
    }

    /// Appends events that have ids, in their order and each of them once, however often it is tried.
    pub(super) async fn append_once(&self, chain: Chain, entries: &[Entry]) -> Result<(), Error> {
        let lock = self.chains.lock_of(chain);
        let _held = lock.lock().await;
        for attempt in 0..ATTEMPTS_MAX {
            // Looked up anew each time: an attempt whose answer was lost may commit late, and then the head has moved.
            let known = self.known_events(chain, entries).await?;
            let new: Vec<&Entry> =
                entries.iter().filter(|entry| entry.id.as_ref().is_none_or(|id| !known.contains(id))).collect();
            if new.is_empty() {
                return Ok(());
            }
            match self.append(&[(chain, new)], &|_: &mut Tx| {}).await {
                Err(Abort::Conflict | Abort::Exists) => backoff(attempt).await,
                other => return Ok(other?),
            }
        }
        Err(Error::Unavailable)
    }

    async fn known_events(&self, chain: Chain, entries: &[Entry]) -> Result<HashSet<String>, Error> {
        let name = chain.name();
        let ids = entries.iter().filter_map(|entry| entry.id.as_deref());
        let keys: Vec<RecordId> = ids.map(|id| facets::event_key(&name, id)).collect();
        let mut vars = Variables::new();
        vars.insert("keys", keys);
        let mut answer = self.db.read("SELECT VALUE record::id(id)[2] FROM $keys", vars).await?;
        let known: Vec<String> = answer.take(0).map_err(corrupt)?;
        Ok(known.into_iter().collect())
    }

    /// The number of a chain's latest record; 0: there is none.
    pub(crate) async fn position(&self, chain: Chain) -> Result<u64, Error> {
        let read = self.db.get(chain.head_key());
        let head: Option<Head> = self.db.known(&["audit_head"], format!("head of {}", chain.name()), read).await?;
        Ok(head.map_or(0, |head| head.seq))
    }

    /// Kind and id of what the records from a number on and before another are about, as far as they are there.
    pub(crate) async fn subjects(&self, chain: Chain, from: u64, to: u64) -> Result<Vec<(String, String)>, Error> {
        let mut vars = Variables::new();
        vars.insert("records", chain.records(from, Some(to)));
        self.db.docs("SELECT VALUE [doc.resource_kind, doc.resource_id] FROM $records", vars).await
    }

    /// One attempt, with the locks of the chains held.
    async fn append(&self, grown: &[(Chain, Vec<&Entry>)], build: &impl Fn(&mut Tx)) -> Result<(), Abort> {
        let mut tx = Tx::new();
        build(&mut tx);
        for (chain, entries) in grown {
            let head: Option<Head> = self.db.get(chain.head_key()).await.map_err(Abort::Failed)?;
            let name = chain.name();
            let (mut seq, mut hash) =
                head.as_ref().map_or((0, GENESIS.to_owned()), |head| (head.seq, head.hash.clone()));
            let mut records = Vec::with_capacity(entries.len());
            for entry in entries {
                seq += 1;
                let record = seal(entry, seq, &hash);
                hash.clone_from(&record.hash);
                records.push(record);
            }
            tx.advance(chain.head_key(), head.map(|head| head.revision), &Head { seq, hash, revision: seq });
            for record in &records {
                tx.create(chain.record_key(record.seq), record);
            }
            tx.insert_keys(facets::TABLE, records.iter().flat_map(|record| facets::keys(&name, record)));
        }
        self.db.commit(tx).await?;
        self.chains.grown.notify_one();
        Ok(())
    }
}
