//! The simulator's control page: how it behaves, changed while it runs, and what it has counted.
//!
//! There is no sign-in: it is for the machine on which the simulator runs, and nothing that it does reaches a phone.
//! What a page of another site sends is refused.

use axum::{
    Form, Json, Router,
    extract::{Request, State},
    http::{HeaderValue, StatusCode, header},
    middleware::{self, Next},
    response::{Html, IntoResponse, Redirect, Response},
    routing::{get, post},
};
use serde::Deserialize;
use smpp::simulator::{Behaviour, Control, Counts, Inbound, PrefixError};

/// The page and what programs use instead of it.
pub fn router(control: Control) -> Router {
    Router::new()
        .route("/", get(page).post(change))
        .route("/behaviour", get(behaviour).put(replace))
        .route("/counts", get(counts))
        .route("/hang-up", post(hang_up))
        .route("/write", post(write))
        .layer(middleware::from_fn(own_site))
        .with_state(control)
}

/// A browser says where a request comes from; a program has no reason to.
async fn own_site(request: Request, next: Next) -> Response {
    let site = request.headers().get("sec-fetch-site").and_then(|site| site.to_str().ok());
    let mut response = match site {
        None | Some("same-origin" | "none") => next.run(request).await,
        Some(_) => (StatusCode::FORBIDDEN, "not from another site").into_response(),
    };
    let policy = HeaderValue::from_static("default-src 'none'; form-action 'self'; frame-ancestors 'none'");
    response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
    response
}

async fn behaviour(State(control): State<Control>) -> Json<Behaviour> {
    Json(control.behaviour())
}

async fn replace(State(control): State<Control>, Json(behaviour): Json<Behaviour>) -> Response {
    match check(&behaviour) {
        Ok(()) => {
            control.update(|current| *current = behaviour);
            StatusCode::NO_CONTENT.into_response()
        }
        Err(words) => (StatusCode::BAD_REQUEST, words).into_response(),
    }
}

async fn counts(State(control): State<Control>) -> Json<Counts> {
    Json(control.counts())
}

async fn hang_up(State(control): State<Control>) -> Redirect {
    control.hang_up();
    Redirect::to("/")
}

/// What a subscriber writes.
#[derive(Debug, Deserialize)]
struct Written {
    from: String,
    to: String,
    text: String,
}

async fn write(State(control): State<Control>, Form(Written { from, to, text }): Form<Written>) -> Redirect {
    control.write(Inbound::text(from.trim(), to.trim(), &text));
    Redirect::to("/")
}

/// The fields of the page. Empty ones are off.
#[derive(Debug, Deserialize)]
struct Fields {
    latency_ms: String,
    max_submits_per_s: String,
    throttle_rate: String,
    error_rate: String,
    silence_rate: String,
    errors_by_prefix: String,
    receipt_delay_ms: String,
    receipt_jitter_ms: String,
    receipt_loss_rate: String,
    receipt_duplicate_rate: String,
    receipt_failure_rate: String,
    close_after_submits: String,
    unbind_after_submits: String,
}

async fn page(State(control): State<Control>) -> Html<String> {
    render(&control, None)
}

async fn change(State(control): State<Control>, Form(fields): Form<Fields>) -> Response {
    match fields.apply(control.behaviour()) {
        Ok(behaviour) => {
            control.update(|current| *current = behaviour);
            Redirect::to("/").into_response()
        }
        Err(words) => (StatusCode::BAD_REQUEST, render(&control, Some(&words))).into_response(),
    }
}

impl Fields {
    /// The behaviour with what the fields say; the rest stays.
    fn apply(&self, mut behaviour: Behaviour) -> Result<Behaviour, String> {
        behaviour.latency_ms = number("latency", &self.latency_ms)?.unwrap_or(0);
        behaviour.max_submits_per_s = number("submits a second", &self.max_submits_per_s)?;
        behaviour.throttle_rate = number("throttled", &self.throttle_rate)?.unwrap_or(0.0);
        behaviour.error_rate = number("refused", &self.error_rate)?.unwrap_or(0.0);
        behaviour.silence_rate = number("unanswered", &self.silence_rate)?.unwrap_or(0.0);
        behaviour.errors_by_prefix = prefixes(&self.errors_by_prefix)?;
        behaviour.receipts.delay_ms = number("delay", &self.receipt_delay_ms)?.unwrap_or(0);
        behaviour.receipts.jitter_ms = number("disorder", &self.receipt_jitter_ms)?.unwrap_or(0);
        behaviour.receipts.loss_rate = number("lost", &self.receipt_loss_rate)?.unwrap_or(0.0);
        behaviour.receipts.duplicate_rate = number("doubled", &self.receipt_duplicate_rate)?.unwrap_or(0.0);
        behaviour.receipts.failure_rate = number("failed", &self.receipt_failure_rate)?.unwrap_or(0.0);
        behaviour.close_after_submits = number("closes after", &self.close_after_submits)?;
        behaviour.unbind_after_submits = number("unbinds after", &self.unbind_after_submits)?;
        check(&behaviour).map(|()| behaviour)
    }
}

fn number<T: std::str::FromStr>(field: &str, text: &str) -> Result<Option<T>, String> {
    match text.trim() {
        "" => Ok(None),
        text => text.parse().map(Some).map_err(|_| format!("“{field}” has to be a number")),
    }
}

/// `4366=0x0B, 4369=20`: destinations that begin like this are refused with the status.
fn prefixes(text: &str) -> Result<Vec<PrefixError>, String> {
    let entries = text.split([',', '\n']).map(str::trim).filter(|entry| !entry.is_empty());
    let parse = |entry: &str| {
        let wrong = || format!("“{entry}” has to be digits, =, and a command_status, such as 4366=0x0B");
        let (prefix, status) = entry.split_once('=').ok_or_else(wrong)?;
        let (prefix, status) = (prefix.trim(), status.trim());
        let command_status = match status.strip_prefix("0x").or_else(|| status.strip_prefix("0X")) {
            Some(digits) => u32::from_str_radix(digits, 16),
            None => status.parse(),
        };
        let is_number = !prefix.is_empty() && prefix.bytes().all(|digit| digit.is_ascii_digit());
        match command_status {
            Ok(command_status) if is_number => Ok(PrefixError { prefix: prefix.to_owned(), command_status }),
            _ => Err(wrong()),
        }
    };
    entries.map(parse).collect()
}

fn check(behaviour: &Behaviour) -> Result<(), String> {
    let receipts = &behaviour.receipts;
    let shares = [
        ("throttled", behaviour.throttle_rate),
        ("refused", behaviour.error_rate),
        ("unanswered", behaviour.silence_rate),
        ("lost", receipts.loss_rate),
        ("doubled", receipts.duplicate_rate),
        ("failed", receipts.failure_rate),
    ];
    match shares.into_iter().find(|(_, share)| !(0.0..=1.0).contains(share)) {
        Some((name, _)) => Err(format!("“{name}” is a share, from 0 to 1")),
        None => Ok(()),
    }
}

/// A number as a field has it: nothing when it is off.
fn shown<T: Default + PartialEq + ToString>(value: &T) -> String {
    if *value == T::default() { String::new() } else { value.to_string() }
}

fn render(control: &Control, refused: Option<&str>) -> Html<String> {
    let behaviour = control.behaviour();
    let receipts = &behaviour.receipts;
    let by_prefix: Vec<_> = behaviour
        .errors_by_prefix
        .iter()
        .map(|rule| format!("{}=0x{:02X}", rule.prefix, rule.command_status))
        .collect();
    let fields = [
        ("Submits", "latency_ms", "Latency of the response, in ms", shown(&behaviour.latency_ms)),
        ("", "max_submits_per_s", "Throttled above so many a second", shown(&behaviour.max_submits_per_s.unwrap_or(0))),
        ("", "throttle_rate", "Share that is throttled, 0 to 1", shown(&behaviour.throttle_rate)),
        ("", "error_rate", "Share that is refused, 0 to 1", shown(&behaviour.error_rate)),
        ("", "silence_rate", "Share that is accepted and never answered, 0 to 1", shown(&behaviour.silence_rate)),
        ("", "errors_by_prefix", "Refused by the start of the number, such as 4366=0x0B", by_prefix.join(", ")),
        ("Receipts", "receipt_delay_ms", "Delay, in ms", shown(&receipts.delay_ms)),
        ("", "receipt_jitter_ms", "Disorder: up to so many ms more each", shown(&receipts.jitter_ms)),
        ("", "receipt_loss_rate", "Share that is lost, 0 to 1", shown(&receipts.loss_rate)),
        ("", "receipt_duplicate_rate", "Share that comes twice, 0 to 1", shown(&receipts.duplicate_rate)),
        ("", "receipt_failure_rate", "Share that reports a failure, 0 to 1", shown(&receipts.failure_rate)),
        (
            "Connections",
            "close_after_submits",
            "Closed after so many submits",
            shown(&behaviour.close_after_submits.unwrap_or(0)),
        ),
        (
            "",
            "unbind_after_submits",
            "Asked to unbind after so many submits",
            shown(&behaviour.unbind_after_submits.unwrap_or(0)),
        ),
    ];
    let mut form = String::new();
    for (group, name, label, value) in fields {
        if !group.is_empty() {
            form.push_str(&format!("<h2>{group}</h2>"));
        }
        form.push_str(&format!(
            "<p><label for={name}>{label}</label><br><input id={name} name={name} value=\"{value}\"></p>"
        ));
    }
    let counts = serde_json::to_value(control.counts()).unwrap_or_default();
    let rows: String = counts
        .as_object()
        .into_iter()
        .flatten()
        .map(|(name, count)| format!("<tr><th scope=row>{}</th><td>{count}</td></tr>", name.replace('_', " ")))
        .collect();
    let refused =
        refused.map(|words| format!("<p role=alert><strong>{}</strong></p>", escaped(words))).unwrap_or_default();
    Html(format!(
        "<!doctype html><html lang=en><meta charset=utf-8><meta name=viewport content=\"width=device-width\">\
         <title>Simulator</title><meta name=color-scheme content=\"light dark\"><main><h1>Simulator SMSC</h1>{refused}\
         <form method=post>{form}<p><button>Change</button></p></form>\
         <h2>A subscriber writes</h2><form method=post action=/write>\
         <p><label for=from>From the number</label><br><input id=from name=from required></p>\
         <p><label for=to>To the sender</label><br><input id=to name=to required></p>\
         <p><label for=text>Text</label><br><input id=text name=text value=STOP></p><p><button>Send it</button></p></form>\
         <form method=post action=/hang-up><p><button>Close every connection</button></p></form>\
         <h2>Counts</h2><table>{rows}</table>\
         <p>For programs: GET and PUT <code>/behaviour</code>, GET <code>/counts</code>, POST <code>/hang-up</code>, POST <code>/write</code> (a form: from, to, text).</p></main></html>"
    ))
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use smpp::simulator::{Simulator, SimulatorConfig};
    use tower::ServiceExt;

    use super::*;

    fn fields() -> Fields {
        let empty = String::new;
        Fields {
            latency_ms: empty(),
            max_submits_per_s: empty(),
            throttle_rate: empty(),
            error_rate: empty(),
            silence_rate: empty(),
            errors_by_prefix: empty(),
            receipt_delay_ms: empty(),
            receipt_jitter_ms: empty(),
            receipt_loss_rate: empty(),
            receipt_duplicate_rate: empty(),
            receipt_failure_rate: empty(),
            close_after_submits: empty(),
            unbind_after_submits: empty(),
        }
    }

    #[test]
    fn fields_are_read_and_mistakes_named() {
        let set = Fields {
            latency_ms: "20".into(),
            errors_by_prefix: "4366=0x0B, 4369=88".into(),
            receipt_loss_rate: " 0.5 ".into(),
            ..fields()
        };
        let behaviour = set.apply(Behaviour::default()).unwrap();
        assert_eq!((behaviour.latency_ms, behaviour.receipts.loss_rate), (20, 0.5));
        let rule = |prefix: &str, command_status| PrefixError { prefix: prefix.into(), command_status };
        assert_eq!(behaviour.errors_by_prefix, [rule("4366", 0x0B), rule("4369", 88)]);
        assert_eq!(fields().apply(behaviour).unwrap(), Behaviour::default(), "empty is off");
        for (wrong, named) in [
            (Fields { latency_ms: "soon".into(), ..fields() }, "latency"),
            (Fields { error_rate: "7".into(), ..fields() }, "0 to 1"),
            (Fields { errors_by_prefix: "<b>=1".into(), ..fields() }, "4366=0x0B"),
        ] {
            assert!(wrong.apply(Behaviour::default()).unwrap_err().contains(named));
        }
    }

    /// Status and text of an answer; `site`: where a browser says that the request comes from.
    async fn asked(
        router: &Router,
        method: &str,
        path: &str,
        kind: &str,
        body: &str,
        site: Option<&str>,
    ) -> (u16, String) {
        let mut request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, kind);
        if let Some(site) = site {
            request = request.header("sec-fetch-site", site);
        }
        let request = request.body(axum::body::Body::from(body.to_owned())).unwrap();
        let (parts, body) = router.clone().oneshot(request).await.unwrap().into_parts();
        let body = axum::body::to_bytes(body, 1 << 20).await.unwrap();
        (parts.status.as_u16(), String::from_utf8(body.to_vec()).unwrap())
    }

    #[tokio::test]
    async fn programs_and_the_form_change_it_and_other_sites_do_not() {
        const JSON: &str = "application/json";
        const FORM: &str = "application/x-www-form-urlencoded";
        let simulator = Simulator::bind(SimulatorConfig::loopback()).await.unwrap();
        let control = simulator.control();
        let router = router(control.clone());
        let put = |body| asked(&router, "PUT", "/behaviour", JSON, body, None);
        assert_eq!(put("{\"latency_ms\": 20}").await.0, 204);
        assert_eq!(control.behaviour().latency_ms, 20);
        let (status, words) = put("{\"error_rate\": 7}").await;
        assert!(status == 400 && words.contains("0 to 1"), "{status} {words}");
        assert_eq!(put("{\"latency\": 20}").await.0, 422, "no such knob");
        let (status, read) = asked(&router, "GET", "/behaviour", JSON, "", None).await;
        assert!(status == 200 && read.contains("\"latency_ms\":20"), "{read}");

        let names = "latency_ms=30&max_submits_per_s=&throttle_rate=&error_rate=&silence_rate=&errors_by_prefix=&\
                     receipt_delay_ms=&receipt_jitter_ms=&receipt_loss_rate=0.5&receipt_duplicate_rate=&\
                     receipt_failure_rate=&close_after_submits=&unbind_after_submits=";
        assert_eq!(asked(&router, "POST", "/", FORM, names, Some("same-origin")).await.0, 303);
        assert_eq!((control.behaviour().latency_ms, control.behaviour().receipts.loss_rate), (30, 0.5));
        let wrong = names.replace("=30", "=soon");
        let (status, page) = asked(&router, "POST", "/", FORM, &wrong, Some("same-origin")).await;
        assert!(status == 400 && page.contains("has to be a number"), "{page}");

        for (method, path) in [("POST", "/"), ("PUT", "/behaviour"), ("POST", "/write"), ("POST", "/hang-up")] {
            for site in ["cross-site", "same-site"] {
                let refused = asked(&router, method, path, FORM, &names.replace("=30", "=99"), Some(site)).await;
                assert_eq!(refused.0, 403, "{method} {path}");
            }
        }
        assert_eq!(control.behaviour().latency_ms, 30);
    }

    #[tokio::test]
    async fn the_page_shows_what_is_set() {
        let simulator = Simulator::bind(SimulatorConfig::loopback()).await.unwrap();
        let control = simulator.control();
        control.update(|behaviour| behaviour.latency_ms = 77);
        let Html(page) = render(&control, Some("<script>"));
        assert!(page.contains("value=\"77\"") && page.contains("receipts waiting") && !page.contains("<script>"));
    }
}
