//! Starts the pages in the browser.

use wasm_bindgen::prelude::wasm_bindgen;

/// Takes over the page that the server rendered.
#[wasm_bindgen]
pub fn hydrate() {
    console_error_panic_hook::set_once();
    leptos::mount::hydrate_body(app::App);
    // For the browser tests: from here on the page answers by itself.
    if let Some(root) = leptos::prelude::document().document_element() {
        _ = root.set_attribute("data-hydrated", "");
    }
}
