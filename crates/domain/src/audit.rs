//! The words of the audit log.

use serde::{Deserialize, Serialize};

use crate::{id::UserId, permission::Capacity};

/// Who acted, as they were at that moment.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Actor {
    User {
        id: UserId,
        email: String,
        name: String,
        capacity: Option<Capacity>,
    },
    /// The engine, with the reason for which it acted.
    System {
        reason: String,
    },
    /// Nobody who is known: a failed sign-in.
    Unknown,
}

/// From where; empty for the engine.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    pub address: String,
    pub user_agent: String,
    pub request_id: String,
}

/// One record of the log. `changes` is a list of (field, before, after).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuditRecord {
    pub seq: u64,
    pub at_ms: i64,
    pub actor: Actor,
    pub origin: Origin,
    /// Such as `campaign.approved`.
    pub action: String,
    /// Such as `campaign`.
    pub resource_kind: String,
    pub resource_id: String,
    pub changes: Vec<Change>,
    pub note: Option<String>,
    /// The event's own id, where it did not come with the transaction of what it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<String>,
    /// SHA-256 of the previous record's hash and this record, hexadecimal.
    pub hash: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    pub field: String,
    pub before: Option<String>,
    pub after: Option<String>,
}
