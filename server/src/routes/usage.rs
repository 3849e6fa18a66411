//! `/w/{slug}/settings/usage.csv` and `/w/master/usage.csv`: what was sent in a month, as a file.

use app::api::usage::asked;
use axum::{
    extract::{Path, Query, State},
    http::{header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::permission::kind::ViewWorkspace;
use serde::Deserialize;
use store::usage;

use super::{api::usage::csv, overview::file, rejects::Refused};
use crate::state::AppState;

#[derive(Debug, Deserialize)]
pub struct Wanted {
    #[serde(default)]
    month: String,
}

pub async fn workspace(
    State(state): State<AppState>,
    Path(slug): Path<String>,
    Query(wanted): Query<Wanted>,
    parts: Parts,
) -> Result<Response, Refused> {
    let scope = state.services.enter(&parts, &slug).await?;
    store::workspaces::settings(&scope)?;
    let view = scope.grant::<ViewWorkspace>()?;
    let (month, _) = asked(&wanted.month, usage::month_now(&view))?;
    let usage = usage::of_month(&view, month).await?;
    let headers = [
        (header::CONTENT_TYPE, "text/csv; charset=utf-8".to_owned()),
        (header::CONTENT_DISPOSITION, format!("attachment; filename=\"usage-{}-{month}.csv\"", scope.workspace().slug)),
    ];
    Ok((headers, csv(&usage)).into_response())
}

pub async fn master(
    State(state): State<AppState>,
    Query(wanted): Query<Wanted>,
    parts: Parts,
) -> Result<Response, Refused> {
    let session = state.services.session(&parts).await?;
    let master = state.services.gate.master(&session)?;
    let (month, _) = asked(&wanted.month, usage::month_now_of_all(&master))?;
    let rows = usage::of_all(&master, month).await?.into_iter().map(|(workspace, totals)| {
        let counts =
            |counts: usage::Counts| [counts.sent, counts.delivered, counts.failed].map(|count| count.to_string());
        let mut row = vec![month.to_string(), workspace.slug.to_string(), workspace.display_name];
        row.push(totals.campaigns.to_string());
        row.extend(counts(totals.messages));
        row.extend(counts(totals.segments));
        row
    });
    let heads = [
        "month",
        "workspace",
        "name",
        "campaigns",
        "messages_sent",
        "messages_delivered",
        "messages_failed",
        "segments_sent",
        "segments_delivered",
        "segments_failed",
    ];
    Ok(file(&heads, rows, &format!("usage-{month}")))
}
