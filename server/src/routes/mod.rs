//! Plain routes: files in and out, which server functions are not made for. Each enters the workspace like a page does.

pub mod rejects;
pub mod uploads;
