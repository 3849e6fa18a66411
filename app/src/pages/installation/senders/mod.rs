//! `/installation/senders`: sender presets, which workspaces are offered.

mod detail;
mod form;
mod list;

pub use self::{detail::SenderPresetPage, form::NewSenderPreset, list::SenderPresetList};

const PATH: &str = "/installation/senders";
