//! placeholder
pub mod book;
pub mod entry;
mod rules;
pub(crate) mod wire;
