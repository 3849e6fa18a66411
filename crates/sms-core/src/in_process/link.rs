//! One link: what its sessions share, and the loop that keeps each session bound.

use std::{
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicI64, AtomicU8, AtomicU32, AtomicU64, Ordering},
    },
    time::Duration,
};

use domain::clock::Clock;
use smpp::{
    Session,
    random::SplitMix64,
    session::{BindError, connect},
};
use tokio::{
    net::TcpStream,
    sync::{mpsc, watch},
    time::{Instant, sleep},
};

use super::{pacer::Pacer, queue::Queue, worker};
use crate::{
    receipts::ReceiptBatch,
    settings::LinkSettings,
    status::{LinkCounters, LinkState, LinkStatus},
};

/// What the link is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Run,
    /// Stopped by a refusal until a person lets it go on.
    Stop,
    /// Finish what has begun by the instant, then unbind.
    Leave(Instant),
}

/// Shared by all sessions of a link.
#[derive(Debug)]
pub(super) struct Link {
    pub settings: LinkSettings,
    pub queue: Queue,
    pub tallies: Tallies,
    pub receipts: mpsc::Sender<ReceiptBatch>,
    pub clock: Arc<dyn Clock>,
    pub order: watch::Sender<Order>,
    /// Numbers the concatenated messages.
    pub reference: AtomicU8,
    bound: AtomicU32,
    /// When it last went up, went down or was stopped.
    since_ms: AtomicI64,
    /// Parts written and not answered, over all sessions.
    pub outstanding: AtomicU32,
    /// Parts that wait for their retry.
    pub retrying: AtomicU32,
    pacer: Mutex<Pacer>,
    last_error: Mutex<Option<(String, i64)>>,
}

#[derive(Debug, Default)]
pub(super) struct Tallies {
    pub submitted: AtomicU64,
    pub accepted: AtomicU64,
    pub refused: AtomicU64,
    pub retried: AtomicU64,
    pub throttled: AtomicU64,
    pub uncertain: AtomicU64,
    pub receipts: AtomicU64,
    pub inbound: AtomicU64,
    pub reconnects: AtomicU64,
}

impl Link {
    pub fn new(settings: LinkSettings, receipts: mpsc::Sender<ReceiptBatch>, clock: Arc<dyn Clock>) -> Self {
        let pacer = Pacer::new(settings.rate_segments_per_s, settings.burst_segments, Instant::now());
        let since_ms = AtomicI64::new(clock.now_ms());
        Self {
            settings,
            queue: Queue::default(),
            tallies: Tallies::default(),
            receipts,
            clock,
            order: watch::Sender::new(Order::Run),
            reference: AtomicU8::new(0),
            bound: AtomicU32::new(0),
            since_ms,
            outstanding: AtomicU32::new(0),
            retrying: AtomicU32::new(0),
            pacer: Mutex::new(pacer),
            last_error: Mutex::new(None),
        }
    }

    pub fn pacer(&self) -> MutexGuard<'_, Pacer> {
        self.pacer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn order(&self) -> Order {
        *self.order.borrow()
    }

    /// Remembers what went wrong, for people.
    pub fn note(&self, error: String) {
        tracing::warn!(link = %self.settings.id, %error, "link");
        let mut last_error = self.last_error.lock().unwrap_or_else(PoisonError::into_inner);
        *last_error = Some((error, self.clock.now_ms()));
    }

    pub fn last_error(&self) -> Option<(String, i64)> {
        self.last_error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// One more session is bound.
    fn came(&self) {
        if self.bound.fetch_add(1, Ordering::Relaxed) == 0 {
            self.mark();
        }
    }

    /// One session less is bound.
    fn went(&self) {
        if self.bound.fetch_sub(1, Ordering::Relaxed) == 1 {
            self.mark();
        }
    }

    /// The state changes now.
    fn mark(&self) {
        self.since_ms.store(self.clock.now_ms(), Ordering::Relaxed);
    }

    fn stop(&self, reason: String) {
        tracing::error!(link = %self.settings.id, %reason, "the link is stopped until a person restarts it");
        self.mark();
        self.note(reason);
        self.order.send_if_modified(|order| {
            let runs = *order == Order::Run;
            if runs {
                *order = Order::Stop;
            }
            runs
        });
        self.queue.close();
    }

    /// Lets a stopped link run again.
    pub fn restart(&self) {
        let restarted = self.order.send_if_modified(|order| {
            let stopped = *order == Order::Stop;
            if stopped {
                *order = Order::Run;
            }
            stopped
        });
        if restarted {
            self.mark();
            self.queue.reopen();
        }
    }

    pub fn status(&self) -> LinkStatus {
        let bound = self.bound.load(Ordering::Relaxed);
        let state = match self.order() {
            Order::Leave(_) => LinkState::ShutDown,
            Order::Stop => LinkState::Stopped,
            Order::Run if bound > 0 => LinkState::Up,
            Order::Run => LinkState::Connecting,
        };
        let last_error = self.last_error();
        let (rate, rate_limit) = {
            let pacer = self.pacer();
            (pacer.rate(Instant::now()), pacer.limit())
        };
        LinkStatus {
            id: self.settings.id.clone(),
            name: self.settings.name.clone(),
            is_simulator: self.settings.is_simulator,
            state,
            since_ms: self.since_ms.load(Ordering::Relaxed),
            sessions_bound: bound,
            sessions_configured: self.settings.sessions,
            last_error_at_ms: last_error.as_ref().map(|(_, at_ms)| *at_ms),
            last_error: last_error.map(|(error, _)| error),
            window_used: self.outstanding.load(Ordering::Relaxed),
            window: bound * self.settings.window,
            queued_messages: self.queue.len() as u64,
            retrying_parts: u64::from(self.retrying.load(Ordering::Relaxed)),
            counters: self.tallies.snapshot(),
            rate_segments_per_s: rate,
            rate_limit_segments_per_s: rate_limit,
        }
    }

    async fn establish(&self) -> Result<Session<TcpStream>, BindError> {
        let settings = &self.settings;
        let limit = Duration::from_secs(settings.timers.connect_s);
        let stream = connect(&settings.host, settings.port, limit).await?;
        Session::bind(stream, &settings.bind(), settings.session()).await
    }
}

impl Tallies {
    fn snapshot(&self) -> LinkCounters {
        let read = |tally: &AtomicU64| tally.load(Ordering::Relaxed);
        LinkCounters {
            submitted: read(&self.submitted),
            accepted: read(&self.accepted),
            refused: read(&self.refused),
            retried: read(&self.retried),
            throttled: read(&self.throttled),
            uncertain: read(&self.uncertain),
            receipts: read(&self.receipts),
            inbound: read(&self.inbound),
            reconnects: read(&self.reconnects),
        }
    }
}

/// Counts one more.
pub(super) fn count(tally: &AtomicU64) {
    tally.fetch_add(1, Ordering::Relaxed);
}

/// Keeps one session bound until the link is told to leave.
pub(super) async fn keep_session(link: Arc<Link>) {
    let mut orders = link.order.subscribe();
    let mut random = SplitMix64::from_entropy();
    let mut failures = 0;
    loop {
        let order = *orders.borrow_and_update();
        match order {
            Order::Leave(_) => return,
            Order::Stop => {
                failures = 0;
                if orders.changed().await.is_err() {
                    return;
                }
                continue;
            }
            Order::Run => (),
        }
        let established = tokio::select! {
            established = link.establish() => established,
            _ = orders.changed() => continue,
        };
        match established {
            Ok(session) => {
                let bound_at = Instant::now();
                link.came();
                let end = worker::run(Arc::clone(&link), session).await;
                link.went();
                if let Some(reason) = end {
                    link.note(reason);
                }
                if bound_at.elapsed() >= Duration::from_secs(link.settings.timers.reconnect_max_s) {
                    failures = 0;
                }
            }
            // One session too many is no reason to stop those that work.
            Err(BindError::Refused(status))
                if link.settings.policy.stop.contains(&status) && link.bound.load(Ordering::Relaxed) == 0 =>
            {
                link.stop(BindError::Refused(status).to_string());
                continue;
            }
            Err(error) => link.note(error.to_string()),
        }
        if link.order() == Order::Run {
            count(&link.tallies.reconnects);
            let delay = backoff(&link.settings, failures, &mut random);
            failures = failures.saturating_add(1);
            tokio::select! {
                () = sleep(delay) => (),
                _ = orders.changed() => (),
            }
        }
    }
}

/// Doubles with each failure up to the longest wait; half of it is chance, so that many sessions do not return at once.
fn backoff(settings: &LinkSettings, failures: u32, random: &mut SplitMix64) -> Duration {
    let least = Duration::from_secs(settings.timers.reconnect_min_s);
    let longest = Duration::from_secs(settings.timers.reconnect_max_s);
    let full = least.saturating_mul(2_u32.saturating_pow(failures.min(16))).min(longest);
    full.mul_f64(0.5 + random.next_f64() / 2.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::ChannelId;

    #[test]
    fn the_wait_doubles_up_to_the_longest_and_varies() {
        let settings = LinkSettings::simulator(ChannelId::parse("x").unwrap(), 1);
        let mut random = SplitMix64::new(7);
        for (failures, full) in [(0, 1.0), (1, 2.0), (2, 4.0), (3, 8.0), (4, 10.0), (400, 10.0)] {
            let wait = backoff(&settings, failures, &mut random).as_secs_f64();
            assert!((full / 2.0..=full).contains(&wait), "{failures}: {wait}");
        }
        assert_ne!(backoff(&settings, 3, &mut random), backoff(&settings, 3, &mut random));
    }
}
