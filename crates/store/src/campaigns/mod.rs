//! SMS campaigns: drafts, decisions, and the engine's own transitions. What a campaign may become is decided by
//! [`domain::campaign::transition`]; this module reads, asks it, and writes the answer with its audit record.

mod control;
mod copy;
mod decide;
mod draft;
pub(crate) mod index;
mod list;
mod removal;
mod restore;
mod run;
mod times;
pub mod uploads;

use domain::{
    campaign::{Campaign, Mode, Status},
    id::{CampaignId, WorkspaceId},
};
use surrealdb::types::{RecordId, SurrealValue, Value, Variables};

pub use self::{
    control::{archive, cancel, cancel_and_archive, finish, offered, pause, reaches, resume, start, stop},
    copy::{clone_bare, clone_with_recipients, copyable, edit_as_new, is_copyable, is_rejected, is_unchanged},
    decide::{approve, queue, queue_length, reject},
    draft::{create, create_as, nothing_yet, save, submit},
    list::{Filter, Page, Period, Sort, list},
    removal::{delete, is_deletable},
    restore::{author_is_active, destinations, move_to, restore, restore_here},
    run::{advance, load, settle},
};
use crate::{
    Error, Scope,
    access::Inner,
    audit::{Chain, Event},
    db::{Tx, corrupt, key, tx::Columns},
    journal,
    notices::consequences::Consequences,
    webhooks,
};

/// Attempts of a decision that finds the record changed under it.
const ATTEMPTS_MAX: u32 = 20;

impl Columns for Campaign {
    fn columns(&self) -> Vec<(&'static str, Value)> {
        let lifts = self.life.pause.as_ref().is_some_and(|pause| pause.reason.lifts_by_itself());
        let archived = self.life.archived_at_ms.is_some();
        let runnable = match self.life.status {
            Status::Building | Status::Pending | Status::Sending => !archived,
            // The numbers that come to a Trigger campaign become recipients while it is paused, too.
            Status::Paused => (lifts || self.runs_out() || self.parameters.mode == Mode::Trigger) && !archived,
            // Ended, and those who were not sent to are still on record as waiting.
            Status::Cancelled | Status::Failed | Status::Expired => self.progress.waiting + self.progress.claimed > 0,
            Status::Draft | Status::New | Status::Done => false,
        };
        vec![
            ("status", domain_name(self.life.status).into_value()),
            ("runnable", runnable.into_value()),
            ("archived", self.life.archived_at_ms.is_some().into_value()),
        ]
    }
}

/// The stored name of a status (its serde name).
pub(crate) fn domain_name(status: Status) -> String {
    serde_json::to_value(status).ok().and_then(|value| value.as_str().map(str::to_owned)).unwrap_or_default()
}

pub(crate) fn campaign_key(workspace: WorkspaceId, id: CampaignId) -> RecordId {
    key::of("campaign", workspace, [key::id(id)])
}

/// A campaign of the workspace; [`Error::NotFound`] for another's as for none.
pub async fn find(scope: &Scope, id: CampaignId) -> Result<Campaign, Error> {
    read(scope.inner(), scope.workspace_id(), id).await
}

/// [`find`] without a look at the journal: the figures are those with which the record was written.
pub(crate) async fn find_record(scope: &Scope, id: CampaignId) -> Result<Campaign, Error> {
    scope.inner().db.get_known(campaign_key(scope.workspace_id(), id)).await?.ok_or(Error::NotFound)
}

async fn read(inner: &Inner, workspace: WorkspaceId, id: CampaignId) -> Result<Campaign, Error> {
    let mut campaign: Campaign = inner.db.get(campaign_key(workspace, id)).await?.ok_or(Error::NotFound)?;
    if let Some(progress) = journal::progress_of(inner, workspace, id).await? {
        campaign.progress = progress;
    }
    Ok(campaign)
}

/// Read, compute, write with compare-and-set and the audit record; again when somebody was quicker.
///
/// `compute` returns the changed campaign and its audit event, or None when there is nothing to do. The event is about the
/// campaign whatever it says: that is how [`index`] learns of the change.
async fn change(
    inner: &Inner,
    workspace: WorkspaceId,
    id: CampaignId,
    compute: impl Fn(&Campaign) -> Result<Option<(Campaign, Event)>, Error>,
    rely_on: impl Fn(&mut Tx),
) -> Result<Campaign, Error> {
    for _ in 0..ATTEMPTS_MAX {
        let before = read(inner, workspace, id).await?;
        let Some((mut after, event)) = compute(&before)? else { return Ok(before) };
        after.revision = before.revision + 1;
        let told = Consequences::of_campaign(inner, &before, &after).await?;
        let event = event.on("campaign", &id);
        let events = webhooks::of_change(inner, &before, &after).await?;
        let outcome = inner
            .audited(Chain::Workspace(workspace), event, |tx| {
                tx.compare_and_set(campaign_key(workspace, id), before.revision, &after);
                told.put(tx);
                events.put(tx);
                rely_on(tx);
            })
            .await;
        match outcome {
            Ok(()) => return Ok(after),
            Err(Error::Moved) => {}
            Err(other) => return Err(other),
        }
    }
    Err(Error::Moved)
}

fn event(scope: &Scope, action: &'static str, campaign: CampaignId) -> Event {
    Event::new(scope.actor(), scope.origin(), action).on("campaign", &campaign)
}

/// The campaigns of which `table` has records, which begin with the workspace and the campaign; each once.
pub(crate) async fn within(inner: &Inner, table: &'static str) -> Result<Vec<(WorkspaceId, CampaignId)>, Error> {
    let mut campaigns: Vec<(WorkspaceId, CampaignId)> = Vec::new();
    loop {
        // From one campaign to the next, however much each has.
        let mut vars = Variables::new();
        let from = match campaigns.last() {
            None => table,
            Some(&(workspace, campaign)) => {
                vars.insert("others", key::after(table, workspace, [key::id(campaign)]));
                "$others"
            }
        };
        let sql = format!("SELECT VALUE {KEY} FROM {from} LIMIT 1");
        let found: Vec<Vec<String>> = inner.db.read(&sql, vars).await?.take(0).map_err(corrupt)?;
        let Some(ids) = found.first() else { return Ok(campaigns) };
        campaigns.push(key_of(ids)?);
    }
}

/// The campaigns for which a condition on their records holds. The records are not decoded: one that cannot be read keeps
/// nobody from the others.
pub(crate) async fn keys_where(
    inner: &Inner,
    condition: &str,
    vars: Variables,
) -> Result<Vec<(WorkspaceId, CampaignId)>, Error> {
    let sql = format!("SELECT VALUE {KEY} FROM campaign WHERE {condition}");
    let found: Vec<Vec<String>> = inner.db.read(&sql, vars).await?.take(0).map_err(corrupt)?;
    found.iter().map(|ids| key_of(ids)).collect()
}

/// What a key begins with in each table that has records of campaigns.
const KEY: &str = "[<string> record::id(id)[0], <string> record::id(id)[1]]";

fn key_of(ids: &[String]) -> Result<(WorkspaceId, CampaignId), Error> {
    let [workspace, campaign] = ids else { return Err(Error::Corrupt) };
    let (Ok(workspace), Ok(campaign)) = (workspace.parse(), campaign.parse()) else { return Err(Error::Corrupt) };
    Ok((workspace, campaign))
}

/// Of those that ended before `ended_since_ms`, nothing is awaited any more.
pub(crate) async fn awaiting_receipts(
    inner: &Inner,
    ended_since_ms: i64,
) -> Result<Vec<(WorkspaceId, CampaignId)>, Error> {
    let mut vars = Variables::new();
    vars.insert("since", ended_since_ms);
    let condition = "doc.started_at_ms != NONE AND (doc.ended_at_ms = NONE OR doc.ended_at_ms >= $since) \
                     AND doc.recipient_data_removed_at_ms IN [NONE, NULL]";
    let mut waiting = Vec::new();
    for (workspace, campaign) in keys_where(inner, condition, vars).await? {
        let progress = journal::progress_of(inner, workspace, campaign).await?.unwrap_or_default();
        if progress.in_flight() + progress.uncertain + progress.no_receipt > 0 {
            waiting.push((workspace, campaign));
        }
    }
    Ok(waiting)
}

pub(crate) use self::{decide::check_note, index::Indexes, list::across, uploads::unfinished as unfinished_uploads};
