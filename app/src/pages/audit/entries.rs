//! Records of the audit log in a table.

use leptos::prelude::*;

use super::words::{words, words_in_full};
use crate::{
    api::audit::{AuditEntry, AuditQuery},
    ui::prelude::*,
};

/// A table of records; with `path`, that of a log, each leads to those of the same person, action and thing.
#[component]
pub fn Entries(
    entries: Vec<AuditEntry>,
    #[prop(into)] caption: String,
    #[prop(optional, into)] path: Option<String>,
) -> impl IntoView {
    let body = entries.into_iter().map(|entry| view! { <Entry entry path=path.clone()/> }).collect_view();
    view! {
        <Table caption>
            <thead>
                <tr>
                    <th scope="col">"When"</th>
                    <th scope="col">"What"</th>
                    <th scope="col">"Who"</th>
                    <th scope="col">"Before and after"</th>
                    <th scope="col">"From"</th>
                </tr>
            </thead>
            <tbody>{body}</tbody>
        </Table>
    }
    .into_any()
}

#[component]
fn Entry(entry: AuditEntry, #[prop(optional_no_strip)] path: Option<String>) -> impl IntoView {
    let value = |value: Option<String>| match value.filter(|value| !value.is_empty()) {
        Some(value) => view! { <span class="wrap-anywhere">{value}</span> }.into_any(),
        None => view! { <span class="text-muted">"nothing"</span> }.into_any(),
    };
    let changes = entry
        .changes
        .clone()
        .into_iter()
        .map(|change| {
            view! {
                <li>
                    <span class="text-muted">{change.field.replace('_', " ")}": "</span>
                    {value(change.before)}
                    <span aria-hidden="true">" → "</span>
                    <span class="sr-only">" became "</span>
                    {value(change.after)}
                </li>
            }
        })
        .collect_view();
    let note = entry.note.clone().map(|note| {
        view! { <p class="mt-1 border-l-2 border-base-300 pl-2 whitespace-pre-wrap break-words">{note}</p> }
    });
    let what = if path.is_some() { words_in_full(&entry.action) } else { words(&entry.action) };
    let email =
        entry.email.clone().map(|email| view! { <span class="block text-xs wrap-anywhere text-muted">{email}</span> });
    let capacity = entry.capacity.clone().map(|role| view! { <span class="block text-xs text-muted">{role}</span> });
    view! {
        <tr class="align-top">
            <td><When moment=entry.at.clone() stacked=true/></td>
            <th scope="row" class="font-medium">
                {what}
                <span class="block font-mono text-xs font-normal text-muted">{entry.action.clone()}</span>
            </th>
            <td>
                {entry.actor.clone()}
                {email}
                {capacity}
            </td>
            <td class="min-w-72">
                <ul>{changes}</ul>
                {note}
            </td>
            <td class="min-w-40">
                <span class="font-mono text-xs">{entry.address.clone()}</span>
                <Details entry path/>
            </td>
        </tr>
    }
}

/// What few people look for: it opens without a script.
#[component]
fn Details(entry: AuditEntry, #[prop(optional_no_strip)] path: Option<String>) -> impl IntoView {
    let line = |label: &'static str, value: String| {
        (!value.is_empty()).then(|| {
            view! {
                <dt class="text-muted">{label}</dt>
                <dd class="font-mono break-all">{value}</dd>
            }
        })
    };
    let about = match (entry.resource_kind.as_str(), entry.resource_id.as_str()) {
        ("", id) | (id, "") => id.to_owned(),
        (kind, id) => format!("{} {id}", kind.replace('_', " ")),
    };
    let name = format!("Details of record {}", entry.seq);
    let narrower = path.map(|path| {
        let to = |query: AuditQuery| super::filters::href(&path, &query);
        let who = match (&entry.email, entry.actor.starts_with("System")) {
            (Some(email), _) => email.clone(),
            (None, true) => "system".to_owned(),
            (None, false) => "unknown".to_owned(),
        };
        let about = entry.resource_id.clone();
        view! {
            <ul class="mt-1">
                <li><a class="link inline-block py-1" href=to(AuditQuery { who, ..AuditQuery::default() })>"All by this person"</a></li>
                <li>
                    <a class="link inline-block py-1" href=to(AuditQuery { action: entry.action.clone(), ..AuditQuery::default() })>
                        "All of this kind"
                    </a>
                </li>
                {(!about.is_empty())
                    .then(|| {
                        view! {
                            <li>
                                <a class="link inline-block py-1" href=to(AuditQuery { about, ..AuditQuery::default() })>"All about this"</a>
                            </li>
                        }
                    })}
            </ul>
        }
    });
    view! {
        <details class="mt-1 text-xs">
            <summary class="cursor-pointer py-1" aria-label=name>"Details"</summary>
            <dl class="mt-1">
                {line("About", about)}
                {line("Browser", entry.user_agent)}
                {line("Request", entry.request_id)}
                {line("Record", entry.seq.to_string())}
                {line("Hash", entry.hash)}
            </dl>
            {narrower}
        </details>
    }
}
