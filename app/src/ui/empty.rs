//! What a list shows when it has nothing to show.

use leptos::prelude::*;

/// Says why there is nothing, and offers the next action as its children.
#[component]
pub fn EmptyState(
    #[prop(into)] title: String,
    #[prop(optional, into)] text: Option<String>,
    #[prop(optional)] children: Option<Children>,
) -> impl IntoView {
    view! {
        <div class="flex flex-col items-center gap-3 px-4 py-12 text-center">
            <p class="font-semibold">{title}</p>
            {text.map(|text| view! { <p class="max-w-prose text-muted">{text}</p> })}
            {children.map(|children| view! { <div class="mt-1 flex flex-wrap justify-center gap-2">{children()}</div> })}
        </div>
    }
    .into_any()
}
