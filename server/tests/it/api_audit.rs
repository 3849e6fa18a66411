//! How programs narrow the audit log.

use axum::http::StatusCode;
use domain::api_key::Scope;
use serde_json::{Value, json as value};

use crate::{
    api::{json, names},
    api_campaigns::Program,
    installation::Installation,
};

async fn records(program: &Program<'_>, query: &str) -> Vec<Value> {
    let found = program.get(&format!("/api/v1/audit?limit=200&{query}")).await;
    assert_eq!(found.status, StatusCode::OK, "{query}: {found:?}");
    json(&found)["items"].as_array().unwrap().clone()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_log_is_narrowed_by_whom_what_and_when() {
    let it = Installation::start().await;
    let campaign = names(&it, &it.acme).await.get("id").to_owned();
    let program = Program::with(&it, Scope::ALL).await;
    let all = records(&program, "").await;
    let author = &it.acme.author.email;
    let of_author = records(&program, &format!("actor={author}")).await;
    assert!(!of_author.is_empty() && of_author.len() < all.len());
    assert!(of_author.iter().all(|record| record["actor"]["email"] == author.as_str()));
    assert!(records(&program, "actor=system").await.iter().all(|record| record["actor"]["kind"] == "system"));
    let about = records(&program, &format!("resource_kind=campaign&resource_id={campaign}")).await;
    assert!(about.iter().all(|record| record["resource"] == value!({"kind": "campaign", "id": campaign})));
    let approved = records(&program, &format!("action=campaign.approved&resource_id={campaign}")).await;
    assert_eq!(approved.len(), 1);
    let group = records(&program, "action=campaign").await;
    assert!(group.len() > approved.len());
    assert!(group.iter().all(|record| record["action"].as_str().unwrap().starts_with("campaign.")));

    // Moments: what is at the first one is in, what is at the second one is not.
    let (day, later) = (24 * 3_600_000, "2099-01-01T00:00:00Z");
    it.server.clock.advance(day);
    program.post("/api/v1/suppressions", &value!({"number": "+436701234501"})).await;
    let newest = records(&program, "action=suppressions.added").await.remove(0);
    let at = newest["at"].as_str().unwrap().replace('+', "%2B");
    assert_eq!(records(&program, &format!("from={at}&action=suppressions")).await.len(), 1);
    assert!(records(&program, &format!("to={at}&action=suppressions")).await.is_empty());
    assert!(records(&program, &format!("from={later}")).await.is_empty());
    // Another tenant's are not in it, whatever is asked for.
    assert!(records(&program, &format!("actor={}", it.globex.author.email)).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_follow_each_other_and_what_is_mistyped_is_named() {
    let it = Installation::start().await;
    let program = Program::with(&it, Scope::ALL).await;
    let all: Vec<u64> = records(&program, "").await.iter().map(|record| record["seq"].as_u64().unwrap()).collect();
    let (mut paged, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = json(&program.get(&format!("/api/v1/audit?limit=5{cursor}")).await);
        paged.extend(page["items"].as_array().unwrap().iter().map(|record| record["seq"].as_u64().unwrap()));
        let Some(next) = page["next_cursor"].as_str() else { break };
        cursor = format!("&cursor={next}");
    }
    assert_eq!(paged, all);
    for bad in ["acton=campaign", "resource=campaign", "from=yesterday", "to=1", "cursor=x", "limit=1000"] {
        let refused = program.get(&format!("/api/v1/audit?{bad}")).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{bad}");
        assert_eq!(json(&refused)["errors"][0]["parameter"], bad.split('=').next().unwrap());
    }
}
