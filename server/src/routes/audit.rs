//! `/w/{slug}/audit/export` and `/installation/audit/export`: the audit log as a file, by the filters of the page. It is
//! asked for by a form, and recorded.

use app::{AppError, api::audit::AuditQuery};
use axum::{
    Form,
    extract::{Path, State},
    http::request::Parts,
    response::Response,
};
use domain::{permission::kind::ViewAudit, schedule::Zone, slug::Slug};
use serde::Deserialize;
use store::audit::{Export, Format, Reader};

use super::{downloads, rejects::Refused};
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
        Kind::Csv => (Format::Csv, "csv", downloads::CSV),
        Kind::Jsonl => (Format::JsonLines, "jsonl", "application/x-ndjson"),
    };
    let filter = wanted.query.filter(zone)?;
    let export = Export::open(reader, &filter, format).await?;
    Ok(downloads::file(export, kind, &format!("{name}.{ending}")))
}
