//! The audit log: of a workspace, and of the installation.

mod entries;
mod export;
mod filters;
mod installation;
mod log;
mod words;
mod workspace;

pub use self::{entries::Entries, installation::InstallationAudit, words::words, workspace::WorkspaceAudit};
