//! A part of a page that could not be loaded.

use leptos::prelude::*;

use super::{
    alert::Alert,
    button::{ButtonKind, LinkButton},
    tone::Tone,
};
use crate::error::AppError;

/// Says why, and offers another try: without a script the link loads the page again.
#[component]
pub fn LoadError(error: AppError, #[prop(into)] retry: Callback<()>) -> impl IntoView {
    let said = match error.field_errors() {
        [] => error.to_string(),
        fields => fields.iter().map(|field| field.message.as_str()).collect::<Vec<_>>().join(" "),
    };
    let way_out = error.way_out().map(|(href, label)| {
        view! { <LinkButton href small=true>{label}</LinkButton> }
    });
    view! {
        <div class="p-4">
            <Alert tone=Tone::Danger title="This could not be loaded">
                <p>{said}</p>
                <div class="mt-2 flex flex-wrap gap-2">
                    {way_out}
                    <a
                        href=""
                        class=ButtonKind::Secondary.class(true)
                        on:click=move |event| {
                            event.prevent_default();
                            retry.run(());
                        }
                    >
                        "Try again"
                    </a>
                </div>
            </Alert>
        </div>
    }
    .into_any()
}
