//! Numbers for Trigger campaigns over HTTP: what is taken, what is refused, and that a repeated request adds nothing.

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use domain::api_key::Scope;
use serde_json::{Value, json};
use store::api_keys::{self, ApiSecret, NewKey};

use crate::{
    answer::Answer,
    installation::Installation,
    subject::{Stage, Subject},
};

struct World {
    it: Installation,
    secret: ApiSecret,
    path: String,
}

async fn world() -> World {
    let it = Installation::start().await;
    let taking = it.subject(&it.acme, &it.acme.author, Subject::Campaign(Stage::Taking)).await;
    let scope = it.acme.enter(&it.server.gate, &it.acme.admin).await;
    let new = NewKey { name: "program".into(), scopes: vec![Scope::NumbersWrite], life_days: 30 };
    let (_, secret) = api_keys::make(&scope.grant().unwrap(), &new).await.unwrap();
    let path = format!("/api/v1/campaigns/{}/numbers", taking.get("id"));
    World { it, secret, path }
}

impl World {
    async fn post(&self, body: &str, idempotency_key: Option<&str>) -> Answer {
        let mut request = Request::post(&self.path)
            .header(header::AUTHORIZATION, format!("Bearer {}", self.secret.reveal()))
            .header(header::CONTENT_TYPE, "application/json");
        if let Some(key) = idempotency_key {
            request = request.header("idempotency-key", key);
        }
        Answer::to(&self.it.server.router, request.body(Body::from(body.to_owned())).unwrap()).await
    }

    async fn show(&self, recipient: &str) -> Answer {
        let request = Request::get(format!("{}/{recipient}", self.path))
            .header(header::AUTHORIZATION, format!("Bearer {}", self.secret.reveal()));
        Answer::to(&self.it.server.router, request.body(Body::empty()).unwrap()).await
    }
}

fn read(answer: &Answer) -> Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("{answer:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_number_is_taken_or_refused_by_itself() {
    let world = world().await;
    let answer = world.post(r#"{"number":"0670 1234561","text":"Your code is 1","reference":"a"}"#, None).await;
    assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
    let item = json!({"recipient": 0, "reference": "a", "refused": null});
    assert_eq!(read(&answer), json!({"accepted": 1, "refused": 0, "items": [item]}));

    let some = r#"{"numbers":[{"number":"+436701234562","text":"x"},{"number":"12","text":"x","reference":"b"},
        {"number":"+436701234563","text":"y"}]}"#;
    let taken = read(&world.post(some, None).await);
    assert_eq!((&taken["accepted"], &taken["refused"]), (&json!(2), &json!(1)));
    assert_eq!(taken["items"][1]["refused"]["code"], "invalid_number");
    assert_eq!((&taken["items"][0]["recipient"], &taken["items"][2]["recipient"]), (&json!(1), &json!(2)));

    let shown = read(&world.show("2").await);
    assert_eq!((&shown["recipient"], &shown["state"]), (&json!(2), &json!("waiting")));
    for missing in ["3", "4294967295", "x"] {
        assert_eq!(world.show(missing).await.status, StatusCode::NOT_FOUND, "{missing}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_taken_says_which_part_and_why() {
    let world = world().await;
    for (body, parameter, detail) in [
        (r#"{"number":"12","text":"x"}"#, "number", "fewer than 8 digits"),
        (r#"{"number":"+436701234561"}"#, "text", "give it as text"),
        (r#"{"numbers":[{"number":"+436701234561","text":""}]}"#, "numbers[0].text", "no text"),
        (r#"{"numbers":[]}"#, "numbers", "1 to 1000"),
        (r#"{"number":"+436701234561","numbers":[]}"#, "number", "one number as number"),
        (r#"{"nubmer":"+436701234561"}"#, "nubmer", "nknown field"),
        (r#"{"number":7,"text":"x"}"#, "number", "nvalid type"),
    ] {
        let answer = world.post(body, None).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}: {answer:?}");
        let error = &read(&answer)["errors"][0];
        assert_eq!(error["parameter"], parameter, "{body}");
        assert!(error["detail"].as_str().unwrap().contains(detail), "{body}: {error}");
        assert!(!answer.body.contains("436701234561"), "{answer:?}");
    }
    assert_eq!(world.show("0").await.status, StatusCode::NOT_FOUND, "nothing was taken");
    let many = format!(r#"{{"numbers":[{}]}}"#, vec![r#"{"number":"+436701234561","text":"x"}"#; 1_001].join(","));
    assert_eq!(world.post(&many, None).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_repeated_request_gets_its_first_answer_and_adds_nothing() {
    let world = world().await;
    let body = r#"{"number":"+436701234561","text":"Your code is 1"}"#;
    let first = world.post(body, Some("order 1")).await;
    assert_eq!((first.status, read(&first)["items"][0]["recipient"].clone()), (StatusCode::ACCEPTED, json!(0)));
    let again = world.post(body, Some("order 1")).await;
    assert_eq!((again.status, &again.body), (StatusCode::ACCEPTED, &first.body));
    assert_eq!(again.headers.get("idempotency-replayed").unwrap(), "true");
    let other = world.post(r#"{"number":"+436701234562","text":"Your code is 1"}"#, Some("order 1")).await;
    assert_eq!(other.status, StatusCode::UNPROCESSABLE_ENTITY, "{other:?}");
    let next = world.post(body, Some("order 2")).await;
    assert_eq!(read(&next)["items"][0]["recipient"], json!(1), "the second one, and not the third");
    // What was refused is not kept: the program may put it right.
    assert_eq!(world.post(r#"{"number":"1","text":"x"}"#, Some("order 3")).await.status.as_u16(), 422);
    assert_eq!(world.post(body, Some("order 3")).await.status, StatusCode::ACCEPTED);
}

#[tokio::test(flavor = "multi_thread")]
async fn repeats_among_many_at_once_take_nothing_from_the_others() {
    let world = world().await;
    let post = async |order: u64| {
        let body = format!(r#"{{"number":"+4367012345{order:02}","text":"x"}}"#);
        let answer = world.post(&body, Some(&format!("order {order}"))).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED, "{answer:?}");
        (read(&answer)["items"][0]["recipient"].as_u64().unwrap(), answer.headers.contains_key("idempotency-replayed"))
    };
    for order in 0..3 {
        assert_eq!(post(order).await, (order, false));
    }
    let answers = futures::future::join_all((0..12).map(&post)).await;
    assert_eq!(answers[..3], [(0, true), (1, true), (2, true)]);
    let mut added = answers[3..].to_vec();
    added.sort_unstable();
    assert_eq!(added, (3..12).map(|recipient| (recipient, false)).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_day_a_key_is_free() {
    let world = world().await;
    let number = |last: u8| format!(r#"{{"number":"+43670123456{last}","text":"x"}}"#);
    assert_eq!(world.post(&number(1), Some("order 1")).await.status, StatusCode::ACCEPTED);
    world.it.server.clock.advance(store::idempotency::KEPT_MS);
    let answer = world.post(&number(2), Some("order 1")).await;
    assert_eq!((answer.status, read(&answer)["items"][0]["recipient"].clone()), (StatusCode::ACCEPTED, json!(1)));
}

#[tokio::test(flavor = "multi_thread")]
async fn numbers_have_a_rate_of_their_own() {
    let world = world().await;
    let many = format!(r#"{{"numbers":[{}]}}"#, vec![r#"{"number":"+436701234561","text":"x"}"#; 1_000].join(","));
    for left in [3_000, 2_000, 1_000, 0] {
        let answer = world.post(&many, None).await;
        assert_eq!(answer.status, StatusCode::ACCEPTED);
        let full_in_s = (4_000_u32 - left).div_ceil(2_000);
        assert_eq!(answer.headers.get("ratelimit").unwrap(), &format!("\"key\";r={left};t={full_in_s}"));
    }
    let refused = world.post(r#"{"number":"+436701234561","text":"x"}"#, None).await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    world.it.server.clock.advance(1_000);
    assert_eq!(world.post(&many, None).await.status, StatusCode::ACCEPTED);
}
