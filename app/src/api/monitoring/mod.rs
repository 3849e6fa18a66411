//! The figures of the installation and of its links, as charts, for super admins. They are those that Prometheus reads;
//! nothing of them names a workspace. What the admins of a workspace see is made of its own campaigns: [`workspace`].

#[cfg(feature = "ssr")]
mod draw;
pub mod grafana;
#[cfg(feature = "ssr")]
pub mod history;
pub mod workspace;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
pub use self::draw::view;
use crate::{api::links::LinkHealth, error::AppError, state::moment::Moment};

/// How far back charts go.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Span {
    #[default]
    Quarter,
    Hour,
}

impl Span {
    pub const ALL: [Self; 2] = [Self::Quarter, Self::Hour];

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Quarter => "15 minutes",
            Self::Hour => "One hour",
        }
    }
}

/// What is seen at a moment.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MonitoringView {
    /// When the figures were looked at last; None: the server has just started.
    pub at: Option<Moment>,
    /// Of the points in all charts, such as `14:05:15`, in UTC.
    pub times: Vec<String>,
    pub links: Vec<LinkFigures>,
    pub installation: Vec<Chart>,
    /// Lines of the log that alerts are built on, and how often they were written since the start.
    pub sentinels: Vec<(String, u64)>,
    /// Whether dashboards of Grafana are shown as well.
    pub grafana: bool,
}

/// A link, and what is drawn of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LinkFigures {
    pub id: String,
    pub name: String,
    pub health: LinkHealth,
    /// The health in a word.
    pub state: String,
    pub simulator: bool,
    /// Names and values, such as `Sessions` and `2 of 2`.
    pub facts: Vec<(String, String)>,
    pub charts: Vec<Chart>,
}

/// Lines over time, by one scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Chart {
    /// In addresses, such as `rate`.
    pub key: String,
    pub title: String,
    pub unit: String,
    pub lines: Vec<Line>,
}

/// A value for each time; None where nothing is known.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub label: String,
    pub values: Vec<Option<f64>>,
}

impl MonitoringView {
    /// The charts of a link, or without one of the installation.
    #[must_use]
    pub fn charts(&self, link: &str) -> &[Chart] {
        if link.is_empty() {
            return &self.installation;
        }
        self.links.iter().find(|figures| figures.id == link).map_or(&[], |figures| &figures.charts)
    }
}

/// The figures of now and of the time before.
#[server]
pub async fn monitoring(span: Span) -> Result<MonitoringView, AppError> {
    let services = super::context::services()?;
    services.gate.rule(&super::context::session().await?)?;
    Ok(view(&services, span))
}
