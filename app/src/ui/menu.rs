//! A menu that drops from a button: a native popover, which opens and closes without a script.

use leptos::prelude::*;

use super::icon::{Icon, IconName};

/// On which side of its button a menu hangs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Side {
    #[default]
    Left,
    Right,
}

/// A button with a menu below it. The children are the menu's content.
#[component]
pub fn Menu(
    #[prop(into)] id: String,
    /// What the button shows.
    #[prop(into)]
    label: String,
    /// What the button is called, if not what it shows.
    #[prop(optional, into)]
    name: Option<String>,
    #[prop(optional)] side: Side,
    children: Children,
) -> impl IntoView {
    let class = match side {
        Side::Left => "menu-panel menu-panel-left",
        Side::Right => "menu-panel menu-panel-right",
    };
    let own_id = id.clone();
    view! {
        <button type="button" class="btn btn-sm btn-ghost max-w-48 min-w-0 shrink flex-nowrap sm:max-w-64" popovertarget=id.clone() aria-label=name>
            <span class="truncate">{label}</span>
            <Icon name=IconName::ChevronDown/>
        </button>
        <div id=id popover="auto" class=class on:click=move |event| close_after_link(&own_id, &event)>
            {children()}
        </div>
    }
    .into_any()
}

/// Going to another page within the application does not close a popover by itself.
fn close_after_link(id: &str, event: &leptos::ev::MouseEvent) {
    #[cfg(feature = "hydrate")]
    {
        use wasm_bindgen::JsCast;
        let on_link = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok())
            .is_some_and(|target| target.closest("a").is_ok_and(|link| link.is_some()));
        if let (true, Some(menu)) = (on_link, document().get_element_by_id(id))
            && let Ok(menu) = menu.dyn_into::<web_sys::HtmlElement>()
        {
            _ = menu.hide_popover();
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (id, event);
}
