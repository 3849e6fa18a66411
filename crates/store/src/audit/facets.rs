//! The keys by which records are looked up: one per facet, each in the order of time.
//!
//! A key is `[chain, facet, time, number]` and has no content. A page of the log is a stretch of one facet's keys, read
//! backwards, however long the log is.

use std::ops::Bound;

use domain::audit::{Actor, AuditRecord};
use surrealdb::types::{Array, RecordId, RecordIdKeyRange, SurrealValue, Value};

pub(super) const TABLE: &str = "audit_index";

/// Every record.
pub(super) const ALL: &str = "all";

pub(super) fn of_actor(actor: &Actor) -> String {
    match actor {
        Actor::User { id, .. } => format!("who:{id}"),
        Actor::System { .. } => "who:system".to_owned(),
        Actor::Unknown => "who:unknown".to_owned(),
    }
}

/// Actions by what stands before the dot.
pub(super) fn of_group(group: &str) -> String {
    format!("act:{group}")
}

pub(super) fn of_kind(kind: &str) -> String {
    format!("kind:{kind}")
}

pub(super) fn of_resource(id: &str) -> String {
    format!("about:{id}")
}

pub(super) fn group_of(action: &str) -> &str {
    action.split_once('.').map_or(action, |(group, _)| group)
}

/// All keys of a record.
pub(super) fn keys(chain: &str, record: &AuditRecord) -> Vec<RecordId> {
    let mut facets = vec![
        ALL.to_owned(),
        of_actor(&record.actor),
        of_group(group_of(&record.action)),
        of_kind(&record.resource_kind),
    ];
    if !record.resource_id.is_empty() {
        facets.push(of_resource(&record.resource_id));
    }
    let mut keys: Vec<RecordId> =
        facets.iter().map(|facet| id(place(chain, facet, record.at_ms, Some(record.seq)))).collect();
    keys.extend(record.event.as_deref().map(|event| event_key(chain, event)));
    keys
}

/// Marks an event of the writer's as recorded, so that it is recorded once.
pub(super) fn event_key(chain: &str, event: &str) -> RecordId {
    let parts: Vec<Value> = vec![text(chain), text("event"), text(event)];
    id(Array::from(parts))
}

/// The keys of a facet from a time on and before a place.
pub(super) fn range(chain: &str, facet: &str, from_ms: i64, before: (i64, Option<u64>)) -> RecordId {
    let start = Bound::Included(place(chain, facet, from_ms, None).into());
    let end = Bound::Excluded(place(chain, facet, before.0, before.1).into());
    RecordId::new(TABLE, RecordIdKeyRange { start, end })
}

/// Time and number of a key.
pub(super) fn read(key: &RecordId) -> Option<(i64, u64)> {
    let surrealdb::types::RecordIdKey::Array(parts) = &key.key else { return None };
    let number = |at: usize| parts.get(at).cloned().and_then(|part| i64::from_value(part).ok());
    Some((number(2)?, u64::try_from(number(3)?).ok()?))
}

fn id(key: Array) -> RecordId {
    RecordId::new(TABLE, key)
}

/// A shorter array sorts before a longer one that begins alike: without a number it stands before all of its time.
fn place(chain: &str, facet: &str, at_ms: i64, seq: Option<u64>) -> Array {
    let mut parts: Vec<Value> = vec![text(chain), text(facet), at_ms.into_value()];
    parts.extend(seq.map(crate::db::key::number));
    Array::from(parts)
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}
