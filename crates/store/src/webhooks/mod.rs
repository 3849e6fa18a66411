//! Delivery webhooks: endpoints of a workspace, and the outbox of events to them.
//!
//! An event is written in the transaction of what it tells of ([`events`]), once for each endpoint that wants it. The
//! server's job takes what is due ([`delivery`]), sends it, and says what came of it.
//!
//! *Invariants*: events hold no phone numbers and no texts; a secret is shown once and kept sealed; what waits for an
//! endpoint is bounded, and what has ended or
//! left the workspace (it is archived, deleted) is told to nobody.

mod delivery;
mod events;
mod manage;
mod secret;

use domain::{
    id::{DeliveryId, WebhookId, WorkspaceId},
    webhook::{Delivery, Endpoint},
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, SurrealValue, Value, Variables};

pub(crate) use self::events::{of_change, of_fold};
pub use self::{
    delivery::{Due, Outcome, Sendable, WAITING_MAX},
    manage::{NewEndpoint, change, create, deliveries, find, list, redeliver, remove, rotate, send_test},
    secret::Secret,
};
use crate::{
    Error,
    access::Inner,
    db::{key, tx::Columns},
};

/// An endpoint as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct EndpointRecord {
    /// For compare-and-set; the same as the endpoint's.
    revision: u64,
    endpoint: Endpoint,
    /// Sealed.
    secret: String,
    /// The secrets before, newest first, and until when each signs too.
    formers: Vec<(String, i64)>,
}

impl Columns for EndpointRecord {}

/// An event as it is kept.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct DeliveryRecord {
    revision: u64,
    delivery: Delivery,
    /// JSON, compressed and in Base64.
    content: String,
}

impl Columns for DeliveryRecord {
    fn columns(&self) -> Vec<(&'static str, Value)> {
        let state = self.delivery.state.name().to_owned();
        vec![("state", state.into_value()), ("due_ms", self.delivery.due_ms.into_value())]
    }
}

fn endpoint_key(workspace: WorkspaceId, id: WebhookId) -> RecordId {
    key::of("webhook", workspace, [key::id(id)])
}

fn delivery_key(workspace: WorkspaceId, endpoint: WebhookId, id: DeliveryId) -> RecordId {
    key::of("webhook_delivery", workspace, [key::id(endpoint), key::id(id)])
}

/// The endpoints of a workspace, in the order of their making.
async fn endpoints(inner: &Inner, workspace: WorkspaceId) -> Result<Vec<EndpointRecord>, Error> {
    let mut vars = Variables::new();
    vars.insert("range", key::all("webhook", workspace, []));
    inner.db.docs("SELECT VALUE doc FROM $range ORDER BY id", vars).await
}
