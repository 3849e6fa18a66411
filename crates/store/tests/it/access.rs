//! Membership and permission.

use domain::{
    permission::{Role, kind},
    slug::Slug,
};
use store::{Error, campaigns, users::NewUser, workspaces::NewWorkspace};

use crate::fixture::{self, PASSWORD, origin, slug};

#[tokio::test]
async fn a_workspace_of_others_looks_like_none() {
    let it = fixture::in_memory().await;
    let other = NewWorkspace {
        slug: "other".into(),
        display_name: "Other".into(),
        time_zone: "UTC".into(),
        default_country: "DE".into(),
        four_eyes: true,
    };
    store::workspaces::create(&it.gate, &other).await.unwrap();
    let stranger = it.gate.enter(&it.author, &Slug::parse("other").unwrap()).await.unwrap_err();
    let missing = it.gate.enter(&it.author, &Slug::parse("missing").unwrap()).await.unwrap_err();
    assert!(matches!((&stranger, &missing), (Error::NotFound, Error::NotFound)));
    assert!(it.gate.enter(&it.root, &Slug::parse("other").unwrap()).await.is_ok(), "a super admin enters everywhere");
}

#[tokio::test]
async fn a_campaign_of_another_workspace_is_not_found() {
    let it = fixture::in_memory().await;
    let campaign = it.submitted().await;
    let other = NewWorkspace {
        slug: "other".into(),
        display_name: "Other".into(),
        time_zone: "UTC".into(),
        default_country: "DE".into(),
        four_eyes: true,
    };
    store::workspaces::create(&it.gate, &other).await.unwrap();
    let elsewhere = it.gate.enter(&it.root, &Slug::parse("other").unwrap()).await.unwrap();
    assert!(matches!(campaigns::find(&elsewhere, campaign.id).await, Err(Error::NotFound)));
    let proof = elsewhere.grant::<kind::DecideCampaign>().unwrap();
    assert!(matches!(campaigns::approve(&proof, campaign.id, campaign.life.version).await, Err(Error::NotFound)));
}

#[tokio::test]
async fn permissions_follow_the_table() {
    let it = fixture::in_memory().await;
    let campaign = it.submitted().await;
    let author = it.enter(&it.author).await;
    assert!(matches!(author.grant::<kind::DecideCampaign>(), Err(Error::Forbidden)));
    assert!(author.grant_on::<kind::EditCampaign>(campaign.id).await.is_ok());
    let colleague = it.enter(&it.author_moderator).await;
    assert!(matches!(colleague.grant_on::<kind::EditCampaign>(campaign.id).await, Err(Error::Forbidden)));
    assert!(colleague.grant::<kind::DecideCampaign>().is_ok());
}

#[tokio::test]
async fn a_set_up_link_works_once() {
    let it = fixture::in_memory().await;
    assert!(store::first_run::set_up_link(&it.gate).await.unwrap().is_none(), "there is a user already");
}

#[tokio::test]
async fn a_password_link_works_once() {
    let it = fixture::in_memory().await;
    let new = NewUser { email: "late@acme.example".into(), name: "Late".into(), super_admin: false };
    let (user, token) = store::users::create(&it.gate, &new, None).await.unwrap();
    store::members::add(&it.gate, &slug(), user, Role::Author, false).await.unwrap();
    let token = token.expect("no password was given");
    it.gate.set_password(&token, PASSWORD, origin()).await.unwrap();
    assert!(matches!(it.gate.set_password(&token, PASSWORD, origin()).await, Err(Error::NotFound)));
}
