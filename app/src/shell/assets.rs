//! The names of what the browser loads.

use serde::Deserialize;

/// Paths of the built assets, whose names change with their content. The server reads them from the manifest that is
/// embedded with them and puts them into the context; empty when nothing was built, and the pages then work as plain
/// HTML.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
pub struct Assets {
    pub js: String,
    pub wasm: String,
    pub css: String,
}
