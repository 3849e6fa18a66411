//! Whether everything is in order: of the installation, and as far as it concerns a workspace.

mod findings;
mod installation;
mod workspace;

pub use self::{installation::Diagnostics, workspace::WorkspaceDiagnosticsPage};
