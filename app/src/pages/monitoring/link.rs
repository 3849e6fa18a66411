//! A link with its figures, and a chart with its table.

use leptos::prelude::*;

use crate::{
    api::{
        links::LinkHealth,
        monitoring::{Chart, MonitoringView, Span},
    },
    state::query::{address, name_of},
    ui::{
        chart::{ChartData, ChartLine, LineChart, short},
        prelude::*,
    },
};

#[component]
pub fn LinkPanel(id: String, shown: RwSignal<MonitoringView>, span: Span) -> impl IntoView {
    let of = id.clone();
    let link = Memo::new(move |_| shown.with(|shown| shown.links.iter().find(|link| link.id == of).cloned()));
    let name = link.with_untracked(|link| link.as_ref().map(|link| link.name.clone())).unwrap_or_else(|| id.clone());
    let keys = Memo::new(move |_| {
        link.with(|link| link.iter().flat_map(|link| &link.charts).map(|chart| chart.key.clone()).collect::<Vec<_>>())
    });
    let aside = move || {
        let badge = link.with(|link| {
            link.as_ref().map(|link| {
                let tone = match link.health {
                    LinkHealth::Up => Tone::Success,
                    LinkHealth::Connecting | LinkHealth::Draining => Tone::Warning,
                    LinkHealth::Disabled => Tone::Neutral,
                    LinkHealth::Stopped => Tone::Danger,
                };
                view! { <Badge tone text=link.state.clone()/> }
            })
        });
        view! { {badge} }
    };
    let facts = move || {
        link.with(|link| {
            let facts = link.iter().flat_map(|link| link.facts.clone());
            facts.map(|(label, value)| view! { <Fact label>{value}</Fact> }).collect_view()
        })
    };
    let is_simulator = link.with_untracked(|link| link.as_ref().is_some_and(|link| link.simulator));
    let title = name.clone();
    view! {
        <Panel title aside>
            {is_simulator.then(|| view! { <p class="mb-4 text-sm text-muted">"The simulator: no real message leaves by it."</p> })}
            <div class="grid gap-x-8 gap-y-6 md:grid-cols-2">
                {move || {
                    let (id, name) = (id.clone(), name.clone());
                    keys.get()
                        .into_iter()
                        .map(move |key| view! { <ChartPanel of=id.clone() name=name.clone() key shown span/> })
                        .collect_view()
                }}
            </div>
            <div class="mt-6">
                <dl class="facts">{facts}</dl>
            </div>
        </Panel>
    }
}

/// `of` is the link's id; empty: the installation.
#[component]
pub fn ChartPanel(
    of: String,
    #[prop(into)] name: String,
    key: String,
    shown: RwSignal<MonitoringView>,
    span: Span,
) -> impl IntoView {
    let csv = {
        let pairs = [("link", of.clone()), ("chart", key.clone()), ("span", name_of(span))];
        address("/installation/monitoring/chart.csv", pairs)
    };
    let chart =
        Memo::new(move |_| shown.with(|shown| shown.charts(&of).iter().find(|chart| chart.key == key).cloned()));
    let Some(Chart { title, unit, lines: first, .. }) = chart.get_untracked() else {
        return ().into_any();
    };
    let lines = Signal::derive(move || {
        let lines = chart.with(|chart| chart.as_ref().map(|chart| chart.lines.clone())).unwrap_or_default();
        lines.into_iter().map(|line| ChartLine { label: line.label, values: line.values }).collect::<Vec<_>>()
    });
    let times = Memo::new(move |_| shown.with(|shown| shown.times.clone()));
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
    let heads = std::iter::once("Time (UTC)".to_owned()).chain(first.into_iter().map(|line| line.label)).collect();
    let heading = format!("{title}, {unit}");
    let full = format!("{title} of {name}");
    view! {
        <div class="min-w-0">
            <h3 class="mb-1 text-sm font-semibold">{heading}</h3>
            <LineChart title=full.clone() unit lines ends/>
            <ChartData caption=full heads rows csv/>
        </div>
    }
    .into_any()
}
