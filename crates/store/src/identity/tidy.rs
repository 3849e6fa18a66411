//! Forgetting what is over: sessions, challenges, offers, links, and failures of long ago.

use surrealdb::types::{RecordId, Variables};

use crate::{Error, SystemDoor, access::with};

/// Failures are remembered for this long; a lock lasts a minute.
const FAILURES_LIFE_MS: i64 = 24 * 3_600_000;
/// Records removed in one transaction.
const BATCH: usize = 500;

impl SystemDoor {
    /// Removes what nobody can use any more; how many records that were.
    pub async fn tidy_identity(&self) -> Result<usize, Error> {
        let inner = self.inner();
        let (settings, now_ms) = (inner.settings().await?.settings, inner.now_ms());
        let rules = [
            ("session", "doc.created_at_ms", now_ms - settings.session_absolute_ms()),
            ("session", "doc.last_used_at_ms", now_ms - settings.session_idle_ms()),
            ("sign_in_guard", "(doc.at_ms ?? 0)", now_ms - FAILURES_LIFE_MS),
            ("sign_in_challenge", "doc.expires_at_ms", now_ms),
            ("second_factor_offer", "doc.expires_at_ms", now_ms),
            ("one_time_link", "doc.expires_at_ms", now_ms),
        ];
        let mut removed = 0;
        for (table, moment, before_ms) in rules {
            let mut vars = Variables::new();
            vars.insert("before", before_ms);
            let sql = format!("SELECT VALUE id FROM {table} WHERE {moment} <= $before");
            let mut answer = inner.db.read(&sql, vars).await?;
            let over: Vec<RecordId> = answer.take(0).map_err(crate::db::corrupt)?;
            removed += over.len();
            for batch in over.chunks(BATCH) {
                let delete = || with(|tx| batch.iter().for_each(|record| tx.delete(record.clone())));
                inner.db.transact(delete).await?;
            }
        }
        Ok(removed)
    }
}
