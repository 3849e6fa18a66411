//! Message templates: versions, four eyes, and what a campaign makes of one.

use domain::{
    campaign::Parameters,
    message_template::{MessageTemplate, TemplateRef, VersionState},
    permission::kind,
};
use store::{Error, campaigns, templates};

use crate::fixture::{self, Installation};

async fn waiting(it: &Installation) -> MessageTemplate {
    let author = it.enter(&it.author).await;
    templates::create(&author.grant().unwrap(), "Greeting", "Hello {name}", true).await.unwrap()
}

#[tokio::test]
async fn a_version_is_approved_by_somebody_else_and_stays_as_it_is() {
    let it = fixture::in_memory().await;
    let template = waiting(&it).await;
    let judge = it.enter(&it.moderator).await;
    let approved = templates::approve(&judge.grant().unwrap(), template.id, 1).await.unwrap();
    assert_eq!(approved.versions[0].state, VersionState::Approved);
    let author = it.enter(&it.author).await;
    let next = templates::write(&author.grant().unwrap(), template.id, 1, "Hi {name}", false).await.unwrap();
    assert_eq!(next.versions[0], approved.versions[0], "an approved version never changes");
    assert_eq!((next.versions.len(), next.approved().unwrap().number), (2, 1));
    let again = templates::approve(&judge.grant().unwrap(), template.id, 1).await.unwrap_err();
    assert!(again.to_string().contains("already approved by"), "{again}");
    let unasked = templates::approve(&judge.grant().unwrap(), template.id, 2).await.unwrap_err();
    assert!(matches!(unasked, Error::Stale { .. }), "nobody asked for it: {unasked}");
}

#[tokio::test]
async fn nobody_approves_what_they_wrote_or_asked_for() {
    let it = fixture::in_memory().await;
    let both = it.enter(&it.author_moderator).await;
    let own = templates::create(&both.grant().unwrap(), "Own", "Hello", true).await.unwrap();
    let refusal = templates::approve(&both.grant().unwrap(), own.id, 1).await.unwrap_err();
    assert!(matches!(refusal, Error::Stale { .. }), "{refusal}");
    // Written by one, and asked for by another: neither decides.
    let author = it.enter(&it.author).await;
    let other = templates::create(&author.grant().unwrap(), "Other", "Hello", false).await.unwrap();
    templates::ask(&both.grant().unwrap(), other.id, 1).await.unwrap();
    let refusal = templates::approve(&both.grant().unwrap(), other.id, 1).await.unwrap_err();
    assert!(matches!(refusal, Error::Stale { .. }), "{refusal}");
    templates::reject(&both.grant().unwrap(), other.id, 1, "no").await.unwrap();
}

#[tokio::test]
async fn who_writes_behind_an_old_version_is_told() {
    let it = fixture::in_memory().await;
    let template = waiting(&it).await;
    let author = it.enter(&it.author).await;
    templates::write(&author.grant().unwrap(), template.id, 1, "Two", false).await.unwrap();
    let refusal = templates::write(&author.grant().unwrap(), template.id, 1, "Three", false).await.unwrap_err();
    assert!(refusal.to_string().contains("version 2"), "{refusal}");
    let broken = templates::write(&author.grant().unwrap(), template.id, 2, "Hello {name", false).await.unwrap_err();
    assert!(matches!(broken, Error::Invalid { field: "text", .. }), "{broken}");
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_decisions_at_once_one_counts() {
    let it = fixture::in_memory().await;
    let template = waiting(&it).await;
    let judge = it.enter(&it.moderator).await;
    let mut decisions = tokio::task::JoinSet::new();
    for round in 0..20 {
        let (judge, id) = (judge.clone(), template.id);
        decisions.spawn(async move {
            let proof = judge.grant::<kind::DecideCampaign>().unwrap();
            if round % 2 == 0 {
                templates::approve(&proof, id, 1).await.is_ok()
            } else {
                templates::reject(&proof, id, 1, "no").await.is_ok()
            }
        });
    }
    assert_eq!(decisions.join_all().await.into_iter().filter(|won| *won).count(), 1);
}

#[tokio::test]
async fn a_campaign_tells_whether_it_uses_an_approved_text_unaltered() {
    let it = fixture::in_memory().await;
    let template = waiting(&it).await;
    let draft = it.complete_draft().await;
    let author = it.enter(&it.author).await;
    let reference = TemplateRef { template: template.id, name: template.name.clone(), version: 1 };
    let save = async |text: &str| {
        let proof = author.grant_on::<kind::EditCampaign>(draft.id).await.unwrap();
        let parameters =
            Parameters { text: text.into(), template: Some(reference.clone()), ..proof.campaign().parameters.clone() };
        let saved = campaigns::save(&proof, parameters, true).await.unwrap();
        templates::use_of(&author, &saved).await.unwrap().unwrap()
    };
    assert!(!save("Hello {name}").await.is_approved_text(), "nobody has approved it yet");
    let judge = it.enter(&it.moderator).await;
    templates::approve(&judge.grant().unwrap(), template.id, 1).await.unwrap();
    assert!(!save("Hello {name}!").await.is_approved_text(), "altered by one letter");
    assert!(save("Hello {name}").await.is_approved_text());
}
