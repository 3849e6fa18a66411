//! The engine's side: what is to be built, what is done, what has been kept long enough.

use domain::id::{CampaignId, ExportId, WorkspaceId};
use surrealdb::types::Variables;

use super::{ExportState, RecordExport, Written, export_key};
use crate::{
    Error, SystemDoor, SystemScope,
    audit::{Chain, Event},
    db::Tx,
    recipients::{self, SpreadStage},
};

/// In which order the recipients of a campaign stand in their blocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Order {
    /// As they came.
    File,
    /// One is being written over the other: whoever reads now may see somebody twice.
    Between,
    /// By the plan of a Spread campaign.
    Plan,
}

/// The order now. What was read is whole when it is the same before and afterwards, and not in between.
pub async fn order(scope: &SystemScope, campaign: CampaignId) -> Result<Order, Error> {
    let spread = recipients::load_spread(scope, campaign).await?;
    Ok(match spread.map(|spread| spread.stage) {
        None | Some(SpreadStage::Ordering) => Order::File,
        Some(SpreadStage::Copying) => Order::Between,
        Some(SpreadStage::Ready) => Order::Plan,
    })
}

/// Exports that were asked for and are not ready, of all workspaces, in the order in which they were asked for.
pub async fn unfinished(door: &SystemDoor) -> Result<Vec<RecordExport>, Error> {
    let sql = "SELECT VALUE doc FROM record_export WHERE state IN ['queued', 'building']";
    let mut found: Vec<RecordExport> = door.inner().db.docs(sql, Variables::new()).await?;
    found.sort_by_key(|export| (export.asked_at_ms, export.id));
    Ok(found)
}

/// Ready exports whose time is over.
pub async fn expired(door: &SystemDoor) -> Result<Vec<RecordExport>, Error> {
    let now_ms = door.inner().now_ms();
    let sql = "SELECT VALUE doc FROM record_export WHERE state = 'ready'";
    let mut found: Vec<RecordExport> = door.inner().db.docs(sql, Variables::new()).await?;
    let over =
        |state: &ExportState| matches!(state, ExportState::Ready { expires_at_ms, .. } if now_ms >= *expires_at_ms);
    found.retain(|export| over(&export.state));
    Ok(found)
}

/// The export as it is now; None: it was removed.
pub async fn load(scope: &SystemScope, campaign: CampaignId, id: ExportId) -> Result<Option<RecordExport>, Error> {
    scope.inner().db.get(export_key(scope.workspace_id(), campaign, id)).await
}

/// Its building begins, or begins anew.
pub async fn begin(scope: &SystemScope, export: &RecordExport) -> Result<RecordExport, Error> {
    step(scope, export, ExportState::Building).await
}

/// Its file is on the disk under its final name.
pub async fn finish(
    scope: &SystemScope,
    export: &RecordExport,
    written: Written,
    keep_ms: i64,
) -> Result<RecordExport, Error> {
    let now_ms = scope.now_ms();
    let state = ExportState::Ready {
        octets: written.octets,
        rows: written.rows,
        ready_at_ms: now_ms,
        expires_at_ms: now_ms.saturating_add(keep_ms),
    };
    let next = RecordExport { state, revision: export.revision + 1, ..export.clone() };
    let event = Event::new(scope.actor(), scope.origin(), "export.built")
        .on("campaign", &export.campaign)
        .change("export", None, Some(export.id))
        .change("rows", None, Some(written.rows))
        .change("octets", None, Some(written.octets));
    let key = export_key(export.workspace, export.campaign, export.id);
    scope
        .inner()
        .audited(Chain::Workspace(export.workspace), event, |tx| {
            tx.compare_and_set(key.clone(), export.revision, &next);
        })
        .await?;
    Ok(next)
}

/// It cannot be built; the reason is for the person.
pub async fn fail(scope: &SystemScope, export: &RecordExport, reason: String) -> Result<RecordExport, Error> {
    step(scope, export, ExportState::Failed { reason }).await
}

/// An export whose file is gone, because its time was over or its campaign's data was removed.
pub async fn forget(scope: &SystemScope, export: &RecordExport) -> Result<(), Error> {
    let event = Event::new(scope.actor(), scope.origin(), "export.expired").on("campaign", &export.campaign).change(
        "export",
        None,
        Some(export.id),
    );
    let key = export_key(export.workspace, export.campaign, export.id);
    scope.inner().audited(Chain::Workspace(export.workspace), event, |tx: &mut Tx| tx.delete(key.clone())).await
}

async fn step(scope: &SystemScope, export: &RecordExport, state: ExportState) -> Result<RecordExport, Error> {
    let next = RecordExport { state, revision: export.revision + 1, ..export.clone() };
    let key = export_key(export.workspace, export.campaign, export.id);
    scope
        .inner()
        .db
        .transact(|| {
            let mut tx = Tx::new();
            tx.compare_and_set(key.clone(), export.revision, &next);
            tx
        })
        .await?;
    Ok(next)
}

impl SystemDoor {
    /// Every export of a campaign, for those who remove its files with it.
    pub async fn exports_of(&self, workspace: WorkspaceId, campaign: CampaignId) -> Result<Vec<RecordExport>, Error> {
        super::all(self.inner(), workspace, campaign).await
    }
}
