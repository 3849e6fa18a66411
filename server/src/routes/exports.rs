//! `/w/{slug}/campaigns/{id}/exports/{export}`: a file of delivery records that is ready. Taking it is recorded, so it is
//! a POST; one with full numbers is for those who may see them.

use app::AppError;
use axum::{
    body::Body,
    extract::{Path, State},
    http::{header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{
    permission::{
        Permission, Reach,
        kind::{ExportRecords, RevealNumbers},
    },
    slug::Slug,
};
use store::exports::{self, Format, RecordExport};
use tokio_util::io::ReaderStream;

use super::rejects::Refused;
use crate::state::AppState;

pub async fn download(
    State(state): State<AppState>,
    Path((slug, id, export)): Path<(String, String, String)>,
    parts: Parts,
) -> Result<Response, Refused> {
    let session = state.services.session(&parts).await?;
    let slug = Slug::parse(&slug).map_err(|_| AppError::NotFound)?;
    let scope = state.services.gate.enter(&session, &slug).await?;
    let proof = scope.grant_on::<ExportRecords>(id.parse().map_err(|_| AppError::NotFound)?).await?;
    let export = export.parse().map_err(|_| AppError::NotFound)?;
    let reveals = scope.reach(Permission::RevealNumbers) == Reach::Any;
    let reveal = if reveals { Some(scope.grant::<RevealNumbers>()?) } else { None };
    let taken = exports::take(&proof, export, reveal.as_ref()).await?;
    Ok(file(&state, &taken).await?)
}

/// The file that was taken, read as it is sent.
pub(super) async fn file(state: &AppState, taken: &RecordExport) -> Result<Response, AppError> {
    let file = state.services.exports.files().read(taken.workspace, taken.id).await.map_err(AppError::internal)?;
    let kind = match taken.format {
        Format::Csv => "text/csv; charset=utf-8",
        Format::Txt => "text/plain; charset=utf-8",
    };
    let name = format!("records-{}.{}", taken.campaign, taken.format.ending());
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}\"")),
    ];
    Ok((headers, Body::from_stream(ReaderStream::new(file))).into_response())
}
