//! The figures of a workspace's overview: once for the page, and again for each event of its stream.

use domain::campaign::{PauseReason, Progress, Status};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::links::LinkView;
use crate::error::AppError;

/// What the overview shows when it is opened.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct OverviewPage {
    pub live: LiveOverview,
    /// A campaign can be sent: a revision of some sender name is in force.
    pub sender_ready: bool,
}

/// What changes while somebody looks; each event of `/w/{slug}/events` holds one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LiveOverview {
    /// Submitted ever; drafts do not count.
    pub total: u64,
    /// Campaigns that are not archived.
    pub by_status: Vec<(Status, u64)>,
    /// Claimed, or accepted and without a receipt, over all campaigns.
    pub in_flight: u64,
    /// Messages that the carrier answered, to a tenth.
    pub messages_per_s: f64,
    pub links: Vec<LinkView>,
    /// Over the active campaigns.
    pub progress: Progress,
    /// Newest first.
    pub campaigns: Vec<ActiveCampaign>,
}

impl LiveOverview {
    #[must_use]
    pub fn count(&self, status: Status) -> u64 {
        self.by_status.iter().find(|(known, _)| *known == status).map_or(0, |(_, count)| *count)
    }
}

/// A campaign that is Building, Pending, Sending or Paused.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ActiveCampaign {
    pub id: String,
    pub name: String,
    pub status: Status,
    pub pause: Option<PauseReason>,
    pub progress: Progress,
}

/// The overview of the workspace.
#[server]
pub async fn overview(slug: String) -> Result<OverviewPage, AppError> {
    use domain::permission::kind::ViewWorkspace;

    let services = super::context::services()?;
    let scope = super::context::enter(&slug).await?;
    let live = live(&scope, &services.engine).await?;
    let senders = store::senders::list(&scope.grant::<ViewWorkspace>()?).await?;
    let sender_ready = senders.iter().any(|sender| sender.archived_at_ms.is_none() && sender.in_force().is_some());
    Ok(OverviewPage { live, sender_ready })
}

/// The figures as they stand: what the database counts, with what the engine knows of campaigns that it works on.
#[cfg(feature = "ssr")]
pub async fn live(scope: &store::Scope, engine: &engine::Handle) -> Result<LiveOverview, AppError> {
    use domain::permission::kind::ViewWorkspace;

    let mut overview = store::overview::of_workspace(&scope.grant::<ViewWorkspace>()?).await?;
    let working = engine.workspace(scope.workspace_id()).borrow().clone();
    for campaign in &mut overview.active {
        if let Some(figures) = working.campaigns.get(&campaign.id) {
            campaign.progress = figures.progress;
        }
    }
    let progress = overview.active_progress();
    // Campaigns that are done may still await receipts.
    let settling = working.campaigns.iter().filter(|(id, _)| overview.active.iter().all(|active| active.id != **id));
    let in_flight = progress.in_flight() + settling.map(|(_, figures)| figures.progress.in_flight()).sum::<u64>();
    Ok(LiveOverview {
        total: overview.workspace_total,
        by_status: overview.by_status,
        in_flight,
        messages_per_s: (working.messages_per_s() * 10.0).round() / 10.0,
        links: engine.links().iter().map(|link| LinkView::of(scope, link)).collect(),
        progress,
        campaigns: overview.active.into_iter().map(ActiveCampaign::from).collect(),
    })
}

#[cfg(feature = "ssr")]
impl From<domain::campaign::Campaign> for ActiveCampaign {
    fn from(campaign: domain::campaign::Campaign) -> Self {
        Self {
            id: campaign.id.to_string(),
            name: campaign.parameters.name,
            status: campaign.life.status,
            pause: campaign.life.pause.map(|pause| pause.reason),
            progress: campaign.progress,
        }
    }
}
