//! What a workspace sent in a month.

use domain::{campaign::Campaign, schedule::Zone};
use store::{
    Reason,
    journal::{
        Acquired, Journal, Owner,
        entry::{Entry, Outcome, Receipt, ReceiptState, Run},
    },
    monitoring,
    usage::{self, Counts, Totals},
};

use crate::fixture::{self, Installation};

const RECIPIENTS: u32 = 3;

/// Three messages of two parts: one arrives, one is refused in its first part, of one nothing is heard.
async fn send(it: &Installation, campaign: &Campaign, at_ms: i64, receipt_at_ms: i64) {
    let system = it.system.enter(campaign.workspace, Reason::Dispatch);
    let owner = Owner::new(60_000, true).unwrap();
    let acquired = Journal::acquire(&system, campaign.id, RECIPIENTS, &owner).await.unwrap().unwrap();
    let Acquired { mut journal, mut folder, mut book } = acquired;
    let outcome = |index, part, outcome| Entry::Outcome { index, part, at_ms, outcome };
    let accepted =
        |index, part| outcome(index, part, Outcome::Accepted { message_id: format!("{index}{part}").into() });
    let arrived = |part| Entry::Receipt {
        index: 0,
        part,
        receipt: Receipt { state: ReceiptState::Delivered, is_final: true, error: None, at_ms: receipt_at_ms },
    };
    let entries = vec![
        Entry::Claim { runs: vec![Run { start: 0, len: RECIPIENTS, parts: 2 }], at_ms },
        accepted(0, 0),
        accepted(0, 1),
        outcome(1, 0, Outcome::Refused { command_status: 0x0B }),
        accepted(1, 1),
        accepted(2, 0),
        accepted(2, 1),
        arrived(0),
        arrived(1),
    ];
    journal.apply(&mut book, &entries).await.unwrap();
    journal.append(&entries, *book.progress()).await.unwrap();
    folder.fold(&book.snapshot(), journal.position()).await.unwrap();
}

#[tokio::test]
async fn whoever_watches_a_workspace_sees_its_hours_its_channels_and_why_messages_failed() {
    let it = fixture::in_memory().await;
    let campaign = it.submitted().await;
    let hour = fixture::START_MS.div_euclid(3_600_000);
    send(&it, &campaign, fixture::START_MS, fixture::START_MS).await;
    let admin = it.enter(&it.admin).await;
    let hours = monitoring::hours(&admin.grant().unwrap(), hour - 1, hour + 1).await.unwrap();
    let [counted] = &hours[..] else { panic!("{hours:?}") };
    assert_eq!((counted.hour, counted.sent, counted.delivered, counted.failed), (hour, 2, 1, 1));

    let watched = monitoring::watched(&admin.grant().unwrap(), campaign.created_at_ms).await.unwrap();
    assert_eq!(watched.channels.into_iter().collect::<Vec<_>>(), [(campaign.parameters.channel.clone(), 1)]);
    let [failure] = &watched.failures[..] else { panic!("{:?}", watched.failures) };
    assert_eq!((failure.reason.map(|reason| reason.code), failure.recipients), (Some(0x0B), 1));

    let author = it.enter(&it.author).await;
    assert!(author.grant::<domain::permission::kind::ViewMonitoring>().is_err());
}

#[tokio::test]
async fn a_month_counts_messages_and_segments_by_sender() {
    let it = fixture::in_memory().await;
    let campaign = it.submitted().await;
    let scope = it.enter(&it.author).await;
    let vienna = Zone::parse("Europe/Vienna").unwrap();
    // The last hour of a month; the receipts come in the first of the next.
    let month = vienna.month_of(fixture::START_MS).unwrap();
    let end_ms = vienna.month(month).end;
    send(&it, &campaign, end_ms - 1, end_ms).await;

    let of = async |month| usage::of_month(&scope.grant().unwrap(), month).await.unwrap();
    let first = of(month).await;
    let sent = Totals {
        campaigns: 1,
        messages: Counts { sent: 2, delivered: 0, failed: 1 },
        segments: Counts { sent: 5, delivered: 0, failed: 1 },
    };
    assert_eq!(first.totals, sent);
    assert_eq!(first.senders.len(), 1);
    let sender = &first.senders[0];
    assert_eq!(sender.sender, campaign.parameters.sender.as_ref().map(|revision| revision.sender));
    assert_eq!((sender.display_name.as_str(), sender.totals), ("Acme", sent));

    let second = of(month.next().unwrap()).await;
    let arrived = Totals {
        campaigns: 1,
        messages: Counts { delivered: 1, ..Counts::default() },
        segments: Counts { delivered: 2, ..Counts::default() },
    };
    assert_eq!(second.totals, arrived);

    let before = of(month.previous().unwrap()).await;
    assert_eq!((before.totals, before.senders.len()), (Totals::default(), 0));
}

#[tokio::test]
async fn the_month_now_is_that_of_the_workspaces_calendar() {
    let it = fixture::in_memory().await;
    let month = Zone::parse("Europe/Vienna").unwrap().month_of(fixture::START_MS).unwrap();
    // An hour of Vienna that is still in the month before in UTC.
    it.clock.set(Zone::parse("Europe/Vienna").unwrap().month(month).end + 60_000);
    let scope = it.enter(&it.author).await;
    assert_eq!(usage::month_now(&scope.grant().unwrap()), month.next());
}
