//! Webhooks that wait while the registry is slow or away: what stops messages waits for none of them.

use std::time::{Duration, Instant};

use domain::tendlc::{Carrier, CarrierStatus, carrier::CarrierEvent};
use store::tendlc::{TenDlc, events};
use tcr::simulator::Fault;

use crate::tendlc::{It, subscribed};

/// More than are followed up at once.
const BEFORE: usize = 12;

/// A 10DLC campaign, and events of as many others that came before its suspension.
async fn suspended_behind_others() -> (It, TenDlc) {
    let it = subscribed(false).await;
    let (brand, suspended) = it.registered().await;
    let mut others = Vec::new();
    for _ in 0..BEFORE {
        others.push(it.campaign(&brand).await);
    }
    it.registrations.round().await.unwrap();
    let before = it.held().len();
    for other in &others {
        it.control.carrier(other.registration.id().unwrap(), Carrier::Att, CarrierEvent::Review, "").unwrap();
    }
    let id = suspended.registration.id().unwrap();
    it.control.carrier(id, Carrier::TMobile, CarrierEvent::Suspend, "Complaints").unwrap();
    let held = it.held();
    assert_eq!(held.len(), before + BEFORE + 1);
    for sent in &held[before..] {
        it.take(sent).await.unwrap();
        it.clock.advance(1);
    }
    (it, suspended)
}

/// How long it takes until the suspension is on record.
async fn until_suspended(it: &It, campaign: &TenDlc) -> Duration {
    let begun = Instant::now();
    let followed = it.registrations.round();
    let known = async {
        while it.now(campaign).await.carriers().get(&Carrier::TMobile) != Some(&CarrierStatus::Suspended) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::pin!(followed, known);
    tokio::select! {
        () = &mut known => {}
        done = &mut followed => {
            done.unwrap();
            known.await;
        }
    }
    begun.elapsed()
}

#[tokio::test]
async fn a_suspension_does_not_queue_behind_others_while_the_registry_stalls() {
    let (it, campaign) = Box::pin(suspended_behind_others()).await;
    it.control.update(|behaviour| behaviour.read_faults = vec![Fault::StallAfter; 200].into());
    let waited = until_suspended(&it, &campaign).await;
    assert!(waited < Duration::from_secs(4), "{waited:?}");
}

#[tokio::test]
async fn a_suspension_does_not_queue_behind_others_while_the_registry_is_slow() {
    let (it, campaign) = Box::pin(suspended_behind_others()).await;
    it.control.update(|behaviour| behaviour.latency_ms = 200);
    let waited = until_suspended(&it, &campaign).await;
    assert!(waited < Duration::from_secs(4), "{waited:?}");
}

/// Takes a body as the registry would sign it.
async fn signed(it: &It, body: &str) -> bool {
    let value = tcr::json::parse(body.as_bytes()).unwrap();
    let signature = tcr::signature::sign(&crate::tendlc::secret(), crate::tendlc::URL, &value);
    it.registrations.take_webhook(&signature, body.as_bytes()).await.unwrap()
}

/// More events of a brand than are in memory at a time, and the suspension of its 10DLC campaign behind them.
async fn suspended_behind_a_backlog() -> (It, TenDlc) {
    let it = subscribed(false).await;
    let (brand, campaign) = it.registered().await;
    let brand = brand.registration.id().unwrap();
    for number in 0..events::WAITING_AT_ONCE + 30 {
        let body = format!(r#"{{"eventType":"BRAND_UPDATE","eventId":"E{number}","brandId":"{brand}"}}"#);
        assert!(signed(&it, &body).await);
        it.clock.advance(1);
    }
    it.control.carrier(campaign.registration.id().unwrap(), Carrier::TMobile, CarrierEvent::Suspend, "").unwrap();
    it.take(it.held().last().unwrap()).await.unwrap();
    (it, campaign)
}

#[tokio::test]
async fn a_suspension_does_not_queue_behind_a_backlog() {
    let (it, campaign) = Box::pin(suspended_behind_a_backlog()).await;
    it.control.update(|behaviour| behaviour.latency_ms = 200);
    let waited = until_suspended(&it, &campaign).await;
    assert!(waited < Duration::from_secs(4), "{waited:?}");
}

#[tokio::test]
async fn a_backlog_is_followed_up_to_its_end_at_one_look() {
    let (it, campaign) = Box::pin(suspended_behind_a_backlog()).await;
    it.registrations.round().await.unwrap();
    assert!(it.waiting().await.is_empty());
    assert_eq!(it.now(&campaign).await.carriers()[&Carrier::TMobile], CarrierStatus::Suspended);
}

/// What was asked in vain stands behind others then, where the same look comes by again.
#[tokio::test]
async fn the_registry_is_asked_once_in_a_look_for_what_it_has_no_answer_to() {
    let it = subscribed(false).await;
    let (_, campaign) = it.registered().await;
    it.control.carrier(campaign.registration.id().unwrap(), Carrier::TMobile, CarrierEvent::Suspend, "").unwrap();
    it.take(it.held().last().unwrap()).await.unwrap();
    it.control.update(|behaviour| behaviour.read_faults = vec![Fault::Fail; 60].into());
    for looks in 1..=2 {
        it.registrations.round().await.unwrap();
        let waiting = it.waiting().await;
        assert_eq!(waiting.iter().map(|event| event.attempts).collect::<Vec<_>>(), [looks]);
    }
}

/// Whatever waits is looked at with each webhook that comes; only a question without an answer is an attempt.
#[tokio::test]
async fn a_burst_of_webhooks_gives_up_nothing() {
    let it = subscribed(false).await;
    let (_, campaign) = it.registered().await;
    let held = it.held();
    let unknown = held.last().unwrap().clone();
    // Of something that another installation registered with the same account.
    let id = campaign.registration.id().unwrap().to_string();
    assert!(signed(&it, &unknown.body.replace(&id, "C999999")).await);
    for _ in 0..events::ATTEMPTS_MAX + 5 {
        it.registrations.round().await.unwrap();
    }
    let waiting = it.waiting().await;
    assert_eq!((waiting.len(), waiting[0].attempts), (1, 0));
    it.clock.advance(11 * 60_000);
    it.registrations.round().await.unwrap();
    assert!(it.waiting().await.is_empty());

    // A super admin is told why it cannot be followed up again.
    let registrar = it.gate.registrar(&it.root).await.unwrap();
    let error = events::locate(&registrar, None, &waiting[0].id).await.unwrap_err();
    assert!(error.to_string().contains("nothing that is registered here"), "{error}");
}
