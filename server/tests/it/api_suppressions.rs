//! What programs do with the suppression list by a key.

use std::collections::BTreeSet;

use axum::http::{Method, StatusCode};
use domain::api_key::Scope;
use serde_json::json as value;

use crate::{
    answer::Answer,
    api::{json, make, with_key},
    api_campaigns::Program,
    installation::Installation,
};

const LIST: &str = "/api/v1/suppressions";

async fn suppressed(program: &Program<'_>, numbers: &[&str]) -> Vec<bool> {
    let found = json(&program.post(&format!("{LIST}/check"), &value!({"numbers": numbers})).await);
    found["items"].as_array().unwrap().iter().map(|item| item["suppressed"].as_bool().unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_program_keeps_the_list_of_its_workspace_and_of_no_other() {
    let it = Installation::start().await;
    let program = Program::with(&it, Scope::ALL).await;
    let numbers = ["+436701234501", "0670 1234502", "+436701234501"];
    let body = value!({"numbers": numbers});
    let added = program.send(Method::POST, LIST, &body, Some("add 1")).await;
    assert_eq!((added.status, json(&added)), (StatusCode::OK, value!({"added": 2, "known": 0})));
    assert_eq!(json(&program.send(Method::POST, LIST, &body, Some("add 1")).await), json(&added), "the first answer");
    assert_eq!(json(&program.post(LIST, &value!({"number": "+436701234501"})).await)["known"], 1);
    assert_eq!(suppressed(&program, &["+436701234509", "06701234501", "+436701234502"]).await, [false, true, true]);
    let found = json(&program.post(&format!("{LIST}/check"), &value!({"number": "+436701234501"})).await);
    let entry = &found["items"][0]["entry"];
    assert_eq!((&entry["number"], &entry["source"]), (&value!("•••4501"), &value!("api")));

    let other = make(&it.server, &it.globex, Scope::ALL, 365).await;
    let request = axum::http::Request::post(format!("{LIST}/check"))
        .header("content-type", "application/json")
        .body(axum::body::Body::from(r#"{"number":"+436701234501"}"#))
        .unwrap();
    let elsewhere = json(&Answer::to(&it.server.router, with_key(request, Some(&other))).await);
    assert_eq!(elsewhere["items"][0], value!({"suppressed": false, "entry": null}));

    let removed =
        program.post(&format!("{LIST}/remove"), &value!({"numbers": ["+436701234501", "+436701234509"]})).await;
    assert_eq!(json(&removed), value!({"removed": 1, "missing": 1}));
    assert_eq!(suppressed(&program, &["+436701234501"]).await, [false]);
    // On record, and no number with it.
    let log = program.get("/api/v1/audit?action=suppressions").await;
    assert_eq!(json(&log)["items"].as_array().unwrap().len(), 2, "{log:?}");
    assert!(!log.body.contains("4367012345"), "{log:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_number_is_named_by_its_place_and_nothing_is_done() {
    let it = Installation::start().await;
    let program = Program::with(&it, Scope::ALL).await;
    let many: Vec<String> = (0..1_001).map(|index| format!("+43670{index:07}")).collect();
    for (body, parameter) in [
        (value!({"numbers": ["+436701234501", "none"]}), "numbers[1]"),
        (value!({"number": "12"}), "number"),
        (value!({"numbers": many}), "numbers"),
        (value!({"numbers": []}), "numbers"),
        (value!({"number": "+436701234501", "numbers": ["+436701234502"]}), "number"),
        (value!({}), "number"),
        (value!({"nubmer": "+436701234501"}), "nubmer"),
    ] {
        for path in [LIST.to_owned(), format!("{LIST}/check"), format!("{LIST}/remove")] {
            let refused = program.post(&path, &body).await;
            assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{path} {body}");
            assert_eq!(json(&refused)["errors"][0]["parameter"], parameter, "{path}");
            assert!(!refused.body.contains("4367012345"), "a refusal repeats no number: {refused:?}");
        }
    }
    assert_eq!(json(&program.get(LIST).await)["items"], value!([]));
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_give_each_entry_once_while_the_list_changes() {
    let it = Installation::start().await;
    let program = Program::with(&it, Scope::ALL).await;
    let numbers: Vec<String> = (0..40).map(|index| format!("+4367012345{index:02}")).collect();
    program.post(LIST, &value!({"numbers": numbers})).await;
    let (mut seen, mut cursor, mut full) = (Vec::<String>::new(), String::new(), BTreeSet::new());
    loop {
        let page = json(&program.get(&format!("{LIST}?limit=7&numbers=full{cursor}")).await);
        for entry in page["items"].as_array().unwrap() {
            seen.push(entry["ctn_hash"].as_str().unwrap().to_owned());
            full.insert(entry["number"].as_str().unwrap().to_owned());
        }
        let Some(next) = page["next_cursor"].as_str() else { break };
        assert!(full.iter().all(|number| !next.contains(number.trim_start_matches('+'))), "{next}");
        cursor = format!("&cursor={next}");
        // The last one that was given goes: the next page begins behind its place all the same.
        let last = page["items"].as_array().unwrap().last().unwrap()["number"].clone();
        program.post(&format!("{LIST}/remove"), &value!({"number": last})).await;
    }
    assert_eq!(seen.len(), 40);
    assert_eq!(seen.iter().collect::<BTreeSet<_>>().len(), 40);
    assert_eq!(full, numbers.into_iter().collect());
    let looks = json(&program.get("/api/v1/audit?action=suppressions.revealed").await);
    assert_eq!(looks["items"].as_array().unwrap().len(), 6, "each page of full numbers is on record");

    let masked = program.get(LIST).await;
    assert!(masked.body.contains("•••") && !masked.body.contains("4367012345"), "{masked:?}");
    let without = Program::with(&it, &[Scope::SuppressionsRead]).await;
    assert_eq!(without.get(LIST).await.status, StatusCode::OK);
    assert_eq!(without.get(&format!("{LIST}?numbers=full")).await.status, StatusCode::FORBIDDEN);
    for bad in ["cursor=9999-x", "cursor=1", "limit=0", "numbers=all", "nubmers=full"] {
        let refused = json(&program.get(&format!("{LIST}?{bad}")).await);
        assert_eq!(refused["errors"][0]["parameter"], bad.split('=').next().unwrap(), "{bad}: {refused}");
    }
}
