//! What programs do with campaigns by a key.

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use domain::{api_key::Scope, campaign::Status};
use serde_json::{Value, json as value};
use store::{api_keys::ApiSecret, campaigns};

use crate::{
    actor::Actor,
    answer::Answer,
    api::{get, json, make, with_key},
    installation::Installation,
    subject::{Stage, Subject},
};

pub struct Program<'a> {
    it: &'a Installation,
    secret: ApiSecret,
}

impl<'a> Program<'a> {
    pub async fn with(it: &'a Installation, scopes: &[Scope]) -> Self {
        Self { it, secret: make(&it.server, &it.acme, scopes, 365).await }
    }

    pub async fn get(&self, path: &str) -> Answer {
        Answer::to(&self.it.server.router, get(path, &self.secret)).await
    }

    pub async fn send(&self, method: Method, path: &str, body: &Value, key: Option<&str>) -> Answer {
        let mut request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, "application/json");
        if let Some(key) = key {
            request = request.header("idempotency-key", key);
        }
        let request = with_key(request.body(Body::from(body.to_string())).unwrap(), Some(&self.secret));
        Answer::to(&self.it.server.router, request).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, body, None).await
    }
}

/// The names of what was refused.
fn refused(answer: &Answer) -> Vec<String> {
    let problem = json(answer);
    let errors = problem["errors"].as_array().cloned().unwrap_or_default();
    errors.iter().map(|error| error["parameter"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_made_by_a_key_is_its_owners() {
    let it = Installation::start().await;
    let program = Program::with(&it, Scope::ALL).await;
    let senders = json(&program.get("/api/v1/senders").await);
    let sender = &senders["items"][0];
    assert_eq!(sender["in_force"]["addressing"]["saddr"], "WALRUS");
    let body = value!({"mode": "trigger", "name": "Codes", "sender": sender["id"], "text": "Your code is {code}",
                       "ignore_daily_window": true, "daily_limit": 1_000, "validity_minutes": 10});
    let made = program.post("/api/v1/campaigns", &body).await;
    assert_eq!(made.status, StatusCode::CREATED, "{made:?}");
    let made = json(&made);
    assert_eq!((&made["status"], &made["version"]), (&value!("draft"), &value!(1)));
    assert_eq!(made["author"], "admin walrus");
    assert_eq!(made["parameters"]["channel"], "simulator", "the only one");
    assert_eq!(made["parameters"]["daily_limit"], 1_000);
    let path = format!("/api/v1/campaigns/{}", made["id"].as_str().unwrap());
    let change = value!({"daily_limit": null, "name": "One-time codes"});
    let changed = json(&program.send(Method::PATCH, &path, &change, None).await);
    assert_eq!((&changed["name"], &changed["parameters"]["daily_limit"]), (&value!("One-time codes"), &Value::Null));
    assert_eq!(changed["parameters"]["validity_minutes"], 10, "what is left out stays");
    let submitted = program.post(&format!("{path}/submit"), &value!({})).await;
    assert_eq!(json(&submitted)["status"], "new", "{submitted:?}");

    // Four eyes: the key's owner made it.
    let id = made["id"].as_str().unwrap().parse().unwrap();
    let owner = it.acme.enter(&it.server.gate, &it.acme.admin).await;
    let campaign = campaigns::find(&owner, id).await.unwrap();
    assert_eq!(campaign.author, it.acme.admin.id);
    assert!(campaigns::approve(&owner.grant().unwrap(), id, campaign.life.version).await.is_err());
    let judge = it.acme.enter(&it.server.gate, &it.acme.moderator).await;
    let approved = campaigns::approve(&judge.grant().unwrap(), id, campaign.life.version).await.unwrap();
    assert_ne!(approved.life.status, Status::New);
    let shown = json(&program.get(&path).await);
    assert_eq!(shown["decision"]["approved"], true);
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_that_is_wrong_is_named() {
    let it = Installation::start().await;
    let program = Program::with(&it, Scope::ALL).await;
    let wrong = value!({"mode": "on_demand", "name": "x".repeat(121), "sender": it.globex.sender.sender.to_string(),
                        "channel": "nowhere", "text": "Hello {name", "start": "2030-01-01T10:00", "any_text": true,
                        "daily_limit": 0, "validity_minutes": 20_000});
    let answer = program.post("/api/v1/campaigns", &wrong).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    let fields = ["name", "sender", "channel", "text", "any_text", "start", "daily_limit", "validity_minutes"];
    assert_eq!(refused(&answer), fields);
    for (body, name) in [
        (value!({}), "mode"),
        (value!({"mode": "on_demand", "colour": "red"}), "colour"),
        (value!({"mode": "sometimes"}), "mode"),
        (value!({"mode": "scheduled", "start": "2020-01-01T10:00"}), "start"),
        (value!({"mode": "spread", "start": "2030-01-02T10:00", "end": "2030-01-01T10:00"}), "end"),
        (value!({"mode": "on_demand", "overrides": {"saddr": "X"}}), "overrides.source_ton"),
    ] {
        let answer = program.post("/api/v1/campaigns", &body).await;
        assert_eq!((answer.status.as_u16(), refused(&answer)), (422, vec![name.to_owned()]), "{body}: {answer:?}");
    }
    let scheduled = value!({"mode": "scheduled", "start": "2030-06-01T10:00:00Z"});
    let scheduled = json(&program.post("/api/v1/campaigns", &scheduled).await);
    assert_eq!(scheduled["parameters"]["start"], "2030-06-01T12:00", "as clocks in Vienna show it");
    assert_eq!(scheduled["parameters"]["start_at"], "2030-06-01T10:00:00.000Z");
    let plain = Request::post("/api/v1/campaigns").header(header::CONTENT_TYPE, "text/plain");
    let plain = with_key(plain.body(Body::from("{}")).unwrap(), Some(&program.secret));
    assert_eq!(Answer::to(&it.server.router, plain).await.status, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    let large = value!({"mode": "on_demand", "text": "x".repeat(3 << 20)});
    assert_eq!(program.post("/api/v1/campaigns", &large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_request_that_is_repeated_makes_nothing_twice() {
    let it = Installation::start().await;
    let program = Program::with(&it, Scope::ALL).await;
    let body = value!({"mode": "on_demand", "name": "Once"});
    let create = async |body: &Value| program.send(Method::POST, "/api/v1/campaigns", body, Some("order 17")).await;
    let refusal = create(&value!({"mode": "on_demand", "channel": "nowhere"})).await;
    assert_eq!(refusal.status, StatusCode::UNPROCESSABLE_ENTITY);
    let first = create(&body).await;
    assert_eq!(first.status, StatusCode::CREATED, "a refusal leaves the key free: {first:?}");
    assert!(first.headers.get("idempotency-replayed").is_none());
    it.server.clock.advance(3_600_000);
    let second = create(&body).await;
    assert_eq!((second.status, &second.body), (first.status, &first.body));
    assert_eq!(second.headers.get("idempotency-replayed").unwrap(), "true");
    let other = create(&value!({"mode": "on_demand", "name": "Another"})).await;
    assert_eq!((other.status.as_u16(), refused(&other)), (422, vec!["Idempotency-Key".to_owned()]));
    let elsewhere = format!("/api/v1/campaigns/{}/submit", json(&first)["id"].as_str().unwrap());
    let elsewhere = program.send(Method::POST, &elsewhere, &body, Some("order 17")).await;
    assert_eq!(elsewhere.status, StatusCode::UNPROCESSABLE_ENTITY);
    let made = json(&program.get("/api/v1/campaigns?search=once").await);
    assert_eq!(made["items"].as_array().unwrap().len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_are_masked_unless_the_key_reads_them() {
    let it = Installation::start().await;
    let standing = it.subject(&it.acme, &it.acme.author, Subject::Standing).await;
    let path = format!("/api/v1/campaigns/{}", standing.get("id"));
    let masked = Program::with(&it, &[Scope::RecipientsRead]).await;
    let page = json(&masked.get(&format!("{path}/recipients?limit=1")).await);
    assert_eq!((&page["items"][0]["number"], &page["items"][0]["state"]), (&value!("•••4561"), &value!("waiting")));
    let next = page["next_cursor"].as_str().unwrap();
    let rest = json(&masked.get(&format!("{path}/recipients?cursor={next}")).await);
    assert_eq!((&rest["items"][0]["number"], &rest["next_cursor"]), (&value!("•••4562"), &Value::Null));
    let none = json(&masked.get(&format!("{path}/recipients?state=failed")).await);
    assert_eq!(none["items"], value!([]));
    assert_eq!(masked.get(&format!("{path}/recipients?numbers=full")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(refused(&masked.get(&format!("{path}/recipients?state=lost")).await), ["state"]);
    let found = json(&masked.post(&format!("{path}/recipients/search"), &value!({"number": "0670 1234562"})).await);
    assert_eq!((&found["items"][0]["index"], &found["items"][0]["number"]), (&value!(1), &value!("•••4562")));
    let nobody = json(&masked.post(&format!("{path}/recipients/search"), &value!({"number": "+436709999999"})).await);
    assert_eq!(nobody["items"], value!([]));
    let rejects = json(&masked.get(&format!("{path}/rejects")).await);
    assert_eq!((&rejects["items"][0]["line"], &rejects["next_cursor"]), (&value!(3), &Value::Null));

    let full = Program::with(&it, &[Scope::RecipientsRead, Scope::NumbersRead, Scope::AuditRead]).await;
    let page = json(&full.get(&format!("{path}/recipients?numbers=full")).await);
    assert_eq!(page["items"][0]["number"], "+436701234561");
    let looks = json(&full.get("/api/v1/audit?action=recipients.revealed").await);
    assert_eq!(looks["items"].as_array().unwrap().len(), 1, "{looks}");
    assert_eq!(looks["items"][0]["resource"]["id"], standing.get("id"));
    let none = json(&full.get("/api/v1/audit?action=recipients.revealed&actor=system").await);
    assert_eq!(none["items"], value!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_is_narrowed() {
    let it = Installation::start().await;
    let program = Program::with(&it, &[Scope::CampaignsRead]).await;
    let taking = it.subject(&it.acme, &it.acme.author, Subject::Campaign(Stage::Taking)).await;
    let taking = it.complete(taking, Actor::Author);
    let ids = async |query: &str| {
        let page = json(&program.get(&format!("/api/v1/campaigns?{query}")).await);
        let items = page["items"].as_array().unwrap_or_else(|| panic!("{page}")).clone();
        items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids("mode=trigger").await, [taking.get("id")]);
    assert_eq!(ids(&format!("search={}", taking.get("id"))).await, [taking.get("id")]);
    assert!(ids("from=2099-01-01T00:00:00Z").await.is_empty());
    assert!(ids("to=2099-01-01T00:00:00Z").await.len() > 1);
}
