//! What brands, 10DLC campaigns and numbers have in common as records: lists by what is seen, one by its id, changes by the
//! system that are tried again, and the way from the registry's ids to ours.

use std::str::FromStr;

use domain::id::{BrandId, TenDlcCampaignId, WorkspaceId};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, SurrealValue, Value, Variables};

use super::access::{Desk, Registrar};
use crate::{
    Error, SystemDoor, SystemScope,
    access::Inner,
    audit::{Chain, Event},
    db::{Tx, corrupt, key, tx::Columns},
};

/// Attempts of a change by the system when others change the same record.
const ATTEMPTS_MAX: u32 = 20;

/// Records that the engine looks at together.
const AT_ONCE: i64 = 200;

/// What an id of the registry stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Subject {
    Brand(BrandId),
    Campaign(TenDlcCampaignId),
}

/// Kept under the registry's id.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(super) struct RegistryId {
    pub(super) workspace: WorkspaceId,
    pub(super) subject: Subject,
}

impl Columns for RegistryId {
    fn columns(&self) -> Vec<(&'static str, Value)> {
        vec![("workspace", self.workspace.to_string().into_value())]
    }
}

pub(super) fn registry_id_key(id: impl std::fmt::Display) -> RecordId {
    key::global("tendlc_registry_id", id)
}

/// Whose an id of the registry is; None: nobody's here.
pub async fn known_as(door: &SystemDoor, registry_id: &str) -> Result<Option<(WorkspaceId, Subject)>, Error> {
    registered_as(door.inner(), registry_id).await
}

/// The same for those who hold another proof.
pub(super) async fn registered_as(inner: &Inner, registry_id: &str) -> Result<Option<(WorkspaceId, Subject)>, Error> {
    let found: Option<RegistryId> = inner.db.get(registry_id_key(registry_id)).await?;
    Ok(found.map(|found| (found.workspace, found.subject)))
}

/// A record under `[workspace, id]` with a revision.
pub(super) trait Kept: Columns {
    const TABLE: &'static str;
    type Id: std::fmt::Display + FromStr + Copy;

    fn id(&self) -> Self::Id;
    fn workspace(&self) -> WorkspaceId;
    fn revision(&self) -> u64;
    fn set_revision(&mut self, revision: u64);
}

pub(super) fn record<K: Kept>(workspace: WorkspaceId, id: K::Id) -> RecordId {
    key::of(K::TABLE, workspace, [key::id(id)])
}

pub(super) async fn find<K: Kept>(desk: &Desk, id: K::Id) -> Result<K, Error> {
    desk.inner().db.get(record::<K>(desk.workspace_id(), id)).await?.ok_or(Error::NotFound)
}

/// The desk of the workspace in which something lies; what is not seen is like what is not there. `named`: a workspace in
/// which it has to lie. Callers choose ids of their own, so one may stand for something in several workspaces: then the
/// workspace has to be named.
pub(super) async fn locate<K: Kept>(registrar: &Registrar, named: Option<&str>, id: K::Id) -> Result<Desk, Error> {
    let mut vars = Variables::new();
    vars.insert("own_id", id.to_string());
    let sql = format!("SELECT VALUE doc FROM {} WHERE own_id = $own_id", K::TABLE);
    let found: Vec<K> = registrar.inner().db.docs(&sql, vars).await?;
    registrar.desk_among(found.iter().map(Kept::workspace), named).await
}

/// Where a column is true, in all workspaces, for the engine's rounds: some of them in the order of their keys, those behind
/// `after`. Empty: there are no more.
pub(super) async fn marked<K: Kept>(
    door: &SystemDoor,
    column: &'static str,
    after: Option<(WorkspaceId, K::Id)>,
) -> Result<Vec<(WorkspaceId, K::Id)>, Error> {
    let behind = after.map(|(workspace, id)| key::after(K::TABLE, workspace, [key::id(id)]));
    let from = if behind.is_some() { "$from" } else { K::TABLE };
    keys_where(door.inner(), from, behind, column).await
}

/// As [`marked`], in one workspace.
pub(super) async fn marked_in<K: Kept>(
    scope: &SystemScope,
    column: &'static str,
    after: Option<(WorkspaceId, K::Id)>,
) -> Result<Vec<(WorkspaceId, K::Id)>, Error> {
    let range = match after {
        None => key::all(K::TABLE, scope.workspace_id(), []),
        Some((_, id)) => key::behind(K::TABLE, scope.workspace_id(), key::id(id)),
    };
    keys_where(scope.inner(), "$from", Some(range), column).await
}

async fn keys_where<I: FromStr>(
    inner: &Inner,
    from: &str,
    range: Option<RecordId>,
    column: &'static str,
) -> Result<Vec<(WorkspaceId, I)>, Error> {
    let mut vars = Variables::new();
    vars.insert("limit", AT_ONCE);
    if let Some(range) = range {
        vars.insert("from", range);
    }
    let sql = format!("SELECT VALUE id FROM {from} WHERE {column} = true ORDER BY id LIMIT $limit");
    let keys: Vec<RecordId> = inner.db.read(&sql, vars).await?.take(0).map_err(corrupt)?;
    let read = |key: &RecordId| {
        let (workspace, id) = key::read(key)?;
        Some((workspace, id.parse().ok()?))
    };
    keys.iter().map(|key| read(key).ok_or(Error::Corrupt)).collect()
}

pub(super) async fn load<K: Kept>(scope: &SystemScope, id: K::Id) -> Result<K, Error> {
    scope.inner().db.get(record::<K>(scope.workspace_id(), id)).await?.ok_or(Error::NotFound)
}

/// A change by the system: read, changed, written if nobody else did meanwhile, else read again. `change` says what is to
/// be recorded, or nothing for what nobody has to know (when it was looked at last); None leaves it as it is. `also` goes
/// into the same transaction.
pub(super) async fn revise<K: Kept>(
    scope: &SystemScope,
    id: K::Id,
    change: impl Fn(&K) -> Option<(K, Option<Event>)>,
    also: impl Fn(&mut Tx, &K),
) -> Result<K, Error> {
    let inner = scope.inner();
    for _ in 0..ATTEMPTS_MAX {
        let before: K = load(scope, id).await?;
        let Some((mut after, event)) = change(&before) else { return Ok(before) };
        after.set_revision(before.revision() + 1);
        let build = |tx: &mut Tx| {
            tx.compare_and_set(record::<K>(scope.workspace_id(), id), before.revision(), &after);
            also(tx, &after);
        };
        let written = match event {
            Some(event) => inner.audited(Chain::Workspace(scope.workspace_id()), event, build).await,
            None => inner.db.transact(|| crate::access::with(build)).await.map_err(Error::from),
        };
        match written {
            Ok(()) => return Ok(after),
            Err(Error::Moved) => {}
            Err(other) => return Err(other),
        }
    }
    Err(Error::Moved)
}

/// An event of the system's own.
pub(super) fn heard(
    scope: &SystemScope,
    action: &'static str,
    kind: &'static str,
    id: &impl std::fmt::Display,
) -> Event {
    Event::new(scope.actor(), scope.origin(), action).on(kind, id)
}
