//! A file of numbers on its way onto the list. The engine reads it and brings the numbers shard by shard, each batch in one
//! transaction with how far it is: a crash repeats nothing and counts nothing twice.

use std::sync::Arc;

use domain::{
    id::{UploadId, UserId, WorkspaceId},
    permission::kind,
    suppression::Source,
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, Variables};

use super::{
    Head, NUMBERS_MAX, blacklist,
    change::{full, put_head, put_shard},
    read_head, read_shard,
    shard::Entry,
};
use crate::{
    Error, Granted, SystemDoor, SystemScope,
    access::Inner,
    audit::{Chain, Event},
    db::{Tx, key, tx::Columns},
    users::User,
};

/// Where an import stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum ImportState {
    /// Its file is still arriving.
    Receiving,
    /// The engine reads it.
    Reading,
    Done,
    /// Cannot be read; the reason says what to do.
    Failed {
        reason: String,
    },
}

/// What became of the lines of a file; they add up.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportReport {
    pub lines: u64,
    /// New on the list.
    pub added: u64,
    /// Already on it, or twice in the file.
    pub known: u64,
    pub invalid: u64,
}

/// A line that is no number, as people see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    pub line: u64,
    pub reason: String,
    /// Masked but for the last digits.
    pub text: String,
}

/// The latest import of a workspace, or of the blacklist; a new one replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Import {
    pub id: UploadId,
    /// Whose list it is for, or [`blacklist::LIST`].
    pub workspace: WorkspaceId,
    /// As the browser named it; shown, never part of a path.
    pub file_name: String,
    pub size_bytes: u64,
    pub state: ImportState,
    pub by: UserId,
    pub by_name: String,
    pub started_at_ms: i64,
    /// Shards below this one have what the file brings.
    pub next_shard: u32,
    pub report: ImportReport,
    pub samples: Vec<Sample>,
    pub revision: u64,
}

impl Columns for Import {}

fn import_key(workspace: WorkspaceId) -> RecordId {
    key::of("suppression_import", workspace, [])
}

pub(super) async fn read(inner: &Inner, workspace: WorkspaceId) -> Result<Option<Import>, Error> {
    inner.db.get(import_key(workspace)).await
}

/// Announces a file. One that is being read is not replaced. The former import is given back for its file to be removed.
pub async fn begin_import(
    scope: &Granted<kind::ManageWorkspace>,
    file_name: &str,
    size_bytes: u64,
) -> Result<(Import, Option<UploadId>), Error> {
    begin_in(scope.inner(), scope.workspace_id(), scope.user(), (file_name, size_bytes)).await
}

pub(super) async fn begin_in(
    inner: &Inner,
    list: WorkspaceId,
    by: &User,
    (file_name, size_bytes): (&str, u64),
) -> Result<(Import, Option<UploadId>), Error> {
    let before = read(inner, list).await?;
    if before.as_ref().is_some_and(|before| before.state == ImportState::Reading) {
        return Err(Error::Stale { what: "another file is being imported; wait until it is done".into() });
    }
    let import = Import {
        id: UploadId::from_uuid(inner.new_uuid()?),
        workspace: list,
        file_name: file_name.chars().filter(|c| !c.is_control()).take(200).collect(),
        size_bytes,
        state: ImportState::Receiving,
        by: by.id,
        by_name: by.name.clone(),
        started_at_ms: inner.now_ms(),
        next_shard: 0,
        report: ImportReport::default(),
        samples: Vec::new(),
        revision: before.as_ref().map_or(1, |before| before.revision + 1),
    };
    step(inner, before.as_ref().map(|before| before.revision), &import).await?;
    Ok((import, before.map(|before| before.id)))
}

/// The file is there and synced: the engine takes over. It stands in the audit log.
pub async fn import_received(
    scope: &Granted<kind::ManageWorkspace>,
    import: &Import,
    size_bytes: u64,
) -> Result<Import, Error> {
    let event = Event::new(scope.actor(), scope.origin(), "suppressions.import_started");
    received_in(scope.inner(), import, size_bytes, event, |tx| scope.rely_on(tx)).await
}

pub(super) async fn received_in(
    inner: &Inner,
    import: &Import,
    size_bytes: u64,
    event: Event,
    rely_on: impl Fn(&mut Tx),
) -> Result<Import, Error> {
    let next = Import { size_bytes, state: ImportState::Reading, revision: import.revision + 1, ..import.clone() };
    let event = on(event, import.workspace).change("file", None, Some(import.file_name.clone())).change(
        "size_bytes",
        None,
        Some(size_bytes),
    );
    inner
        .audited(chain_of(import.workspace), event, |tx| {
            tx.compare_and_set(import_key(import.workspace), import.revision, &next);
            rely_on(tx);
        })
        .await?;
    Ok(next)
}

/// The chain in which what happens to a list is on record.
fn chain_of(list: WorkspaceId) -> Chain {
    if list == blacklist::LIST { Chain::Installation } else { Chain::Workspace(list) }
}

fn on(event: Event, list: WorkspaceId) -> Event {
    match list == blacklist::LIST {
        true => event.on("blacklist", &"installation"),
        false => event.on("workspace", &list),
    }
}

/// The latest import, if there was one.
pub async fn find_import(scope: &Granted<kind::ManageWorkspace>) -> Result<Option<Import>, Error> {
    read(scope.inner(), scope.workspace_id()).await
}

/// The same, for the engine.
pub async fn load_import(scope: &SystemScope) -> Result<Option<Import>, Error> {
    read(scope.inner(), scope.workspace_id()).await
}

/// Brings the numbers of some shards, sorted by shard and number and without repetitions, onto the list, in one
/// transaction with the import's place. `upto` is the first shard that is still to come.
pub async fn merge_import(scope: &SystemScope, import: &Import, numbers: &[u64], upto: u32) -> Result<Import, Error> {
    let inner = scope.inner();
    let workspace = scope.workspace_id();
    let by: Arc<str> = Arc::from(import.by_name.as_str());
    let _held = inner.suppressions.writing.lock().await;
    let before = read_head(inner, workspace).await?;
    let mut head = Head { revision: before.revision + 1, changed_at_ms: inner.now_ms(), ..before };
    let mut shards = Vec::new();
    let mut added = 0;
    for of_shard in numbers.chunk_by(|&a, &b| super::shard_of(a) == super::shard_of(b)) {
        let number = super::shard_of(of_shard[0]);
        let mut shard = read_shard(inner, workspace, number).await?;
        let entry =
            |&number: &u64| Entry { number, source: Source::Import, at_ms: import.started_at_ms, by: Arc::clone(&by) };
        let new = shard.merge(of_shard.iter().map(entry));
        if new > 0 {
            added += new;
            shards.push((number, shard));
        }
    }
    *head.count(Source::Import) += added;
    if head.total() > NUMBERS_MAX {
        return Err(full());
    }
    let mut next = import.clone();
    next.next_shard = upto;
    next.report.added += added;
    next.revision += 1;
    inner
        .db
        .transact(|| {
            let mut tx = Tx::new();
            tx.compare_and_set(import_key(workspace), import.revision, &next);
            if added > 0 {
                put_head(&mut tx, workspace, before.revision, &head);
            }
            for (number, shard) in &shards {
                put_shard(&mut tx, workspace, *number, shard);
            }
            tx
        })
        .await?;
    if added > 0 {
        // Many at once: the filter is made anew when somebody asks.
        inner.suppressions.follow(workspace, before.revision, numbers);
    }
    Ok(next)
}

/// The end of an import: what became of its lines, or why it could not be read.
pub async fn finish_import(
    scope: &SystemScope,
    import: &Import,
    outcome: Result<(u64, u64, Vec<Sample>), String>,
) -> Result<Import, Error> {
    let mut next = import.clone();
    next.revision += 1;
    let action = if import.workspace == blacklist::LIST { "blacklist.imported" } else { "suppressions.imported" };
    let mut event = on(Event::new(scope.actor(), scope.origin(), action), import.workspace).change(
        "file",
        None,
        Some(import.file_name.clone()),
    );
    match outcome {
        Ok((lines, invalid, samples)) => {
            next.state = ImportState::Done;
            next.report =
                ImportReport { lines, invalid, known: lines - invalid - import.report.added, ..import.report };
            next.samples = samples;
            event = event
                .change("lines", None, Some(lines))
                .change("added", None, Some(next.report.added))
                .change("known", None, Some(next.report.known))
                .change("invalid", None, Some(invalid));
        }
        Err(reason) => {
            event = event.change("added", None, Some(import.report.added)).note(reason.clone());
            next.state = ImportState::Failed { reason };
        }
    }
    scope
        .inner()
        .audited(chain_of(import.workspace), event, |tx| {
            tx.compare_and_set(import_key(import.workspace), import.revision, &next);
        })
        .await?;
    Ok(next)
}

async fn step(inner: &Inner, before: Option<u64>, next: &Import) -> Result<(), Error> {
    let written = inner.db.transact(|| {
        let mut tx = Tx::new();
        match before {
            Some(revision) => tx.compare_and_set(import_key(next.workspace), revision, next),
            None => tx.create(import_key(next.workspace), next),
        }
        tx
    });
    Ok(written.await?)
}

impl SystemDoor {
    /// The workspaces whose import had not ended when the process did; [`blacklist::LIST`] among them, if it is so.
    pub async fn unfinished_imports(&self) -> Result<Vec<WorkspaceId>, Error> {
        let sql = "SELECT VALUE doc FROM suppression_import WHERE doc.state.kind = 'reading'";
        let found: Vec<Import> = self.inner().db.docs(sql, Variables::new()).await?;
        Ok(found.into_iter().map(|import| import.workspace).collect())
    }
}
