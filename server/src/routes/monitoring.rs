//! `/installation/monitoring/chart.csv` and `/w/{slug}/monitoring/chart.csv`: the figures behind a chart, as a file.

use app::{
    AppError,
    api::monitoring::{Chart, Span, view, workspace},
};
use axum::{
    extract::{Path, Query, State},
    http::request::Parts,
    response::Response,
};
use serde::Deserialize;

use super::{overview::file, rejects::Refused};
use crate::state::AppState;

#[derive(Debug, Deserialize)]
pub struct Wanted {
    /// Empty: of the installation.
    #[serde(default)]
    link: String,
    /// Empty: the first one.
    #[serde(default)]
    chart: String,
    #[serde(default)]
    span: Span,
}

pub async fn chart(
    State(state): State<AppState>,
    Query(wanted): Query<Wanted>,
    parts: Parts,
) -> Result<Response, Refused> {
    let session = state.services.session(&parts).await?;
    state.services.gate.rule(&session)?;
    let view = view(&state.services, wanted.span);
    let is_wanted = |chart: &&Chart| wanted.chart.is_empty() || chart.key == wanted.chart;
    let chart = view.charts(&wanted.link).iter().find(is_wanted).ok_or(AppError::NotFound)?;
    Ok(as_file("time_utc", &view.times, chart))
}

pub async fn of_workspace(
    State(state): State<AppState>,
    Path(slug): Path<String>,
    Query(wanted): Query<Wanted>,
    parts: Parts,
) -> Result<Response, Refused> {
    let scope = state.services.enter(&parts, &slug).await?;
    let watch = scope.grant().map_err(AppError::from)?;
    let view = workspace::view(&state.services, &watch, wanted.span).await?;
    let (times, chart) = view.chart(&wanted.chart).ok_or(AppError::NotFound)?;
    Ok(as_file("time", times, chart))
}

fn as_file(time: &str, times: &[String], chart: &Chart) -> Response {
    let heads: Vec<&str> = std::iter::once(time).chain(chart.lines.iter().map(|line| line.label.as_str())).collect();
    let rows = times.iter().enumerate().map(|(place, time)| {
        let values = chart.lines.iter().map(|line| line.values.get(place).copied().flatten());
        let cells = values.map(|value| value.map_or_else(String::new, |value| value.to_string()));
        std::iter::once(time.clone()).chain(cells).collect()
    });
    file(&heads, rows, &format!("monitoring-{}", chart.key))
}
