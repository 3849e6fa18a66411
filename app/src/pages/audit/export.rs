//! The log as a file: a form, so that nobody is led into it by a link; the filters go along.

use leptos::prelude::*;

use super::filters;
use crate::{api::audit::AuditQuery, ui::prelude::*};

#[component]
pub fn ExportForm(path: String, query: Memo<AuditQuery>) -> impl IntoView {
    let fields = move || {
        let fields = query.with(filters::fields);
        fields
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(name, value)| view! { <Hidden name value/> })
            .collect_view()
    };
    view! {
        <form method="post" action=format!("{path}/export") class="flex flex-wrap gap-2" aria-label="Export">
            {fields}
            <Button kind=ButtonKind::Secondary small=true name="format" value="csv">"Export as CSV"</Button>
            <Button kind=ButtonKind::Secondary small=true name="format" value="jsonl">"Export as JSON lines"</Button>
        </form>
    }
}
