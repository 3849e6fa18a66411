//! What was sent in a month: of one workspace for its admins, of all for super admins.

mod master;
mod table;
mod workspace;

pub use self::{master::MasterUsage, workspace::WorkspaceUsage};
