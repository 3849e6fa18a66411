//! A chart with its table.

use leptos::prelude::*;

use crate::{
    api::monitoring::Chart,
    ui::chart::{ChartData, ChartLine, LineChart, short},
};

/// Nothing where there is no such chart.
#[component]
pub fn DrawnChart(
    #[prop(into)] chart: Signal<Option<Chart>>,
    /// Of the points.
    #[prop(into)]
    times: Signal<Vec<String>>,
    /// Above the times.
    head: &'static str,
    /// In which the times are.
    #[prop(into)]
    zone: String,
    /// What the chart is of.
    name: String,
    csv: String,
) -> impl IntoView {
    let Some(Chart { title, unit, lines: first, .. }) = chart.get_untracked() else {
        return ().into_any();
    };
    let lines = Signal::derive(move || {
        let lines = chart.with(|chart| chart.as_ref().map(|chart| chart.lines.clone())).unwrap_or_default();
        lines.into_iter().map(|line| ChartLine { label: line.label, values: line.values }).collect::<Vec<_>>()
    });
    let ends = Signal::derive(move || times.with(|times| times.first().cloned().zip(times.last().cloned())));
    let rows = Signal::derive(move || {
        let cell = |value: Option<f64>| value.map_or_else(|| "–".to_owned(), short);
        lines.with(|lines| {
            times.with(|times| {
                // The newest first.
                let row = |(place, time): (usize, &String)| {
                    let values = lines.iter().map(|line| cell(line.values.get(place).copied().flatten()));
                    std::iter::once(time.clone()).chain(values).collect::<Vec<_>>()
                };
                times.iter().enumerate().rev().map(row).collect::<Vec<_>>()
            })
        })
    });
    let heads = std::iter::once(format!("{head} ({zone})")).chain(first.into_iter().map(|line| line.label)).collect();
    let heading = format!("{title}, {unit}");
    let full = format!("{title} of {name}");
    view! {
        <div class="min-w-0">
            <h3 class="mb-1 text-sm font-semibold">{heading}</h3>
            <LineChart title=full.clone() unit lines ends zone/>
            <ChartData caption=full heads rows csv/>
        </div>
    }
    .into_any()
}
