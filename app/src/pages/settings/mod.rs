//! What a workspace is set to, and how it ends.

mod danger;
mod data;
mod form;
mod four_eyes;
mod page;
mod usage;

pub use self::page::Settings;
