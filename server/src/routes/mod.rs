//! Plain routes: files in and out, which server functions are not made for. Each enters the workspace like a page does.

pub mod api;
pub mod audit;
pub mod blacklist;
mod downloads;
pub mod events;
pub mod exports;
pub mod monitoring;
mod number_files;
pub mod numbers;
pub mod overview;
pub mod rejects;
pub mod suppression;
pub mod uploads;
pub mod usage;
