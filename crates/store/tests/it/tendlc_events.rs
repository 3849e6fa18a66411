//! Webhooks of the registry: kept once, read in parts, and followed up again.

use std::collections::BTreeSet;

use domain::tendlc::{
    RegistryBrandId,
    event::{BrandNews, Event, News},
};
use store::tendlc::{
    RawEvent, brands,
    events::{self, Lane, WAITING_AT_ONCE},
};

use crate::{
    fixture::{Installation, in_memory},
    tendlc::{acme, details, registrar, verified},
};

/// Those of a lane that wait, part by part.
async fn parts(it: &Installation, lane: Lane) -> Vec<Vec<RawEvent>> {
    let mut parts: Vec<Vec<RawEvent>> = Vec::new();
    loop {
        let behind = parts.last().and_then(|part| part.last());
        let part = events::waiting(&it.system, lane, behind).await.unwrap();
        if part.is_empty() {
            return parts;
        }
        parts.push(part);
    }
}

async fn all_waiting(it: &Installation) -> Vec<RawEvent> {
    let mut waiting = Vec::new();
    for lane in Lane::ALL {
        waiting.extend(parts(it, lane).await.into_iter().flatten());
    }
    waiting
}

#[tokio::test]
async fn an_event_is_kept_once_by_its_id_and_can_be_followed_again() {
    let it = in_memory().await;
    let acme = acme(&it).await;
    let brand = verified(&it, acme, "B000001", details()).await;
    let event = |id: Option<&str>| Event {
        id: id.map(str::to_owned),
        at_ms: None,
        news: News::Brand { brand: "B000001".parse().unwrap(), what: BrandNews::Changed },
        description: None,
    };
    assert!(events::receive(&it.system, event(Some("e1")), "{}".into()).await.unwrap());
    assert!(!events::receive(&it.system, event(Some("e1")), "{}".into()).await.unwrap());
    // Without an id the same words can truly come twice: once the first were followed up they are news again.
    assert!(events::receive(&it.system, event(None), "{}".into()).await.unwrap());
    let nameless = async || {
        let waiting = all_waiting(&it).await;
        waiting.into_iter().find(|waiting| waiting.event.id.is_none()).unwrap()
    };
    let asked_before = nameless().await;
    assert!(!events::receive(&it.system, event(None), "{}".into()).await.unwrap());
    // Whoever asked the registry before they came again has not followed them up.
    events::followed(&it.system, &asked_before, None, "the registry was asked").await.unwrap();
    events::followed(&it.system, &nameless().await, None, "the registry was asked").await.unwrap();
    assert_eq!(all_waiting(&it).await.len(), 1);
    for again in ["{}", "{ }"] {
        assert!(events::receive(&it.system, event(None), again.into()).await.unwrap());
    }
    let waiting = all_waiting(&it).await;
    assert_eq!(waiting.len(), 3);
    events::followed(&it.system, &waiting[0], Some(acme), "nothing new").await.unwrap();
    assert_eq!(all_waiting(&it).await.len(), 2);
    let root = registrar(&it, &it.root).await;
    let desk = events::locate(&root, None, &waiting[0].id).await.unwrap();
    events::replay(&desk.may().unwrap(), &waiting[0].id).await.unwrap();
    assert_eq!(all_waiting(&it).await.len(), 3);
    // One of nobody's yet is seen by super admins only.
    let admin = registrar(&it, &it.admin).await.sight(None).await.unwrap();
    assert_eq!(events::list(&admin, 10, 0).await.unwrap().1, 1);
    let sight = root.sight(None).await.unwrap();
    let (all, total) = events::list(&sight, 10, 0).await.unwrap();
    assert_eq!((all.len(), total), (4, 4));
    let (second, total) = events::list(&sight, 1, 1).await.unwrap();
    assert_eq!((&second[..], total), (&all[1..2], 4));
    assert!(events::list(&sight, 10, 4).await.unwrap().0.is_empty());
    assert!(brands::find(&desk, brand).await.is_ok());
}

/// Of a brand that nobody has registered here.
fn about(brand: RegistryBrandId, id: String, what: BrandNews) -> Event {
    Event { id: Some(id), at_ms: None, news: News::Brand { brand, what }, description: None }
}

#[tokio::test]
async fn what_waits_is_read_in_parts_the_urgent_apart_and_all_of_it_in_order() {
    let it = in_memory().await;
    let acme = acme(&it).await;
    let brand = "B000001".parse().unwrap();
    let others = 2 * WAITING_AT_ONCE + 17;
    for number in 0..others {
        let event = about(brand, format!("other {number}"), BrandNews::Changed);
        assert!(events::receive(&it.system, event, "{}".into()).await.unwrap());
        if number % 3 == 0 {
            it.clock.advance(1);
        }
    }
    for number in 0..5 {
        let event = about(brand, format!("deleted {number}"), BrandNews::Deleted);
        assert!(events::receive(&it.system, event, "{}".into()).await.unwrap());
    }
    // The registry was asked about every tenth of them, and about one that is urgent, and did not answer.
    let first = parts(&it, Lane::Others).await;
    for event in first.iter().flatten().step_by(10).chain(&parts(&it, Lane::Urgent).await[0][2..3]) {
        events::tried(&it.system, event, acme, true).await.unwrap();
    }
    let of = async |lane| parts(&it, lane).await;
    let (urgent, tried, rest) = (of(Lane::Urgent).await, of(Lane::Tried).await, of(Lane::Others).await);
    let lengths = |parts: &[Vec<RawEvent>]| parts.iter().map(Vec::len).collect::<Vec<_>>();
    assert_eq!((lengths(&urgent), lengths(&tried)), (vec![4], vec![1]));
    assert_eq!(lengths(&rest), [WAITING_AT_ONCE, WAITING_AT_ONCE, 17]);
    let places: Vec<_> =
        rest.iter().flatten().map(|event| (event.attempts, event.received_at_ms, event.id.clone())).collect();
    assert!(places.is_sorted(), "what was tried less often first, then what came first");
    assert_eq!(places.iter().filter(|place| place.0 == 1).count(), others.div_ceil(10));
    let ids: BTreeSet<_> = places.iter().map(|place| &place.2).collect();
    assert_eq!(ids.len(), others, "each once");
}
