//! Requests that are repeated with their key.

use domain::api_key;
use store::{
    Error,
    api_keys::{self, KeyScope, NewKey},
    idempotency::{Answer, KEPT_MS, Request, Seen, begin, look},
};

use crate::fixture::{self, Installation, origin};

async fn caller(it: &Installation) -> KeyScope {
    let scope = it.enter(&it.admin).await;
    let new = NewKey { name: "Shop".into(), scopes: api_key::Scope::ALL.to_vec(), life_days: 365 };
    let (_, secret) = api_keys::make(&scope.grant().unwrap(), &new).await.unwrap();
    it.gate.enter_key(&secret, origin()).await.unwrap()
}

fn request(caller: &KeyScope, body: &str) -> Request {
    Request::new(caller, "order 17", &[b"POST", b"/api/v1/campaigns", body.as_bytes()]).unwrap()
}

fn answer() -> Answer {
    Answer { status: 201, body: r#"{"id":"1"}"#.to_owned() }
}

#[tokio::test]
async fn the_first_answer_is_given_again_for_a_day() {
    let it = fixture::in_memory().await;
    let caller = caller(&it).await;
    let Seen::First(claim) = begin(&caller, &request(&caller, "{}")).await.unwrap() else { panic!() };
    assert!(matches!(begin(&caller, &request(&caller, "{}")).await.unwrap(), Seen::Running));
    claim.answered(answer()).await.unwrap();
    it.clock.advance(KEPT_MS - 1);
    assert!(matches!(begin(&caller, &request(&caller, "{}")).await.unwrap(), Seen::Before(given) if given == answer()));
    assert!(matches!(begin(&caller, &request(&caller, "{ }")).await.unwrap(), Seen::Other));
    let other = self::caller(&it).await;
    assert!(matches!(begin(&other, &request(&other, "{ }")).await.unwrap(), Seen::First(_)), "a key of its own");
    it.clock.advance(1);
    assert!(matches!(begin(&caller, &request(&caller, "{ }")).await.unwrap(), Seen::First(_)));
}

/// A process that ended in the middle: nobody knows what it did, so its request makes the same thing again.
#[tokio::test]
async fn what_was_cut_off_is_taken_up_with_the_id_of_the_first_time() {
    let it = fixture::in_memory().await;
    let caller = caller(&it).await;
    let Seen::First(claim) = begin(&caller, &request(&caller, "{}")).await.unwrap() else { panic!() };
    let resource = claim.resource();
    drop(claim);
    assert!(matches!(begin(&caller, &request(&caller, "{}")).await.unwrap(), Seen::Running), "it may still go on");
    it.clock.advance(60_000);
    assert!(matches!(begin(&caller, &request(&caller, "{ }")).await.unwrap(), Seen::Other));
    let Seen::First(claim) = begin(&caller, &request(&caller, "{}")).await.unwrap() else { panic!() };
    assert_eq!(claim.resource(), resource);
    claim.open().await.unwrap();
    let Seen::First(claim) = begin(&caller, &request(&caller, "{}")).await.unwrap() else { panic!() };
    assert_eq!(claim.resource(), resource, "it may be repeated at once");
    claim.refused().await.unwrap();
    let Seen::First(claim) = begin(&caller, &request(&caller, "{ }")).await.unwrap() else { panic!() };
    assert_ne!(claim.resource(), resource, "nothing was done with the key");
}

#[tokio::test]
async fn of_many_at_once_one_works() {
    let it = fixture::in_memory().await;
    let caller = caller(&it).await;
    let request = request(&caller, "{}");
    let all = (0..20).map(|_| {
        let (caller, request) = (caller.clone(), request.clone());
        tokio::spawn(async move { begin(&caller, &request).await.unwrap() })
    });
    let (mut first, mut running) = (Vec::new(), 0);
    for one in all.collect::<Vec<_>>() {
        match one.await.unwrap() {
            Seen::First(claim) => first.push(claim),
            Seen::Running => running += 1,
            other => panic!("{other:?}"),
        }
    }
    assert_eq!((first.len(), running), (1, 19));
}

#[tokio::test]
async fn keys_are_printable_and_short() {
    let it = fixture::in_memory().await;
    let caller = caller(&it).await;
    for bad in ["", "ключ", "a\tb", &"x".repeat(256)] {
        let refused = Request::new(&caller, bad, &[]);
        assert!(matches!(refused, Err(Error::Invalid { field: "Idempotency-Key", .. })), "{bad:?}");
    }
    assert!(Request::new(&caller, &"x".repeat(255), &[]).is_ok());
}

#[tokio::test]
async fn what_is_over_is_removed() {
    let it = fixture::in_memory().await;
    let caller = caller(&it).await;
    for number in 0..3 {
        let request = Request::new(&caller, &format!("order {number}"), &[]).unwrap();
        let Seen::First(claim) = begin(&caller, &request).await.unwrap() else { panic!() };
        claim.answered(answer()).await.unwrap();
    }
    it.clock.advance(KEPT_MS);
    assert_eq!(it.system.forget_idempotency().await.unwrap(), 0, "its hour is not over");
    it.clock.advance(2 * 3_600_000);
    assert_eq!(it.system.forget_idempotency().await.unwrap(), 3);
    assert!(matches!(look(&caller, &request(&caller, "{}")).await.unwrap(), Seen::First(())));
}
