//! `/installation/blacklist/import` and `/installation/blacklist/export`: the blacklist as a file, in and out.

use axum::{
    extract::{Request, State},
    http::request::Parts,
    response::{IntoResponse, Redirect, Response},
};
use store::suppressions::blacklist::BlacklistCsv;

use super::{
    downloads,
    number_files::{List, receive},
    rejects::Refused,
    uploads,
};
use crate::state::AppState;

/// Takes a file, in one request of a form, and has it read.
pub async fn import(State(state): State<AppState>, request: Request) -> Result<Response, uploads::InWords> {
    let services = &state.services;
    let (parts, body) = request.into_parts();
    let session = services.session(&parts).await?;
    let ruler = services.gate.rule(&session)?;
    receive(services, List::Blacklist(&ruler), Request::from_parts(parts, body)).await?;
    Ok(Redirect::to("/installation/blacklist").into_response())
}

/// The whole list, in full: recorded, as every reveal is.
pub async fn export(State(state): State<AppState>, parts: Parts) -> Result<Response, Refused> {
    let session = state.services.session(&parts).await?;
    let csv = BlacklistCsv::open(state.services.gate.rule(&session)?).await?;
    Ok(downloads::file(csv, downloads::CSV, "blacklist.csv"))
}
