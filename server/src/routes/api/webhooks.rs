//! `/api/v1/webhooks`: where a workspace has its programs told of what happens.

use app::AppError;
use axum::{
    Json,
    extract::Path,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    api_key::kind::WebhooksWrite,
    id::{DeliveryId, WebhookId},
    webhook::{Delivery, DeliveryState, Endpoint, EventKind},
};
use serde::{Deserialize, Serialize};
use store::webhooks::{self, NewEndpoint};
use utoipa::{IntoParams, ToSchema};

use super::{
    asked::Asked,
    caller::Caller,
    campaigns::value_of,
    named,
    page::{Page, Paging, time},
    posted::{Nothing, Posted},
    problem::Problem,
};

/// Where events are sent.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Webhook)]
pub struct View {
    #[schema(value_type = String, format = Uuid)]
    id: WebhookId,
    url: String,
    #[schema(schema_with = named::events)]
    events: Vec<EventKind>,
    /// False: nothing had arrived for too long, or somebody switched it off.
    enabled: bool,
    /// Since when nothing arrives; null while all is well.
    failing_since: Option<String>,
    created_by: String,
    created_at: String,
    /// With which events are signed: in the answer that makes it, and in no other.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

/// An endpoint to be made, or what is to be changed of one.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = WebhookChange)]
#[serde(deny_unknown_fields)]
pub struct Change {
    /// https, or http to the same machine.
    #[schema(max_length = 500)]
    url: Option<String>,
    #[schema(schema_with = named::events)]
    events: Option<Vec<EventKind>>,
    /// Whether events are sent to it.
    enabled: Option<bool>,
}

/// A secret, which is shown this once.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookSecret)]
pub struct SecretView {
    /// Null where the first answer is given again: secrets are not kept. Rotate anew then.
    secret: Option<String>,
}

/// An event on its way to an endpoint.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WebhookDelivery)]
pub struct DeliveryView {
    /// The `webhook-id` of the event, the same in every attempt.
    #[schema(value_type = String, format = Uuid)]
    id: DeliveryId,
    r#type: String,
    at: String,
    #[schema(schema_with = named::delivery_state)]
    state: DeliveryState,
    attempts: u32,
    /// When a waiting one is sent next.
    next_attempt_at: Option<String>,
    /// What came of the last attempt.
    outcome: Option<String>,
}

/// How a list of events is narrowed.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Narrowed {
    /// 1 to 200; 50 when it is left out.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
    /// `waiting`, `delivered` or `dead`.
    state: Option<String>,
}

impl From<Endpoint> for View {
    fn from(endpoint: Endpoint) -> Self {
        Self {
            id: endpoint.id,
            url: endpoint.url,
            events: endpoint.events,
            enabled: endpoint.disabled_at_ms.is_none(),
            failing_since: endpoint.failing_since_ms.map(time),
            created_by: endpoint.created_by_name,
            created_at: time(endpoint.created_at_ms),
            secret: None,
        }
    }
}

impl From<Delivery> for DeliveryView {
    fn from(delivery: Delivery) -> Self {
        Self {
            id: delivery.id,
            r#type: delivery.kind.name().to_owned(),
            at: time(delivery.at_ms),
            state: delivery.state,
            attempts: delivery.attempts,
            next_attempt_at: (delivery.state == DeliveryState::Waiting).then(|| time(delivery.due_ms)),
            outcome: delivery.outcome,
        }
    }
}

fn id_of<T: std::str::FromStr>(id: &str) -> Result<T, Problem> {
    Ok(id.parse().map_err(|_| AppError::NotFound)?)
}

/// What is not repeated: the secret, which is kept nowhere.
fn without_secret(answer: &mut serde_json::Value) {
    if let Some(secret) = answer.get_mut("secret") {
        *secret = serde_json::Value::Null;
    }
}

/// Webhooks
#[utoipa::path(get, path = "/api/v1/webhooks", responses((status = 200, body = Page<View>)))]
pub async fn list(Caller(caller): Caller) -> Result<Json<Page<View>>, Problem> {
    let endpoints = webhooks::list(&caller.grant::<WebhooksWrite>()?).await?;
    Ok(Json(Page { items: endpoints.into_iter().map(View::from).collect(), next_cursor: None }))
}

/// A webhook
#[utoipa::path(get, path = "/api/v1/webhooks/{webhook}", params(("webhook" = String, Path)), responses((status = 200, body = View)))]
pub async fn show(Caller(caller): Caller, Path(webhook): Path<String>) -> Result<Json<View>, Problem> {
    let proof = caller.grant::<WebhooksWrite>()?;
    Ok(Json(webhooks::find(&proof, id_of(&webhook)?).await?.into()))
}

/// Make a webhook
///
/// The answer holds the secret, which is shown this once.
#[utoipa::path(post, path = "/api/v1/webhooks", request_body = Change, responses((status = 201, body = View)))]
pub async fn create(Caller(caller): Caller, posted: Posted<Change>) -> Result<Response, Problem> {
    let proof = caller.grant::<WebhooksWrite>()?;
    let made = posted.once_but(&caller, without_secret, |asked, id| async move {
        let new = NewEndpoint {
            url: asked.url.ok_or_else(|| Problem::parameter("url", "A webhook has an address."))?,
            events: asked.events.unwrap_or_else(|| EventKind::CHOICES.to_vec()),
        };
        if asked.enabled == Some(false) {
            return Err(Problem::parameter("enabled", "A new webhook is enabled."));
        }
        let (endpoint, secret) = webhooks::create(&proof, id, &new).await?;
        Ok((StatusCode::CREATED, View { secret: Some(secret.reveal()), ..endpoint.into() }))
    });
    made.await
}

/// Change a webhook
///
/// Sets what is given. `enabled` switches it on again after nothing had arrived for too long.
#[utoipa::path(patch, path = "/api/v1/webhooks/{webhook}", params(("webhook" = String, Path)), request_body = Change, responses((status = 200, body = View)))]
pub async fn change(
    Caller(caller): Caller,
    Path(webhook): Path<String>,
    posted: Posted<Change>,
) -> Result<Json<View>, Problem> {
    let proof = caller.grant::<WebhooksWrite>()?;
    let before = webhooks::find(&proof, id_of(&webhook)?).await?;
    let asked = posted.value;
    let enabled = asked.enabled.unwrap_or(before.disabled_at_ms.is_none());
    let new = NewEndpoint { url: asked.url.unwrap_or(before.url), events: asked.events.unwrap_or(before.events) };
    Ok(Json(webhooks::change(&proof, before.id, &new, enabled).await?.into()))
}

/// Remove a webhook
///
/// With what waits for it.
#[utoipa::path(delete, path = "/api/v1/webhooks/{webhook}", params(("webhook" = String, Path)), responses((status = 204, description = "It is gone")))]
pub async fn remove(Caller(caller): Caller, Path(webhook): Path<String>) -> Result<Response, Problem> {
    let proof = caller.grant::<WebhooksWrite>()?;
    webhooks::remove(&proof, id_of(&webhook)?).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

/// Rotate the secret of a webhook
///
/// The answer holds the new one, which is shown this once. For a day events are signed with the former ones too, at most five.
#[utoipa::path(post, path = "/api/v1/webhooks/{webhook}/rotate", params(("webhook" = String, Path)), request_body = Nothing, responses((status = 200, body = SecretView)))]
pub async fn rotate(
    Caller(caller): Caller,
    Path(webhook): Path<String>,
    posted: Posted<Nothing>,
) -> Result<Response, Problem> {
    let proof = caller.grant::<WebhooksWrite>()?;
    let rotated = posted.once_but(&caller, without_secret, |_, _| async move {
        let secret = webhooks::rotate(&proof, id_of(&webhook)?).await?;
        Ok((StatusCode::OK, SecretView { secret: Some(secret.reveal()) }))
    });
    rotated.await
}

/// Send a test event
#[utoipa::path(post, path = "/api/v1/webhooks/{webhook}/test", params(("webhook" = String, Path)), request_body = Nothing, responses((status = 202, body = DeliveryView)))]
pub async fn test(
    Caller(caller): Caller,
    Path(webhook): Path<String>,
    posted: Posted<Nothing>,
) -> Result<Response, Problem> {
    let proof = caller.grant::<WebhooksWrite>()?;
    let sent = posted.once(&caller, |_, _| async move {
        let delivery = webhooks::send_test(&proof, id_of(&webhook)?).await?;
        Ok((StatusCode::ACCEPTED, DeliveryView::from(delivery)))
    });
    sent.await
}

/// Events of a webhook
///
/// Newest first. Those that are over are kept for a week.
#[utoipa::path(get, path = "/api/v1/webhooks/{webhook}/deliveries", params(("webhook" = String, Path), Narrowed), responses((status = 200, body = Page<DeliveryView>)))]
pub async fn deliveries(
    Caller(caller): Caller,
    Path(webhook): Path<String>,
    Asked(asked): Asked<Narrowed>,
) -> Result<Json<Page<DeliveryView>>, Problem> {
    let proof = caller.grant::<WebhooksWrite>()?;
    let state = asked.state.as_deref().map(|name| {
        value_of(name).ok_or_else(|| Problem::parameter("state", "waiting, delivered or dead is expected."))
    });
    let paging = Paging::new(asked.limit, asked.cursor);
    let (limit, before) = (paging.limit()?, paging.cursor()?);
    let found = webhooks::deliveries(&proof, id_of(&webhook)?, state.transpose()?, before, limit).await?;
    let next_cursor = found.last().filter(|_| found.len() == limit as usize).map(|last| last.id.to_string());
    Ok(Json(Page { items: found.into_iter().map(DeliveryView::from).collect(), next_cursor }))
}

/// Send an event again
///
/// Whatever became of it: a dead one is tried for another day.
#[utoipa::path(post, path = "/api/v1/webhooks/{webhook}/deliveries/{delivery}/redeliver", params(("webhook" = String, Path), ("delivery" = String, Path)), request_body = Nothing, responses((status = 202, body = DeliveryView)))]
pub async fn redeliver(
    Caller(caller): Caller,
    Path((webhook, delivery)): Path<(String, String)>,
    posted: Posted<Nothing>,
) -> Result<Response, Problem> {
    let proof = caller.grant::<WebhooksWrite>()?;
    let sent = posted.once(&caller, |_, _| async move {
        let delivery = webhooks::redeliver(&proof, id_of(&webhook)?, id_of(&delivery)?).await?;
        Ok((StatusCode::ACCEPTED, DeliveryView::from(delivery)))
    });
    sent.await
}
