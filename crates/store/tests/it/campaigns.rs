//! Drafts, submission and moderation.

use domain::{
    campaign::Status,
    permission::kind,
    sender::{Addressing, Ton},
};
use store::{Error, campaigns};

use crate::fixture;

#[tokio::test]
async fn what_is_missing_is_named() {
    let it = fixture::in_memory().await;
    let scope = it.enter(&it.author).await;
    let draft = campaigns::create(&scope.grant().unwrap(), domain::campaign::Mode::OnDemand).await.unwrap();
    let proof = scope.grant_on::<kind::EditCampaign>(draft.id).await.unwrap();
    let refusal = campaigns::submit(&proof).await.unwrap_err();
    assert!(matches!(refusal, Error::Invalid { field: "name", .. }), "{refusal}");
}

#[tokio::test]
async fn nobody_approves_what_they_contributed_to() {
    let it = fixture::in_memory().await;
    let campaign = it.submitted().await;
    // A super admin edits it: now they are a contributor too.
    let root = it.enter(&it.root).await;
    let proof = root.grant_on::<kind::EditCampaign>(campaign.id).await.unwrap();
    let mut parameters = campaign.parameters.clone();
    parameters.text.push('!');
    let edited = campaigns::save(&proof, parameters, true).await.unwrap();
    assert!(edited.life.version > campaign.life.version);
    let refusal = campaigns::approve(&root.grant().unwrap(), campaign.id, edited.life.version).await.unwrap_err();
    assert!(matches!(refusal, Error::Refused(_)), "{refusal}");
}

#[tokio::test]
async fn a_stale_version_is_not_approved() {
    let it = fixture::in_memory().await;
    let campaign = it.submitted().await;
    let author = it.enter(&it.author).await;
    let proof = author.grant_on::<kind::EditCampaign>(campaign.id).await.unwrap();
    let mut parameters = campaign.parameters.clone();
    parameters.text.push('!');
    campaigns::save(&proof, parameters, true).await.unwrap();
    let moderator = it.enter(&it.moderator).await;
    let refusal = campaigns::approve(&moderator.grant().unwrap(), campaign.id, campaign.life.version).await;
    assert!(matches!(refusal, Err(Error::Refused(_) | Error::Stale { .. })));
    let still = campaigns::find(&moderator, campaign.id).await.unwrap();
    assert_eq!(still.life.status, Status::New);
    assert_eq!(still.life.approval, None);
}

#[tokio::test]
async fn a_rejection_needs_a_note_and_leaves_the_queue() {
    let it = fixture::in_memory().await;
    let campaign = it.submitted().await;
    let moderator = it.enter(&it.moderator).await;
    let proof = moderator.grant::<kind::DecideCampaign>().unwrap();
    assert_eq!(campaigns::queue(&moderator.grant().unwrap()).await.unwrap().len(), 1);
    let refusal = campaigns::reject(&proof, campaign.id, campaign.life.version, "  ").await.unwrap_err();
    assert!(matches!(refusal, Error::Invalid { field: "note", .. }));
    let rejected = campaigns::reject(&proof, campaign.id, campaign.life.version, "wrong date").await.unwrap();
    assert_eq!(rejected.life.status, Status::Cancelled);
    assert_eq!(rejected.decision.unwrap().note.as_deref(), Some("wrong date"));
    assert!(campaigns::queue(&moderator.grant().unwrap()).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_new_upload_voids_the_approval() {
    let it = fixture::in_memory().await;
    let draft = it.complete_draft().await;
    let author = it.enter(&it.author).await;
    let proof = author.grant_on::<kind::EditCampaign>(draft.id).await.unwrap();
    campaigns::save(&proof, draft.parameters.clone(), false).await.unwrap();
    let proof = author.grant_on::<kind::EditCampaign>(draft.id).await.unwrap();
    let submitted = campaigns::submit(&proof).await.unwrap();
    let moderator = it.enter(&it.moderator).await;
    let approved = campaigns::approve(&moderator.grant().unwrap(), draft.id, submitted.life.version).await.unwrap();
    assert_eq!(approved.life.status, Status::New, "without automatic start it waits for the Start button");
    assert!(approved.life.approval.is_some());
    let proof = author.grant_on::<kind::EditCampaign>(draft.id).await.unwrap();
    campaigns::uploads::begin(&proof, "other.txt", 5).await.unwrap();
    let after = campaigns::find(&author, draft.id).await.unwrap();
    assert!(after.life.approval.is_none());
    assert!(after.report.is_none());
    let proof = author.grant_on::<kind::ControlCampaign>(draft.id).await.unwrap();
    assert!(matches!(campaigns::start(&proof).await, Err(Error::Refused(_))));
}

#[tokio::test]
async fn the_list_pages_through_everything_once() {
    let it = fixture::in_memory().await;
    let scope = it.enter(&it.author).await;
    for _ in 0..7 {
        it.clock.advance(1);
        campaigns::create(&scope.grant().unwrap(), domain::campaign::Mode::OnDemand).await.unwrap();
    }
    let view = scope.grant::<kind::ViewWorkspace>().unwrap();
    let mut filter = campaigns::Filter::default();
    let mut seen = Vec::new();
    loop {
        let page = campaigns::list(&view, &filter, 3).await.unwrap();
        seen.extend(page.campaigns.iter().map(|campaign| campaign.id));
        match page.next {
            Some(next) => filter.before = Some(next),
            None => break,
        }
    }
    assert_eq!(seen.len(), 7);
    assert!(seen.windows(2).all(|pair| pair[0] > pair[1]), "newest first");
}

#[tokio::test]
async fn the_list_can_be_sorted_and_searched() {
    let it = fixture::in_memory().await;
    let sent = it.submitted().await;
    let scope = it.enter(&it.author).await;
    let mut drafts = Vec::new();
    for _ in 0..3 {
        it.clock.advance(1);
        drafts.push(campaigns::create(&scope.grant().unwrap(), domain::campaign::Mode::Spread).await.unwrap().id);
    }
    let view = scope.grant::<kind::ViewWorkspace>().unwrap();
    let ids = async |filter: campaigns::Filter| {
        let page = campaigns::list(&view, &filter, 10).await.unwrap();
        page.campaigns.iter().map(|campaign| campaign.id).collect::<Vec<_>>()
    };
    let by = |sort, skip| campaigns::Filter { sort, skip, ..campaigns::Filter::default() };
    assert_eq!(ids(by(campaigns::Sort::Oldest, 0)).await, [sent.id, drafts[0], drafts[1], drafts[2]]);
    assert_eq!(ids(by(campaigns::Sort::Oldest, 3)).await, [drafts[2]]);
    // Equal by the sender, the drafts come newest first.
    assert_eq!(ids(by(campaigns::Sort::SenderDescending, 0)).await, [sent.id, drafts[2], drafts[1], drafts[0]]);
    let search = |text: &str| campaigns::Filter { search: Some(text.to_owned()), ..campaigns::Filter::default() };
    assert_eq!(ids(search("MAINT")).await, [sent.id]);
    let text = sent.id.to_string();
    assert_eq!(ids(search(&text[text.len() - 8..])).await, [sent.id]);
}

#[tokio::test]
async fn a_moderator_stops_what_they_saw_and_nothing_else() {
    let it = fixture::in_memory().await;
    let campaign = it.submitted().await;
    let moderator = it.enter(&it.moderator).await;
    let proof = moderator.grant::<kind::StopCampaign>().unwrap();
    let stale = campaigns::stop(&proof, campaign.id, Status::Pending).await.unwrap_err();
    assert!(matches!(stale, Error::Stale { .. }), "{stale}");
    let never = campaigns::stop(&proof, campaign.id, Status::New).await.unwrap_err();
    assert!(matches!(never, Error::Stale { .. }), "{never}");
    let still = campaigns::find(&moderator, campaign.id).await.unwrap();
    assert_eq!(still.life, campaign.life);
}

#[tokio::test]
async fn what_is_offered_depends_on_the_role_and_on_who_worked_on_it() {
    use domain::campaign::Action;

    let it = fixture::in_memory().await;
    let campaign = it.submitted().await;
    let author = it.enter(&it.author).await;
    let of_author = campaigns::offered(&author, &campaign);
    assert!(of_author.contains(&Action::Edit) && of_author.contains(&Action::Cancel), "{of_author:?}");
    assert!(!of_author.contains(&Action::Approve) && !of_author.contains(&Action::Reject), "{of_author:?}");
    let moderator = it.enter(&it.moderator).await;
    assert_eq!(campaigns::offered(&moderator, &campaign), [Action::Approve, Action::Reject]);
    let colleague = it.enter(&it.author_moderator).await;
    let of_colleague = campaigns::offered(&colleague, &campaign);
    assert!(of_colleague.contains(&Action::Approve) && !of_colleague.contains(&Action::Edit), "{of_colleague:?}");
}

#[tokio::test]
async fn what_moderators_have_before_them_stays_complete() {
    let it = fixture::in_memory().await;
    let campaign = it.submitted().await;
    let author = it.enter(&it.author).await;
    let proof = author.grant_on::<kind::EditCampaign>(campaign.id).await.unwrap();
    let mut parameters = campaign.parameters.clone();
    parameters.mode = domain::campaign::Mode::Scheduled;
    let refusal = campaigns::save(&proof, parameters, true).await.unwrap_err();
    assert!(matches!(refusal, Error::Invalid { field: "start", .. }), "{refusal}");
    let mut parameters = campaign.parameters.clone();
    parameters.name = " ".into();
    let refusal = campaigns::save(&proof, parameters, true).await.unwrap_err();
    assert!(matches!(refusal, Error::Invalid { field: "name", .. }), "{refusal}");
}

#[tokio::test]
async fn nothing_is_approved_while_its_recipients_change() {
    let it = fixture::in_memory().await;
    let campaign = it.submitted().await;
    let author = it.enter(&it.author).await;
    let proof = author.grant_on::<kind::EditCampaign>(campaign.id).await.unwrap();
    campaigns::uploads::begin(&proof, "other.txt", 5).await.unwrap();
    let present = campaigns::find(&author, campaign.id).await.unwrap();
    let moderator = it.enter(&it.moderator).await;
    let refusal = campaigns::approve(&moderator.grant().unwrap(), campaign.id, present.life.version).await.unwrap_err();
    assert!(matches!(refusal, Error::Stale { .. }), "{refusal}");
}

#[tokio::test]
async fn only_admins_override_and_only_with_an_approved_address() {
    let it = fixture::in_memory().await;
    let draft = it.complete_draft().await;
    let overridden = |saddr: &str, ton| {
        let mut parameters = draft.parameters.clone();
        parameters.overrides = Some(Addressing { source_ton: ton, ..fixture::addressing(saddr) });
        parameters
    };
    let author = it.enter(&it.author).await;
    let by_author = author.grant_on::<kind::EditCampaign>(draft.id).await.unwrap();
    let admin = it.enter(&it.admin).await;
    let by_admin = admin.grant_on::<kind::EditCampaign>(draft.id).await.unwrap();
    let forbidden = |outcome: Result<_, Error>| matches!(outcome, Err(Error::Forbidden));

    assert!(forbidden(campaigns::save(&by_author, overridden("ACME", Ton::Unknown), true).await));
    let foreign = campaigns::save(&by_admin, overridden("OtherBank", Ton::Alphanumeric), true).await;
    assert!(matches!(foreign, Err(Error::Invalid { field: "saddr", .. })));
    campaigns::save(&by_admin, overridden("ACME", Ton::Unknown), true).await.unwrap();

    // The author goes on with what the admin decided, and cannot change it.
    let by_author = author.grant_on::<kind::EditCampaign>(draft.id).await.unwrap();
    let mut parameters = overridden("ACME", Ton::Unknown);
    parameters.name = "Another name".into();
    campaigns::save(&by_author, parameters, true).await.unwrap();
    assert!(forbidden(campaigns::save(&by_author, overridden("ACME", Ton::National), true).await));
    assert!(forbidden(campaigns::save(&by_author, draft.parameters.clone(), true).await), "nor take it back");
    let mut parameters = draft.parameters.clone();
    parameters.sender = None;
    campaigns::save(&by_author, parameters, true).await.unwrap();
}
