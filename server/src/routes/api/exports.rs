//! `/api/v1/campaigns/{id}/exports`: delivery records as files, asked for, built in the background, and taken. One with
//! full numbers is for keys with `numbers:read` whose owner may see them.

use app::AppError;
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{
    api_key::kind::ExportsRead,
    id::{CampaignId, ExportId},
    permission::kind::ExportRecords,
};
use serde::{Deserialize, Serialize};
use store::{
    On,
    api_keys::KeyScope,
    exports::{self, ExportState, Format, RecordExport},
};
use utoipa::ToSchema;

use super::{
    caller::Caller,
    campaigns::campaign_id,
    named,
    page::{Page, time},
    posted::Posted,
    problem::Problem,
    recipients::revealed,
};
use crate::{routes, state::AppState};

/// A file to be made.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = ExportAsked)]
#[serde(deny_unknown_fields)]
pub struct Wanted {
    /// With commas, or with tabs.
    #[schema(schema_with = named::export_format)]
    format: Format,
    /// `full` for full numbers (with `numbers:read`); masked when it is left out.
    numbers: Option<String>,
}

/// A file of a campaign's delivery records.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Export)]
pub struct View {
    #[schema(value_type = String, format = Uuid)]
    id: ExportId,
    #[schema(value_type = String, format = Uuid)]
    campaign: CampaignId,
    #[schema(schema_with = named::export_format)]
    format: Format,
    /// `masked` or `full`.
    #[schema(value_type = String)]
    numbers: &'static str,
    /// `queued`, `building`, `ready` or `failed`.
    #[schema(value_type = String)]
    state: &'static str,
    /// Recipients that are in it, so far.
    rows: Option<u64>,
    bytes: Option<u64>,
    asked_at: String,
    asked_by: String,
    /// When it is removed.
    expires_at: Option<String>,
    /// Why it failed.
    reason: Option<String>,
}

impl View {
    fn of(state: &AppState, export: RecordExport) -> Self {
        let mut view = Self {
            id: export.id,
            campaign: export.campaign,
            format: export.format,
            numbers: if export.full { "full" } else { "masked" },
            state: "queued",
            rows: None,
            bytes: None,
            asked_at: time(export.asked_at_ms),
            asked_by: export.by_name,
            expires_at: None,
            reason: None,
        };
        match export.state {
            ExportState::Queued => {}
            ExportState::Building => {
                view.state = "building";
                view.rows = state.services.exports.written(export.id);
            }
            ExportState::Ready { octets, rows, expires_at_ms, .. } => {
                view.state = "ready";
                (view.rows, view.bytes) = (Some(rows), Some(octets));
                view.expires_at = Some(time(expires_at_ms));
            }
            ExportState::Failed { reason } => {
                view.state = "failed";
                view.reason = Some(reason);
            }
        }
        view
    }
}

async fn enter(caller: &KeyScope, id: &str) -> Result<On<ExportRecords>, Problem> {
    Ok(caller.grant_on::<ExportsRead, ExportRecords>(campaign_id(id)?).await?)
}

fn export_id(id: &str) -> Result<ExportId, Problem> {
    Ok(id.parse().map_err(|_| AppError::NotFound)?)
}

/// Exports of a campaign
///
/// Newest first; there are 20 at most.
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/exports", params(("id" = String, Path)), responses((status = 200, body = Page<View>)))]
pub async fn list(
    State(state): State<AppState>,
    Caller(caller): Caller,
    Path(id): Path<String>,
) -> Result<Json<Page<View>>, Problem> {
    let found = exports::list(&enter(&caller, &id).await?).await?;
    Ok(Json(Page { items: found.into_iter().map(|export| View::of(&state, export)).collect(), next_cursor: None }))
}

/// Ask for an export
///
/// It is built in the background; ask for its `state` until it is `ready`.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/exports", params(("id" = String, Path)), request_body = Wanted, responses((status = 202, body = View)))]
pub async fn request(
    State(state): State<AppState>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    posted: Posted<Wanted>,
) -> Result<Response, Problem> {
    let proof = enter(&caller, &id).await?;
    let full = revealed(&caller, posted.value.numbers.as_deref())?;
    let asked = posted.once(&caller, |wanted, id| async move {
        let export = exports::request_as(&proof, id, wanted.format, full.as_ref()).await?;
        state.services.exports.nudge();
        Ok((StatusCode::ACCEPTED, View::of(&state, export)))
    });
    asked.await
}

/// An export
#[utoipa::path(get, path = "/api/v1/campaigns/{id}/exports/{export}", params(("id" = String, Path), ("export" = String, Path)), responses((status = 200, body = View)))]
pub async fn show(
    State(state): State<AppState>,
    Caller(caller): Caller,
    Path((id, export)): Path<(String, String)>,
) -> Result<Json<View>, Problem> {
    let proof = enter(&caller, &id).await?;
    Ok(Json(View::of(&state, exports::find(&proof, export_id(&export)?).await?)))
}

/// Take the file of an export
///
/// Each time stands in the audit log. One with full numbers needs `numbers:read` as well.
#[utoipa::path(
    get,
    path = "/api/v1/campaigns/{id}/exports/{export}/file",
    params(("id" = String, Path), ("export" = String, Path)),
    responses(
        (status = 200, description = "The file", content((String = "text/csv"), (String = "text/plain"))),
        (status = 409, description = "It is not ready, or has expired", body = super::problem::Written, content_type = "application/problem+json")
    )
)]
pub async fn file(
    State(state): State<AppState>,
    Caller(caller): Caller,
    Path((id, export)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let proof = enter(&caller, &id).await?;
    let found = exports::find(&proof, export_id(&export)?).await?;
    let full = revealed(&caller, found.full.then_some("full"))?;
    let taken = exports::take(&proof, found.id, full.as_ref()).await?;
    Ok(routes::exports::file(&state, &taken).await?)
}

/// Remove an export
///
/// With its file.
#[utoipa::path(delete, path = "/api/v1/campaigns/{id}/exports/{export}", params(("id" = String, Path), ("export" = String, Path)), responses((status = 204, description = "It is gone")))]
pub async fn remove(
    State(state): State<AppState>,
    Caller(caller): Caller,
    Path((id, export)): Path<(String, String)>,
) -> Result<Response, Problem> {
    let proof = enter(&caller, &id).await?;
    let found = exports::find(&proof, export_id(&export)?).await?;
    // The file first: what is on record can be removed again.
    state.services.exports.files().remove(found.workspace, found.id).await.map_err(AppError::internal)?;
    exports::remove(&proof, found.id).await?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
