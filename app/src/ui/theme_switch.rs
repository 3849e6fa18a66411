//! Light, dark, or as the system is set.

use leptos::prelude::*;
use leptos_router::hooks::use_location;

use crate::state::theme::{self, Theme};

/// A form that the server answers by setting the cookie; once hydrated it works without a request.
#[component]
pub fn ThemeSwitch() -> impl IntoView {
    let chosen = RwSignal::new(theme::chosen());
    let location = use_location();
    let back = move || format!("{}{}", location.pathname.get(), query(&location.search.get()));
    let entries = Theme::ALL
        .into_iter()
        .map(|theme| {
            view! {
                <button
                    type="submit"
                    name="theme"
                    value=theme.name()
                    class="btn btn-sm join-item"
                    class:btn-active=move || chosen.get() == theme
                    aria-pressed=move || if chosen.get() == theme { "true" } else { "false" }
                    on:click=move |event| {
                        event.prevent_default();
                        chosen.set(theme);
                        #[cfg(feature = "hydrate")]
                        theme::apply(theme);
                    }
                >
                    {theme.label()}
                </button>
            }
        })
        .collect_view();
    view! {
        <form method="post" action="/theme" class="px-3 py-2">
            <input type="hidden" name="back" value=back/>
            <fieldset>
                <legend class="mb-1 text-sm text-muted">"Colours"</legend>
                <div class="join">{entries}</div>
            </fieldset>
        </form>
    }
}

/// The query string with its question mark, on either side.
fn query(search: &str) -> String {
    match search.trim_start_matches('?') {
        "" => String::new(),
        search => format!("?{search}"),
    }
}
