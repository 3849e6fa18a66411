//! Invitations from being sent to being accepted, and everything that comes between.

use domain::{
    members::{INVITATION_LIFE_MS, Invitation, Standing},
    permission::{Capacity, Role, kind},
};
use store::{
    Error, Token, members,
    members::invitations::{self, NewInvitation},
    notices::Content,
    users,
    users::NewUser,
};

use crate::fixture::{self, Installation, PASSWORD, START_MS, origin, slug};

const HOUR_MS: i64 = 3_600_000;

fn new(email: &str) -> NewInvitation {
    NewInvitation {
        email: email.into(),
        standing: Standing::new(Role::Author, true),
        member_until_ms: None,
        note: "  Welcome  ".into(),
    }
}

async fn invite(it: &Installation, new: &NewInvitation) -> Result<(Invitation, Token), Error> {
    invitations::invite(&it.enter(&it.admin).await.grant::<kind::ManageMembers>()?, new).await
}

async fn open(it: &Installation) -> Vec<Invitation> {
    invitations::list(&it.enter(&it.admin).await.grant().unwrap()).await.unwrap()
}

async fn is_dead(it: &Installation, token: &Token) -> bool {
    matches!(it.gate.invitation(token).await, Err(Error::NotFound))
        && matches!(it.gate.accept_invitation(token, "New", PASSWORD, origin()).await, Err(Error::NotFound))
        && matches!(it.gate.accept_invitation_as(&it.author, token).await, Err(Error::NotFound))
}

async fn actions(it: &Installation) -> Vec<String> {
    let scope = it.enter(&it.root).await;
    let records = store::audit::page(&scope.grant().unwrap(), None, 50).await.unwrap();
    records.into_iter().map(|record| record.action).collect()
}

#[tokio::test]
async fn somebody_new_accepts_once_and_is_signed_in() {
    let it = fixture::in_memory().await;
    let (invitation, token) = invite(&it, &new("New@acme.example ")).await.unwrap();
    assert_eq!((invitation.email.as_str(), invitation.note.as_deref()), ("new@acme.example", Some("Welcome")));
    let offer = it.gate.invitation(&token).await.unwrap();
    assert_eq!((offer.workspace.slug, offer.has_account), (slug(), false));
    assert_eq!(offer.invitation.invited_by_name, "admin");
    assert!(matches!(
        it.gate.accept_invitation(&token, "New", "short", origin()).await,
        Err(Error::Invalid { field: "password", .. })
    ));
    let (signed_in, slug) = it.gate.accept_invitation(&token, "New", PASSWORD, origin()).await.unwrap();
    let scope = it.gate.enter(&signed_in.session, &slug).await.unwrap();
    assert_eq!((scope.capacity(), scope.user().name.as_str()), (Capacity::AuthorModerator, "New"));
    assert!(open(&it).await.is_empty());
    assert!(is_dead(&it, &token).await, "used");
    assert_eq!(actions(&it).await[..2], ["member.joined", "member.invited"]);
    let scope = it.enter(&it.root).await;
    let text = format!("{:?}", store::audit::page(&scope.grant().unwrap(), None, 50).await.unwrap());
    assert!(!text.contains(token.reveal()), "a record holds no token");
}

#[tokio::test]
async fn who_has_an_account_accepts_as_themselves_and_nobody_else_does() {
    let it = fixture::in_memory().await;
    let stranger = NewUser { email: "eve@eve.example".into(), name: "Eve".into(), super_admin: false };
    let (_, link) = users::create(&it.gate, &stranger, None).await.unwrap();
    let eve = it.gate.set_password(&link.unwrap(), PASSWORD, origin()).await.unwrap().signed_in().unwrap().session;
    let (_, token) = invite(&it, &new("eve@eve.example")).await.unwrap();
    assert!(it.gate.invitation(&token).await.unwrap().has_account);
    assert!(matches!(it.gate.accept_invitation_as(&it.author, &token).await, Err(Error::Stale { .. })));
    assert!(matches!(it.gate.accept_invitation(&token, "Not Eve", PASSWORD, origin()).await, Err(Error::Stale { .. })));
    assert!(it.gate.enter(&eve, &slug()).await.is_err());
    it.gate.accept_invitation_as(&eve, &token).await.unwrap();
    assert_eq!(it.enter(&eve).await.capacity(), Capacity::AuthorModerator);
    assert!(is_dead(&it, &token).await);
}

#[tokio::test]
async fn an_address_has_one_open_invitation() {
    let it = fixture::in_memory().await;
    let (first, earlier) = invite(&it, &new("new@acme.example")).await.unwrap();
    let twice = invite(&it, &new("NEW@acme.example")).await;
    assert!(matches!(&twice, Err(Error::Invalid { field: "email", message }) if message.contains("open invitation")));
    let member = invite(&it, &new("author@acme.example")).await;
    assert!(matches!(&member, Err(Error::Invalid { field: "email", message }) if message.contains("member")));
    assert!(matches!(invite(&it, &new("nobody")).await, Err(Error::Invalid { field: "email", .. })));

    let admin = it.enter(&it.admin).await;
    let (_, later) = invitations::resend(&admin.grant().unwrap(), first.id).await.unwrap();
    assert!(is_dead(&it, &earlier).await, "a new link takes the place of the earlier one");
    assert!(it.gate.invitation(&later).await.is_ok());
    invitations::revoke(&admin.grant().unwrap(), first.id).await.unwrap();
    assert!(is_dead(&it, &later).await, "revoked");
    assert!(matches!(invitations::revoke(&admin.grant().unwrap(), first.id).await, Err(Error::NotFound)));
    assert!(invite(&it, &new("new@acme.example")).await.is_ok());
    let moderator = it.enter(&it.moderator).await;
    assert!(matches!(moderator.grant::<kind::ManageMembers>(), Err(Error::Forbidden)));
}

#[tokio::test]
async fn after_a_week_it_is_over_until_it_is_sent_again() {
    let it = fixture::in_memory().await;
    let (invitation, token) = invite(&it, &new("new@acme.example")).await.unwrap();
    it.clock.set(START_MS + INVITATION_LIFE_MS);
    let later =
        it.gate.sign_in("admin@acme.example", PASSWORD, origin()).await.unwrap().unwrap().signed_in().unwrap().session;
    assert!(matches!(it.gate.invitation(&token).await, Err(Error::NotFound)));
    assert!(is_dead(&it, &token).await);
    let admin = it.enter(&later).await;
    let listed = invitations::list(&admin.grant().unwrap()).await.unwrap();
    assert_eq!((listed.len(), listed[0].is_open(it.gate.now_ms())), (1, false));
    let (_, again) = invitations::resend(&admin.grant().unwrap(), invitation.id).await.unwrap();
    assert!(it.gate.invitation(&again).await.is_ok());
}

#[tokio::test]
async fn an_invitation_for_a_while_begins_a_membership_that_ends() {
    let it = fixture::in_memory().await;
    let week = NewInvitation { member_until_ms: Some(START_MS + HOUR_MS), ..new("guest@acme.example") };
    let (_, token) = invite(&it, &week).await.unwrap();
    let (signed_in, slug) = it.gate.accept_invitation(&token, "Guest", PASSWORD, origin()).await.unwrap();
    assert!(it.gate.enter(&signed_in.session, &slug).await.is_ok());
    it.clock.advance(HOUR_MS);
    assert!(matches!(it.gate.enter(&signed_in.session, &slug).await, Err(Error::NotFound)));
    // Over, and not yet written: they can be invited again all the same.
    let (_, token) = invite(&it, &new("guest@acme.example")).await.unwrap();
    it.gate.accept_invitation_as(&signed_in.session, &token).await.unwrap();
    assert!(it.gate.enter(&signed_in.session, &slug).await.is_ok());
    assert_eq!(it.system.end_temporary_roles().await.unwrap(), 0);
    let past = NewInvitation { member_until_ms: Some(START_MS), ..new("late@acme.example") };
    assert!(matches!(invite(&it, &past).await, Err(Error::Invalid { field: "until", .. })));
}

#[tokio::test]
async fn a_mail_has_a_link_of_its_own_that_dies_with_the_invitation() {
    let it = fixture::with_mail().await;
    let (invitation, shown) = invite(&it, &new("new@acme.example")).await.unwrap();
    let letter = it.system.next_letter().await.unwrap().unwrap();
    assert_eq!((letter.to.as_str(), letter.name.as_deref()), ("new@acme.example", None));
    let Content::Invitation { token: mailed, workspace, by, days, .. } = &letter.content else { panic!("{letter:?}") };
    assert_eq!((workspace.as_str(), by.as_str(), *days), ("Acme", "admin", 7));
    assert!(it.gate.invitation(&shown).await.is_ok());
    it.gate.accept_invitation(mailed, "New", PASSWORD, origin()).await.unwrap();
    assert!(is_dead(&it, &shown).await && is_dead(&it, mailed).await);
    it.clock.advance(HOUR_MS);
    assert!(it.system.next_letter().await.unwrap().is_none(), "{}: not sent again once it is accepted", invitation.id);

    let (revoked, _) = invite(&it, &new("other@acme.example")).await.unwrap();
    let scope = it.enter(&it.sign_in("admin@acme.example").await.session).await;
    invitations::revoke(&scope.grant().unwrap(), revoked.id).await.unwrap();
    assert!(it.system.next_letter().await.unwrap().is_none(), "nor when it was revoked before the mail went out");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_who_accept_at_once_one_gets_in() {
    let it = fixture::in_memory().await;
    let (_, token) = invite(&it, &new("new@acme.example")).await.unwrap();
    let tasks: Vec<_> = (0..8)
        .map(|_| {
            let (gate, token) = (it.gate.clone(), token.clone());
            tokio::spawn(async move { gate.accept_invitation(&token, "New", PASSWORD, origin()).await })
        })
        .collect();
    let mut accepted = 0;
    for task in tasks {
        match task.await.unwrap() {
            Ok(_) => accepted += 1,
            Err(Error::NotFound | Error::Stale { .. }) => {}
            Err(other) => panic!("{other}"),
        }
    }
    assert_eq!(accepted, 1);
    let members = members::list(&it.enter(&it.admin).await.grant().unwrap()).await.unwrap();
    assert_eq!(members.iter().filter(|member| member.email == "new@acme.example").count(), 1);
}
