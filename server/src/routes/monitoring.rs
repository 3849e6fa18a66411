//! `/installation/monitoring/chart.csv`: the figures behind a chart, as a file.

use app::{
    AppError,
    api::monitoring::{Chart, Span, view},
};
use axum::{
    extract::{Query, State},
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
    let heads: Vec<&str> =
        std::iter::once("time_utc").chain(chart.lines.iter().map(|line| line.label.as_str())).collect();
    let rows = view.times.iter().enumerate().map(|(place, time)| {
        let values = chart.lines.iter().map(|line| line.values.get(place).copied().flatten());
        let cells = values.map(|value| value.map_or_else(String::new, |value| value.to_string()));
        std::iter::once(time.clone()).chain(cells).collect()
    });
    Ok(file(&heads, rows, &format!("monitoring-{}", chart.key)))
}
