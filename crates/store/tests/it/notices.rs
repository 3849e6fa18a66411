//! Who is told what, and when it goes away.

use domain::{
    campaign::Campaign,
    notice::{About, MailChoice},
    permission::{Role, kind},
};
use store::{
    Error, Session, campaigns,
    notices::{self, Notice},
    senders,
};

use crate::fixture::{self, Installation, addressing};

async fn told(it: &Installation, session: &Session) -> Vec<Notice> {
    let list = notices::list(&it.gate, session).await.unwrap();
    let unread = list.iter().filter(|notice| !notice.read).count();
    assert_eq!(
        notices::unread(&it.gate, session).await.unwrap() as usize,
        unread,
        "the badge counts what the page shows"
    );
    list
}

async fn sentences(it: &Installation, session: &Session) -> Vec<String> {
    told(it, session).await.into_iter().map(|notice| notice.about.sentence()).collect()
}

/// What the fixture's sender name left behind is read.
async fn forget(it: &Installation) {
    for session in [&it.author, &it.author_moderator, &it.moderator, &it.admin, &it.root] {
        notices::mark_all_read(&it.gate, session).await.unwrap();
        assert_eq!(notices::unread(&it.gate, session).await.unwrap(), 0);
    }
}

/// A campaign that is submitted after everything else was read.
async fn submitted(it: &Installation) -> Campaign {
    let draft = it.complete_draft().await;
    forget(it).await;
    it.clock.advance(1_000);
    let author = it.enter(&it.author).await;
    campaigns::submit(&author.grant_on(draft.id).await.unwrap()).await.unwrap()
}

async fn unread(it: &Installation, session: &Session) -> u32 {
    notices::unread(&it.gate, session).await.unwrap()
}

#[tokio::test]
async fn a_submission_waits_for_those_who_may_decide_it_until_it_is_decided() {
    let it = fixture::in_memory().await;
    let submitted = submitted(&it).await;
    let waits = "The campaign “Maintenance” by author waits for a decision";
    for session in [&it.author_moderator, &it.moderator, &it.admin, &it.root] {
        assert_eq!(sentences(&it, session).await[0], waits);
        assert_eq!(unread(&it, session).await, 1);
    }
    assert_eq!(unread(&it, &it.author).await, 0, "an author is not asked");

    it.clock.advance(60_000);
    let moderator = it.enter(&it.moderator).await;
    let decide = moderator.grant::<kind::DecideCampaign>().unwrap();
    campaigns::reject(&decide, submitted.id, submitted.life.version, "wrong day").await.unwrap();
    for session in [&it.author_moderator, &it.moderator, &it.admin] {
        assert!(!sentences(&it, session).await.contains(&waits.to_owned()), "what is decided waits for nobody");
    }
    let decided = told(&it, &it.author).await.remove(0);
    assert_eq!(decided.about.sentence(), "moderator rejected the campaign “Maintenance”");
    assert_eq!(decided.about.note(), Some("wrong day"));
    assert_eq!(decided.workspace.slug, fixture::slug());
    assert!(!decided.read);
}

#[tokio::test]
async fn who_writes_at_it_is_not_asked_to_decide_it() {
    let it = fixture::in_memory().await;
    let campaign = submitted(&it).await;
    assert!(sentences(&it, &it.admin).await[0].contains("Maintenance"));
    let admin = it.enter(&it.admin).await;
    let edit = admin.grant_on::<kind::EditCampaign>(campaign.id).await.unwrap();
    let renamed = domain::campaign::Parameters { name: "Repairs".into(), ..campaign.parameters.clone() };
    campaigns::save(&edit, renamed, true).await.unwrap();
    assert!(sentences(&it, &it.admin).await.iter().all(|sentence| !sentence.contains("Maintenance")));
    assert!(sentences(&it, &it.moderator).await[0].contains("Maintenance"), "the others are");
}

#[tokio::test]
async fn an_edit_that_voids_an_approval_asks_again() {
    let it = fixture::in_memory().await;
    let draft = it.complete_draft().await;
    let author = it.enter(&it.author).await;
    let edit = author.grant_on::<kind::EditCampaign>(draft.id).await.unwrap();
    campaigns::save(&edit, draft.parameters.clone(), false).await.unwrap();
    let submitted = campaigns::submit(&author.grant_on(draft.id).await.unwrap()).await.unwrap();
    let moderator = it.enter(&it.moderator).await;
    campaigns::approve(&moderator.grant().unwrap(), draft.id, submitted.life.version).await.unwrap();
    forget(&it).await;
    let renamed = domain::campaign::Parameters { name: "Repairs".into(), ..draft.parameters.clone() };
    campaigns::save(&author.grant_on(draft.id).await.unwrap(), renamed, false).await.unwrap();
    assert_eq!(unread(&it, &it.moderator).await, 1);
    campaigns::archive(&author.grant_on(draft.id).await.unwrap()).await.unwrap();
    assert_eq!(unread(&it, &it.moderator).await, 0, "what is archived waits for nobody");
}

#[tokio::test]
async fn a_revision_is_told_like_a_campaign() {
    let it = fixture::in_memory().await;
    let sender = it.approved_sender().await.sender;
    forget(&it).await;
    let author = it.enter(&it.author).await;
    it.clock.advance(1_000);
    senders::submit_revision(&author.grant().unwrap(), sender, addressing("ACME2"), None).await.unwrap();
    let newest = told(&it, &it.admin).await.remove(0);
    assert_eq!(newest.about.sentence(), "Revision 2 of the sender “Acme” by author waits for a decision");
    assert!(matches!(newest.about, About::RevisionWaits { .. }));
    let moderator = it.enter(&it.moderator).await;
    senders::approve(&moderator.grant().unwrap(), sender, 2).await.unwrap();
    assert_eq!(unread(&it, &it.admin).await, 0);
    assert_eq!(sentences(&it, &it.author).await, ["moderator approved revision 2 of the sender “Acme”"]);
}

#[tokio::test]
async fn one_thing_is_told_once_and_read_for_oneself() {
    let it = fixture::in_memory().await;
    submitted(&it).await;
    let list = told(&it, &it.moderator).await;
    let about_campaign = |notice: &&Notice| matches!(notice.about, About::CampaignWaits { .. });
    assert_eq!(list.iter().filter(about_campaign).count(), 1);
    let of_admin = told(&it, &it.admin).await;
    notices::mark_read(&it.gate, &it.moderator, of_admin[0].id).await.unwrap();
    assert!(!told(&it, &it.admin).await[0].read, "another's notice stays unread");
    notices::mark_read(&it.gate, &it.admin, of_admin[0].id).await.unwrap();
    assert!(told(&it, &it.admin).await[0].read);
    assert_eq!(unread(&it, &it.moderator).await, 1, "each reads for oneself");
}

#[tokio::test]
async fn what_somebody_may_not_see_any_more_is_not_shown() {
    let it = fixture::in_memory().await;
    it.submitted().await;
    assert!(unread(&it, &it.root).await > 0, "a super admin who is a member is told");
    let other = store::workspaces::NewWorkspace {
        slug: "other".into(),
        display_name: "Other".into(),
        time_zone: "UTC".into(),
        default_country: "DE".into(),
        four_eyes: true,
    };
    store::workspaces::create(&it.gate, &other).await.unwrap();
    let slug = domain::slug::Slug::parse("other").unwrap();
    store::members::add(&it.gate, &slug, it.author.user().id, Role::Admin, false).await.unwrap();
    let root = it.gate.enter(&it.root, &slug).await.unwrap();
    let before = unread(&it, &it.root).await;
    let sender = senders::create(&root.grant().unwrap(), "Elsewhere").await.unwrap();
    senders::submit_revision(&root.grant().unwrap(), sender.id, addressing("ELSE"), None).await.unwrap();
    assert_eq!(unread(&it, &it.root).await, before, "who submits is not asked");
    let told = told(&it, &it.author).await;
    assert_eq!(told[0].workspace.display_name, "Other", "notices of all workspaces come together");
    assert_eq!(unread(&it, &it.moderator).await, 1, "and nobody of another workspace hears of it");
}

#[tokio::test]
async fn the_choice_of_mails_is_compared_and_recorded() {
    let it = fixture::in_memory().await;
    let first = notices::mail_settings(&it.gate, &it.author).await.unwrap();
    assert_eq!((first.choice, first.revision), (MailChoice::default(), 0));
    let none = MailChoice { submitted: false, decided: false, join_request: false, webhook: false };
    notices::set_mail_settings(&it.gate, &it.author, 0, none).await.unwrap();
    let stale = notices::set_mail_settings(&it.gate, &it.author, 0, MailChoice::default()).await;
    assert!(matches!(stale, Err(Error::Moved)));
    let now = notices::mail_settings(&it.gate, &it.author).await.unwrap();
    assert_eq!((now.choice, now.revision), (none, 1));
    notices::set_mail_settings(&it.gate, &it.author, 1, MailChoice::default()).await.unwrap();
}
