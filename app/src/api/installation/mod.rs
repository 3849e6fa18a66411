//! The installation in the hands of super admins: its settings and its people.

pub mod settings;
pub mod users;
