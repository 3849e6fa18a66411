//! What was done with a brand, by people and by the registry.

use leptos::prelude::*;

use super::actions::Actions;
use crate::{
    api::registry::{
        DeskView,
        brands::{HistoryEntry, brand_history},
    },
    error::AppError,
    pages::{audit::words, registry::lists::HistoryEnd},
    ui::prelude::*,
};

#[component]
pub(super) fn BrandHistory(id: Memo<String>, actions: Actions) -> impl IntoView {
    let slug = DeskView::here().slug;
    let loaded = Resource::new(move || (id.get(), actions.versions()), move |(id, _)| brand_history(slug.clone(), id));
    view! {
        <Transition>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(entries) => view! { <Entries entries/> }.into_any(),
                    // The page says it already.
                    Err(AppError::NotFound | AppError::SignedOut) => ().into_any(),
                    Err(error) => {
                        view! { <Panel title="History"><LoadError error retry=Callback::new(move |()| loaded.refetch())/></Panel> }
                            .into_any()
                    }
                }
            })}
        </Transition>
    }
}

#[component]
fn Entries(entries: Vec<HistoryEntry>) -> impl IntoView {
    let shown = entries.len();
    let entries = entries
        .into_iter()
        .map(|entry| {
            let changes = entry
                .changes
                .into_iter()
                .map(|change| {
                    let said = |value: Option<String>| {
                        value.filter(|value| !value.is_empty()).unwrap_or_else(|| "nothing".to_owned())
                    };
                    view! {
                        <li class="wrap-anywhere">
                            <span class="text-muted">{change.field.replace('_', " ")} ": "</span>
                            {said(change.before)}
                            <span aria-hidden="true">" → "</span>
                            <span class="sr-only">" became "</span>
                            {said(change.after)}
                        </li>
                    }
                })
                .collect_view();
            view! {
                <li class="border-t border-base-300 px-4 py-3 first:border-t-0 sm:px-5">
                    <div class="flex flex-wrap items-baseline gap-x-3">
                        <span class="font-medium">{words(&entry.action)}</span>
                        <span class="text-sm text-muted">{entry.who} ", " <When moment=entry.at/></span>
                    </div>
                    {entry.note.map(|note| view! { <p class="break-words">{note}</p> })}
                    {(!changes.is_empty())
                        .then(|| {
                            view! {
                                <details class="text-sm">
                                    <summary class="cursor-pointer py-1">"What changed"</summary>
                                    <ul>{changes}</ul>
                                </details>
                            }
                        })}
                </li>
            }
        })
        .collect_view();
    view! {
        <Panel title="History" flush=true>
            <ol>{entries}</ol>
            <HistoryEnd shown/>
        </Panel>
    }
}
