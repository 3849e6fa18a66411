//! What has to be done for the audit log from time to time: checkpoints, the way back from the fallback file, retention.

use std::{path::PathBuf, sync::Arc};

use surrealdb::types::Variables;

use super::checkpoint::{Checkpoints, Place};
use crate::{Error, SystemDoor, access::Inner, db::corrupt, metrics};

/// A checkpoint is due this long after the last one, whether something was recorded or not: with the time between two
/// looks there is one every minute.
const CHECKPOINT_MS: i64 = 50_000;

/// Keeps the audit log. There is one for an installation.
#[derive(Debug)]
pub struct Keeper {
    pub(super) inner: Arc<Inner>,
    pub(super) checkpoints: tokio::sync::Mutex<Checkpoints>,
}

impl SystemDoor {
    /// Opens the checkpoints.
    pub fn audit_keeper(&self) -> Result<Keeper, Error> {
        let inner = self.shared();
        let checkpoints = Checkpoints::open(&inner.checkpoint_path(), inner.audit_key.clone())?;
        Ok(Keeper { inner, checkpoints: tokio::sync::Mutex::new(checkpoints) })
    }
}

impl Inner {
    pub(super) fn checkpoint_path(&self) -> PathBuf {
        self.audit.checkpoints.clone().unwrap_or_else(|| self.audit.dir.join("checkpoints.jsonl"))
    }

    /// Where the chains end, by their heads.
    pub(super) async fn heads(&self) -> Result<Vec<Place>, Error> {
        let sql = "SELECT VALUE { chain: record::id(id), seq: doc.seq, hash: doc.hash } FROM audit_head";
        let mut answer = self.db.read(sql, Variables::new()).await?;
        let heads: Vec<surrealdb::types::SerdeWrapper<Place>> = answer.take(0).map_err(corrupt)?;
        Ok(heads.into_iter().map(|head| head.0).collect())
    }
}

impl Keeper {
    /// Waits until there are new records, or events in the fallback file.
    pub async fn news(&self) {
        self.inner.chains.grown.notified().await;
    }

    /// States where the chains end if they have grown, or if a minute has passed since the last statement.
    pub async fn checkpoint(&self) -> Result<(), Error> {
        let heads = self.inner.heads().await?;
        let mut file = self.checkpoints.lock().await;
        let now_ms = self.inner.now_ms();
        let grown: Vec<Place> = heads.into_iter().filter(|head| file.heads.get(&head.chain) != Some(head)).collect();
        for head in &grown {
            if let Some(stated) = file.heads.get(&head.chain).filter(|stated| stated.seq >= head.seq) {
                metrics::CHECKPOINT_AHEAD.one();
                tracing::error!(
                    sentinel = "audit-checkpoint-ahead",
                    chain = head.chain,
                    stated = stated.seq,
                    found = head.seq,
                    "[audit-checkpoint-ahead] the audit log has less than its checkpoint says: run `message-center audit verify`"
                );
            }
        }
        if grown.is_empty() && now_ms < file.last_at_ms.saturating_add(CHECKPOINT_MS) {
            return Ok(());
        }
        file.state(now_ms, grown, Vec::new()).map_err(|cause| unwritable(&cause))
    }

    /// Brings events that the fallback file took into the database, once it answers again.
    pub async fn flush(&self) -> Result<u64, Error> {
        self.inner.flush_fallback().await
    }
}

pub(super) fn unwritable(cause: &std::io::Error) -> Error {
    metrics::CHECKPOINT.one();
    tracing::error!(sentinel = "audit-checkpoint", %cause, "[audit-checkpoint] the checkpoints of the audit log cannot be written");
    Error::Unavailable
}
