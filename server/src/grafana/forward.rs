//! What happens to a request: who may ask, whether it is one of the table, and what of Grafana's answer reaches a browser.

use std::{sync::Arc, time::Duration};

use axum::{
    Form, Router,
    body::{Body, Bytes, to_bytes},
    extract::{DefaultBodyLimit, Request, State, rejection::FormRejection},
    http::{HeaderMap, HeaderName, HeaderValue, Method, Response as Answer, StatusCode, header, request::Parts},
    middleware::{Next, from_fn_with_state},
    response::{IntoResponse, Response},
    routing::post,
};
use http_body_util::BodyExt;
use serde::Deserialize;
use tokio::time::timeout;

use super::{
    ENTER, Grafana,
    door::Known,
    paths::{self, Way},
    question,
    trouble::Trouble,
};
use crate::layers::security_headers::HTTPS_ONLY;

/// Of a question.
pub const BODY_MAX: usize = 1 << 20;
/// Of a ticket and what goes with it.
const ENTRY_MAX: usize = 4 << 10;
/// How long a question waits until others are answered, and for the rest of it to come.
const WAIT: Duration = Duration::from_secs(10);

/// What of an answer reaches the browser. No cookies, nothing that concerns one connection, and no word on frames: ours
/// counts.
const PASSED_BACK: [HeaderName; 11] = [
    header::ACCEPT_RANGES,
    header::CACHE_CONTROL,
    header::CONTENT_DISPOSITION,
    header::CONTENT_ENCODING,
    header::CONTENT_RANGE,
    header::CONTENT_SECURITY_POLICY,
    header::CONTENT_TYPE,
    header::ETAG,
    header::EXPIRES,
    header::LAST_MODIFIED,
    header::VARY,
];

/// What the proxy writes by itself may do nothing.
const NOTHING: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors";

/// Everything that is answered on the origin of the dashboards.
pub fn router(grafana: Arc<Grafana>) -> Router {
    Router::new()
        .route(ENTER, post(enter).layer(DefaultBodyLimit::max(ENTRY_MAX)))
        .fallback(look)
        .layer(from_fn_with_state(Arc::clone(&grafana), guard))
        .with_state(grafana)
}

/// What holds for every answer.
async fn guard(State(grafana): State<Arc<Grafana>>, request: Request, next: Next) -> Response {
    let mut answer = next.run(request).await;
    let headers = answer.headers_mut();
    headers.insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    // Not `no-referrer`: with it browsers say `Origin: null` when a panel asks.
    headers.insert(header::REFERRER_POLICY, HeaderValue::from_static("same-origin"));
    headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    if grafana.https {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HTTPS_ONLY);
    }
    if !headers.contains_key(header::CONTENT_SECURITY_POLICY)
        && let Ok(policy) = HeaderValue::from_str(&format!("{NOTHING} {}", grafana.pages))
    {
        headers.insert(header::CONTENT_SECURITY_POLICY, policy);
    }
    answer
}

/// What a page of the main origin posts.
#[derive(Deserialize)]
struct Entry {
    ticket: String,
    #[serde(default)]
    dashboard: String,
    #[serde(default)]
    theme: String,
}

/// Swaps a ticket for a cookie, and leads to the dashboard.
async fn enter(
    State(grafana): State<Arc<Grafana>>,
    headers: HeaderMap,
    entry: Result<Form<Entry>, FormRejection>,
) -> Response {
    let entered = match entry {
        Ok(Form(entry)) => grafana.enter_with(&headers, entry).await,
        Err(_) => Err(Trouble::Ticket),
    };
    entered.unwrap_or_else(|trouble| trouble.answer(&headers))
}

/// Everything else.
async fn look(State(grafana): State<Arc<Grafana>>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    match grafana.show(&parts, body).await {
        Ok(answer) => answer,
        Err(trouble) => trouble.answer(&parts.headers),
    }
}

impl Grafana {
    async fn enter_with(&self, headers: &HeaderMap, entry: Entry) -> Result<Response, Trouble> {
        // Our pages say `null` to other origins, by their referrer policy; what counts is the ticket.
        let sent_by = headers.get(header::ORIGIN).map(HeaderValue::as_bytes);
        if sent_by.is_some_and(|origin| origin != b"null" && origin != self.pages.as_bytes()) {
            return Err(Trouble::Elsewhere);
        }
        let bearer = self.door.redeem(&entry.ticket, self.clock.now_ms()).ok_or(Trouble::Ticket)?;
        self.admit(&bearer).await?;
        let cookie = self.door.begin(bearer, self.clock.now_ms()).map_err(|_| Trouble::Unsure)?;
        let cookie = format!("{}={cookie}; {}", self.cookie.name, self.cookie.attributes);
        let cookie = HeaderValue::from_str(&cookie).map_err(|_| Trouble::Unsure)?;
        let mut answer = self.to_dashboard(&entry.dashboard, &entry.theme)?;
        answer.headers_mut().insert(header::SET_COOKIE, cookie);
        Ok(answer)
    }

    /// To one of the dashboards, without what Grafana has around it.
    fn to_dashboard(&self, wanted: &str, theme: &str) -> Result<Response, Trouble> {
        let uids = &self.shown.dashboards;
        let uid = uids.iter().find(|uid| *uid == wanted).or(uids.first()).ok_or(Trouble::Unknown)?;
        let theme = match theme {
            "light" => "&theme=light",
            "dark" => "&theme=dark",
            "system" => "&theme=system",
            _ => "",
        };
        Ok((StatusCode::SEE_OTHER, [(header::LOCATION, format!("/d/{uid}?kiosk{theme}"))]).into_response())
    }

    async fn show(&self, parts: &Parts, body: Body) -> Result<Response, Trouble> {
        self.recognise(parts).await?;
        let path = parts.uri.path();
        if path == "/" && parts.method == Method::GET {
            return self.to_dashboard("", "");
        }
        let way = paths::way(&self.shown, &parts.method, path)?;
        if parts.method == Method::POST && !self.is_own(&parts.headers) {
            tracing::warn!("refused a question that a page of another origin sent to Grafana");
            return Err(Trouble::Elsewhere);
        }
        let body = self.question(way, parts, body).await?;
        let room = timeout(WAIT, Arc::clone(&self.room).acquire_owned()).await;
        let Ok(Ok(room)) = room else { return Err(Trouble::Busy) };
        let method = parts.method.clone();
        let answer = self.upstream.ask(method, path, parts.uri.query(), &parts.headers, body).await?;
        let (head, body) = answer.into_parts();
        let mut shown = Answer::builder().status(self.passable(head.status, &head.headers, way)?);
        if let Some(headers) = shown.headers_mut() {
            self.dress(headers, &head.headers, way);
        }
        // The room is taken until the browser has the last piece, or is gone.
        let body = body.map_frame(move |frame| {
            let _taken = &room;
            frame
        });
        shown.body(Body::new(body)).map_err(|_| Trouble::Down)
    }

    /// By the cookie of this origin, and by nothing else.
    async fn recognise(&self, parts: &Parts) -> Result<(), Trouble> {
        let cookie = app::request::cookie_of(parts, self.cookie.name).ok_or(Trouble::Over)?;
        match self.door.known(cookie, self.clock.now_ms()) {
            Known::Yes => Ok(()),
            Known::No => Err(Trouble::Over),
            Known::AskAbout(bearer) => {
                self.admit(&bearer).await?;
                self.door.looked(cookie, self.clock.now_ms());
                Ok(())
            }
        }
    }

    /// Whether a page of this origin sends the request.
    fn is_own(&self, headers: &HeaderMap) -> bool {
        let text = |name: &str| headers.get(name).map(HeaderValue::as_bytes);
        text("origin") == Some(self.public_url.as_bytes())
            && text("sec-fetch-site").is_none_or(|site| site == b"same-origin")
    }

    /// The body that goes on. What comes with a request that only reads stays here.
    async fn question(&self, way: Way, parts: &Parts, body: Body) -> Result<Option<(HeaderValue, Bytes)>, Trouble> {
        if parts.method != Method::POST {
            return Ok(None);
        }
        let body = timeout(WAIT, to_bytes(body, BODY_MAX)).await.map_err(|_| Trouble::Slow)?;
        let body = body.map_err(|_| Trouble::TooLarge)?;
        let json = HeaderValue::from_static("application/json");
        if way == Way::Query {
            let body = question::checked(&body, &self.shown.datasources).ok_or(Trouble::Question)?;
            return Ok(Some((json, body)));
        }
        let form = HeaderValue::from_static("application/x-www-form-urlencoded");
        let sent = parts.headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes).unwrap_or_default();
        Ok(Some((if sent.starts_with(b"application/json") { json } else { form }, body)))
    }

    /// The status that a browser gets, unless Grafana does not trust us, or leads away.
    fn passable(&self, status: StatusCode, headers: &HeaderMap, way: Way) -> Result<StatusCode, Trouble> {
        let location = headers.get(header::LOCATION).and_then(|value| value.to_str().ok());
        match status {
            StatusCode::UNAUTHORIZED | StatusCode::PROXY_AUTHENTICATION_REQUIRED => Err(Trouble::Distrusted),
            _ if status.is_redirection() && status != StatusCode::NOT_MODIFIED => match location {
                Some(location) if self.within(location).is_some_and(|path| path.starts_with("/login")) => {
                    Err(Trouble::Distrusted)
                }
                Some(location) if way == Way::Page && self.within(location).is_some() => Ok(status),
                _ => Err(Trouble::Astray),
            },
            _ if status.is_informational() => Err(Trouble::Astray),
            _ => Ok(status),
        }
    }

    /// The path of an address that is of this origin.
    fn within<'a>(&self, location: &'a str) -> Option<&'a str> {
        let path = location.strip_prefix(&self.public_url).unwrap_or(location);
        (path.starts_with('/') && !path.starts_with("//") && !path.contains('\\')).then_some(path)
    }

    fn dress(&self, headers: &mut HeaderMap, answered: &HeaderMap, way: Way) {
        for name in PASSED_BACK {
            for value in answered.get_all(&name) {
                headers.append(name.clone(), value.clone());
            }
        }
        let location = answered.get(header::LOCATION).and_then(|value| value.to_str().ok());
        if let Some(path) = location.and_then(|location| self.within(location)).filter(|_| way == Way::Page)
            && let Ok(path) = HeaderValue::from_str(path)
        {
            headers.insert(header::LOCATION, path);
        }
        // Beside a policy of Grafana's own: both hold.
        headers.append(header::CONTENT_SECURITY_POLICY, self.policy.clone());
    }
}
