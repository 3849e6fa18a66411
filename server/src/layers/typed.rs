//! Keeps what was typed into a form that is refused where no script runs, for the page to which the refusal leads back.

use app::{
    request::cookie_of,
    typed::{FUNCTIONS, OCTETS_MAX, RefusedForms, Typed},
};
use axum::{
    body::{Body, HttpBody, to_bytes},
    extract::{Request, State},
    http::{HeaderValue, Method, StatusCode, Uri, header, request::Parts},
    middleware::Next,
    response::{IntoResponse, Response},
};
use domain::clock::Clock;

use crate::clock::SystemClock;

const COOKIE: &str = "message_center_typed";
const LIFE_S: u32 = 60;

/// What the layer has to know.
#[derive(Debug, Clone)]
pub struct Keeping {
    pub forms: RefusedForms,
    /// The cookie by which somebody is signed in.
    pub session_cookie: &'static str,
    /// Whether the cookie goes over TLS alone.
    pub https: bool,
}

pub async fn layer(State(keeping): State<Keeping>, request: Request, next: Next) -> Response {
    match *request.method() {
        Method::GET => next.run(keeping.given_back(request)).await,
        Method::POST if is_kept(&request) => keeping.run(request, next).await,
        _ => next.run(request).await,
    }
}

/// A form that a browser sends by itself, and not too long a one; with a script the answer goes to the script, which still has
/// the fields.
fn is_kept(request: &Request) -> bool {
    let has = |name: header::HeaderName, word: &str| {
        request.headers().get(name).and_then(|value| value.to_str().ok()).is_some_and(|value| value.contains(word))
    };
    FUNCTIONS.contains(&request.uri().path())
        && request.body().size_hint().exact().is_some_and(|octets| octets <= OCTETS_MAX)
        && has(header::ACCEPT, "text/html")
        && has(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
}

impl Keeping {
    async fn run(&self, request: Request, next: Next) -> Response {
        let (parts, body) = request.into_parts();
        let path = parts.uri.path().to_owned();
        let token = cookie_of(&parts, self.session_cookie).map(str::to_owned);
        let most = usize::try_from(OCTETS_MAX).unwrap_or(usize::MAX);
        let Ok(octets) = to_bytes(body, most).await else { return StatusCode::BAD_REQUEST.into_response() };
        let mut response = next.run(Request::from_parts(parts, Body::from(octets.clone()))).await;
        let location = response.headers().get(header::LOCATION).and_then(|value| value.to_str().ok());
        let Some(page) = location.filter(|location| location.contains("__err=")).map(path_of) else { return response };
        let whose = self.forms.whose(token.as_deref(), &page);
        if let Some((secret, cookie)) = self.cookie() {
            self.forms.keep(secret, whose, path, octets, SystemClock.now_ms());
            response.headers_mut().append(header::SET_COOKIE, cookie);
        }
        response
    }

    fn cookie(&self) -> Option<(String, HeaderValue)> {
        let mut octets = [0_u8; 16];
        getrandom::fill(&mut octets).ok()?;
        let secret = u128::from_ne_bytes(octets);
        let secure = if self.https { "; Secure" } else { "" };
        let cookie = format!("{COOKIE}={secret:032x}; Path=/; HttpOnly; SameSite=Strict; Max-Age={LIFE_S}{secure}");
        Some((format!("{secret:032x}"), HeaderValue::from_str(&cookie).ok()?))
    }

    /// The request for a page that a refusal leads back to, with what was typed.
    fn given_back(&self, request: Request) -> Request {
        if !request.uri().query().is_some_and(|query| query.contains("__err=")) {
            return request;
        }
        let (mut parts, body) = request.into_parts();
        if let Some(typed) = self.take(&parts) {
            parts.extensions.insert(typed);
        }
        Request::from_parts(parts, body)
    }

    fn take(&self, parts: &Parts) -> Option<Typed> {
        let whose = self.forms.whose(cookie_of(parts, self.session_cookie), parts.uri.path());
        self.forms.take(cookie_of(parts, COOKIE)?, &whose, SystemClock.now_ms())
    }
}

/// The path of an address, whole or not.
fn path_of(location: &str) -> String {
    location.parse::<Uri>().map(|uri| uri.path().to_owned()).unwrap_or_default()
}
