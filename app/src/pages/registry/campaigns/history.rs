//! What happened to a 10DLC campaign, from the audit log.

use leptos::prelude::*;

use crate::{
    api::registry::campaigns::HistoryRow,
    error::AppError,
    pages::{audit::words, registry::lists::HistoryEnd},
    ui::prelude::*,
};

#[component]
pub fn History(records: Resource<Result<Vec<HistoryRow>, AppError>>) -> impl IntoView {
    view! {
        <Panel title="History" flush=true>
            <Transition fallback=|| view! { <Loading label="Loading the history"/> }>
                {move || Suspend::new(async move {
                    match records.await {
                        Ok(rows) => view! { <Rows rows/> }.into_any(),
                        Err(error) => {
                            view! { <LoadError error retry=Callback::new(move |()| records.refetch())/> }.into_any()
                        }
                    }
                })}
            </Transition>
        </Panel>
    }
}

#[component]
fn Rows(rows: Vec<HistoryRow>) -> impl IntoView {
    if rows.is_empty() {
        return view! { <EmptyState title="Nothing is on record" text="The records may be older than the audit log keeps them."/> }
            .into_any();
    }
    let shown = rows.len();
    let rows = rows.into_iter().map(|row| view! { <Row row/> }).collect_view();
    view! {
        <Table caption="What happened to it, newest first">
            <thead>
                <tr>
                    <th scope="col">"When"</th>
                    <th scope="col">"What"</th>
                    <th scope="col">"Who"</th>
                    <th scope="col">"Before and after"</th>
                </tr>
            </thead>
            <tbody>{rows}</tbody>
        </Table>
        <HistoryEnd shown/>
    }
    .into_any()
}

#[component]
fn Row(row: HistoryRow) -> impl IntoView {
    let value = |value: Option<String>| match value.filter(|value| !value.is_empty()) {
        Some(value) => view! { <span class="wrap-anywhere">{value}</span> }.into_any(),
        None => view! { <span class="text-muted">"nothing"</span> }.into_any(),
    };
    let changes = row
        .changes
        .into_iter()
        .map(|change| {
            view! {
                <li>
                    <span class="text-muted">{change.field.replace('_', " ")} ": "</span>
                    {value(change.before)}
                    <span aria-hidden="true">" → "</span>
                    <span class="sr-only">" became "</span>
                    {value(change.after)}
                </li>
            }
        })
        .collect_view();
    let note = row.note.map(|note| {
        view! { <p class="mt-1 border-l-2 border-base-300 pl-2 whitespace-pre-wrap wrap-anywhere">{note}</p> }
    });
    view! {
        <tr class="align-top">
            <td><When moment=row.at stacked=true/></td>
            <th scope="row" class="font-medium whitespace-nowrap">{words(&row.action)}</th>
            <td>{row.who}</td>
            <td class="min-w-72">
                <ul>{changes}</ul>
                {note}
            </td>
        </tr>
    }
}
