//! The last 24 hours: what was sent and what failed in each.

use leptos::prelude::*;

use crate::{
    api::overview::{Activity, HourView},
    pages::layout::use_workspace,
    ui::{
        chart::{ChartData, Column, ColumnChart, Series},
        prelude::*,
    },
};

#[component]
pub fn Hours(activity: RwSignal<Activity>) -> impl IntoView {
    let hours = Memo::new(move |_| activity.with(|activity| activity.hours.clone()));
    let columns = Signal::derive(move || {
        hours.with(|hours| {
            let column =
                |hour: &HourView| Column { label: clock(hour).to_owned(), above: hour.sent, below: hour.failed };
            hours.iter().map(column).collect::<Vec<_>>()
        })
    });
    let sums = move || {
        hours.with(|hours| hours.iter().fold((0, 0), |(sent, failed), hour| (sent + hour.sent, failed + hour.failed)))
    };
    let said = Signal::derive(move || {
        let (sent, failed) = sums();
        format!("In the last 24 hours {} sent, {} failed", counted(sent, "message", "messages"), grouped(failed))
    });
    let rows = Signal::derive(move || {
        let row = |hour: &HourView| vec![hour.from.local.clone(), grouped(hour.sent), grouped(hour.failed)];
        hours.with(|hours| hours.iter().map(row).collect::<Vec<_>>())
    });
    let above = Series { label: "Sent", fill: "fill-primary" };
    let below = Series { label: "Failed", fill: "fill-error" };
    let csv = use_workspace().path("/overview/hours.csv");
    let aside = move || {
        view! {
            <span class="text-sm tabular-nums">
                {move || {
                    let (sent, failed) = sums();
                    format!("{} sent, {} failed", grouped(sent), grouped(failed))
                }}
            </span>
        }
    };
    view! {
        <Panel title="Last 24 hours" aside>
            <ColumnChart said above below columns/>
            <ChartData caption="Last 24 hours" heads=["Hour from", "Sent", "Failed"].map(String::from).to_vec() rows csv/>
        </Panel>
    }
}

/// `17:00` of `2026-11-20 17:00 +01:00`.
fn clock(hour: &HourView) -> &str {
    hour.from.local.split(' ').nth(1).unwrap_or(&hour.from.local)
}
