//! Record ids. Everything that belongs to a workspace has its id first, so that a range over it never leaves the tenant.

use std::ops::Bound;

use domain::id::WorkspaceId;
use surrealdb::types::{Array, RecordId, RecordIdKey, RecordIdKeyRange, SurrealValue, Value};

/// `table:[workspace, parts…]`.
pub(crate) fn of(table: &str, workspace: WorkspaceId, parts: impl IntoIterator<Item = Value>) -> RecordId {
    RecordId::new(table, array(workspace, parts))
}

/// Every record of `table` whose key starts with `[workspace, parts…]`.
pub(crate) fn all(table: &str, workspace: WorkspaceId, parts: impl IntoIterator<Item = Value> + Clone) -> RecordId {
    range(table, workspace, parts, None, None)
}

/// The records of `table` whose key is `[workspace, parts…, x]` with `from <= x < to`; None leaves that side open.
pub(crate) fn range(
    table: &str,
    workspace: WorkspaceId,
    parts: impl IntoIterator<Item = Value> + Clone,
    from: Option<Value>,
    to: Option<Value>,
) -> RecordId {
    let start = array(workspace, parts.clone().into_iter().chain(from));
    // Arrays sort element by element, and an array sorts after every scalar and string: `[…, []]` closes the prefix.
    let end = array(workspace, parts.into_iter().chain([to.unwrap_or_else(|| Value::Array(Array::new()))]));
    let range = RecordIdKeyRange { start: Bound::Included(start), end: Bound::Excluded(end) };
    RecordId::new(table, range)
}

/// The records of `table` that come after all whose key starts with `[workspace, parts…]`, of this workspace and of others.
pub(crate) fn after(table: &str, workspace: WorkspaceId, parts: impl IntoIterator<Item = Value>) -> RecordId {
    let start = array(workspace, parts.into_iter().chain([Value::Array(Array::new())]));
    RecordId::new(table, RecordIdKeyRange { start: Bound::Included(start), end: Bound::Unbounded })
}

/// The records of `table` in the workspace that come after all whose key starts with `[workspace, part]`.
pub(crate) fn behind(table: &str, workspace: WorkspaceId, part: Value) -> RecordId {
    let closed = |parts: Vec<Value>| array(workspace, parts.into_iter().chain([Value::Array(Array::new())]));
    let range =
        RecordIdKeyRange { start: Bound::Included(closed(vec![part])), end: Bound::Excluded(closed(Vec::new())) };
    RecordId::new(table, range)
}

/// Workspace and second part of the key `[workspace, part]`.
pub(crate) fn read(id: &RecordId) -> Option<(WorkspaceId, &str)> {
    let RecordIdKey::Array(parts) = &id.key else { return None };
    match parts.as_slice() {
        [Value::String(workspace), Value::String(part)] => Some((workspace.parse().ok()?, part)),
        _ => None,
    }
}

fn array(workspace: WorkspaceId, parts: impl IntoIterator<Item = Value>) -> RecordIdKey {
    let values: Vec<Value> = std::iter::once(id(workspace)).chain(parts).collect();
    RecordIdKey::Array(Array::from(values))
}

/// An identifier as a part of a key.
pub(crate) fn id(id: impl std::fmt::Display) -> Value {
    Value::String(id.to_string())
}

/// A number (block, sequence) as a part of a key.
pub(crate) fn number(number: u64) -> Value {
    i64::try_from(number).unwrap_or(i64::MAX).into_value()
}

/// A record of the whole installation: `table:text`.
pub(crate) fn global(table: &str, text: impl std::fmt::Display) -> RecordId {
    RecordId::new(table, text.to_string())
}
