//! What is in order in this installation and what is not, for super admins. The same is printed by `message-center doctor`.
//! What of it concerns those who run campaigns is in [`workspace`].

pub mod workspace;

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{error::AppError, state::moment::Moment};

/// How bad it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    Good,
    /// Nothing is wrong; it should be known.
    Note,
    /// It works, and will not for long, or not well.
    Warning,
    /// It does not work.
    Fault,
}

impl Verdict {
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Good => "Good",
            Self::Note => "Note",
            Self::Warning => "Warning",
            Self::Fault => "Fault",
        }
    }
}

/// One thing that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// What it belongs to, such as `Database`.
    pub area: String,
    pub what: String,
    pub verdict: Verdict,
    /// What was found, in words.
    pub found: String,
    /// What to do about it; None where there is nothing to do.
    pub advice: Option<String>,
}

/// Everything that was looked at, and when.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiagnosticsView {
    pub at: Moment,
    pub version: String,
    pub findings: Vec<Finding>,
}

/// Whoever looks; the server hands one to its pages.
#[cfg(feature = "ssr")]
pub trait Examiner: Send + Sync + std::fmt::Debug {
    /// Looks at everything, which may take some seconds.
    fn examine(&self) -> std::pin::Pin<Box<dyn Future<Output = Vec<Finding>> + Send + '_>>;

    /// Looks at what campaigns need of the machine and the database, and says nothing of where they are.
    fn examine_for_campaigns(&self) -> std::pin::Pin<Box<dyn Future<Output = Vec<Finding>> + Send + '_>>;
}

/// Looks at everything now.
#[server]
pub async fn diagnostics() -> Result<DiagnosticsView, AppError> {
    let services = super::context::services()?;
    let ruler = services.gate.rule(&super::context::session().await?)?;
    let at = Moment::in_utc(ruler.now_ms());
    Ok(DiagnosticsView {
        at,
        version: env!("CARGO_PKG_VERSION").to_owned(),
        findings: services.examiner.examine().await,
    })
}
