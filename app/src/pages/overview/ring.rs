//! What became of the recipients of the active campaigns, as a ring.

use domain::campaign::Progress;
use leptos::prelude::*;

use crate::{
    api::overview::{LiveOverview, RECIPIENT_PARTS, recipient_parts},
    pages::layout::use_workspace,
    ui::{
        chart::{ChartData, RingChart, RingPart},
        prelude::*,
    },
};

/// In the order of [`recipient_parts`].
static PARTS: [RingPart; 4] = [
    RingPart {
        label: RECIPIENT_PARTS[0],
        explanation: "reported as delivered",
        stroke: "stroke-success",
        fill: "fill-success",
    },
    RingPart {
        label: RECIPIENT_PARTS[1],
        explanation: "being sent, or without a receipt yet",
        stroke: "stroke-info",
        fill: "fill-info",
    },
    RingPart {
        label: RECIPIENT_PARTS[2],
        explanation: "failed, uncertain, not sent, or no receipt in time",
        stroke: "stroke-error",
        fill: "fill-error",
    },
    RingPart {
        label: RECIPIENT_PARTS[3],
        explanation: "their turn is still to come",
        stroke: "stroke-base-300",
        fill: "fill-base-300",
    },
];

#[component]
pub fn Ring(live: RwSignal<LiveOverview>) -> impl IntoView {
    let progress: Memo<Progress> = Memo::new(move |_| live.with(|live| live.progress));
    let counts = Signal::derive(move || recipient_parts(&progress.get()));
    let whole = Signal::derive(move || counted(progress.get().total(), "recipient", "recipients"));
    let rows = Signal::derive(move || {
        let rows = RECIPIENT_PARTS.iter().zip(counts.get());
        rows.map(|(label, count)| vec![(*label).to_owned(), grouped(count)]).collect::<Vec<_>>()
    });
    let csv = use_workspace().path("/overview/recipients.csv");
    view! {
        <Panel title="Recipients of active campaigns">
            <RingChart parts=&PARTS counts whole middle="delivered"/>
            <ChartData caption="Recipients of active campaigns" heads=["State", "Recipients"].map(String::from).to_vec() rows csv/>
        </Panel>
    }
}
