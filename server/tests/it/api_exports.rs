//! What programs do with files of delivery records by a key.

use std::time::{Duration, Instant};

use axum::http::{Method, StatusCode, header};
use domain::api_key::Scope;
use serde_json::{Value, json as value};

use crate::{
    answer::Answer,
    api::{get, json, make, names},
    api_campaigns::Program,
    installation::Installation,
    server::PATIENCE,
};

async fn ready(program: &Program<'_>, path: &str) -> Value {
    let begun = Instant::now();
    loop {
        let export = json(&program.get(path).await);
        if export["state"] == "ready" {
            return export;
        }
        assert!(begun.elapsed() < PATIENCE, "{export}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_asked_for_once_taken_and_removed() {
    let it = Installation::start().await;
    let campaign = names(&it, &it.acme).await.get("id").to_owned();
    let program = Program::with(&it, &[Scope::ExportsRead, Scope::AuditRead]).await;
    let exports = format!("/api/v1/campaigns/{campaign}/exports");
    let body = value!({"format": "csv"});
    let asked = program.send(Method::POST, &exports, &body, Some("export 1")).await;
    assert_eq!(asked.status, StatusCode::ACCEPTED, "{asked:?}");
    let again = program.send(Method::POST, &exports, &body, Some("export 1")).await;
    assert_eq!(json(&again)["id"], json(&asked)["id"]);
    let path = format!("{exports}/{}", json(&asked)["id"].as_str().unwrap());
    let shown = ready(&program, &path).await;
    assert_eq!((&shown["rows"], &shown["numbers"]), (&value!(2), &value!("masked")));
    assert_eq!(json(&program.get(&exports).await)["items"], value!([shown]));

    let file = program.get(&format!("{path}/file")).await;
    assert_eq!(file.headers[header::CONTENT_TYPE], "text/csv; charset=utf-8");
    assert_eq!(file.body.lines().count(), 3);
    assert!(file.body.contains("•••4561") && !file.body.contains("436701234561"), "{}", file.body);
    assert_eq!(file.body.len() as u64, shown["bytes"].as_u64().unwrap());
    let taken = json(&program.get("/api/v1/audit?action=export.downloaded").await);
    assert_eq!(taken["items"][0]["resource"]["id"], campaign.as_str());

    // Another tenant, and this tenant by another campaign of its own, find nothing.
    let other = make(&it.server, &it.globex, Scope::ALL, 365).await;
    let own = names(&it, &it.globex).await.get("id").to_owned();
    let elsewhere = path.replace(&campaign, &own);
    for address in [path.clone(), format!("{path}/file"), elsewhere.clone(), format!("{elsewhere}/file")] {
        let answer = Answer::to(&it.server.router, get(&address, &other)).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{address}");
    }

    let gone = program.send(Method::DELETE, &path, &value!({}), None).await;
    assert_eq!(gone.status, StatusCode::NO_CONTENT);
    for address in [path.clone(), format!("{path}/file")] {
        assert_eq!(program.get(&address).await.status, StatusCode::NOT_FOUND);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn full_numbers_are_for_keys_that_read_them() {
    let it = Installation::start().await;
    let campaign = names(&it, &it.acme).await.get("id").to_owned();
    let exports = format!("/api/v1/campaigns/{campaign}/exports");
    let reader = Program::with(&it, Scope::ALL).await;
    let asked = json(&reader.post(&exports, &value!({"format": "txt", "numbers": "full"})).await);
    let path = format!("{exports}/{}", asked["id"].as_str().unwrap());
    ready(&reader, &path).await;
    let file = reader.get(&format!("{path}/file")).await;
    assert_eq!(file.headers[header::CONTENT_TYPE], "text/plain; charset=utf-8");
    assert!(file.body.contains("\t436701234561\t"), "{}", file.body);

    let without = Program::with(&it, &[Scope::ExportsRead]).await;
    let refused = without.post(&exports, &value!({"format": "txt", "numbers": "full"})).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    assert_eq!(without.get(&format!("{path}/file")).await.status, StatusCode::FORBIDDEN);
    assert_eq!(json(&without.get(&path).await)["numbers"], "full", "that it is there is no secret");
    for (body, parameter) in [
        (value!({}), "format"),
        (value!({"format": "pdf"}), "format"),
        (value!({"format": "csv", "numbers": "all"}), "numbers"),
    ] {
        let refused = reader.post(&exports, &body).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{body}");
        assert_eq!(json(&refused)["errors"][0]["parameter"], parameter);
    }
}
