//! What a program sends: the body of a request, and the key under which the request may be repeated.

use std::future::Future;

use app::AppError;
use axum::{
    extract::{FromRequest, Request},
    http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use bytes::Bytes;
use domain::campaign::Campaign;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use store::{
    On,
    idempotency::{self, Answer, Caller, Claim, Seen},
};
use tracing::Instrument;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{asked::named, problem::Problem};

const IDEMPOTENCY_KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Says of an answer that it was given before.
const REPLAYED: HeaderName = HeaderName::from_static("idempotency-replayed");

/// A request that may be repeated comes to its end, also when nobody waits for its answer any more: it is there for whoever
/// repeats it.
pub async fn layer(request: Request, next: Next) -> Response {
    if !request.headers().contains_key(IDEMPOTENCY_KEY) {
        return next.run(request).await;
    }
    match tokio::spawn(next.run(request).in_current_span()).await {
        Ok(response) => response,
        Err(ended) => match ended.try_into_panic() {
            Ok(panic) => std::panic::resume_unwind(panic),
            Err(_) => Problem::of_status(StatusCode::SERVICE_UNAVAILABLE).into_response(),
        },
    }
}

/// A body in JSON, of which every field is known: the type denies unknown fields. No body is an empty object.
#[derive(Debug)]
pub struct Posted<T> {
    pub value: T,
    method: String,
    address: String,
    bytes: Bytes,
    idempotency_key: Option<String>,
}

/// The body of a request whose address says all.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Nothing {}

impl<T: DeserializeOwned, S: Send + Sync> FromRequest<S> for Posted<T> {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let headers = request.headers().clone();
        let method = request.method().to_string();
        let address = request.uri().path_and_query().map(ToString::to_string).unwrap_or_default();
        let idempotency_key = idempotency_key(&headers)?;
        let bytes =
            Bytes::from_request(request, state).await.map_err(|refused| Problem::of_status(refused.status()))?;
        if !bytes.is_empty() && !is_json(&headers) {
            return Err(Problem::of_status(StatusCode::UNSUPPORTED_MEDIA_TYPE));
        }
        let value = read(if bytes.is_empty() { b"{}" } else { &bytes })?;
        Ok(Self { value, method, address, bytes, idempotency_key })
    }
}

fn idempotency_key(headers: &HeaderMap) -> Result<Option<String>, Problem> {
    let Some(key) = headers.get(IDEMPOTENCY_KEY) else { return Ok(None) };
    let key = key.to_str().map_err(|_| Problem::parameter("Idempotency-Key", "Printable ASCII is expected."))?;
    Ok(Some(key.to_owned()))
}

fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(header::CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}

fn read<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let mut json = serde_json::Deserializer::from_slice(bytes);
    let value = serde_path_to_error::deserialize(&mut json).map_err(|refused| {
        let path = refused.path().to_string();
        let message = refused.inner().to_string();
        if !refused.inner().is_data() {
            return Problem::bad_request(format!("The body is not JSON: {message}."));
        }
        let within = Some(path).filter(|path| path != ".").unwrap_or_default();
        let name = match (within.as_str(), named(&message)) {
            ("", name) => name.unwrap_or("body").to_owned(),
            (within, Some(name)) if !within.ends_with(name) => format!("{within}.{name}"),
            (within, _) => within.to_owned(),
        };
        Problem::parameter(&name, app::error::sentence(&message))
    })?;
    json.end().map_err(|refused| Problem::bad_request(format!("The body is not JSON: {refused}.")))?;
    Ok(value)
}

impl<T> Posted<T> {
    /// The request with its key; None: it has none.
    pub fn request(&self, caller: impl Into<Caller>) -> Result<Option<idempotency::Request>, Problem> {
        let Some(key) = &self.idempotency_key else { return Ok(None) };
        let what = [self.method.as_bytes(), self.address.as_bytes(), &self.bytes];
        Ok(Some(idempotency::Request::new(caller, key, &what)?))
    }

    /// Does what was asked for, or gives the answer of the first time. `work` gets the id of what it makes, if the request
    /// may be repeated.
    pub async fn once<V, F>(
        self,
        caller: impl Into<Caller> + Send,
        work: impl FnOnce(T, Option<Uuid>) -> F + Send,
    ) -> Result<Response, Problem>
    where
        V: Serialize,
        F: Future<Output = Result<(StatusCode, V), Problem>> + Send,
    {
        self.once_kept(caller, None, work).await
    }

    /// The same; `forget` takes out of the answer what is not kept, such as a secret.
    pub async fn once_but<V, F>(
        self,
        caller: impl Into<Caller> + Send,
        forget: fn(&mut serde_json::Value),
        work: impl FnOnce(T, Option<Uuid>) -> F + Send,
    ) -> Result<Response, Problem>
    where
        V: Serialize,
        F: Future<Output = Result<(StatusCode, V), Problem>> + Send,
    {
        self.once_kept(caller, Some(forget), work).await
    }

    async fn once_kept<V, F>(
        self,
        caller: impl Into<Caller> + Send,
        forget: Option<fn(&mut serde_json::Value)>,
        work: impl FnOnce(T, Option<Uuid>) -> F + Send,
    ) -> Result<Response, Problem>
    where
        V: Serialize,
        F: Future<Output = Result<(StatusCode, V), Problem>> + Send,
    {
        let claim = match self.take(caller).await? {
            Taken::Free => {
                let (status, view) = work(self.value, None).await?;
                return Ok(written(&answer(status, &view)?));
            }
            Taken::Claimed(claim) => *claim,
            Taken::Answered(answer) => return Ok(again(&answer)),
        };
        let done = work(self.value, Some(claim.resource())).await;
        settle(claim, done, forget).await
    }

    /// Makes a decision on a campaign, which commits together with the word that the request is done. Was it done, and cut
    /// off before its answer, then nothing is decided again, and the answer shows the campaign as it is now.
    pub async fn decide<P, V, F>(
        self,
        caller: impl Into<Caller> + Send,
        proof: On<P>,
        work: impl FnOnce(On<P>) -> F + Send,
    ) -> Result<Response, Problem>
    where
        V: Serialize + From<Campaign>,
        F: Future<Output = Result<Campaign, Problem>> + Send,
    {
        let claim = match self.take(caller).await? {
            Taken::Free => {
                let view = V::from(work(proof).await?);
                return Ok(written(&answer(StatusCode::OK, &view)?));
            }
            Taken::Claimed(claim) => *claim,
            Taken::Answered(answer) => return Ok(again(&answer)),
        };
        if claim.is_done() {
            let shown = answer(StatusCode::OK, &V::from(proof.into_campaign()))?;
            keep(claim, shown.clone()).await;
            return Ok(again(&shown));
        }
        let decided = work(proof.for_request(&claim)).await;
        settle(claim, decided.map(|campaign| (StatusCode::OK, V::from(campaign))), None).await
    }

    async fn take(&self, caller: impl Into<Caller>) -> Result<Taken, Problem> {
        let caller = caller.into();
        let Some(request) = self.request(caller.clone())? else { return Ok(Taken::Free) };
        match idempotency::begin(caller, &request).await? {
            Seen::First(claim) => Ok(Taken::Claimed(Box::new(claim))),
            Seen::Before(answer) => Ok(Taken::Answered(answer)),
            Seen::Running => Err(running()),
            Seen::Other => Err(of_another_request()),
        }
    }
}

/// How it stands with the key of a request.
enum Taken {
    /// There is none.
    Free,
    Claimed(Box<Claim>),
    Answered(Answer),
}

/// Leaves what becomes of a claim.
async fn settle<V: Serialize>(
    claim: Claim,
    done: Result<(StatusCode, V), Problem>,
    forget: Option<fn(&mut serde_json::Value)>,
) -> Result<Response, Problem> {
    match done {
        Ok((status, view)) => {
            let given = answer(status, &view)?;
            let kept = match forget {
                None => given.clone(),
                Some(forget) => {
                    let mut kept = serde_json::to_value(&view).map_err(AppError::internal)?;
                    forget(&mut kept);
                    answer(status, &kept)?
                }
            };
            keep(claim, kept).await;
            Ok(written(&given))
        }
        Err(problem) => {
            if problem.changed_nothing()
                && let Err(cause) = claim.refused().await
            {
                tracing::warn!(%cause, "an Idempotency-Key stays with a request that was refused");
            }
            Err(problem)
        }
    }
}

/// Whoever repeats what has no answer takes it up, and gets as good a one.
async fn keep(claim: Claim, answer: Answer) {
    if let Err(cause) = claim.answered(answer).await {
        tracing::error!(%cause, "the answer to a request with an Idempotency-Key is not kept");
    }
}

fn answer(status: StatusCode, view: &impl Serialize) -> Result<Answer, Problem> {
    let body = serde_json::to_string(view).map_err(AppError::internal)?;
    Ok(Answer { status: status.as_u16(), body })
}

fn written(answer: &Answer) -> Response {
    let status = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::OK);
    (status, [(header::CONTENT_TYPE, HeaderValue::from_static("application/json"))], answer.body.clone())
        .into_response()
}

/// An answer that was given before.
pub fn again(answer: &Answer) -> Response {
    let mut response = written(answer);
    response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
    response
}

/// The same request is being worked on.
pub fn running() -> Problem {
    AppError::conflict("A request with this Idempotency-Key is being answered. Ask again in a moment.").into()
}

/// The key belongs to another request.
pub fn of_another_request() -> Problem {
    Problem::parameter(
        "Idempotency-Key",
        "This key was used for another request: another address or another body. Take a new key for each thing to do.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Inner {
        count: u32,
    }

    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Outer {
        inner: Inner,
        name: Option<String>,
    }

    #[test]
    fn what_is_wrong_is_named_by_its_place() {
        let read = |body: &str| read::<Outer>(body.as_bytes());
        let outer = read(r#"{"inner": {"count": 3}}"#).unwrap();
        assert_eq!((outer.inner.count, outer.name), (3, None));
        for (body, name) in [
            (r#"{"inner": {"count": "x"}}"#, "inner.count"),
            (r#"{"inner": {"count": 3, "cuont": 4}}"#, "inner.cuont"),
            (r#"{"inner": {"count": 3}, "nam": "x"}"#, "nam"),
            (r#"{"inner": {"count": 3}, "name": 7}"#, "name"),
            (r#"{"inner": {}}"#, "inner.count"),
            ("{}", "inner"),
            ("[]", "body"),
        ] {
            assert_eq!(read(body).unwrap_err().parameters(), [name], "{body}");
        }
        for bad in ["{", "", r#"{"inner": {"count": 3}} {}"#] {
            assert!(read(bad).unwrap_err().parameters().is_empty(), "{bad}");
        }
    }
}
