//! The campaigns that something happens with.

use domain::{
    campaign::{Progress, Status},
    permission::Permission,
};
use leptos::prelude::*;

use crate::{
    api::overview::{ActiveCampaign, LiveOverview},
    pages::{campaigns::CampaignState, layout::use_workspace},
    ui::prelude::*,
};

#[component]
pub fn ActiveCampaigns(live: RwSignal<LiveOverview>) -> impl IntoView {
    let ids = Memo::new(move |_| {
        live.with(|live| live.campaigns.iter().map(|campaign| campaign.id.clone()).collect::<Vec<_>>())
    });
    let any = Memo::new(move |_| ids.with(|ids| !ids.is_empty()));
    let list = StoredValue::new(use_workspace().path("/campaigns"));
    view! {
        <Panel
            title="Active campaigns"
            flush=true
            aside=move || view! { <a class="link text-sm" href=list.get_value()>"All campaigns"</a> }
        >
            <Show when=move || any.get() fallback=|| view! { <Nothing/> }>
                <Table caption="Active campaigns">
                    <thead>
                        <tr>
                            <th scope="col">"Campaign"</th>
                            <th scope="col">"Status"</th>
                            <th scope="col">"Progress"</th>
                            <th scope="col">"Delivered"</th>
                            <th scope="col">"Errors"</th>
                        </tr>
                    </thead>
                    <tbody>
                        <For each=move || ids.get() key=String::clone let:id>
                            <Row live id list=list.get_value()/>
                        </For>
                    </tbody>
                </Table>
            </Show>
        </Panel>
    }
}

#[component]
fn Row(live: RwSignal<LiveOverview>, id: String, list: String) -> impl IntoView {
    let href = format!("{list}/{id}");
    let campaign = Memo::new(move |before: Option<&Option<ActiveCampaign>>| {
        let found = live.with(|live| live.campaigns.iter().find(|campaign| campaign.id == id).cloned());
        // The row goes away right after its campaign does.
        found.or_else(|| before.cloned().flatten())
    });
    let progress =
        Memo::new(move |_| campaign.with(|campaign| campaign.as_ref().map(|one| one.progress)).unwrap_or_default());
    let name = move || campaign.with(|campaign| campaign.as_ref().map(|one| one.name.clone()));
    let state = Memo::new(move |_| campaign.with(|campaign| campaign.as_ref().map(|one| (one.status, one.pause))));
    view! {
        <tr>
            <th scope="row" class="min-w-40 font-normal">
                <a href=href class="link link-hover font-medium break-words">{name}</a>
            </th>
            <td>
                {move || {
                    let (status, pause) = state.get().unwrap_or((Status::Sending, None));
                    view! { <CampaignState status approved=true pause/> }
                }}
            </td>
            <td class="min-w-40">
                <ProgressBar
                    label="Sent of all"
                    value=Signal::derive(move || progress.get().processed())
                    max=Signal::derive(move || progress.get().total())
                    bare=true
                />
                <span class="text-xs whitespace-nowrap text-muted tabular-nums">
                    {move || {
                        let progress = progress.get();
                        format!("{} of {}", grouped(progress.processed()), grouped(progress.total()))
                    }}
                </span>
            </td>
            <td class="tabular-nums">{move || grouped(progress.get().delivered)}</td>
            <td class="tabular-nums">{move || grouped(errors(&progress.get()))}</td>
        </tr>
    }
}

const fn errors(progress: &Progress) -> u64 {
    progress.failed + progress.uncertain + progress.no_receipt + progress.not_sent
}

#[component]
fn Nothing() -> impl IntoView {
    let workspace = use_workspace();
    let new = workspace.path("/campaigns/new");
    let may_create = workspace.may(Permission::CreateCampaign);
    view! {
        <EmptyState title="Nothing is being sent" text="Campaigns appear here from their approval until they are done.">
            {may_create
                .then(|| view! { <LinkButton href=new.clone() kind=ButtonKind::Secondary>"New campaign"</LinkButton> })}
        </EmptyState>
    }
}
