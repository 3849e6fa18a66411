//! What there is to choose from, what a use case asks for, and how much may be sent.

use axum::{extract::State, response::Response};
use domain::tendlc::{Carrier, EntityType, UseCase, Vertical, use_case::Class};
use serde::{Deserialize, Serialize};
use store::tendlc::{action, brands};
use utoipa::{IntoParams, ToSchema};

use super::{
    caller::RegistryCaller,
    envelope::{Envelope, ok},
};
use crate::{
    routes::api::{asked::Asked, problem::Problem},
    state::AppState,
};

/// A word of the registry's, and what people call it.
#[derive(Debug, Serialize, ToSchema)]
pub struct Word {
    #[schema(value_type = String)]
    code: &'static str,
    #[schema(value_type = String)]
    name: &'static str,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct UseCaseWord {
    #[schema(value_type = String)]
    code: &'static str,
    #[schema(value_type = String)]
    name: &'static str,
    /// Carriers look at it first, or the brand needs something more.
    special: bool,
    /// Whether it can be part of a mixed one.
    sub_use_case: bool,
}

#[derive(Debug, Serialize, ToSchema)]
pub struct MnoWord {
    mno_id: u32,
    #[schema(value_type = String)]
    name: &'static str,
}

/// Which use case, and for which brand.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Needed {
    /// One of `GET /use-cases`.
    use_case: String,
    /// With it, what carriers demand of this brand is counted in.
    brand_id: Option<String>,
}

/// Which use case, and by which score: of a brand, or given.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Estimated {
    /// One of `GET /use-cases`.
    use_case: String,
    brand_id: Option<String>,
    /// 0 to 100; neither: as without a vetting.
    #[param(value_type = Option<u8>, minimum = 0, maximum = 100)]
    score: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UseCaseRequirements)]
pub struct Requirements {
    #[schema(value_type = String)]
    use_case: UseCase,
    special: bool,
    sub_use_cases_min: usize,
    sub_use_cases_max: usize,
    sample_messages_min: usize,
    subscriber_opt_in: bool,
    subscriber_opt_out: bool,
    subscriber_help: bool,
    /// A carrier takes none with links.
    no_embedded_link: bool,
    /// A carrier takes none with phone numbers.
    no_embedded_phone: bool,
}

/// In segments. Who carries a recipient's number is not known, so the strictest carrier counts.
#[derive(Debug, Serialize, ToSchema)]
pub struct ThroughputEstimate {
    score: Option<u8>,
    campaign_segments_per_minute: u32,
    /// Until the next midnight Pacific time.
    brand_segments_per_day: u32,
    campaign_segments_per_day: Option<u32>,
    brand_segments_per_minute: Option<u32>,
}

fn use_case(text: &str) -> Result<UseCase, Problem> {
    UseCase::from_word(text)
        .ok_or_else(|| Problem::parameter("use_case", "One of GET /api/v1/messaging/use-cases is expected."))
}

fn brand_id(text: &str) -> Result<domain::id::BrandId, Problem> {
    text.parse().map_err(|_| Problem::parameter("brand_id", "The id of a brand is expected."))
}

/// Use cases
#[utoipa::path(get, path = "/api/v1/messaging/use-cases", responses((status = 200, body = Envelope<Vec<UseCaseWord>>)))]
pub async fn use_cases(caller: RegistryCaller) -> Result<Response, Problem> {
    caller.check::<action::Read>()?;
    let words = UseCase::ALL.iter().map(|one| UseCaseWord {
        code: one.word(),
        name: one.label(),
        special: one.class() == Class::Special,
        sub_use_case: one.can_be_sub_use_case(),
    });
    Ok(ok(words.collect::<Vec<_>>()))
}

/// Entity types
#[utoipa::path(get, path = "/api/v1/messaging/entity-types", responses((status = 200, body = Envelope<Vec<Word>>)))]
pub async fn entity_types(caller: RegistryCaller) -> Result<Response, Problem> {
    caller.check::<action::Read>()?;
    let words = EntityType::ALL.iter().map(|one| Word { code: one.word(), name: one.label() });
    Ok(ok(words.collect::<Vec<_>>()))
}

/// Verticals
#[utoipa::path(get, path = "/api/v1/messaging/verticals", responses((status = 200, body = Envelope<Vec<Word>>)))]
pub async fn verticals(caller: RegistryCaller) -> Result<Response, Problem> {
    caller.check::<action::Read>()?;
    let words = Vertical::ALL.iter().map(|one| Word { code: one.word(), name: one.label() });
    Ok(ok(words.collect::<Vec<_>>()))
}

/// Carriers
#[utoipa::path(get, path = "/api/v1/messaging/carriers", responses((status = 200, body = Envelope<Vec<MnoWord>>)))]
pub async fn carriers(caller: RegistryCaller) -> Result<Response, Problem> {
    caller.check::<action::Read>()?;
    let words = Carrier::ALL.iter().map(|one| MnoWord { mno_id: one.id(), name: one.name() });
    Ok(ok(words.collect::<Vec<_>>()))
}

/// What a use case asks for
#[utoipa::path(get, path = "/api/v1/messaging/use-case-requirements", params(Needed), responses((status = 200, body = Envelope<Requirements>)))]
pub async fn requirements(
    caller: RegistryCaller,
    State(state): State<AppState>,
    Asked(asked): Asked<Needed>,
) -> Result<Response, Problem> {
    caller.check::<action::Read>()?;
    let use_case = use_case(&asked.use_case)?;
    let registrations = &state.services.registrations;
    let needs = match &asked.brand_id {
        None => use_case.requirements(&registrations.limits()),
        Some(brand) => {
            let brand = brand_id(brand)?;
            let desk = brands::locate(caller.registrar(), caller.customer(), brand).await?;
            registrations.requirements(&desk, brand, use_case).await?
        }
    };
    Ok(ok(Requirements {
        use_case: needs.use_case,
        special: needs.class == Class::Special,
        sub_use_cases_min: needs.sub_use_cases_min,
        sub_use_cases_max: needs.sub_use_cases_max,
        sample_messages_min: needs.samples_min,
        subscriber_opt_in: needs.opt_in,
        subscriber_opt_out: needs.opt_out,
        subscriber_help: needs.help,
        no_embedded_link: needs.no_links,
        no_embedded_phone: needs.no_phones,
    }))
}

/// How much may be sent
#[utoipa::path(get, path = "/api/v1/messaging/throughput-estimate", params(Estimated), responses((status = 200, body = Envelope<ThroughputEstimate>)))]
pub async fn throughput(
    caller: RegistryCaller,
    State(state): State<AppState>,
    Asked(asked): Asked<Estimated>,
) -> Result<Response, Problem> {
    caller.check::<action::Read>()?;
    let use_case = use_case(&asked.use_case)?;
    let score = match (&asked.score, &asked.brand_id) {
        (Some(_), Some(_)) => return Err(Problem::parameter("score", "Give a score or a brand, not both.")),
        (Some(score), None) => {
            let score: Option<u8> = score.parse().ok().filter(|score| *score <= 100);
            Some(score.ok_or_else(|| Problem::parameter("score", "A number from 0 to 100 is expected."))?)
        }
        (None, Some(brand)) => {
            let brand = brand_id(brand)?;
            let desk = brands::locate(caller.registrar(), caller.customer(), brand).await?;
            brands::find(&desk, brand).await?.score()
        }
        (None, None) => None,
    };
    let allowance = state.services.registrations.tiers().allowance(use_case, score);
    Ok(ok(ThroughputEstimate {
        score,
        campaign_segments_per_minute: allowance.campaign_segments_per_minute,
        brand_segments_per_day: allowance.brand_segments_per_day,
        campaign_segments_per_day: allowance.campaign_segments_per_day,
        brand_segments_per_minute: allowance.brand_segments_per_minute,
    }))
}
