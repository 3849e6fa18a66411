//! The suppression list of a workspace.

pub mod file;
mod page;

pub use self::page::Suppression;
