//! Webhooks from the simulated registry to us, and what becomes of our records by them.

use std::{
    collections::BTreeMap,
    future::pending,
    sync::{Arc, Mutex},
};

use axum::{Router, body::Bytes, extract::State, http::HeaderMap, routing::post};
use domain::tendlc::{
    Carrier, CarrierStatus, RegistryStatus,
    carrier::CarrierEvent,
    event::{CampaignState, Event, Known, News, Outcome},
};
use tcr::{
    CampaignRecord, Registry as _,
    registry::ask_campaign,
    signature,
    simulator::{Behaviour, Sent},
    webhook::{self, WebhookError},
};
use tokio::{net::TcpListener, time::timeout};

use crate::support::{PATIENCE, Registry, secret, with};

type Inbox = Arc<Mutex<Vec<Result<Event, WebhookError>>>>;

/// What an endpoint of ours does with a webhook, before anything follows from it.
async fn endpoint() -> (String, Inbox) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hooks/registry", listener.local_addr().unwrap());
    let inbox = Inbox::default();
    let take = |State((url, inbox)): State<(String, Inbox)>, headers: HeaderMap, body: Bytes| async move {
        let signature = headers.get(signature::HEADER).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let received = webhook::receive(&secret(), &url, signature, &body).map(|received| received.event);
        inbox.lock().unwrap().push(received);
    };
    let router = Router::new().route("/hooks/registry", post(take)).with_state((url.clone(), Arc::clone(&inbox)));
    tokio::spawn(async move { axum::serve(listener, router).with_graceful_shutdown(pending()).await });
    (url, inbox)
}

fn receive(sent: &Sent) -> Result<Event, WebhookError> {
    webhook::receive(&secret(), &sent.url, &sent.signature, sent.body.as_bytes()).map(|received| received.event)
}

#[tokio::test]
async fn events_arrive_signed_and_in_order() {
    let registry = with(Behaviour::default()).await;
    let (url, inbox) = endpoint().await;
    for category in ["BRAND", "CAMPAIGN", "VETTING"] {
        registry.client.subscribe(category, &url).await.unwrap();
    }
    let brand = registry.brand("brand-1").await;
    let record = registry.campaign(&brand, "campaign-1").await;
    registry.control.carrier(record.id, Carrier::TMobile, CarrierEvent::Suspend, "Complaints").unwrap();
    // Added and verified; added, reviewed and approved by each carrier; suspended.
    let expected = 2 + 1 + 2 * Carrier::ALL.len() + 1;
    timeout(PATIENCE, registry.control.wait_delivered(expected as u64)).await.unwrap();
    let inbox = inbox.lock().unwrap();
    assert_eq!(inbox.len(), expected);
    let last = inbox.last().unwrap().as_ref().unwrap();
    assert_eq!(last.description.as_deref(), Some("Complaints"));
    assert!(matches!(last.news, News::Campaign { campaign, .. } if campaign == record.id));
    assert!(inbox.iter().all(Result::is_ok));
}

/// A campaign's record of ours, which hears of the registry by webhooks and may ask it.
struct Ours<'a> {
    registry: &'a Registry,
    record: CampaignRecord,
    state: CampaignState,
    asked: usize,
}

impl Ours<'_> {
    async fn hear(&mut self, sent: &Sent, now_ms: i64) {
        let Event { at_ms, news: News::Campaign { campaign, what }, .. } = receive(sent).unwrap() else { return };
        assert_eq!(campaign, self.record.id);
        match self.state.apply(at_ms, what) {
            Outcome::Nothing => {}
            Outcome::Becomes(state) => self.state = state,
            Outcome::Ask { .. } => {
                self.asked += 1;
                let answer = ask_campaign(&self.registry.client, campaign).await.unwrap();
                self.state = self.state.answered(&answer, now_ms);
            }
        }
    }

    fn t_mobile(&self) -> Option<CarrierStatus> {
        self.state.carriers.get(&Carrier::TMobile).map(|known| known.value)
    }
}

async fn suspended_and_lifted(events_carry_time: bool) -> (Registry, CampaignRecord, Vec<Sent>) {
    let behaviour = Behaviour { hold_webhooks: true, events_carry_time, ..Behaviour::default() };
    let registry = with(behaviour).await;
    registry.client.subscribe("CAMPAIGN", "https://mc.example/hooks/registry").await.unwrap();
    let brand = registry.brand("brand-1").await;
    let record = registry.campaign(&brand, "campaign-1").await;
    for event in [CarrierEvent::Suspend, CarrierEvent::Unsuspend, CarrierEvent::Suspend] {
        registry.control.carrier(record.id, Carrier::TMobile, event, "Complaints").unwrap();
    }
    let sent = registry.control.sent();
    (registry, record, sent)
}

#[tokio::test]
async fn any_order_and_any_repetition_end_with_the_truth() {
    for events_carry_time in [false, true] {
        let (registry, record, sent) = suspended_and_lifted(events_carry_time).await;
        let mut orders: Vec<Vec<&Sent>> = vec![sent.iter().collect(), sent.iter().rev().collect()];
        orders.push(sent.iter().chain(&sent).collect());
        orders.push(sent.iter().skip(5).chain(sent.iter().take(5)).chain(sent.iter().rev()).collect());
        for order in orders {
            let fresh = CampaignState {
                status: Known::new(RegistryStatus::Active, 0),
                sharing: None,
                carriers: BTreeMap::new(),
            };
            let mut ours = Ours { registry: &registry, record: record.clone(), state: fresh, asked: 0 };
            // Our questions come after all that has happened.
            for sent in order {
                ours.hear(sent, i64::MAX).await;
            }
            assert_eq!(ours.t_mobile(), Some(CarrierStatus::Suspended));
            assert_eq!(ours.state.carriers[&Carrier::Att].value, CarrierStatus::Registered);
            // An old word of approval, kept by somebody, opens nothing.
            let before = ours.state.clone();
            for old in &sent {
                ours.hear(old, i64::MAX).await;
            }
            assert_eq!(ours.state, before);
        }
    }
}

#[tokio::test]
async fn with_a_time_in_the_events_nobody_needs_to_be_asked() {
    let (registry, record, sent) = suspended_and_lifted(true).await;
    let fresh =
        CampaignState { status: Known::new(RegistryStatus::Active, 0), sharing: None, carriers: BTreeMap::new() };
    let mut ours = Ours { registry: &registry, record, state: fresh, asked: 0 };
    let ids: Vec<Option<String>> = sent.iter().map(|sent| receive(sent).unwrap().id).collect();
    assert!(ids.iter().all(Option::is_some) && (1..ids.len()).all(|at| !ids[..at].contains(&ids[at])));
    // The first says that there is a 10DLC campaign, and nothing of its state.
    for sent in &sent[1..] {
        ours.hear(sent, 0).await;
    }
    assert_eq!((ours.t_mobile(), ours.asked), (Some(CarrierStatus::Suspended), 0));
}

#[tokio::test]
async fn forged_ones_are_refused() {
    let (_registry, _record, sent) = suspended_and_lifted(false).await;
    let approval = sent.iter().find(|sent| sent.body.contains("OPERATION_APPROVED")).unwrap();
    assert!(receive(approval).is_ok());
    for forged in [
        Sent { signature: String::new(), ..approval.clone() },
        Sent { body: approval.body.replace("10017", "10035"), ..approval.clone() },
        Sent { body: approval.body.replace("APPROVED", "SUSPENDED"), ..approval.clone() },
        Sent { url: "https://mc.example/hooks/other".into(), ..approval.clone() },
    ] {
        assert!(matches!(receive(&forged), Err(WebhookError::Signature(_))), "{forged:?}");
    }
}
