//! The list of a log: its filters, a page of records, and the way on.

use leptos::prelude::*;

use super::{
    entries::Entries,
    export::ExportForm,
    filters::{self, Filters},
};
use crate::{
    api::audit::{AuditPage, AuditQuery},
    error::AppError,
    ui::prelude::*,
};

#[component]
pub fn Log(
    path: String,
    query: Memo<AuditQuery>,
    groups: &'static [(&'static str, &'static str)],
    log: Resource<Result<AuditPage, AppError>>,
) -> impl IntoView {
    view! {
        <Filters path=path.clone() query groups/>
        <ExportForm path=path.clone() query/>
        <Transition fallback=|| view! { <Loading label="Loading the audit log"/> }>
            {move || {
                let path = path.clone();
                Suspend::new(async move {
                    match log.await {
                        Ok(page) => view! { <Found page path query=query.get_untracked()/> }.into_any(),
                        Err(error) => {
                            view! { <Panel><LoadError error retry=Callback::new(move |()| log.refetch())/></Panel> }
                                .into_any()
                        }
                    }
                })
            }}
        </Transition>
    }
}

#[component]
fn Found(page: AuditPage, path: String, query: AuditQuery) -> impl IntoView {
    let first = (!query.before.is_empty())
        .then(|| filters::href(&path, &AuditQuery { before: String::new(), ..query.clone() }));
    let next = page.next.map(|before| filters::href(&path, &AuditQuery { before, ..query.clone() }));
    let content = if page.entries.is_empty() {
        let (title, text) = match (&next, filters::narrows(&query)) {
            (Some(_), _) => ("Nothing among the newest records", "The next page looks further back."),
            (None, true) => (
                "Nothing is on record for these filters",
                "Records are kept for as long as the installation's configuration says.",
            ),
            (None, false) => ("Nothing is on record", "The records may be older than the audit log keeps them."),
        };
        view! { <EmptyState title text/> }.into_any()
    } else {
        view! { <Entries entries=page.entries caption="Audit records, newest first" path=path.clone()/> }.into_any()
    };
    view! {
        <Panel flush=true>
            {content}
            <CursorPaging first next/>
        </Panel>
    }
}
