//! What docs/API.md tells people to type is answered.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{Method, Request, StatusCode, header},
};
use domain::api_key::Scope;
use server::access::{ACCESS, Needs};
use store::api_keys;

use crate::{
    actor::Actor,
    answer::Answer,
    api::{make, make_for_installation, names, new},
    cases::CASES,
    installation::Installation,
    subject::Subject,
};

/// The words of a line of a shell, of which quotes are all that there is.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut quote) = (vec![String::new()], None);
    for character in line.chars() {
        match (quote, character) {
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), close) if open == close => quote = None,
            (None, ' ') => words.push(String::new()),
            _ => words.last_mut().unwrap().push(character),
        }
    }
    words
}

/// An example: method, address, headers and body.
fn example(line: &str) -> (Method, String, Vec<String>, String) {
    let (mut method, mut address, mut headers, mut body) = (Method::GET, String::new(), Vec::new(), String::new());
    let mut words = words(line).into_iter().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "-X" => method = words.next().unwrap().parse().unwrap(),
            "-H" => headers.push(words.next().unwrap()),
            "-d" => body = words.next().unwrap(),
            _ => address = word.strip_prefix("$MC_URL").unwrap_or_else(|| panic!("{line}")).to_owned(),
        }
    }
    (method, address, headers, body)
}

#[tokio::test(flavor = "multi_thread")]
async fn the_examples_of_the_documentation_work() {
    let it = Installation::start().await;
    let secret = make(&it.server, &it.acme, Scope::ALL, 365).await;
    let of_installation = make_for_installation(&it).await;
    let root = &it.person(Actor::SuperAdmin).unwrap().email;
    let of_registry = new(&[Scope::TenDlcRead, Scope::TenDlcWrite], 365);
    let of_staff = api_keys::make_for_registry(&it.server.gate, root, &of_registry).await.unwrap();
    let text = include_str!("../../../docs/API.md");
    let mut asked = BTreeSet::new();
    for line in text.lines().filter(|line| line.starts_with("curl ")) {
        let (method, address, headers, body) = example(line);
        let path = address.split('?').next().unwrap().replace("$CAMPAIGN", "{id}").replace("$RECIPIENT", "{recipient}");
        let path =
            path.replace("$WEBHOOK", "{webhook}").replace("$DELIVERY", "{delivery}").replace("$EXPORT", "{export}");
        let path = ["$BRAND", "$TENDLC", "$EVENT"].iter().fold(path, |path, word| path.replace(word, "{id}"));
        let name = format!("{method} {path}");
        let case = CASES.iter().find(|case| case.row == name).unwrap_or_else(|| panic!("{name} is no row"));
        let names = match case.about {
            Subject::Standing => names(&it, &it.acme).await,
            about => it.complete(it.subject(&it.acme, &it.acme.author, about).await, Actor::Author),
        };
        let fill = |text: &str| {
            let text = text.replace("$SENDER", names.get("sender")).replace("$RECIPIENT", "0");
            let text = if text.contains("$CAMPAIGN") { text.replace("$CAMPAIGN", names.get("id")) } else { text };
            let text = match case.about {
                Subject::Webhook => {
                    text.replace("$WEBHOOK", names.get("webhook")).replace("$DELIVERY", names.get("delivery"))
                }
                Subject::Export => text.replace("$EXPORT", names.get("export")),
                Subject::Brand | Subject::SoleProprietor => {
                    text.replace("$BRAND", names.get("id")).replace("$NAME", names.get("word"))
                }
                Subject::TenDlc | Subject::RejectedTenDlc | Subject::DeclinedTenDlc | Subject::NumberOfTenDlc => {
                    text.replace("$TENDLC", names.get("id")).replace("$NUMBER", names.get("number"))
                }
                Subject::RegistryEvent => text.replace("$EVENT", names.get("id")),
                _ => text,
            };
            let text = text.replace("$MC_STAFF_KEY", of_staff.reveal());
            text.replace("$MC_KEY", secret.reveal()).replace("$MC_INSTALLATION_KEY", of_installation.reveal())
        };
        let mut request = Request::builder().method(method).uri(fill(&address));
        for header in &headers {
            let (name, value) = header.split_once(": ").unwrap_or_else(|| panic!("{line}"));
            request = request.header(name, fill(value));
        }
        let answer = Answer::to(&it.server.router, request.body(Body::from(fill(&body))).unwrap()).await;
        assert!(answer.status.is_success(), "{line}: {answer:?}");
        asked.insert(name);
        if answer.status == StatusCode::NO_CONTENT {
            continue;
        }
        let kind = answer.headers.get(header::CONTENT_TYPE).unwrap().to_str().unwrap();
        assert!(
            kind.starts_with(if address.contains("format=csv") || address.ends_with("/file") {
                "text/csv"
            } else {
                "application/json"
            }),
            "{line}"
        );
    }
    // Nobody types a webhook.
    let nobody = [Needs::Nobody, Needs::RegistrySignature];
    let rows = ACCESS.iter().filter(|row| row.path.starts_with("/api/v1") && !nobody.contains(&row.needs));
    let known: BTreeSet<_> = rows.map(server::access::Access::name).collect();
    assert_eq!(asked, known, "docs/API.md has an example for each request");
    for name in known {
        assert!(text.contains(&format!("### `{name}`")), "{name} is not described");
    }
    for scope in Scope::ALL {
        assert!(text.contains(&format!("| `{}` |", scope.name())), "{} is not described", scope.name());
    }
}
