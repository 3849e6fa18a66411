//! How the installation, its links and a workspace do, as charts.

mod chart;
mod grafana;
mod link;
mod page;
mod used;
mod ways;
mod workspace;

pub use self::{grafana::GrafanaPage, page::MonitoringPage, workspace::WorkspaceMonitoringPage};
