//! What was sent lately, and a clock that goes wrong.

use std::time::Duration;

use domain::{
    clock::Clock,
    policy::{Sent, minute},
};
use store::{
    Reason,
    policies::history::{Account, Entry},
};

use crate::fixture::{self, Installation, START_MS};

const DAY_MS: i64 = 24 * 3_600_000;
const NUMBER: u64 = 436_601_234_567;

/// As upkeep does: it has run for ten minutes each time, whatever the clock says.
async fn upkeep(it: &Installation, times: u32) {
    for _ in 0..times {
        it.system.forget_sent(Duration::from_secs(600)).await.unwrap();
        it.clock.advance(600_000);
    }
}

const A_DAY: u32 = 6 * 24;

/// An account to whom a message was sent just now, by the clock.
async fn sent(it: &Installation) -> Account {
    let campaign = it.complete_draft().await;
    let workspace = it.enter(&it.admin).await.workspace_id();
    let account = Account::open(&it.system.enter(workspace, Reason::Dispatch), campaign.id).await.unwrap();
    let minute = minute(it.clock.now_ms());
    account.claim(&[Entry { number: NUMBER, sent: Sent { message: 1, minute, text: 1 } }]);
    account.settle().await.unwrap();
    account
}

async fn remembered(account: &Account) -> usize {
    account.sent_to(&[NUMBER], START_MS - DAY_MS).await.unwrap().len()
}

#[tokio::test]
async fn a_clock_that_was_ahead_for_a_while_has_nothing_forgotten() {
    let it = fixture::in_memory().await;
    let account = sent(&it).await;
    // A year for ten hours, and a week for a night.
    for ahead_ms in [365 * DAY_MS, 7 * DAY_MS] {
        it.clock.advance(ahead_ms);
        upkeep(&it, 60).await;
        it.clock.advance(-ahead_ms);
        upkeep(&it, 1).await;
    }
    assert_eq!(remembered(&account).await, 1);
    upkeep(&it, 7 * A_DAY - 122).await;
    assert_eq!(remembered(&account).await, 1, "within seven days");
    upkeep(&it, 2 * A_DAY).await;
    assert_eq!(remembered(&account).await, 0, "after nine");
}

#[tokio::test]
async fn a_first_start_with_a_clock_of_1970_neither_forgets_early_nor_keeps_for_ever() {
    let it = fixture::in_memory().await;
    it.clock.advance(60_000 - START_MS);
    upkeep(&it, 3).await;
    it.clock.advance(START_MS);
    let account = sent(&it).await;
    upkeep(&it, 7 * A_DAY).await;
    assert_eq!(remembered(&account).await, 1);
    upkeep(&it, 2 * A_DAY).await;
    assert_eq!(remembered(&account).await, 0);
}

/// Nothing ran for two weeks: what was sent before is old by the clock, and goes when it is old by what ran.
#[tokio::test]
async fn a_rest_keeps_what_is_old_for_longer() {
    let it = fixture::in_memory().await;
    let account = sent(&it).await;
    it.clock.advance(14 * DAY_MS);
    upkeep(&it, A_DAY).await;
    assert_eq!(remembered(&account).await, 1);
    upkeep(&it, 8 * A_DAY).await;
    assert_eq!(remembered(&account).await, 0);
}
