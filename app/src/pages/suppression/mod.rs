//! The suppression list of a workspace.

mod file;
mod page;

pub use self::page::Suppression;
