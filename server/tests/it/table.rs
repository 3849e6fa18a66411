//! The access table has a row for everything that is answered, and each row is called by the other tests.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{Method, Request, Response, StatusCode},
};
use leptos::server_fn::{ServerFnTraitObj, inventory};
use leptos_axum::generate_route_list;
use server::access::{ACCESS, By};

use crate::{actor::Actor, answer::Answer, case::Case, cases::CASES, installation::Installation, subject::Subject};

/// Method and path of the rows that are answered in this way.
fn rows(by: fn(By) -> bool) -> BTreeSet<String> {
    let rows: Vec<_> =
        ACCESS.iter().filter(|row| by(row.by)).map(|row| format!("{} {}", row.method, row.path)).collect();
    let set: BTreeSet<_> = rows.iter().cloned().collect();
    assert_eq!(set.len(), rows.len(), "two rows are about the same request");
    set
}

fn missing(from: &BTreeSet<String>, of: &BTreeSet<String>) -> Vec<String> {
    of.difference(from).cloned().collect()
}

#[test]
fn every_server_function_has_a_row() {
    type Function = ServerFnTraitObj<Request<Body>, Response<Body>>;
    let registered: Vec<_> = inventory::iter::<Function>
        .into_iter()
        .map(|function| format!("{} {}", function.method(), function.path()))
        .collect();
    assert!(!registered.is_empty(), "the registry of server functions is empty");
    let functions: BTreeSet<_> = registered.iter().cloned().collect();
    assert_eq!(functions.len(), registered.len(), "of two server functions on one path, one would never be called");
    let rows = rows(|by| matches!(by, By::Function));
    assert_eq!(missing(&rows, &functions), Vec::<String>::new(), "not in server/src/access.rs");
    assert_eq!(rows.len(), functions.len());
}

#[test]
fn every_page_has_a_row() {
    let pages: BTreeSet<_> = generate_route_list(app::App).iter().map(|page| format!("GET {}", page.path())).collect();
    assert!(!pages.is_empty(), "the table of pages is empty");
    let rows = rows(|by| matches!(by, By::Page));
    assert_eq!(missing(&rows, &pages), Vec::<String>::new(), "not in server/src/access.rs");
    assert_eq!(rows.len(), pages.len());
}

#[test]
fn every_row_is_called() {
    let rows: BTreeSet<_> = ACCESS.iter().map(|row| row.name()).collect();
    assert_eq!(rows.len(), ACCESS.len(), "two rows have the same name");
    let called: BTreeSet<_> = CASES.iter().map(|case| case.row.to_owned()).collect();
    assert_eq!(missing(&called, &rows), Vec::<String>::new(), "no request in server/tests/it/cases.rs");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_changes_something_is_refused_when_another_site_asks() {
    let it = Installation::start().await;
    let subject = it.subject(&it.acme, &it.acme.author, Subject::Standing).await;
    let subject = subject
        .with("user", "")
        .with("invitation", "")
        .with("key", "")
        .with("number", "")
        .with("webhook", "")
        .with("delivery", "")
        .with("token", "")
        .with("version", "1")
        .with("revision", "1")
        .with("upload", "");
    let names = it.complete(subject, Actor::SuperAdmin);
    // Programs are no browsers: the API takes keys and ignores cookies.
    let of_api = |case: &&Case| case.row().path.starts_with("/api/v1");
    for case in CASES.iter().filter(|case| case.row().method != Method::GET && !of_api(case)) {
        let mut request = case.request(&names, it.person(Actor::SuperAdmin).map(|root| root.token.as_str()));
        request.headers_mut().insert("sec-fetch-site", "cross-site".parse().unwrap());
        let answer = Answer::to(&it.server.router, request).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", case.row);
        assert!(answer.body.contains("another site"), "{}: {}", case.row, answer.body);
    }
}
