//! Requests that are repeated with their key.

use domain::{api_key, campaign::Campaign, permission::kind};
use store::{
    Error, On,
    api_keys::{self, ApiSecret, KeyScope, NewKey},
    campaigns,
    idempotency::{Answer, KEPT_MS, Request, Seen, begin, look},
};

use crate::fixture::{self, Installation, origin};

async fn secret(it: &Installation) -> ApiSecret {
    let scope = it.enter(&it.admin).await;
    let new = NewKey { name: "Shop".into(), scopes: api_key::Scope::ALL.to_vec(), life_days: 365 };
    api_keys::make(&scope.grant().unwrap(), &new).await.unwrap().1
}

async fn caller(it: &Installation) -> KeyScope {
    it.gate.enter_key(&secret(it).await, origin()).await.unwrap()
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

/// Whoever worked on it is gone, and nobody knows what was done: the request makes the same thing again.
#[tokio::test]
async fn what_was_cut_off_is_taken_up_with_the_id_of_the_first_time() {
    let it = fixture::in_memory().await;
    let caller = caller(&it).await;
    let Seen::First(claim) = begin(&caller, &request(&caller, "{}")).await.unwrap() else { panic!() };
    let resource = claim.resource();
    assert!(matches!(begin(&caller, &request(&caller, "{}")).await.unwrap(), Seen::Running));
    drop(claim);
    assert!(matches!(begin(&caller, &request(&caller, "{ }")).await.unwrap(), Seen::Other));
    let Seen::First(claim) = begin(&caller, &request(&caller, "{}")).await.unwrap() else { panic!() };
    assert_eq!((claim.resource(), claim.is_done()), (resource, false));
    claim.refused().await.unwrap();
    let Seen::First(claim) = begin(&caller, &request(&caller, "{ }")).await.unwrap() else { panic!() };
    assert_ne!(claim.resource(), resource, "nothing was done with the key");
}

async fn proof(it: &Installation, campaign: &Campaign) -> On<kind::ArchiveCampaign> {
    it.enter(&it.admin).await.grant_on(campaign.id).await.unwrap()
}

/// The decision has committed, and its process ended before the answer was on record.
#[tokio::test]
async fn a_decision_that_committed_is_known_to_be_done_after_a_restart() {
    let it = fixture::on_disk().await;
    let campaign = it.submitted().await;
    let secret = secret(&it).await;
    let key = it.gate.enter_key(&secret, origin()).await.unwrap();
    let Seen::First(claim) = begin(&key, &request(&key, "{}")).await.unwrap() else { panic!() };
    campaigns::archive(&proof(&it, &campaign).await.for_request(&claim)).await.unwrap();
    let (_files, next) = it.as_a_kill_leaves_it().await;
    let key = next.enter_key(&secret, origin()).await.unwrap();
    let Seen::First(claim) = begin(&key, &request(&key, "{}")).await.unwrap() else { panic!() };
    assert!(claim.is_done());
    claim.answered(answer()).await.unwrap();
    assert!(matches!(begin(&key, &request(&key, "{}")).await.unwrap(), Seen::Before(given) if given == answer()));
}

#[tokio::test]
async fn a_decision_leaves_its_answer() {
    let it = fixture::in_memory().await;
    let campaign = it.submitted().await;
    let caller = caller(&it).await;
    let Seen::First(claim) = begin(&caller, &request(&caller, "{}")).await.unwrap() else { panic!() };
    campaigns::archive(&proof(&it, &campaign).await.for_request(&claim)).await.unwrap();
    claim.answered(answer()).await.unwrap();
    let again = begin(&caller, &request(&caller, "{}")).await.unwrap();
    assert!(matches!(again, Seen::Before(given) if given == answer()));
}

/// The one that was cut off goes on all the same, behind whoever took its request up.
#[tokio::test]
async fn of_two_that_hold_a_request_one_decides() {
    let it = fixture::in_memory().await;
    let campaign = it.submitted().await;
    let caller = caller(&it).await;
    let Seen::First(claim) = begin(&caller, &request(&caller, "{}")).await.unwrap() else { panic!() };
    let late = proof(&it, &campaign).await.for_request(&claim);
    drop(claim);
    let Seen::First(claim) = begin(&caller, &request(&caller, "{}")).await.unwrap() else { panic!() };
    assert!(matches!(campaigns::archive(&late).await, Err(Error::Moved)));
    let now = campaigns::archive(&proof(&it, &campaign).await.for_request(&claim)).await.unwrap();
    assert!(now.life.archived_at_ms.is_some());
    // A person has it back; what was late still does not count.
    campaigns::restore(&proof(&it, &campaign).await).await.unwrap();
    assert!(matches!(campaigns::archive(&late).await, Err(Error::Moved)));
    let stays = proof(&it, &campaign).await;
    assert_eq!(stays.campaign().life.archived_at_ms, None);
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
