//! Where the campaigns stand on their way, and which left it.

use domain::campaign::Status;
use leptos::prelude::*;

use crate::{
    api::overview::LiveOverview,
    pages::layout::use_workspace,
    state::query::{address, name_of},
    ui::{
        chart::{BarStep, ChartData, StepBars},
        prelude::*,
    },
};

/// The way of a campaign, and the class of the colour.
const WAY: [(Status, &str); 5] = [
    (Status::New, "fill-info"),
    (Status::Building, "fill-info"),
    (Status::Pending, "fill-info"),
    (Status::Sending, "fill-primary"),
    (Status::Done, "fill-success"),
];

/// Held for a while, or gone from the way.
const ASIDE: [(Status, &str); 4] = [
    (Status::Paused, "fill-warning"),
    (Status::Failed, "fill-error"),
    (Status::Cancelled, "fill-neutral"),
    (Status::Expired, "fill-error"),
];

#[component]
pub fn Funnel(live: RwSignal<LiveOverview>) -> impl IntoView {
    let list = use_workspace().path("/campaigns");
    let counts = Memo::new(move |_| live.with(|live| live.by_status.clone()));
    let count = move |status| {
        counts.with(|counts| counts.iter().find(|(known, _)| *known == status).map_or(0, |(_, count)| *count))
    };
    let steps = move |of: &'static [(Status, &'static str)], list: String| {
        Signal::derive(move || {
            let step = |(status, fill): &(Status, &'static str)| BarStep {
                label: status.label(),
                fill,
                href: address(&list, [("status", name_of(*status))]),
                count: count(*status),
            };
            of.iter().map(step).collect::<Vec<_>>()
        })
    };
    let most =
        Signal::derive(move || WAY.iter().chain(&ASIDE).map(|(status, _)| count(*status)).max().unwrap_or_default());
    let rows = Signal::derive(move || {
        let statuses = WAY.iter().chain(&ASIDE);
        statuses.map(|(status, _)| vec![status.label().to_owned(), grouped(count(*status))]).collect::<Vec<_>>()
    });
    let csv = use_workspace().path("/overview/statuses.csv");
    view! {
        <Panel title="Campaigns by status">
            <div class="grid gap-x-8 gap-y-5 sm:grid-cols-2">
                <div>
                    <h3 class="mb-2 text-sm text-muted">"On their way"</h3>
                    <StepBars steps=steps(&WAY, list.clone()) whole=most/>
                </div>
                <div>
                    <h3 class="mb-2 text-sm text-muted">"Aside"</h3>
                    <StepBars steps=steps(&ASIDE, list) whole=most/>
                </div>
            </div>
            <ChartData caption="Campaigns by status" heads=["Status", "Campaigns"].map(String::from).to_vec() rows csv/>
        </Panel>
    }
}
