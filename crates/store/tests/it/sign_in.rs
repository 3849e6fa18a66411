//! Passwords, lockout and sessions, on a clock that stands still.

use store::{Error, SignInRefusal};

use crate::fixture::{self, PASSWORD, origin};

#[tokio::test]
async fn three_failures_lock_for_a_minute_known_or_not() {
    let it = fixture::in_memory().await;
    for email in ["author@acme.example", "nobody@acme.example"] {
        for _ in 0..2 {
            let refusal = it.gate.sign_in(email, "wrong", origin()).await.unwrap().unwrap_err();
            assert_eq!(refusal, SignInRefusal::Wrong);
        }
        let refusal = it.gate.sign_in(email, "wrong", origin()).await.unwrap().unwrap_err();
        assert_eq!(refusal, SignInRefusal::Locked { seconds: 60 });
    }
    it.clock.advance(59_000);
    let early = it.gate.sign_in("author@acme.example", PASSWORD, origin()).await.unwrap().unwrap_err();
    assert_eq!(early, SignInRefusal::Locked { seconds: 1 });
    it.clock.advance(1_000);
    it.gate.sign_in("Author@ACME.example", PASSWORD, origin()).await.unwrap().unwrap();
}

#[tokio::test]
async fn a_session_ends_by_sign_out_idleness_and_age() {
    let it = fixture::in_memory().await;
    let sign_in = || async { it.gate.sign_in("author@acme.example", PASSWORD, origin()).await.unwrap().unwrap().token };

    let token = sign_in().await;
    it.gate.session(&token, origin()).await.unwrap();
    it.gate.sign_out(&token, origin()).await.unwrap();
    assert!(matches!(it.gate.session(&token, origin()).await, Err(Error::SignedOut)));

    let token = sign_in().await;
    it.clock.advance(2 * 3_600_000);
    assert!(matches!(it.gate.session(&token, origin()).await, Err(Error::SignedOut)), "two hours without a request");

    let token = sign_in().await;
    for _ in 0..7 {
        it.clock.advance(3_600_000);
        it.gate.session(&token, origin()).await.unwrap();
    }
    it.clock.advance(3_600_000);
    assert!(matches!(it.gate.session(&token, origin()).await, Err(Error::SignedOut)), "eight hours, whatever happens");
}

#[tokio::test]
async fn who_is_blocked_is_out_at_once_and_comes_back_by_the_password_alone() {
    let it = fixture::in_memory().await;
    let email = "author@acme.example";
    let sign_in = || async { it.gate.sign_in(email, PASSWORD, origin()).await.unwrap() };
    let session = sign_in().await.unwrap().token;
    let link = store::users::reset_link(&it.gate, email).await.unwrap();

    store::users::block(&it.gate, "Author@acme.example").await.unwrap();
    store::users::block(&it.gate, email).await.unwrap();
    assert!(matches!(it.gate.session(&session, origin()).await, Err(Error::SignedOut)));
    assert_eq!(sign_in().await.unwrap_err(), SignInRefusal::Wrong, "a blocked account looks like none");
    assert!(matches!(it.gate.set_password(&link, PASSWORD, origin()).await, Err(Error::NotFound)));

    store::users::restore(&it.gate, email).await.unwrap();
    assert!(matches!(it.gate.session(&session, origin()).await, Err(Error::SignedOut)), "an old session stays over");
    assert!(matches!(it.gate.link_purpose(&link).await, Err(Error::NotFound)), "and so does an old link");
    sign_in().await.unwrap();
    assert!(matches!(store::users::block(&it.gate, "nobody@acme.example").await, Err(Error::NotFound)));
}
