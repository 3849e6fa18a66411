//! The job that empties the outbox of events. It takes some at a time and sends them endpoint by endpoint: to one endpoint
//! one after the other, in the order of their making, to several at once. An endpoint that fails is left alone for a
//! while, and what is due for it waits that long, so that it keeps nobody else's events back.

use std::{
    collections::{BTreeMap, HashMap},
    time::Duration,
};

use domain::{
    id::WebhookId,
    webhook::{TRIED_FOR_MS, retry_after_ms},
};
use futures::{StreamExt, stream};
use store::{
    Error, SystemDoor,
    webhooks::{Due, Outcome},
};
use tokio::{task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

use super::Poster;

const LOOK: Duration = Duration::from_secs(1);
/// Events that are looked at together.
const AT_ONCE: u32 = 200;
const ENDPOINTS_AT_ONCE: usize = 8;
/// How often what is old is removed, by the installation's clock.
const TIDY_MS: i64 = 600_000;

/// The running job.
#[derive(Debug)]
pub struct Job {
    stop: CancellationToken,
    running: JoinHandle<()>,
}

impl Job {
    #[must_use]
    pub fn start(door: SystemDoor, poster: Poster) -> Self {
        let stop = CancellationToken::new();
        let running = tokio::spawn(run(Rounds::new(door, poster), stop.clone()));
        Self { stop, running }
    }

    /// Events on their way get this long; one that was cut off is sent again after the next start.
    pub async fn stop(mut self, grace: Duration) {
        self.stop.cancel();
        if timeout(grace, &mut self.running).await.is_err() {
            self.running.abort();
        }
    }
}

async fn run(mut rounds: Rounds, stop: CancellationToken) {
    let mut tidied_at_ms = i64::MIN;
    while !stop.is_cancelled() {
        let now_ms = rounds.door.clock().now_ms();
        if now_ms.saturating_sub(tidied_at_ms) >= TIDY_MS {
            tidied_at_ms = now_ms;
            if let Err(error) = rounds.door.tidy_webhooks().await {
                tracing::warn!(%error, "old events of webhooks could not be removed");
            }
        }
        match rounds.next(&stop).await {
            // There may be more.
            Ok(arrived) if arrived > 0 => continue,
            Ok(_) => {}
            Err(error) => tracing::warn!(%error, "the outbox of webhooks cannot be read"),
        }
        tokio::select! {
            () = stop.cancelled() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Looks into the outbox, one after the other.
#[derive(Debug)]
pub struct Rounds {
    door: SystemDoor,
    poster: Poster,
    /// Endpoints that failed lately, and until when they are left alone.
    resting: HashMap<WebhookId, i64>,
}

/// How it went with one endpoint.
struct Went {
    endpoint: WebhookId,
    arrived: usize,
    /// It failed: left alone until then.
    rests_until_ms: Option<i64>,
}

impl Rounds {
    #[must_use]
    pub fn new(door: SystemDoor, poster: Poster) -> Self {
        Self { door, poster, resting: HashMap::new() }
    }

    /// Sends what is due; how many events arrived.
    pub async fn next(&mut self, stop: &CancellationToken) -> Result<usize, Error> {
        let now_ms = self.door.clock().now_ms();
        self.resting.retain(|_, until_ms| now_ms < *until_ms && *until_ms < now_ms + TRIED_FOR_MS);
        let mut by_endpoint: BTreeMap<_, Vec<Due>> = BTreeMap::new();
        for due in self.door.due_webhooks(AT_ONCE).await? {
            by_endpoint.entry(due.delivery().endpoint).or_default().push(due);
        }
        let this: &Self = self;
        let endpoints = stream::iter(by_endpoint);
        let all = endpoints.map(|(endpoint, due)| this.one_endpoint(endpoint, due, stop));
        let went: Vec<_> = all.buffer_unordered(ENDPOINTS_AT_ONCE).collect().await;
        let mut arrived = 0;
        for went in went {
            let went = went?;
            arrived += went.arrived;
            if let Some(until_ms) = went.rests_until_ms {
                self.resting.insert(went.endpoint, until_ms);
            }
        }
        Ok(arrived)
    }

    async fn one_endpoint(
        &self,
        endpoint: WebhookId,
        mut due: Vec<Due>,
        stop: &CancellationToken,
    ) -> Result<Went, Error> {
        due.sort_by_key(|due| due.delivery().id);
        let mut went = Went { endpoint, arrived: 0, rests_until_ms: self.resting.get(&endpoint).copied() };
        let mut waiting = Vec::new();
        for due in due {
            if stop.is_cancelled() {
                return Ok(went);
            }
            if went.rests_until_ms.is_some() && !due.delivery().by_hand {
                waiting.push(due);
                continue;
            }
            let (event, attempts) = (due.delivery().id, due.delivery().attempts + 1);
            let Some(sendable) = self.door.claim_webhook(due).await? else { continue };
            let now_ms = self.door.clock().now_ms();
            let outcome = self.poster.post(&sendable, now_ms / 1_000).await;
            match &outcome {
                Outcome::Arrived(_) => went.arrived += 1,
                Outcome::Failed(why) => {
                    tracing::info!(webhook.id = %endpoint, event.id = %event, why, "an event did not arrive");
                    went.rests_until_ms = Some(now_ms + retry_after_ms(attempts, 0));
                }
            }
            self.door.report_webhook(sendable, &outcome).await?;
        }
        if let Some(until_ms) = went.rests_until_ms {
            self.door.postpone_webhooks(waiting, until_ms).await?;
        }
        Ok(went)
    }
}
