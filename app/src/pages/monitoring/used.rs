//! The links and pools by which a workspace sends, and how they are.

use leptos::prelude::*;

use crate::{
    api::{
        links::LinkHealth,
        monitoring::workspace::{UsedChannel, UsedLink, WATCHED_DAYS, WorkspaceMonitoringView},
    },
    ui::prelude::*,
};

#[component]
pub fn UsedChannels(shown: RwSignal<WorkspaceMonitoringView>) -> impl IntoView {
    let channels = Memo::new(move |_| shown.with(|shown| shown.channels.clone()));
    view! {
        <Panel title="Links to carriers">
            <p class="mb-4 max-w-prose text-sm text-muted">
                {format!(
                    "Those by which campaigns of the last {WATCHED_DAYS} days are sent, and older ones that are under way. \
                     Others may use them, too: there is no figure of them here.",
                )}
            </p>
            {move || {
                let channels = channels.get();
                if channels.is_empty() {
                    view! {
                        <EmptyState
                            title="No link is used at the moment"
                            text="It is listed here as soon as a campaign is submitted."
                        />
                    }
                        .into_any()
                } else {
                    view! {
                        <ul class="flex flex-col divide-y divide-base-300">
                            {channels.into_iter().map(|channel| view! { <Channel channel/> }).collect_view()}
                        </ul>
                    }
                        .into_any()
                }
            }}
        </Panel>
    }
}

#[component]
fn Channel(channel: UsedChannel) -> impl IntoView {
    let UsedChannel { name, is_pool, campaigns, links } = channel;
    let used = counted(campaigns, "campaign", "campaigns");
    let gone = links.is_empty();
    view! {
        <li class="py-3 first:pt-0 last:pb-0">
            <p class="flex flex-wrap items-center gap-x-3 gap-y-1">
                <span class="font-medium break-words">{name}</span>
                {is_pool.then(|| view! { <span class="text-sm text-muted">"a pool"</span> })}
                {gone.then(|| view! { <Badge tone=Tone::Warning text="Not in use any more"/> })}
                <span class="text-sm text-muted">{used}</span>
            </p>
            <ul class="mt-2 flex flex-col gap-2">
                {links.into_iter().map(|used| view! { <Link used named=is_pool/> }).collect_view()}
            </ul>
        </li>
    }
}

/// Of a pool each link is named; else the channel is the link.
#[component]
fn Link(used: UsedLink, named: bool) -> impl IntoView {
    let UsedLink { name, health, simulator, since, throttled } = used;
    let (tone, text) = match health {
        LinkHealth::Up => (Tone::Success, "Bound"),
        LinkHealth::Connecting => (Tone::Danger, "Not bound"),
        LinkHealth::Stopped => (Tone::Danger, "Stopped"),
        LinkHealth::Draining => (Tone::Warning, "Being drained"),
        LinkHealth::Disabled => (Tone::Neutral, "Out of use"),
    };
    view! {
        <li class="flex flex-wrap items-center gap-x-3 gap-y-1 text-sm">
            {named.then(|| view! { <span class="break-words">{name}</span> })}
            <Badge tone text/>
            {throttled.then(|| view! { <Badge tone=Tone::Warning text="Throttled by the carrier"/> })}
            <span class="text-muted">"since " <When moment=since/></span>
            {simulator.then(|| view! { <span class="text-muted">"no real message leaves"</span> })}
        </li>
    }
}
