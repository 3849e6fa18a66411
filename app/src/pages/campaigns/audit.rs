//! What is on record about a campaign.

use leptos::prelude::*;

use super::{
    live::Live,
    tab::{Content, TabState},
};
use crate::{api::audit::AuditEntry, pages::audit::Entries, ui::prelude::*};

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
                        Ok(Content::Audit(entries)) => view! { <OfCampaign entries/> }.into_any(),
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
fn OfCampaign(entries: Vec<AuditEntry>) -> impl IntoView {
    if entries.is_empty() {
        return view! { <EmptyState title="Nothing is on record" text="The records may be older than the audit log keeps them."/> }
            .into_any();
    }
    view! { <Entries entries caption="Audit records of this campaign, oldest first"/> }.into_any()
}
