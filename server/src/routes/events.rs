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
use engine::WorkspaceFigures;
use futures::{Stream, stream};
use store::Scope;
use tokio::{
    sync::watch,
    time::{Interval, MissedTickBehavior, interval},
};

use crate::state::AppState;

/// How often it is looked whether something has changed.
const TICK: Duration = Duration::from_secs(1);
/// When nothing is being sent, what people do to campaigns shows up within so many ticks.
const IDLE_TICKS: u32 = 5;
/// Proxies and browsers take a silent connection for a dead one.
const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// The stream begins with the figures as they stand; each further event holds changed ones. It ends when the session or
/// the membership does, and when the server stops.
pub async fn overview(
    State(state): State<AppState>,
    Path(slug): Path<String>,
    parts: Parts,
) -> Result<Response, Refused> {
    let scope = enter(&state.services, &parts, &slug).await?;
    let first = overview::live(&scope, &state.services.engine).await?;
    let working = state.services.engine.workspace(scope.workspace_id());
    let mut ticks = interval(TICK);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let stopping = state.stopping.clone();
    let watching =
        Watch { services: state.services, parts, slug, ticks, working, idle: 0, first: Some(first), shown: None };
    let events = futures::StreamExt::take_until(events(watching), stopping.cancelled_owned());
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
    working: watch::Receiver<WorkspaceFigures>,
    /// Ticks since the database was asked.
    idle: u32,
    first: Option<LiveOverview>,
    shown: Option<LiveOverview>,
}

impl Watch {
    /// The figures, or None when there is no reason to count again. The proof of being allowed to look is made anew in any
    /// case.
    async fn look(&mut self) -> Result<Option<LiveOverview>, AppError> {
        let scope = enter(&self.services, &self.parts, &self.slug).await?;
        self.idle += 1;
        let moved = self.working.has_changed().unwrap_or(true);
        if !moved && self.idle < IDLE_TICKS {
            return Ok(None);
        }
        self.idle = 0;
        self.working.mark_unchanged();
        overview::live(&scope, &self.services.engine).await.map(Some)
    }
}

fn events(watching: Watch) -> impl Stream<Item = Result<Event, Infallible>> + Send {
    stream::unfold(watching, |mut watching| async move {
        loop {
            watching.ticks.tick().await;
            let fresh = match watching.first.take() {
                Some(first) => Ok(Some(first)),
                None => watching.look().await,
            };
            match fresh {
                Ok(Some(fresh)) if watching.shown.as_ref() != Some(&fresh) => {
                    let event = Event::default().json_data(&fresh).ok()?;
                    watching.shown = Some(fresh);
                    return Some((Ok(event), watching));
                }
                Ok(_) | Err(AppError::Unavailable { .. }) => {}
                Err(_) => return None,
            }
        }
    })
}

async fn enter(services: &Services, parts: &Parts, slug: &str) -> Result<Scope, AppError> {
    let session = services.session(parts).await?;
    let slug = Slug::parse(slug).map_err(|_| AppError::NotFound)?;
    Ok(services.gate.enter(&session, &slug).await?)
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
