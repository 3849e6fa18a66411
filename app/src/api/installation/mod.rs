//! The installation in the hands of super admins: its settings and its people.

pub mod blacklist;
pub mod links;
pub mod presets;
pub mod senders;
pub mod settings;
pub mod users;
