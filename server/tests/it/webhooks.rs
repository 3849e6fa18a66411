//! Events of webhooks: sent, signed, tried again, given up, and never into a private network.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU16, Ordering},
    },
};

use axum::{
    Router,
    body::Bytes,
    extract::State,
    http::{HeaderMap, Method, StatusCode},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::api_key::Scope;
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json as value};
use server::webhooks::{Poster, Rounds};
use tokio_util::sync::CancellationToken;

use crate::{
    actor::Actor,
    api::json,
    api_campaigns::Program,
    installation::Installation,
    subject::{Stage, Subject},
};

#[derive(Debug, Clone)]
struct Received {
    headers: BTreeMap<String, String>,
    body: String,
}

/// A program that takes events.
#[derive(Clone)]
struct Receiver {
    url: String,
    received: Arc<Mutex<Vec<Received>>>,
    answer: Arc<AtomicU16>,
}

impl Receiver {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/hooks", listener.local_addr().unwrap());
        let it = Self { url, received: Arc::default(), answer: Arc::new(AtomicU16::new(204)) };
        let router = Router::new().fallback(take).with_state(it.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        it
    }

    fn all(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }
}

async fn take(State(it): State<Receiver>, headers: HeaderMap, body: Bytes) -> StatusCode {
    let headers = headers.iter().map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_owned()));
    let body = String::from_utf8(body.to_vec()).unwrap();
    it.received.lock().unwrap().push(Received { headers: headers.collect(), body });
    StatusCode::from_u16(it.answer.load(Ordering::SeqCst)).unwrap()
}

async fn send(it: &Installation, private_allowed: bool) -> usize {
    let mut rounds = Rounds::new(it.server.system.clone(), Poster::new(private_allowed));
    rounds.next(&CancellationToken::new()).await.unwrap()
}

fn signature(secret: &str, event: &Received) -> String {
    let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
    let mut mac = <Hmac<sha2::Sha256> as KeyInit>::new_from_slice(&key).unwrap();
    let (id, at) = (&event.headers["webhook-id"], &event.headers["webhook-timestamp"]);
    mac.update(format!("{id}.{at}.{}", event.body).as_bytes());
    format!("v1,{}", STANDARD.encode(mac.finalize().into_bytes()))
}

/// An endpoint: its address in the API, and its secret.
async fn make(program: &Program<'_>, url: &str) -> (String, String) {
    let made = program.post("/api/v1/webhooks", &value!({"url": url, "events": ["campaign.status"]})).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let made = json(&made);
    (format!("/api/v1/webhooks/{}", made["id"].as_str().unwrap()), made["secret"].as_str().unwrap().to_owned())
}

/// Pauses a campaign that is Sending; its id.
async fn pause(it: &Installation, program: &Program<'_>) -> String {
    let names = it.subject(&it.acme, &it.acme.author, Subject::Campaign(Stage::Sending)).await;
    let id = it.complete(names, Actor::Author).get("id").to_owned();
    // What it took to get there is told too.
    let paused = program.post(&format!("/api/v1/campaigns/{id}/pause"), &value!({})).await;
    assert_eq!(paused.status, StatusCode::OK, "{paused:?}");
    id
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_status_is_told_signed() {
    let it = Installation::start().await;
    let receiver = Receiver::start().await;
    let program = Program::with(&it, Scope::ALL).await;
    let (path, secret) = make(&program, &receiver.url).await;
    let id = pause(&it, &program).await;
    assert!(send(&it, true).await > 1);
    let events = receiver.all();
    let steps: Vec<(String, String)> = events
        .iter()
        .map(|event| {
            let body: Value = serde_json::from_str(&event.body).unwrap();
            assert_eq!((&body["type"], &body["data"]["campaign"]), (&value!("campaign.status"), &value!(id)));
            assert_eq!(body["id"], event.headers["webhook-id"]);
            assert_eq!(event.headers["webhook-signature"], signature(&secret, event));
            assert_eq!(event.headers["content-type"], "application/json");
            assert!(!event.body.contains("+43"), "no numbers");
            let word = |name: &str| body["data"][name].as_str().unwrap().to_owned();
            (word("before"), word("status"))
        })
        .collect();
    for step in [("draft", "new"), ("new", "building"), ("building", "sending"), ("sending", "paused")] {
        let told = steps.iter().filter(|told| (told.0.as_str(), told.1.as_str()) == step);
        assert_eq!(told.count(), 1, "{step:?} in {steps:?}");
    }
    let sent = json(&program.get(&format!("{path}/deliveries?state=delivered")).await);
    assert_eq!(sent["items"].as_array().unwrap().len(), events.len());
    assert_eq!(sent["items"][0]["outcome"], "answered with 204");
    assert_eq!(send(&it, true).await, 0, "each of them once");

    // Another tenant is told nothing, and sees nothing.
    let secret_of_other = crate::api::make(&it.server, &it.globex, Scope::ALL, 365).await;
    let other = crate::api::get(&path, &secret_of_other);
    assert_eq!(crate::answer::Answer::to(&it.server.router, other).await.status, StatusCode::NOT_FOUND);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_arrive_is_tried_for_a_day_and_can_be_sent_again() {
    let it = Installation::start().await;
    let receiver = Receiver::start().await;
    let program = Program::with(&it, Scope::ALL).await;
    let (path, _) = make(&program, &receiver.url).await;
    receiver.answer.store(500, Ordering::SeqCst);
    let tested = json(&program.post(&format!("{path}/test"), &value!({})).await);
    assert_eq!((&tested["type"], &tested["state"]), (&value!("webhook.test"), &value!("waiting")));
    let mut attempts = 0;
    for _ in 0..60 {
        send(&it, true).await;
        if receiver.all().len() > attempts {
            attempts = receiver.all().len();
            assert_eq!(send(&it, true).await, 0, "not at once");
            assert_eq!(receiver.all().len(), attempts);
        }
        it.server.clock.advance(3_600_000);
    }
    assert!(attempts > 5, "{attempts} attempts");
    assert!(receiver.all().iter().all(|event| event.headers["webhook-id"] == tested["id"].as_str().unwrap()));
    let dead = json(&program.get(&format!("{path}/deliveries?state=dead")).await);
    assert_eq!((&dead["items"][0]["id"], &dead["items"][0]["outcome"]), (&tested["id"], &value!("answered with 500")));
    let shown = json(&program.get(&path).await);
    assert_eq!(shown["enabled"], false, "nothing had arrived for a day: {shown}");
    let log = json(&program.get("/api/v1/audit?action=webhook.disabled").await);
    assert_eq!(log["items"][0]["actor"]["kind"], "system");

    receiver.answer.store(200, Ordering::SeqCst);
    let again = format!("{path}/deliveries/{}/redeliver", tested["id"].as_str().unwrap());
    assert_eq!(program.post(&again, &value!({})).await.status, StatusCode::ACCEPTED);
    assert_eq!(send(&it, true).await, 1);
    let enabled = json(&program.send(Method::PATCH, &path, &value!({"enabled": true}), None).await);
    assert_eq!((&enabled["enabled"], &enabled["failing_since"]), (&value!(true), &Value::Null));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotated_secret_signs_with_the_former_ones_for_a_day() {
    let it = Installation::start().await;
    let receiver = Receiver::start().await;
    let program = Program::with(&it, Scope::ALL).await;
    let (path, first) = make(&program, &receiver.url).await;
    let rotate = format!("{path}/rotate");
    let rotated = json(&program.send(Method::POST, &rotate, &value!({}), Some("rotate 1")).await);
    let second = rotated["secret"].as_str().unwrap().to_owned();
    assert_ne!(second, first);
    let again = json(&program.send(Method::POST, &rotate, &value!({}), Some("rotate 1")).await);
    assert_eq!(again, value!({"secret": null}), "secrets are not kept");
    // Its answer was lost, say: the receiver still has the first one an hour later.
    it.server.clock.advance(3_600_000);
    let rotated = json(&program.send(Method::POST, &rotate, &value!({}), Some("rotate 2")).await);
    let third = rotated["secret"].as_str().unwrap().to_owned();
    for (hours, secrets) in [(0, vec![&third, &second, &first]), (23, vec![&third, &second]), (1, vec![&third])] {
        it.server.clock.advance(hours * 3_600_000);
        program.post(&format!("{path}/test"), &value!({})).await;
        assert_eq!(send(&it, true).await, 1);
        let event = receiver.all().pop().unwrap();
        let signatures: Vec<String> = secrets.iter().map(|secret| signature(secret, &event)).collect();
        assert_eq!(event.headers["webhook-signature"], signatures.join(" "));
    }
    let hidden = json(&program.get(&path).await);
    assert!(hidden.get("secret").is_none());
}

/// Where events wait that are only sent.
async fn waiting(program: &Program<'_>, path: &str, state: &str) -> usize {
    let found = json(&program.get(&format!("{path}/deliveries?state={state}&limit=200")).await);
    found["items"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_that_takes_its_time_keeps_nobody_elses_events_back() {
    let it = Installation::start().await;
    let (slow, other) = (Receiver::start().await, Receiver::start().await);
    let program = Program::with(&it, Scope::ALL).await;
    let (path, _) = make(&program, &slow.url).await;
    for _ in 0..3 {
        program.post(&format!("{path}/test"), &value!({})).await;
    }
    let (elsewhere, _) = make(&program, &other.url).await;
    program.post(&format!("{elsewhere}/test"), &value!({})).await;
    // No time at all: one event each, whatever else is due.
    let poster = Poster::new(true);
    let mut rounds = Rounds::new(it.server.system.clone(), poster).with_share(std::time::Duration::ZERO);
    let stop = CancellationToken::new();
    assert_eq!(rounds.next(&stop).await.unwrap(), 2);
    assert_eq!((slow.all().len(), other.all().len()), (1, 1));
    for left in [1, 0] {
        assert_eq!(rounds.next(&stop).await.unwrap(), 1, "what was left goes on");
        assert_eq!(waiting(&program, &path, "waiting").await, left);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_for_which_too_much_waits_is_switched_off_and_its_admins_are_told() {
    let it = Installation::start().await;
    let receiver = Receiver::start().await;
    let program = Program::with(&it, Scope::ALL).await;
    let (path, _) = make(&program, &receiver.url).await;
    // What was asked for by hand is sent in any case, so it is about what happens by itself.
    pause(&it, &program).await;
    let due = it.server.system.due_webhooks(100).await.unwrap();
    let (first, count) = (due[0].delivery().clone(), due.len());
    it.server.system.bound_webhook(&first, count).await.unwrap();
    assert_eq!(json(&program.get(&path).await)["enabled"], true, "as much as there may be");
    it.server.system.bound_webhook(&first, count - 1).await.unwrap();
    assert_eq!(json(&program.get(&path).await)["enabled"], false);
    assert_eq!(send(&it, true).await, 0);
    assert!(receiver.all().is_empty());
    assert_eq!(waiting(&program, &path, "dead").await, count);
    let told = store::notices::list(&it.server.gate, &it.acme.admin.session).await.unwrap();
    let sentence = told.iter().map(|notice| notice.about.sentence()).find(|sentence| sentence.contains("webhook"));
    let sentence = sentence.unwrap();
    assert!(sentence.contains("127.0.0.1") && !sentence.contains("/hooks"), "{sentence}");
    let others = store::notices::list(&it.server.gate, &it.acme.author.session).await.unwrap();
    assert!(others.iter().all(|notice| !notice.about.sentence().contains("webhook")), "no business of an author's");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_archived_workspace_tells_nobody_anything() {
    let it = Installation::start().await;
    let receiver = Receiver::start().await;
    let spare = it.acme.spare(&it.server.gate).await;
    let scope = it.acme.admin.enter(&it.server.gate, &spare.slug).await;
    let proof = scope.grant().unwrap();
    let new = store::webhooks::NewEndpoint {
        url: receiver.url.clone(),
        events: domain::webhook::EventKind::CHOICES.to_vec(),
    };
    let (endpoint, _) = store::webhooks::create(&proof, None, &new).await.unwrap();
    store::webhooks::send_test(&proof, endpoint.id).await.unwrap();
    store::workspaces::archive(&scope.grant().unwrap(), spare.revision, spare.slug.as_str()).await.unwrap();
    assert_eq!(send(&it, true).await, 0);
    assert!(receiver.all().is_empty());
    assert!(it.server.system.due_webhooks(10).await.unwrap().is_empty(), "it does not wait for better days");
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_sent_into_a_private_network() {
    let it = Installation::start().await;
    let receiver = Receiver::start().await;
    let program = Program::with(&it, Scope::ALL).await;
    let (path, _) = make(&program, &receiver.url).await;
    program.post(&format!("{path}/test"), &value!({})).await;
    assert_eq!(send(&it, false).await, 0);
    assert!(receiver.all().is_empty());
    let waiting = json(&program.get(&format!("{path}/deliveries")).await);
    assert!(waiting["items"][0]["outcome"].as_str().unwrap().contains("private network"), "{waiting}");
    for bad in ["http://example.org", "ftp://example.org", "https://a:b@example.org", "example.org"] {
        let refused = program.post("/api/v1/webhooks", &value!({"url": bad})).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
    }
}
