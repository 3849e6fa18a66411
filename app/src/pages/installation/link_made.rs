//! A one-time link that was just made.

use leptos::prelude::*;

use crate::{api::members::NewLink, ui::prelude::*};

/// To be handed over.
#[component]
pub(super) fn LinkMade(link: NewLink) -> impl IntoView {
    view! {
        <Alert tone=Tone::Success title="A one-time link">
            <p>
                "It is shown once. Hand it over by a way that nobody else reads; it works once, within a week, and earlier links do not work any more."
            </p>
            <div class="mt-3">
                <CopyField name="new-link" label=format!("One-time link for {}", link.email) value=link.url/>
            </div>
        </Alert>
    }
}
