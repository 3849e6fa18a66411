//! Putting numbers onto the list and taking them off.

use std::sync::Arc;

use domain::{ctn_hash::WorkspaceKey, id::WorkspaceId, permission::kind, phone::PhoneNumber, suppression::Source};

use super::{
    Head, NUMBERS_MAX, blacklist, head_key, read_head, read_shard,
    shard::{Entry, Shard, shard_of},
    shard_key,
};
use crate::{
    Error, Granted, Scope,
    access::Inner,
    audit::{Chain, Event},
    db::Tx,
};

/// Numbers of one call.
pub const BATCH_MAX: usize = 1_000;
/// Numbers of one transaction: each may rewrite a shard, and all of them have to fit the memtable.
pub(super) const TRANSACTION_NUMBERS: usize = 200;
/// Numbers whose hashes an audit record names.
const NAMED_MAX: usize = 10;
/// Attempts of a change that finds the list changed under it by another process.
const ATTEMPTS_MAX: u32 = 20;

/// How a person's or a program's numbers come onto the list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AddedAs {
    Person,
    Program,
    /// Together with the erasure of everything else about it.
    Erasure,
}

/// Puts numbers onto the list; gives how many were not on it. At most [`BATCH_MAX`]; more come as a file.
pub async fn add(
    scope: &Granted<kind::ManageWorkspace>,
    numbers: &[PhoneNumber],
    added_as: AddedAs,
) -> Result<u64, Error> {
    check_batch(numbers, IMPORT)?;
    let source = match added_as {
        AddedAs::Person => Source::Hand,
        AddedAs::Program => Source::Api,
        AddedAs::Erasure => Source::Erasure,
    };
    let mut added = 0;
    for numbers in numbers.chunks(TRANSACTION_NUMBERS) {
        let by = Arc::from(scope.user().name.as_str());
        let event = event(scope, "suppressions.added");
        let entry = Added { source, at_ms: scope.now_ms(), by };
        let change = Change { workspace: scope.workspace_id(), numbers, what: What::Add(entry) };
        added += change.commit(scope.inner(), event, |tx| scope.rely_on(tx)).await?;
    }
    Ok(added)
}

/// Takes numbers off the list, whatever put them there; gives how many were on it.
pub async fn remove(scope: &Granted<kind::ManageWorkspace>, numbers: &[PhoneNumber]) -> Result<u64, Error> {
    check_batch(numbers, IMPORT)?;
    let mut removed = 0;
    for numbers in numbers.chunks(TRANSACTION_NUMBERS) {
        let event = event(scope, "suppressions.removed");
        let change = Change { workspace: scope.workspace_id(), numbers, what: What::Remove(None) };
        removed += change.commit(scope.inner(), event, |tx| scope.rely_on(tx)).await?;
    }
    Ok(removed)
}

/// What is done about more numbers than go at once.
pub(super) const IMPORT: &str = "import more of them as a file";

pub(super) fn check_batch(numbers: &[PhoneNumber], instead: &str) -> Result<(), Error> {
    if numbers.len() > BATCH_MAX {
        let message = format!("at most {BATCH_MAX} numbers at once; {instead}");
        return Err(Error::invalid("numbers", message));
    }
    Ok(())
}

fn event(scope: &Scope, action: &'static str) -> Event {
    Event::new(scope.actor(), scope.origin(), action).on("workspace", &scope.workspace_id())
}

pub(super) struct Added {
    pub(super) source: Source,
    pub(super) at_ms: i64,
    pub(super) by: Arc<str>,
}

pub(super) enum What {
    Add(Added),
    /// Only what came from this source, or whatever is there.
    Remove(Option<Source>),
}

/// A change of a list, with numbers of which there are few enough for one transaction.
pub(super) struct Change<'a> {
    pub(super) workspace: WorkspaceId,
    pub(super) numbers: &'a [PhoneNumber],
    pub(super) what: What,
}

/// What a change comes to.
struct Computed {
    head: Head,
    shards: Vec<(u32, Shard)>,
    changed: Vec<u64>,
}

impl Change<'_> {
    /// Commits it with its audit record; gives how many numbers it changed. Nothing is written when there are none.
    pub(super) async fn commit(&self, inner: &Inner, event: Event, also: impl Fn(&mut Tx)) -> Result<u64, Error> {
        let workspace = self.workspace;
        let _held = inner.suppressions.writing.lock().await;
        for _ in 0..ATTEMPTS_MAX {
            let before = read_head(inner, workspace).await?;
            let Computed { head, shards, changed } = self.compute(inner, before).await?;
            if changed.is_empty() {
                return Ok(0);
            }
            let event = self.described(event.clone(), &inner.keys.for_workspace(workspace), before, head, &changed);
            let outcome = inner
                .audited(chain_of(workspace), event, |tx| {
                    put_head(tx, workspace, before.revision, &head);
                    for (number, shard) in &shards {
                        put_shard(tx, workspace, *number, shard);
                    }
                    also(tx);
                })
                .await;
            match outcome {
                Ok(()) => {
                    let added = if matches!(self.what, What::Add(_)) { changed.as_slice() } else { &[] };
                    inner.suppressions.follow(workspace, before.revision, added);
                    return Ok(changed.len() as u64);
                }
                Err(Error::Moved) => {}
                Err(other) => return Err(other),
            }
        }
        Err(Error::Moved)
    }

    async fn compute(&self, inner: &Inner, before: Head) -> Result<Computed, Error> {
        let mut numbers: Vec<u64> = self.numbers.iter().map(|number| number.as_u64()).collect();
        numbers.sort_unstable_by_key(|&number| (shard_of(number), number));
        numbers.dedup();
        let mut head = Head { revision: before.revision + 1, changed_at_ms: inner.now_ms(), ..before };
        let (mut shards, mut changed) = (Vec::new(), Vec::new());
        for of_shard in numbers.chunk_by(|&a, &b| shard_of(a) == shard_of(b)) {
            let number = shard_of(of_shard[0]);
            let mut shard = read_shard(inner, self.workspace, number).await?;
            let changed_before = changed.len();
            for &number in of_shard {
                if self.apply(&mut shard, &mut head, number) {
                    changed.push(number);
                }
            }
            if changed.len() > changed_before {
                shards.push((number, shard));
            }
        }
        if matches!(self.what, What::Add(_)) && head.total() > NUMBERS_MAX {
            return Err(full());
        }
        Ok(Computed { head, shards, changed })
    }

    fn apply(&self, shard: &mut Shard, head: &mut Head, number: u64) -> bool {
        match &self.what {
            What::Add(Added { source, at_ms, by }) => {
                let entry = Entry { number, source: *source, at_ms: *at_ms, by: Arc::clone(by) };
                let is_new = shard.insert(entry);
                *head.count(*source) += u64::from(is_new);
                is_new
            }
            What::Remove(only) => {
                let matches = shard.find(number).is_some_and(|entry| only.is_none_or(|only| only == entry.source));
                let Some(entry) = matches.then(|| shard.remove(number)).flatten() else { return false };
                let count = head.count(entry.source);
                *count = count.saturating_sub(1);
                true
            }
        }
    }

    fn described(&self, event: Event, key: &WorkspaceKey, before: Head, after: Head, changed: &[u64]) -> Event {
        let event = event.change("numbers", Some(before.total()), Some(after.total()));
        let event = match &self.what {
            What::Add(added) => event.change("source", None, Some(added.source.label())),
            What::Remove(_) => event,
        };
        if changed.len() > NAMED_MAX {
            return event;
        }
        let named = changed.iter().filter_map(|&number| PhoneNumber::from_u64(number));
        let named: Vec<String> = named.map(|number| format!("{} {}", number.masked(), key.ctn_hash(number))).collect();
        event.note(named.join(", "))
    }
}

/// Where changes of a list are on record.
fn chain_of(list: WorkspaceId) -> Chain {
    if list == blacklist::LIST { Chain::Installation } else { Chain::Workspace(list) }
}

pub(super) fn full() -> Error {
    Error::invalid("numbers", format!("a suppression list holds {NUMBERS_MAX} numbers at most"))
}

/// Advances the head from the revision that was read; 0: there was none.
pub(super) fn put_head(tx: &mut Tx, workspace: WorkspaceId, before: u64, head: &Head) {
    if before == 0 {
        tx.create(head_key(workspace), head);
    } else {
        tx.compare_and_set(head_key(workspace), before, head);
    }
}

pub(super) fn put_shard(tx: &mut Tx, workspace: WorkspaceId, number: u32, shard: &Shard) {
    if shard.is_empty() {
        tx.delete(shard_key(workspace, number));
    } else {
        tx.put_bytes(shard_key(workspace, number), shard.encode().into());
    }
}
