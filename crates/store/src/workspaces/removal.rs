//! Deleting an archived workspace, completely.
//!
//! It begins with one transaction, after which the workspace is gone for everybody: its record and its addresses go, a
//! tombstone comes, and the installation's chain says who did it. What it left behind is removed in batches, and the
//! tombstone goes last: a crash in between repeats what was cut off. What stays are the records on the installation's
//! chain and the sealed statements of the audit log outside of the database.

use domain::{
    audit::{Actor, Origin},
    id::{CampaignId, WorkspaceId},
    slug::Slug,
    workspace::Workspace,
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, RecordIdKey, Value, Variables};

use super::{archive::check_confirmation, workspace_key};
use crate::{
    Error, Ruler, SystemDoor,
    access::Inner,
    audit::{Chain, Event},
    db::{Tx, corrupt, key, tx::Columns},
    senders, tendlc,
};

const TOMBSTONES: &str = "workspace_removal";
/// Records of one transaction: blocks of recipients are some ten kilobytes each.
const BATCH: i64 = 200;

/// A workspace that is being removed.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Tombstone {
    workspace: WorkspaceId,
    begun_at_ms: i64,
}

impl Columns for Tombstone {}

fn tombstone_key(workspace: WorkspaceId) -> RecordId {
    key::global(TOMBSTONES, workspace)
}

/// Whether [`begin`] would delete it, but for what the 10DLC registry still has of it: that ends there before.
pub async fn check(ruler: &Ruler, slug: &Slug, confirmation: &str) -> Result<WorkspaceId, Error> {
    Ok(deletable(ruler, slug, confirmation).await?.id)
}

async fn deletable(ruler: &Ruler, slug: &Slug, confirmation: &str) -> Result<Workspace, Error> {
    let workspace = ruler.inner().workspace_by_slug(slug).await?.ok_or(Error::NotFound)?;
    if workspace.archived_at_ms.is_none() {
        return Err(Error::Stale { what: "only an archived workspace can be deleted: archive it first".into() });
    }
    check_confirmation(&workspace, confirmation)?;
    Ok(workspace)
}

/// Deletes an archived workspace; `confirmation` is its address, typed. It is gone at once, and what it left behind soon.
/// Refused while the 10DLC registry has brands or 10DLC campaigns of it: nobody could end them there afterwards.
pub async fn begin(ruler: &Ruler, slug: &Slug, confirmation: &str) -> Result<WorkspaceId, Error> {
    let inner = ruler.inner();
    let workspace = deletable(ruler, slug, confirmation).await?;
    let addresses = inner.addresses_of(&workspace).await?;
    let asks = asks_for(inner, &addresses).await?;
    let tombstone = Tombstone { workspace: workspace.id, begun_at_ms: inner.now_ms() };
    let event = Event::new(ruler.actor(), ruler.origin(), "workspace.deleted")
        .on("workspace", &workspace.id)
        .change("display_name", Some(&workspace.display_name), None)
        .change("slug", Some(&workspace.slug), None);
    let deleted = inner
        .audited(Chain::Installation, event, |tx| {
            ruler.rely_on(tx);
            for table in tendlc::REGISTERED {
                tx.expect_none(key::all(table, workspace.id, []), "live", vec![Value::Bool(true)]);
            }
            // As it was read: neither restored nor deleted by somebody else.
            tx.rely_on(workspace_key(workspace.id), workspace.revision);
            tx.delete(workspace_key(workspace.id));
            tx.delete_all(addresses.clone());
            tx.delete_all(asks.clone());
            tx.create(tombstone_key(workspace.id), &tombstone);
        })
        .await;
    match deleted {
        Ok(()) => Ok(workspace.id),
        Err(Error::Moved) => Err(Error::Stale {
            what:
                "the 10DLC registry has brands or 10DLC campaigns of this workspace; they have to be ended there first"
                    .into(),
        }),
        Err(other) => Err(other),
    }
}

/// What people asked of the workspace, by any of its addresses. It is kept with them, and names no workspace.
async fn asks_for(inner: &Inner, addresses: &[RecordId]) -> Result<Vec<RecordId>, Error> {
    let slugs: Vec<Value> = addresses
        .iter()
        .filter_map(|address| match &address.key {
            RecordIdKey::String(slug) => Some(Value::String(slug.clone())),
            _ => None,
        })
        .collect();
    let mut vars = Variables::new();
    vars.insert("slugs", slugs);
    let mut answer = inner.db.read("SELECT VALUE id FROM join_ask WHERE doc.ask.slug IN $slugs", vars).await?;
    answer.take(0).map_err(corrupt)
}

/// The workspaces of which something may be left.
pub async fn unfinished(door: &SystemDoor) -> Result<Vec<WorkspaceId>, Error> {
    let found: Vec<Tombstone> =
        door.inner().db.docs("SELECT VALUE doc FROM workspace_removal", Variables::new()).await?;
    Ok(found.into_iter().map(|tombstone| tombstone.workspace).collect())
}

/// Removes what a deleted workspace left behind. Its files are the caller's, and go before.
pub async fn finish(door: &SystemDoor, workspace: WorkspaceId) -> Result<(), Error> {
    let inner = door.inner();
    let begun: Option<Tombstone> = inner.db.get(tombstone_key(workspace)).await?;
    if begun.is_none() {
        return Ok(());
    }
    inner.histories.forget(workspace).await;
    senders::pass_on_claims(inner, workspace).await?;
    senders::installation::forget(inner, workspace).await?;
    let mut removed = 0;
    for table in tables(inner).await? {
        removed += sweep(inner, &table, workspace).await?;
    }
    let event = Event::new(Actor::System { reason: "removal".into() }, Origin::default(), "workspace.removed")
        .on("workspace", &workspace)
        .note(format!("{removed} records"));
    inner.audited(Chain::Installation, event, |tx| tx.delete(tombstone_key(workspace))).await?;
    tracing::info!(%workspace, records = removed, "removed what a deleted workspace left behind");
    Ok(())
}

/// Every table there is, so that none that comes is forgotten; the tombstones have their own end.
async fn tables(inner: &Inner) -> Result<Vec<String>, Error> {
    let mut answer = inner.db.read("INFO FOR DB", Variables::new()).await?;
    let info: Value = answer.take(0).map_err(corrupt)?;
    let Value::Object(info) = info else { return Err(Error::Corrupt) };
    let Some(Value::Object(tables)) = info.get("tables") else { return Err(Error::Corrupt) };
    Ok(tables.keys().filter(|table| *table != TOMBSTONES).map(ToString::to_string).collect())
}

/// Removes every record of a campaign, whatever its table, but for what the audit log says and for those in `own_end`.
pub(crate) async fn sweep_campaign(
    inner: &Inner,
    workspace: WorkspaceId,
    campaign: CampaignId,
    own_end: &str,
) -> Result<(), Error> {
    for table in tables(inner).await?.iter().filter(|table| *table != own_end && !table.starts_with("audit")) {
        let mut vars = Variables::new();
        vars.insert("range", key::all(table, workspace, [key::id(campaign)]));
        remove(inner, "SELECT VALUE id FROM $range LIMIT $batch", vars).await?;
    }
    Ok(())
}

/// Removes what is the workspace's from one table, and says how many records it was.
///
/// Tables of workspaces have it first in their keys. Tables of the installation have it as their key, or say in the record
/// whose it is, as claims do.
async fn sweep(inner: &Inner, table: &str, workspace: WorkspaceId) -> Result<u64, Error> {
    let mut vars = Variables::new();
    vars.insert("range", key::all(table, workspace, []));
    let mut removed = remove(inner, "SELECT VALUE id FROM $range LIMIT $batch", vars).await?;
    if by_workspace(inner, table).await? {
        return Ok(removed);
    }
    let mut vars = Variables::new();
    vars.insert("own", key::global(table, workspace));
    vars.insert("workspace", workspace.to_string());
    let sql = format!(
        "SELECT VALUE id FROM {table} \
         WHERE id = $own OR workspace = $workspace OR doc.workspace = $workspace LIMIT $batch"
    );
    removed += remove(inner, &sql, vars).await?;
    Ok(removed)
}

/// Whether the keys of a table are lists, as those of all that belongs to a workspace.
async fn by_workspace(inner: &Inner, table: &str) -> Result<bool, Error> {
    let mut answer = inner.db.read(&format!("SELECT VALUE id FROM {table} LIMIT 1"), Variables::new()).await?;
    let ids: Vec<RecordId> = answer.take(0).map_err(corrupt)?;
    Ok(ids.first().is_none_or(|id| matches!(id.key, RecordIdKey::Array(_))))
}

async fn remove(inner: &Inner, sql: &str, mut vars: Variables) -> Result<u64, Error> {
    vars.insert("batch", BATCH);
    let mut removed = 0;
    loop {
        let ids: Vec<RecordId> = inner.db.read(sql, vars.clone()).await?.take(0).map_err(corrupt)?;
        if ids.is_empty() {
            return Ok(removed);
        }
        removed += ids.len() as u64;
        inner
            .db
            .transact(|| {
                let mut tx = Tx::new();
                tx.delete_all(ids.clone());
                tx
            })
            .await?;
    }
}

#[cfg(test)]
#[path = "removal_tests.rs"]
mod tests;
