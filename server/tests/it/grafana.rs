//! Grafana behind our proxy: who comes in and for how long, what reaches Grafana and what comes back, before a stand-in
//! that remembers what it was sent.

use std::{
    net::{Ipv4Addr, SocketAddr},
    sync::{Arc, Mutex},
    time::Duration,
};

use app::{api::context::COOKIE_SECURE, api::monitoring::grafana::Dashboards};
use axum::{
    Router,
    body::{Body, to_bytes},
    extract::{Request as Asked, State},
    http::{HeaderMap, Request, StatusCode, header, request::Builder},
    response::{IntoResponse, Response},
};
use domain::audit::Origin;
use server::{
    config::{Config, DashboardConfig, GrafanaConfig, Overrides},
    grafana::{BODY_MAX, Grafana, LOOK_AGAIN_MS, Listener, TICKET_MS, VISIT_IDLE_MS, router},
};
use store::{Token, identity::users, identity::users::UserChange};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use tokio_util::sync::CancellationToken;

use crate::{answer::Answer, server::Server, subject::fresh_token, tenant::Person};

const OWN: &str = "http://127.0.0.1:3002";
const PAGES: &str = "http://127.0.0.1:3000";
const QUESTION: &str = r#"{"queries":[{"refId":"A","expr":"up","datasource":{"uid":"source"}}],"from":"1","to":"2"}"#;

/// What reached the stand-in.
#[derive(Debug, Clone)]
struct Seen {
    method: String,
    target: String,
    headers: HeaderMap,
    body: String,
}

type Memory = Arc<Mutex<Vec<Seen>>>;

/// Behaves as the query says; everything that it answers has what must not get through.
async fn stand_in(State(memory): State<Memory>, request: Asked) -> Response {
    let (parts, body) = request.into_parts();
    let body = String::from_utf8(to_bytes(body, usize::MAX).await.unwrap().to_vec()).unwrap();
    let target = parts.uri.to_string();
    let wanted = parts.uri.query().unwrap_or_default().to_owned();
    memory.lock().unwrap().push(Seen { method: parts.method.to_string(), target, headers: parts.headers, body });
    let status = |code| StatusCode::from_u16(code).unwrap();
    let to = |place: &str| (status(302), [(header::LOCATION, place.to_owned())]).into_response();
    let mut answer = match wanted.as_str() {
        "be=login" => to("/login"),
        "be=away" => to("https://evil.example/d/ours"),
        "be=moved" => to(&format!("{OWN}/d/ours/name")),
        "be=407" => status(407).into_response(),
        "be=401" => status(401).into_response(),
        "be=404" => (status(404), "not there").into_response(),
        "be=big" => Body::from(vec![b'x'; 8 << 20]).into_response(),
        _ => ([(header::CONTENT_TYPE, "text/html")], "a dashboard").into_response(),
    };
    for (name, value) in [
        ("set-cookie", "grafana_session=1"),
        ("x-frame-options", "deny"),
        ("content-security-policy", "script-src 'self'"),
        ("strict-transport-security", "max-age=1"),
        ("x-grafana-something", "1"),
        ("etag", "\"1\""),
    ] {
        answer.headers_mut().append(name, value.parse().unwrap());
    }
    answer
}

struct Installation {
    server: Server,
    root: Person,
    memory: Memory,
    grafana: Arc<Grafana>,
    router: Router,
}

impl Installation {
    async fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let memory = Memory::default();
        let upstream = Router::new().fallback(stand_in).with_state(Arc::clone(&memory));
        tokio::spawn(async move { axum::serve(listener, upstream).await.unwrap() });
        Self::before(address, memory).await
    }

    /// Grafana is at an address, or should be.
    async fn before(address: SocketAddr, memory: Memory) -> Self {
        let server = Server::start().await;
        let root = Person::sign_up(&server.gate, "root", "installation", true).await;
        let main = Config::load(None, &Overrides::default()).unwrap();
        assert_eq!(main.public_url, PAGES);
        let ours = DashboardConfig { uid: "ours".into(), title: "Ours".into() };
        let config = GrafanaConfig {
            url: format!("http://{address}"),
            listen: (Ipv4Addr::LOCALHOST, 0).into(),
            public_url: OWN.into(),
            ca_file: None,
            dashboards: vec![ours, DashboardConfig { uid: "second".into(), title: "Second".into() }],
            datasources: vec!["source".into()],
            user: "message-center".into(),
            user_header: "X-WEBAUTH-USER".into(),
            role_header: "X-WEBAUTH-ROLE".into(),
        };
        config.check(&main).unwrap();
        let grafana = Grafana::new(&config, &main, server.gate.clone(), server.clock.clone()).unwrap();
        let grafana = Arc::new(grafana);
        let router = router(Arc::clone(&grafana));
        Self { server, root, memory, grafana, router }
    }

    fn ticket(&self) -> String {
        self.grafana.ticket(&self.root.session, Token::presented(&self.root.token)).unwrap()
    }

    async fn enter(&self, ticket: &str) -> Answer {
        let form = format!("ticket={ticket}&dashboard=second&theme=dark");
        let request = Request::post("/message-center/enter")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .header(header::ORIGIN, "null")
            .body(Body::from(form))
            .unwrap();
        Answer::to(&self.router, request).await
    }

    /// What the browser has after it came in.
    async fn cookie(&self) -> String {
        let entered = self.enter(&self.ticket()).await;
        assert_eq!(entered.status, StatusCode::SEE_OTHER, "{}", entered.body);
        let cookie = entered.headers[header::SET_COOKIE].to_str().unwrap();
        cookie.split(';').next().unwrap().to_owned()
    }

    async fn ask(&self, request: Builder, cookie: &str, body: impl Into<Body>) -> Answer {
        let request = request.header(header::COOKIE, cookie).body(body.into()).unwrap();
        Answer::to(&self.router, request).await
    }

    async fn get(&self, path: &str, cookie: &str) -> Answer {
        self.ask(Request::get(path).header(header::ACCEPT, "text/html"), cookie, Body::empty()).await
    }

    fn seen(&self) -> Vec<Seen> {
        self.memory.lock().unwrap().clone()
    }
}

fn query(body: impl Into<Body>) -> (Builder, Body) {
    let request = Request::post("/api/ds/query?ds_type=prometheus")
        .header(header::CONTENT_TYPE, "application/json")
        .header(header::ORIGIN, OWN)
        .header("sec-fetch-site", "same-origin");
    (request, body.into())
}

#[tokio::test]
async fn a_ticket_lets_a_browser_in_once() {
    let it = Installation::start().await;
    let ticket = it.ticket();
    let entered = it.enter(&ticket).await;
    assert_eq!((entered.status, entered.location()), (StatusCode::SEE_OTHER, "/d/second?kiosk&theme=dark"));
    let cookie = entered.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(cookie.starts_with("__Host-message_center_grafana="), "{cookie}");
    assert!(cookie.ends_with("; Path=/; HttpOnly; SameSite=Lax; Secure"), "{cookie}");
    assert!(!cookie.contains(&ticket) && !cookie.contains(&it.root.token), "it is a secret of its own");

    let again = it.enter(&ticket).await;
    assert_eq!(again.status, StatusCode::UNAUTHORIZED);
    assert!(again.headers.get(header::SET_COOKIE).is_none());
    let late = it.ticket();
    it.server.clock.advance(TICKET_MS);
    assert_eq!(it.enter(&late).await.status, StatusCode::UNAUTHORIZED, "after half a minute");
    for made_up in ["", "0", &"0".repeat(64), &it.root.token] {
        assert_eq!(it.enter(made_up).await.status, StatusCode::UNAUTHORIZED, "{made_up}");
    }
    let elsewhere = Request::post("/message-center/enter")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ORIGIN, "https://evil.example")
        .body(Body::from(format!("ticket={}", it.ticket())))
        .unwrap();
    assert_eq!(Answer::to(&it.router, elsewhere).await.status, StatusCode::FORBIDDEN);
    let by_address = it.get(&format!("/message-center/enter?ticket={}", it.ticket()), "").await;
    assert_eq!(by_address.status, StatusCode::METHOD_NOT_ALLOWED, "never by an address");
    assert_eq!(it.seen().len(), 0, "Grafana has no part in it");
}

#[tokio::test]
async fn a_ticket_ends_with_the_session_that_it_stands_for() {
    let it = Installation::start().await;
    let ticket = it.ticket();
    // The same person is signed in elsewhere as well: that is another session.
    fresh_token(&it.server, &it.root).await;
    it.server.gate.sign_out(&Token::presented(&it.root.token), Origin::default()).await.unwrap();
    assert_eq!(it.enter(&ticket).await.status, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn nobody_looks_without_a_visit_whatever_else_they_have() {
    let it = Installation::start().await;
    let main = format!("{COOKIE_SECURE}={}", it.root.token);
    for cookie in [
        "",
        &main,
        "__Host-message_center_grafana=made-up",
        &format!("__Host-message_center_grafana={}", it.root.token),
    ] {
        for path in ["/", "/d/ours", "/public/app.js", "/api/ds/query", "/api/admin/settings", "/public/../x"] {
            let answer = it.get(path, cookie).await;
            assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{cookie} {path}");
            assert!(answer.body.contains("These dashboards are not open"));
        }
    }
    let smuggled = Request::get("/d/ours").header("x-webauth-user", "admin").header("authorization", "Basic YTpi");
    assert_eq!(it.ask(smuggled, "", Body::empty()).await.status, StatusCode::UNAUTHORIZED);
    assert_eq!(it.seen().len(), 0);
}

#[tokio::test]
async fn signing_out_ends_the_visit_within_seconds() {
    let it = Installation::start().await;
    let cookie = it.cookie().await;
    assert_eq!(it.get("/d/ours", &cookie).await.status, StatusCode::OK);
    it.server.gate.sign_out(&Token::presented(&it.root.token), Origin::default()).await.unwrap();
    it.server.clock.advance(LOOK_AGAIN_MS);
    assert_eq!(it.get("/d/ours", &cookie).await.status, StatusCode::UNAUTHORIZED);
    const { assert!(LOOK_AGAIN_MS <= 5_000) };
}

#[tokio::test]
async fn so_does_losing_the_rights_being_blocked_and_rest() {
    let it = Installation::start().await;
    let other = Person::sign_up(&it.server.gate, "other", "installation", true).await;
    let ruler = it.server.gate.rule(&other.session).unwrap();
    for (change, back) in [(UserChange::Demote, UserChange::Promote), (UserChange::Block, UserChange::Restore)] {
        let token = Token::presented(&fresh_token(&it.server, &it.root).await);
        let session = it.server.gate.session(&token, Origin::default()).await.unwrap();
        let entered = it.enter(&it.grafana.ticket(&session, token).unwrap()).await;
        let cookie = entered.headers[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned();
        it.server.clock.advance(LOOK_AGAIN_MS);
        assert_eq!(it.get("/d/ours", &cookie).await.status, StatusCode::OK, "looked at again, and going on");
        users::change(&ruler, it.root.id, change).await.unwrap();
        it.server.clock.advance(LOOK_AGAIN_MS);
        assert_eq!(it.get("/d/ours", &cookie).await.status, StatusCode::UNAUTHORIZED, "{change:?}");
        users::change(&ruler, it.root.id, back).await.unwrap();
        assert_eq!(it.get("/d/ours", &cookie).await.status, StatusCode::UNAUTHORIZED, "and it stays over");
    }
}

#[tokio::test]
async fn a_visit_at_rest_is_over_and_one_that_is_used_goes_on_with_its_session() {
    let it = Installation::start().await;
    let cookie = it.cookie().await;
    it.server.clock.advance(VISIT_IDLE_MS - 1);
    assert_eq!(it.get("/d/ours", &cookie).await.status, StatusCode::OK);
    it.server.clock.advance(VISIT_IDLE_MS);
    assert_eq!(it.get("/d/ours", &cookie).await.status, StatusCode::UNAUTHORIZED);
    // A dashboard that refreshes itself keeps its visit, and does not keep the session.
    let cookie = it.cookie().await;
    let mut minutes = 0;
    while it.get("/d/ours", &cookie).await.status == StatusCode::OK {
        it.server.clock.advance(60_000);
        minutes += 1;
        assert!(minutes < 121, "the session rests for two hours at most");
    }
    assert!(minutes > 31, "longer than a visit at rest");
}

#[tokio::test]
async fn grafana_hears_who_asks_from_us_alone() {
    let it = Installation::start().await;
    let cookie = it.cookie().await;
    let request = Request::get("/d/ours/name?orgId=1&from=now-1h")
        .header(header::ACCEPT, "text/html")
        .header(header::ACCEPT_LANGUAGE, "en")
        .header("X-WEBAUTH-USER", "admin")
        .header("x-webauth-role", "Admin")
        .header("X_WEBAUTH_USER", "admin")
        .header("X-WEBAUTH-EMAIL", "a@b")
        .header("X-WEBAUTH-GROUPS", "admins")
        .header("X-Forwarded-For", "10.0.0.1")
        .header("X-Forwarded-Host", "evil.example")
        .header("Forwarded", "for=10.0.0.1")
        .header("X-Real-IP", "10.0.0.1")
        .header("X-Original-URL", "/api/admin/settings")
        .header("X-Grafana-Org-Id", "2")
        .header("X-JWT-Assertion", "ey")
        .header("X-DS-Authorization", "Bearer x")
        .header("Origin", OWN)
        .header("Connection", "x-webauth-user, upgrade")
        .header("Upgrade", "websocket")
        .header("Te", "trailers")
        .header(header::AUTHORIZATION, "Basic YWRtaW46YWRtaW4=")
        .header(header::COOKIE, format!("grafana_session=1; {COOKIE_SECURE}={}", it.root.token));
    let answer = it.ask(request, &cookie, Body::from("a body that nobody asked for")).await;
    assert_eq!(answer.status, StatusCode::OK);
    let seen = it.seen();
    let [seen] = seen.as_slice() else { panic!("{seen:?}") };
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("GET", "/d/ours/name?orgId=1&from=now-1h"));
    assert_eq!(seen.body, "");
    let text = |name: &str| seen.headers.get_all(name).iter().map(|value| value.to_str().unwrap()).collect::<Vec<_>>();
    for (name, values) in [
        ("x-webauth-user", vec!["message-center"]),
        ("x-webauth-role", vec!["Viewer"]),
        ("x-forwarded-host", vec!["127.0.0.1:3002"]),
        ("x-forwarded-proto", vec!["http"]),
        ("accept-language", vec!["en"]),
    ] {
        assert_eq!(text(name), values, "{name}");
    }
    let known = [
        "accept",
        "accept-language",
        "host",
        "user-agent",
        "x-webauth-user",
        "x-webauth-role",
        "x-forwarded-host",
        "x-forwarded-proto",
    ];
    for name in seen.headers.keys() {
        assert!(known.contains(&name.as_str()), "{name} reached Grafana");
    }
    let all = format!("{:?}", seen.headers);
    assert!(!all.contains(&it.root.token) && !all.contains(cookie.split('=').nth(1).unwrap()) && !all.contains("root"));
}

#[tokio::test]
async fn of_grafanas_answers_a_browser_gets_no_cookie_and_our_word_on_frames() {
    let it = Installation::start().await;
    let cookie = it.cookie().await;
    let answer = it.get("/d/ours", &cookie).await;
    assert_eq!((answer.status, answer.body.as_str()), (StatusCode::OK, "a dashboard"));
    for name in ["set-cookie", "x-frame-options", "x-grafana-something", "strict-transport-security"] {
        assert!(answer.headers.get(name).is_none(), "{name}");
    }
    let policies: Vec<_> =
        answer.headers.get_all(header::CONTENT_SECURITY_POLICY).iter().map(|value| value.to_str().unwrap()).collect();
    assert_eq!(policies[0], "script-src 'self'", "Grafana's own holds as well");
    assert!(policies[1].starts_with(&format!("frame-ancestors {PAGES}; ")), "{policies:?}");
    assert_eq!(answer.headers["etag"], "\"1\"");
    assert_eq!(answer.headers["x-content-type-options"], "nosniff");
    let refused = it.get("/login", &cookie).await;
    let policy = refused.headers[header::CONTENT_SECURITY_POLICY].to_str().unwrap();
    assert!(
        policy.starts_with("default-src 'none'") && policy.ends_with(&format!("frame-ancestors {PAGES}")),
        "{policy}"
    );
    assert!(refused.headers.get("x-frame-options").is_none(), "our own pages are shown in the frame, too");
    assert_eq!(refused.headers[header::CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn what_is_not_needed_for_looking_is_not_there() {
    let it = Installation::start().await;
    let cookie = it.cookie().await;
    for path in
        ["/login", "/api/admin/settings", "/api/users", "/explore", "/d/others", "/api/live/ws", "/api/datasources"]
    {
        assert_eq!(it.get(path, &cookie).await.status, StatusCode::NOT_FOUND, "{path}");
    }
    for path in ["/public/%2e%2e/api/users", "/public/..%2fapi", "/public/%252e%252e/api", "/public//api", "/d/ours/.."]
    {
        assert_eq!(it.get(path, &cookie).await.status, StatusCode::BAD_REQUEST, "{path}");
    }
    for method in ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"] {
        let request = Request::builder().method(method).uri("/api/dashboards/uid/ours").header(header::ORIGIN, OWN);
        let answer = it.ask(request, &cookie, Body::empty()).await;
        assert_eq!(answer.status, StatusCode::METHOD_NOT_ALLOWED, "{method}");
        assert_eq!(answer.headers[header::ALLOW], "GET, HEAD");
        assert!(answer.body.starts_with("{\"message\":"), "for scripts: {}", answer.body);
    }
    let home = it.get("/", &cookie).await;
    assert_eq!((home.status, home.location()), (StatusCode::SEE_OTHER, "/d/ours?kiosk"));
    assert_eq!(it.seen().len(), 0);
    let head = it.ask(Request::head("/public/build/app.js"), &cookie, Body::empty()).await;
    assert_eq!(head.status, StatusCode::OK);
    assert_eq!(it.seen()[0].method, "HEAD");
}

#[tokio::test]
async fn paths_that_clients_would_tidy_up_are_refused_as_they_come() {
    let it = Installation::start().await;
    let cookie = it.cookie().await;
    let listener = Listener::bind((Ipv4Addr::LOCALHOST, 0).into(), Arc::clone(&it.grafana), None).await.unwrap();
    let (address, stop) = (listener.address(), CancellationToken::new());
    let running = tokio::spawn(listener.run(stop.clone(), Duration::from_secs(1)));
    for (target, status) in [
        ("/d/ours", "200"),
        ("/d/../api/admin/settings", "400"),
        ("/public/./../api/users", "400"),
        ("/public/%2e%2e/%2e%2e/api/users", "400"),
        ("//evil.example/d/ours", "400"),
        ("http://evil.example/d/ours", "200"),
        ("http://evil.example/api/users", "404"),
    ] {
        let mut stream = TcpStream::connect(address).await.unwrap();
        let request = format!("GET {target} HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\nConnection: close\r\n\r\n");
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert!(answer.starts_with(&format!("HTTP/1.1 {status}")), "{target}: {answer}");
    }
    let targets: Vec<_> = it.seen().into_iter().map(|seen| seen.target).collect();
    assert_eq!(targets, ["/d/ours", "/d/ours"], "whatever host a request names, it is our Grafana that is asked");
    stop.cancel();
    running.await.unwrap();
}

#[tokio::test]
async fn questions_come_from_pages_of_this_origin_and_are_about_what_is_shown() {
    let it = Installation::start().await;
    let cookie = it.cookie().await;
    let (request, body) = query(QUESTION);
    assert_eq!(it.ask(request, &cookie, body).await.status, StatusCode::OK);
    let seen = it.seen().remove(0);
    assert_eq!((seen.method.as_str(), seen.target.as_str()), ("POST", "/api/ds/query?ds_type=prometheus"));
    assert!(seen.body.contains(r#""expr":"up""#), "{}", seen.body);
    assert_eq!(seen.headers[header::CONTENT_TYPE], "application/json");
    for (origin, site) in [
        (None, None),
        (Some(PAGES), Some("same-site")),
        (Some("null"), None),
        (Some("http://127.0.0.1:30020"), None),
        (Some(OWN), Some("cross-site")),
    ] {
        let mut request = Request::post("/api/ds/query").header(header::CONTENT_TYPE, "application/json");
        for (name, value) in [("origin", origin), ("sec-fetch-site", site)] {
            if let Some(value) = value {
                request = request.header(name, value);
            }
        }
        assert_eq!(it.ask(request, &cookie, QUESTION).await.status, StatusCode::FORBIDDEN, "{origin:?} {site:?}");
    }
    let (request, _) = query("");
    let other = QUESTION.replace("source\"}", "salaries\"}");
    assert_eq!(it.ask(request, &cookie, other).await.status, StatusCode::FORBIDDEN);
    let (request, _) = query("");
    let large = format!("{{\"queries\":[],\"from\":\"{}\"}}", "1".repeat(BODY_MAX));
    assert_eq!(it.ask(request, &cookie, large).await.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert_eq!(it.seen().len(), 1, "none of these reached Grafana");
    let labels = Request::post("/api/datasources/uid/source/resources/api/v1/series")
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .header(header::ORIGIN, OWN);
    assert_eq!(it.ask(labels, &cookie, "match[]=up").await.status, StatusCode::OK);
    assert_eq!(it.seen()[1].body, "match[]=up");
}

#[tokio::test]
async fn large_answers_pass_and_trouble_of_grafana_is_told_in_words() {
    let it = Installation::start().await;
    let cookie = it.cookie().await;
    assert_eq!(it.get("/public/build/app.js?be=big", &cookie).await.body.len(), 8 << 20);
    let missing = it.get("/api/dashboards/uid/ours?be=404", &cookie).await;
    assert_eq!((missing.status, missing.body.as_str()), (StatusCode::NOT_FOUND, "not there"));
    for (path, words) in [
        ("/d/ours?be=login", "Grafana asks for a sign-in"),
        ("/d/ours?be=407", "whitelist"),
        ("/d/ours?be=401", "[auth.proxy]"),
        ("/d/ours?be=away", "Grafana leads somewhere else"),
    ] {
        let answer = it.get(path, &cookie).await;
        assert_eq!(answer.status, StatusCode::BAD_GATEWAY, "{path}");
        assert!(
            answer.body.contains(words) && answer.headers.get(header::LOCATION).is_none(),
            "{path}: {}",
            answer.body
        );
    }
    let moved = it.get("/d/ours?be=moved", &cookie).await;
    assert_eq!((moved.status, moved.location()), (StatusCode::FOUND, "/d/ours/name"), "within its origin it may lead");
}

#[tokio::test]
async fn without_grafana_a_page_says_so() {
    let nobody = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap().local_addr().unwrap();
    let it = Installation::before(nobody, Memory::default()).await;
    let trouble = it.grafana.trouble().await.unwrap();
    assert!(trouble.contains(&nobody.to_string()) && trouble.contains("url of [grafana]"), "{trouble}");
    let cookie = it.cookie().await;
    let answer = it.get("/d/ours", &cookie).await;
    assert_eq!(answer.status, StatusCode::BAD_GATEWAY);
    assert!(
        answer.body.contains("Grafana does not answer") && answer.body.contains("What is being sent is not concerned")
    );
    let (request, body) = query(QUESTION);
    let panel = it.ask(request, &cookie, body).await;
    assert_eq!(panel.status, StatusCode::BAD_GATEWAY);
    assert!(panel.body.starts_with("{\"message\":\"Grafana does not answer"), "{}", panel.body);
}
