//! Starts the pages in the browser.

use leptos::prelude::document;
use wasm_bindgen::prelude::wasm_bindgen;

/// Takes over the page that the server rendered, once the bundle that it belongs to is there.
#[wasm_bindgen]
pub async fn hydrate() {
    console_error_panic_hook::set_once();
    let body = document().body().expect("a document has a body");
    leptos::mount::hydrate_from_async(body, app::App).await.forget();
    // For the browser tests: from here on the page answers by itself.
    if let Some(root) = document().document_element() {
        _ = root.set_attribute("data-hydrated", "");
    }
}
