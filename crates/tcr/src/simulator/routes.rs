//! The registry's API, and beside it `/control`, by which a test or a person sets what happens.

use std::sync::Arc;

use axum::{
    Json, Router,
    extract::{Path, Query, Request, State, rejection::JsonRejection},
    http::{StatusCode, header},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::{get, post, put},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    phone::PhoneNumber,
    tendlc::{
        Carrier, EntityType, RegistryBrandId, RegistryCampaignId, UseCase, VettingStatus, carrier::CarrierEvent,
        kinds::RejectionCategory, life::IdentityEvent,
    },
};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{
    Shared,
    behaviour::Behaviour,
    world::{Done, World, missing, refuse},
};
use crate::{
    error::{Problem, code},
    wire::{
        CodeBody, ErrorBody, NumberBody, PageBody, SubscriptionBody,
        brand::{BrandBody, FeedbackBody, VettingBody},
        campaign::{CampaignBody, SharedBody, SharingBody},
    },
};

type Registry = State<Arc<Shared>>;
type Body<T> = Result<Json<T>, JsonRejection>;

pub(super) fn router(shared: Arc<Shared>) -> Router {
    let api = Router::new()
        .route("/brand", get(list_brands))
        .route("/brand/nonBlocking", post(create_brand))
        .route("/brand/feedback/{id}", get(feedback))
        .route("/brand/{id}", get(brand).put(update_brand).delete(delete_brand))
        .route("/brand/{id}/revet", put(revet))
        .route("/brand/{id}/2faEmail", post(send_mail))
        .route("/brand/{id}/smsOtp", post(send_code).put(confirm_code))
        .route("/brand/{id}/externalVetting", get(vettings).post(order_vetting))
        .route("/campaignBuilder", post(create_campaign))
        .route("/campaignBuilder/brand/{brand}/usecase/{use_case}", get(qualify))
        .route("/campaign", get(list_campaigns))
        .route("/campaign/{id}", get(campaign).put(update_campaign).delete(deactivate))
        .route("/campaign/{id}/resubmit", put(resubmit))
        .route("/campaign/{id}/operationStatus", get(operation_status))
        .route("/campaign/{id}/sharing", get(sharing))
        .route("/campaign/{id}/sharing/{partner}", put(share))
        .route("/campaign/{id}/phoneNumber", get(numbers).post(assign_number))
        .route("/campaign/{id}/phoneNumber/remove", post(remove_number))
        .route("/webhook/subscription", put(subscribe));
    let control = Router::new()
        .route("/behaviour", get(behaviour).put(set_behaviour))
        .route("/brand/{id}/identity", post(set_identity))
        .route("/brand/{id}/vetting/{at}", post(set_vetting))
        .route("/campaign/{id}/carrier/{carrier}", post(set_carrier))
        .route("/campaign/{id}/sharing", post(set_sharing))
        .route("/campaign/{id}/expire", post(set_expired));
    Router::new()
        .nest("/v2", api)
        .nest("/control", control)
        .layer(middleware::from_fn_with_state(Arc::clone(&shared), authorise))
        .with_state(shared)
}

/// Everything needs the key, the control too: the address may be reachable from elsewhere.
async fn authorise(State(shared): Registry, request: Request, next: Next) -> Response {
    let pair = format!("{}:{}", shared.api_key.expose(), shared.secret.expose());
    let expected = format!("Basic {}", STANDARD.encode(pair));
    let given = request.headers().get(header::AUTHORIZATION).map(|value| value.as_bytes().to_vec());
    if given.as_deref() == Some(expected.as_bytes()) {
        next.run(request).await
    } else {
        (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Basic")]).into_response()
    }
}

/// Does something in the world, sends the events that come of it, and answers.
fn act<T: Serialize>(shared: &Shared, action: impl FnOnce(&mut World) -> Done<T>) -> Response {
    answer(shared.act(action))
}

/// Answers without changing anything.
fn look<T: Serialize>(shared: &Shared, action: impl FnOnce(&mut World) -> Done<T>) -> Response {
    answer(shared.world(action))
}

fn answer<T: Serialize>(done: Done<T>) -> Response {
    match done {
        Ok(answer) => Json(answer).into_response(),
        Err(problems) => {
            let gone = problems.iter().any(|problem| problem.code == code::NOT_FOUND);
            let status = if gone { StatusCode::NOT_FOUND } else { StatusCode::BAD_REQUEST };
            let body: Vec<ErrorBody> = problems.into_iter().map(ErrorBody::from).collect();
            (status, Json(body)).into_response()
        }
    }
}

fn body<T>(body: Body<T>) -> Done<T> {
    body.map(|Json(body)| body).map_err(|rejection| vec![Problem::new(code::INVALID, "", rejection.body_text())])
}

fn id<T: std::str::FromStr>(text: &str, what: &str) -> Done<T> {
    text.parse().or_else(|_| missing(what))
}

fn brand_id(text: &str) -> Done<RegistryBrandId> {
    id(text, "Brand")
}

fn campaign_id(text: &str) -> Done<RegistryCampaignId> {
    id(text, "Campaign")
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Listing {
    page: u32,
    records_per_page: usize,
    reference_id: Option<String>,
}

impl Default for Listing {
    fn default() -> Self {
        Self { page: 1, records_per_page: 10, reference_id: None }
    }
}

impl Listing {
    fn of<T>(&self, all: Vec<T>) -> PageBody<T> {
        let size = self.records_per_page.clamp(10, 500);
        let total_records = all.len() as u64;
        let page = self.page.max(1);
        let records = all.into_iter().skip((page as usize - 1).saturating_mul(size)).take(size).collect();
        PageBody { records, page, total_records }
    }
}

async fn list_brands(State(shared): Registry, Query(listing): Query<Listing>) -> Response {
    look(&shared, |world| Ok(listing.of(world.brands(listing.reference_id.as_deref()))))
}

async fn create_brand(State(shared): Registry, sent: Body<BrandBody>) -> Response {
    act(&shared, |world| world.create_brand(body(sent)?))
}

async fn brand(State(shared): Registry, Path(id): Path<String>) -> Response {
    look(&shared, |world| world.brand(brand_id(&id)?))
}

async fn update_brand(State(shared): Registry, Path(id): Path<String>, sent: Body<BrandBody>) -> Response {
    act(&shared, |world| world.update_brand(brand_id(&id)?, body(sent)?))
}

async fn delete_brand(State(shared): Registry, Path(id): Path<String>) -> Response {
    act(&shared, |world| world.delete_brand(brand_id(&id)?))
}

async fn feedback(State(shared): Registry, Path(id): Path<String>) -> Response {
    look(&shared, |world| Ok(FeedbackBody { category: world.feedback(brand_id(&id)?)? }))
}

async fn revet(State(shared): Registry, Path(id): Path<String>) -> Response {
    act(&shared, |world| world.verify_again(brand_id(&id)?))
}

async fn send_mail(State(shared): Registry, Path(id): Path<String>) -> Response {
    act(&shared, |world| world.send_confirmation(brand_id(&id)?, EntityType::PublicProfit))
}

async fn send_code(State(shared): Registry, Path(id): Path<String>) -> Response {
    act(&shared, |world| world.send_confirmation(brand_id(&id)?, EntityType::SoleProprietor))
}

async fn confirm_code(State(shared): Registry, Path(id): Path<String>, sent: Body<CodeBody>) -> Response {
    act(&shared, |world| world.confirm_code(brand_id(&id)?, &body(sent)?.otp_pin))
}

async fn vettings(State(shared): Registry, Path(id): Path<String>) -> Response {
    look(&shared, |world| Ok(world.live_brand(brand_id(&id)?)?.vettings.clone()))
}

async fn order_vetting(State(shared): Registry, Path(id): Path<String>, sent: Body<VettingBody>) -> Response {
    act(&shared, |world| world.order_vetting(brand_id(&id)?, body(sent)?))
}

async fn create_campaign(State(shared): Registry, sent: Body<CampaignBody>) -> Response {
    act(&shared, |world| world.create_campaign(body(sent)?))
}

async fn qualify(State(shared): Registry, Path((brand, use_case)): Path<(String, String)>) -> Response {
    look(&shared, |world| {
        let use_case = UseCase::from_word(&use_case).map_or_else(|| missing("Use case"), Ok)?;
        world.qualify(brand_id(&brand)?, use_case)
    })
}

async fn list_campaigns(State(shared): Registry, Query(listing): Query<Listing>) -> Response {
    look(&shared, |world| Ok(listing.of(world.campaigns(listing.reference_id.as_deref()))))
}

async fn campaign(State(shared): Registry, Path(id): Path<String>) -> Response {
    look(&shared, |world| world.campaign(campaign_id(&id)?))
}

async fn update_campaign(State(shared): Registry, Path(id): Path<String>, sent: Body<CampaignBody>) -> Response {
    act(&shared, |world| world.update_campaign(campaign_id(&id)?, body(sent)?))
}

async fn deactivate(State(shared): Registry, Path(id): Path<String>) -> Response {
    act(&shared, |world| {
        let id = campaign_id(&id)?;
        world.expire(id).or_else(|_| missing("Campaign"))
    })
}

async fn resubmit(State(shared): Registry, Path(id): Path<String>) -> Response {
    act(&shared, |world| world.resubmit(campaign_id(&id)?).map(|()| json!({})))
}

async fn operation_status(State(shared): Registry, Path(id): Path<String>) -> Response {
    look(&shared, |world| world.operation_status(campaign_id(&id)?))
}

async fn sharing(State(shared): Registry, Path(id): Path<String>) -> Response {
    look(&shared, |world| {
        let shared_by_me = world.live_campaign(campaign_id(&id)?)?.sharing.clone().map(|shared| SharedBody {
            upstream_cnp_id: shared.partner,
            sharing_status: shared.state,
            explanation: shared.reason,
        });
        Ok(SharingBody { shared_by_me })
    })
}

async fn share(State(shared): Registry, Path((id, partner)): Path<(String, String)>) -> Response {
    act(&shared, |world| world.share(campaign_id(&id)?, &partner))
}

fn number(sent: Body<NumberBody>) -> Done<PhoneNumber> {
    body(sent)?.phone_number.parse().or_else(|_| refuse("phoneNumber", "The number is not in E.164"))
}

async fn numbers(State(shared): Registry, Path(id): Path<String>, Query(listing): Query<Listing>) -> Response {
    look(&shared, |world| {
        let id = campaign_id(&id)?;
        world.live_campaign(id)?;
        let of_it = world.kept.numbers.iter().filter(|(_, campaign)| **campaign == id);
        Ok(listing.of(of_it.map(|(number, _)| NumberBody { phone_number: number.to_string() }).collect()))
    })
}

async fn assign_number(State(shared): Registry, Path(id): Path<String>, sent: Body<NumberBody>) -> Response {
    act(&shared, |world| world.assign_number(campaign_id(&id)?, number(sent)?))
}

async fn remove_number(State(shared): Registry, Path(id): Path<String>, sent: Body<NumberBody>) -> Response {
    act(&shared, |world| world.remove_number(campaign_id(&id)?, number(sent)?))
}

async fn subscribe(State(shared): Registry, sent: Body<SubscriptionBody>) -> Response {
    act(&shared, |world| {
        let SubscriptionBody { event_category, webhook_endpoint } = body(sent)?;
        world.kept.subscriptions.insert(event_category, webhook_endpoint);
        Ok(())
    })
}

async fn behaviour(State(shared): Registry) -> Response {
    look(&shared, |world| Ok(world.behaviour.clone()))
}

async fn set_behaviour(State(shared): Registry, sent: Body<Behaviour>) -> Response {
    act(&shared, |world| {
        world.behaviour = body(sent)?;
        Ok(())
    })
}

#[derive(Debug, Deserialize)]
struct SetIdentity {
    event: IdentityEvent,
}

async fn set_identity(State(shared): Registry, Path(id): Path<String>, sent: Body<SetIdentity>) -> Response {
    act(&shared, |world| world.identity(brand_id(&id)?, body(sent)?.event))
}

#[derive(Debug, Deserialize)]
struct SetVetting {
    status: VettingStatus,
    #[serde(default)]
    score: Option<u8>,
}

async fn set_vetting(
    State(shared): Registry,
    Path((id, at)): Path<(String, usize)>,
    sent: Body<SetVetting>,
) -> Response {
    act(&shared, |world| {
        let SetVetting { status, score } = body(sent)?;
        world.settle_vetting(brand_id(&id)?, at, status, score)
    })
}

#[derive(Debug, Deserialize)]
struct SetCarrier {
    event: CarrierEvent,
    #[serde(default)]
    category: Option<RejectionCategory>,
    #[serde(default)]
    reason: String,
}

async fn set_carrier(
    State(shared): Registry,
    Path((id, carrier)): Path<(String, u32)>,
    sent: Body<SetCarrier>,
) -> Response {
    act(&shared, |world| {
        let carrier = Carrier::from_id(carrier).map_or_else(|| missing("Carrier"), Ok)?;
        let SetCarrier { event, category, reason } = body(sent)?;
        let rejection = event.narrows().then_some((category.unwrap_or(RejectionCategory::Other), reason));
        world.carrier_event(campaign_id(&id)?, carrier, event, rejection)
    })
}

/// With a reason it is declined.
#[derive(Debug, Deserialize)]
struct SetSharing {
    #[serde(default)]
    declined: Option<String>,
}

async fn set_sharing(State(shared): Registry, Path(id): Path<String>, sent: Body<SetSharing>) -> Response {
    act(&shared, |world| world.answer_sharing(campaign_id(&id)?, body(sent)?.declined))
}

async fn set_expired(State(shared): Registry, Path(id): Path<String>) -> Response {
    act(&shared, |world| world.expire(campaign_id(&id)?))
}
