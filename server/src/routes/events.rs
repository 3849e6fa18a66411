//! `/w/{slug}/events`: the figures of the overview, pushed while somebody looks.

use std::{convert::Infallible, time::Duration};

use app::{
    AppError,
    api::{
        context::Services,
        overview::{self, LiveOverview},
    },
};
use axum::{
    extract::{Path, State},
    http::{HeaderName, StatusCode, request::Parts},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
};
use domain::slug::Slug;
use futures::{Stream, stream};
use tokio::time::{Interval, MissedTickBehavior, interval};

use crate::state::AppState;

/// How often it is looked whether something has changed.
const TICK: Duration = Duration::from_secs(1);
/// Proxies and browsers take a silent connection for a dead one.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The stream begins with the figures as they stand; each further event holds changed ones. It ends when the session or
/// the membership does, and when the server stops.
pub async fn overview(
    State(state): State<AppState>,
    Path(slug): Path<String>,
    parts: Parts,
) -> Result<Response, Refused> {
    let first = look(&state.services, &parts, &slug).await?;
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let stopping = state.stopping.clone();
    let watch = Watch { services: state.services, parts, slug, ticks, first: Some(first), shown: None };
    let events = futures::StreamExt::take_until(events(watch), stopping.cancelled_owned());
    let sse = Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE));
    // A proxy that buffers would hold the figures back.
    Ok(([(HeaderName::from_static("x-accel-buffering"), "no")], sse).into_response())
}

/// What one stream needs to go on.
struct Watch {
    services: Services,
    parts: Parts,
    slug: String,
    ticks: Interval,
    first: Option<LiveOverview>,
    shown: Option<LiveOverview>,
}

fn events(watch: Watch) -> impl Stream<Item = Result<Event, Infallible>> + Send {
    stream::unfold(watch, |mut watch| async move {
        loop {
            watch.ticks.tick().await;
            let fresh = match watch.first.take() {
                Some(first) => Ok(first),
                // The proof of being allowed to look is made anew each time.
                None => look(&watch.services, &watch.parts, &watch.slug).await,
            };
            match fresh {
                Ok(fresh) if watch.shown.as_ref() == Some(&fresh) => {}
                Ok(fresh) => {
                    let event = Event::default().json_data(&fresh).ok()?;
                    watch.shown = Some(fresh);
                    return Some((Ok(event), watch));
                }
                Err(AppError::Unavailable { .. }) => {}
                Err(_) => return None,
            }
        }
    })
}

async fn look(services: &Services, parts: &Parts, slug: &str) -> Result<LiveOverview, AppError> {
    let session = services.session(parts).await?;
    let slug = Slug::parse(slug).map_err(|_| AppError::NotFound)?;
    let scope = services.gate.enter(&session, &slug).await?;
    overview::live(&scope, &services.engine).await
}

/// A stream that is not given.
#[derive(Debug)]
pub struct Refused(AppError);

impl From<AppError> for Refused {
    fn from(error: AppError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        let status = StatusCode::from_u16(self.0.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
        (status, format!("{}\n", self.0)).into_response()
    }
}
