//! Attempts to prove who one is, counted by account: three failures lock it for a minute.
//!
//! An attempt is counted as a failure before it is made, by compare-and-set, and taken back when it was right. So of any
//! number of guesses at the same time no more than three are looked at. Addresses without an account count alike.

use domain::audit::{Actor, Origin};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use surrealdb::types::RecordId;

use crate::{
    Error,
    access::{Inner, hex},
    audit::{Chain, Event},
    db::{Abort, Tx, backoff, key, tx::Columns},
};

/// Failures before an account locks, and for how long.
const FAILURES_MAX: u32 = 3;
const LOCK_MS: i64 = 60_000;
const RACES_MAX: u32 = 100;

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Guard {
    failures: u32,
    locked_until_ms: i64,
    #[serde(default)]
    revision: u64,
    /// When the last attempt was.
    #[serde(default)]
    at_ms: i64,
}

impl Columns for Guard {}

/// An attempt that is counted as a failure until it is taken back.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    folded_email: String,
    /// Until when the account is locked if it fails; 0: not.
    locks_until_ms: i64,
    origin: Origin,
}

fn guard_key(folded_email: &str) -> RecordId {
    key::global("sign_in_guard", hex(&Sha256::digest(folded_email.as_bytes())))
}

pub(super) fn seconds(left_ms: i64) -> u32 {
    u32::try_from(((left_ms + 999) / 1_000).max(1)).unwrap_or(1)
}

impl Attempt {
    /// Forgets every failure of the account, in the transaction of what it succeeded in.
    pub(crate) fn succeeded(&self, tx: &mut Tx) {
        tx.delete(guard_key(&self.folded_email));
    }
}

impl Inner {
    /// Counts an attempt that is about to be made; the seconds left when the account is locked.
    pub(crate) async fn begin_attempt(
        &self,
        folded_email: &str,
        origin: &Origin,
    ) -> Result<Result<Attempt, u32>, Error> {
        let now_ms = self.now_ms();
        for race in 0..RACES_MAX {
            let found: Option<Guard> = self.db.get(guard_key(folded_email)).await?;
            let guard = found.clone().unwrap_or_default();
            if guard.locked_until_ms > now_ms {
                return Ok(Err(seconds(guard.locked_until_ms - now_ms)));
            }
            let failures = guard.failures + 1;
            let locks = failures >= FAILURES_MAX;
            let next = Guard {
                failures: if locks { 0 } else { failures },
                locked_until_ms: if locks { now_ms + LOCK_MS } else { 0 },
                revision: guard.revision + 1,
                at_ms: now_ms,
            };
            let mut tx = Tx::new();
            tx.advance(guard_key(folded_email), found.map(|guard| guard.revision), &next);
            match self.db.commit(tx).await {
                Ok(()) => {
                    return Ok(Ok(Attempt {
                        folded_email: folded_email.to_owned(),
                        locks_until_ms: next.locked_until_ms,
                        origin: origin.clone(),
                    }));
                }
                Err(Abort::Conflict | Abort::Exists) => backoff(race).await,
                Err(other) => return Err(other.into()),
            }
        }
        Err(Error::Unavailable)
    }

    /// Takes an attempt back that was right, where others may follow before it counts as a success, or that was not made.
    pub(crate) async fn take_back(&self, attempt: &Attempt) -> Result<(), Error> {
        for race in 0..RACES_MAX {
            let Some(guard): Option<Guard> = self.db.get(guard_key(&attempt.folded_email)).await? else {
                return Ok(());
            };
            let own_lock = attempt.locks_until_ms != 0 && guard.locked_until_ms == attempt.locks_until_ms;
            let next = Guard {
                failures: if own_lock { FAILURES_MAX - 1 } else { guard.failures.saturating_sub(1) },
                locked_until_ms: if own_lock { 0 } else { guard.locked_until_ms },
                revision: guard.revision + 1,
                at_ms: guard.at_ms,
            };
            let mut tx = Tx::new();
            tx.advance(guard_key(&attempt.folded_email), Some(guard.revision), &next);
            match self.db.commit(tx).await {
                Ok(()) => return Ok(()),
                Err(Abort::Conflict) => backoff(race).await,
                Err(other) => return Err(other.into()),
            }
        }
        Err(Error::Unavailable)
    }

    /// Puts a failed attempt on record; the seconds for which the account is locked by it, if it is.
    pub(crate) async fn attempt_failed(&self, attempt: Attempt, actor: Actor) -> Result<Option<u32>, Error> {
        let locks = attempt.locks_until_ms != 0;
        let action = if locks { "sign_in.locked" } else { "sign_in.failed" };
        let event = Event::new(actor, attempt.origin, action).on("sign_in", &name_in_audit(&attempt.folded_email));
        self.audited(Chain::Installation, event, |_| {}).await?;
        Ok(locks.then(|| seconds(LOCK_MS)))
    }
}

/// The audit log names an unknown address by a hash: it may be somebody's password typed into the wrong field.
fn name_in_audit(folded_email: &str) -> String {
    hex(&Sha256::digest(folded_email.as_bytes())[..8])
}
