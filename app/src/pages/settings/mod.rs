//! What a workspace is set to, and how it ends.

mod caps;
mod danger;
mod data;
mod form;
mod four_eyes;
mod hold;
mod page;
mod sending;
mod usage;

pub use self::page::Settings;
