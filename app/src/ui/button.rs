//! Buttons, and links that look like them.

use leptos::prelude::*;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ButtonKind {
    /// The one thing to do next on a page.
    #[default]
    Primary,
    Secondary,
    /// For rows of tables and tool bars.
    Quiet,
    /// Ends or removes something.
    Danger,
}

impl ButtonKind {
    pub(super) const fn class(self, small: bool) -> &'static str {
        match (self, small) {
            (Self::Primary, false) => "btn btn-primary",
            (Self::Primary, true) => "btn btn-sm btn-primary",
            (Self::Secondary, false) => "btn btn-outline-calm",
            (Self::Secondary, true) => "btn btn-sm btn-outline-calm",
            (Self::Quiet, false) => "btn btn-ghost",
            (Self::Quiet, true) => "btn btn-sm btn-ghost",
            (Self::Danger, false) => "btn btn-error",
            (Self::Danger, true) => "btn btn-sm btn-error",
        }
    }
}

/// A button; it sends the form around it unless `r#type` is `button`.
#[component]
pub fn Button(
    #[prop(optional)] kind: ButtonKind,
    #[prop(default = "submit")] r#type: &'static str,
    #[prop(optional)] small: bool,
    /// Shows that the work is under way, and takes no further click.
    #[prop(optional, into)]
    busy: Signal<bool>,
    #[prop(optional, into)] disabled: Signal<bool>,
    /// Sent with the form, so that a form can have several buttons.
    #[prop(optional, into)]
    name: Option<String>,
    #[prop(optional, into)] value: Option<String>,
    children: Children,
) -> impl IntoView {
    view! {
        <button
            type=r#type
            class=kind.class(small)
            name=name
            value=value
            disabled=move || disabled.get()
            aria-busy=move || busy.get().then_some("true")
            on:click=move |event| {
                if busy.get_untracked() {
                    event.prevent_default();
                }
            }
        >
            <span class="loading loading-spinner loading-xs" class:hidden=move || !busy.get() aria-hidden="true"></span>
            {children()}
        </button>
    }
}

/// A link that looks like a button: for going somewhere, not for changing something.
#[component]
pub fn LinkButton(
    #[prop(into)] href: String,
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional)] small: bool,
    /// The address is served by the server alone, such as a download.
    #[prop(optional)]
    external: bool,
    children: Children,
) -> impl IntoView {
    view! {
        <a href=href class=kind.class(small) rel=external.then_some("external")>
            {children()}
        </a>
    }
}
