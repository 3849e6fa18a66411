//! Brands, 10DLC campaigns and what needs attention, in tables. On pages over several workspaces each row names its own.

use domain::tendlc::limits::HISTORY_RECORDS_MAX;
use leptos::prelude::*;

use super::words::{BrandBadge, TenDlcBadge, UrgencyBadge};
use crate::{
    api::registry::{
        attention::{Line, Matter},
        rows::{BrandRow, CampaignRow, Place},
    },
    ui::prelude::*,
};

/// The name of the workspace, where a page has several.
fn place_of(place: &Place, named: bool) -> Option<impl IntoView + use<>> {
    named.then(|| {
        view! {
            <td class="min-w-36 break-words">
                <a class="link link-hover" href=place.path("")>{place.name.clone()}</a>
            </td>
        }
    })
}

fn dash(text: Option<String>) -> String {
    text.unwrap_or_else(|| "–".to_owned())
}

#[component]
pub fn BrandTable(rows: Vec<BrandRow>, #[prop(optional)] places: bool) -> impl IntoView {
    let body = rows
        .into_iter()
        .map(|row| {
            view! {
                <tr>
                    <th scope="row" class="min-w-44 font-normal">
                        <a class="link link-hover font-medium break-words" href=row.place.path(&format!("/brands/{}", row.id))>
                            {row.name}
                        </a>
                        <span class="block text-xs text-muted">{row.entity_type.label()}</span>
                    </th>
                    {place_of(&row.place, places)}
                    <td><BrandBadge phase=row.phase/></td>
                    <td class="text-right tabular-nums">{dash(row.score.map(|score| score.to_string()))}</td>
                    <td class="text-right tabular-nums">{row.campaigns}</td>
                    <td class="font-mono">{dash(row.registry_id)}</td>
                    <td><When moment=row.created stacked=true/></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table caption="Brands">
            <thead>
                <tr>
                    <th scope="col">"Brand"</th>
                    {places.then(|| view! { <th scope="col">"Workspace"</th> })}
                    <th scope="col">"Status"</th>
                    <th scope="col" class="text-right">"Score"</th>
                    <th scope="col" class="text-right">"10DLC campaigns"</th>
                    <th scope="col">"Registry id"</th>
                    <th scope="col">"Created"</th>
                </tr>
            </thead>
            <tbody>{body}</tbody>
        </Table>
    }
}

#[component]
pub fn TenDlcTable(rows: Vec<CampaignRow>, #[prop(optional)] places: bool) -> impl IntoView {
    let body = rows
        .into_iter()
        .map(|row| {
            view! {
                <tr>
                    <th scope="row" class="min-w-56 font-normal">
                        <a class="link link-hover font-medium break-words" href=row.place.path(&format!("/campaigns/{}", row.id))>
                            {row.use_case.label()}
                        </a>
                        <span class="block text-xs text-muted break-words">{row.about}</span>
                    </th>
                    {place_of(&row.place, places)}
                    <td class="min-w-32 break-words">{row.brand}</td>
                    <td><TenDlcBadge phase=row.phase/></td>
                    <td class="text-right tabular-nums">{row.numbers}</td>
                    <td class="font-mono">{dash(row.registry_id)}</td>
                    <td><When moment=row.created stacked=true/></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table caption="10DLC campaigns">
            <thead>
                <tr>
                    <th scope="col">"Use case"</th>
                    {places.then(|| view! { <th scope="col">"Workspace"</th> })}
                    <th scope="col">"Brand"</th>
                    <th scope="col">"Status"</th>
                    <th scope="col" class="text-right">"Numbers"</th>
                    <th scope="col">"Registry id"</th>
                    <th scope="col">"Created"</th>
                </tr>
            </thead>
            <tbody>{body}</tbody>
        </Table>
    }
}

/// What needs attention, the most urgent first.
#[component]
pub fn Matters(matters: Vec<Matter>, #[prop(optional)] places: bool) -> impl IntoView {
    let entries = matters
        .into_iter()
        .map(|matter| {
            let place = places.then(|| view! { <span class="text-sm text-muted">{matter.place.name.clone()}</span> });
            let lines = matter
                .lines
                .into_iter()
                .map(|Line { urgency, text }| {
                    view! {
                        <div class="flex flex-col gap-1 sm:flex-row sm:gap-4">
                            <div class="shrink-0 sm:w-28"><UrgencyBadge urgency/></div>
                            <p class="min-w-0 break-words">{text}</p>
                        </div>
                    }
                })
                .collect_view();
            view! {
                <li class="flex flex-col gap-1 border-t border-base-300 px-4 py-3 first:border-t-0 sm:px-5">
                    <div class="flex flex-wrap items-baseline gap-x-3">
                        <a class="link link-hover font-medium break-words" href=matter.href>{matter.what}</a>
                        {place}
                    </div>
                    {lines}
                </li>
            }
        })
        .collect_view();
    view! { <ul>{entries}</ul> }
}

/// Says where the rest is of a history that is cut.
#[component]
pub fn HistoryEnd(shown: usize) -> impl IntoView {
    (shown >= HISTORY_RECORDS_MAX).then(|| {
        view! {
            <p class="border-t border-base-300 px-4 py-3 text-sm text-muted sm:px-5">
                "The latest " {HISTORY_RECORDS_MAX} ". What happened before is in the audit log of the workspace."
            </p>
        }
    })
}
