//! What was sent so long ago that no preset counts it goes: once processes have run for so long since its day was last
//! written.
//!
//! No clock on the wall is asked. One that begins in 1970, or is ahead for a night, would make everything old, and whatever
//! is allowed a week would be allowed again. Time in which nothing runs does not count: then what is old goes later, when
//! little has come instead.

use std::time::Duration;

use domain::{id::WorkspaceId, policy};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, Variables};

use super::TABLE;
use crate::{
    Error, SystemDoor,
    access::Inner,
    db::{Tx, corrupt, key, tx::Columns},
};

const DAYS_TABLE: &str = "sent_day";
/// Shards that are removed with one transaction.
const REMOVE_SHARDS: u64 = 256;
/// Time is noted once a minute or so; what is written in between must not look older than it is.
const PATIENCE_MS: i64 = 3_600_000;

/// For how long processes have run with this database, all together.
#[derive(Debug, Clone, Copy, Default, Serialize, Deserialize)]
struct Ran {
    ms: i64,
}

impl Columns for Ran {}

/// A day that holds something.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Day {
    workspace: WorkspaceId,
    day: u32,
    /// [`Ran`] when it was last written.
    ran_ms: i64,
}

impl Columns for Day {}

fn ran_key() -> RecordId {
    key::global("sent_clock", "ran")
}

/// For how long processes have run until about now.
pub(super) async fn ran_ms(inner: &Inner) -> Result<i64, Error> {
    Ok(inner.db.get::<Ran>(ran_key()).await?.unwrap_or_default().ms)
}

/// Notes that shards of a day are written, with the transaction that does.
pub(super) fn note(tx: &mut Tx, workspace: WorkspaceId, day: u32, ran_ms: i64) {
    tx.put(key::of(DAYS_TABLE, workspace, [key::number(day.into())]), &Day { workspace, day, ran_ms });
}

/// The days of a workspace that hold something.
pub(super) async fn days(inner: &Inner, workspace: WorkspaceId) -> Result<Vec<u32>, Error> {
    adopt(inner).await?;
    noted(inner, workspace).await
}

async fn noted(inner: &Inner, workspace: WorkspaceId) -> Result<Vec<u32>, Error> {
    let mut vars = Variables::new();
    vars.insert("range", key::all(DAYS_TABLE, workspace, []));
    let days: Vec<Day> = inner.db.docs("SELECT VALUE doc FROM $range", vars).await?;
    Ok(days.into_iter().map(|day| day.day).collect())
}

/// Notes the days that an earlier release wrote, as if they were written now.
async fn adopt(inner: &Inner) -> Result<(), Error> {
    let adopting = async || {
        let ran_ms = ran_ms(inner).await?;
        let mut answer = inner.db.read("SELECT VALUE record::id(id) FROM workspace", Variables::new()).await?;
        let ids: Vec<String> = answer.take(0).map_err(corrupt)?;
        for id in ids {
            let workspace: WorkspaceId = id.parse().map_err(|_| Error::Corrupt)?;
            let known = noted(inner, workspace).await?;
            let mut from = 0;
            while let Some(day) = first_day(inner, workspace, from).await? {
                if !known.contains(&day) {
                    let build = || {
                        let mut tx = Tx::new();
                        note(&mut tx, workspace, day, ran_ms);
                        tx
                    };
                    inner.db.transact(build).await?;
                }
                from = day + 1;
            }
        }
        Ok(())
    };
    inner.histories.days_known.get_or_try_init(adopting).await.map(drop)
}

/// The first day from one on that has shards.
async fn first_day(inner: &Inner, workspace: WorkspaceId, from: u32) -> Result<Option<u32>, Error> {
    let mut vars = Variables::new();
    vars.insert("range", key::range(TABLE, workspace, [], Some(key::number(from.into())), None));
    let mut answer = inner.db.read("SELECT VALUE record::id(id)[1] FROM $range LIMIT 1", vars).await?;
    let days: Vec<i64> = answer.take(0).map_err(corrupt)?;
    days.first().map(|day| u32::try_from(*day).map_err(|_| Error::Corrupt)).transpose()
}

impl SystemDoor {
    /// Removes what was sent so long ago that no preset counts it, in all workspaces. `ran_for`: for how long this process
    /// has run since it was here last.
    pub async fn forget_sent(&self, ran_for: Duration) -> Result<(), Error> {
        let inner = self.inner();
        adopt(inner).await?;
        let ran = Ran { ms: ran_ms(inner).await? + i64::try_from(ran_for.as_millis()).unwrap_or(0) };
        let build = || {
            let mut tx = Tx::new();
            tx.put(ran_key(), &ran);
            tx
        };
        inner.db.transact(build).await?;
        let mut vars = Variables::new();
        vars.insert("upto", ran.ms - policy::REMEMBERED_MS - PATIENCE_MS);
        let old: Vec<Day> = inner.db.docs("SELECT VALUE doc FROM sent_day WHERE doc.ran_ms <= $upto", vars).await?;
        for day in old {
            self.forget_day(&day).await?;
        }
        Ok(())
    }

    async fn forget_day(&self, day: &Day) -> Result<(), Error> {
        let inner = self.inner();
        let shards = key::all(TABLE, day.workspace, [key::number(day.day.into())]);
        loop {
            let mut vars = Variables::new();
            vars.insert("range", shards.clone());
            vars.insert("limit", REMOVE_SHARDS as i64);
            let mut answer = inner.db.read("SELECT VALUE id FROM $range LIMIT $limit", vars).await?;
            let mut ids: Vec<RecordId> = answer.take(0).map_err(corrupt)?;
            let is_last = ids.is_empty();
            if is_last {
                ids.push(key::of(DAYS_TABLE, day.workspace, [key::number(day.day.into())]));
            }
            let build = || {
                let mut tx = Tx::new();
                tx.delete_all(ids.clone());
                tx
            };
            inner.db.transact(build).await?;
            if is_last {
                return Ok(());
            }
        }
    }
}
