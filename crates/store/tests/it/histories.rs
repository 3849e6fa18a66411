//! What was sent lately, and a clock that goes wrong.

use domain::policy::{Sent, minute};
use store::{
    Reason,
    policies::history::{Account, Entry},
};

use crate::fixture::{self, START_MS};

const DAY_MS: i64 = 24 * 3_600_000;
const NUMBER: u64 = 436_601_234_567;

#[tokio::test]
async fn a_clock_that_was_a_year_ahead_for_a_while_has_nothing_forgotten() {
    let it = fixture::in_memory().await;
    let campaign = it.complete_draft().await;
    let workspace = it.enter(&it.admin).await.workspace_id();
    let account = Account::open(&it.system.enter(workspace, Reason::Dispatch), campaign.id).await.unwrap();
    account.claim(&[Entry { number: NUMBER, sent: Sent { message: 1, minute: minute(START_MS), text: 1 } }]);
    account.settle().await.unwrap();
    let remembered = async || account.sent_to(&[NUMBER], START_MS - DAY_MS).await.unwrap().len();
    // As upkeep does, once a minute.
    let upkeep = async |minutes: u32| {
        for _ in 0..minutes {
            it.system.forget_sent().await.unwrap();
            it.clock.advance(60_000);
        }
    };
    upkeep(3).await;
    it.clock.advance(365 * DAY_MS);
    upkeep(60).await;
    it.clock.advance(-365 * DAY_MS);
    upkeep(3).await;
    assert_eq!(remembered().await, 1);
    // When it is really old it goes, if somewhat later.
    it.clock.advance(10 * DAY_MS);
    upkeep(1).await;
    assert_eq!(remembered().await, 1);
    upkeep(2_000).await;
    assert_eq!(remembered().await, 0);
}
