//! `/w/{slug}/audit/export` and `/installation/audit/export`: the audit log as a file, by the filters of the page. It is
//! asked for by a form, and recorded.

use app::{AppError, api::audit::AuditQuery};
use axum::{
    Form,
    body::Body,
    extract::{Path, State},
    http::{header, request::Parts},
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use domain::{permission::kind::ViewAudit, schedule::Zone, slug::Slug};
use futures::stream;
use serde::Deserialize;
use store::audit::{Export, Format, Reader};

use super::rejects::Refused;
use crate::state::AppState;

/// The fields of the form: the filters, and the kind of file.
#[derive(Debug, Deserialize)]
pub struct Wanted {
    #[serde(flatten)]
    query: AuditQuery,
    format: Kind,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Csv,
    Jsonl,
}

pub async fn workspace(
    State(state): State<AppState>,
    Path(slug): Path<String>,
    parts: Parts,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Refused> {
    let session = state.services.session(&parts).await?;
    let slug = Slug::parse(&slug).map_err(|_| AppError::NotFound)?;
    let scope = state.services.gate.enter(&session, &slug).await?;
    let reader = Reader::workspace(scope.grant::<ViewAudit>()?);
    file(reader, &wanted, scope.zone().as_ref(), &format!("audit-{slug}")).await
}

pub async fn installation(
    State(state): State<AppState>,
    parts: Parts,
    Form(wanted): Form<Wanted>,
) -> Result<Response, Refused> {
    let session = state.services.session(&parts).await?;
    let reader = Reader::installation(state.services.gate.rule(&session)?);
    file(reader, &wanted, Zone::parse("UTC").ok().as_ref(), "audit-installation").await
}

/// A page of records at a time: however long the log is, one is in memory.
async fn file(reader: Reader, wanted: &Wanted, zone: Option<&Zone>, name: &str) -> Result<Response, Refused> {
    let (format, ending, kind) = match wanted.format {
        Kind::Csv => (Format::Csv, "csv", "text/csv; charset=utf-8"),
        Kind::Jsonl => (Format::JsonLines, "jsonl", "application/x-ndjson"),
    };
    let filter = wanted.query.filter(zone)?;
    let export = Export::open(reader, &filter, format).await?;
    let pieces = stream::unfold(Some(export), |export| async move {
        let mut export = export?;
        match export.next_piece().await {
            Ok(Some(piece)) => Some((Ok(Bytes::from(piece)), Some(export))),
            Ok(None) => None,
            // Breaks the download off, so that nobody takes half of it for the whole.
            Err(error) => Some((Err(error), None)),
        }
    });
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.{ending}\"")),
    ];
    Ok((headers, Body::from_stream(pieces)).into_response())
}
