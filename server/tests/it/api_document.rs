//! The OpenAPI document says what the server answers, and nothing else.

use std::collections::BTreeSet;

use axum::{body::Body, http::Request};
use serde_json::Value;
use server::access::{ACCESS, Needs};

use crate::{answer::Answer, api::json, server::Server};

/// Every `$ref` below a value.
fn references(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(reference)) = fields.get("$ref") {
                found.insert(reference.clone());
            }
            fields.values().for_each(|value| references(value, found));
        }
        Value::Array(items) => items.iter().for_each(|value| references(value, found)),
        _ => {}
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_document_names_the_rows_of_the_access_table() {
    let server = Server::start().await;
    let request = Request::get("/api/v1/openapi.json").body(Body::empty()).unwrap();
    let document = json(&Answer::to(&server.router, request).await);
    assert!(document["openapi"].as_str().unwrap().starts_with("3.1"), "{}", document["openapi"]);
    let mut described = BTreeSet::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap() {
            let name = format!("{} {path}", method.to_uppercase());
            let row = ACCESS.iter().find(|row| row.name() == name).unwrap_or_else(|| panic!("{name} is no row"));
            assert!(!operation["summary"].as_str().unwrap_or_default().is_empty(), "{name} has no summary");
            let key = matches!(row.needs, Needs::AnyKey | Needs::Key(_) | Needs::StaffKey(_) | Needs::InstallationKey);
            assert_eq!(operation["security"].is_array(), key, "{name}");
            assert_eq!(operation["responses"]["401"].is_object(), key, "{name}");
            if let Needs::Key(scope) | Needs::StaffKey(scope) = row.needs {
                assert!(operation["description"].as_str().unwrap().contains(scope.name()), "{name}");
            }
            described.insert(name);
        }
    }
    let rows = ACCESS.iter().filter(|row| row.path.starts_with("/api/v1") && row.needs != Needs::Nobody);
    let rows: BTreeSet<_> = rows.map(server::access::Access::name).collect();
    assert_eq!(described, rows);
    let mut found = BTreeSet::new();
    references(&document, &mut found);
    assert!(!found.is_empty());
    for reference in found {
        let place = document.pointer(reference.trim_start_matches('#'));
        assert!(place.is_some_and(Value::is_object), "{reference} leads nowhere");
    }
}
