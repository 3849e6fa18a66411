//! The job that empties the outbox of events. It takes some at a time and sends them endpoint by endpoint: to one endpoint
//! one after the other, in the order of their making, to several at once. An endpoint that fails is left alone for a
//! while, and one that takes its time gets its share of a round; what is due for it waits that long, so that it keeps
//! nobody else's events back.

use std::{
    collections::{BTreeMap, HashMap},
    time::{Duration, Instant},
};

use domain::{
    id::WebhookId,
    webhook::{Delivery, TRIED_FOR_MS, retry_after_ms},
};
use futures::{StreamExt, stream};
use store::{
    Error, SystemDoor,
    webhooks::{Due, Outcome, WAITING_MAX},
};
use tokio::{task::JoinHandle, time::timeout};
use tokio_util::sync::CancellationToken;

use super::Poster;
use crate::metrics::{EVENTS_ARRIVED, EVENTS_FAILED};

const LOOK: Duration = Duration::from_secs(1);
/// Events that are looked at together.
const AT_ONCE: u32 = 200;
const ENDPOINTS_AT_ONCE: usize = 8;
/// What one endpoint gets of a round, or a little more: an attempt that has begun is brought to its end.
const SHARE: Duration = Duration::from_secs(5);
/// How often it is looked whether too much waits for an endpoint that leaves something behind.
const COUNTED_MS: i64 = 60_000;
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
    share: Duration,
    /// Endpoints that failed lately, and until when they are left alone.
    resting: HashMap<WebhookId, i64>,
    /// When it was looked last how much waits for an endpoint.
    counted: HashMap<WebhookId, i64>,
}

/// How it went with one endpoint.
struct Went {
    endpoint: WebhookId,
    arrived: usize,
    /// It failed: left alone until then.
    rests_until_ms: Option<i64>,
    /// One of the events that it leaves behind.
    leaves: Option<Delivery>,
}

impl Rounds {
    #[must_use]
    pub fn new(door: SystemDoor, poster: Poster) -> Self {
        Self { door, poster, share: SHARE, resting: HashMap::new(), counted: HashMap::new() }
    }

    /// With another share of a round for one endpoint.
    #[must_use]
    pub const fn with_share(mut self, share: Duration) -> Self {
        self.share = share;
        self
    }

    /// Sends what is due; how many events arrived.
    pub async fn next(&mut self, stop: &CancellationToken) -> Result<usize, Error> {
        let now_ms = self.door.clock().now_ms();
        self.resting.retain(|_, until_ms| now_ms < *until_ms && *until_ms < now_ms + TRIED_FOR_MS);
        let mut by_endpoint: BTreeMap<_, Vec<Due>> = BTreeMap::new();
        let all_due = self.door.due_webhooks(AT_ONCE).await?;
        let is_full = all_due.len() >= AT_ONCE as usize;
        for due in all_due {
            by_endpoint.entry(due.delivery().endpoint).or_default().push(due);
        }
        let this: &Self = self;
        let endpoints = stream::iter(by_endpoint);
        let all = endpoints.map(|(endpoint, due)| this.one_endpoint(endpoint, due, is_full, stop));
        let went: Vec<_> = all.buffer_unordered(ENDPOINTS_AT_ONCE).collect().await;
        let mut arrived = 0;
        for went in went {
            let went = went?;
            arrived += went.arrived;
            if let Some(until_ms) = went.rests_until_ms {
                self.resting.insert(went.endpoint, until_ms);
            }
            if let Some(one_of_it) = went.leaves {
                self.bound(&one_of_it).await?;
            }
        }
        Ok(arrived)
    }

    /// Looks now and then whether an endpoint takes its events more slowly than they come.
    async fn bound(&mut self, one_of_it: &Delivery) -> Result<(), Error> {
        let now_ms = self.door.clock().now_ms();
        self.counted.retain(|_, at_ms| (0..COUNTED_MS).contains(&(now_ms - *at_ms)));
        if self.counted.insert(one_of_it.endpoint, now_ms).is_none() {
            self.door.bound_webhook(one_of_it, WAITING_MAX).await?;
        }
        Ok(())
    }

    async fn one_endpoint(
        &self,
        endpoint: WebhookId,
        mut due: Vec<Due>,
        is_full: bool,
        stop: &CancellationToken,
    ) -> Result<Went, Error> {
        due.sort_by_key(|due| due.delivery().id);
        let rests_until_ms = self.resting.get(&endpoint).copied();
        // Behind a full look there may be more for it.
        let leaves = due.last().filter(|_| is_full).map(|due| due.delivery().clone());
        let mut went = Went { endpoint, arrived: 0, rests_until_ms, leaves };
        let (mut waiting, mut share_is_used) = (Vec::new(), false);
        let begun = Instant::now();
        for due in due {
            if stop.is_cancelled() {
                return Ok(went);
            }
            if share_is_used || went.rests_until_ms.is_some() && !due.delivery().by_hand {
                waiting.push(due);
                continue;
            }
            let (event, attempts) = (due.delivery().id, due.delivery().attempts + 1);
            let Some(sendable) = self.door.claim_webhook(due).await? else { continue };
            let now_ms = self.door.clock().now_ms();
            let outcome = self.poster.post(&sendable, now_ms / 1_000).await;
            match &outcome {
                Outcome::Arrived(_) => {
                    EVENTS_ARRIVED.one();
                    went.arrived += 1;
                }
                Outcome::Failed(why) => {
                    EVENTS_FAILED.one();
                    tracing::info!(webhook.id = %endpoint, event.id = %event, why, "an event did not arrive");
                    went.rests_until_ms = Some(now_ms + retry_after_ms(attempts, 0));
                }
            }
            self.door.report_webhook(sendable, &outcome).await?;
            share_is_used = begun.elapsed() >= self.share;
        }
        if let Some(left) = waiting.last() {
            went.leaves = Some(left.delivery().clone());
            let share_ms = i64::try_from(self.share.as_millis()).unwrap_or(i64::MAX);
            let until_ms = went.rests_until_ms.unwrap_or_else(|| self.door.clock().now_ms().saturating_add(share_ms));
            self.door.postpone_webhooks(waiting, until_ms).await?;
        }
        Ok(went)
    }
}
