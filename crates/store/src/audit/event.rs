//! What is to be recorded, before it has a place in a chain.

use std::{borrow::Cow, fmt};

use domain::audit::{Actor, Change, Origin};
use serde::{Deserialize, Serialize};

/// Who did what to what; the chain adds number, time and hash.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Event {
    pub(super) actor: Actor,
    pub(super) origin: Origin,
    pub(super) action: Cow<'static, str>,
    pub(super) resource_kind: Cow<'static, str>,
    pub(super) resource_id: String,
    pub(super) changes: Vec<Change>,
    pub(super) note: Option<String>,
}

impl Event {
    pub(crate) const fn new(actor: Actor, origin: Origin, action: &'static str) -> Self {
        Self {
            actor,
            origin,
            action: Cow::Borrowed(action),
            resource_kind: Cow::Borrowed(""),
            resource_id: String::new(),
            changes: Vec::new(),
            note: None,
        }
    }

    pub(crate) fn on(mut self, kind: &'static str, id: &impl fmt::Display) -> Self {
        self.resource_kind = Cow::Borrowed(kind);
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

    /// Whether any field differs.
    pub(crate) fn says_something(&self) -> bool {
        !self.changes.is_empty()
    }

    pub(crate) fn note(mut self, note: impl Into<Option<String>>) -> Self {
        self.note = note.into();
        self
    }
}

/// An event with its time, on its way into a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Entry {
    pub(super) at_ms: i64,
    /// By which the chain knows it again; None: it commits with the transaction of what it is about.
    pub(super) id: Option<String>,
    pub(super) event: Event,
}
