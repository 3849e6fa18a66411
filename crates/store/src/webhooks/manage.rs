//! Endpoints: made, changed, given another secret, removed; and what was sent to them. By whoever manages the workspace.

use domain::{
    id::{DeliveryId, WebhookId},
    permission::kind::ManageWorkspace,
    webhook::{
        Delivery, DeliveryState, ENDPOINTS_MAX, Endpoint, EventKind, FORMER_SECRET_MS, FORMER_SECRETS_MAX,
        TRIED_FOR_MS, Target,
    },
};
use serde::Serialize;
use surrealdb::types::Variables;
use uuid::Uuid;

use super::{DeliveryRecord, EndpointRecord, Secret, delivery_key, endpoint_key, endpoints, events};
use crate::{
    Error, Granted, Scope,
    audit::{Chain, Event},
    db::key,
};

/// An endpoint about to be made.
#[derive(Debug, Clone)]
pub struct NewEndpoint {
    pub url: String,
    pub events: Vec<EventKind>,
}

/// In the order of their making.
pub async fn list(scope: &Granted<ManageWorkspace>) -> Result<Vec<Endpoint>, Error> {
    let records = endpoints(scope.inner(), scope.workspace_id()).await?;
    Ok(records.into_iter().map(|record| record.endpoint).collect())
}

pub async fn find(scope: &Granted<ManageWorkspace>, id: WebhookId) -> Result<Endpoint, Error> {
    Ok(read(scope, id).await?.endpoint)
}

async fn read(scope: &Scope, id: WebhookId) -> Result<EndpointRecord, Error> {
    scope.inner().db.get(endpoint_key(scope.workspace_id(), id)).await?.ok_or(Error::NotFound)
}

fn checked(new: &NewEndpoint) -> Result<(String, Vec<EventKind>), Error> {
    let url = new.url.trim();
    Target::parse(url).map_err(|refusal| Error::invalid("url", refusal.to_string()))?;
    let mut events = new.events.clone();
    events.sort_unstable();
    events.dedup();
    if events.is_empty() || events.contains(&EventKind::Test) {
        return Err(Error::invalid("events", "choose at least one of the events that are offered"));
    }
    Ok((url.to_owned(), events))
}

/// An endpoint, under an id of the caller's if there is one. The secret is returned and never again: one whose answer was
/// lost has to be rotated.
pub async fn create(
    scope: &Granted<ManageWorkspace>,
    id: Option<Uuid>,
    new: &NewEndpoint,
) -> Result<(Endpoint, Secret), Error> {
    let inner = scope.inner();
    let (url, events) = checked(new)?;
    if endpoints(inner, scope.workspace_id()).await?.len() >= ENDPOINTS_MAX {
        return Err(Error::invalid(
            "url",
            format!("there are {ENDPOINTS_MAX} endpoints; remove one that is not needed"),
        ));
    }
    let endpoint = Endpoint {
        id: WebhookId::from_uuid(id.map_or_else(|| inner.new_uuid(), Ok)?),
        workspace: scope.workspace_id(),
        url,
        events,
        created_by: scope.user_id(),
        created_by_name: scope.user().name.clone(),
        created_at_ms: inner.now_ms(),
        failing_since_ms: None,
        disabled_at_ms: None,
        revision: 1,
    };
    let secret = Secret::new()?;
    let record = EndpointRecord {
        revision: 1,
        secret: inner.sealer.seal(&endpoint.id.to_string(), secret.bytes())?,
        formers: Vec::new(),
        endpoint: endpoint.clone(),
    };
    let event = event(scope, "webhook.made", endpoint.id).change("url", None, Some(endpoint.url.clone())).change(
        "events",
        None,
        Some(names(&endpoint.events)),
    );
    inner
        .audited(Chain::Workspace(scope.workspace_id()), event, |tx| {
            tx.create(endpoint_key(endpoint.workspace, endpoint.id), &record);
            scope.rely_on(tx);
        })
        .await?;
    Ok((endpoint, secret))
}

/// Another address, other events; `enabled` sends to it again, though nothing had arrived.
pub async fn change(
    scope: &Granted<ManageWorkspace>,
    id: WebhookId,
    new: &NewEndpoint,
    enabled: bool,
) -> Result<Endpoint, Error> {
    let (url, events) = checked(new)?;
    let before = read(scope, id).await?;
    let mut after = before.endpoint.clone();
    (after.url, after.events) = (url, events);
    after.disabled_at_ms = if enabled { None } else { after.disabled_at_ms.or(Some(scope.now_ms())) };
    if enabled {
        after.failing_since_ms = None;
    }
    let event = event(scope, "webhook.changed", id)
        .change("url", Some(before.endpoint.url.clone()), Some(after.url.clone()))
        .change("events", Some(names(&before.endpoint.events)), Some(names(&after.events)))
        .change("enabled", Some(before.endpoint.disabled_at_ms.is_none()), Some(enabled));
    write(scope, &before, EndpointRecord { endpoint: after, ..before.clone() }, event).await
}

/// A new secret, which is returned and never again. For a day the former ones sign too: a receiver goes on with the secret
/// that it has, also when the answer with the new one is lost and another one is asked for.
pub async fn rotate(scope: &Granted<ManageWorkspace>, id: WebhookId) -> Result<Secret, Error> {
    let inner = scope.inner();
    let before = read(scope, id).await?;
    let secret = Secret::new()?;
    let mut formers = vec![(before.secret.clone(), inner.now_ms() + FORMER_SECRET_MS)];
    formers.extend(before.formers.iter().filter(|(_, until_ms)| inner.now_ms() < *until_ms).cloned());
    formers.truncate(FORMER_SECRETS_MAX);
    let after =
        EndpointRecord { secret: inner.sealer.seal(&id.to_string(), secret.bytes())?, formers, ..before.clone() };
    write(scope, &before, after, event(scope, "webhook.secret_rotated", id)).await?;
    Ok(secret)
}

async fn write(
    scope: &Granted<ManageWorkspace>,
    before: &EndpointRecord,
    mut after: EndpointRecord,
    event: Event,
) -> Result<Endpoint, Error> {
    after.revision = before.revision + 1;
    after.endpoint.revision = after.revision;
    let key = endpoint_key(after.endpoint.workspace, after.endpoint.id);
    let (inner, chain) = (scope.inner(), Chain::Workspace(scope.workspace_id()));
    inner
        .audited(chain, event, |tx| {
            tx.compare_and_set(key.clone(), before.revision, &after);
            scope.rely_on(tx);
        })
        .await?;
    Ok(after.endpoint)
}

/// Takes an endpoint away, with what waits for it.
pub async fn remove(scope: &Granted<ManageWorkspace>, id: WebhookId) -> Result<(), Error> {
    let before = read(scope, id).await?;
    let event = event(scope, "webhook.removed", id).change("url", Some(before.endpoint.url), None);
    let workspace = scope.workspace_id();
    scope
        .inner()
        .audited(Chain::Workspace(workspace), event, |tx| {
            tx.delete_existing(endpoint_key(workspace, id));
            tx.delete(key::all("webhook_delivery", workspace, [key::id(id)]));
            scope.rely_on(tx);
        })
        .await
}

/// At most `limit` events of an endpoint, newest first, made before `before`.
pub async fn deliveries(
    scope: &Granted<ManageWorkspace>,
    endpoint: WebhookId,
    state: Option<DeliveryState>,
    before: Option<DeliveryId>,
    limit: u32,
) -> Result<Vec<Delivery>, Error> {
    read(scope, endpoint).await?;
    let mut vars = Variables::new();
    let range = key::range("webhook_delivery", scope.workspace_id(), [key::id(endpoint)], None, before.map(key::id));
    vars.insert("range", range);
    vars.insert("limit", i64::from(limit));
    let narrowed = if let Some(state) = state {
        vars.insert("state", state.name().to_owned());
        "WHERE state = $state"
    } else {
        ""
    };
    let sql = format!("SELECT VALUE doc FROM (SELECT id, doc FROM $range {narrowed} ORDER BY id DESC LIMIT $limit)");
    let records: Vec<DeliveryRecord> = scope.inner().db.docs(&sql, vars).await?;
    Ok(records.into_iter().map(|record| record.delivery).collect())
}

/// Sends an event again, whatever became of it.
pub async fn redeliver(
    scope: &Granted<ManageWorkspace>,
    endpoint: WebhookId,
    id: DeliveryId,
) -> Result<Delivery, Error> {
    let inner = scope.inner();
    read(scope, endpoint).await?;
    let key = delivery_key(scope.workspace_id(), endpoint, id);
    let before: DeliveryRecord = inner.db.get(key.clone()).await?.ok_or(Error::NotFound)?;
    let now_ms = inner.now_ms();
    let mut after = before.clone();
    after.revision += 1;
    after.delivery = Delivery {
        state: DeliveryState::Waiting,
        due_ms: now_ms,
        try_until_ms: now_ms + TRIED_FOR_MS,
        by_hand: true,
        revision: after.revision,
        ..before.delivery.clone()
    };
    let event = event(scope, "webhook.sent_again", endpoint).note(format!("event {id}"));
    inner
        .audited(Chain::Workspace(scope.workspace_id()), event, |tx| {
            tx.compare_and_set(key.clone(), before.revision, &after);
            scope.rely_on(tx);
        })
        .await?;
    Ok(after.delivery)
}

#[derive(Debug, Serialize)]
struct Trial<'a> {
    workspace: &'a str,
    by: &'a str,
}

/// Sends an event that says nothing, also to an endpoint that is switched off.
pub async fn send_test(scope: &Granted<ManageWorkspace>, endpoint: WebhookId) -> Result<Delivery, Error> {
    let endpoint = find(scope, endpoint).await?;
    let trial = Trial { workspace: scope.workspace().slug.as_str(), by: &scope.user().name };
    let record = events::record(scope.inner(), &endpoint, EventKind::Test, &trial)?;
    let delivery = record.delivery.clone();
    let key = delivery_key(delivery.workspace, delivery.endpoint, delivery.id);
    let event = event(scope, "webhook.tested", endpoint.id).note(format!("event {}", delivery.id));
    scope
        .inner()
        .audited(Chain::Workspace(scope.workspace_id()), event, |tx| {
            tx.create(key.clone(), &record);
            scope.rely_on(tx);
        })
        .await?;
    Ok(delivery)
}

fn names(events: &[EventKind]) -> String {
    events.iter().map(|event| event.name()).collect::<Vec<_>>().join(" ")
}

fn event(scope: &Scope, action: &'static str, id: WebhookId) -> Event {
    Event::new(scope.actor(), scope.origin(), action).on("webhook", &id)
}
