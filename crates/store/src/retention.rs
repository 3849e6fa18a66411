//! Recipients of campaigns that ended long ago are removed, when the settings of their workspace say so; the figures stay.
//!
//! It begins with one transaction: the campaign says that its recipients are removed, a record of what is to be done
//! comes, and the audit log says so. Then the blocks go, a few at a time, and the record last: a crash repeats what was
//! cut off. What is left of a campaign that was deleted goes in the same way.

use domain::{
    campaign::Campaign,
    id::{CampaignId, WorkspaceId},
    workspace::Workspace,
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, Variables};

use crate::{
    Error, Reason, SystemDoor, SystemScope,
    audit::{Chain, Event},
    campaigns,
    db::{Tx, key, tx::Columns},
    recipients, workspaces,
};

const TABLE: &str = "recipient_removal";
const DAY_MS: i64 = 24 * 3_600_000;

/// A campaign whose recipients are being removed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Removal {
    pub workspace: WorkspaceId,
    pub campaign: CampaignId,
    /// The campaign was deleted: nothing that is its own stays.
    #[serde(default)]
    whole: bool,
}

impl Columns for Removal {}

fn removal_key(workspace: WorkspaceId, campaign: CampaignId) -> RecordId {
    key::of(TABLE, workspace, [key::id(campaign)])
}

/// Marks what has been kept long enough, in all workspaces; gives how many campaigns that were.
pub async fn mark_due(door: &SystemDoor) -> Result<u32, Error> {
    let sql =
        "SELECT VALUE doc FROM workspace WHERE doc.recipient_data_days != NONE AND doc.recipient_data_days != NULL";
    let workspaces: Vec<Workspace> = door.inner().db.docs(sql, Variables::new()).await?;
    let mut marked = 0;
    for workspace in workspaces {
        let Some(days) = workspace.recipient_data_days else { continue };
        let scope = door.enter(workspace.id, Reason::Retention);
        for campaign in due(&scope, scope.now_ms() - i64::from(days) * DAY_MS).await? {
            match mark(&scope, campaign, days).await {
                Ok(()) => marked += 1,
                // Something happened to it just now: at the next look.
                Err(Error::Moved) => {}
                Err(other) => return Err(other),
            }
        }
    }
    Ok(marked)
}

/// Campaigns that ended before then, whose every recipient is settled.
async fn due(scope: &SystemScope, before_ms: i64) -> Result<Vec<CampaignId>, Error> {
    let mut vars = Variables::new();
    vars.insert("range", key::all("campaign", scope.workspace_id(), []));
    vars.insert("before", before_ms);
    let sql = "SELECT VALUE doc FROM $range WHERE doc.ended_at_ms < $before AND doc.ended_at_ms > 0";
    let found: Vec<Campaign> = scope.inner().db.docs(sql, vars).await?;
    Ok(found
        .into_iter()
        .filter(|campaign| campaign.recipient_data_removed_at_ms.is_none())
        .map(|campaign| campaign.id)
        .collect())
}

async fn mark(scope: &SystemScope, id: CampaignId, days: u32) -> Result<(), Error> {
    let workspace = scope.workspace_id();
    let before = campaigns::load(scope, id).await?;
    // Still being closed.
    if before.progress.waiting + before.progress.in_flight() > 0 && before.started_at_ms.is_some() {
        return Ok(());
    }
    let after = Campaign {
        recipient_data_removed_at_ms: Some(scope.now_ms()),
        revision: before.revision + 1,
        ..before.clone()
    };
    let event = Event::new(scope.actor(), scope.origin(), "campaign.recipient_data_removed")
        .on("campaign", &id)
        .change("recipients", Some(before.progress.total()), Some(0))
        .note(format!("kept for {days} days after its end, as the settings of the workspace say"));
    let removal = Removal { workspace, campaign: id, whole: false };
    scope
        .inner()
        .audited(Chain::Workspace(workspace), event, |tx| {
            tx.compare_and_set(campaigns::campaign_key(workspace, id), before.revision, &after);
            tx.put(removal_key(workspace, id), &removal);
        })
        .await
}

/// A campaign was deleted: what it left behind is to be removed.
pub(crate) fn remove_whole(tx: &mut Tx, workspace: WorkspaceId, campaign: CampaignId) {
    tx.put(removal_key(workspace, campaign), &Removal { workspace, campaign, whole: true });
}

/// What is marked and not removed yet, in all workspaces.
pub async fn unfinished(door: &SystemDoor) -> Result<Vec<Removal>, Error> {
    door.inner().db.docs("SELECT VALUE doc FROM recipient_removal", Variables::new()).await
}

/// Removes the records of one campaign; its files are gone already.
pub async fn finish(door: &SystemDoor, removal: Removal) -> Result<(), Error> {
    let Removal { workspace, campaign, whole } = removal;
    let scope = door.enter(workspace, Reason::Retention);
    recipients::delete_all(&scope, campaign).await?;
    if whole {
        workspaces::removal::sweep_campaign(door.inner(), workspace, campaign, TABLE).await?;
    }
    let build = || {
        let mut tx = Tx::new();
        tx.delete(key::all("journal", workspace, [key::id(campaign)]));
        tx.delete(key::of("ingest", workspace, [key::id(campaign)]));
        tx.delete(key::of("upload", workspace, [key::id(campaign)]));
        tx.delete(removal_key(workspace, campaign));
        tx
    };
    Ok(scope.inner().db.transact(build).await?)
}
