//! The figures of a workspace's overview.

use domain::{
    campaign::{Campaign, Progress, Status},
    id::{UserId, WorkspaceId},
    permission::kind,
};
use serde::{Deserialize, Serialize};
use surrealdb::types::Variables;

use crate::{
    Error, Granted,
    access::Inner,
    db::{corrupt, key},
};

/// Campaigns per status, and the progress over those that are active.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overview {
    /// Submitted ever; drafts do not count.
    pub workspace_total: u64,
    pub by_status: Vec<(Status, u64)>,
    /// The campaigns that are Building, Pending, Sending or Paused, newest first, with their progress as it stands.
    pub active: Vec<Campaign>,
}

impl Overview {
    /// Over the active campaigns.
    #[must_use]
    pub fn active_progress(&self) -> Progress {
        let mut sum = Progress::default();
        for campaign in &self.active {
            sum += campaign.progress;
        }
        sum
    }

    #[must_use]
    pub fn count(&self, wanted: impl Fn(Status) -> bool) -> u64 {
        self.by_status.iter().filter(|(status, _)| wanted(*status)).map(|(_, count)| count).sum()
    }
}

/// Counts of the workspace as they stand.
pub async fn of_workspace(scope: &Granted<kind::ViewWorkspace>) -> Result<Overview, Error> {
    let inner = scope.inner();
    let index = inner.index(scope.workspace_id()).await?;
    let active = index.entries().rev().filter(|entry| {
        let life = &entry.campaign.life;
        life.status.is_active() && life.archived_at_ms.is_none()
    });
    Ok(Overview {
        workspace_total: index.total(),
        by_status: index.by_status().to_vec(),
        active: active.map(|entry| inner.current(entry)).collect(),
    })
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
    let mut authors: Vec<TopAuthor> = Vec::new();
    let lately = index.entries().rev().take_while(|entry| entry.campaign.created_at_ms >= since_ms);
    for entry in lately.filter(|entry| entry.campaign.life.status != Status::Draft) {
        let campaign = inner.current(entry);
        let place = authors.iter().position(|known| known.author == campaign.author);
        let place = place.unwrap_or_else(|| {
            // Newest first: the name is the one that they have had last.
            let name = campaign.author_name.clone();
            authors.push(TopAuthor { author: campaign.author, name, campaigns: 0, sent: 0, delivered: 0 });
            authors.len() - 1
        });
        let known = &mut authors[place];
        known.campaigns += 1;
        known.sent += campaign.progress.sent();
        known.delivered += campaign.progress.delivered;
    }
    authors.sort_by(|one, other| {
        let order = (other.sent, other.campaigns).cmp(&(one.sent, one.campaigns));
        order.then_with(|| one.name.to_lowercase().cmp(&other.name.to_lowercase()))
    });
    authors.truncate(most);
    Ok(authors)
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
