//! Records that have been kept long enough are removed: whole stretches up to a checkpoint, which stays and is where the
//! chain begins from then on. The removal itself is on record.

use domain::audit::{Actor, AuditRecord, Origin};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, Variables};

use super::{Chain, Event, Keeper, checkpoint::Place, facets, keeper::unwritable};
use crate::{
    Error,
    access::Inner,
    db::{Tx, key, tx::Columns},
};

const DAY_MS: i64 = 86_400_000;
/// Records that one transaction removes.
const BATCH: i64 = 200;
/// The action under which a removal is on record.
pub(super) const REMOVED: &str = "audit.records_removed";

/// The last record that was removed of a chain, as a checkpoint stated it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Anchor {
    pub(super) seq: u64,
    pub(super) hash: String,
    /// The time of the checkpoint.
    pub(super) stated_at_ms: i64,
}

impl Columns for Anchor {}

pub(super) fn anchor_key(chain: &str) -> RecordId {
    key::global("audit_anchor", chain)
}

impl Inner {
    pub(super) async fn anchor(&self, chain: &str) -> Result<Option<Anchor>, Error> {
        self.db.get(anchor_key(chain)).await
    }
}

impl Keeper {
    /// Removes what is older than the retention. How many records went.
    pub async fn retain(&self) -> Result<u64, Error> {
        let Some(days) = self.inner.audit.retention_days else { return Ok(0) };
        let limit_ms = self.inner.now_ms() - i64::from(days) * DAY_MS;
        let heads = self.inner.heads().await?;
        let places = self.checkpoints.lock().await.places_until(limit_ms).map_err(|cause| unwritable(&cause))?;
        let (mut removed, mut anchors, mut whole) = (0, Vec::new(), true);
        for Place { chain: name, .. } in heads {
            let Some(chain) = Chain::named(&name) else { continue };
            let mut anchor = self.inner.anchor(&name).await?;
            if let Some((place, stated_at_ms)) = places.get(&name) {
                // Once a day and chain: each removal is a record of its own.
                let due = anchor
                    .as_ref()
                    .is_none_or(|old| place.seq > old.seq && *stated_at_ms >= old.stated_at_ms.saturating_add(DAY_MS));
                if due && self.inner.holds(chain, place).await? {
                    let next = Anchor { seq: place.seq, hash: place.hash.clone(), stated_at_ms: *stated_at_ms };
                    self.inner.move_anchor(chain, anchor.as_ref(), &next).await?;
                    anchor = Some(next);
                }
                whole &= anchor.as_ref().is_some_and(|anchor| anchor.seq >= place.seq);
            }
            if let Some(anchor) = anchor {
                removed += self.inner.remove_until(chain, anchor.seq).await?;
                anchors.push(Place { chain: name, seq: anchor.seq, hash: anchor.hash });
            }
        }
        if removed > 0 && whole {
            let mut file = self.checkpoints.lock().await;
            file.state(self.inner.now_ms(), Vec::new(), anchors).map_err(|cause| unwritable(&cause))?;
            file.drop_until(limit_ms).map_err(|cause| unwritable(&cause))?;
        }
        Ok(removed)
    }
}

impl Inner {
    /// Whether the chain has the record that a checkpoint stated; what disagrees is left for `audit verify` to name.
    async fn holds(&self, chain: Chain, place: &Place) -> Result<bool, Error> {
        let record: Option<AuditRecord> = self.db.get(chain.record_key(place.seq)).await?;
        let holds = record.is_some_and(|record| record.hash == place.hash);
        if !holds {
            tracing::error!(
                chain = place.chain,
                seq = place.seq,
                "the audit log disagrees with its checkpoint: nothing is removed"
            );
        }
        Ok(holds)
    }

    async fn move_anchor(&self, chain: Chain, old: Option<&Anchor>, next: &Anchor) -> Result<(), Error> {
        let actor = Actor::System { reason: "retention".to_owned() };
        let event = Event::new(actor, Origin::default(), REMOVED)
            .on("audit", &chain.name())
            .change("first_record_kept", old.map(|old| old.seq + 1), Some(next.seq + 1))
            .change("hash", old.map(|old| old.hash.clone()), Some(next.hash.clone()))
            .note("kept for as long as the configuration says".to_owned());
        let id = anchor_key(&chain.name());
        self.audited(chain, event, |tx| tx.put(id.clone(), next)).await
    }

    /// Removes the records up to `seq`; after a crash it goes on where it was.
    async fn remove_until(&self, chain: Chain, seq: u64) -> Result<u64, Error> {
        let name = chain.name();
        let mut removed = 0;
        loop {
            let mut vars = Variables::new();
            vars.insert("range", chain.records(0, Some(seq + 1)));
            vars.insert("limit", BATCH);
            let sql = "SELECT VALUE doc FROM $range LIMIT $limit";
            let records: Vec<AuditRecord> = self.db.docs(sql, vars).await?;
            if records.is_empty() {
                return Ok(removed);
            }
            let keys = records.iter().flat_map(|record| facets::keys(&name, record));
            let ids: Vec<RecordId> = records.iter().map(|record| chain.record_key(record.seq)).chain(keys).collect();
            self.db
                .transact(|| {
                    let mut tx = Tx::new();
                    tx.delete_all(ids.clone());
                    tx
                })
                .await?;
            removed += records.len() as u64;
        }
    }
}
