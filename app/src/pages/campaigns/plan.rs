//! The plan of a Spread campaign: how many are due on which day.

use leptos::prelude::*;

use crate::{api::campaigns::plan::PlanDay, ui::prelude::*};

/// A table of the days; empty days are in it, for they are asked about.
#[component]
pub fn PlanDays(days: Vec<PlanDay>) -> impl IntoView {
    let rows = days
        .into_iter()
        .map(|day| {
            view! {
                <tr>
                    <th scope="row" class="font-normal whitespace-nowrap tabular-nums">{day.day}</th>
                    <td class="whitespace-nowrap tabular-nums">{day.hours}</td>
                    <td class="tabular-nums">{grouped(day.recipients)}</td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <div class="max-h-80 overflow-y-auto">
            <Table caption="Recipients by day">
                <thead>
                    <tr>
                        <th scope="col">"Day"</th>
                        <th scope="col">"Hours"</th>
                        <th scope="col">"Recipients"</th>
                    </tr>
                </thead>
                <tbody>{rows}</tbody>
            </Table>
        </div>
    }
}
