//! What stands in the place of content that is on its way.

use leptos::prelude::*;

#[component]
pub fn Loading(#[prop(default = "Loading".into(), into)] label: String) -> impl IntoView {
    view! {
        <div class="flex items-center justify-center gap-3 py-12 text-muted" role="status">
            <span class="loading loading-spinner loading-sm" aria-hidden="true"></span>
            <span>{label}</span>
        </div>
    }
}
