//! `/w/{slug}/campaigns/{id}/rejects.csv`: the rejected lines of a campaign's file. A GET gives them masked, to every
//! member; a POST in full, to those who may see numbers, and the audit log records it.

use app::{AppError, api::context::Services};
use axum::{
    extract::{Path, State},
    http::{StatusCode, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{id::CampaignId, permission::kind::RevealNumbers, slug::Slug};
use store::{
    Scope, campaigns,
    recipients::{RejectsCsv, Reveal},
};

use super::downloads;
use crate::state::AppState;

pub async fn masked(
    State(state): State<AppState>,
    Path((slug, id)): Path<(String, String)>,
    parts: Parts,
) -> Result<Response, Refused> {
    let (scope, campaign) = enter(&state.services, &parts, &slug, &id).await?;
    Ok(file(RejectsCsv::open(&scope, campaign, Reveal::Masked).await?, campaign))
}

pub async fn full(
    State(state): State<AppState>,
    Path((slug, id)): Path<(String, String)>,
    parts: Parts,
) -> Result<Response, Refused> {
    let (scope, campaign) = enter(&state.services, &parts, &slug, &id).await?;
    let proof = scope.grant::<RevealNumbers>()?;
    Ok(file(RejectsCsv::open(&scope, campaign, Reveal::Full(&proof)).await?, campaign))
}

async fn enter(services: &Services, parts: &Parts, slug: &str, id: &str) -> Result<(Scope, CampaignId), Refused> {
    let session = services.session(parts).await?;
    let slug = Slug::parse(slug).map_err(|_| AppError::NotFound)?;
    let scope = services.gate.enter(&session, &slug).await?;
    let id = id.parse().map_err(|_| AppError::NotFound)?;
    let campaign = campaigns::find(&scope, id).await?;
    Ok((scope, campaign.id))
}

/// A piece at a time: however many lines there are, one chunk of them is in memory.
fn file(csv: RejectsCsv, campaign: CampaignId) -> Response {
    downloads::file(csv, downloads::CSV, &format!("rejects-{campaign}.csv"))
}

/// A download that is not given, in a line of text.
#[derive(Debug)]
pub struct Refused(AppError);

impl<E: Into<AppError>> From<E> for Refused {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, format!("{}\n", self.0)).into_response()
    }
}
