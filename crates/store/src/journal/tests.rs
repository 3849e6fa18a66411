use std::sync::Arc;

use domain::{
    campaign::Progress,
    clock::ManualClock,
    id::{CampaignId, WorkspaceId},
};
use uuid::Uuid;

use super::{
    Acquired, Appended, Journal, Owner, UNMATCHED_BATCH_MAX, Unmatched,
    added::{Added, Row},
    book::Book,
    entry::{Closing, Entry, Outcome, Receipt, ReceiptState, Run, Span},
};
use crate::{
    Engine, Opened, Reason, StoreConfig, SystemScope,
    inbox::{self, Entered},
};

const RECIPIENTS: u32 = 5_000;

struct Rig {
    opened: Opened,
    scope: SystemScope,
    campaign: CampaignId,
    clock: Arc<ManualClock>,
    _dir: tempfile::TempDir,
}

async fn rig() -> Rig {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(1_790_000_000_000));
    let config = StoreConfig::new(Engine::Memory, dir.path().join("keys"));
    let opened = crate::open(config, clock.clone()).await.unwrap();
    let scope = opened.system.enter(WorkspaceId::from_uuid(Uuid::from_u128(1)), Reason::Dispatch);
    Rig { opened, scope, campaign: CampaignId::from_uuid(Uuid::from_u128(2)), clock, _dir: dir }
}

impl Rig {
    async fn acquire(&self, owner: &Owner) -> Option<Acquired> {
        Journal::acquire(&self.scope, self.campaign, RECIPIENTS, owner).await.unwrap()
    }
}

async fn write(journal: &mut Journal, book: &mut Book, entries: Vec<Entry>) -> Appended {
    journal.apply(book, &entries).await.unwrap();
    journal.append(&entries, *book.progress()).await.unwrap()
}

fn claim(start: u32, len: u32) -> Entry {
    Entry::Claim { runs: vec![Run { start, len, parts: 1 }], at_ms: 10 }
}

fn accepted(index: u32) -> Entry {
    let outcome = Outcome::Accepted { message_id: format!("{index:x}").into() };
    Entry::Outcome { index, part: 0, at_ms: 20, outcome }
}

#[tokio::test]
async fn what_was_appended_is_there_for_the_next_owner_folded_or_not() {
    let rig = rig().await;
    let Acquired { mut journal, mut folder, mut book } = rig.acquire(&Owner::new(1_000, true).unwrap()).await.unwrap();
    write(&mut journal, &mut book, vec![claim(4_090, 10)]).await;
    write(&mut journal, &mut book, (4_090..4_095).map(accepted).collect()).await;
    let (snapshot, position) = (book.snapshot(), journal.position());
    write(&mut journal, &mut book, vec![accepted(4_096)]).await;
    folder.fold(&snapshot, position).await.unwrap();
    book.folded(&snapshot, 0);
    write(&mut journal, &mut book, vec![accepted(4_097)]).await;

    let next = rig.acquire(&Owner::new(1_000, true).unwrap()).await.unwrap();
    assert_eq!(next.book.totals(), book.totals());
    assert_eq!(next.book.progress().submitted, 7);
    assert_eq!(next.book.progress().claimed, 3);
    assert_eq!(next.book.progress().total(), u64::from(RECIPIENTS));
    assert_eq!(next.folder.position(), position);
    let live = super::progress_of(rig.scope.inner(), rig.scope.workspace_id(), rig.campaign).await.unwrap();
    assert_eq!(live, Some(*book.progress()));
}

#[tokio::test]
async fn a_former_owner_can_neither_append_nor_fold() {
    let rig = rig().await;
    let mut first = rig.acquire(&Owner::new(1_000, true).unwrap()).await.unwrap();
    write(&mut first.journal, &mut first.book, vec![claim(0, 5)]).await;
    let mut second = rig.acquire(&Owner::new(1_000, true).unwrap()).await.unwrap();

    let before = *second.book.progress();
    assert_eq!(write(&mut first.journal, &mut first.book, vec![claim(5, 5)]).await, Appended::Fenced);
    let snapshot = first.book.snapshot();
    assert!(first.folder.fold(&snapshot, first.journal.position()).await.is_err());
    assert_eq!(first.journal.renew().await.unwrap(), Appended::Fenced);

    assert!(matches!(write(&mut second.journal, &mut second.book, vec![claim(5, 1)]).await, Appended::Durable { .. }));
    assert_eq!(second.book.progress().claimed, before.claimed + 1);
    // Also when the record that it would write is folded and gone.
    let (snapshot, position) = (second.book.snapshot(), second.journal.position());
    second.folder.fold(&snapshot, position).await.unwrap();
    assert_eq!(write(&mut first.journal, &mut first.book, vec![claim(9, 1)]).await, Appended::Fenced);
}

#[tokio::test]
async fn a_living_owner_is_left_alone_until_its_lease_is_over() {
    let rig = rig().await;
    let mut first = rig.acquire(&Owner::new(1_000, false).unwrap()).await.unwrap();
    let other = Owner::new(1_000, false).unwrap();
    assert!(rig.acquire(&other).await.is_none());
    rig.clock.advance(900);
    first.journal.renew().await.unwrap();
    rig.clock.advance(900);
    assert!(rig.acquire(&other).await.is_none(), "it was renewed");
    rig.clock.advance(200);
    assert!(rig.acquire(&other).await.is_some());
}

#[tokio::test]
async fn a_fold_writes_hours_and_reasons_once() {
    let rig = rig().await;
    let Acquired { mut journal, mut folder, mut book } = rig.acquire(&Owner::new(1_000, true).unwrap()).await.unwrap();
    let refused = Entry::Outcome { index: 1, part: 0, at_ms: 20, outcome: Outcome::Refused { command_status: 0x0B } };
    let batches = [vec![claim(0, 3), accepted(0)], vec![refused], vec![accepted(2)]];
    for batch in batches {
        write(&mut journal, &mut book, batch).await;
        let snapshot = book.snapshot();
        folder.fold(&snapshot, journal.position()).await.unwrap();
        book.folded(&snapshot, 4);
    }
    let hour: Option<super::fold::Hourly> =
        rig.scope.inner().db.get(super::fold::hourly_key(rig.scope.workspace_id(), 0, rig.campaign)).await.unwrap();
    let hour = hour.unwrap();
    assert_eq!((hour.sent, hour.failed, hour.segments), (2, 1, 2));
    assert_eq!((hour.delivered, hour.segments_delivered, hour.segments_failed), (0, 0, 1));
    let again = rig.acquire(&Owner::new(1_000, true).unwrap()).await.unwrap();
    assert_eq!(again.book.totals(), book.totals());
    assert_eq!(again.book.totals().failures.values().sum::<u64>(), 1);
}

#[tokio::test]
async fn closing_everybody_needs_no_row_for_each() {
    let rig = rig().await;
    let Acquired { mut journal, mut book, .. } = rig.acquire(&Owner::new(1_000, true).unwrap()).await.unwrap();
    let spans = vec![Span { start: 0, len: RECIPIENTS }];
    write(&mut journal, &mut book, vec![Entry::Closed { spans, kind: Closing::NotSent, at_ms: 5 }]).await;
    let all = Progress { not_sent: u64::from(RECIPIENTS), ..Progress::default() };
    assert_eq!(*book.progress(), all);
}

#[tokio::test]
async fn unmatched_receipts_are_kept_once_and_found_by_their_message() {
    let rig = rig().await;
    let door = &rig.opened.system;
    let receipt = |state, is_final| Receipt { state, is_final, error: Some(5), at_ms: 7 };
    let unmatched = |id: &str, receipt| Unmatched {
        channel: "carrier".into(),
        message_id: id.into(),
        recipient: Some(436_601_234_567),
        receipt,
    };
    let both = [
        unmatched("a1", receipt(ReceiptState::Delivered, true)),
        unmatched("a1", receipt(ReceiptState::Enroute, false)),
        unmatched("a1", receipt(ReceiptState::Delivered, true)),
        unmatched("b2", receipt(ReceiptState::Expired, true)),
    ];
    door.keep_unmatched(&both).await.unwrap();
    assert_eq!(door.unmatched_after(None).await.unwrap().len(), 3);
    let found = door.find_unmatched("carrier", "a1").await.unwrap();
    assert_eq!(found, [both[1].clone(), both[0].clone()]);
    assert!(door.find_unmatched("other", "a1").await.unwrap().is_empty());
    door.forget_unmatched(&[found[0].key(), found[1].key()]).await.unwrap();
    assert_eq!(door.unmatched_after(None).await.unwrap(), [both[3].clone()]);
}

#[tokio::test]
async fn unmatched_receipts_are_read_in_pages() {
    let rig = rig().await;
    let door = &rig.opened.system;
    let receipt = Receipt { state: ReceiptState::Delivered, is_final: true, error: None, at_ms: 7 };
    let unmatched =
        |id: usize| Unmatched { channel: "carrier".into(), message_id: id.to_string(), recipient: None, receipt };
    let all: Vec<_> = (0..UNMATCHED_BATCH_MAX + 5).map(unmatched).collect();
    door.keep_unmatched(&all).await.unwrap();
    let (mut seen, mut after) = (std::collections::HashSet::new(), None);
    loop {
        let page = door.unmatched_after(after.as_ref()).await.unwrap();
        assert!(page.len() <= UNMATCHED_BATCH_MAX);
        let Some(last) = page.last() else { break };
        after = Some(last.key());
        seen.extend(page.into_iter().map(|unmatched| unmatched.message_id));
    }
    assert_eq!(seen.len(), all.len());
}

fn numbers(count: u64) -> Added {
    let row = |digits| Row { number: 436_600_000_000 + digits, segments: 1, values: vec!["Your code".into()] };
    Added { start: 0, fields: vec!["text".to_owned()].into(), rows: (0..count).map(row).collect(), at_ms: 1 }
}

async fn put(scope: &SystemScope, campaign: CampaignId, mut added: Added) -> Entered {
    let workspace = scope.workspace_id();
    inbox::put_in(scope.inner(), workspace, campaign, &mut added, |_| Vec::new()).await.unwrap()
}

/// Takes what is in the inbox, as the owner does.
async fn take(rig: &Rig, journal: &mut Journal, book: &mut Book) -> Appended {
    let found = inbox::next(&rig.scope, rig.campaign, book.recipients(), 1_000).await.unwrap();
    let entries: Vec<_> = found.into_iter().map(Entry::Added).collect();
    journal.apply(book, &entries).await.unwrap();
    journal.append(&entries, *book.progress()).await.unwrap()
}

#[tokio::test]
async fn what_was_put_into_the_inbox_becomes_a_recipient_once() {
    let rig = rig().await;
    let owner = Owner::new(1_000, true).unwrap();
    let Acquired { mut journal, mut book, .. } =
        Journal::acquire(&rig.scope, rig.campaign, 0, &owner).await.unwrap().unwrap();
    for (count, first) in [(2, 0), (1, 2), (3, 3)] {
        let entered = put(&rig.scope, rig.campaign, numbers(count)).await;
        assert_eq!(entered, Entered::From(first));
    }
    assert!(!inbox::seal(&rig.scope, rig.campaign, book.recipients()).await.unwrap(), "six wait");
    take(&rig, &mut journal, &mut book).await;
    assert_eq!((book.recipients(), book.progress().waiting), (6, 6));
    assert_eq!(inbox::next(&rig.scope, rig.campaign, book.recipients(), 10).await.unwrap(), []);

    // The next owner finds them in the journal, and goes on behind them.
    let next = Owner::new(1_000, true).unwrap();
    let mut next = Journal::acquire(&rig.scope, rig.campaign, 0, &next).await.unwrap().unwrap();
    assert_eq!(next.book.recipients(), 6);
    put(&rig.scope, rig.campaign, numbers(1)).await;
    assert_eq!(take(&rig, &mut journal, &mut book).await, Appended::Fenced);
    take(&rig, &mut next.journal, &mut next.book).await;
    assert_eq!(next.book.progress().waiting, 7, "what the former owner could not write was still there");
    let (snapshot, position) = (next.book.snapshot(), next.journal.position());
    next.folder.fold(&snapshot, position).await.unwrap();
    assert_eq!(
        inbox::next(&rig.scope, rig.campaign, 0, 10).await.unwrap(),
        [],
        "what is in the blocks is gone from the inbox"
    );
    let last = Journal::acquire(&rig.scope, rig.campaign, 0, &owner).await.unwrap().unwrap();
    assert_eq!((last.book.recipients(), last.book.progress().waiting), (7, 7));

    assert!(inbox::seal(&rig.scope, rig.campaign, 7).await.unwrap());
    assert!(inbox::seal(&rig.scope, rig.campaign, 7).await.unwrap(), "again");
    assert_eq!(put(&rig.scope, rig.campaign, numbers(1)).await, Entered::Sealed);
}

#[tokio::test]
async fn what_came_behind_the_fold_stays_in_the_inbox_and_each_campaign_is_found_once() {
    let rig = rig().await;
    let owner = Owner::new(1_000, true).unwrap();
    let Acquired { mut journal, mut book, mut folder } =
        Journal::acquire(&rig.scope, rig.campaign, 0, &owner).await.unwrap().unwrap();
    put(&rig.scope, rig.campaign, numbers(2)).await;
    take(&rig, &mut journal, &mut book).await;
    let (snapshot, position) = (book.snapshot(), journal.position());
    let others = [1, 3, 9].map(|number| CampaignId::from_uuid(Uuid::from_u128(number)));
    for campaign in others.iter().chain([&rig.campaign]) {
        for _ in 0..3 {
            put(&rig.scope, *campaign, numbers(2)).await;
        }
    }
    folder.fold(&snapshot, position).await.unwrap();
    let left = inbox::next(&rig.scope, rig.campaign, 2, 10).await.unwrap();
    assert_eq!(left.iter().map(|added| added.start).collect::<Vec<_>>(), [2, 4, 6]);

    let found = rig.opened.system.campaigns_with_arrivals().await.unwrap();
    let mut expected: Vec<_> = others.into_iter().chain([rig.campaign]).collect();
    expected.sort_unstable();
    let mut campaigns: Vec<_> = found.iter().map(|(_, campaign)| *campaign).collect();
    campaigns.sort_unstable();
    assert_eq!(campaigns, expected);
}

#[tokio::test]
async fn of_many_who_put_in_at_once_each_gets_a_place_of_its_own() {
    let rig = rig().await;
    let mut tasks = tokio::task::JoinSet::new();
    for _ in 0..12 {
        let (scope, campaign) = (rig.scope.clone(), rig.campaign);
        tasks.spawn(async move { put(&scope, campaign, numbers(3)).await });
    }
    let mut places: Vec<u32> = Vec::new();
    while let Some(entered) = tasks.join_next().await {
        let Entered::From(first) = entered.unwrap() else { panic!("sealed") };
        places.push(first);
    }
    places.sort_unstable();
    assert_eq!(places, (0..12).map(|batch| batch * 3).collect::<Vec<_>>());
    assert_eq!(inbox::next(&rig.scope, rig.campaign, 0, 1_000).await.unwrap().len(), 12);
}
