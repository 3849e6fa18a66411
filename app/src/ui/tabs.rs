//! Tabs that are addresses of their own: links, and not a widget with a state.

use leptos::prelude::*;

#[derive(Debug, Clone)]
pub struct Tab {
    pub label: String,
    pub href: String,
    pub current: bool,
    /// How many things the tab has, if that is worth knowing.
    pub count: Option<Signal<u32>>,
    /// It is asked of the server as a page of its own, and not gone to within the application.
    pub loaded_anew: bool,
}

impl Tab {
    pub fn new(label: impl Into<String>, href: impl Into<String>, current: bool) -> Self {
        Self { label: label.into(), href: href.into(), current, count: None, loaded_anew: false }
    }

    #[must_use]
    pub fn count(mut self, count: impl Into<Signal<u32>>) -> Self {
        self.count = Some(count.into());
        self
    }

    #[must_use]
    pub const fn loaded_anew(mut self) -> Self {
        self.loaded_anew = true;
        self
    }
}

/// `label` names the group of tabs for screen readers.
#[component]
pub fn Tabs(#[prop(into)] label: String, tabs: Vec<Tab>) -> impl IntoView {
    let entries = tabs
        .into_iter()
        .map(|tab| {
            view! {
                <li>
                    <a
                        href=tab.href
                        class="tab-link"
                        aria-current=tab.current.then_some("page")
                        rel=tab.loaded_anew.then_some("external")
                    >
                        {tab.label}
                        {tab.count.map(|count| view! { <span class="badge badge-sm badge-soft badge-neutral">{move || count.get()}</span> })}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav aria-label=label class="tab-bar">
            <ul>{entries}</ul>
        </nav>
    }
    .into_any()
}
