//! `/w/{slug}/suppression/import` and `/w/{slug}/suppression/export`: the suppression list as a file, in and out.

use app::{AppError, api::context::Services};
use axum::{
    extract::{Path, Request, State},
    http::request::Parts,
    response::{IntoResponse, Redirect, Response},
};
use domain::{
    permission::kind::{ManageWorkspace, RevealNumbers},
    slug::Slug,
};
use store::{Scope, suppressions::ListCsv};

use super::{
    downloads,
    number_files::{List, receive},
    rejects::Refused,
    uploads,
};
use crate::state::AppState;

/// Takes a file, in one request of a form, and has it read.
pub async fn import(
    State(state): State<AppState>,
    Path(slug): Path<String>,
    request: Request,
) -> Result<Response, uploads::InWords> {
    let services = &state.services;
    let (parts, body) = request.into_parts();
    let proof = enter(services, &parts, &slug).await?.grant::<ManageWorkspace>()?;
    receive(services, List::Workspace(&proof), Request::from_parts(parts, body)).await?;
    Ok(Redirect::to(&format!("/w/{}/suppression", proof.workspace().slug)).into_response())
}

/// The whole list, in full: recorded, as every reveal is.
pub async fn export(
    State(state): State<AppState>,
    Path(slug): Path<String>,
    parts: Parts,
) -> Result<Response, Refused> {
    let scope = enter(&state.services, &parts, &slug).await?;
    let proof = scope.grant::<ManageWorkspace>()?;
    let csv = ListCsv::open(&proof, &scope.grant::<RevealNumbers>()?).await?;
    let name = format!("suppression-{}.csv", scope.workspace().slug);
    Ok(downloads::file(csv, downloads::CSV, &name))
}

async fn enter(services: &Services, parts: &Parts, slug: &str) -> Result<Scope, AppError> {
    let session = services.session(parts).await?;
    let slug = Slug::parse(slug).map_err(|_| AppError::NotFound)?;
    Ok(services.gate.enter(&session, &slug).await?)
}
