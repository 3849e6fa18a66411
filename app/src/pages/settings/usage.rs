//! What the workspace has used, beside what it may use.

use leptos::prelude::*;

use crate::{api::settings::SettingsView, ui::prelude::*};

#[component]
pub(super) fn Usage(view: SettingsView) -> impl IntoView {
    let SettingsView { usage, sending, slug, .. } = view;
    let months = format!("/w/{slug}/settings/usage");
    let tile = |label: &'static str, number: u64, hint: Option<String>| {
        view! { <StatTile label value=Signal::stored(grouped(number)) hint/> }
    };
    let disk = sending.storage_max_mib.map(|most| format!("of {} that it may keep", grouped(most)));
    view! {
        <Panel title="Usage" aside=move || view! { <a class="link text-sm" href=months.clone()>"By month and sender"</a> }>
            <dl class="stat-grid sm:grid-cols-2 xl:grid-cols-5">
                {tile("Campaigns submitted", usage.campaigns, None)}
                {tile("Messages sent this month", usage.messages, None)}
                {tile("Segments sent this month", usage.segments, None)}
                {tile("Recipients kept", usage.recipients, None)}
                {tile("MiB on disk", usage.storage_mib, disk)}
            </dl>
        </Panel>
    }
}
