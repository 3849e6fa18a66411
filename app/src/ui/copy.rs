//! A value that is handed on, such as a one-time link.

use leptos::prelude::*;

use super::{button::ButtonKind, field::TextField, toast::Toasts};

/// A value to be read and copied; the button needs a script and is not there without one.
#[component]
pub fn CopyField(
    #[prop(into)] name: String,
    #[prop(into)] label: String,
    #[prop(into)] value: String,
) -> impl IntoView {
    let text = value.clone();
    let toasts = Toasts::here();
    view! {
        <div class="flex flex-wrap items-end gap-2">
            <div class="min-w-56 flex-1">
                <TextField name label=label.clone() value readonly=true mono=true/>
            </div>
            <span class="script-only">
                <button
                    type="button"
                    class=ButtonKind::Secondary.class(false)
                    on:click=move |_| copy(&text, toasts)
                >
                    "Copy " <span class="sr-only">{label}</span>
                </button>
            </span>
        </div>
    }
    .into_any()
}

/// Browsers offer a clipboard to pages over TLS and on this machine only.
fn copy(text: &str, toasts: Toasts) {
    #[cfg(feature = "hydrate")]
    {
        let clipboard = js_sys::Reflect::get(&window().navigator(), &"clipboard".into());
        let there = clipboard.is_ok_and(|clipboard| !clipboard.is_undefined());
        if !there {
            toasts.error("The browser does not allow copying here: mark the text and copy it by hand.");
            return;
        }
        // Refused only where somebody forbade it, and the browser says so itself.
        let _ = window().navigator().clipboard().write_text(text);
        toasts.success("Copied.");
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (text, toasts);
}
