//! Webhooks of the registry as they came: durable before they are acknowledged, followed up once, and to be followed up
//! again by hand.

use domain::{
    id::WorkspaceId,
    tendlc::{
        Visible,
        event::{Event as News, News as About},
    },
};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use surrealdb::types::{RecordId, SurrealValue, Value, Variables};

use super::{
    access::{Doing, Registrar, Sight, action},
    kept,
};
use crate::{
    Error, SystemDoor,
    access::{Inner, hex, with},
    db::{Abort, key, tx::Columns},
};

/// How long they are kept.
const KEPT_MS: i64 = 90 * 24 * 3_600_000;
/// Questions that the registry does not answer before somebody has to look.
pub const ATTEMPTS_MAX: u32 = 200;
/// Of those that wait so many are read at a time.
pub const WAITING_AT_ONCE: usize = 200;

/// A webhook whose signature was right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RawEvent {
    /// By which it is found; the same for the same event of the registry's, if that has an id.
    pub id: String,
    /// The body in its canonical form.
    pub body: String,
    pub event: News,
    pub received_at_ms: i64,
    /// Whose it is; None: not known yet, or nobody's here.
    pub workspace: Option<WorkspaceId>,
    /// What came of it, and when; None: nothing yet.
    pub outcome: Option<(i64, String)>,
    pub attempts: u32,
    /// The compare-and-set value.
    pub revision: u64,
}

/// Those that wait, by how urgent they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lane {
    /// Fewer messages leave by them, and nobody has looked yet.
    Urgent,
    /// Fewer messages leave by them, and the registry was asked in vain.
    Tried,
    Others,
}

impl Lane {
    pub const ALL: [Self; 3] = [Self::Urgent, Self::Tried, Self::Others];

    const fn condition(self) -> &'static str {
        match self {
            Self::Urgent => "narrows = true AND attempts = 0",
            Self::Tried => "narrows = true AND attempts > 0",
            Self::Others => "narrows = false",
        }
    }
}

impl Columns for RawEvent {
    fn columns(&self) -> Vec<(&'static str, Value)> {
        let workspace = self.workspace.map(|workspace| workspace.to_string()).unwrap_or_default();
        vec![
            ("workspace", workspace.into_value()),
            ("waiting", self.outcome.is_none().into_value()),
            ("received_at_ms", self.received_at_ms.into_value()),
            ("narrows", self.event.news.narrows().into_value()),
            ("attempts", i64::from(self.attempts).into_value()),
        ]
    }
}

impl RawEvent {
    /// Where it stands among those that wait.
    fn place(&self) -> (u32, i64, &str) {
        (self.attempts, self.received_at_ms, &self.id)
    }

    /// The brand or 10DLC campaign that it is about, by the registry's id. None: it is about neither.
    #[must_use]
    pub fn registry_id(&self) -> Option<String> {
        match &self.event.news {
            About::Brand { brand, .. } => Some(brand.to_string()),
            About::Campaign { campaign, .. } => Some(campaign.to_string()),
            About::Other { .. } => None,
        }
    }
}

fn event_key(id: &str) -> RecordId {
    key::global("tendlc_event", id)
}

/// Keeps a webhook that came. False: it is there already, by the registry's own id of it; or, where it has none, with the
/// same words, and waits to be followed up.
pub async fn receive(door: &SystemDoor, event: News, body: String) -> Result<bool, Error> {
    let inner = door.inner();
    if event.id.is_none() && waits_already(inner, &body).await? {
        return Ok(false);
    }
    let id = match &event.id {
        Some(id) => format!("e{}", &hex(&Sha256::digest(id.as_bytes()))[..32]),
        None => inner.new_uuid()?.simple().to_string(),
    };
    let record = RawEvent {
        id: id.clone(),
        body,
        event,
        received_at_ms: inner.now_ms(),
        workspace: None,
        outcome: None,
        attempts: 0,
        revision: 1,
    };
    match inner.db.transact(|| with(|tx| tx.create(event_key(&id), &record))).await {
        Ok(()) => Ok(true),
        Err(Abort::Exists) => Ok(false),
        Err(other) => Err(other.into()),
    }
}

/// Whether an event with these words waits. It is then followed up after this moment: whoever is about to write down what
/// came of it asked too early.
async fn waits_already(inner: &Inner, body: &str) -> Result<bool, Error> {
    let mut vars = Variables::new();
    vars.insert("body", body.to_owned());
    let sql = "SELECT VALUE doc FROM tendlc_event WHERE waiting = true AND doc.body = $body LIMIT 1";
    let found: Vec<RawEvent> = inner.db.docs(sql, vars).await?;
    let Some(before) = found.into_iter().find(|found| found.event.id.is_none()) else { return Ok(false) };
    let after = RawEvent { revision: before.revision + 1, ..before.clone() };
    let key = event_key(&before.id);
    match inner.db.transact(|| with(|tx| tx.compare_and_set(key.clone(), before.revision, &after))).await {
        Ok(()) => Ok(true),
        // It was just followed up.
        Err(Abort::Stale) => Ok(false),
        Err(other) => Err(other.into()),
    }
}

/// Some of those from which nothing has followed yet: first those that were tried less often, in the order in which they
/// came; those behind `behind`, as it was read. Empty: there are no more.
pub async fn waiting(door: &SystemDoor, lane: Lane, behind: Option<&RawEvent>) -> Result<Vec<RawEvent>, Error> {
    let db = &door.inner().db;
    let mut vars = Variables::new();
    vars.insert("limit", WAITING_AT_ONCE as i64);
    let further = match behind {
        None => "",
        Some(behind) => {
            vars.insert("attempts", i64::from(behind.attempts));
            vars.insert("received_at_ms", behind.received_at_ms);
            vars.insert("id", event_key(&behind.id));
            "AND [attempts, received_at_ms, id] > [$attempts, $received_at_ms, $id]"
        }
    };
    // Without their bodies: what is ordered is as much as there is.
    let sql = format!(
        "SELECT VALUE id FROM (SELECT id, attempts, received_at_ms FROM tendlc_event \
         WHERE waiting = true AND {} {further} ORDER BY attempts, received_at_ms, id LIMIT $limit)",
        lane.condition()
    );
    let keys: Vec<RecordId> = db.read(&sql, vars).await?.take(0).map_err(crate::db::corrupt)?;
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    let mut vars = Variables::new();
    vars.insert("keys", keys);
    let mut found: Vec<RawEvent> = db.docs("SELECT VALUE doc FROM $keys", vars).await?;
    found.sort_by(|one, other| one.place().cmp(&other.place()));
    Ok(found)
}

/// What came of one. Somebody who has it followed up again meanwhile gets that.
pub async fn followed(
    door: &SystemDoor,
    event: &RawEvent,
    workspace: Option<WorkspaceId>,
    outcome: &str,
) -> Result<(), Error> {
    let outcome = Some((door.inner().now_ms(), outcome.to_owned()));
    write(door, event, RawEvent { workspace, outcome, ..event.clone() }).await
}

/// It could not be followed up now. `asked`: because the registry was asked and did not answer.
pub async fn tried(door: &SystemDoor, event: &RawEvent, workspace: WorkspaceId, asked: bool) -> Result<(), Error> {
    if !asked && event.workspace == Some(workspace) {
        return Ok(());
    }
    let attempts = event.attempts + u32::from(asked);
    let outcome = (attempts >= ATTEMPTS_MAX).then(|| {
        (
            door.inner().now_ms(),
            "given up: the registry does not answer; the next round of questions shows what is".to_owned(),
        )
    });
    write(door, event, RawEvent { workspace: Some(workspace), outcome, attempts, ..event.clone() }).await
}

async fn write(door: &SystemDoor, before: &RawEvent, mut after: RawEvent) -> Result<(), Error> {
    after.revision = before.revision + 1;
    let key = event_key(&before.id);
    let written =
        door.inner().db.transact(|| with(|tx| tx.compare_and_set(key.clone(), before.revision, &after))).await;
    match written {
        Ok(()) | Err(Abort::Stale) => Ok(()),
        Err(other) => Err(other.into()),
    }
}

/// Removes those that are over and old.
pub async fn forget_old(door: &SystemDoor) -> Result<(), Error> {
    let mut vars = Variables::new();
    vars.insert("before", door.inner().now_ms() - KEPT_MS);
    let sql = "SELECT VALUE id FROM tendlc_event WHERE waiting = false AND received_at_ms < $before LIMIT 1000";
    let old: Vec<RecordId> = door.inner().db.read(sql, vars).await?.take(0).map_err(crate::db::corrupt)?;
    if old.is_empty() {
        return Ok(());
    }
    Ok(door.inner().db.transact(|| with(|tx| tx.delete_all(old.clone()))).await?)
}

/// Those of the workspaces that are seen, newest first: a page of them, behind `skipped` others, and how many there are.
pub async fn list(sight: &Sight, limit: u32, skipped: u64) -> Result<(Vec<RawEvent>, u64), Error> {
    let db = &sight.inner().db;
    let mut vars = Variables::new();
    let narrowed = match sight.visible() {
        Visible::All => "",
        Visible::Only(workspaces) => {
            vars.insert("workspaces", workspaces.iter().map(ToString::to_string).collect::<Vec<_>>());
            "WHERE workspace IN $workspaces"
        }
        Visible::None => return Ok((Vec::new(), 0)),
    };
    let counting = format!("SELECT VALUE count FROM (SELECT count() AS count FROM tendlc_event {narrowed} GROUP ALL)");
    let count: Option<i64> = db.read(&counting, vars.clone()).await?.take(0).map_err(crate::db::corrupt)?;
    vars.insert("limit", limit);
    vars.insert("skipped", i64::try_from(skipped).unwrap_or(i64::MAX));
    let sql = format!(
        "SELECT VALUE doc FROM (SELECT id, received_at_ms, doc FROM tendlc_event {narrowed} \
         ORDER BY received_at_ms DESC, id DESC LIMIT $limit START $skipped)"
    );
    let total = count.and_then(|count| u64::try_from(count).ok()).unwrap_or_default();
    Ok((db.docs(&sql, vars).await?, total))
}

/// The workspace of an event, to be opened by whoever sees it; one of nobody's is like none, except for those who see
/// everything.
pub async fn locate(registrar: &Registrar, named: Option<&str>, id: &str) -> Result<super::Desk, Error> {
    let found: RawEvent = registrar.inner().db.get(event_key(id)).await?.ok_or(Error::NotFound)?;
    match whose(registrar.inner(), &found).await? {
        Some(workspace) => registrar.desk_among([workspace], named).await,
        None if matches!(registrar.sight(named).await?.visible(), Visible::All) => {
            Err(Error::Stale { what: "it is of nothing that is registered here, and nothing follows from it".into() })
        }
        None => Err(Error::NotFound),
    }
}

/// What an event is about may be registered here since.
async fn whose(inner: &Inner, event: &RawEvent) -> Result<Option<WorkspaceId>, Error> {
    match (event.workspace, event.registry_id()) {
        (None, Some(id)) => Ok(kept::registered_as(inner, &id).await?.map(|(workspace, _)| workspace)),
        (known, _) => Ok(known),
    }
}

/// Has an event followed up again, whatever came of it. What is on record of a later moment stays all the same.
pub async fn replay(proof: &Doing<action::Brands>, id: &str) -> Result<RawEvent, Error> {
    let inner = proof.inner();
    let before: RawEvent = inner.db.get(event_key(id)).await?.ok_or(Error::NotFound)?;
    let workspace = Some(proof.workspace_id());
    if whose(inner, &before).await? != workspace {
        return Err(Error::NotFound);
    }
    let after = RawEvent { workspace, outcome: None, attempts: 0, revision: before.revision + 1, ..before.clone() };
    let event = proof.event("tendlc_event.replayed", "tendlc_event", &id);
    let done = inner.audited(proof.chain(), event, |tx| {
        tx.compare_and_set(event_key(id), before.revision, &after);
        proof.rely_on(tx);
    });
    done.await?;
    Ok(after)
}
