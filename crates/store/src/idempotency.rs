//! Requests that a program may repeat: with an `Idempotency-Key` the first answer is kept for a day and given again.
//!
//! A request takes its key ([`begin`]), is worked on, and leaves its answer ([`Claim::answered`]). One that was cut off in
//! between, because its process ended or nobody waited for it any more, is taken up by whoever repeats it. The claim has an
//! id for what the request makes, so that it makes the same thing then and not another. What changes something that is there
//! already says in the transaction of the change that it is done ([`Mark`]): it is not done again, whatever has become of
//! the thing since.
//!
//! What has a transaction of its own and is asked for a thousand times a second does it in one: it takes its [`turn`], and
//! [`keep`] writes the answer beside what the request did. Where one is there already nothing is written, and [`look`]
//! finds it.
//!
//! *Invariants*: a key is of one API key and of one request; only one at a time works on it; what was answered with
//! success is answered the same for [`KEPT_MS`]; what was marked commits once.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use domain::id::{ApiKeyId, WorkspaceId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use surrealdb::types::{RecordId, SurrealValue, Value, Variables};
use uuid::Uuid;

use crate::{
    Error, SystemDoor,
    access::{Inner, hex},
    api_keys::KeyScope,
    db::{Abort, Tx, key, tx::Columns},
};

/// For so long the first answer is given again.
pub const KEPT_MS: i64 = 24 * HOUR_MS;
/// What a key has at most; it is printable ASCII.
pub const KEY_CHARACTERS_MAX: usize = 255;
const HOUR_MS: i64 = 3_600_000;
/// Attempts to take a key that others take at the same time.
const ATTEMPTS_MAX: u32 = 10;
/// Records removed in one transaction.
const BATCH: i64 = 1_000;

/// A request with its key, as it is told from others.
#[derive(Debug, Clone)]
pub struct Request {
    record: RecordId,
    /// What its place in [`Turns`] is called.
    name: String,
    fingerprint: String,
}

/// Whose requests: a key, in a workspace.
#[derive(Debug, Clone)]
pub struct Caller {
    inner: Arc<Inner>,
    workspace: WorkspaceId,
    key: ApiKeyId,
}

impl Caller {
    pub(crate) const fn new(inner: Arc<Inner>, workspace: WorkspaceId, key: ApiKeyId) -> Self {
        Self { inner, workspace, key }
    }
}

impl From<&KeyScope> for Caller {
    fn from(scope: &KeyScope) -> Self {
        Self::new(scope.shared(), scope.workspace().id, scope.key().id)
    }
}

/// What was answered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Answer {
    pub status: u16,
    /// JSON.
    pub body: String,
}

/// How a request stands whose key may have been used before.
#[derive(Debug)]
pub enum Seen<T> {
    /// For the first time, or the first time was cut off.
    First(T),
    /// It was answered.
    Before(Answer),
    /// It is being worked on.
    Running,
    /// The key belongs to another request.
    Other,
}

/// A key that a request has taken.
#[derive(Debug)]
pub struct Claim {
    inner: Arc<Inner>,
    request: Request,
    record: Record,
    _turn: Turn,
}

/// Goes with a decision, and says in its transaction that the request is done. Where somebody else has taken the request up
/// in the meantime, the decision does not commit.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    id: RecordId,
    record: Record,
}

impl Mark {
    pub(crate) fn put(&self, tx: &mut Tx) {
        let done = Record { is_done: true, revision: self.record.revision + 1, ..self.record.clone() };
        tx.compare_and_set(self.id.clone(), self.record.revision, &done);
    }
}

/// An answer that is to be written together with what the request did.
#[derive(Debug, Clone)]
pub struct Kept {
    id: RecordId,
    record: Record,
}

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Record {
    fingerprint: String,
    /// For what the request makes.
    resource: Uuid,
    /// When it was taken.
    at_ms: i64,
    answer: Option<Answer>,
    /// What was asked for has committed.
    #[serde(default)]
    is_done: bool,
    revision: u64,
}

impl Columns for Record {
    fn columns(&self) -> Vec<(&'static str, Value)> {
        vec![("hour", (self.at_ms / HOUR_MS).into_value())]
    }
}

/// The requests that this process works on: of two with one key at the same time the second is refused without a look
/// into the database. That it holds across processes is for the records to see.
#[derive(Debug, Clone, Default)]
pub(crate) struct Turns(Arc<Mutex<HashSet<String>>>);

/// The place of one request among them; dropping it lets the next one in.
#[derive(Debug)]
pub struct Turn {
    turns: Turns,
    name: String,
}

impl Turns {
    fn take(&self, name: &str) -> Option<Turn> {
        let mut running = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        running.insert(name.to_owned()).then(|| Turn { turns: self.clone(), name: name.to_owned() })
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.turns.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.name);
    }
}

impl Request {
    /// `what` is all that makes it this request: method, address and body. Neither it nor the key is stored but as a hash.
    pub fn new(caller: impl Into<Caller>, idempotency_key: &str, what: &[&[u8]]) -> Result<Self, Error> {
        let printable = idempotency_key.bytes().all(|byte| (0x20..0x7f).contains(&byte));
        if !(1..=KEY_CHARACTERS_MAX).contains(&idempotency_key.len()) || !printable {
            let rule = format!("an Idempotency-Key has 1 to {KEY_CHARACTERS_MAX} characters of printable ASCII");
            return Err(Error::invalid("Idempotency-Key", rule));
        }
        let mut hash = Sha256::new();
        for part in what {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let Caller { workspace, key: id, .. } = caller.into();
        let hashed = hex(&Sha256::digest(idempotency_key.as_bytes()));
        Ok(Self {
            name: format!("{id} {hashed}"),
            record: key::of("idempotency", workspace, [key::id(id), key::id(hashed)]),
            fingerprint: hex(&hash.finalize()),
        })
    }

    /// For [`keep`].
    pub fn with(&self, answer: Answer, now_ms: i64) -> Kept {
        let record = Record {
            fingerprint: self.fingerprint.clone(),
            resource: Uuid::nil(),
            at_ms: now_ms,
            answer: Some(answer),
            is_done: true,
            revision: 1,
        };
        Kept { id: self.record.clone(), record }
    }

    fn compare<T>(&self, known: Record) -> Result<Record, Seen<T>> {
        if known.fingerprint != self.fingerprint {
            return Err(Seen::Other);
        }
        match known.answer {
            Some(answer) => Err(Seen::Before(answer)),
            None => Ok(known),
        }
    }
}

/// Takes the key of a request.
pub async fn begin(caller: impl Into<Caller>, request: &Request) -> Result<Seen<Claim>, Error> {
    let inner = caller.into().inner;
    let Some(turn) = inner.turns.take(&request.name) else { return Ok(Seen::Running) };
    for _ in 0..ATTEMPTS_MAX {
        let now_ms = inner.now_ms();
        let known: Option<Record> = inner.db.get(request.record.clone()).await?;
        let before = known.as_ref().map(|known| known.revision);
        let known = known.filter(|known| now_ms < known.at_ms + KEPT_MS);
        let (resource, is_done) = match known {
            None => (inner.new_uuid()?, false),
            Some(known) => match request.compare(known) {
                Err(seen) => return Ok(seen),
                // Whoever had it would still have the turn.
                Ok(known) => (known.resource, known.is_done),
            },
        };
        let fingerprint = request.fingerprint.clone();
        let revision = before.unwrap_or(0) + 1;
        let record = Record { fingerprint, resource, at_ms: now_ms, answer: None, is_done, revision };
        match put(&inner, request, before, &record).await {
            Ok(()) => return Ok(Seen::First(Claim { inner, request: request.clone(), record, _turn: turn })),
            Err(Abort::Stale | Abort::Exists) => {}
            Err(other) => return Err(other.into()),
        }
    }
    Err(Error::Unavailable)
}

async fn put(inner: &Inner, request: &Request, before: Option<u64>, record: &Record) -> Result<(), Abort> {
    let id = &request.record;
    let build = || {
        let mut tx = Tx::new();
        match before {
            None => tx.create(id.clone(), record),
            Some(before) => tx.compare_and_set(id.clone(), before, record),
        }
        tx
    };
    inner.db.transact(build).await
}

impl Claim {
    /// The id of what the request makes, the same whenever it is taken up again.
    #[must_use]
    pub const fn resource(&self) -> Uuid {
        self.record.resource
    }

    /// What was asked for has committed, and the first time was cut off before its answer.
    #[must_use]
    pub const fn is_done(&self) -> bool {
        self.record.is_done
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark { id: self.request.record.clone(), record: self.record.clone() }
    }

    /// It is done: this is answered from now on.
    pub async fn answered(self, answer: Answer) -> Result<(), Error> {
        self.write(|record| record.answer = Some(answer)).await
    }

    /// It was refused, and nothing was done: the key is free. Otherwise a claim is dropped without an answer: whoever repeats
    /// the request takes it up.
    pub async fn refused(self) -> Result<(), Error> {
        self.write(|record| record.at_ms -= KEPT_MS).await
    }

    /// Whoever took it up in the meantime has the say.
    async fn write(self, change: impl FnOnce(&mut Record)) -> Result<(), Error> {
        let Self { inner, request, record: taken, .. } = &self;
        let known: Option<Record> = inner.db.get(request.record.clone()).await?;
        let Some(mut record) = known else { return Ok(()) };
        let before = record.revision;
        let is_marked = record.is_done && !taken.is_done && before == taken.revision + 1;
        if record.resource != taken.resource || before != taken.revision && !is_marked {
            return Ok(());
        }
        change(&mut record);
        record.revision += 1;
        match put(inner, request, Some(before), &record).await {
            Ok(()) | Err(Abort::Stale) => Ok(()),
            Err(other) => Err(other.into()),
        }
    }
}

/// The place of a request among those that this process works on, without a claim: for what writes its answer by [`keep`] in
/// its own transaction. To be held until that has committed. None: it is being worked on.
#[must_use]
pub fn turn(caller: &KeyScope, request: &Request) -> Option<Turn> {
    caller.shared().turns.take(&request.name)
}

/// Whether the request was answered, for whoever has its turn. What could write its answer was not; so this is asked when
/// it could not.
pub async fn look(caller: &KeyScope, request: &Request) -> Result<Seen<()>, Error> {
    let inner = caller.shared();
    let known: Option<Record> = inner.db.get(request.record.clone()).await?;
    let Some(known) = known else { return Ok(Seen::First(())) };
    if inner.now_ms() >= known.at_ms + KEPT_MS {
        // It would be in the way of the one that is written next.
        inner.db.transact(|| crate::access::with(|tx| tx.delete(request.record.clone()))).await?;
        return Ok(Seen::First(()));
    }
    Ok(request.compare(known).map_or_else(|seen| seen, |_| Seen::Running))
}

/// Puts answers into a transaction, in one statement. [`Abort::Exists`]: one of the keys was used by another process in the
/// meantime; nothing is written then, and each request has to be looked at again.
pub(crate) fn keep(tx: &mut Tx, kept: impl IntoIterator<Item = Kept>) {
    tx.insert("idempotency", kept.into_iter().map(|kept| (kept.id, kept.record)));
}

impl SystemDoor {
    /// Removes the answers that are given no more; how many.
    pub async fn forget_idempotency(&self) -> Result<usize, Error> {
        let inner = self.inner();
        let mut removed = 0;
        loop {
            let mut vars = Variables::new();
            vars.insert("hour", (inner.now_ms() - KEPT_MS) / HOUR_MS - 1);
            vars.insert("limit", BATCH);
            let sql = "SELECT VALUE id FROM idempotency WHERE hour <= $hour LIMIT $limit";
            let mut answer = inner.db.read(sql, vars).await?;
            let over: Vec<RecordId> = answer.take(0).map_err(crate::db::corrupt)?;
            if over.is_empty() {
                return Ok(removed);
            }
            inner.db.transact(|| crate::access::with(|tx| tx.delete_all(over.clone()))).await?;
            removed += over.len();
        }
    }
}
