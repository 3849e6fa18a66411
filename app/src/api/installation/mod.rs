//! The installation in the hands of super admins: its settings and its people.

pub mod links;
pub mod settings;
pub mod users;
