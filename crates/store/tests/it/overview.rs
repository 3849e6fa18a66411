//! The figures and lists that come from what is held in memory: they are those of the database at once.

use domain::{
    campaign::{Campaign, Mode, Parameters, Status},
    permission::kind,
};
use store::{
    Reason, Scope, campaigns,
    campaigns::{Filter, Sort},
    journal::{
        Acquired, Journal, Owner,
        entry::{Entry, Outcome, Receipt, ReceiptState, Run},
    },
    overview,
};

use crate::fixture::{self, Installation};

async fn counts(scope: &Scope) -> (u64, Vec<(Status, u64)>) {
    let overview = overview::of_workspace(&scope.grant().unwrap()).await.unwrap();
    (overview.workspace_total(), overview.by_status().to_vec())
}

async fn names(scope: &Scope, filter: Filter) -> Vec<String> {
    let page = campaigns::list(&scope.grant().unwrap(), &filter, 50).await.unwrap();
    page.campaigns.into_iter().map(|campaign| campaign.parameters.name).collect()
}

#[tokio::test]
async fn every_change_of_a_campaign_shows_at_once() {
    let it = fixture::in_memory().await;
    let scope = it.enter(&it.author).await;
    assert_eq!(counts(&scope).await, (0, vec![]));
    let draft = it.complete_draft().await;
    assert_eq!(counts(&scope).await, (0, vec![(Status::Draft, 1)]));
    assert_eq!(names(&scope, Filter::default()).await, ["Maintenance"]);

    let edit = scope.grant_on::<kind::EditCampaign>(draft.id).await.unwrap();
    let renamed = Parameters { name: "Upkeep".into(), ..draft.parameters.clone() };
    campaigns::save(&edit, renamed, false).await.unwrap();
    assert_eq!(names(&scope, Filter { search: Some("UPK".into()), ..Filter::default() }).await, ["Upkeep"]);
    let edit = scope.grant_on::<kind::EditCampaign>(draft.id).await.unwrap();
    let submitted = campaigns::submit(&edit).await.unwrap();
    assert_eq!(counts(&scope).await, (1, vec![(Status::New, 1)]));

    let moderator = it.enter(&it.moderator).await;
    assert_eq!(campaigns::queue(&moderator.grant().unwrap()).await.unwrap().len(), 1);
    campaigns::approve(&moderator.grant().unwrap(), draft.id, submitted.life.version).await.unwrap();
    assert!(campaigns::queue(&moderator.grant().unwrap()).await.unwrap().is_empty());
    let control = scope.grant_on::<kind::ControlCampaign>(draft.id).await.unwrap();
    campaigns::start(&control).await.unwrap();
    assert_eq!(counts(&scope).await, (1, vec![(Status::Building, 1)]));
    let control = scope.grant_on::<kind::ControlCampaign>(draft.id).await.unwrap();
    campaigns::cancel(&control).await.unwrap();
    let archive = scope.grant_on::<kind::ArchiveCampaign>(draft.id).await.unwrap();
    campaigns::archive(&archive).await.unwrap();
    assert_eq!(counts(&scope).await, (1, vec![]), "what is archived counts in the total alone");
    assert_eq!(names(&scope, Filter { archived: true, ..Filter::default() }).await, ["Upkeep"]);
    assert!(names(&scope, Filter::default()).await.is_empty());
}

#[tokio::test]
async fn what_else_is_recorded_leaves_the_figures_as_they_are() {
    let it = fixture::in_memory().await;
    let scope = it.enter(&it.author).await;
    it.submitted().await;
    let before = counts(&scope).await;
    // Records about other things, and about the campaign without a change of it.
    let admin = it.enter(&it.admin).await;
    store::senders::create(&admin.grant().unwrap(), "Another").await.unwrap();
    assert!(scope.grant::<kind::ManageWorkspace>().is_err());
    assert_eq!(counts(&scope).await, before);
}

/// One recipient of three is delivered to, and one refused.
async fn send(it: &Installation, campaign: &Campaign) {
    let system = it.system.enter(campaign.workspace, Reason::Dispatch);
    let owner = Owner::new(60_000, true).unwrap();
    let Acquired { mut journal, mut book, .. } =
        Journal::acquire(&system, campaign.id, 3, &owner).await.unwrap().unwrap();
    let at_ms = fixture::START_MS;
    let outcome = |index, outcome| Entry::Outcome { index, part: 0, at_ms, outcome };
    let entries = vec![
        Entry::Claim { runs: vec![Run { start: 0, len: 2, parts: 1 }], at_ms },
        outcome(0, Outcome::Accepted { message_id: "a".into() }),
        outcome(1, Outcome::Refused { command_status: 0x0B }),
        Entry::Receipt {
            index: 0,
            part: 0,
            receipt: Receipt { state: ReceiptState::Delivered, is_final: true, error: None, at_ms },
        },
    ];
    journal.apply(&mut book, &entries).await.unwrap();
    journal.append(&entries, *book.progress()).await.unwrap();
}

#[tokio::test]
async fn recipients_are_counted_as_the_journal_has_them() {
    let it = fixture::in_memory().await;
    let campaign = it.submitted().await;
    let scope = it.enter(&it.author).await;
    let view = scope.grant::<kind::ViewWorkspace>().unwrap();
    let moderator = it.enter(&it.moderator).await;
    campaigns::approve(&moderator.grant().unwrap(), campaign.id, campaign.life.version).await.unwrap();
    assert_eq!(overview::delivered(&view).await.unwrap(), 0);
    // Nothing of this is on record: it happens to recipients, not to the campaign.
    send(&it, &campaign).await;
    assert_eq!(overview::delivered(&view).await.unwrap(), 1);
    let progress = overview::of_workspace(&view).await.unwrap().active(&view, 0, |_| None).progress;
    assert_eq!((progress.delivered, progress.failed, progress.waiting), (1, 1, 1));
    let listed = campaigns::list(&view, &Filter::default(), 50).await.unwrap().campaigns;
    assert_eq!(listed[0].progress, progress);

    let since = fixture::START_MS - 1;
    let top = overview::top_authors(&view, since, 10).await.unwrap();
    assert_eq!(top.len(), 1);
    assert_eq!((top[0].name.as_str(), top[0].campaigns, top[0].sent, top[0].delivered), ("author", 1, 2, 1));
    assert!(overview::top_authors(&view, campaign.created_at_ms + 1, 10).await.unwrap().is_empty());
}

#[tokio::test]
async fn each_order_pages_through_everything_once() {
    let it = fixture::in_memory().await;
    let scope = it.enter(&it.author).await;
    for _ in 0..7 {
        it.clock.advance(1);
        campaigns::create(&scope.grant().unwrap(), Mode::OnDemand).await.unwrap();
    }
    let view = scope.grant::<kind::ViewWorkspace>().unwrap();
    for sort in [Sort::Newest, Sort::Oldest, Sort::SenderAscending, Sort::StartDescending] {
        let mut filter = Filter { sort, ..Filter::default() };
        let mut seen = Vec::new();
        loop {
            let page = campaigns::list(&view, &filter, 3).await.unwrap();
            seen.extend(page.campaigns.iter().map(|campaign| campaign.id));
            let Some(next) = page.next else { break };
            if sort == Sort::Newest { filter.before = Some(next) } else { filter.skip += 3 }
        }
        let mut sorted = seen.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!((seen.len(), sorted.len()), (7, 7), "{sort:?}");
        assert_eq!(seen.is_sorted(), sort == Sort::Oldest, "{sort:?}");
    }
}
