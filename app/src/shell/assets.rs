//! The names of what the browser loads.

use std::collections::BTreeMap;

use serde::Deserialize;

/// Paths of the built assets, whose names change with their content. The server reads them from the manifest that is
/// embedded with them and puts them into the context; empty when nothing was built, and the pages then work as plain
/// HTML.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Assets {
    pub js: String,
    /// Fetches the bundles; the rest of the JavaScript imports it.
    pub loader: String,
    pub wasm: String,
    pub css: String,
    /// What each bundle of pages consists of, by its name.
    pub bundles: BTreeMap<String, Vec<String>>,
}
