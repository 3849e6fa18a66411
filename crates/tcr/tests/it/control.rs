//! What happens is also set over HTTP, for people and for tests in a browser.

use domain::tendlc::{Carrier, CarrierStatus, IdentityStatus, RegistryStatus, kinds::VettingProvider};
use serde_json::{Value, json};
use tcr::Registry as _;

use crate::support::{Registry, registry};

async fn set(registry: &Registry, path: &str, body: Value) -> u16 {
    let root = registry.config.base_url.trim_end_matches("/v2");
    let http = reqwest::Client::new();
    let request = if path == "behaviour" {
        http.put(format!("{root}/control/{path}"))
    } else {
        http.post(format!("{root}/control/{path}"))
    };
    let request = request.basic_auth("key", Some("s3cret")).header("content-type", "application/json");
    request.body(body.to_string()).send().await.unwrap().status().as_u16()
}

#[tokio::test]
async fn outcomes_are_set_over_http() {
    let registry = registry().await;
    let rejects = json!({
        "brands": { "refuse": { "fields": ["ein"] } },
        "vettings": "wait",
        "carriers": {
            "10017": { "reject": { "category": "SAMPLE_MESSAGE", "reason": "No brand" } },
            "10035": "review"
        },
    });
    assert_eq!(set(&registry, "behaviour", rejects).await, 200);
    let brand = registry.brand("brand-1").await;
    assert_eq!(registry.client.feedback(brand.id).await.unwrap()[0].fields, ["ein"]);
    let confirmed = json!({ "event": "confirmed" });
    assert_eq!(set(&registry, &format!("brand/{}/identity", brand.id), confirmed).await, 200);
    assert_eq!(registry.client.brand(brand.id).await.unwrap().identity, IdentityStatus::Verified);

    registry.client.order_vetting(brand.id, VettingProvider::Aegis, "STANDARD", &[]).await.unwrap();
    let scored = json!({ "status": "ACTIVE", "score": 64 });
    assert_eq!(set(&registry, &format!("brand/{}/vetting/0", brand.id), scored).await, 200);
    assert_eq!(registry.client.vettings(brand.id).await.unwrap()[0].score, Some(64));

    let record = registry.campaign(&brand, "campaign-1").await;
    let carriers = registry.client.carriers(record.id).await.unwrap();
    assert_eq!(carriers[&Carrier::Att].status, CarrierStatus::Rejected);
    assert_eq!(carriers[&Carrier::TMobile].status, CarrierStatus::Review);
    let path = format!("campaign/{}/carrier/10038", record.id);
    assert_eq!(set(&registry, &path, json!({ "event": "suspend", "reason": "Complaints" })).await, 200);
    let carriers = registry.client.carriers(record.id).await.unwrap();
    assert_eq!(carriers[&Carrier::Verizon].status, CarrierStatus::Suspended);
    // What cannot follow is refused, here too.
    assert_eq!(set(&registry, &path, json!({ "event": "approve" })).await, 400);
    assert_eq!(set(&registry, &format!("campaign/{}/expire", record.id), json!({})).await, 200);
    assert_eq!(registry.client.campaign(record.id).await.unwrap().status, RegistryStatus::Expired);
}

#[tokio::test]
async fn nobody_sets_anything_without_the_key_or_by_mistake() {
    let registry = registry().await;
    let root = registry.config.base_url.trim_end_matches("/v2");
    let answer = reqwest::Client::new().get(format!("{root}/control/behaviour")).send().await.unwrap();
    assert_eq!(answer.status().as_u16(), 401);
    let before = registry.control.behaviour();
    assert_eq!(set(&registry, "behaviour", json!({ "latncy_ms": 5 })).await, 400);
    assert_eq!(set(&registry, "campaign/C000000/carrier/10036", json!({ "event": "suspend" })).await, 404);
    assert_eq!(registry.control.behaviour(), before);
}
