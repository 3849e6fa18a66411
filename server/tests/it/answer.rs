//! A request to the router, and its answer in a word.

use axum::{
    Router,
    body::Body,
    http::{HeaderMap, Request, StatusCode, header},
};
use futures::StreamExt;
use tower::ServiceExt;

use crate::actor::Verdict;

#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: String,
}

impl Answer {
    /// Sends a request. Of a stream of events, which does not end, the first one is taken.
    pub async fn to(router: &Router, request: Request<Body>) -> Self {
        let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
        let mut pieces = body.into_data_stream();
        let mut bytes = Vec::new();
        let endless = parts.headers.get(header::CONTENT_TYPE).is_some_and(|kind| kind == "text/event-stream");
        while let Some(piece) = pieces.next().await {
            bytes.extend_from_slice(&piece.unwrap());
            if endless {
                break;
            }
        }
        let body = String::from_utf8_lossy(&bytes).into_owned();
        Self { status: parts.status, headers: parts.headers, body }
    }

    pub fn location(&self) -> &str {
        self.headers.get(header::LOCATION).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    pub fn verdict(&self) -> Verdict {
        match self.status {
            StatusCode::UNAUTHORIZED => Verdict::SignIn,
            status if status.is_redirection() && self.location().starts_with("/sign-in") => Verdict::SignIn,
            StatusCode::FORBIDDEN => Verdict::Forbidden,
            StatusCode::NOT_FOUND => Verdict::NotFound,
            // The same for a link, in words that lead on.
            StatusCode::CONFLICT if self.body.contains("link does not work any more") => Verdict::NotFound,
            _ => Verdict::Through,
        }
    }

    /// For the grid.
    pub fn word(&self) -> String {
        match self.verdict() {
            Verdict::SignIn => "sign in".to_owned(),
            Verdict::Forbidden => {
                assert!(!self.body.contains("another site"), "the request is not like a browser's");
                "403".to_owned()
            }
            Verdict::NotFound => "404".to_owned(),
            Verdict::Through if self.status.is_success() || self.status.is_redirection() => "ok".to_owned(),
            Verdict::Through if self.body.contains("somebody else has to approve") => "four eyes".to_owned(),
            Verdict::Through if self.body.contains("for another address") => "409".to_owned(),
            Verdict::Through if self.body.contains("has changed meanwhile") => "409".to_owned(),
            Verdict::Through if self.body.contains("Choose a file first") => "no file".to_owned(),
            Verdict::Through if self.body.contains("without asking") => "need not".to_owned(),
            Verdict::Through if self.body.contains("has no second factor") => "has none".to_owned(),
            Verdict::Through if self.body.contains(r#""field":"code""#) => "wrong code".to_owned(),
            Verdict::Through if self.body.contains("do not belong together") => "wrong password".to_owned(),
            Verdict::Through => format!("{} {}", self.status.as_u16(), self.body),
        }
    }
}
