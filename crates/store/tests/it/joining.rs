//! Requests to join: who asks learns nothing that an admin has not said.

use domain::{
    members::{ASK_AGAIN_MS, JoinState, REQUEST_LIFE_MS, Standing},
    permission::{Capacity, Role, kind},
};
use store::{Error, Session, members::joining, notices, users, users::NewUser, workspaces, workspaces::Settings};

use crate::fixture::{self, Installation, PASSWORD, START_MS, origin, slug};

const AUTHOR: Standing = Standing::new(Role::Author, false);

/// Somebody with an account and no workspace.
async fn outsider(it: &Installation) -> Session {
    let new = NewUser { email: "eve@eve.example".into(), name: "Eve".into(), super_admin: false };
    let (_, link) = users::create(&it.gate, &new, None).await.unwrap();
    it.gate.set_password(&link.unwrap(), PASSWORD, origin()).await.unwrap().signed_in().unwrap().session
}

async fn back_again(it: &Installation, email: &str) -> Session {
    it.gate.sign_in(email, PASSWORD, origin()).await.unwrap().unwrap().signed_in().unwrap().session
}

#[tokio::test]
async fn a_workspace_that_takes_no_requests_looks_like_none() {
    let it = fixture::in_memory().await;
    let eve = outsider(&it).await;
    for address in ["acme", "nowhere"] {
        joining::ask(&it.gate, &eve, address, "please").await.unwrap();
        let again = joining::ask(&it.gate, &eve, address, "please").await;
        assert!(
            matches!(&again, Err(Error::Invalid { field: "workspace", message }) if message.contains("asked already"))
        );
    }
    let mine = joining::mine(&it.gate, &eve).await.unwrap();
    assert_eq!(mine.len(), 2);
    assert!(mine.iter().all(|ask| ask.state == JoinState::Waiting && ask.asked_at_ms == START_MS));
    let admin = it.enter(&it.admin).await;
    assert!(joining::requests(&admin.grant().unwrap()).await.unwrap().is_empty());
    let user = eve.user().id;
    let made_up = joining::approve(&admin.grant().unwrap(), user, AUTHOR, None).await;
    assert!(matches!(made_up, Err(Error::Stale { .. })), "nobody is a member who did not ask here");
    assert!(it.gate.enter(&eve, &slug()).await.is_err());
}

#[tokio::test]
async fn who_need_not_ask_is_told_so() {
    let it = fixture::in_memory().await;
    for (session, word) in [(&it.author, "member"), (&it.root, "super admin")] {
        let refused = joining::ask(&it.gate, session, "acme", "").await;
        assert!(matches!(&refused, Err(Error::Invalid { field: "workspace", message }) if message.contains(word)));
    }
    let eve = outsider(&it).await;
    assert!(matches!(joining::ask(&it.gate, &eve, "No Address", "").await, Err(Error::Invalid { .. })));
    for number in 0..10 {
        joining::ask(&it.gate, &eve, &format!("place{number}"), "").await.unwrap();
    }
    let one_more = joining::ask(&it.gate, &eve, "place10", "").await;
    assert!(matches!(&one_more, Err(Error::Invalid { message, .. }) if message.contains("at most 10")));
}

#[tokio::test]
async fn what_nobody_answers_runs_out() {
    let it = fixture::in_memory().await;
    let eve = outsider(&it).await;
    joining::ask(&it.gate, &eve, "nowhere", "").await.unwrap();
    it.clock.advance(REQUEST_LIFE_MS);
    let eve = back_again(&it, "eve@eve.example").await;
    assert!(joining::mine(&it.gate, &eve).await.unwrap().is_empty());
    it.system.forget_old_join_requests().await.unwrap();
    joining::ask(&it.gate, &eve, "nowhere", "").await.unwrap();
    assert_eq!(joining::mine(&it.gate, &eve).await.unwrap().len(), 1);
}

/// Lets people ask for the fixture's workspace.
async fn open_to_requests(it: &Installation) {
    let scope = it.enter(&it.admin).await;
    let settings = Settings { joining_allowed: true, ..Settings::of(scope.workspace()) };
    workspaces::save(&scope.grant().unwrap(), scope.workspace().revision, &settings).await.unwrap();
}

#[tokio::test]
async fn an_admin_lets_somebody_in_with_a_role() {
    let it = fixture::in_memory().await;
    open_to_requests(&it).await;
    let eve = outsider(&it).await;
    joining::ask(&it.gate, &eve, "acme", " I work in sales ").await.unwrap();
    let admin = it.enter(&it.admin).await;
    let waiting = joining::requests(&admin.grant().unwrap()).await.unwrap();
    assert_eq!((waiting.len(), waiting[0].note.as_deref()), (1, Some("I work in sales")));
    assert!(matches!(it.enter(&it.moderator).await.grant::<kind::ManageMembers>(), Err(Error::Forbidden)));
    let moderates = Standing::new(Role::Author, true);
    let user = eve.user().id;
    joining::approve(&admin.grant().unwrap(), user, moderates, None).await.unwrap();
    assert_eq!(it.enter(&eve).await.capacity(), Capacity::AuthorModerator);
    assert!(joining::requests(&admin.grant().unwrap()).await.unwrap().is_empty());
    assert!(joining::mine(&it.gate, &eve).await.unwrap().is_empty());
    let late = joining::reject(&admin.grant().unwrap(), user).await;
    assert!(matches!(&late, Err(Error::Stale { what }) if what.contains("somebody else")), "{late:?}");
}

#[tokio::test]
async fn admins_are_told_of_a_request_until_it_is_decided() {
    let it = fixture::in_memory().await;
    open_to_requests(&it).await;
    let eve = outsider(&it).await;
    joining::ask(&it.gate, &eve, "acme", "").await.unwrap();
    let told = notices::list(&it.gate, &it.admin).await.unwrap();
    assert_eq!(told[0].about.sentence(), "Eve asks to join the workspace");
    assert_eq!(told[0].about.path(), format!("/members/requests/{}", eve.user().id));
    assert!(notices::list(&it.gate, &it.moderator).await.unwrap().is_empty(), "nobody else decides it");
    joining::reject(&it.enter(&it.admin).await.grant().unwrap(), eve.user().id).await.unwrap();
    assert!(notices::list(&it.gate, &it.admin).await.unwrap().is_empty());
}

#[tokio::test]
async fn who_was_rejected_sees_it_and_may_ask_a_day_later() {
    let it = fixture::in_memory().await;
    open_to_requests(&it).await;
    let eve = outsider(&it).await;
    joining::ask(&it.gate, &eve, "acme", "").await.unwrap();
    joining::reject(&it.enter(&it.admin).await.grant().unwrap(), eve.user().id).await.unwrap();
    let mine = joining::mine(&it.gate, &eve).await.unwrap();
    assert_eq!(mine[0].state, JoinState::Rejected { at_ms: START_MS });
    assert!(matches!(joining::ask(&it.gate, &eve, "acme", "").await, Err(Error::Invalid { .. })));
    it.clock.advance(ASK_AGAIN_MS);
    let eve = back_again(&it, "eve@eve.example").await;
    joining::ask(&it.gate, &eve, "acme", "").await.unwrap();
    let admin = back_again(&it, "admin@acme.example").await;
    assert_eq!(joining::requests(&it.enter(&admin).await.grant().unwrap()).await.unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_two_admins_who_decide_at_once_one_does() {
    let it = fixture::in_memory().await;
    open_to_requests(&it).await;
    let eve = outsider(&it).await;
    joining::ask(&it.gate, &eve, "acme", "").await.unwrap();
    let user = eve.user().id;
    let approves = it.enter(&it.admin).await.grant::<kind::ManageMembers>().unwrap();
    let rejects = it.enter(&it.root).await.grant::<kind::ManageMembers>().unwrap();
    let (approved, rejected) = tokio::join!(
        tokio::spawn(async move { joining::approve(&approves, user, AUTHOR, None).await }),
        tokio::spawn(async move { joining::reject(&rejects, user).await }),
    );
    let (approved, rejected) = (approved.unwrap(), rejected.unwrap());
    assert!(approved.is_ok() != rejected.is_ok(), "{approved:?} {rejected:?}");
    assert_eq!(it.gate.enter(&eve, &slug()).await.is_ok(), approved.is_ok());
}
