//! A secret that was just made: the only time that it is on a page.

use leptos::prelude::*;

use super::{alert::Alert, tone::Tone};

/// `advice` says what to do with it; the secret itself comes as fields to copy from.
#[component]
pub fn ShownOnce(title: String, advice: &'static str, children: Children) -> impl IntoView {
    view! {
        <Alert tone=Tone::Success title>
            <p>{advice}</p>
            <div class="mt-3 flex flex-col gap-3">{children()}</div>
        </Alert>
    }
}
