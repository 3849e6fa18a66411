//! What programs get: each address of the API with each kind of key, and that keys open nothing else.

use std::collections::BTreeSet;

use axum::{
    body::Body,
    http::{HeaderValue, Method, Request, StatusCode, header},
};
use domain::{
    api_key::{DAY_MS, Scope},
    audit::Origin,
};
use server::access::Needs;
use store::{
    api_keys::{self, ApiSecret, NewKey},
    users,
};

use crate::{
    actor::{Actor, Verdict},
    answer::Answer,
    case::Case,
    cases::CASES,
    grid::{aligned, compare},
    installation::{Installation, MISSING_ID},
    server::Server,
    subject::{Names, Subject},
    tenant::{PASSWORD, Tenant},
};

const GRID: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/api_grid.txt");
const HEAD: &str = "\
# What the server answers to which key: a line for each row of server/src/access.rs under /api/v1.
#
# Keys of the workspace \"acme\" with one scope each, and ones with all scopes that do not work any more. other tenant: a key
# of another workspace with all scopes, which asks for a campaign of acme. ok: it is done. 401: the key does not work. 403,
# 404: the key is not for this, or there is nothing.
#
# Made by `ACCEPT_ACCESS_GRID=1 cargo nextest run -p server each_key_gets_what_it_is_for`; look at each difference.

";

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    None,
    With(Scope),
    Revoked,
    Expired,
    OwnerBlocked,
    OtherTenant,
    Installation,
}

struct Keys(Vec<(Key, Option<ApiSecret>)>);

pub fn new(scopes: &[Scope], life_days: u32) -> NewKey {
    NewKey { name: "program".into(), scopes: scopes.to_vec(), life_days }
}

pub async fn make(server: &Server, tenant: &Tenant, scopes: &[Scope], life_days: u32) -> ApiSecret {
    let scope = tenant.enter(&server.gate, &tenant.admin).await;
    api_keys::make(&scope.grant().unwrap(), &new(scopes, life_days)).await.unwrap().1
}

impl Keys {
    async fn make(it: &Installation) -> Self {
        let server = &it.server;
        let mut keys = vec![(Key::None, None)];
        for &scope in Scope::ALL {
            keys.push((Key::With(scope), Some(make(server, &it.acme, &[scope], 365).await)));
        }
        let admin = it.acme.enter(&server.gate, &it.acme.admin).await;
        let proof = admin.grant().unwrap();
        let (revoked, secret) = api_keys::make(&proof, &new(Scope::ALL, 365)).await.unwrap();
        api_keys::revoke(&proof, revoked.id).await.unwrap();
        keys.push((Key::Revoked, Some(secret)));
        keys.push((Key::Expired, Some(make(server, &it.acme, Scope::ALL, 1).await)));
        let leaver = &it.acme.leaver;
        users::restore(&server.gate, &leaver.email).await.unwrap();
        let signed_in = server
            .gate
            .sign_in(&leaver.email, PASSWORD, Origin::default())
            .await
            .unwrap()
            .unwrap()
            .signed_in()
            .unwrap();
        let scope = server.gate.enter(&signed_in.session, &it.acme.slug).await.unwrap();
        let (_, secret) = api_keys::make(&scope.grant().unwrap(), &new(Scope::ALL, 365)).await.unwrap();
        users::block(&server.gate, &leaver.email).await.unwrap();
        keys.push((Key::OwnerBlocked, Some(secret)));
        keys.push((Key::OtherTenant, Some(make(server, &it.globex, Scope::ALL, 365).await)));
        let ruler = server.gate.rule(&it.person(Actor::SuperAdmin).unwrap().session).unwrap();
        let (_, secret) = api_keys::make_for_installation(&ruler, &new(&[], 365)).await.unwrap();
        keys.push((Key::Installation, Some(secret)));
        server.clock.advance(DAY_MS);
        Self(keys)
    }

    fn secret(&self, wanted: Key) -> &ApiSecret {
        self.0.iter().find(|(key, _)| *key == wanted).and_then(|(_, secret)| secret.as_ref()).unwrap()
    }
}

impl Key {
    fn label(self) -> String {
        match self {
            Self::None => "no key".to_owned(),
            Self::With(scope) => scope.name().to_owned(),
            Self::Revoked => "revoked".to_owned(),
            Self::Expired => "expired".to_owned(),
            Self::OwnerBlocked => "owner blocked".to_owned(),
            Self::OtherTenant => "other tenant".to_owned(),
            Self::Installation => "installation".to_owned(),
        }
    }

    /// What the access table says; `names_one`: the request is about a campaign of acme.
    fn verdict(self, needs: Needs, names_one: bool) -> Verdict {
        match needs {
            Needs::Nobody => return Verdict::NotFound,
            Needs::Anyone => return Verdict::Through,
            // Whatever key is presented, it is no signature.
            Needs::RegistrySignature => return Verdict::SignIn,
            _ => {}
        }
        match (self, needs) {
            (Self::None | Self::Revoked | Self::Expired | Self::OwnerBlocked, _) => Verdict::SignIn,
            (Self::Installation, Needs::InstallationKey) => Verdict::Through,
            (Self::Installation, _) | (_, Needs::InstallationKey) => Verdict::Forbidden,
            (Self::OtherTenant, _) if names_one => Verdict::NotFound,
            // Its owner is an admin of the workspace, and no staff.
            (Self::OtherTenant, Needs::StaffKey(_)) => Verdict::Forbidden,
            (Self::OtherTenant, _) | (Self::With(_), Needs::AnyKey) => Verdict::Through,
            (Self::With(scope), Needs::Key(wanted)) if scope == wanted => Verdict::Through,
            (Self::With(_), _) => Verdict::Forbidden,
        }
    }
}

pub fn with_key(mut request: Request<Body>, secret: Option<&ApiSecret>) -> Request<Body> {
    request.headers_mut().remove(header::COOKIE);
    if let Some(secret) = secret {
        let value = HeaderValue::from_str(&format!("Bearer {}", secret.reveal())).unwrap();
        request.headers_mut().insert(header::AUTHORIZATION, value);
    }
    request
}

pub fn get(path: &str, secret: &ApiSecret) -> Request<Body> {
    with_key(Request::get(path).body(Body::empty()).unwrap(), Some(secret))
}

pub fn of_api(case: &&Case) -> bool {
    case.row().path.starts_with("/api/v1")
}

pub async fn names(it: &Installation, tenant: &Tenant) -> Names {
    it.complete(it.subject(tenant, &tenant.author, Subject::Standing).await, Actor::Author)
}

pub fn json(answer: &Answer) -> serde_json::Value {
    serde_json::from_str(&answer.body).unwrap_or_else(|_| panic!("{answer:?}"))
}

#[tokio::test(flavor = "multi_thread")]
async fn each_key_gets_what_it_is_for() {
    let it = Installation::start().await;
    let keys = Keys::make(&it).await;
    let standing = names(&it, &it.acme).await;
    let mut lines = vec![
        ["request", "needs"].map(str::to_owned).into_iter().chain(keys.0.iter().map(|key| key.0.label())).collect(),
    ];
    for case in CASES.iter().filter(of_api) {
        let mut line = vec![case.row.to_owned(), case.row().needs.to_string()];
        for (key, secret) in &keys.0 {
            // What a request has changed is not what the next one is about.
            let names = match case.about {
                Subject::Standing => standing.clone(),
                about => it.complete(it.subject(&it.acme, &it.acme.author, about).await, Actor::Author),
            };
            let answer = Answer::to(&it.server.router, with_key(case.request(&names, None), secret.as_ref())).await;
            let expected = key.verdict(case.row().needs, case.names("id") || case.names("webhook"));
            assert_eq!(answer.verdict(), expected, "{} with {}: {answer:?}", case.row, key.label());
            let secrets = match key {
                Key::OtherTenant => it.secrets(Actor::Stranger),
                Key::Installation => vec![it.acme.word.to_owned(), it.globex.word.to_owned()],
                Key::With(_) => it.secrets(Actor::Author),
                _ => it.secrets(Actor::Anonymous),
            };
            // What was asked for may be echoed.
            let seen = answer.body.to_lowercase();
            let leak = secrets.iter().find(|secret| !names.get("id").eq(*secret) && seen.contains(*secret));
            assert_eq!(leak, None, "{} with {}: {answer:?}", case.row, key.label());
            line.push(answer.word().replace("sign in", "401"));
        }
        lines.push(line);
    }
    compare(GRID, &format!("{HEAD}{}", aligned(&lines)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_opens_nothing_but_the_api_and_a_session_nothing_of_it() {
    let it = Installation::start().await;
    let secret = make(&it.server, &it.acme, Scope::ALL, 365).await;
    let names = names(&it, &it.acme).await;
    for case in CASES.iter().filter(|case| case.about == Subject::Standing && !of_api(case)) {
        let answer = Answer::to(&it.server.router, with_key(case.request(&names, None), Some(&secret))).await;
        assert_eq!(answer.verdict(), Actor::Anonymous.verdict(case.row().needs, false), "{}: {answer:?}", case.row);
    }
    let admin = &it.acme.admin.token;
    let open = |case: &&Case| matches!(case.row().needs, Needs::Nobody | Needs::Anyone);
    for case in CASES.iter().filter(of_api).filter(|case| !open(case)) {
        let answer = Answer::to(&it.server.router, case.request(&names, Some(admin))).await;
        assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{}", case.row);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_campaign_of_another_tenant_is_like_none() {
    let it = Installation::start().await;
    let secret = make(&it.server, &it.acme, Scope::ALL, 365).await;
    let foreign = names(&it, &it.globex).await.get("id").to_owned();
    let mut answers = Vec::new();
    for id in [foreign.as_str(), MISSING_ID, "no-id"] {
        let answer = Answer::to(&it.server.router, get(&format!("/api/v1/campaigns/{id}"), &secret)).await;
        let request_id = answer.headers.get("x-request-id").unwrap().to_str().unwrap().to_owned();
        let mut headers = answer.headers.clone();
        // Each answer has its own.
        for own in ["x-request-id", "ratelimit", "date"] {
            headers.remove(own);
        }
        answers.push((answer.status, headers, answer.body.replace(&request_id, "…")));
    }
    assert_eq!(answers[0].0, StatusCode::NOT_FOUND);
    assert!(answers.iter().all(|answer| *answer == answers[0]), "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_error_is_a_problem() {
    let it = Installation::start().await;
    let keys = Keys::make(&it).await;
    let usage = keys.secret(Key::With(Scope::UsageRead));
    let request = |method: Method, path: &str| {
        let mut request = get(path, usage);
        *request.method_mut() = method;
        request
    };
    let unsigned = Request::get("/api/v1/usage").body(Body::empty()).unwrap();
    for (request, status) in [
        (unsigned, 401),
        (get("/api/v1/usage", keys.secret(Key::Revoked)), 401),
        (get("/api/v1/audit", usage), 403),
        (get("/api/v1/campaigns", usage), 403),
        (get("/api/v1/nothing", usage), 404),
        (get("/api/v1", usage), 404),
        (request(Method::POST, "/api/v1/nothing"), 404),
        (request(Method::POST, "/api/v1/usage"), 405),
        (request(Method::DELETE, "/api/v1/workspace"), 405),
        (get("/api/v1/usage?month=november", usage), 422),
        (get("/api/v1/usage?format=xml", usage), 422),
        (get("/api/v1/campaigns?limit=0", keys.secret(Key::With(Scope::CampaignsRead))), 422),
        (get("/api/v1/campaigns?status=lost", keys.secret(Key::With(Scope::CampaignsRead))), 422),
        (get("/api/v1/audit?cursor=x", keys.secret(Key::With(Scope::AuditRead))), 422),
        (get("/api/v1/audit?form=2026-11-20", keys.secret(Key::With(Scope::AuditRead))), 422),
        (get("/api/v1/campaigns?stauts=done", keys.secret(Key::With(Scope::CampaignsRead))), 422),
        (get("/api/v1/campaigns?from=yesterday", keys.secret(Key::With(Scope::CampaignsRead))), 422),
    ] {
        let path = request.uri().to_string();
        let answer = Answer::to(&it.server.router, request).await;
        assert_eq!(answer.status.as_u16(), status, "{path}: {answer:?}");
        assert_eq!(answer.headers.get(header::CONTENT_TYPE).unwrap(), "application/problem+json", "{path}");
        let problem = json(&answer);
        assert_eq!(problem["status"], status, "{path}");
        assert_eq!(problem["title"], answer.status.canonical_reason().unwrap(), "{path}");
        assert_eq!(problem["request_id"], answer.headers.get("x-request-id").unwrap().to_str().unwrap(), "{path}");
        assert_eq!(problem["errors"].is_array(), status == 422, "{path}: {problem}");
        let authenticate = answer.headers.get(header::WWW_AUTHENTICATE);
        assert_eq!(authenticate.is_some_and(|value| value.to_str().unwrap().starts_with("Bearer")), status == 401);
    }
    // Whatever is wrong with a key, the answer is the same.
    let mut answers = BTreeSet::new();
    for secret in [Key::Revoked, Key::Expired, Key::OwnerBlocked].map(|key| keys.secret(key).clone()) {
        answers.insert(unauthorized(&it, &format!("Bearer {}", secret.reveal())).await);
    }
    for value in ["Bearer mc_guessed", "Basic YTpi", "Bearer", "bearer  ", &format!("Bearer {}x", usage.reveal())] {
        answers.insert(unauthorized(&it, value).await);
    }
    assert_eq!(answers.len(), 1, "{answers:?}");
}

/// The refusal without what differs in every answer.
async fn unauthorized(it: &Installation, authorization: &str) -> String {
    let request = Request::get("/api/v1/workspace").header(header::AUTHORIZATION, authorization);
    let answer = Answer::to(&it.server.router, request.body(Body::empty()).unwrap()).await;
    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{authorization}");
    let request_id = answer.headers.get("x-request-id").unwrap().to_str().unwrap();
    answer.body.replace(request_id, "…")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_asks_too_quickly_is_told_when_to_go_on() {
    let it = Installation::start().await;
    let secret = make(&it.server, &it.acme, &[Scope::UsageRead], 365).await;
    let ask = async || Answer::to(&it.server.router, get("/api/v1/workspace", &secret)).await;
    let first = ask().await;
    assert_eq!(first.headers.get("ratelimit-policy").unwrap(), "\"key\";q=100;w=10");
    assert_eq!(first.headers.get("ratelimit").unwrap(), "\"key\";r=99;t=1");
    for _ in 1..100 {
        assert_eq!(ask().await.status, StatusCode::OK);
    }
    let refused = ask().await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(refused.headers.get(header::RETRY_AFTER).unwrap(), "1");
    assert_eq!(refused.headers.get("ratelimit").unwrap(), "\"key\";r=0;t=10");
    assert_eq!(json(&refused)["status"], 429);
    it.server.clock.advance(1_000);
    assert_eq!(ask().await.status, StatusCode::OK);
}

#[tokio::test(flavor = "multi_thread")]
async fn lists_are_read_page_by_page() {
    let it = Installation::start().await;
    let secret = make(&it.server, &it.acme, Scope::ALL, 365).await;
    for path in ["/api/v1/campaigns", "/api/v1/audit"] {
        let whole = json(&Answer::to(&it.server.router, get(&format!("{path}?limit=200"), &secret)).await);
        let whole = whole["items"].as_array().unwrap().clone();
        assert!(whole.len() > 1, "{path}");
        let (mut pieces, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = format!("{path}?limit=1{cursor}");
            let page = json(&Answer::to(&it.server.router, get(&page, &secret)).await);
            pieces.extend(page["items"].as_array().unwrap().iter().cloned());
            match page["next_cursor"].as_str() {
                Some(next) => cursor = format!("&cursor={next}"),
                None => break,
            }
            it.server.clock.advance(1_000);
        }
        assert_eq!(pieces, whole, "{path}");
    }
    let shown = json(&Answer::to(&it.server.router, get("/api/v1/campaigns?status=sending", &secret)).await);
    let campaign = &shown["items"][0];
    assert_eq!((&campaign["status"], &campaign["recipients"]["total"]), (&"sending".into(), &2.into()));
    assert_eq!(campaign["sender"]["saddr"], "WALRUS");
    let by_workspace = make_for_installation(&it).await;
    let first = json(&Answer::to(&it.server.router, get("/api/v1/installation/usage?limit=1", &by_workspace)).await);
    let next = format!("/api/v1/installation/usage?limit=1&cursor={}", first["next_cursor"].as_str().unwrap());
    let second = json(&Answer::to(&it.server.router, get(&next, &by_workspace)).await);
    let slugs: BTreeSet<_> = [first, second].iter().map(|page| page["items"][0]["slug"].to_string()).collect();
    assert_eq!(slugs.len(), 2, "{slugs:?}");
}

pub async fn make_for_installation(it: &Installation) -> ApiSecret {
    let ruler = it.server.gate.rule(&it.person(Actor::SuperAdmin).unwrap().session).unwrap();
    api_keys::make_for_installation(&ruler, &new(&[], 365)).await.unwrap().1
}

/// What a browser without scripts does: post the form, follow the answer back to the page, and look again.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_script_the_secret_is_shown_once() {
    let it = Installation::start().await;
    let cookie = Server::cookie(&it.acme.admin.token);
    let page = "/w/acme/keys";
    let browse = |request: axum::http::request::Builder, cookies: &str| {
        request
            .header("sec-fetch-site", "same-origin")
            .header(header::ACCEPT, "text/html")
            .header(header::REFERER, page)
            .header(header::COOKIE, cookies)
    };
    let form = "slug=acme&name=Billing&scopes[]=usage:read&life_days=365";
    let make = CASES.iter().find(|case| case.row == "make_api_key").unwrap();
    let request = browse(Request::post(make.row().path), &cookie)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    let answer = Answer::to(&it.server.router, request.body(Body::from(form)).unwrap()).await;
    assert!(answer.status.is_redirection(), "{answer:?}");
    assert!(!answer.location().contains("mc_"), "{}", answer.location());
    let handed = answer.headers.get(header::SET_COOKIE).unwrap().to_str().unwrap().to_owned();
    assert!(handed.contains("HttpOnly") && handed.contains("Secure") && handed.contains("SameSite=Strict"), "{handed}");
    let handed = handed.split(';').next().unwrap();
    let secret = handed.split_once('.').unwrap().1.to_owned();

    let request = browse(Request::get(page), &format!("{cookie}; {handed}"));
    let shown = Answer::to(&it.server.router, request.body(Body::empty()).unwrap()).await;
    assert!(shown.body.contains(&secret), "the page shows it");
    let removed = shown.headers.get(header::SET_COOKIE).unwrap().to_str().unwrap();
    assert!(removed.contains("Max-Age=0"), "{removed}");
    let again = Answer::to(&it.server.router, browse(Request::get(page), &cookie).body(Body::empty()).unwrap()).await;
    assert!(again.body.contains("Billing") && !again.body.contains(&secret));
    let works = Answer::to(&it.server.router, get("/api/v1/usage", &ApiSecret::presented(&secret))).await;
    assert_eq!(works.status, StatusCode::OK);
    // One that somebody else put there is not shown as a key.
    let forged = format!("{cookie}; key_handed_over={}.mc_{}", secret.len(), "0".repeat(33));
    let forged = Answer::to(&it.server.router, browse(Request::get(page), &forged).body(Body::empty()).unwrap()).await;
    assert!(!forged.body.contains(&"0".repeat(33)));
}

/// Bytes `first..` of a file, as a program brings them.
fn part(path: &str, secret: &ApiSecret, first: usize, piece: &[u8], total: usize) -> Request<Body> {
    let range = format!("bytes {first}-{}/{total}", first + piece.len() - 1);
    let request = Request::put(path).header(header::CONTENT_RANGE, range).body(Body::from(piece.to_vec())).unwrap();
    with_key(request, Some(secret))
}

/// What a process leaves that ends when the last byte is synced and not yet on record.
#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_whole_when_the_server_ended_is_read_as_it_was_asked_for() {
    let it = Installation::start().await;
    let secret = make(&it.server, &it.acme, &[Scope::RecipientsWrite], 365).await;
    let subject = it.subject(&it.acme, &it.acme.author, Subject::Campaign(crate::subject::Stage::Draft)).await;
    let path = format!("/api/v1/campaigns/{}/recipients", subject.get("id"));
    // Both columns look like numbers, so only the request tells which it is.
    let file = b"+436701234561;+436701234571\n+436701234562;+436701234572\n";
    let (first, rest) = file.split_at(30);
    let ask = async |request| Answer::to(&it.server.router, request).await;
    assert_eq!(ask(part(&path, &secret, 0, first, file.len())).await.status, StatusCode::ACCEPTED);
    let mut cut = part(&format!("{path}?number_column=2&header=false"), &secret, 30, rest, file.len());
    *cut.body_mut() = Body::from(rest[..5].to_vec());
    assert_eq!(ask(cut).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let id = subject.get("id").parse().unwrap();
    let upload = crate::subject::find_upload(&it.server, &it.acme, id).await.unwrap();
    let spool = it.server.intake.spool();
    let mut appender = spool.append(upload.workspace, upload.id, 35, upload.size_bytes).await.unwrap();
    appender.write(&file[35..]).await.unwrap();
    appender.sync().await.unwrap();
    let shown = json(&ask(get(&format!("{path}/upload"), &secret)).await);
    assert!(shown["state"] == "reading" || shown["state"] == "done", "{shown}");
    let read = crate::subject::find_upload(&it.server, &it.acme, id).await.unwrap();
    assert_eq!((read.reading.number_column, read.reading.has_header), (Some(1), Some(false)));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_comes_in_parts_and_goes_on_where_it_was_cut() {
    let it = Installation::start().await;
    let secret = make(&it.server, &it.acme, &[Scope::RecipientsWrite], 365).await;
    let subject = it.subject(&it.acme, &it.acme.author, Subject::Campaign(crate::subject::Stage::Draft)).await;
    let path = format!("/api/v1/campaigns/{}/recipients", subject.get("id"));
    let state = format!("{path}/upload");
    let file = b"tel;name\n+436701234561;Ann\n+436701234562;Bob\n+436701234561;Twice\n12;Short\n";
    let (first, rest) = file.split_at(30);
    let ask = async |request| Answer::to(&it.server.router, request).await;

    let begun = ask(part(&path, &secret, 0, first, file.len())).await;
    assert_eq!(begun.status, StatusCode::ACCEPTED, "{begun:?}");
    assert_eq!((&json(&begun)["state"], &json(&begun)["received_bytes"]), (&"receiving".into(), &30.into()));
    // A part that is not the next one, and one of another file.
    let gap = ask(part(&path, &secret, 40, &file[40..], file.len())).await;
    assert_eq!(gap.status, StatusCode::CONFLICT, "{gap:?}");
    assert!(json(&gap)["detail"].as_str().unwrap().contains("at byte 30"), "{gap:?}");
    assert_eq!(ask(part(&path, &secret, 30, rest, file.len() + 1)).await.status, StatusCode::CONFLICT);
    // A body that is shorter than it says counts as far as it came.
    let mut cut = part(&path, &secret, 30, rest, file.len());
    *cut.body_mut() = Body::from(rest[..5].to_vec());
    assert_eq!(ask(cut).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(json(&ask(get(&state, &secret)).await)["received_bytes"], 35);
    let too_long = part(&path, &secret, 35, &file[35..40], file.len());
    let (mut parts, _) = too_long.into_parts();
    parts.headers.remove(header::CONTENT_LENGTH);
    let too_long = Request::from_parts(parts, Body::from(rest.to_vec()));
    assert_eq!(ask(too_long).await.status, StatusCode::UNPROCESSABLE_ENTITY);
    let received = json(&ask(get(&state, &secret)).await)["received_bytes"].as_u64().unwrap() as usize;
    let ended = ask(part(
        &format!("{path}?number_column=1&separator=semicolon"),
        &secret,
        received,
        &file[received..],
        file.len(),
    ));
    let ended = ended.await;
    assert_eq!(ended.status, StatusCode::ACCEPTED, "{ended:?}");
    let begun = std::time::Instant::now();
    let done = loop {
        let view = json(&ask(get(&state, &secret)).await);
        if view["state"] != "reading" {
            break view;
        }
        assert!(begun.elapsed() < crate::server::PATIENCE, "{view}");
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    };
    assert_eq!(done["state"], "done", "{done}");
    let report = &done["report"];
    let counts = ["lines", "accepted", "duplicate", "suppressed", "invalid"].map(|name| report[name].as_u64().unwrap());
    assert_eq!(counts, [4, 2, 1, 0, 1]);

    for (query, name) in
        [("separator=dash", "separator"), ("header=maybe", "header"), ("number_column=0", "number_column")]
    {
        let refused = ask(part(&format!("{path}?{query}"), &secret, 0, file, file.len())).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{query}");
        assert_eq!(json(&refused)["errors"][0]["parameter"], name);
    }
    let huge =
        Request::put(&path).header(header::CONTENT_RANGE, "bytes 0-12/99999999999").body(Body::from("+436701234561"));
    assert_eq!(ask(with_key(huge.unwrap(), Some(&secret))).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    let empty = Request::put(&path).body(Body::empty()).unwrap();
    assert_eq!(ask(with_key(empty, Some(&secret))).await.status, StatusCode::UNPROCESSABLE_ENTITY);
}
