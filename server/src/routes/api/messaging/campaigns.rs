//! `/api/v1/messaging/campaigns`: 10DLC campaigns.

use app::AppError;
use axum::{
    Json,
    extract::{Path, State},
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::id::{BrandId, TenDlcCampaignId};
use serde::Deserialize;
use store::tendlc::{Desk, Doing, From, TenDlc, action, campaigns};
use utoipa::IntoParams;

use super::{
    caller::RegistryCaller,
    campaign_form::{Change, MnoStatus, View, mno_status},
    envelope::{Envelope, Listed, Paged, ok},
    trouble::refused,
};
use crate::{
    routes::api::{
        asked::Asked,
        posted::{Nothing, Posted},
        problem::Problem,
    },
    state::AppState,
};

/// How a list of 10DLC campaigns is narrowed.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Narrowed {
    /// 1 to 200; 20 when it is left out.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// So many are left out.
    #[param(value_type = Option<u32>)]
    offset: Option<String>,
    /// Of one brand.
    brand_id: Option<String>,
}

pub(super) fn id_of(text: &str) -> Result<TenDlcCampaignId, Problem> {
    Ok(text.parse().map_err(|_| AppError::NotFound)?)
}

/// The desk at which a 10DLC campaign lies, for who reads.
pub(super) async fn desk(caller: &RegistryCaller, campaign: &str) -> Result<(Desk, TenDlcCampaignId), Problem> {
    caller.check::<action::Read>()?;
    let id = id_of(campaign)?;
    Ok((campaigns::locate(caller.registrar(), caller.customer(), id).await?, id))
}

async fn doing(
    caller: &RegistryCaller,
    campaign: &str,
) -> Result<(Doing<action::Campaigns>, TenDlcCampaignId), Problem> {
    caller.check::<action::Campaigns>()?;
    let id = id_of(campaign)?;
    let desk = campaigns::locate(caller.registrar(), caller.customer(), id).await?;
    Ok((desk.may()?, id))
}

/// What came of handing something in; what the registry refused is an error, and kept.
fn outcome(campaign: TenDlc, done: StatusCode) -> Result<(StatusCode, Envelope<View>), Problem> {
    if let Some(why) = &campaign.refusal {
        return Err(refused(why, "campaigns", &campaign.id));
    }
    // 202 while the registry has not answered.
    let status = if campaign.is_unfinished() { StatusCode::ACCEPTED } else { done };
    Ok((status, Envelope::of(campaign.into())))
}

fn respond(campaign: TenDlc) -> Result<Response, Problem> {
    let (status, body) = outcome(campaign, StatusCode::OK)?;
    Ok((status, Json(body)).into_response())
}

/// 10DLC campaigns
///
/// Of every workspace that you see, or of the one in `X-Customer-ID`; newest first.
#[utoipa::path(get, path = "/api/v1/messaging/campaigns", params(Narrowed), responses((status = 200, body = Envelope<Listed<View>>)))]
pub async fn list(caller: RegistryCaller, Asked(asked): Asked<Narrowed>) -> Result<Response, Problem> {
    let sight = caller.sight().await?;
    let brand = asked.brand_id.as_deref().map(str::parse::<BrandId>).transpose();
    let brand = brand.map_err(|_| Problem::parameter("brand_id", "The id of a brand is expected."))?;
    let bounds = Paged { limit: asked.limit, offset: asked.offset }.bounds()?;
    let filter = campaigns::Filter { brand, ..Default::default() };
    Ok(ok(bounds.listed(campaigns::page(&sight, &filter, bounds.slice()).await?, View::from)))
}

/// Register a 10DLC campaign
///
/// For a brand of the same workspace that is verified. 201: it is registered; 202: it is on its way.
#[utoipa::path(post, path = "/api/v1/messaging/campaigns", request_body = Change, responses((status = 201, body = Envelope<View>), (status = 202, body = Envelope<View>)))]
pub async fn create(
    caller: RegistryCaller,
    State(state): State<AppState>,
    posted: Posted<Change>,
) -> Result<Response, Problem> {
    let desk = caller.choose::<action::Campaigns>().await?;
    let proof = desk.may::<action::Campaigns>()?;
    let registrations = state.services.registrations;
    let made = posted.once(&desk, |asked, id| async move {
        let (brand, form) = asked.new_form()?;
        let campaign = registrations.create_campaign(&proof, id, brand, &form).await?;
        outcome(campaign, StatusCode::CREATED)
    });
    Box::pin(made).await
}

/// A 10DLC campaign
#[utoipa::path(get, path = "/api/v1/messaging/campaigns/{id}", params(("id" = String, Path)), responses((status = 200, body = Envelope<View>)))]
pub async fn show(caller: RegistryCaller, Path(id): Path<String>) -> Result<Response, Problem> {
    let (desk, id) = desk(&caller, &id).await?;
    Ok(ok(View::from(campaigns::find(&desk, id).await?)))
}

/// Change a 10DLC campaign
///
/// Sets what is given. Brand, use case, sub use cases, the three subscriber flags, terms and carriers stay as they were
/// registered. One that the registry refused is handed in again.
#[utoipa::path(patch, path = "/api/v1/messaging/campaigns/{id}", params(("id" = String, Path)), request_body = Change, responses((status = 200, body = Envelope<View>), (status = 202, body = Envelope<View>)))]
pub async fn change(
    caller: RegistryCaller,
    State(state): State<AppState>,
    Path(id): Path<String>,
    posted: Posted<Change>,
) -> Result<Response, Problem> {
    let (proof, id) = doing(&caller, &id).await?;
    let before = campaigns::find(&proof, id).await?;
    if posted.value.brand_id.is_some_and(|brand| brand != before.brand) {
        return Err(Problem::parameter("brand_id", "The brand stays; register another 10DLC campaign instead."));
    }
    let form = posted.value.over(&before.form);
    let (seen, from) = (Some(before.edits.count), From::Program);
    let registrations = state.services.registrations;
    respond(Box::pin(registrations.change_campaign(&proof, id, seen, from, &form)).await?)
}

/// Deactivate a 10DLC campaign
///
/// At the registry, for good; its numbers are free afterwards.
#[utoipa::path(delete, path = "/api/v1/messaging/campaigns/{id}", params(("id" = String, Path)), responses((status = 200, body = Envelope<View>), (status = 202, body = Envelope<View>), (status = 204, description = "It was never registered, and is gone")))]
pub async fn remove(
    caller: RegistryCaller,
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    let (proof, id) = doing(&caller, &id).await?;
    match Box::pin(state.services.registrations.deactivate_campaign(&proof, id)).await? {
        Some(campaign) => respond(campaign),
        None => Ok(StatusCode::NO_CONTENT.into_response()),
    }
}

/// Resubmit a 10DLC campaign
///
/// After what a carrier rejected was repaired: it looks again.
#[utoipa::path(post, path = "/api/v1/messaging/campaigns/{id}/resubmit", params(("id" = String, Path)), request_body = Nothing, responses((status = 200, body = Envelope<View>), (status = 202, body = Envelope<View>)))]
pub async fn resubmit(
    caller: RegistryCaller,
    State(state): State<AppState>,
    Path(id): Path<String>,
    posted: Posted<Nothing>,
) -> Result<Response, Problem> {
    let (proof, id) = doing(&caller, &id).await?;
    let desk = Desk::clone(&proof);
    let done = posted.once(&desk, |_, _| async move {
        outcome(state.services.registrations.resubmit_campaign(&proof, id).await?, StatusCode::OK)
    });
    Box::pin(done).await
}

/// Share a 10DLC campaign once more
///
/// With the partner upstream of this installation, after they declined it or the registry refused to share it. The first
/// time it is shared by itself.
#[utoipa::path(post, path = "/api/v1/messaging/campaigns/{id}/share", params(("id" = String, Path)), request_body = Nothing, responses((status = 200, body = Envelope<View>), (status = 202, body = Envelope<View>)))]
pub async fn share(
    caller: RegistryCaller,
    State(state): State<AppState>,
    Path(id): Path<String>,
    posted: Posted<Nothing>,
) -> Result<Response, Problem> {
    let (proof, id) = doing(&caller, &id).await?;
    let desk = Desk::clone(&proof);
    let done = posted.once(&desk, |_, _| async move {
        outcome(state.services.registrations.share_campaign(&proof, id).await?, StatusCode::OK)
    });
    Box::pin(done).await
}

/// Ask the registry and the carriers for a 10DLC campaign now
#[utoipa::path(post, path = "/api/v1/messaging/campaigns/{id}/sync", params(("id" = String, Path)), request_body = Nothing, responses((status = 200, body = Envelope<View>)))]
pub async fn sync(
    caller: RegistryCaller,
    State(state): State<AppState>,
    Path(id): Path<String>,
    posted: Posted<Nothing>,
) -> Result<Response, Problem> {
    let (proof, id) = doing(&caller, &id).await?;
    let desk = Desk::clone(&proof);
    let done = posted.once(&desk, |_, _| async move {
        let campaign = state.services.registrations.sync_campaign(&proof, id).await?;
        Ok((StatusCode::OK, Envelope::of(View::from(campaign))))
    });
    done.await
}

/// What the carriers think of a 10DLC campaign
///
/// With what was wrong and the way to repair it.
#[utoipa::path(get, path = "/api/v1/messaging/campaigns/{id}/mno-status", params(("id" = String, Path)), responses((status = 200, body = Envelope<Vec<MnoStatus>>)))]
pub async fn mno(caller: RegistryCaller, Path(id): Path<String>) -> Result<Response, Problem> {
    let (desk, id) = desk(&caller, &id).await?;
    Ok(ok(mno_status(&campaigns::find(&desk, id).await?)))
}
