//! `/api/v1/messaging/events`: webhooks of the registry as they came, and the address at which they come.

use axum::{
    Json,
    body::Bytes,
    extract::{Path, State},
    http::{HeaderMap, StatusCode},
    response::{IntoResponse, Response},
};
use engine::tendlc::NotTaken;
use serde::Serialize;
use serde_json::json;
use store::tendlc::{Desk, RawEvent, action, events};
use tcr::{signature, webhook::WebhookError};
use utoipa::ToSchema;

use super::{
    caller::RegistryCaller,
    envelope::{Envelope, Listed, Paged, ok},
};
use crate::{
    routes::api::{
        asked::Asked,
        page::time,
        posted::{Nothing, Posted},
        problem::Problem,
    },
    state::AppState,
};

/// A webhook of the registry.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = RegistryEvent)]
pub struct View {
    id: String,
    /// The workspace that it is about; null while that is not known.
    customer_id: Option<String>,
    received_at: String,
    /// As it came, in canonical JSON.
    body: String,
    /// What came of it; null: nothing yet.
    outcome: Option<String>,
    processed_at: Option<String>,
}

impl From<RawEvent> for View {
    fn from(event: RawEvent) -> Self {
        let (processed_at, outcome) = event.outcome.map_or((None, None), |(at, what)| (Some(time(at)), Some(what)));
        Self {
            id: event.id,
            customer_id: event.workspace.map(|workspace| workspace.to_string()),
            received_at: time(event.received_at_ms),
            body: event.body,
            outcome,
            processed_at,
        }
    }
}

/// Webhooks of the registry
///
/// About the workspaces that you see; newest first. They are kept for 90 days.
#[utoipa::path(get, path = "/api/v1/messaging/events", params(Paged), responses((status = 200, body = Envelope<Listed<View>>)))]
pub async fn list(caller: RegistryCaller, Asked(asked): Asked<Paged>) -> Result<Response, Problem> {
    let sight = caller.sight().await?;
    let bounds = asked.bounds()?;
    let (found, total) = events::list(&sight, bounds.limit, bounds.offset).await?;
    Ok(ok(bounds.list(found.into_iter().map(View::from).collect(), total)))
}

/// Follow a webhook up again
///
/// For staff and super admins. What is on record of a later moment stays.
#[utoipa::path(post, path = "/api/v1/messaging/events/{id}/replay", params(("id" = String, Path)), request_body = Nothing, responses((status = 202, body = Envelope<View>)))]
pub async fn replay(
    caller: RegistryCaller,
    State(state): State<AppState>,
    Path(event): Path<String>,
    posted: Posted<Nothing>,
) -> Result<Response, Problem> {
    caller.check::<action::Brands>()?;
    let desk: Desk = events::locate(caller.registrar(), caller.customer(), &event).await?;
    let proof = desk.may::<action::Brands>()?;
    let done = posted.once(&desk, |_, _| async move {
        let replayed = events::replay(&proof, &event).await?;
        state.services.registrations.nudge();
        Ok((StatusCode::ACCEPTED, Envelope::of(View::from(replayed))))
    });
    done.await
}

/// Where the registry sends its webhooks
///
/// Signed with the account's secret (`X-Registry-Signature`). What is taken is kept before it is acknowledged.
#[utoipa::path(post, path = "/api/v1/messaging/webhook", request_body(content = Object, content_type = "application/json"), responses((status = 200, body = Object)))]
pub async fn webhook(State(state): State<AppState>, headers: HeaderMap, body: Bytes) -> Result<Response, Problem> {
    let given = headers.get(signature::HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    match state.services.registrations.take_webhook(given, &body).await {
        Ok(new) => Ok(Json(json!({ "success": true, "data": { "new": new } })).into_response()),
        Err(NotTaken::Off) => Err(Problem::of_status(StatusCode::NOT_FOUND)),
        Err(NotTaken::Store(error)) => Err(error.into()),
        Err(NotTaken::Webhook(error)) => {
            // Says nothing of the content: whoever forges one writes it.
            tracing::warn!(%error, "a webhook of the 10DLC registry was not taken");
            Err(match error {
                WebhookError::Signature(_) => Problem::of_status(StatusCode::UNAUTHORIZED),
                WebhookError::TooLong => Problem::of_status(StatusCode::PAYLOAD_TOO_LARGE),
                WebhookError::Json(_) | WebhookError::Incomplete { .. } => {
                    Problem::bad_request("The body is no event of the registry.".to_owned())
                }
            })
        }
    }
}
