//! `/w/{slug}/overview/….csv`: the figures behind the charts of the overview.

use app::{
    AppError,
    api::overview::{self, RECIPIENT_PARTS, recipient_parts},
};
use axum::{
    extract::{Path, State},
    http::{header, request::Parts},
    response::{IntoResponse, Response},
};
use store::{Scope, recipients::push_cell};

use super::rejects::Refused;
use crate::state::AppState;

/// Sent and failed in each of the last 24 hours.
pub async fn hours(state: State<AppState>, slug: Path<String>, parts: Parts) -> Result<Response, Refused> {
    let scope = enter(&state, &slug, &parts).await?;
    let rows = overview::activity(&scope).await?.hours.into_iter();
    let rows = rows.map(|hour| {
        vec![hour.from.local, hour.from.utc, hour.sent.to_string(), hour.failed.to_string(), hour.segments.to_string()]
    });
    Ok(file(&["hour_from", "hour_from_utc", "sent", "failed", "segments"], rows, "hours"))
}

/// Whose campaigns of the last 30 days sent the most.
pub async fn authors(state: State<AppState>, slug: Path<String>, parts: Parts) -> Result<Response, Refused> {
    let scope = enter(&state, &slug, &parts).await?;
    let rows = overview::activity(&scope).await?.authors.into_iter();
    let rows = rows.map(|author| {
        vec![author.name, author.campaigns.to_string(), author.sent.to_string(), author.delivered.to_string()]
    });
    Ok(file(&["author", "campaigns", "sent", "delivered"], rows, "authors"))
}

/// Campaigns per status.
pub async fn statuses(state: State<AppState>, slug: Path<String>, parts: Parts) -> Result<Response, Refused> {
    let scope = enter(&state, &slug, &parts).await?;
    let live = overview::live(&scope, &state.services.engine).await?;
    let rows = domain::campaign::Status::ALL
        .into_iter()
        .map(|status| vec![status.label().to_owned(), live.count(status).to_string()]);
    Ok(file(&["status", "campaigns"], rows, "statuses"))
}

/// What became of the recipients of active campaigns.
pub async fn recipients(state: State<AppState>, slug: Path<String>, parts: Parts) -> Result<Response, Refused> {
    let scope = enter(&state, &slug, &parts).await?;
    let live = overview::live(&scope, &state.services.engine).await?;
    let rows = RECIPIENT_PARTS.iter().zip(recipient_parts(&live.progress));
    let rows = rows.map(|(label, count)| vec![(*label).to_owned(), count.to_string()]);
    Ok(file(&["state", "recipients"], rows, "recipients"))
}

async fn enter(state: &AppState, slug: &str, parts: &Parts) -> Result<Scope, AppError> {
    state.services.enter(parts, slug).await
}

pub(super) fn file(heads: &[&str], rows: impl Iterator<Item = Vec<String>>, name: &str) -> Response {
    let mut csv = heads.join(",");
    csv.push_str("\r\n");
    for row in rows {
        for (place, cell) in row.iter().enumerate() {
            if place > 0 {
                csv.push(',');
            }
            push_cell(&mut csv, cell);
        }
        csv.push_str("\r\n");
    }
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"{name}.csv\"")),
    ];
    (headers, csv).into_response()
}
