//! Archived campaigns of all workspaces of which somebody is a member.

mod page;

pub use self::page::Archive;
