//! How the installation, its links and a workspace do, as charts.

mod chart;
mod link;
mod page;
mod used;
mod workspace;

pub use self::{page::MonitoringPage, workspace::WorkspaceMonitoringPage};
