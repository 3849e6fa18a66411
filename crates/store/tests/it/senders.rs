//! Revisions, and the claim on a SADDR.

use domain::{permission::Role, sender::SenderStatus, slug::Slug};
use store::{Error, senders, users::NewUser, workspaces::NewWorkspace};

use crate::fixture::{self, PASSWORD, addressing};

#[tokio::test]
async fn a_pending_or_rejected_revision_displaces_nothing() {
    let it = fixture::in_memory().await;
    let reference = it.approved_sender().await;
    let author = it.enter(&it.author).await;
    let moderator = it.enter(&it.moderator).await;
    let pending =
        senders::submit_revision(&author.grant().unwrap(), reference.sender, addressing("ACME2"), None).await.unwrap();
    assert_eq!(pending.in_force().unwrap().number, 1);
    assert_eq!(pending.status(), SenderStatus::Approved);
    let rejected = senders::reject(&moderator.grant().unwrap(), reference.sender, 2, "no").await.unwrap();
    assert_eq!(rejected.in_force().unwrap().number, 1);
    let again = senders::approve(&moderator.grant().unwrap(), reference.sender, 2).await.unwrap_err();
    assert!(again.to_string().starts_with("already rejected by moderator at "), "{again}");
}

#[tokio::test]
async fn who_submitted_a_revision_does_not_approve_it() {
    let it = fixture::in_memory().await;
    let admin = it.enter(&it.admin).await;
    let sender = senders::create(&admin.grant().unwrap(), "Acme").await.unwrap();
    senders::submit_revision(&admin.grant().unwrap(), sender.id, addressing("ACME"), None).await.unwrap();
    assert!(matches!(senders::approve(&admin.grant().unwrap(), sender.id, 1).await, Err(Error::Stale { .. })));
}

#[tokio::test]
async fn a_saddr_of_another_workspace_is_refused() {
    let it = fixture::in_memory().await;
    it.approved_sender().await;
    let other = NewWorkspace {
        slug: "other".into(),
        display_name: "Other".into(),
        time_zone: "UTC".into(),
        default_country: "DE".into(),
        four_eyes: true,
    };
    store::workspaces::create(&it.gate, &other).await.unwrap();
    let slug = Slug::parse("other").unwrap();
    let new = NewUser { email: "mod@other.example".into(), name: "Mod".into(), super_admin: false };
    let (user, _) = store::users::create(&it.gate, &new, Some(PASSWORD.into())).await.unwrap();
    store::members::add(&it.gate, &slug, user, Role::Admin, false).await.unwrap();
    let mod_session = it.sign_in("mod@other.example").await.session;
    let root = it.gate.enter(&it.root, &slug).await.unwrap();
    let sender = senders::create(&root.grant().unwrap(), "Spoof").await.unwrap();
    senders::submit_revision(&root.grant().unwrap(), sender.id, addressing("acme"), None).await.unwrap();
    let moderator = it.gate.enter(&mod_session, &slug).await.unwrap();
    let refusal = senders::approve(&moderator.grant().unwrap(), sender.id, 1).await.unwrap_err();
    assert!(matches!(refusal, Error::Invalid { field: "saddr", .. }), "{refusal}");
    assert!(!refusal.to_string().to_lowercase().contains("acme"), "the refusal names no tenant: {refusal}");

    let root = root.grant().unwrap();
    assert!(senders::pending_is_barred(&root, &senders::find(&root, sender.id).await.unwrap()).await.unwrap());
    senders::allow_shared(&root, sender.id, 1).await.unwrap();
    assert!(!senders::pending_is_barred(&root, &senders::find(&root, sender.id).await.unwrap()).await.unwrap());
    let approved = senders::approve(&moderator.grant().unwrap(), sender.id, 1).await.unwrap();
    assert_eq!(approved.status(), SenderStatus::Approved);
    let owner = it.enter(&it.admin).await;
    let own = senders::create(&owner.grant().unwrap(), "Acme again").await.unwrap();
    senders::submit_revision(&owner.grant().unwrap(), own.id, addressing("ACME"), None).await.unwrap();
    let judge = it.enter(&it.moderator).await;
    senders::approve(&judge.grant().unwrap(), own.id, 1).await.expect("who had it first still has it");
}
