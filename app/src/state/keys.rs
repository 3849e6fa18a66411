//! Keys of one letter: `j` and `k` go through the rows of a list, `/` to its search, `?` explains them. They are inert where somebody types,
//! and can be switched off, for whoever speaks to their computer (WCAG 2.1.4).

use leptos::prelude::*;

/// Whether this browser's person wants them.
#[derive(Debug, Clone, Copy)]
pub struct Keys {
    on: RwSignal<bool>,
}

impl Default for Keys {
    fn default() -> Self {
        let on = RwSignal::new(true);
        // Not before the page is hydrated: the server does not know it.
        #[cfg(feature = "hydrate")]
        Effect::new(move |_| on.set(browser::wanted()));
        Self { on }
    }
}

impl Keys {
    /// Those of the application around the page.
    #[must_use]
    pub fn here() -> Self {
        use_context::<Self>().unwrap_or_default()
    }

    #[must_use]
    pub fn are_on(self) -> bool {
        self.on.get()
    }

    pub fn switch(self) {
        self.on.update(|on| *on = !*on);
        #[cfg(feature = "hydrate")]
        browser::keep(self.on.get_untracked());
    }

    /// In every frame: `?` calls `help`, and Ctrl+K or ⌘K, which is no key of one letter, `palette`.
    pub fn listen(self, help: impl Fn() + 'static, palette: impl Fn() + 'static) {
        #[cfg(feature = "hydrate")]
        browser::listen(self.on, help, palette);
        #[cfg(not(feature = "hydrate"))]
        let _ = (help, palette);
    }

    /// In a page with a table: `j` and `k` move the focus among the links of its rows, `/` to the field called `search`.
    pub fn go_through_list(self) {
        #[cfg(feature = "hydrate")]
        browser::go_through_list(self.on);
    }
}

#[cfg(feature = "hydrate")]
mod browser {
    use leptos::{ev, prelude::*, wasm_bindgen::JsCast, web_sys::HtmlElement};

    const PLACE: &str = "message-center-keys";
    const OFF: &str = "off";
    const SEARCH: &str = "main input[name=search]";

    fn storage() -> Option<js_sys::wasm_bindgen::JsValue> {
        // Where somebody forbade it, there is none.
        js_sys::Reflect::get(&window(), &"localStorage".into()).ok().filter(|storage| storage.is_object())
    }

    pub(super) fn wanted() -> bool {
        let kept = storage().and_then(|storage| js_sys::Reflect::get(&storage, &PLACE.into()).ok());
        kept.and_then(|kept| kept.as_string()).as_deref() != Some(OFF)
    }

    pub(super) fn keep(on: bool) {
        if let Some(storage) = storage() {
            _ = js_sys::Reflect::set(&storage, &PLACE.into(), &(if on { "on" } else { OFF }).into());
        }
    }

    pub(super) fn listen(on: RwSignal<bool>, help: impl Fn() + 'static, palette: impl Fn() + 'static) {
        let listener = window_event_listener(ev::keydown, move |event| {
            if event.default_prevented() || event.alt_key() || dialog_is_open() {
                return;
            }
            let held = event.ctrl_key() || event.meta_key();
            match event.key().as_str() {
                "k" if held => palette(),
                "?" if !held && on.try_get_untracked().unwrap_or_default() && !somebody_types() => help(),
                _ => return,
            }
            event.prevent_default();
        });
        on_cleanup(move || listener.remove());
    }

    pub(super) fn go_through_list(on: RwSignal<bool>) {
        let listener = window_event_listener(ev::keydown, move |event| {
            let held = event.ctrl_key() || event.meta_key() || event.alt_key();
            if held || event.default_prevented() || !on.try_get_untracked().unwrap_or_default() || somebody_types() {
                return;
            }
            let done = match event.key().as_str() {
                "j" => step(true),
                "k" => step(false),
                "/" => focus(SEARCH),
                _ => false,
            };
            if done {
                event.prevent_default();
            }
        });
        on_cleanup(move || listener.remove());
    }

    /// A field has the focus, or a dialogue is open.
    fn somebody_types() -> bool {
        let typing = |element: leptos::web_sys::Element| {
            element.matches("input, textarea, select, [contenteditable]").unwrap_or_default()
        };
        document().active_element().is_some_and(typing) || dialog_is_open()
    }

    fn dialog_is_open() -> bool {
        document().query_selector("dialog[open]").is_ok_and(|open| open.is_some())
    }

    fn focus(selector: &str) -> bool {
        let found = document().query_selector(selector).ok().flatten();
        let found = found.and_then(|found| found.dyn_into::<HtmlElement>().ok());
        found.is_some_and(|found| found.focus().is_ok())
    }

    /// To the row before or behind the one that has the focus; to the first when none has it.
    fn step(on: bool) -> bool {
        let active = document().active_element();
        let row = active.and_then(|active| active.closest("main tbody tr").ok().flatten());
        let next = match row {
            Some(row) if on => row.next_element_sibling(),
            Some(row) => row.previous_element_sibling(),
            None => document().query_selector("main tbody tr").ok().flatten(),
        };
        let link = next.and_then(|row| row.query_selector("th a").ok().flatten());
        link.and_then(|link| link.dyn_into::<HtmlElement>().ok()).is_some_and(|link| link.focus().is_ok())
    }
}
