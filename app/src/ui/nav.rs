//! The navigation of a workspace.

use leptos::{html, prelude::*};
use leptos_router::hooks::use_location;

use super::icon::{Icon, IconName};

/// An entry of the navigation.
#[derive(Debug, Clone)]
pub struct NavItem {
    pub label: String,
    pub href: String,
    pub icon: IconName,
    /// Only this address, and not those below it, belongs to the entry.
    pub exact: bool,
    /// Other addresses that belong to it.
    pub others: Vec<String>,
    /// How much waits there, such as campaigns to be decided; nothing is shown for 0.
    pub count: Signal<u32>,
}

impl NavItem {
    pub fn new(label: impl Into<String>, href: impl Into<String>, icon: IconName) -> Self {
        Self {
            label: label.into(),
            href: href.into(),
            icon,
            exact: false,
            others: Vec::new(),
            count: Signal::stored(0),
        }
    }

    #[must_use]
    pub fn exact(mut self) -> Self {
        self.exact = true;
        self
    }

    #[must_use]
    pub fn others(mut self, others: impl IntoIterator<Item = String>) -> Self {
        self.others = others.into_iter().collect();
        self
    }

    #[must_use]
    pub fn count(mut self, count: impl Into<Signal<u32>>) -> Self {
        self.count = count.into();
        self
    }

    fn is_current(&self, path: &str) -> bool {
        let is_below = |address: &String| path.strip_prefix(address).is_some_and(|rest| rest.starts_with('/'));
        path == self.href || (!self.exact && is_below(&self.href)) || self.others.iter().any(|other| path == other)
    }
}

/// A column beside the page where there is room, else a line above it.
#[component]
pub(super) fn SideNav(items: Vec<NavItem>) -> impl IntoView {
    let path = use_location().pathname;
    let list = NodeRef::new();
    Effect::new(move |_| {
        path.track();
        show_current(list);
    });
    let links = items
        .into_iter()
        .map(|item| {
            let NavItem { label, href, icon, count, .. } = item.clone();
            view! {
                <li>
                    <a href=href class="nav-link" aria-current=move || item.is_current(&path.get()).then_some("page")>
                        <Icon name=icon/>
                        <span>{label}</span>
                        {move || {
                            let count = count.get();
                            (count > 0)
                                .then(|| {
                                    view! {
                                        <span class="badge badge-sm badge-primary lg:ml-auto">
                                            {count} <span class="sr-only">" waiting"</span>
                                        </span>
                                    }
                                })
                        }}
                    </a>
                </li>
            }
        })
        .collect_view();
    view! {
        <nav aria-label="Workspace" class="side-nav">
            <ul node_ref=list>{links}</ul>
        </nav>
    }
}

/// Brings the entry of this page into the middle of a line that is too long for the screen.
/// The page may be left before the next frame.
fn show_current(list: NodeRef<html::Ul>) {
    #[cfg(feature = "hydrate")]
    request_animation_frame(move || {
        use wasm_bindgen::JsCast;

        let Some(list) = list.try_get_untracked().flatten() else { return };
        let current = list.query_selector("[aria-current]").ok().flatten();
        if let Some(current) = current.and_then(|current| current.dyn_into::<web_sys::HtmlElement>().ok()) {
            list.set_scroll_left(current.offset_left() - (list.client_width() - current.offset_width()) / 2);
        }
    });
    #[cfg(not(feature = "hydrate"))]
    let _ = list;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_is_current_for_its_own_addresses() {
        let owner = Owner::new();
        owner.set();
        let campaigns = NavItem::new("Campaigns", "/w/acme/campaigns", IconName::Send);
        assert!(campaigns.is_current("/w/acme/campaigns"));
        assert!(campaigns.is_current("/w/acme/campaigns/7"));
        assert!(!campaigns.is_current("/w/acme/campaigns-old"));
        let overview = NavItem::new("Overview", "/w/acme", IconName::List).exact();
        assert!(overview.is_current("/w/acme"));
        assert!(!overview.is_current("/w/acme/campaigns"));
        let settings = NavItem::new("Settings", "/w/acme/settings", IconName::Gear);
        let settings = settings.others(["/w/acme/number".to_owned()]);
        assert!(settings.is_current("/w/acme/number"));
        assert!(settings.is_current("/w/acme/settings/usage"));
    }
}
