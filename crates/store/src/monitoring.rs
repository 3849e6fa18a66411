//! What those who watch a workspace see of its sending. It is made of the workspace's own campaigns alone.

use std::collections::BTreeMap;

use domain::{campaign::Status, id::CampaignId, permission::kind};

use crate::{
    Error, Granted,
    journal::{self, Failure, HourCount},
};

/// Campaigns that are looked at, newest first.
const CAMPAIGNS_MAX: usize = 500;

/// What the campaigns of a workspace did lately.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Watched {
    /// The links and pools by which they are sent, and how many campaigns are.
    pub channels: BTreeMap<String, u64>,
    /// Why recipients failed or were held back, most frequent first; as of the latest fold, some seconds old at most.
    pub failures: Vec<Failure>,
}

/// The campaigns that were made since a moment, and those that are under way, however old; drafts do not count.
pub async fn watched(scope: &Granted<kind::ViewMonitoring>, since_ms: i64) -> Result<Watched, Error> {
    let inner = scope.inner();
    let index = inner.index(scope.workspace_id()).await?;
    let campaigns: Vec<_> = index
        .entries()
        .rev()
        .map(|entry| &entry.campaign)
        .filter(|campaign| campaign.life.status != Status::Draft)
        .filter(|campaign| campaign.created_at_ms >= since_ms || campaign.life.status.is_active())
        .take(CAMPAIGNS_MAX)
        .collect();
    let mut channels = BTreeMap::new();
    for campaign in &campaigns {
        *channels.entry(campaign.parameters.channel.clone()).or_default() += 1;
    }
    let ids: Vec<CampaignId> = campaigns.iter().map(|campaign| campaign.id).collect();
    Ok(Watched { channels, failures: journal::failures_of(inner, scope.workspace_id(), &ids).await? })
}

/// The hours `from <= hour < to`, counted from the epoch, in which the workspace sent something, in order.
pub async fn hours(scope: &Granted<kind::ViewMonitoring>, from: i64, to: i64) -> Result<Vec<HourCount>, Error> {
    journal::hourly(scope, from, to).await
}
