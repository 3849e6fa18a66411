//! Delivery records of a campaign as a file: asked for by a person, built by the engine, taken within some days.
//!
//! `record_export:[workspace, campaign, export]` says what was asked for and how it stands; the file lies in the data
//! folder under identifiers, and the engine looks after it. *Invariant*: a file with full numbers is asked for and taken
//! against a proof of `RevealNumbers`, and both stand in the audit log.

mod build;
mod rows;

use domain::{
    campaign::{Mode, Status},
    id::{CampaignId, ExportId, UserId, WorkspaceId},
    permission::kind,
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, SurrealValue, Value, Variables};
use uuid::Uuid;

pub(crate) use self::rows::error_code;
pub use self::{
    build::{Order, begin, expired, fail, finish, forget, load, order, unfinished},
    rows::{Rows, Written},
};
use crate::{
    Error, Granted, On, Scope,
    access::Inner,
    audit::{Chain, Event},
    db::{Tx, key, tx::Columns},
    recipients,
};

const TABLE: &str = "record_export";
/// Files of one campaign, ready or asked for.
const EXPORTS_MAX: usize = 20;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Format {
    /// RFC 4180, for spreadsheets.
    Csv,
    /// Columns with tabs between them.
    Txt,
}

impl Format {
    #[must_use]
    pub const fn ending(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Txt => "txt",
        }
    }
}

/// How an export stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ExportState {
    Queued,
    Building,
    Ready { octets: u64, rows: u64, ready_at_ms: i64, expires_at_ms: i64 },
    Failed { reason: String },
}

impl ExportState {
    const fn name(&self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Building => "building",
            Self::Ready { .. } => "ready",
            Self::Failed { .. } => "failed",
        }
    }
}

/// What was asked for, by whom, and how it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecordExport {
    pub id: ExportId,
    pub workspace: WorkspaceId,
    pub campaign: CampaignId,
    pub format: Format,
    /// With full numbers.
    pub full: bool,
    pub state: ExportState,
    pub by: UserId,
    pub by_name: String,
    pub asked_at_ms: i64,
    pub revision: u64,
}

impl Columns for RecordExport {
    fn columns(&self) -> Vec<(&'static str, Value)> {
        vec![("state", self.state.name().to_owned().into_value())]
    }
}

fn export_key(workspace: WorkspaceId, campaign: CampaignId, id: ExportId) -> RecordId {
    key::of(TABLE, workspace, [key::id(campaign), key::id(id)])
}

async fn all(inner: &Inner, workspace: WorkspaceId, campaign: CampaignId) -> Result<Vec<RecordExport>, Error> {
    let mut vars = Variables::new();
    vars.insert("range", key::all(TABLE, workspace, [key::id(campaign)]));
    let mut found: Vec<RecordExport> = inner.db.docs("SELECT VALUE doc FROM $range", vars).await?;
    found.sort_by_key(|export| std::cmp::Reverse((export.asked_at_ms, export.id)));
    Ok(found)
}

/// Asks for a file; with `reveal` it holds full numbers.
pub async fn request(
    proof: &On<kind::ExportRecords>,
    format: Format,
    reveal: Option<&Granted<kind::RevealNumbers>>,
) -> Result<RecordExport, Error> {
    request_as(proof, None, format, reveal).await
}

/// The same under an id of the caller's: when there is one with it already, that is given back, so that a request which
/// was cut off may be repeated.
pub async fn request_as(
    proof: &On<kind::ExportRecords>,
    id: Option<Uuid>,
    format: Format,
    reveal: Option<&Granted<kind::RevealNumbers>>,
) -> Result<RecordExport, Error> {
    let scope: &Scope = proof;
    let inner = scope.inner();
    if reveal.is_some_and(|reveal| reveal.workspace_id() != scope.workspace_id()) {
        return Err(Error::Forbidden);
    }
    if proof.campaign().recipient_data_removed_at_ms.is_some() {
        return Err(Error::Stale { what: "the recipient data of this campaign has been removed".into() });
    }
    if is_being_planned(proof).await? {
        let what = "the campaign is being built, which puts its recipients in their order; wait until it is built";
        return Err(Error::Stale { what: what.into() });
    }
    if all(inner, scope.workspace_id(), proof.campaign().id).await?.len() >= EXPORTS_MAX {
        let what = format!("this campaign has {EXPORTS_MAX} exports; remove those that nobody needs any more");
        return Err(Error::Stale { what });
    }
    let export = RecordExport {
        id: ExportId::from_uuid(id.map_or_else(|| inner.new_uuid(), Ok)?),
        workspace: scope.workspace_id(),
        campaign: proof.campaign().id,
        format,
        full: reveal.is_some(),
        state: ExportState::Queued,
        by: scope.user_id(),
        by_name: scope.user().name.clone(),
        asked_at_ms: inner.now_ms(),
        revision: 1,
    };
    let event = event(scope, "export.requested", &export).change("format", None, Some(format.ending()));
    let made = inner
        .audited(Chain::Workspace(export.workspace), event, |tx| {
            tx.create(export_key(export.workspace, export.campaign, export.id), &export);
            scope.rely_on(tx);
        })
        .await;
    match made {
        Ok(()) => Ok(export),
        Err(Error::Stale { .. }) if id.is_some() => find(proof, export.id).await,
        Err(other) => Err(other),
    }
}

/// Building puts the recipients of Spread into the order of the plan: meanwhile somebody may be there twice.
async fn is_being_planned(proof: &On<kind::ExportRecords>) -> Result<bool, Error> {
    let campaign = proof.campaign();
    if campaign.parameters.mode != Mode::Spread {
        return Ok(false);
    }
    let copying = recipients::spread(proof, campaign.id).await?.is_some_and(|spread| spread.is_being_copied());
    Ok(copying || campaign.life.status == Status::Building)
}

fn event(scope: &Scope, action: &'static str, export: &RecordExport) -> Event {
    Event::new(scope.actor(), scope.origin(), action)
        .on("campaign", &export.campaign)
        .change("export", None, Some(export.id))
        .change("numbers", None, Some(if export.full { "full" } else { "masked" }))
}

/// The exports of a campaign, newest first.
pub async fn list(proof: &On<kind::ExportRecords>) -> Result<Vec<RecordExport>, Error> {
    all(proof.inner(), proof.workspace_id(), proof.campaign().id).await
}

/// One of them; [`Error::NotFound`] for another campaign's as for none.
pub async fn find(proof: &On<kind::ExportRecords>, id: ExportId) -> Result<RecordExport, Error> {
    let key = export_key(proof.workspace_id(), proof.campaign().id, id);
    proof.inner().db.get(key).await?.ok_or(Error::NotFound)
}

/// Puts on record that somebody takes the file, which has to be ready; full numbers against the proof only.
pub async fn take(
    proof: &On<kind::ExportRecords>,
    id: ExportId,
    reveal: Option<&Granted<kind::RevealNumbers>>,
) -> Result<RecordExport, Error> {
    let export = find(proof, id).await?;
    if export.full && reveal.is_none_or(|reveal| reveal.workspace_id() != export.workspace) {
        return Err(Error::Forbidden);
    }
    match export.state {
        ExportState::Ready { expires_at_ms, .. } if proof.now_ms() < expires_at_ms => {}
        ExportState::Ready { .. } => {
            return Err(Error::Stale { what: "this export has expired; ask for another".into() });
        }
        _ => return Err(Error::Stale { what: "this export is not ready yet".into() }),
    }
    let event = event(proof, "export.downloaded", &export);
    proof.inner().audited(Chain::Workspace(export.workspace), event, |_| {}).await?;
    Ok(export)
}

/// Removes an export; its file is the engine's to remove.
pub async fn remove(proof: &On<kind::ExportRecords>, id: ExportId) -> Result<RecordExport, Error> {
    let export = find(proof, id).await?;
    let event = event(proof, "export.removed", &export);
    proof
        .inner()
        .audited(Chain::Workspace(export.workspace), event, |tx: &mut Tx| {
            tx.delete_existing(export_key(export.workspace, export.campaign, export.id));
            proof.rely_on(tx);
        })
        .await?;
    Ok(export)
}
