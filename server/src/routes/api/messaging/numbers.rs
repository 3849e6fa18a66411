//! `/api/v1/messaging/campaigns/{id}/numbers`: which numbers are in a 10DLC campaign. A number stands in no address.

use std::collections::BTreeSet;

use axum::{
    extract::{Path, State},
    http::StatusCode,
    response::Response,
};
use domain::{id::TenDlcCampaignId, phone::PhoneNumber};
use serde::{Deserialize, Serialize};
use store::tendlc::{
    Action, Desk, Doing, Number, action, campaigns as kept,
    numbers::{self, AT_ONCE_MAX, NumberState},
};
use utoipa::{IntoParams, ToSchema};

use super::{
    caller::RegistryCaller,
    campaigns::{desk, id_of},
    envelope::{Envelope, Listed, Paged, ok},
};
use crate::{
    routes::api::{asked::Asked, page::time, posted::Posted, problem::Problem},
    state::AppState,
};

/// How a list of numbers is narrowed.
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
    /// `true`: those, too, that were in it.
    #[param(value_type = Option<bool>)]
    history: Option<String>,
}

/// Numbers, each `+` and the country code.
#[derive(Debug, Deserialize, ToSchema)]
#[schema(as = TenDlcNumbers)]
#[serde(deny_unknown_fields)]
pub struct Asking {
    #[schema(min_items = 1, max_items = 100)]
    phone_numbers: Vec<String>,
}

/// A number of a 10DLC campaign.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TenDlcNumber)]
pub struct View {
    phone_number: String,
    /// `ASSIGNING` and `REMOVING` until the registry, or whoever sees to it at the partner upstream, has confirmed it; `ACTIVE`; `REMOVED`.
    #[schema(value_type = String)]
    status: &'static str,
    since: Option<String>,
    /// When it was in this 10DLC campaign, the last time first.
    history: Vec<PastView>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = TenDlcNumberHistory)]
pub struct PastView {
    from: String,
    to: String,
    /// Why it ended by itself, or never began.
    reason: Option<String>,
}

fn view(campaign: TenDlcCampaignId, number: Number) -> View {
    let current = number.current.filter(|current| current.campaign == campaign);
    let past = number.history.into_iter().filter(|past| past.campaign == campaign);
    View {
        phone_number: number.number.to_string(),
        status: match current.map(|current| current.state) {
            Some(NumberState::Assigning) => "ASSIGNING",
            Some(NumberState::Active) => "ACTIVE",
            Some(NumberState::Removing) => "REMOVING",
            None => "REMOVED",
        },
        since: current.map(|current| time(current.since_ms)),
        history: past
            .map(|past| PastView { from: time(past.from_ms), to: time(past.to_ms), reason: past.reason })
            .collect(),
    }
}

/// Every number that was given, once and in its order; all of them are read before anything is done.
fn read(asking: &Asking) -> Result<Vec<PhoneNumber>, Problem> {
    if !(1..=AT_ONCE_MAX).contains(&asking.phone_numbers.len()) {
        return Err(Problem::parameter("phone_numbers", format!("1 to {AT_ONCE_MAX} numbers are expected.")));
    }
    let mut seen = BTreeSet::new();
    let mut numbers = Vec::with_capacity(asking.phone_numbers.len());
    for (at, text) in asking.phone_numbers.iter().enumerate() {
        let number: PhoneNumber = text.trim().parse().map_err(|_| {
            Problem::parameter(&format!("phone_numbers[{at}]"), "Write + and the country code, such as +13035550100.")
        })?;
        if seen.insert(number) {
            numbers.push(number);
        }
    }
    Ok(numbers)
}

async fn doing<A: Action>(caller: &RegistryCaller, campaign: &str) -> Result<(Doing<A>, TenDlcCampaignId), Problem> {
    caller.check::<A>()?;
    let id = id_of(campaign)?;
    let desk = kept::locate(caller.registrar(), caller.customer(), id).await?;
    Ok((desk.may()?, id))
}

/// 202 while the registry has not answered.
fn status(numbers: &[Number]) -> StatusCode {
    if numbers.iter().any(Number::is_unfinished) { StatusCode::ACCEPTED } else { StatusCode::OK }
}

/// Numbers of a 10DLC campaign
#[utoipa::path(get, path = "/api/v1/messaging/campaigns/{id}/numbers", params(("id" = String, Path), Narrowed), responses((status = 200, body = Envelope<Listed<View>>)))]
pub async fn list(
    caller: RegistryCaller,
    Path(id): Path<String>,
    Asked(asked): Asked<Narrowed>,
) -> Result<Response, Problem> {
    let (desk, id) = desk(&caller, &id).await?;
    let history = match asked.history.as_deref() {
        None | Some("false") => false,
        Some("true") => true,
        Some(_) => return Err(Problem::parameter("history", "true or false is expected.")),
    };
    let bounds = Paged { limit: asked.limit, offset: asked.offset }.bounds()?;
    let found = numbers::page(&desk, id, history, bounds.slice()).await?;
    Ok(ok(bounds.listed(found, |number| view(id, number))))
}

/// Assign numbers to a 10DLC campaign
///
/// A number is in one 10DLC campaign at a time. They are assigned one after the other; the first that cannot be ends it, and
/// those before it stay assigned.
#[utoipa::path(post, path = "/api/v1/messaging/campaigns/{id}/numbers", params(("id" = String, Path)), request_body = Asking, responses((status = 200, body = Envelope<Vec<View>>), (status = 202, body = Envelope<Vec<View>>)))]
pub async fn assign(
    caller: RegistryCaller,
    State(state): State<AppState>,
    Path(id): Path<String>,
    posted: Posted<Asking>,
) -> Result<Response, Problem> {
    let (proof, id) = doing::<action::Numbers>(&caller, &id).await?;
    let desk = Desk::clone(&proof);
    let done = posted.once(&desk, |asked, _| async move {
        let mut assigned = Vec::new();
        for number in read(&asked)? {
            assigned.push(state.services.registrations.assign_number(&proof, id, number).await?);
        }
        let status = status(&assigned);
        let views: Vec<View> = assigned.into_iter().map(|number| view(id, number)).collect();
        Ok((status, Envelope::of(views)))
    });
    done.await
}

/// Take numbers out of a 10DLC campaign
#[utoipa::path(post, path = "/api/v1/messaging/campaigns/{id}/numbers/remove", params(("id" = String, Path)), request_body = Asking, responses((status = 200, body = Envelope<Vec<View>>), (status = 202, body = Envelope<Vec<View>>)))]
pub async fn remove(
    caller: RegistryCaller,
    State(state): State<AppState>,
    Path(id): Path<String>,
    posted: Posted<Asking>,
) -> Result<Response, Problem> {
    let (proof, id) = doing::<action::Numbers>(&caller, &id).await?;
    let desk = Desk::clone(&proof);
    let done = posted.once(&desk, |asked, _| async move {
        let mut removed = Vec::new();
        for number in read(&asked)? {
            removed.push(state.services.registrations.remove_number(&proof, id, number).await?);
        }
        let status = status(&removed);
        let views: Vec<View> = removed.into_iter().map(|number| view(id, number)).collect();
        Ok((status, Envelope::of(views)))
    });
    done.await
}

/// Confirm what the partner upstream has done with numbers
///
/// For staff and super admins, where the partner keeps the numbers: those that wait to come into the 10DLC campaign are active,
/// and those that wait to leave are free. Where the registry keeps them it is asked once more.
#[utoipa::path(post, path = "/api/v1/messaging/campaigns/{id}/numbers/confirm", params(("id" = String, Path)), request_body = Asking, responses((status = 200, body = Envelope<Vec<View>>), (status = 202, body = Envelope<Vec<View>>)))]
pub async fn confirm(
    caller: RegistryCaller,
    State(state): State<AppState>,
    Path(id): Path<String>,
    posted: Posted<Asking>,
) -> Result<Response, Problem> {
    let (proof, id) = doing::<action::Brands>(&caller, &id).await?;
    let desk = Desk::clone(&proof);
    let done = posted.once(&desk, |asked, _| async move {
        let mut confirmed = Vec::new();
        for number in read(&asked)? {
            confirmed.push(state.services.registrations.confirm_number(&proof, id, number).await?);
        }
        let status = status(&confirmed);
        let views: Vec<View> = confirmed.into_iter().map(|number| view(id, number)).collect();
        Ok((status, Envelope::of(views)))
    });
    done.await
}
