//! The log as people read it.

use domain::{
    audit::AuditRecord,
    id::{CampaignId, WorkspaceId},
    permission::kind,
};
use surrealdb::types::{RecordId, Variables};

use crate::{Error, Granted, On, access::Inner, db::key};

/// The workspace's log, newest first: at most `limit` records before `before_seq` (None: from the newest).
pub async fn page(
    scope: &Granted<kind::ViewAudit>,
    before_seq: Option<u64>,
    limit: u32,
) -> Result<Vec<AuditRecord>, Error> {
    let mut vars = Variables::new();
    vars.insert("limit", i64::from(limit));
    vars.insert("range", chain_range(scope.workspace_id(), before_seq));
    scope.inner().db.docs("SELECT VALUE doc FROM $range ORDER BY id DESC LIMIT $limit", vars).await
}

/// Everything recorded about one campaign, oldest first.
pub async fn of_campaign(proof: &On<kind::ViewCampaignAudit>) -> Result<Vec<AuditRecord>, Error> {
    about_campaign(proof.inner(), proof.workspace_id(), proof.campaign().id).await
}

async fn about_campaign(
    inner: &Inner,
    workspace: WorkspaceId,
    campaign: CampaignId,
) -> Result<Vec<AuditRecord>, Error> {
    let mut vars = Variables::new();
    vars.insert("resource", format!("campaign:{campaign}"));
    vars.insert("chain", workspace.to_string());
    let mut records: Vec<AuditRecord> = inner
        .db
        .docs("SELECT VALUE doc FROM audit WHERE resource = $resource AND record::id(id)[0] = $chain", vars)
        .await?;
    records.sort_by_key(|record| record.seq);
    Ok(records)
}

fn chain_range(workspace: WorkspaceId, before_seq: Option<u64>) -> RecordId {
    key::range("audit", workspace, [], None, before_seq.map(key::number))
}
