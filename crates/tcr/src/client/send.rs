//! One call, and the same call again.

use std::time::Duration;

use http::{Method, StatusCode, header};
use serde::{Serialize, de::DeserializeOwned};
use tokio::time::Instant;

use super::Client;
use crate::{
    error::{Cause, Error, Problem, code},
    wire::ErrorAnswer,
};

/// No answer of the registry is near this long.
const ANSWER_MAX: usize = 8 * 1024 * 1024;

/// A request that can be sent several times.
#[derive(Debug, Clone)]
pub(super) struct Call {
    pub method: Method,
    /// Behind the base, with ids of the registry and nothing else in it.
    pub path: String,
    pub query: Vec<(&'static str, String)>,
    pub body: Option<Vec<u8>>,
}

impl Call {
    pub fn get(path: impl Into<String>) -> Self {
        Self { method: Method::GET, path: path.into(), query: Vec::new(), body: None }
    }

    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self { method, ..Self::get(path) }
    }

    pub fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// Our own bodies can always be written as JSON.
    pub fn body<T: Serialize>(mut self, body: &T) -> Self {
        self.body = serde_json::to_vec(body).ok();
        self
    }

    fn is_read(&self) -> bool {
        self.method == Method::GET
    }
}

/// Why one attempt brought nothing.
#[derive(Debug)]
enum Failure {
    /// The registry's word; it stays the same.
    Said(Error),
    /// It did not get there.
    NotSent(Cause),
    /// It may have been done or not.
    Unsure(Cause),
    Busy {
        retry_after: Option<Duration>,
    },
}

impl Failure {
    /// For the log. The registry's own words may hold what people typed.
    const fn name(&self) -> &'static str {
        match self {
            Self::Said(_) => "refused",
            Self::NotSent(_) => "not sent",
            Self::Unsure(_) => "no answer",
            Self::Busy { .. } => "busy",
        }
    }
}

/// When the same call is made again.
#[derive(Debug, Clone, Copy)]
pub(super) enum Repeat {
    Always,
    /// Not once nobody knows whether it was done.
    UnlessUnsure,
}

/// What to do before a call is made again of which nobody knows whether it was done.
pub(super) type Look<'a, T> = &'a (dyn Fn() -> futures::future::BoxFuture<'a, Result<Option<T>, Error>> + Send + Sync);

impl Client {
    /// For what may be done twice: reading, and writing what stands there already.
    pub(super) async fn call<T: DeserializeOwned>(&self, call: &Call) -> Result<T, Error> {
        read(&self.answered(call, None::<Look<'_, ()>>).await?.0.unwrap_or_default())
    }

    /// The same for calls without an answer. `gone`: that the record is not there is what was wanted.
    pub(super) async fn done(&self, call: &Call, gone: bool) -> Result<(), Error> {
        match self.answered(call, None::<Look<'_, ()>>).await {
            Err(Error::NotFound) if gone => Ok(()),
            other => other.map(|_| ()),
        }
    }

    /// For what must not be done twice: looks whether it is done already before the first attempt and before each other.
    pub(super) async fn once<T, B>(&self, call: &Call, look: Look<'_, T>) -> Result<T, Error>
    where
        T: TryFrom<B>,
        B: DeserializeOwned,
    {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        match self.answered(call, Some(look)).await {
            Ok((Some(octets), _)) => match read::<B>(&octets).ok().and_then(|body| T::try_from(body).ok()) {
                Some(record) => Ok(record),
                // Done, but what came back is no answer of the registry's.
                None => look().await?.ok_or(Error::Unreadable),
            },
            Ok((None, Some(found))) => Ok(found),
            Ok((None, None)) => Err(Error::Unreadable),
            Err(error) if error.is_duplicate_reference() => look().await?.ok_or(error),
            Err(error) => Err(error),
        }
    }

    /// For what costs money: as [`Client::once`], but an attempt whose end is not known is not repeated, since the registry
    /// may still be working on it. Then it is [`Error::Unavailable`] or [`Error::Unreadable`], unless the look finds it.
    pub(super) async fn at_most_once<T, B>(&self, call: &Call, look: Look<'_, T>) -> Result<T, Error>
    where
        T: TryFrom<B>,
        B: DeserializeOwned,
    {
        if let Some(found) = look().await? {
            return Ok(found);
        }
        match self.attempts(call, Some(look), Repeat::UnlessUnsure).await? {
            (_, Some(found)) => Ok(found),
            (octets, None) => {
                let body = octets.and_then(|octets| read::<B>(&octets).ok());
                match body.and_then(|body| T::try_from(body).ok()) {
                    Some(record) => Ok(record),
                    None => look().await.ok().flatten().ok_or(Error::Unreadable),
                }
            }
        }
    }

    /// Attempts until there is an answer or the patience is over. With `look`, an attempt whose end is not known is
    /// followed by a look, and what it finds is the answer.
    pub(super) async fn answered<T>(
        &self,
        call: &Call,
        look: Option<Look<'_, T>>,
    ) -> Result<(Option<Vec<u8>>, Option<T>), Error> {
        self.attempts(call, look, Repeat::Always).await
    }

    pub(super) async fn attempts<T>(
        &self,
        call: &Call,
        look: Option<Look<'_, T>>,
        repeat: Repeat,
    ) -> Result<(Option<Vec<u8>>, Option<T>), Error> {
        let latest = Instant::now() + self.config.patience;
        let mut attempt = 0;
        loop {
            let pace = if call.is_read() { &self.reads } else { &self.writes };
            pace.wait(latest).await.map_err(|retry_after_s| Error::Busy { retry_after_s })?;
            let failure = match self.attempt(call).await {
                Ok(octets) => return Ok((Some(octets), None)),
                Err(failure) => failure,
            };
            attempt += 1;
            tracing::debug!(method = %call.method, attempt, why = failure.name(), "a call to the registry failed");
            let pause = self.pause(attempt);
            let (end, pause) = match failure {
                Failure::Said(error) => return Err(error),
                Failure::Busy { retry_after } => {
                    let pause = retry_after.unwrap_or(pause);
                    pace.hold_until(Instant::now() + pause);
                    (Error::Busy { retry_after_s: pause.as_secs().max(1) }, pause)
                }
                Failure::NotSent(cause) | Failure::Unsure(cause) => (Error::Unavailable(cause), pause),
            };
            if Instant::now() + pause > latest || attempt >= self.config.attempts {
                return Err(end);
            }
            tokio::time::sleep(pause).await;
            if let (Failure::Unsure(_), Some(look)) = (&failure, look) {
                match (look().await, repeat) {
                    (Ok(Some(found)), _) => return Ok((None, Some(found))),
                    (Err(error), Repeat::Always) => return Err(error),
                    // That it cannot be looked for makes it no surer.
                    (Ok(None), _) | (Err(_), Repeat::UnlessUnsure) => {}
                }
            }
            if matches!((&failure, repeat), (Failure::Unsure(_), Repeat::UnlessUnsure)) {
                return Err(end);
            }
        }
    }

    /// Longer each time, and never the same for everybody.
    fn pause(&self, attempt: u32) -> Duration {
        let base = self.config.first_pause * 2_u32.saturating_pow(attempt.saturating_sub(1).min(6));
        // Without randomness everybody waits equally long, which is no harm.
        base + base.mul_f64(f64::from(getrandom::u32().unwrap_or(0) % 1_000) / 2_000.0)
    }

    async fn attempt(&self, call: &Call) -> Result<Vec<u8>, Failure> {
        let url = format!("{}{}", self.config.base_url.trim_end_matches('/'), call.path);
        let mut request = self
            .http
            .request(call.method.clone(), url)
            .header(header::AUTHORIZATION, self.authorization.clone())
            .header(header::ACCEPT, "application/json")
            .timeout(self.config.time_out);
        if !call.query.is_empty() {
            request = request.query(&call.query);
        }
        if let Some(body) = &call.body {
            request = request.header(header::CONTENT_TYPE, "application/json").body(body.clone());
        }
        let mut response = request.send().await.map_err(|error| failed(&error))?;
        let status = response.status();
        let retry_after = response
            .headers()
            .get(header::RETRY_AFTER)
            .and_then(|value| value.to_str().ok()?.trim().parse().ok())
            .map(Duration::from_secs);
        let mut octets = Vec::new();
        while let Some(chunk) = response.chunk().await.map_err(|error| failed(&error))? {
            if octets.len() + chunk.len() > ANSWER_MAX {
                return Err(Failure::Said(Error::Unreadable));
            }
            octets.extend_from_slice(&chunk);
        }
        match status {
            status if status.is_success() => Ok(octets),
            StatusCode::TOO_MANY_REQUESTS => Err(Failure::Busy { retry_after }),
            // Not begun, says the standard (RFC 9110 §15.6.4), and servers do otherwise.
            status if status.is_server_error() => Err(Failure::Unsure(Cause::Status(status.as_u16()))),
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => Err(Failure::Said(Error::Unauthorised)),
            StatusCode::REQUEST_TIMEOUT => Err(Failure::Unsure(Cause::TimeOut)),
            _ => Err(Failure::Said(refusal(&octets))),
        }
    }
}

fn failed(error: &reqwest::Error) -> Failure {
    if error.is_connect() {
        Failure::NotSent(Cause::Connect)
    } else if error.is_timeout() {
        Failure::Unsure(Cause::TimeOut)
    } else {
        Failure::Unsure(Cause::Cut)
    }
}

/// Only what the registry says in its own form counts as its word, and never a status alone: a wrong address, a gateway's
/// page or a proxy that redirects is no reason to give up a record for good.
fn refusal(octets: &[u8]) -> Error {
    let problems: Vec<Problem> =
        serde_json::from_slice::<ErrorAnswer>(octets).map(ErrorAnswer::into_problems).unwrap_or_default();
    if problems.iter().any(|problem| problem.code == code::NOT_FOUND) {
        Error::NotFound
    } else if problems.is_empty() {
        Error::Unreadable
    } else {
        Error::Refused(problems)
    }
}

fn read<T: DeserializeOwned>(octets: &[u8]) -> Result<T, Error> {
    serde_json::from_slice(octets).map_err(|_| Error::Unreadable)
}
