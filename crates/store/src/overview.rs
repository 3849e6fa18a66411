//! The figures of a workspace's overview.

use domain::{
    campaign::{Campaign, Progress, Status},
    id::WorkspaceId,
    permission::kind,
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{SurrealValue, Variables};

use crate::{
    Error, Granted,
    access::Inner,
    db::{corrupt, key},
    journal,
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

#[derive(Debug, SurrealValue)]
struct StatusCount {
    status: String,
    count: i64,
}

/// Counts of the workspace as they stand.
pub async fn of_workspace(scope: &Granted<kind::ViewWorkspace>) -> Result<Overview, Error> {
    let inner = scope.inner();
    let mut vars = Variables::new();
    vars.insert("range", key::all("campaign", scope.workspace_id(), []));
    let mut answer = inner
        .db
        .read("SELECT status, count() AS count FROM $range WHERE archived = false GROUP BY status", vars)
        .await?;
    let counts: Vec<StatusCount> = answer.take(0).map_err(corrupt)?;
    let workspace_total = workspace_total(inner, scope.workspace_id()).await?;
    let mut overview = Overview { workspace_total, ..Overview::default() };
    for StatusCount { status, count } in counts {
        let status: Status = serde_json::from_value(serde_json::Value::String(status)).map_err(|_| Error::Corrupt)?;
        overview.by_status.push((status, u64::try_from(count).unwrap_or(0)));
    }
    overview.active = active(scope).await?;
    for campaign in &mut overview.active {
        if let Some(progress) = journal::progress_of(inner, campaign.workspace, campaign.id).await? {
            campaign.progress = progress;
        }
    }
    Ok(overview)
}

/// Campaigns of a workspace that were ever submitted.
pub(crate) async fn workspace_total(inner: &Inner, workspace: WorkspaceId) -> Result<u64, Error> {
    let mut vars = Variables::new();
    vars.insert("range", key::all("campaign", workspace, []));
    let sql = "SELECT VALUE count FROM (SELECT count() AS count FROM $range WHERE status != 'draft' GROUP ALL)";
    let total: Vec<i64> = inner.db.read(sql, vars).await?.take(0).map_err(corrupt)?;
    Ok(total.first().map_or(0, |&total| u64::try_from(total).unwrap_or(0)))
}

/// Each with the progress that its record had when it was last written.
async fn active(scope: &Granted<kind::ViewWorkspace>) -> Result<Vec<Campaign>, Error> {
    let mut vars = Variables::new();
    vars.insert("range", key::all("campaign", scope.workspace_id(), []));
    scope
        .inner()
        .db
        .docs(
            "SELECT VALUE doc FROM $range WHERE status IN ['building', 'pending', 'sending', 'paused'] ORDER BY id DESC",
            vars,
        )
        .await
}

/// Recipients whose message was delivered, over all campaigns of the workspace.
pub async fn delivered(scope: &Granted<kind::ViewWorkspace>) -> Result<u64, Error> {
    let mut vars = Variables::new();
    // The head of each campaign's journal holds its figures.
    vars.insert("range", key::all("lease", scope.workspace_id(), []));
    let mut answer = scope.inner().db.read("SELECT VALUE doc.live.delivered FROM $range", vars).await?;
    let delivered: Vec<i64> = answer.take(0).map_err(corrupt)?;
    Ok(delivered.into_iter().filter_map(|delivered| u64::try_from(delivered).ok()).sum())
}
