//! Short messages about what was just done, read out politely.

use leptos::prelude::*;

use super::tone::Tone;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Toast {
    id: u32,
    tone: Tone,
    text: String,
}

/// The messages on show; pages take it from the context.
#[derive(Debug, Clone, Copy)]
pub struct Toasts {
    shown: RwSignal<Vec<Toast>>,
    next: StoredValue<u32>,
}

impl Default for Toasts {
    fn default() -> Self {
        Self { shown: RwSignal::new(Vec::new()), next: StoredValue::new(0) }
    }
}

impl Toasts {
    /// The one of this application; a detached one outside of it.
    #[must_use]
    pub fn here() -> Self {
        use_context().unwrap_or_default()
    }

    /// Goes away after a while.
    pub fn success(self, text: impl Into<String>) {
        let id = self.show(Tone::Success, text.into());
        #[cfg(feature = "hydrate")]
        gloo_timers::callback::Timeout::new(8_000, move || self.dismiss(id)).forget();
        #[cfg(not(feature = "hydrate"))]
        let _ = id;
    }

    /// Stays until it is dismissed.
    pub fn error(self, text: impl Into<String>) {
        self.show(Tone::Danger, text.into());
    }

    fn show(self, tone: Tone, text: String) -> u32 {
        let id = self.next.get_value();
        self.next.set_value(id.wrapping_add(1));
        self.shown.update(|shown| shown.push(Toast { id, tone, text }));
        id
    }

    fn dismiss(self, id: u32) {
        self.shown.update(|shown| shown.retain(|toast| toast.id != id));
    }
}

/// Where they appear; there all the time, for a live region that is added together with its text is not read out.
#[component]
pub fn ToastRegion() -> impl IntoView {
    let toasts = Toasts::here();
    view! {
        <div class="toast-region" role="status" aria-live="polite">
            <For each=move || toasts.shown.get() key=|toast| toast.id let:toast>
                <div class=if toast.tone == Tone::Danger { "notice notice-danger shadow-lg" } else { "notice notice-success shadow-lg" }>
                    <p class="min-w-0 flex-1">{toast.text.clone()}</p>
                    <button type="button" class="btn btn-xs btn-ghost" on:click=move |_| toasts.dismiss(toast.id)>
                        "Dismiss"
                    </button>
                </div>
            </For>
        </div>
    }
}
