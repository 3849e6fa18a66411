//! What was sent so long ago that no preset counts it goes, by a clock that is not believed at once.
//!
//! A clock that is far ahead for a while, on a machine that has just begun, say, would make everything old, and whatever is
//! allowed a week would be allowed again. So time goes on here by some minutes with each run at most: what a wrong clock
//! takes away is little, and after a long rest what is old goes some hours later.

use domain::{id::WorkspaceId, policy};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, Variables};

use super::TABLE;
use crate::{
    Error, SystemDoor,
    access::Inner,
    db::{Tx, corrupt, key, tx::Columns},
};

/// Shards that are removed with one transaction.
const REMOVE_SHARDS: u64 = 256;
const DAY_MS: i64 = 24 * 3_600_000;
/// By so much time goes on with a run; they are a minute apart.
const STEP_MS: i64 = 10 * 60_000;
/// Nothing is written for less.
const NOTED_MS: i64 = 5 * 60_000;

/// The moment that is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Believed {
    at_ms: i64,
}

impl Columns for Believed {}

fn believed_key() -> RecordId {
    key::global("sent_clock", "believed")
}

impl Believed {
    /// With the next run. A clock that is behind takes nothing back: by it nothing is forgotten anyway.
    fn next(before: Option<Self>, now_ms: i64) -> Self {
        Self { at_ms: before.map_or(now_ms, |before| now_ms.min(before.at_ms + STEP_MS).max(before.at_ms)) }
    }
}

/// Nothing before it has gone yet, but for some days; never ahead of the clock.
pub(super) async fn believed_ms(inner: &Inner) -> Result<i64, Error> {
    let believed: Option<Believed> = inner.db.get(believed_key()).await?;
    let now_ms = inner.now_ms();
    Ok(believed.map_or(now_ms, |believed| believed.at_ms.min(now_ms)))
}

impl SystemDoor {
    /// Removes what was sent so long ago that no preset counts it, in all workspaces.
    pub async fn forget_sent(&self) -> Result<(), Error> {
        let inner = self.inner();
        let before: Option<Believed> = inner.db.get(believed_key()).await?;
        let believed = Believed::next(before, inner.now_ms());
        if before.is_none_or(|before| believed.at_ms >= before.at_ms + NOTED_MS) {
            let build = || {
                let mut tx = Tx::new();
                tx.put(believed_key(), &believed);
                tx
            };
            inner.db.transact(build).await?;
        }
        let mut answer = inner.db.read("SELECT VALUE record::id(id) FROM workspace", Variables::new()).await?;
        let ids: Vec<String> = answer.take(0).map_err(corrupt)?;
        // A day more, for shards are cut by days of no zone.
        let first_kept =
            policy::minute(believed.at_ms.min(inner.now_ms()) - policy::REMEMBERED_MS - DAY_MS) / (24 * 60);
        for id in ids {
            let workspace: WorkspaceId = id.parse().map_err(|_| Error::Corrupt)?;
            self.forget_in(workspace, first_kept).await?;
        }
        Ok(())
    }

    async fn forget_in(&self, workspace: WorkspaceId, first_kept: u32) -> Result<(), Error> {
        let inner = self.inner();
        let old = key::range(TABLE, workspace, [], None, Some(key::number(first_kept.into())));
        loop {
            let mut vars = Variables::new();
            vars.insert("range", old.clone());
            vars.insert("limit", REMOVE_SHARDS as i64);
            let mut answer = inner.db.read("SELECT VALUE id FROM $range LIMIT $limit", vars).await?;
            let ids: Vec<RecordId> = answer.take(0).map_err(corrupt)?;
            if ids.is_empty() {
                return Ok(());
            }
            let build = || {
                let mut tx = Tx::new();
                tx.delete_all(ids.clone());
                tx
            };
            inner.db.transact(build).await?;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: i64 = 1_790_000_000_000;

    fn after(runs: u32, from: Believed, now_ms: impl Fn(u32) -> i64) -> Believed {
        (1..=runs).fold(from, |before, run| Believed::next(Some(before), now_ms(run)))
    }

    #[test]
    fn a_clock_that_is_ahead_for_an_hour_takes_some_hours_and_no_more() {
        let begun = Believed::next(None, NOW_MS);
        assert_eq!(begun.at_ms, NOW_MS);
        let year_ms = 365 * DAY_MS;
        let misled = after(60, begun, |run| NOW_MS + year_ms + i64::from(run) * 60_000);
        assert_eq!(misled.at_ms, NOW_MS + 60 * STEP_MS);
        // Set right, it goes on when it is there.
        assert_eq!(after(1, misled, |_| NOW_MS + 3_660_000).at_ms, misled.at_ms);
        assert_eq!(after(1, misled, |_| misled.at_ms + 60_000).at_ms, misled.at_ms + 60_000);
    }

    #[test]
    fn a_clock_that_begins_in_1970_takes_nothing_back() {
        let begun = Believed { at_ms: NOW_MS };
        assert_eq!(after(3, begun, |run| i64::from(run) * 60_000).at_ms, NOW_MS);
    }

    #[test]
    fn time_goes_on_with_the_clock_and_catches_up_after_a_rest() {
        let begun = Believed { at_ms: NOW_MS };
        assert_eq!(after(500, begun, |run| NOW_MS + i64::from(run) * 60_000).at_ms, NOW_MS + 500 * 60_000);
        let weeks_later = |run: u32| NOW_MS + 14 * DAY_MS + i64::from(run) * 60_000;
        let runs = 2 * 24 * 60;
        assert_eq!(after(runs, begun, weeks_later).at_ms, weeks_later(runs));
    }
}
