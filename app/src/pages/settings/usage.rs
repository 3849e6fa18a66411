//! What the workspace has used.

use leptos::prelude::*;

use crate::{api::settings::UsageView, ui::prelude::*};

#[component]
pub(super) fn Usage(usage: UsageView) -> impl IntoView {
    let tile = |label: &'static str, number: u64| view! { <StatTile label value=Signal::stored(grouped(number))/> };
    view! {
        <Panel title="Usage">
            <dl class="stat-grid sm:grid-cols-2 xl:grid-cols-4">
                {tile("Campaigns submitted", usage.campaigns)}
                {tile("Messages sent this month", usage.messages)}
                {tile("Segments sent this month", usage.segments)}
                {tile("Recipients kept", usage.recipients)}
            </dl>
        </Panel>
    }
}
