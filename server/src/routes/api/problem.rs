//! Errors as programs read them: problem details (RFC 9457), for everything under `/api/v1` but `/api/v1/messaging`, which
//! wraps them in its own way.
//!
//! Handlers refuse with a [`Problem`]; the layer writes it down. What nobody refused by hand (no such path, another method,
//! a body that is too large) is written down by its status.

use app::{AppError, FieldError, request::RequestId};
use axum::{
    body::Body,
    extract::Request,
    http::{HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::messaging;

const CONTENT_TYPE: HeaderValue = HeaderValue::from_static("application/problem+json");
/// RFC 6750 §3. The same whatever is wrong with a key.
const AUTHENTICATE: HeaderValue = HeaderValue::from_static("Bearer realm=\"Message Center\"");

/// A refusal on its way to the layer.
#[derive(Debug, Clone)]
pub struct Problem {
    status: StatusCode,
    detail: String,
    errors: Vec<FieldProblem>,
    retry_after_s: Option<u32>,
    /// Where answers have codes of their own; None: that of the status.
    code: Option<&'static str>,
}

/// A parameter or a field of the body that was refused.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FieldProblem {
    parameter: String,
    detail: String,
}

/// As it is sent. `type` is `about:blank`: the title is that of the status, and `detail` says the rest.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Problem)]
pub struct Written {
    #[schema(value_type = String)]
    r#type: &'static str,
    #[schema(value_type = String)]
    title: &'static str,
    status: u16,
    detail: String,
    /// Which parameters or fields, and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    errors: Vec<FieldProblem>,
    request_id: String,
}

impl Problem {
    /// A refused parameter of the query, or a field of the body.
    pub fn parameter(name: &str, detail: impl Into<String>) -> Self {
        AppError::field(name, detail).into()
    }

    /// Refused fields of the body, each with its reason.
    pub fn fields(errors: impl IntoIterator<Item = (String, String)>) -> Self {
        let fields = errors.into_iter().map(|(field, message)| FieldError { field, message }).collect();
        AppError::fields(fields).into()
    }

    /// The request is understood, and cannot be done as things stand.
    pub fn conflict(detail: impl Into<String>) -> Self {
        AppError::conflict(detail).into()
    }

    /// Not for this caller, with a code and a reason of its own.
    pub fn forbidden(code: &'static str, detail: &str) -> Self {
        Self { detail: detail.to_owned(), code: Some(code), ..Self::of_status(StatusCode::FORBIDDEN) }
    }

    /// Understood by somebody else whom it was passed on to, and refused by them, perhaps for some of its fields.
    pub fn refused(code: &'static str, detail: String, errors: impl IntoIterator<Item = (String, String)>) -> Self {
        let errors = errors.into_iter().map(|(parameter, detail)| FieldProblem { parameter, detail }).collect();
        Self { detail, errors, code: Some(code), ..Self::of_status(StatusCode::UNPROCESSABLE_ENTITY) }
    }

    /// Somebody else is needed for it, who does not answer.
    pub fn unavailable(code: &'static str, detail: String, retry_after_s: Option<u32>) -> Self {
        Self { detail, code: Some(code), retry_after_s, ..Self::of_status(StatusCode::SERVICE_UNAVAILABLE) }
    }

    /// A body that cannot be read at all.
    pub fn bad_request(detail: String) -> Self {
        Self { detail, ..Self::of_status(StatusCode::BAD_REQUEST) }
    }

    /// It was refused for what was asked; asked again, it would be refused again. Not so when somebody was quicker, or
    /// something was down.
    pub fn changed_nothing(&self) -> bool {
        let passing = [StatusCode::CONFLICT, StatusCode::TOO_MANY_REQUESTS];
        // What the registry refused is kept here as a draft.
        let kept = self.code == Some("REGISTRY_REFUSED");
        self.status.is_client_error() && !passing.contains(&self.status) && !kept
    }

    /// The names of what was refused.
    #[cfg(test)]
    pub fn parameters(&self) -> Vec<&str> {
        self.errors.iter().map(|error| error.parameter.as_str()).collect()
    }

    pub fn of_status(status: StatusCode) -> Self {
        let detail = match status {
            StatusCode::UNAUTHORIZED => "Send a working API key: Authorization: Bearer mc_…",
            StatusCode::FORBIDDEN => "This key is not for this.",
            StatusCode::NOT_FOUND => "There is nothing here, or it is not open to you.",
            StatusCode::METHOD_NOT_ALLOWED => "This address does not take this method; Allow says which it takes.",
            StatusCode::PAYLOAD_TOO_LARGE => "The body is larger than this address takes.",
            StatusCode::UNSUPPORTED_MEDIA_TYPE => "The body has a Content-Type that this address does not take.",
            StatusCode::BAD_REQUEST => "The request could not be understood.",
            _ => "The request could not be answered.",
        };
        Self { status, detail: detail.to_owned(), errors: Vec::new(), retry_after_s: None, code: None }
    }

    /// In capitals, such as `NOT_FOUND`.
    fn code(&self) -> String {
        match (self.code, self.status) {
            (Some(code), _) => code.to_owned(),
            (None, StatusCode::UNPROCESSABLE_ENTITY) => "VALIDATION_FAILED".to_owned(),
            (None, StatusCode::INTERNAL_SERVER_ERROR) => "INTERNAL_ERROR".to_owned(),
            (None, status) => status.canonical_reason().unwrap_or("Error").to_uppercase().replace(' ', "_"),
        }
    }

    fn write(self, request_id: String) -> Vec<u8> {
        let written = Written {
            r#type: "about:blank",
            title: self.status.canonical_reason().unwrap_or("Error"),
            status: self.status.as_u16(),
            detail: self.detail,
            errors: self.errors,
            request_id,
        };
        serde_json::to_vec(&written).unwrap_or_default()
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let status = StatusCode::from_u16(error.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        let plain = Self::of_status(status);
        match error {
            // Pages say these to people who are signed in.
            AppError::SignedOut | AppError::Forbidden | AppError::NotFound | AppError::BadRequest => plain,
            AppError::TooMany { retry_after_s } => Self {
                detail: format!("Too many requests with this key. Go on in {retry_after_s} seconds."),
                retry_after_s: Some(retry_after_s),
                ..plain
            },
            AppError::Internal { .. } => Self { detail: "Something went wrong on our side.".to_owned(), ..plain },
            other => Self {
                detail: other.to_string(),
                errors: other
                    .field_errors()
                    .iter()
                    .map(|error| FieldProblem { parameter: error.field.clone(), detail: error.message.clone() })
                    .collect(),
                ..plain
            },
        }
    }
}

impl From<store::Error> for Problem {
    fn from(error: store::Error) -> Self {
        AppError::from(error).into()
    }
}

impl IntoResponse for Problem {
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

/// Whether a path belongs to the programs' half.
pub fn is_of_api(path: &str) -> bool {
    path == "/api/v1" || path.starts_with("/api/v1/")
}

pub async fn layer(request: Request, next: Next) -> Response {
    if !is_of_api(request.uri().path()) {
        return next.run(request).await;
    }
    let request_id = request.extensions().get::<RequestId>().map(|id| id.0.to_string()).unwrap_or_default();
    let wrapped = messaging::is_of_messaging(request.uri().path());
    let response = next.run(request).await;
    if !response.status().is_client_error() && !response.status().is_server_error() {
        return response;
    }
    let (mut parts, _) = response.into_parts();
    let problem = parts.extensions.remove::<Problem>().unwrap_or_else(|| Problem::of_status(parts.status));
    parts.headers.remove(header::CONTENT_LENGTH);
    let kind = if wrapped { HeaderValue::from_static("application/json") } else { CONTENT_TYPE };
    parts.headers.insert(header::CONTENT_TYPE, kind);
    if problem.status == StatusCode::UNAUTHORIZED {
        parts.headers.insert(header::WWW_AUTHENTICATE, AUTHENTICATE);
    }
    if let Some(retry_after_s) = problem.retry_after_s {
        parts.headers.insert(header::RETRY_AFTER, HeaderValue::from(retry_after_s));
    }
    let body = if wrapped {
        messaging::write_error(&problem.code(), &problem.detail, &problem.errors, &request_id)
    } else {
        problem.write(request_id)
    };
    Response::from_parts(parts, Body::from(body))
}

#[cfg(test)]
mod tests {
    use axum::{Router, extract::DefaultBodyLimit, middleware::from_fn, routing::post};
    use tower::ServiceExt;

    use super::*;

    async fn answer(request: axum::http::Request<Body>) -> (StatusCode, Option<HeaderValue>, serde_json::Value) {
        async fn take(_: axum::Json<serde_json::Value>) {}
        let router =
            Router::new().route("/api/v1/things", post(take).layer(DefaultBodyLimit::max(10))).layer(from_fn(layer));
        let (parts, body) = router.oneshot(request).await.unwrap().into_parts();
        let body = axum::body::to_bytes(body, 10_000).await.unwrap();
        let kind = parts.headers.get(header::CONTENT_TYPE).cloned();
        (parts.status, kind, serde_json::from_slice(&body).unwrap())
    }

    /// None of these reaches a handler of ours.
    #[tokio::test]
    async fn what_nobody_refused_by_hand_is_a_problem_too() {
        let request = |method: &str, path: &str, kind: &str, body: &str| {
            let request = Request::builder().method(method).uri(path).header(header::CONTENT_TYPE, kind);
            request.body(Body::from(body.to_owned())).unwrap()
        };
        for (request, status) in [
            (request("POST", "/api/v1/nothing", "application/json", "{}"), 404),
            (request("GET", "/api/v1/things", "application/json", ""), 405),
            (request("POST", "/api/v1/things", "application/json", "{\"a\": \"long enough\"}"), 413),
            (request("POST", "/api/v1/things", "text/plain", "{}"), 415),
            (request("POST", "/api/v1/things", "application/json", "{"), 400),
        ] {
            let (given, kind, body) = answer(request).await;
            assert_eq!(given.as_u16(), status);
            assert_eq!(kind, Some(CONTENT_TYPE));
            assert_eq!(body["status"], status);
            assert_eq!(body["type"], "about:blank");
            assert_eq!(body["title"], given.canonical_reason().unwrap());
        }
    }
}
