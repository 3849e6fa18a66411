//! A modal question. Opening and closing are HTML's own (`command` and `commandfor`), so that a dialog works before and
//! without hydration; in a browser that does not know them yet, the hydrated buttons do it.

use leptos::prelude::*;

use super::button::ButtonKind;

/// A modal dialog; [`DialogOpen`] with the same id opens it. Its children end with the buttons, usually a form's
/// button and a [`DialogClose`] within `<div class="dialog-actions">`.
#[component]
pub fn Dialog(#[prop(into)] id: String, #[prop(into)] title: String, children: Children) -> impl IntoView {
    let title_id = format!("{id}-title");
    view! {
        <dialog id=id class="dialog" aria-labelledby=title_id>
            <h2 id=title_id.clone() class="text-lg font-semibold">{title}</h2>
            <div class="mt-3 flex flex-col gap-4">{children()}</div>
        </dialog>
    }
    .into_any()
}

/// Opens the dialog with this id.
#[component]
pub fn DialogOpen(
    #[prop(into)] id: String,
    #[prop(optional)] kind: ButtonKind,
    #[prop(optional)] small: bool,
    #[prop(optional, into)] disabled: Signal<bool>,
    children: Children,
) -> impl IntoView {
    let target = id.clone();
    view! {
        <button
            type="button"
            class=kind.class(small)
            commandfor=id
            command="show-modal"
            disabled=move || disabled.get()
            on:click=move |_| fall_back(&target, true)
        >
            {children()}
        </button>
    }
}

/// Closes the dialog with this id and changes nothing.
#[component]
pub fn DialogClose(#[prop(into)] id: String, #[prop(default = "Cancel".into(), into)] label: String) -> impl IntoView {
    let target = id.clone();
    view! {
        <button
            type="button"
            class=ButtonKind::Secondary.class(false)
            commandfor=id
            command="close"
            on:click=move |_| fall_back(&target, false)
        >
            {label}
        </button>
    }
}

/// Opens a dialog from a page, as by a key.
pub fn open(id: &str) {
    #[cfg(feature = "hydrate")]
    if let Some(dialog) = find(id) {
        _ = dialog.show_modal();
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = id;
}

/// Closes a dialog from a page, as when its action was done.
pub fn close(id: &str) {
    #[cfg(feature = "hydrate")]
    if let Some(dialog) = find(id) {
        dialog.close();
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = id;
}

/// Does what the button says where the browser does not.
fn fall_back(id: &str, open: bool) {
    #[cfg(feature = "hydrate")]
    {
        let known = js_sys::Reflect::get(&window(), &"HTMLButtonElement".into())
            .and_then(|class| js_sys::Reflect::get(&class, &"prototype".into()))
            .and_then(|prototype| js_sys::Reflect::has(&prototype, &"commandForElement".into()))
            .unwrap_or(false);
        match find(id) {
            Some(dialog) if !known && open => _ = dialog.show_modal(),
            Some(dialog) if !known => dialog.close(),
            _ => {}
        }
    }
    #[cfg(not(feature = "hydrate"))]
    let _ = (id, open);
}

#[cfg(feature = "hydrate")]
fn find(id: &str) -> Option<web_sys::HtmlDialogElement> {
    use wasm_bindgen::JsCast;
    document().get_element_by_id(id)?.dyn_into().ok()
}
