//! How the installation and its links do, as charts.

mod link;
mod page;

pub use page::MonitoringPage;
