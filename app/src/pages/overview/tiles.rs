//! How many campaigns there are, each number a way into the list.

use domain::campaign::Status;
use leptos::prelude::*;

use crate::{
    api::{campaigns::list::StatusGroup, overview::LiveOverview},
    pages::layout::use_workspace,
    state::query::{address, name_of},
    ui::prelude::*,
};

#[component]
pub fn Tiles(live: RwSignal<LiveOverview>) -> impl IntoView {
    let total = Memo::new(move |_| live.with(|live| live.total));
    let list = use_workspace().path("/campaigns");
    view! {
        <dl class="stat-grid">
            <div class="stat-tile">
                <dt>"Total"</dt>
                <dd>
                    <a href=list class="stat-number link link-hover">{move || grouped(total.get())}</a>
                    <span class="block text-sm text-muted">"submitted ever"</span>
                </dd>
            </div>
            <Tile label="Active" name=name_of(StatusGroup::Active) holds=|status| StatusGroup::Active.holds(status) live/>
            <Tile label="Completed" name=name_of(Status::Done) holds=|status| status == Status::Done live/>
            <Tile
                label="Failed"
                name=name_of(StatusGroup::Unsuccessful)
                holds=|status| StatusGroup::Unsuccessful.holds(status)
                live
            />
        </dl>
    }
}

/// The campaigns in some statuses, which the list calls `name`; each status that occurs leads to its own.
#[component]
fn Tile(label: &'static str, name: String, holds: fn(Status) -> bool, live: RwSignal<LiveOverview>) -> impl IntoView {
    let counts = Memo::new(move |_| {
        let statuses = Status::ALL.into_iter().filter(|&status| holds(status));
        live.with(|live| statuses.map(|status| (status, live.count(status))).collect::<Vec<_>>())
    });
    let sum = move || counts.with(|counts| counts.iter().map(|(_, count)| count).sum());
    let list = use_workspace().path("/campaigns");
    let all = address(&list, [("status", name)]);
    let parts = move || {
        let occur: Vec<_> = counts.get().into_iter().filter(|(_, count)| *count > 0).collect();
        if occur.is_empty() {
            return view! { <span class="text-muted">"none"</span> }.into_any();
        }
        occur
            .into_iter()
            .map(|(status, count)| {
                let href = address(&list, [("status", name_of(status))]);
                let text = format!("{} {}", grouped(count), status.label().to_lowercase());
                view! { <a href=href class="link whitespace-nowrap">{text}</a> }
            })
            .collect_view()
            .into_any()
    };
    view! {
        <div class="stat-tile">
            <dt>{label}</dt>
            <dd>
                <a href=all class="stat-number link link-hover">
                    {move || grouped(sum())} <span class="sr-only">{format!(" {}: show them", label.to_lowercase())}</span>
                </a>
                <span class="flex flex-wrap gap-x-3 text-sm">{parts}</span>
            </dd>
        </div>
    }
}
