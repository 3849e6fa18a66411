//! A link with its figures, and a chart of the installation.

use leptos::prelude::*;

use super::chart::DrawnChart;
use crate::{
    api::{
        links::LinkHealth,
        monitoring::{MonitoringView, Span},
    },
    state::query::{address, name_of},
    ui::prelude::*,
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
    let times = Memo::new(move |_| shown.with(|shown| shown.times.clone()));
    view! { <DrawnChart chart times head="Time" zone="UTC" name csv/> }
}
