//! `/api/v1/messaging/brands`.

use app::AppError;
use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{
    id::BrandId,
    tendlc::{BrandPhase, kinds::VettingProvider},
};
use serde::Deserialize;
use store::tendlc::{Brand, Desk, Doing, From, action, brands};
use utoipa::{IntoParams, ToSchema};

use super::{
    brand_form::{Change, View},
    caller::RegistryCaller,
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

/// How a list of brands is narrowed.
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
    /// `PENDING`, `DRAFT`, `ACTIVE` or `DELETED`.
    status: Option<String>,
}

/// A vetting to be ordered.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = VettingOrder)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// `AEGIS`, `WMC` or `CV`.
    #[schema(value_type = String)]
    provider: VettingProvider,
    /// `STANDARD` when it is left out.
    class: Option<String>,
}

/// The one-time code that a sole proprietor got; without it the mail or the code is sent again.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[schema(as = BrandConfirmation)]
#[serde(deny_unknown_fields, default)]
pub struct Confirmation {
    code: Option<String>,
}

/// The longest class of vetting that the registry has, and more.
const CLASS_CHARACTERS_MAX: usize = 30;

fn id_of(text: &str) -> Result<BrandId, Problem> {
    Ok(text.parse().map_err(|_| AppError::NotFound)?)
}

/// The desk at which a brand is changed, and the proof for it.
async fn doing(caller: &RegistryCaller, brand: &str) -> Result<(Doing<action::Brands>, BrandId), Problem> {
    caller.check::<action::Brands>()?;
    let id = id_of(brand)?;
    let desk = brands::locate(caller.registrar(), caller.customer(), id).await?;
    Ok((desk.may()?, id))
}

/// Where brands of a status stand; None: there is no such status.
fn phases(status: &str) -> Option<Vec<BrandPhase>> {
    Some(match status {
        "PENDING" => vec![BrandPhase::OnItsWay],
        "DRAFT" => vec![BrandPhase::Draft],
        "ACTIVE" => vec![BrandPhase::Unverified, BrandPhase::Unconfirmed, BrandPhase::Ready],
        "DELETED" => vec![BrandPhase::Deleted],
        _ => return None,
    })
}

/// 202 while the registry has not answered.
fn code(brand: &Brand, done: StatusCode) -> StatusCode {
    if brand.is_unfinished() { StatusCode::ACCEPTED } else { done }
}

/// What came of handing something in; what the registry refused is an error, and kept.
fn outcome(brand: Brand, done: StatusCode) -> Result<(StatusCode, Envelope<View>), Problem> {
    match &brand.refusal {
        Some(why) => Err(refused(why, "brands", &brand.id)),
        None => Ok((code(&brand, done), Envelope::of(brand.into()))),
    }
}

/// Brands
///
/// Of every workspace that you see, or of the one in `X-Customer-ID`; newest first.
#[utoipa::path(get, path = "/api/v1/messaging/brands", params(Narrowed), responses((status = 200, body = Envelope<Listed<View>>)))]
pub async fn list(caller: RegistryCaller, Asked(asked): Asked<Narrowed>) -> Result<Response, Problem> {
    let sight = caller.sight().await?;
    let phases = match &asked.status {
        None => Vec::new(),
        Some(status) => phases(status)
            .ok_or_else(|| Problem::parameter("status", "PENDING, DRAFT, ACTIVE or DELETED is expected."))?,
    };
    let bounds = Paged { limit: asked.limit, offset: asked.offset }.bounds()?;
    let filter = brands::Filter { phases, search: None };
    Ok(ok(bounds.listed(brands::page(&sight, &filter, bounds.slice()).await?, View::from)))
}

/// Register a brand
///
/// For staff and super admins. 201: it is registered; 202: it is on its way, and its status says when it is there.
#[utoipa::path(post, path = "/api/v1/messaging/brands", request_body = Change, responses((status = 201, body = Envelope<View>), (status = 202, body = Envelope<View>)))]
pub async fn create(
    caller: RegistryCaller,
    State(state): State<AppState>,
    posted: Posted<Change>,
) -> Result<Response, Problem> {
    let desk: Desk = caller.choose::<action::Brands>().await?;
    let proof = desk.may::<action::Brands>()?;
    let registrations = state.services.registrations;
    let made = posted.once(&desk, |asked, id| async move {
        let brand = registrations.create_brand(&proof, id, &asked.new_form()?).await?;
        outcome(brand, StatusCode::CREATED)
    });
    Box::pin(made).await
}

/// A brand
#[utoipa::path(get, path = "/api/v1/messaging/brands/{id}", params(("id" = String, Path)), responses((status = 200, body = Envelope<View>)))]
pub async fn show(caller: RegistryCaller, Path(id): Path<String>) -> Result<Response, Problem> {
    caller.check::<action::Read>()?;
    let id = id_of(&id)?;
    let desk = brands::locate(caller.registrar(), caller.customer(), id).await?;
    Ok(ok(View::from(brands::find(&desk, id).await?)))
}

/// Change a brand
///
/// Sets what is given. Another legal name, tax number, country or entity type makes the registry forget what it knows: the
/// brand is not verified afterwards. A brand that the registry refused is handed in again.
#[utoipa::path(patch, path = "/api/v1/messaging/brands/{id}", params(("id" = String, Path)), request_body = Change, responses((status = 200, body = Envelope<View>), (status = 202, body = Envelope<View>)))]
pub async fn change(
    caller: RegistryCaller,
    State(state): State<AppState>,
    Path(id): Path<String>,
    posted: Posted<Change>,
) -> Result<Response, Problem> {
    let (proof, id) = doing(&caller, &id).await?;
    let before = brands::find(&proof, id).await?;
    let form = posted.value.over(&before.details);
    let (seen, from) = (Some(before.edits.count), From::Program);
    let brand = state.services.registrations.change_brand(&proof, id, seen, from, &form).await?;
    respond(brand)
}

fn respond(brand: Brand) -> Result<Response, Problem> {
    use axum::{Json, response::IntoResponse};

    let (status, body) = outcome(brand, StatusCode::OK)?;
    Ok((status, Json(body)).into_response())
}

/// Delete a brand
///
/// At the registry, for good; refused while it has 10DLC campaigns.
#[utoipa::path(delete, path = "/api/v1/messaging/brands/{id}", params(("id" = String, Path)), responses((status = 200, body = Envelope<View>), (status = 202, body = Envelope<View>), (status = 204, description = "It was never registered, and is gone")))]
pub async fn remove(
    caller: RegistryCaller,
    State(state): State<AppState>,
    Path(id): Path<String>,
) -> Result<Response, Problem> {
    use axum::response::IntoResponse;

    let (proof, id) = doing(&caller, &id).await?;
    match Box::pin(state.services.registrations.delete_brand(&proof, id)).await? {
        Some(brand) => respond(brand),
        None => Ok(StatusCode::NO_CONTENT.into_response()),
    }
}

/// Order a vetting of a brand
///
/// Costs money; one that is under way is not ordered a second time.
#[utoipa::path(post, path = "/api/v1/messaging/brands/{id}/vetting", params(("id" = String, Path)), request_body = Order, responses((status = 200, body = Envelope<View>), (status = 202, body = Envelope<View>)))]
pub async fn vetting(
    caller: RegistryCaller,
    State(state): State<AppState>,
    Path(id): Path<String>,
    posted: Posted<Order>,
) -> Result<Response, Problem> {
    let (proof, id) = doing(&caller, &id).await?;
    let desk = Desk::clone(&proof);
    let ordered = posted.once(&desk, |asked, _| async move {
        let class = asked.class.unwrap_or_else(|| "STANDARD".to_owned()).trim().to_uppercase();
        let plain = class.bytes().all(|octet| octet.is_ascii_uppercase() || octet == b'_');
        if class.is_empty() || class.len() > CLASS_CHARACTERS_MAX || !plain {
            return Err(Problem::parameter("class", "The name of a class of vettings is expected, such as STANDARD."));
        }
        let brand = state.services.registrations.order_vetting(&proof, id, asked.provider, &class).await?;
        outcome(brand, StatusCode::OK)
    });
    ordered.await
}

/// Hand a brand in again
///
/// After a correction: the registry compares its details again.
#[utoipa::path(post, path = "/api/v1/messaging/brands/{id}/resubmit", params(("id" = String, Path)), request_body = Nothing, responses((status = 200, body = Envelope<View>), (status = 202, body = Envelope<View>)))]
pub async fn resubmit(
    caller: RegistryCaller,
    State(state): State<AppState>,
    Path(id): Path<String>,
    posted: Posted<Nothing>,
) -> Result<Response, Problem> {
    let (proof, id) = doing(&caller, &id).await?;
    let desk = Desk::clone(&proof);
    let done = posted.once(&desk, |_, _| async move {
        let brand = state.services.registrations.hand_in_brand_again(&proof, id).await?;
        outcome(brand, StatusCode::OK)
    });
    done.await
}

/// Confirm a brand
///
/// With the one-time code of a sole proprietor; without it the code, or the mail to the business contact of a listed
/// company, is sent again.
#[utoipa::path(post, path = "/api/v1/messaging/brands/{id}/confirmation", params(("id" = String, Path)), request_body = Confirmation, responses((status = 200, body = Envelope<View>), (status = 202, body = Envelope<View>)))]
pub async fn confirm(
    caller: RegistryCaller,
    State(state): State<AppState>,
    Path(id): Path<String>,
    posted: Posted<Confirmation>,
) -> Result<Response, Problem> {
    let (proof, id) = doing(&caller, &id).await?;
    let desk = Desk::clone(&proof);
    let done = posted.once(&desk, |asked, _| async move {
        let registrations = state.services.registrations;
        let brand = match asked.code {
            Some(code) => registrations.confirm_code(&proof, id, &code).await?,
            None => registrations.send_confirmation(&proof, id).await?,
        };
        outcome(brand, StatusCode::OK)
    });
    done.await
}

/// Ask the registry for a brand now
#[utoipa::path(post, path = "/api/v1/messaging/brands/{id}/sync", params(("id" = String, Path)), request_body = Nothing, responses((status = 200, body = Envelope<View>)))]
pub async fn sync(
    caller: RegistryCaller,
    State(state): State<AppState>,
    Path(id): Path<String>,
    posted: Posted<Nothing>,
) -> Result<Response, Problem> {
    caller.check::<action::Campaigns>()?;
    let id = id_of(&id)?;
    let desk = brands::locate(caller.registrar(), caller.customer(), id).await?;
    let proof = desk.may::<action::Campaigns>()?;
    let done = posted.once(&desk, |_, _| async move {
        let brand = state.services.registrations.sync_brand(&proof, id).await?;
        Ok((StatusCode::OK, Envelope::of(View::from(brand))))
    });
    done.await
}
