//! What subscribers wrote, for each workspace that sends with the address to which they wrote it.
//!
//! It is kept as recipients' data are: as long as the settings of the workspace say, and never more than the newest
//! [`KEPT_MAX`]. Whoever erases a number erases its messages.

use domain::{
    channel::ChannelId,
    id::{InboundId, WorkspaceId},
    inbound::Wish,
    permission::kind,
    phone::PhoneNumber,
    sender::Saddr,
    workspace::Workspace,
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, SurrealValue, Value, Variables};
use uuid::Uuid;

use crate::{
    Error, Granted, Reason, Scope, SystemDoor,
    access::Inner,
    audit::{Chain, Event},
    db::{Tx, corrupt, key, tx::Columns},
    recipients::Reveal,
    senders,
};

/// Messages of one workspace; the oldest go first.
pub const KEPT_MAX: u32 = 50_000;
/// Rows of a page at most.
pub const PAGE_ROWS_MAX: u32 = 200;
const TABLE: &str = "inbound_message";
const DAY_MS: i64 = 24 * 3_600_000;

/// From whom a message came.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Writer {
    Number(u64),
    /// A short code or a name, which is nobody's number.
    Other(String),
}

/// A message as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Kept {
    id: InboundId,
    at_ms: i64,
    link: ChannelId,
    saddr: String,
    from: Writer,
    /// None: it is no text that we read.
    text: Option<String>,
    /// The keyword, on which the suppression list has followed.
    wish: Option<Wish>,
}

impl Columns for Kept {
    fn columns(&self) -> Vec<(&'static str, Value)> {
        match self.from {
            Writer::Number(number) => vec![("number", i64::try_from(number).unwrap_or(i64::MAX).into_value())],
            Writer::Other(_) => Vec::new(),
        }
    }
}

/// A message on its way in.
#[derive(Debug, Clone)]
pub struct Arrived {
    /// Made once for a message, so that keeping it again keeps it once.
    pub id: InboundId,
    pub at_ms: i64,
    pub link: ChannelId,
    pub saddr: Saddr,
    pub from: Writer,
    pub text: Option<String>,
    pub wish: Option<Wish>,
}

/// A message as people of the workspace see it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InboundView {
    pub id: InboundId,
    pub at_ms: i64,
    pub saddr: String,
    /// Masked, unless the numbers are revealed.
    pub from: String,
    pub text: Option<String>,
    pub wish: Option<Wish>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct InboundPage {
    /// Newest first.
    pub rows: Vec<InboundView>,
    /// Where to go on; None: there is nothing older.
    pub next: Option<InboundId>,
}

fn message_key(workspace: WorkspaceId, id: InboundId) -> RecordId {
    key::of(TABLE, workspace, [key::id(id)])
}

/// The least id of this millisecond.
fn first_id_at(at_ms: i64) -> InboundId {
    let at_ms = u64::try_from(at_ms).unwrap_or(0);
    InboundId::from_uuid(uuid::Builder::from_unix_timestamp_millis(at_ms, &[0; 10]).into_uuid())
}

/// A fresh id for a message that has just arrived.
pub fn new_id(door: &SystemDoor) -> Result<InboundId, Error> {
    door.inner().new_uuid().map(InboundId::from_uuid)
}

/// Keeps a message for every workspace that sends with the address; gives them.
pub async fn keep(door: &SystemDoor, message: &Arrived) -> Result<Vec<WorkspaceId>, Error> {
    let inner = door.inner();
    let workspaces = senders::users_of(inner, &message.saddr).await?;
    if workspaces.is_empty() {
        return Ok(workspaces);
    }
    let kept = Kept {
        id: message.id,
        at_ms: message.at_ms,
        link: message.link.clone(),
        saddr: message.saddr.to_string(),
        from: message.from.clone(),
        text: message.text.clone(),
        wish: message.wish,
    };
    let build = || {
        let mut tx = Tx::new();
        for workspace in &workspaces {
            tx.put(message_key(*workspace, kept.id), &kept);
        }
        tx
    };
    inner.db.transact(build).await?;
    Ok(workspaces)
}

/// A page of the messages, newest first, older than `before`. Looking at full numbers is recorded.
pub async fn page(
    scope: &Scope,
    before: Option<InboundId>,
    limit: u32,
    reveal: Reveal<'_>,
) -> Result<InboundPage, Error> {
    let full = match reveal {
        Reveal::Masked => false,
        Reveal::Full(proof) if proof.workspace_id() == scope.workspace_id() => true,
        Reveal::Full(_) => return Err(Error::Forbidden),
    };
    let limit = limit.clamp(1, PAGE_ROWS_MAX);
    let mut vars = Variables::new();
    vars.insert("range", key::range(TABLE, scope.workspace_id(), [], None, before.map(key::id)));
    vars.insert("limit", i64::from(limit) + 1);
    let sql = "SELECT VALUE doc FROM (SELECT id, doc FROM $range ORDER BY id DESC LIMIT $limit)";
    let mut kept: Vec<Kept> = scope.inner().db.docs(sql, vars).await?;
    let more = kept.len() > limit as usize;
    kept.truncate(limit as usize);
    let next = kept.last().filter(|_| more).map(|last| last.id);
    if full && let (Some(newest), Some(oldest)) = (kept.first(), kept.last()) {
        let event = Event::new(scope.actor(), scope.origin(), "inbound.revealed")
            .on("workspace", &scope.workspace_id())
            .note(format!(
                "{} numbers of inbound messages, {} to {}",
                kept.len(),
                scope.show_time(oldest.at_ms),
                scope.show_time(newest.at_ms)
            ));
        scope.inner().audited(Chain::Workspace(scope.workspace_id()), event, |_| {}).await?;
    }
    let shown = |from: Writer| match from {
        Writer::Number(number) => PhoneNumber::from_u64(number)
            .map_or_else(|| "erased".to_owned(), |number| if full { number.to_string() } else { number.masked() }),
        Writer::Other(name) => name,
    };
    let rows = kept.into_iter().map(|kept| InboundView {
        id: kept.id,
        at_ms: kept.at_ms,
        saddr: kept.saddr,
        from: shown(kept.from),
        text: kept.text,
        wish: kept.wish,
    });
    Ok(InboundPage { rows: rows.collect(), next })
}

/// Everything that a number wrote to the workspace, oldest first, for whoever gives it out.
pub(crate) async fn of_number(scope: &Scope, number: PhoneNumber) -> Result<Vec<(i64, String, Option<String>)>, Error> {
    let mut vars = Variables::new();
    vars.insert("range", key::all(TABLE, scope.workspace_id(), []));
    vars.insert("number", number_column(number));
    let sql = "SELECT VALUE doc FROM (SELECT id, doc FROM $range WHERE number = $number ORDER BY id)";
    let kept: Vec<Kept> = scope.inner().db.docs(sql, vars).await?;
    Ok(kept.into_iter().map(|kept| (kept.at_ms, kept.saddr, kept.text)).collect())
}

/// Takes a number's messages out, on record under how the number is called there; gives how many they were.
pub(crate) async fn erase(
    proof: &Granted<kind::ManageWorkspace>,
    number: PhoneNumber,
    called: &str,
) -> Result<u64, Error> {
    let (inner, workspace) = (proof.inner(), proof.workspace_id());
    let mut vars = Variables::new();
    vars.insert("range", key::all(TABLE, workspace, []));
    vars.insert("number", number_column(number));
    let mut answer = inner.db.read("SELECT VALUE id FROM $range WHERE number = $number", vars).await?;
    let keys: Vec<RecordId> = answer.take(0).map_err(corrupt)?;
    if keys.is_empty() {
        return Ok(0);
    }
    let count = keys.len() as u64;
    let event = Event::new(proof.actor(), proof.origin(), "inbound.number_erased")
        .on("workspace", &workspace)
        .change("messages", None, Some(count))
        .note(called.to_owned());
    inner
        .audited(Chain::Workspace(workspace), event, |tx| {
            tx.delete_all(keys.clone());
            proof.rely_on(tx);
        })
        .await?;
    Ok(count)
}

fn number_column(number: PhoneNumber) -> i64 {
    i64::try_from(number.as_u64()).unwrap_or(i64::MAX)
}

/// Removes what was kept long enough by the settings of each workspace, and what is too much.
pub async fn forget_due(door: &SystemDoor) -> Result<(), Error> {
    let workspaces: Vec<Workspace> = door.inner().db.docs("SELECT VALUE doc FROM workspace", Variables::new()).await?;
    for workspace in workspaces {
        if let Some(days) = workspace.recipient_data_days {
            let scope = door.enter(workspace.id, Reason::Retention);
            let oldest = first_id_at(scope.now_ms() - i64::from(days) * DAY_MS);
            remove_before(door.inner(), workspace.id, oldest).await?;
        }
        trim(door, workspace.id, KEPT_MAX).await?;
    }
    Ok(())
}

/// Removes all but the newest `most` of a workspace.
pub async fn trim(door: &SystemDoor, workspace: WorkspaceId, most: u32) -> Result<(), Error> {
    let inner = door.inner();
    let mut vars = Variables::new();
    vars.insert("range", key::all(TABLE, workspace, []));
    vars.insert("most", i64::from(most));
    let sql = "SELECT VALUE record::id(id)[1] FROM (SELECT id FROM $range ORDER BY id DESC LIMIT 1 START $most)";
    let mut answer = inner.db.read(sql, vars).await?;
    let first_too_many: Vec<String> = answer.take(0).map_err(corrupt)?;
    let Some(Ok(too_many)) = first_too_many.first().map(|id| id.parse::<InboundId>()) else { return Ok(()) };
    // That one, too: ids are followed by the next greater one.
    let after = InboundId::from_uuid(Uuid::from_u128(too_many.as_uuid().as_u128().saturating_add(1)));
    remove_before(inner, workspace, after).await
}

async fn remove_before(inner: &Inner, workspace: WorkspaceId, id: InboundId) -> Result<(), Error> {
    let range = key::range(TABLE, workspace, [], None, Some(key::id(id)));
    let build = || {
        let mut tx = Tx::new();
        tx.delete(range.clone());
        tx
    };
    Ok(inner.db.transact(build).await?)
}
