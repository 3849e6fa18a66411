//! An SMSC for tests, for benches, and as the first link of a fresh installation: real SMPP over real sockets, no radio.
//!
//! Sessions are tasks; what they share is the [`Behaviour`], the counts, the message ids, and per system_id the receipts
//! that are owed. A receipt is owed until it is acknowledged: a session that ends gives back what it had not got
//! acknowledged, and the next one sends it again.

mod account;
mod answer;
mod behaviour;
mod bucket;
mod counts;
mod inbound;
pub mod log;
mod receipts;
mod requests;
mod session;

use std::{
    future::Future,
    io,
    net::SocketAddr,
    path::PathBuf,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use tokio::{net::TcpListener, sync::watch, task::JoinSet, time::sleep};

pub use behaviour::{Behaviour, Garbage, GarbageKind, PrefixError, PrefixFailure, ReceiptStyle, Receipts};
pub use counts::Counts;
pub use inbound::Inbound;

use crate::{password::Password, random::SplitMix64};
use account::Accounts;
use bucket::Bucket;
use counts::Tallies;
use inbound::Waiting;
use log::Log;

/// What is fixed while a simulator lives.
#[derive(Debug, Clone)]
pub struct SimulatorConfig {
    /// Port 0 takes a free one.
    pub address: SocketAddr,
    /// Who may bind; `None` lets everybody in.
    pub credentials: Option<(String, Password)>,
    pub behaviour: Behaviour,
    /// Where accepted parts are written down, appended; see [`log`].
    pub log: Option<PathBuf>,
    /// How many receipts a session sends ahead of their acknowledgement.
    pub receipt_window: usize,
    /// The same seed draws the same faults.
    pub seed: u64,
}

impl SimulatorConfig {
    /// On a free loopback port, open to everybody, without faults.
    #[must_use]
    pub fn loopback() -> Self {
        Self {
            address: SocketAddr::from(([127, 0, 0, 1], 0)),
            credentials: None,
            behaviour: Behaviour::default(),
            log: None,
            receipt_window: 1_000,
            seed: 1,
        }
    }
}

/// A simulator that listens; it serves while [`Simulator::run`] runs.
#[derive(Debug)]
pub struct Simulator {
    listener: TcpListener,
    address: SocketAddr,
    shared: Arc<Shared>,
}

/// The knobs and counts of a simulator, from anywhere.
#[derive(Debug, Clone)]
pub struct Control(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    credentials: Option<(String, Password)>,
    receipt_window: usize,
    behaviour: watch::Sender<Arc<Behaviour>>,
    /// Counted up to make every session close.
    hang_up: watch::Sender<u64>,
    accounts: Accounts,
    tallies: Tallies,
    inbound: Waiting,
    bucket: Mutex<Bucket>,
    log: Option<Log>,
    /// Microseconds since 1970 at the start, then one more each: no id comes twice even after a restart.
    next_message_id: AtomicU64,
    seeds: Mutex<SplitMix64>,
}

impl Simulator {
    /// # Errors
    /// When the address cannot be bound or the log cannot be opened.
    pub async fn bind(config: SimulatorConfig) -> io::Result<Self> {
        let listener = TcpListener::bind(config.address).await?;
        let address = listener.local_addr()?;
        let log = config.log.as_deref().map(Log::append_to).transpose()?;
        let started = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let shared = Arc::new(Shared {
            credentials: config.credentials,
            receipt_window: config.receipt_window.max(1),
            behaviour: watch::Sender::new(Arc::new(config.behaviour)),
            hang_up: watch::Sender::new(0),
            accounts: Accounts::default(),
            tallies: Tallies::default(),
            inbound: Waiting::default(),
            bucket: Mutex::new(Bucket::default()),
            log,
            next_message_id: AtomicU64::new(u64::try_from(started.as_micros()).unwrap_or(1)),
            seeds: Mutex::new(SplitMix64::new(config.seed)),
        });
        Ok(Self { listener, address, shared })
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    #[must_use]
    pub fn control(&self) -> Control {
        Control(Arc::clone(&self.shared))
    }

    /// Serves until `shutdown` is ready, then closes every session.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let mut sessions = JoinSet::new();
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        let shared = Arc::clone(&self.shared);
                        sessions.spawn(session::serve(stream, shared));
                    }
                    // Too many open files, or a client that left at once: neither is a reason to stop.
                    Err(error) => {
                        tracing::warn!(%error, "the simulator could not accept a connection");
                        sleep(Duration::from_millis(50)).await;
                    }
                },
                Some(_) = sessions.join_next(), if !sessions.is_empty() => {}
            }
        }
        sessions.shutdown().await;
    }
}

impl Control {
    /// Changes the knobs for everything that comes from now on.
    pub fn update(&self, change: impl FnOnce(&mut Behaviour)) {
        self.0.behaviour.send_modify(|behaviour| change(Arc::make_mut(behaviour)));
    }

    #[must_use]
    pub fn behaviour(&self) -> Behaviour {
        Behaviour::clone(&self.0.behaviour.borrow())
    }

    #[must_use]
    pub fn counts(&self) -> Counts {
        self.0.tallies.snapshot(self.0.accounts.owed())
    }

    /// A subscriber writes; whichever session can receive gets it, now or once it is bound, again until it answers.
    pub fn write(&self, message: Inbound) {
        self.0.inbound.write(message);
    }

    /// What subscribers wrote and no client has answered for.
    #[must_use]
    pub fn unanswered(&self) -> usize {
        self.0.inbound.open()
    }

    /// Closes every connection, as an SMSC does that is restarted.
    pub fn hang_up(&self) {
        self.0.hang_up.send_modify(|times| *times += 1);
    }
}

impl Shared {
    fn random(&self) -> SplitMix64 {
        let mut seeds = self.seeds.lock().unwrap_or_else(PoisonError::into_inner);
        SplitMix64::new(seeds.next_u64())
    }

    fn message_id(&self) -> u64 {
        self.next_message_id.fetch_add(1, Ordering::Relaxed)
    }
}
