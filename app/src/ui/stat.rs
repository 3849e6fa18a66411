//! A number that matters.

use leptos::prelude::*;

/// A number with its name; several stand in `<dl class="stat-grid">`.
#[component]
pub fn StatTile(
    #[prop(into)] label: String,
    #[prop(into)] value: Signal<String>,
    #[prop(optional, into)] hint: MaybeProp<String>,
) -> impl IntoView {
    view! {
        <div class="stat-tile">
            <dt>{label}</dt>
            <dd>
                <span class="stat-number">{move || value.get()}</span>
                {move || hint.get().map(|hint| view! { <span class="block text-sm text-muted">{hint}</span> })}
            </dd>
        </div>
    }
}
