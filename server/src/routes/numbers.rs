//! `/w/{slug}/number/export`: everything that is known of one number. The number comes in the body of a form.

use app::AppError;
use axum::{
    Form,
    body::Body,
    extract::{Path, State},
    http::{header, request::Parts},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use domain::{
    permission::kind::{ManageWorkspace, RevealNumbers},
    phone::{Country, normalise},
    slug::Slug,
};
use futures::stream;
use serde::Deserialize;
use store::erasure::NumberCsv;

use super::rejects::Refused;
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
    let pieces = stream::unfold(Some(csv), |csv| async move {
        let mut csv = csv?;
        match csv.next_piece().await {
            Ok(Some(piece)) => Some((Ok(Bytes::from(piece)), Some(csv))),
            Ok(None) => None,
            // Breaks the download off, so that nobody takes half of it for the whole.
            Err(error) => Some((Err(error), None)),
        }
    });
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"number.csv\""),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}
