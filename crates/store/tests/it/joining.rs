//! Requests to join: who asks learns nothing that an admin has not said.

use domain::{
    members::{JoinState, REQUEST_LIFE_MS, Standing},
    permission::Role,
};
use store::{Error, Session, members::joining, users, users::NewUser};

use crate::fixture::{self, Installation, PASSWORD, START_MS, origin, slug};

const AUTHOR: Standing = Standing::new(Role::Author, false);

/// Somebody with an account and no workspace.
async fn outsider(it: &Installation) -> Session {
    let new = NewUser { email: "eve@eve.example".into(), name: "Eve".into(), super_admin: false };
    let (_, link) = users::create(&it.gate, &new, None).await.unwrap();
    it.gate.set_password(&link.unwrap(), PASSWORD, origin()).await.unwrap().session
}

async fn back_again(it: &Installation, email: &str) -> Session {
    it.gate.sign_in(email, PASSWORD, origin()).await.unwrap().unwrap().session
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
