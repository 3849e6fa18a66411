//! What the proxy answers by itself when there is nothing of Grafana's to show: words that say what to do, as a page for
//! people and as JSON for Grafana's own scripts, which show the `message`.

use axum::{
    Json,
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{Html, IntoResponse, Response},
};

use super::paths::Closed;

/// Why nothing of Grafana's is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Trouble {
    /// No ticket, or one that is spent, too old or made up.
    Ticket,
    /// Nobody came in with this browser, or they are signed out by now, blocked, or super admins no more.
    Over,
    /// Nobody knows whether the session goes on.
    Unsure,
    /// Sent by a page of another origin.
    Elsewhere,
    Odd,
    Unknown,
    Method(&'static str),
    /// A question to a data source that is not shown, or none that can be read.
    Question,
    TooLarge,
    Busy,
    Down,
    Slow,
    /// Grafana wants a sign-in: it does not believe the proxy.
    Distrusted,
    /// Grafana sends the browser where it may not go.
    Astray,
}

impl Trouble {
    const fn status(self) -> StatusCode {
        match self {
            Self::Ticket | Self::Over => StatusCode::UNAUTHORIZED,
            Self::Unsure | Self::Busy => StatusCode::SERVICE_UNAVAILABLE,
            Self::Elsewhere | Self::Question => StatusCode::FORBIDDEN,
            Self::Odd => StatusCode::BAD_REQUEST,
            Self::Unknown => StatusCode::NOT_FOUND,
            Self::Method(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Down | Self::Distrusted | Self::Astray => StatusCode::BAD_GATEWAY,
            Self::Slow => StatusCode::GATEWAY_TIMEOUT,
        }
    }

    const fn words(self) -> (&'static str, &'static str) {
        match self {
            Self::Ticket => (
                "These dashboards have to be opened anew",
                "A page can open them once, within half a minute. Load the page around them again, or press “Open the \
                 dashboards” there.",
            ),
            Self::Over => (
                "These dashboards are not open",
                "They are open for super admins who are signed in to Message Center. Go to its page Monitoring, Grafana, \
                 and press “Open the dashboards”.",
            ),
            Self::Unsure => (
                "Message Center cannot look who you are",
                "Its database does not answer at the moment. Try again in some seconds.",
            ),
            Self::Elsewhere => ("Refused", "This request came from another site."),
            Self::Odd => ("There is no such address", "Addresses here are written without escapes."),
            Self::Unknown => (
                "This is not shown here",
                "Message Center shows the dashboards that its configuration names, and nothing else of Grafana. For the \
                 rest, go to Grafana itself.",
            ),
            Self::Method(_) => ("This cannot be done here", "Dashboards are looked at here, and not changed."),
            Self::Question => (
                "This cannot be asked here",
                "Panels may ask the data sources that the configuration of Message Center names: datasources of [grafana].",
            ),
            Self::TooLarge => ("This question is too long", "Ask for less at a time."),
            Self::Busy => {
                ("Too much is asked at the moment", "Close dashboards that nobody needs, or try again in some seconds.")
            }
            Self::Down => (
                "Grafana does not answer",
                "Start it, and see whether url of [grafana] leads to it; Diagnostics say how the attempt ends. What is being \
                 sent is not concerned, and the charts of Message Center go on.",
            ),
            Self::Slow => (
                "Grafana takes too long",
                "Ask for less time at once, or see what Prometheus does. What is being sent is not concerned.",
            ),
            Self::Distrusted => (
                "Grafana asks for a sign-in",
                "Its section [auth.proxy] has to be enabled, with the names of the headers that [grafana] has here, and with \
                 the address of this server in its whitelist: docs/OPERATIONS.md, “Grafana within the pages”.",
            ),
            Self::Astray => (
                "Grafana leads somewhere else",
                "Its root_url has to be public_url of [grafana], and serve_from_sub_path off.",
            ),
        }
    }

    /// The answer, for whoever asked with these headers.
    pub fn answer(self, asked: &HeaderMap) -> Response {
        let (title, text) = self.words();
        let accept = asked.get(header::ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let mut answer = if accept.contains("text/html") {
            Html(page(title, text)).into_response()
        } else {
            Json(serde_json::json!({ "message": format!("{title}. {text}") })).into_response()
        };
        *answer.status_mut() = self.status();
        if let Self::Method(methods) = self {
            answer.headers_mut().insert(header::ALLOW, HeaderValue::from_static(methods));
        }
        if self.status() == StatusCode::SERVICE_UNAVAILABLE {
            answer.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
        }
        answer
    }
}

impl From<Closed> for Trouble {
    fn from(closed: Closed) -> Self {
        match closed {
            Closed::Odd => Self::Odd,
            Closed::Unknown => Self::Unknown,
            Closed::Method(methods) => Self::Method(methods),
        }
    }
}

/// Without a style: the browser's own colours follow the system's theme. Both texts are ours and hold no HTML.
fn page(title: &str, text: &str) -> String {
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width\">\n<meta name=\"color-scheme\" content=\"light dark\">\n\
         <title>{title}</title>\n</head>\n<body>\n<main>\n<h1>{title}</h1>\n<p>{text}</p>\n</main>\n</body>\n</html>\n"
    )
}
