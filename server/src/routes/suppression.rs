//! `/w/{slug}/suppression/import` and `/w/{slug}/suppression/export`: the suppression list as a file, in and out.

use app::{AppError, api::context::Services};
use axum::{
    body::Body,
    extract::{FromRequest, Multipart, Path, Request, State},
    http::{header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use bytes::Bytes;
use domain::{
    permission::kind::{ManageWorkspace, RevealNumbers},
    slug::Slug,
};
use futures::stream;
use store::{
    Granted, Scope,
    suppressions::{self, ListCsv},
};

use super::{rejects::Refused, uploads};
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
    receive(services, &proof, Request::from_parts(parts, body)).await?;
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
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"suppression-{}.csv\"", scope.workspace().slug)),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}

async fn enter(services: &Services, parts: &Parts, slug: &str) -> Result<Scope, AppError> {
    let session = services.session(parts).await?;
    let slug = Slug::parse(slug).map_err(|_| AppError::NotFound)?;
    Ok(services.gate.enter(&session, &slug).await?)
}

/// The first file of the form, on the disk before it is announced as complete.
async fn receive(
    services: &Services,
    proof: &Granted<ManageWorkspace>,
    request: Request,
) -> Result<(), uploads::Refused> {
    let mut form = Multipart::from_request(request, &()).await.map_err(|_| AppError::BadRequest)?;
    let broken = || AppError::invalid("The file did not arrive as a whole. Send it again.");
    while let Some(mut field) = form.next_field().await.map_err(|_| broken())? {
        if field.name() != Some("file") {
            continue;
        }
        let name = field.file_name().unwrap_or("numbers").to_owned();
        let limit = services.api_upload_max_bytes;
        let spool = services.intake.spool();
        let (import, former) = suppressions::begin_import(proof, &name, limit).await?;
        if let Some(former) = former {
            spool.remove(import.workspace, former).await.map_err(AppError::internal)?;
        }
        let mut appender = spool.append(import.workspace, import.id, 0, limit).await?;
        while let Some(piece) = field.chunk().await.map_err(|_| broken())? {
            appender.write(&piece).await?;
        }
        let received = appender.sync().await?;
        if received == 0 {
            return Err(AppError::invalid("The file is empty. Choose another.").into());
        }
        suppressions::import_received(proof, &import, received).await?;
        services.intake.import(import.workspace).await?;
        return Ok(());
    }
    Err(AppError::invalid("Choose a file first.").into())
}
