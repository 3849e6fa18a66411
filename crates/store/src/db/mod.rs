//! The one way to the database: [`Db::read`] for queries, [`Db::transact`] for writes.

pub(crate) mod key;
mod known;
pub(crate) mod migrate;
mod open;
pub(crate) mod tx;

use std::{sync::Arc, time::Duration};

use serde::{Serialize, de::DeserializeOwned};
use surrealdb::{
    IndexedResults, Surreal,
    engine::local::Db as Local,
    types::{Bytes, Error as DbError, QueryError, RecordId, SerdeWrapper, Variables},
};

pub(crate) use self::tx::Tx;
use crate::{Error, metrics};

/// Attempts of one transaction before a conflict is reported as [`Error::Unavailable`].
const ATTEMPTS_MAX: u32 = 40;

#[derive(Debug)]
pub(crate) struct Db {
    handle: Arc<Surreal<Local>>,
    known: Arc<known::Known>,
    /// Makes it unreachable, for tests of what happens then.
    #[cfg(test)]
    pub(crate) down: std::sync::atomic::AtomicBool,
}

/// Why a transaction did not commit.
#[derive(Debug)]
pub(crate) enum Abort {
    /// Another transaction was first: the caller may compute again and retry.
    Conflict,
    /// A compare-and-set or a guard found another value.
    Stale,
    /// What the decision was based on (role, rules) has changed.
    Relied,
    /// A record that had to be new exists.
    Exists,
    Failed(Error),
}

impl From<Abort> for Error {
    fn from(abort: Abort) -> Self {
        match abort {
            Abort::Conflict => Self::Unavailable,
            Abort::Stale => Self::Moved,
            Abort::Relied => Self::Stale {
                what: "your role or the rules of the workspace have just changed; reload and try again".into(),
            },
            Abort::Exists => Self::Stale { what: "this exists already".into() },
            Abort::Failed(error) => error,
        }
    }
}

impl Db {
    /// Runs a read. The query may hold several statements; each one is checked.
    pub(crate) async fn read(&self, sql: &str, vars: Variables) -> Result<IndexedResults, Error> {
        #[cfg(test)]
        if self.down.load(std::sync::atomic::Ordering::SeqCst) {
            return Err(Error::Unavailable);
        }
        let answer = self.handle.query(sql).bind(vars).await.map_err(unavailable)?;
        answer.check().map_err(unavailable)
    }

    /// The aggregate of one record.
    pub(crate) async fn get<T: Serialize + DeserializeOwned + 'static>(
        &self,
        id: RecordId,
    ) -> Result<Option<T>, Error> {
        let mut vars = Variables::new();
        vars.insert("id", id);
        let mut answer = self.read("SELECT VALUE doc FROM ONLY $id", vars).await?;
        let doc: Option<SerdeWrapper<T>> = answer.take(0).map_err(corrupt)?;
        Ok(doc.map(|doc| doc.0))
    }

    /// The same, without asking the database again while nothing has written to its table: for what every request of a
    /// program reads. See [`known`] for when that is right.
    pub(crate) async fn get_known<T>(&self, id: RecordId) -> Result<Option<T>, Error>
    where
        T: Serialize + DeserializeOwned + Clone + Send + Sync + 'static,
    {
        let Some(generation) = self.known.generation(id.table.as_str()) else {
            return self.get(id).await;
        };
        let key = format!("{id:?}");
        if let Some(record) = self.known.get(&key, generation) {
            return Ok(record);
        }
        let keeps_absence = known::keeps_absence(id.table.as_str());
        let record: Option<T> = self.get(id).await?;
        if record.is_some() || keeps_absence {
            self.known.put(key, generation, record.clone());
        }
        Ok(record)
    }

    /// What `read` makes of these tables alone, without reading again while nothing has written to them. `name`: unique among
    /// all that is read so.
    pub(crate) async fn known<T>(
        &self,
        tables: &[&str],
        name: String,
        read: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error>
    where
        T: Clone + Send + Sync + 'static,
    {
        let Some(asked_at) = self.known.generation_of(tables) else { return read.await };
        if let Some(value) = self.known.read_since(&name, asked_at) {
            return Ok(value);
        }
        let _turn = self.known.turn(&name).await;
        if let Some(value) = self.known.read_since(&name, asked_at) {
            return Ok(value);
        }
        let Some(generation) = self.known.generation_of(tables) else { return read.await };
        let value = read.await?;
        self.known.put(name, generation, Some(value.clone()));
        Ok(value)
    }

    /// The packed bytes (`bytes` column) of one record.
    pub(crate) async fn get_bytes(&self, id: RecordId) -> Result<Option<bytes::Bytes>, Error> {
        let mut vars = Variables::new();
        vars.insert("id", id);
        let mut answer = self.read("SELECT VALUE bytes FROM ONLY $id", vars).await?;
        let bytes: Option<Bytes> = answer.take(0).map_err(corrupt)?;
        Ok(bytes.map(Bytes::into_inner))
    }

    /// The aggregates that a `SELECT VALUE doc …` yields.
    pub(crate) async fn docs<T: Serialize + DeserializeOwned + 'static>(
        &self,
        sql: &str,
        vars: Variables,
    ) -> Result<Vec<T>, Error> {
        let mut answer = self.read(sql, vars).await?;
        let docs: Vec<SerdeWrapper<T>> = answer.take(0).map_err(corrupt)?;
        Ok(docs.into_iter().map(|doc| doc.0).collect())
    }

    /// Commits one transaction, once. Scans every statement's result: SurrealDB answers Ok to a query whose COMMIT
    /// failed (facts of 3.3; surrealdb#7428).
    pub(crate) async fn commit(&self, tx: Tx) -> Result<(), Abort> {
        let lasting = metrics::COMMIT_TIMES.lasting();
        let result = self.commit_once(tx).await;
        drop(lasting);
        metrics::committed(&result);
        result
    }

    async fn commit_once(&self, tx: Tx) -> Result<(), Abort> {
        #[cfg(test)]
        if self.down.load(std::sync::atomic::Ordering::SeqCst) {
            return Err(Abort::Failed(Error::Unavailable));
        }
        let tables = known::Known::places(tx.tables());
        let (sql, vars) = tx.into_query();
        let answered = if tables.is_empty() {
            self.handle.query(sql).bind(vars).await
        } else {
            // On a task of its own: whoever waits for it may go away in the middle, as a request does whose connection is
            // cut, and a commit that shows later than its generations would leave what was read before it in memory.
            let (handle, known) = (Arc::clone(&self.handle), Arc::clone(&self.known));
            let committing = tokio::spawn(async move {
                let _raise = known.raise(tables);
                handle.query(sql).bind(vars).await
            });
            let Ok(answered) = committing.await else { return Err(Abort::Failed(Error::Unknown)) };
            answered
        };
        let mut answer = match answered {
            Ok(answer) => answer,
            // The query itself was not answered: it may have been committed or not.
            Err(cause) => {
                tracing::error!(%cause, "transaction without an answer");
                return Err(Abort::Failed(Error::Unknown));
            }
        };
        let errors = answer.take_errors();
        if errors.is_empty() {
            return Ok(());
        }
        Err(classify(errors.into_values()))
    }

    /// Commits a transaction that may be repeated as it stands; conflicts are retried with jitter.
    pub(crate) async fn transact(&self, build: impl Fn() -> Tx) -> Result<(), Abort> {
        for attempt in 0..ATTEMPTS_MAX {
            match self.commit(build()).await {
                Err(Abort::Conflict) => backoff(attempt).await,
                other => return other,
            }
        }
        Err(Abort::Conflict)
    }
}

/// Waits a random while that grows with the attempt: 0 to 1 ms at first, 0 to 64 ms at most.
pub(crate) async fn backoff(attempt: u32) {
    let mut random = [0u8; 2];
    let ceiling_us = 1_000u64 << attempt.min(6);
    let share = if getrandom::fill(&mut random).is_ok() { u64::from(u16::from_le_bytes(random)) } else { 32_768 };
    tokio::time::sleep(Duration::from_micros(ceiling_us * share / 65_536)).await;
}

fn classify(errors: impl Iterator<Item = DbError>) -> Abort {
    let mut abort = None;
    for error in errors {
        let text = error.message();
        let conflict = error.query_details() == Some(&QueryError::TransactionConflict)
            || text.contains("Transaction conflict")
            || text.contains("Transaction retry required")
            || text.contains(tx::RETRY);
        if conflict {
            return Abort::Conflict;
        }
        if text.contains(tx::STALE) {
            abort = Some(Abort::Stale);
        } else if text.contains(tx::RELIED) {
            abort = Some(Abort::Relied);
        } else if text.contains("already exists") {
            abort = Some(Abort::Exists);
        } else if abort.is_none() && error.query_details() != Some(&QueryError::NotExecuted) {
            tracing::error!(cause = %error, "transaction failed");
            abort = Some(Abort::Failed(Error::Unavailable));
        }
    }
    abort.unwrap_or(Abort::Failed(Error::Unavailable))
}

#[expect(clippy::needless_pass_by_value, reason = "an argument of map_err")]
fn unavailable(cause: DbError) -> Error {
    metrics::READ_ERRORS.one();
    tracing::error!(%cause, "query failed");
    Error::Unavailable
}

#[expect(clippy::needless_pass_by_value, reason = "an argument of map_err")]
pub(crate) fn corrupt(cause: DbError) -> Error {
    tracing::error!(%cause, "a stored record cannot be read");
    Error::Corrupt
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Waker};

    use serde::Deserialize;

    use super::*;

    #[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
    struct Thing {
        value: u32,
    }

    impl tx::Columns for Thing {}

    fn write(value: u32) -> Tx {
        let mut tx = Tx::new();
        tx.put(key::global("user", "1"), &Thing { value });
        tx
    }

    /// A request whose connection is cut while a key is revoked or a person blocked: that holds from then on.
    #[tokio::test]
    async fn a_commit_that_nobody_waits_for_any_more_is_seen_all_the_same() {
        let db = Db::open(&crate::Engine::Memory).await.unwrap();
        migrate::run(&db, 0).await.unwrap();
        let known = async || db.get_known::<Thing>(key::global("user", "1")).await.unwrap();
        for value in 1..=20 {
            {
                let mut commit = Box::pin(db.commit(write(value)));
                let _ = commit.as_mut().poll(&mut Context::from_waker(Waker::noop()));
            }
            // Whoever reads now may find the one before, and must not keep it.
            while known().await != Some(Thing { value }) {
                tokio::task::yield_now().await;
            }
        }
    }

    #[tokio::test]
    async fn that_there_is_no_record_is_known_until_there_is_one() {
        let db = Db::open(&crate::Engine::Memory).await.unwrap();
        migrate::run(&db, 0).await.unwrap();
        let id = || key::global("suppression_head", "1");
        let known = async || db.get_known::<Thing>(id()).await.unwrap();
        assert_eq!((known().await, known().await), (None, None));
        let mut tx = Tx::new();
        tx.put(id(), &Thing { value: 7 });
        db.commit(tx).await.unwrap();
        assert_eq!(known().await, Some(Thing { value: 7 }));
    }

    #[tokio::test]
    async fn what_many_want_at_once_is_read_once_and_again_after_a_write() {
        let db = Db::open(&crate::Engine::Memory).await.unwrap();
        migrate::run(&db, 0).await.unwrap();
        let reads = std::sync::atomic::AtomicU32::new(0);
        let known = async || {
            let read = async {
                tokio::task::yield_now().await;
                Ok(reads.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1)
            };
            db.known(&["user"], "a number".to_owned(), read).await.unwrap()
        };
        assert_eq!(tokio::join!(known(), known(), known()), (1, 1, 1));
        db.commit(write(1)).await.unwrap();
        assert_eq!(tokio::join!(known(), known(), known()), (2, 2, 2));
    }
}
