//! Passwords, lockout and sessions, on a clock that stands still.

use domain::audit::Origin;
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
    let sign_in = || async { it.sign_in("author@acme.example").await.token };

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
async fn what_an_open_page_asks_by_itself_keeps_nobody_signed_in() {
    const MINUTE_MS: i64 = 60_000;
    let it = fixture::in_memory().await;
    let token = it.sign_in("author@acme.example").await.token;
    for _ in 0..11 {
        it.clock.advance(10 * MINUTE_MS);
        it.gate.watching_session(&token, origin()).await.unwrap();
    }
    let left_ms = |session: &store::Session| session.idle_until_ms() - it.gate.now_ms();
    let watching = it.gate.watching_session(&token, origin()).await.unwrap();
    assert_eq!(left_ms(&watching), 10 * MINUTE_MS, "two hours from the last use");
    let used = it.gate.session(&token, origin()).await.unwrap();
    assert_eq!(left_ms(&used), 120 * MINUTE_MS);
    it.clock.advance(120 * MINUTE_MS);
    assert!(matches!(it.gate.watching_session(&token, origin()).await, Err(Error::SignedOut)));
}

#[tokio::test]
async fn who_is_blocked_is_out_at_once_and_comes_back_by_the_password_alone() {
    let it = fixture::in_memory().await;
    let email = "author@acme.example";
    let sign_in = || async { it.gate.sign_in(email, PASSWORD, origin()).await.unwrap() };
    let session = it.sign_in(email).await.token;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_a_hundred_guesses_at_once_three_are_looked_at() {
    let it = std::sync::Arc::new(fixture::on_disk().await);
    // From many addresses, so that the account alone is what holds them off.
    let guesses: Vec<_> = (0..100)
        .map(|index| {
            let it = it.clone();
            let from = Origin { address: format!("198.51.100.{index}"), ..origin() };
            tokio::spawn(async move { it.gate.sign_in("author@acme.example", "a wrong guess", from).await })
        })
        .collect();
    let (mut wrong, mut locked, mut busy) = (0, 0, 0);
    for guess in guesses {
        match guess.await.unwrap() {
            Ok(Err(SignInRefusal::Wrong)) => wrong += 1,
            Ok(Err(SignInRefusal::Locked { seconds })) => {
                assert_eq!(seconds, 60);
                locked += 1;
            }
            Err(Error::Busy) => busy += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((wrong, locked + busy), (2, 98), "the third failure is the one that locks");
    let right = it.gate.sign_in("author@acme.example", PASSWORD, origin()).await.unwrap();
    assert!(matches!(right, Err(SignInRefusal::Locked { seconds: 60 })));
    it.clock.advance(60_000);
    it.sign_in("author@acme.example").await;
}

#[tokio::test]
async fn the_right_password_at_the_third_try_opens_and_forgets_the_failures() {
    let it = fixture::in_memory().await;
    for _ in 0..3 {
        for _ in 0..2 {
            let refusal = it.gate.sign_in("author@acme.example", "wrong", origin()).await.unwrap().unwrap_err();
            assert_eq!(refusal, SignInRefusal::Wrong);
        }
        it.sign_in("author@acme.example").await;
    }
}

#[tokio::test]
async fn one_network_address_gets_so_many_failures_and_no_more() {
    let it = fixture::in_memory().await;
    let from = |address: &str| Origin { address: address.to_owned(), ..origin() };
    let guess = async |number: u32, address: &str| {
        let email = format!("guess{number}@acme.example");
        it.gate.sign_in(&email, "wrong", from(address)).await.unwrap().unwrap_err()
    };
    for number in 0..20 {
        assert_eq!(guess(number, &format!("2001:db8::{number}")).await, SignInRefusal::Wrong);
    }
    assert_eq!(guess(20, "2001:db8::beef").await, SignInRefusal::TooManyHere { seconds: 3 });
    assert_eq!(guess(20, "2001:db8:0:1::1").await, SignInRefusal::Wrong, "another network");
    it.clock.advance(3_000);
    assert_eq!(guess(21, "2001:db8::1").await, SignInRefusal::Wrong);

    // What succeeds counts against nobody: forty colleagues behind one address.
    for _ in 0..40 {
        it.sign_in("author@acme.example").await;
    }
}

#[tokio::test]
async fn a_session_that_was_ended_is_not_brought_back_by_its_last_request() {
    let it = fixture::in_memory().await;
    let token = it.sign_in("author@acme.example").await.token;
    it.clock.advance(61_000);
    let (used, ended) = tokio::join!(it.gate.session(&token, origin()), it.gate.sign_out(&token, origin()));
    ended.unwrap();
    drop(used);
    assert!(matches!(it.gate.session(&token, origin()).await, Err(Error::SignedOut)));
}

#[tokio::test]
async fn what_is_over_is_forgotten() {
    let it = fixture::in_memory().await;
    it.gate.sign_in("nobody@acme.example", "wrong", origin()).await.unwrap().unwrap_err();
    assert_eq!(it.system.tidy_identity().await.unwrap(), 0);
    it.clock.advance(24 * 3_600_000);
    let fresh = it.sign_in("author@acme.example").await.token;
    // Five sessions of the first run and one guard.
    assert_eq!(it.system.tidy_identity().await.unwrap(), 6);
    it.gate.session(&fresh, origin()).await.unwrap();
}
