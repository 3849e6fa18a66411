//! Why messages failed, by the code with which they did.

use leptos::prelude::*;

use super::{
    live::Live,
    tab::{Content, TabState},
};
use crate::{api::campaigns::problems::FailureGroup, state::poll::poll, ui::prelude::*};

const ASK_MS: u32 = 2_500;
const ASKS: u8 = 2;

#[component]
pub fn MessageErrorsTab(live: Live, tab: TabState) -> impl IntoView {
    // Asked again when there are more of them, twice: reasons are on record some seconds after the figures are.
    let failed = Memo::new(move |_| live.view.with(|view| view.progress.failed + view.progress.not_sent));
    let asks_due = RwSignal::new(0_u8);
    Effect::new(move |before: Option<u64>| {
        let now = failed.get();
        if before.is_some_and(|before| before != now) {
            asks_due.set(ASKS);
        }
        now
    });
    poll(
        ASK_MS,
        move || asks_due.get_untracked() > 0,
        move || {
            asks_due.update(|due| *due -= 1);
            tab.content.refetch();
        },
    );
    view! {
        <Panel title="Failed messages by reason" flush=true>
            <Transition fallback=|| view! { <Loading label="Loading the errors"/> }>
                {move || Suspend::new(async move {
                    match tab.content.await {
                        Ok(Content::MessageErrors(groups)) => view! { <Groups live groups/> }.into_any(),
                        // Another tab's, in the moment of the change.
                        Ok(_) => view! { <Loading label="Loading the errors"/> }.into_any(),
                        Err(error) => view! { <LoadError error retry=tab.retry()/> }.into_any(),
                    }
                })}
            </Transition>
        </Panel>
    }
}

#[component]
fn Groups(live: Live, groups: Vec<FailureGroup>) -> impl IntoView {
    if groups.is_empty() {
        let text = "Refusals of the carrier, at submission or in receipts, appear here some seconds after they happen.";
        return view! { <EmptyState title="No message has failed" text/> }.into_any();
    }
    let body = groups
        .into_iter()
        .map(|group| {
            let samples = group
                .samples
                .into_iter()
                .map(|(index, number)| {
                    let href = live.href(&format!("?tab=recipients&found={index}"));
                    view! { <li><a class="link inline-block py-1.5 font-mono" href=href>{number}</a></li> }
                })
                .collect_view();
            view! {
                <tr>
                    <th scope="row" class="font-mono text-xs font-normal whitespace-nowrap">{group.problem.code}</th>
                    <td class="min-w-64">
                        {group.problem.meaning}
                        <span class="block text-xs text-muted">{group.problem.context}</span>
                    </td>
                    <td class="tabular-nums">{grouped(group.recipients)}</td>
                    <td><ul class="flex flex-wrap gap-x-3 text-xs">{samples}</ul></td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table caption="Failed messages by reason">
            <thead>
                <tr>
                    <th scope="col">"Code"</th>
                    <th scope="col">"Meaning"</th>
                    <th scope="col">"Recipients"</th>
                    <th scope="col">"Such as"</th>
                </tr>
            </thead>
            <tbody>{body}</tbody>
        </Table>
        <div class="border-t border-base-300 px-4 py-3 text-sm">
            <a class="link" href=live.href("?tab=recipients&state=failed")>"Show all recipients that failed"</a>
        </div>
    }
    .into_any()
}
