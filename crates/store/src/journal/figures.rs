//! The figures of many campaigns at once, for lists.

use std::collections::HashMap;

use domain::{
    campaign::Progress,
    id::{CampaignId, WorkspaceId},
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, Variables};

use super::head_key;
use crate::{Error, access::Inner, db::key};

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Figures {
    campaign: CampaignId,
    live: Progress,
}

/// Recipients per state after the latest record of each journal; a campaign of which nothing was ever claimed is left out.
pub(crate) async fn figures_of(
    inner: &Inner,
    workspace: WorkspaceId,
    campaigns: &[CampaignId],
) -> Result<HashMap<CampaignId, Progress>, Error> {
    let keys: Vec<RecordId> = campaigns.iter().map(|campaign| head_key(workspace, *campaign)).collect();
    let mut vars = Variables::new();
    vars.insert("heads", keys);
    read(inner, vars).await
}

/// The same of every campaign of the workspace.
pub(crate) async fn figures_of_all(
    inner: &Inner,
    workspace: WorkspaceId,
) -> Result<HashMap<CampaignId, Progress>, Error> {
    let mut vars = Variables::new();
    vars.insert("heads", key::all("lease", workspace, []));
    read(inner, vars).await
}

async fn read(inner: &Inner, vars: Variables) -> Result<HashMap<CampaignId, Progress>, Error> {
    let sql = "SELECT VALUE { campaign: record::id(id)[1], live: doc.live } FROM $heads WHERE doc != NONE";
    let found: Vec<Figures> = inner.db.docs(sql, vars).await?;
    Ok(found.into_iter().map(|figures| (figures.campaign, figures.live)).collect())
}
