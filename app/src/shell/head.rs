//! Starts the browser half. Leptos' own component knows neither the names with hashes in the folder nor where the
//! nonce of a preload link belongs.

use leptos::{nonce::use_nonce, prelude::*};

use super::Assets;

/// Loads JavaScript and WebAssembly without holding up the first paint, then hydrates.
#[component]
pub fn Boot(assets: Assets) -> impl IntoView {
    let Assets { js, loader, wasm, .. } = assets;
    (!js.is_empty()).then(|| {
        let start =
            format!("import({js:?}).then(m => m.default({{ module_or_path: {wasm:?} }}).then(() => m.hydrate()));");
        view! {
            <link rel="modulepreload" href=js nonce=use_nonce()/>
            <link rel="modulepreload" href=loader nonce=use_nonce()/>
            <link rel="preload" href=wasm r#as="fetch" r#type="application/wasm" crossorigin="anonymous"/>
            <script type="module" nonce=use_nonce()>{start}</script>
        }
    })
}
