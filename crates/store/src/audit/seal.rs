//! The hash that binds a record to the one before it.

use domain::audit::AuditRecord;
use sha2::{Digest, Sha256};

use super::event::Entry;
use crate::access::hex;

/// The `previous hash` of the first record of a chain.
pub(super) const GENESIS: &str = "0000000000000000000000000000000000000000000000000000000000000000";

/// The record with its hash: SHA-256 over the previous hash and the record as JSON without the hash.
pub(super) fn seal(entry: &Entry, seq: u64, previous: &str) -> AuditRecord {
    let event = &entry.event;
    let mut record = AuditRecord {
        seq,
        at_ms: entry.at_ms,
        actor: event.actor.clone(),
        origin: event.origin.clone(),
        action: event.action.clone().into_owned(),
        resource_kind: event.resource_kind.clone().into_owned(),
        resource_id: event.resource_id.clone(),
        changes: event.changes.clone(),
        note: event.note.clone(),
        event: entry.id.clone(),
        hash: String::new(),
    };
    record.hash = hash_of(&record, previous);
    record
}

pub(super) fn hash_of(record: &AuditRecord, previous: &str) -> String {
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
