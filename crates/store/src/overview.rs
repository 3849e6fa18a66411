//! The figures of a workspace's overview.

use std::sync::Arc;

use domain::{
    campaign::{Campaign, Progress, Status},
    id::{CampaignId, UserId, WorkspaceId},
    permission::kind,
};
use serde::{Deserialize, Serialize};
use surrealdb::types::Variables;

use crate::{
    Error, Granted,
    access::Inner,
    campaigns::index::{Entry, Index, Indexes},
    db::{corrupt, key},
};

/// The campaigns of a workspace as they stood at one moment.
#[derive(Debug, Clone)]
pub struct Overview(Arc<Index>);

/// The campaigns that are Building, Pending, Sending or Paused.
#[derive(Debug, Clone)]
pub struct Active {
    /// Over all of them.
    pub progress: Progress,
    /// Some of them, newest first, with their progress.
    pub newest: Vec<Campaign>,
}

impl Overview {
    /// Submitted ever; drafts do not count.
    #[must_use]
    pub fn workspace_total(&self) -> u64 {
        self.0.total()
    }

    #[must_use]
    pub fn by_status(&self) -> &[(Status, u64)] {
        self.0.by_status()
    }

    #[must_use]
    pub fn count(&self, wanted: impl Fn(Status) -> bool) -> u64 {
        self.by_status().iter().filter(|(status, _)| wanted(*status)).map(|(_, count)| count).sum()
    }

    /// Whether a campaign is Building, Pending, Sending or Paused.
    #[must_use]
    pub fn is_active(&self, campaign: CampaignId) -> bool {
        self.0.is_active(campaign)
    }

    /// The active campaigns, `shown` of them by themselves. `working`: the figures of those that somebody works on, which
    /// are newer than what is on record.
    #[must_use]
    pub fn active(
        &self,
        scope: &Granted<kind::ViewWorkspace>,
        shown: usize,
        working: impl Fn(CampaignId) -> Option<Progress>,
    ) -> Active {
        let inner = scope.inner();
        let progress = |entry: &Entry| working(entry.campaign.id).unwrap_or_else(|| inner.indexes.progress(entry));
        let mut sum = Progress::default();
        for entry in self.0.active() {
            sum += progress(entry);
        }
        let newest = self.0.active().take(shown);
        let newest = newest.map(|entry| Campaign { progress: progress(entry), ..entry.campaign.clone() });
        Active { progress: sum, newest: newest.collect() }
    }
}

/// The workspace as it stands.
pub async fn of_workspace(scope: &Granted<kind::ViewWorkspace>) -> Result<Overview, Error> {
    Ok(Overview(scope.inner().index(scope.workspace_id()).await?))
}

/// Who had the most messages sent lately.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TopAuthor {
    pub author: UserId,
    pub name: String,
    /// Submitted, and made within the time that is looked at.
    pub campaigns: u64,
    /// Recipients of these campaigns to whom a message was sent.
    pub sent: u64,
    pub delivered: u64,
}

/// The authors of the campaigns that were made since a moment, by messages sent; at most `most` of them.
pub async fn top_authors(
    scope: &Granted<kind::ViewWorkspace>,
    since_ms: i64,
    most: usize,
) -> Result<Vec<TopAuthor>, Error> {
    let inner = scope.inner();
    let index = inner.index(scope.workspace_id()).await?;
    let authors = index.authors(&inner.indexes, since_ms, || by_messages(&index, &inner.indexes, since_ms));
    Ok(authors.iter().take(most).cloned().collect())
}

fn by_messages(index: &Index, indexes: &Indexes, since_ms: i64) -> Vec<TopAuthor> {
    let mut authors: Vec<TopAuthor> = Vec::new();
    let lately = index.entries().rev().take_while(|entry| entry.campaign.created_at_ms >= since_ms);
    for entry in lately.filter(|entry| entry.campaign.life.status != Status::Draft) {
        let (campaign, progress) = (&entry.campaign, indexes.progress(entry));
        let place = authors.iter().position(|known| known.author == campaign.author);
        let place = place.unwrap_or_else(|| {
            // Newest first: the name is the one that they have had last.
            let name = campaign.author_name.clone();
            authors.push(TopAuthor { author: campaign.author, name, campaigns: 0, sent: 0, delivered: 0 });
            authors.len() - 1
        });
        let known = &mut authors[place];
        known.campaigns += 1;
        known.sent += progress.sent();
        known.delivered += progress.delivered;
    }
    authors.sort_by(|one, other| {
        let order = (other.sent, other.campaigns).cmp(&(one.sent, one.campaigns));
        order.then_with(|| one.name.to_lowercase().cmp(&other.name.to_lowercase()))
    });
    authors
}

/// Campaigns of a workspace that were ever submitted.
pub(crate) async fn workspace_total(inner: &Inner, workspace: WorkspaceId) -> Result<u64, Error> {
    let mut vars = Variables::new();
    vars.insert("range", key::all("campaign", workspace, []));
    let sql = "SELECT VALUE count FROM (SELECT count() AS count FROM $range WHERE status != 'draft' GROUP ALL)";
    let total: Vec<i64> = inner.db.read(sql, vars).await?.take(0).map_err(corrupt)?;
    Ok(total.first().map_or(0, |&total| u64::try_from(total).unwrap_or(0)))
}

/// Recipients whose message was delivered, over all campaigns of the workspace.
pub async fn delivered(scope: &Granted<kind::ViewWorkspace>) -> Result<u64, Error> {
    let inner = scope.inner();
    Ok(inner.index(scope.workspace_id()).await?.delivered(&inner.indexes))
}
