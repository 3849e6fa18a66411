//! `/w/{slug}/number/export`: everything that is known of one number. The number comes in the body of a form.

use app::AppError;
use axum::{
    Form,
    extract::{Path, State},
    http::request::Parts,
    response::Response,
};
use domain::{
    permission::kind::{ManageWorkspace, RevealNumbers},
    phone::{Country, normalise},
    slug::Slug,
};
use serde::Deserialize;
use store::erasure::NumberCsv;

use super::{downloads, rejects::Refused};
use crate::state::AppState;

/// The field of the form.
#[derive(Deserialize)]
pub struct Wanted {
    number: String,
}

pub async fn export(
    State(state): State<AppState>,
    Path(slug): Path<String>,
    parts: Parts,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Refused> {
    let session = state.services.session(&parts).await?;
    let slug = Slug::parse(&slug).map_err(|_| AppError::NotFound)?;
    let scope = state.services.gate.enter(&session, &slug).await?;
    let proof = scope.grant::<ManageWorkspace>()?;
    let reveal = scope.grant::<RevealNumbers>()?;
    let country = Country::parse(&scope.workspace().default_country).map_err(AppError::internal)?;
    let number = normalise(&wanted.number, country)
        .map_err(|reject| AppError::invalid(format!("This is no phone number: {reject}. Go back and correct it.")))?;
    let csv = NumberCsv::open(&proof, &reveal, number).await?;
    // A campaign at a time: however many there are, one is in memory.
    Ok(downloads::file(csv, downloads::CSV, "number.csv"))
}
