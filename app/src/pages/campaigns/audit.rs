//! What is on record about a campaign.

use leptos::prelude::*;

use super::{
    live::Live,
    tab::{Content, TabState},
};
use crate::{api::campaigns::problems::AuditEntry, ui::prelude::*};

#[component]
pub fn AuditTab(live: Live, tab: TabState) -> impl IntoView {
    // Every change of the campaign is on record, so a new one is a reason to look again.
    let revision = Memo::new(move |_| live.view.with(|view| view.revision));
    Effect::new(move |before: Option<u64>| {
        let now = revision.get();
        if before.is_some_and(|before| before != now) {
            tab.content.refetch();
        }
        now
    });
    view! {
        <Panel title="Audit" flush=true>
            <Transition fallback=|| view! { <Loading label="Loading the audit log"/> }>
                {move || Suspend::new(async move {
                    match tab.content.await {
                        Ok(Content::Audit(entries)) => view! { <Entries entries/> }.into_any(),
                        // Another tab's, in the moment of the change.
                        Ok(_) => view! { <Loading label="Loading the audit log"/> }.into_any(),
                        Err(error) => view! { <LoadError error retry=tab.retry()/> }.into_any(),
                    }
                })}
            </Transition>
        </Panel>
    }
}

#[component]
fn Entries(entries: Vec<AuditEntry>) -> impl IntoView {
    if entries.is_empty() {
        return view! { <EmptyState title="Nothing is on record" text="The records may be older than the audit log keeps them."/> }
            .into_any();
    }
    let body = entries.into_iter().map(|entry| view! { <Entry entry/> }).collect_view();
    view! {
        <Table caption="Audit records of this campaign, oldest first">
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
fn Entry(entry: AuditEntry) -> impl IntoView {
    let value = |value: Option<String>| match value.filter(|value| !value.is_empty()) {
        Some(value) => view! { <span class="break-all">{value}</span> }.into_any(),
        None => view! { <span class="text-muted">"nothing"</span> }.into_any(),
    };
    let changes = entry
        .changes
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
    let note = entry.note.map(|note| {
        view! { <p class="mt-1 border-l-2 border-base-300 pl-2 whitespace-pre-wrap">{note}</p> }
    });
    view! {
        <tr class="align-top">
            <td><When moment=entry.at stacked=true/></td>
            <th scope="row" class="font-medium">
                {words(&entry.action)}
                <span class="block font-mono text-xs font-normal text-muted">{entry.action.clone()}</span>
            </th>
            <td>
                {entry.actor}
                {entry.capacity.map(|capacity| view! { <span class="block text-xs text-muted">{capacity}</span> })}
            </td>
            <td class="min-w-72">
                <ul>{changes}</ul>
                {note}
            </td>
            <td class="font-mono text-xs">{entry.address}</td>
        </tr>
    }
}

/// The action of a record as people say it: what stands behind the dot, unless there is a better word.
fn words(action: &str) -> String {
    match action {
        "campaign.built" => "Plan assembled".to_owned(),
        "campaign.done" => "Finished".to_owned(),
        "campaign.sending" => "Sending began".to_owned(),
        "campaign.stopped" => "Stopped by a moderator".to_owned(),
        "recipients.revealed" => "Full numbers shown".to_owned(),
        other => {
            let word = other.split_once('.').map_or(other, |(_, word)| word).replace('_', " ");
            let mut letters = word.chars();
            letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn actions_are_said_in_words() {
        assert_eq!(words("campaign.upload_started"), "Upload started");
        assert_eq!(words("campaign.approved"), "Approved");
        assert_eq!(words("recipients.revealed"), "Full numbers shown");
        assert_eq!(words(""), "");
    }
}
