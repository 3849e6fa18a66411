//! Lists of the 10DLC registry that are longer than a page: by REST, and as pages that work without a script.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use domain::tendlc::limits::{Connector, limits};
use serde_json::{Value, json};
use store::tendlc::{action, brands};

use crate::{
    actor::Actor,
    answer::Answer,
    installation::Installation,
    messaging::Program,
    registered::{Decided, campaign, form, may},
    server::Server,
    tenant::Tenant,
};

/// Brands that are on their way to the registry.
async fn on_their_way(it: &Installation, tenant: &Tenant, count: usize) {
    let proof = may::<action::Brands>(&it.server, tenant).await;
    for number in 0..count {
        let details = form(&format!("{} {number}", tenant.word)).check(&limits(Connector::Registry)).unwrap();
        brands::create(&proof, None, details).await.unwrap();
    }
}

fn page(answer: &Value) -> (Vec<String>, &Value) {
    let items = answer["data"]["items"].as_array().unwrap_or_else(|| panic!("{answer}"));
    let ids = items.iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect();
    (ids, &answer["data"]["pagination"])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_gets_each_brand_of_its_workspaces_on_one_page() {
    let it = Installation::start().await;
    on_their_way(&it, &it.acme, 4).await;
    on_their_way(&it, &it.globex, 3).await;
    let made = campaign(&it.server, &it.acme, Decided::Approved).await;
    let root = Program::of(&it.server, &it.person(Actor::SuperAdmin).unwrap().email).await;
    let mut seen = BTreeSet::new();
    for offset in [0, 3, 6] {
        let (status, answer) = root.get(&format!("/brands?limit=3&offset={offset}")).await;
        let (ids, pagination) = page(&answer);
        assert_eq!((status, pagination), (200, &json!({ "total": 8, "limit": 3, "offset": offset })));
        for id in ids {
            assert!(seen.insert(id), "twice");
        }
    }
    assert_eq!(seen.len(), 8);
    let (_, answer) = root.get("/brands?offset=100").await;
    assert_eq!(page(&answer), (Vec::new(), &json!({ "total": 8, "limit": 20, "offset": 100 })));
    for (status, total) in [("PENDING", 7), ("ACTIVE", 1), ("DRAFT", 0), ("DELETED", 0)] {
        let (_, answer) = root.get(&format!("/brands?status={status}&limit=1")).await;
        assert_eq!(answer["data"]["pagination"]["total"], total, "{status}");
    }
    let (_, answer) = root.get(&format!("/campaigns?brand_id={}", made.brand)).await;
    assert_eq!(page(&answer).0, [made.id.to_string()]);
    for wrong in ["/brands?status=ODD", "/brands?limit=0", "/campaigns?brand_id=odd"] {
        assert_eq!(root.get(wrong).await.0, 422, "{wrong}");
    }
}

async fn shown(it: &Installation, address: &str) -> String {
    let token = &it.person(Actor::SuperAdmin).unwrap().token;
    let request =
        Request::get(address).header(header::COOKIE, Server::cookie(token)).header(header::ACCEPT, "text/html");
    let answer = Answer::to(&it.server.router, request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::OK, "{address}");
    answer.body
}

#[tokio::test(flavor = "multi_thread")]
async fn the_pages_of_long_lists_lead_on_and_back_without_a_script() {
    let it = Installation::start().await;
    on_their_way(&it, &it.acme, 21).await;
    on_their_way(&it, &it.globex, 31).await;
    let home = shown(&it, "/w/acme/registry").await;
    assert!(home.contains("rel=\"next\"") && home.contains("brands=2") && home.contains("attention=2"), "{home}");
    assert!(!home.contains("rel=\"prev\""));
    let second = shown(&it, "/w/acme/registry?brands=2").await;
    assert!(second.contains("rel=\"prev\"") && second.contains("walrus 0"), "the oldest one comes last: {second}");
    let everything = shown(&it, "/registry?part=brands&page=2").await;
    assert!(everything.contains("52 brands") && everything.contains("rel=\"prev\""), "{everything}");
    // An address of a page that is gone shows the last one.
    let last = shown(&it, "/registry?part=attention&page=9").await;
    assert!(last.contains("rel=\"prev\"") && !last.contains("rel=\"next\""));
    let found = shown(&it, "/registry?part=brands&search=walrus%2020").await;
    assert!(found.contains("1 brand"), "{found}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_partner_declined_is_said_and_shared_again_by_rest() {
    let it = Installation::start().await;
    let declined = campaign(&it.server, &it.acme, Decided::Declined).await;
    let root = Program::of(&it.server, &it.person(Actor::SuperAdmin).unwrap().email).await;
    let (_, answer) = root.get(&format!("/campaigns/{}", declined.id)).await;
    let data = &answer["data"];
    assert_eq!(
        (&data["sharing_status"], &data["sharing"]["reason"]),
        (&json!("DECLINED"), &json!("Samples do not fit"))
    );
    assert_eq!(data["sharing"]["partner_id"], "SABC123");
    let page = shown(&it, &format!("/w/acme/registry/campaigns/{}", declined.id)).await;
    assert!(page.contains("The partner said: ") && page.contains("Share it again"), "{page}");
    let (status, answer) = root.post(&format!("/campaigns/{}/share", declined.id), None, json!({})).await;
    assert_eq!((status, &answer["data"]["sharing_status"]), (200, &json!("ACCEPTED")), "{answer}");
    let (status, _) = root.post(&format!("/campaigns/{}/share", declined.id), None, json!({})).await;
    assert_eq!(status, 409);
}
