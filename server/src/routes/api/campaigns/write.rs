//! `POST /api/v1/campaigns`, `PATCH /api/v1/campaigns/{id}` and `…/submit`: the way of a draft to the moderators. A
//! campaign that a key makes counts as made by the key's owner.

use app::{api::campaigns::channel, error::sentence};
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{
    api_key::kind::CampaignsWrite,
    id::CampaignId,
    permission::kind::{CreateCampaign, EditCampaign},
};
use engine::ingest::IngestError;
use store::{On, Scope, campaigns};

use super::{campaign_id, change::Change, view::Detail};
use crate::{
    routes::api::{
        caller::Caller,
        posted::{Nothing, Posted},
        problem::Problem,
    },
    state::AppState,
};

/// Make a campaign
///
/// A draft, which is in no queue until it is submitted. `mode` has to be given, the rest may follow.
#[utoipa::path(post, path = "/api/v1/campaigns", request_body = Change, responses((status = 201, body = Detail)))]
pub async fn create(
    State(state): State<AppState>,
    Caller(caller): Caller,
    posted: Posted<Change>,
) -> Result<Response, Problem> {
    let proof = caller.grant_as::<CampaignsWrite, CreateCampaign>()?;
    posted
        .once(&caller, |asked, id| async move {
            let mode = asked.mode.ok_or_else(|| {
                Problem::parameter("mode", "A campaign has a mode: on_demand, scheduled, spread or trigger.")
            })?;
            let automatically = asked.start_automatically.unwrap_or(true);
            let channels = state.services.engine.channels();
            let parameters = asked.apply(&proof, campaigns::nothing_yet(mode), &channels).await?;
            let made = campaigns::create_as(&proof, id, parameters, automatically).await?;
            Ok((StatusCode::CREATED, Detail::from(made)))
        })
        .await
}

/// Change a campaign
///
/// While it is a draft, or submitted and not started. After submission this makes a new version, and an approval is void.
#[utoipa::path(patch, path = "/api/v1/campaigns/{id}", params(("id" = String, Path)), request_body = Change, responses((status = 200, body = Detail)))]
pub async fn change(
    State(state): State<AppState>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    posted: Posted<Change>,
) -> Result<Json<Detail>, Problem> {
    let proof: On<EditCampaign> = caller.grant_on::<CampaignsWrite, _>(campaign_id(&id)?).await?;
    let before = proof.campaign();
    let automatically = posted.value.start_automatically.unwrap_or(before.life.start_automatically);
    let channels = state.services.engine.channels();
    let parameters = posted.value.apply(&proof, before.parameters.clone(), &channels).await?;
    let saved = campaigns::save(&proof, parameters, automatically).await?;
    count_segments(&state, &proof, saved.id).await?;
    Ok(Json(campaigns::find(&proof, saved.id).await?.into()))
}

/// Submit a campaign
///
/// Hands it to the moderators. Everything has to be there; what is missing is named.
#[utoipa::path(post, path = "/api/v1/campaigns/{id}/submit", params(("id" = String, Path)), request_body = Nothing, responses((status = 200, body = Detail)))]
pub async fn submit(
    State(state): State<AppState>,
    Caller(caller): Caller,
    Path(id): Path<String>,
    posted: Posted<Nothing>,
) -> Result<Response, Problem> {
    let proof: On<EditCampaign> = caller.grant_on::<CampaignsWrite, _>(campaign_id(&id)?).await?;
    posted
        .decide::<_, Detail, _>(&caller, proof, |proof| async move {
            channel::check(&state.services.engine, proof.campaign(), "submitted")?;
            count_segments(&state, &proof, proof.campaign().id).await?;
            Ok(campaigns::submit(&proof).await?)
        })
        .await
}

/// Counts the segments of all recipients again, when they are there and the text has changed.
async fn count_segments(state: &AppState, scope: &Scope, id: CampaignId) -> Result<(), Problem> {
    let counted = state.services.intake.measure(scope.workspace_id(), id).await;
    counted.map_err(|refusal| match refusal {
        IngestError::Store(cause) => cause.into(),
        refusal => Problem::parameter("text", sentence(&refusal.to_string())),
    })
}
