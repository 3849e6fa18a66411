//! One link: what its sessions share, and what it is told.

use std::sync::{
    Arc, Mutex, MutexGuard, PoisonError, RwLock,
    atomic::{AtomicI64, AtomicU8, AtomicU32, AtomicU64, Ordering},
};

use domain::clock::Clock;
use meter::{Histogram, Ladder};
use smpp::BindRole;
use tokio::{
    sync::{mpsc, watch},
    time::Instant,
};

use super::{pacer::Pacer, queue::Queue};
use crate::{
    ChannelId,
    metrics::REFUSALS,
    receipts::ReceiptBatch,
    settings::{LinkSettings, roles},
    status::{LinkCounters, LinkState, LinkStatus, LinkTimes, in_general},
};

pub(super) use super::seat::Seat;

/// What the link is asked to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    Run,
    /// Stopped by a refusal until a person lets it go on.
    Stop,
    /// Send what is queued, and then be disabled.
    Drain,
    /// Out of use until a person enables it.
    Disabled,
    /// Finish what has begun by the instant, then unbind.
    Leave(Instant),
}

/// What its sessions go by.
#[derive(Debug, Clone, Copy)]
pub(super) struct Directive {
    pub order: Order,
    /// Sessions of an earlier one leave: the link is configured anew.
    pub generation: u64,
}

/// Shared by all sessions of a link. It outlives its configuration: lanes that are open stay good when it is set up
/// anew, and when it is taken out and put back.
#[derive(Debug)]
pub(super) struct Link {
    pub id: ChannelId,
    settings: RwLock<Arc<LinkSettings>>,
    pub queue: Queue,
    pub tallies: Tallies,
    pub times: Times,
    pub receipts: mpsc::Sender<ReceiptBatch>,
    pub clock: Arc<dyn Clock>,
    pub order: watch::Sender<Directive>,
    /// Numbers the concatenated messages.
    pub reference: AtomicU8,
    /// Bound, and able to send.
    senders: AtomicU32,
    /// Bound, and only receiving.
    receivers: AtomicU32,
    /// When it last went up, went down, was stopped or disabled.
    since_ms: AtomicI64,
    /// Parts written and not answered, over all sessions.
    pub outstanding: AtomicU32,
    /// Parts that wait for their retry.
    pub retrying: AtomicU32,
    /// Messages that sessions have, whatever they wait for.
    pub held: AtomicU32,
    pacer: Mutex<Pacer>,
    last_error: Mutex<Option<(String, i64)>>,
}

#[derive(Debug, Default)]
pub(super) struct Tallies {
    pub submitted: AtomicU64,
    pub accepted: AtomicU64,
    pub refused: AtomicU64,
    pub refused_by_class: [AtomicU64; REFUSALS.len()],
    pub retried: AtomicU64,
    pub throttled: AtomicU64,
    pub uncertain: AtomicU64,
    pub receipts: AtomicU64,
    pub delivered: AtomicU64,
    pub inbound: AtomicU64,
    pub reconnects: AtomicU64,
}

impl Link {
    pub fn new(settings: Arc<LinkSettings>, receipts: mpsc::Sender<ReceiptBatch>, clock: Arc<dyn Clock>) -> Self {
        let pacer = Pacer::new(settings.rate_segments_per_s, settings.burst_segments, Instant::now());
        let since_ms = AtomicI64::new(clock.now_ms());
        let order = if settings.disabled { Order::Disabled } else { Order::Run };
        let link = Self {
            id: settings.id.clone(),
            settings: RwLock::new(settings),
            queue: Queue::default(),
            tallies: Tallies::default(),
            times: Times::default(),
            receipts,
            clock,
            order: watch::Sender::new(Directive { order, generation: 0 }),
            reference: AtomicU8::new(0),
            senders: AtomicU32::new(0),
            receivers: AtomicU32::new(0),
            since_ms,
            outstanding: AtomicU32::new(0),
            retrying: AtomicU32::new(0),
            held: AtomicU32::new(0),
            pacer: Mutex::new(pacer),
            last_error: Mutex::new(None),
        };
        if order == Order::Disabled {
            link.queue.close();
        }
        link
    }

    pub fn settings(&self) -> Arc<LinkSettings> {
        Arc::clone(&self.settings.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn pacer(&self) -> MutexGuard<'_, Pacer> {
        self.pacer.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn order(&self) -> Order {
        self.order.borrow().order
    }

    /// Whether sessions of this generation are to be bound.
    pub fn runs(&self, generation: u64) -> bool {
        let directive = *self.order.borrow();
        directive.generation == generation && matches!(directive.order, Order::Run | Order::Drain)
    }

    /// Remembers what went wrong, for people. The log gets it without addresses.
    pub fn note(&self, error: String) {
        tracing::warn!(link = %self.id, error = in_general(&error), "link");
        let mut last_error = self.last_error.lock().unwrap_or_else(PoisonError::into_inner);
        *last_error = Some((error, self.clock.now_ms()));
    }

    pub fn last_error(&self) -> Option<(String, i64)> {
        self.last_error.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Sessions that are bound.
    pub fn sessions(&self) -> u32 {
        self.senders.load(Ordering::Relaxed) + self.receivers.load(Ordering::Relaxed)
    }

    /// Sessions without which the link is not up: those that send, or of a receiver all.
    fn leading(&self) -> u32 {
        let leads = if self.settings().bind.submits() { &self.senders } else { &self.receivers };
        leads.load(Ordering::Relaxed)
    }

    /// One more session is bound.
    pub fn came(&self, role: BindRole) {
        let was_down = self.leading() == 0;
        self.bound_as(role).fetch_add(1, Ordering::Relaxed);
        if was_down && self.leading() > 0 {
            self.mark();
        }
    }

    /// One session less is bound.
    pub fn went(&self, role: BindRole) {
        let was_up = self.leading() > 0;
        self.bound_as(role).fetch_sub(1, Ordering::Relaxed);
        if was_up && self.leading() == 0 {
            self.mark();
        }
    }

    fn bound_as(&self, role: BindRole) -> &AtomicU32 {
        if role.submits() { &self.senders } else { &self.receivers }
    }

    /// The state changes now.
    fn mark(&self) {
        self.since_ms.store(self.clock.now_ms(), Ordering::Relaxed);
    }

    /// Goes from one of these orders to another one; whether it did.
    fn switch(&self, from: &[Order], to: Order) -> bool {
        let switched = self.order.send_if_modified(|directive| {
            let fits = from.contains(&directive.order);
            if fits {
                directive.order = to;
            }
            fits
        });
        if switched {
            self.mark();
        }
        switched
    }

    /// Stopped by a refusal, unless it is configured anew since.
    pub fn stop(&self, reason: String, generation: u64) {
        if self.order.borrow().generation != generation {
            return;
        }
        tracing::error!(link = %self.id, %reason, "the link is stopped until a person restarts it");
        self.mark();
        self.note(reason);
        if self.switch(&[Order::Run, Order::Drain], Order::Stop) {
            self.queue.close();
        }
    }

    /// Lets a stopped link run again.
    pub fn restart(&self) {
        if self.switch(&[Order::Stop], Order::Run) {
            self.queue.reopen();
        }
    }

    pub fn disable(&self) {
        if self.switch(&[Order::Run, Order::Stop, Order::Drain], Order::Disabled) {
            self.queue.close();
        }
    }

    pub fn enable(&self) {
        if self.switch(&[Order::Disabled, Order::Drain], Order::Run) {
            self.queue.reopen();
        }
    }

    /// Takes nothing new from now on; whether it did before.
    pub fn drain(&self) -> bool {
        self.switch(&[Order::Run], Order::Drain)
    }

    /// Disables it once it has nothing left; whether there is nothing more to wait for.
    pub fn finish_drain(&self) -> bool {
        if self.order() != Order::Drain {
            return true;
        }
        let is_empty = self.queue.len() == 0 && self.held.load(Ordering::Relaxed) == 0;
        if is_empty && self.switch(&[Order::Drain], Order::Disabled) {
            self.queue.close();
        }
        is_empty
    }

    /// Leaves for good.
    pub fn leave(&self, by: Instant) {
        self.order.send_modify(|directive| directive.order = Order::Leave(by));
        self.queue.close();
    }

    /// Goes on with other settings. The generation of the sessions that are to be bound with them; None: those that are
    /// bound are good.
    pub fn reconfigure(&self, settings: Arc<LinkSettings>, returns: bool) -> Option<u64> {
        let before = self.settings();
        let anew = returns || before.needs_new_sessions(&settings);
        let goes_on = if settings.disabled {
            Order::Disabled
        } else {
            // Whoever changes the settings of a link that was stopped or taken out wants it to try.
            match self.order() {
                Order::Disabled if !returns && !before.disabled => Order::Disabled,
                Order::Drain => Order::Drain,
                _ => Order::Run,
            }
        };
        self.pacer().reconfigure(settings.rate_segments_per_s, settings.burst_segments, Instant::now());
        *self.settings.write().unwrap_or_else(PoisonError::into_inner) = settings;
        let mut generation = 0;
        self.order.send_modify(|directive| {
            directive.order = goes_on;
            directive.generation += u64::from(anew);
            generation = directive.generation;
        });
        if goes_on == Order::Disabled {
            self.queue.close();
        } else {
            self.queue.reopen();
        }
        self.mark();
        anew.then_some(generation)
    }

    pub fn status(&self) -> LinkStatus {
        let settings = self.settings();
        let senders = self.senders.load(Ordering::Relaxed);
        let state = match self.order() {
            Order::Leave(_) => LinkState::ShutDown,
            Order::Stop => LinkState::Stopped,
            Order::Drain => LinkState::Draining,
            Order::Disabled => LinkState::Disabled,
            Order::Run if self.leading() > 0 => LinkState::Up,
            Order::Run => LinkState::Connecting,
        };
        let last_error = self.last_error();
        let (rate, rate_limit, is_throttled) = {
            let pacer = self.pacer();
            (pacer.rate(Instant::now()), pacer.limit(), pacer.is_slowed())
        };
        LinkStatus {
            id: self.id.clone(),
            name: settings.name.clone(),
            members: Vec::new(),
            submits: settings.bind.submits(),
            is_simulator: settings.is_simulator,
            state,
            since_ms: self.since_ms.load(Ordering::Relaxed),
            sessions_bound: self.sessions(),
            sessions_configured: settings.sessions * roles(settings.bind).len() as u32,
            last_error_at_ms: last_error.as_ref().map(|(_, at_ms)| *at_ms),
            last_error: last_error.map(|(error, _)| error),
            window_used: self.outstanding.load(Ordering::Relaxed),
            window: senders * settings.window,
            queued_messages: self.queue.len() as u64,
            retrying_parts: u64::from(self.retrying.load(Ordering::Relaxed)),
            counters: self.tallies.snapshot(),
            rate_segments_per_s: rate,
            rate_limit_segments_per_s: rate_limit,
            is_throttled,
            times: self.times.read(),
        }
    }
}

/// How long things took, as [`LinkTimes`] says.
#[derive(Debug)]
pub(super) struct Times {
    pub response: Histogram,
    pub receipt: Histogram,
}

impl Default for Times {
    fn default() -> Self {
        Self { response: Histogram::new(Ladder::Quick), receipt: Histogram::new(Ladder::Quick) }
    }
}

impl Times {
    fn read(&self) -> LinkTimes {
        LinkTimes { response: self.response.read(), receipt: self.receipt.read() }
    }
}

impl Tallies {
    fn snapshot(&self) -> LinkCounters {
        let read = |tally: &AtomicU64| tally.load(Ordering::Relaxed);
        LinkCounters {
            submitted: read(&self.submitted),
            accepted: read(&self.accepted),
            refused: read(&self.refused),
            refused_by_class: self.refused_by_class.each_ref().map(read),
            retried: read(&self.retried),
            throttled: read(&self.throttled),
            uncertain: read(&self.uncertain),
            receipts: read(&self.receipts),
            delivered: read(&self.delivered),
            inbound: read(&self.inbound),
            reconnects: read(&self.reconnects),
        }
    }
}

/// Counts one more.
pub(super) fn count(tally: &AtomicU64) {
    tally.fetch_add(1, Ordering::Relaxed);
}
