//! A registry for tests and for a fresh installation: the same HTTP, no brands but one's own, and nobody to pay.
//!
//! It keeps the registry's rules by those of [`domain::tendlc`]: brands that are not verified have no 10DLC campaigns, a
//! brand with active ones is not deleted, a number is in one of them, what is registered stays as it is registered, a
//! reference is used once. What is registered lies in memory, and in a data folder if one is given; how it behaves lies in
//! memory. What happens to brands and 10DLC campaigns is set by [`Behaviour`], through [`Control`] or over HTTP under
//! `/control`.

mod behaviour;
mod connection;
mod deliver;
mod file;
mod routes;
mod world;

use std::{
    collections::VecDeque,
    fmt,
    future::Future,
    io,
    net::SocketAddr,
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use domain::{
    clock::Clock,
    tendlc::{
        Carrier, RegistryBrandId, RegistryCampaignId, carrier::CarrierEvent, kinds::RejectionCategory,
        life::IdentityEvent,
    },
};
use tokio::{
    net::TcpListener,
    sync::{mpsc, watch},
    task::JoinSet,
};

pub use self::{
    behaviour::{Behaviour, BrandOutcome, CarrierOutcome, DuplicateReference, Fault, SharingOutcome, VettingOutcome},
    deliver::Sent,
};
use self::{
    file::StateFile,
    world::{Done, Kept, World},
};
use crate::{error::Error, secret::Secret};

/// What is fixed while a simulated registry lives.
#[derive(Debug, Clone)]
pub struct SimulatorConfig {
    /// Port 0 takes a free one.
    pub address: SocketAddr,
    pub api_key: Secret,
    /// Also signs the webhooks.
    pub secret: Secret,
    pub behaviour: Behaviour,
    /// Where it keeps what is registered; None: a restart forgets it.
    pub data_dir: Option<PathBuf>,
}

/// Why a simulated registry does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    #[error("the simulated registry cannot listen at {address}")]
    Listen { address: SocketAddr, source: io::Error },
    #[error(
        "what the simulated registry keeps in {} cannot be read; move that folder away to begin with an empty one",
        .data_dir.display()
    )]
    Kept { data_dir: PathBuf, source: io::Error },
}

impl SimulatorConfig {
    /// On a free loopback port.
    #[must_use]
    pub fn loopback(api_key: Secret, secret: Secret) -> Self {
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        Self { address, api_key, secret, behaviour: Behaviour::default(), data_dir: None }
    }
}

/// One that listens; it serves while [`Simulator::run`] runs.
#[derive(Debug)]
pub struct Simulator {
    listener: TcpListener,
    address: SocketAddr,
    shared: Arc<Shared>,
    queue: mpsc::UnboundedReceiver<Sent>,
}

/// The knobs of a simulated registry, and what it did, from anywhere.
#[derive(Debug, Clone)]
pub struct Control(Arc<Shared>);

struct Shared {
    api_key: Secret,
    secret: Secret,
    clock: Arc<dyn Clock>,
    world: Mutex<World>,
    file: Option<StateFile>,
    queue: mpsc::UnboundedSender<Sent>,
    sent: Mutex<VecDeque<Sent>>,
    delivered: watch::Sender<u64>,
    requests: Mutex<Requests>,
}

/// Times of the last requests, for the rate limits, and how many there were.
#[derive(Default)]
struct Requests {
    reads: VecDeque<i64>,
    writes: VecDeque<i64>,
    total: u64,
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").finish_non_exhaustive()
    }
}

/// The wall clock of this machine.
#[derive(Debug)]
struct WallClock;

impl Clock for WallClock {
    fn now_ms(&self) -> i64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}

/// Webhooks that [`Control::sent`] shows.
const KEPT: usize = 1_000;

/// The registry's limits: so many requests in so many milliseconds.
const READS: (usize, i64) = (20, 1_000);
const WRITES: (usize, i64) = (20, 10_000);

impl Simulator {
    /// # Errors
    /// When the address cannot be bound, or the data folder is not to be read.
    pub async fn bind(config: SimulatorConfig) -> Result<Self, StartError> {
        Self::bind_with(config, Arc::new(WallClock)).await
    }

    /// With a clock of the caller's, for the times in events and for the rate limits.
    ///
    /// # Errors
    /// As [`Simulator::bind`].
    pub async fn bind_with(config: SimulatorConfig, clock: Arc<dyn Clock>) -> Result<Self, StartError> {
        let wanted = config.address;
        let listens = |source| StartError::Listen { address: wanted, source };
        let listener = TcpListener::bind(wanted).await.map_err(listens)?;
        let address = listener.local_addr().map_err(listens)?;
        let (file, kept) = match config.data_dir {
            None => (None, Kept::default()),
            Some(data_dir) => match StateFile::open(&data_dir) {
                Ok((file, kept)) => (Some(file), kept),
                Err(source) => return Err(StartError::Kept { data_dir, source }),
            },
        };
        let (sender, queue) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            api_key: config.api_key,
            secret: config.secret,
            world: Mutex::new(World::new(config.behaviour, kept, Arc::clone(&clock))),
            file,
            clock,
            queue: sender,
            sent: Mutex::default(),
            delivered: watch::Sender::new(0),
            requests: Mutex::default(),
        });
        Ok(Self { listener, address, shared, queue })
    }

    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What a client is given as the registry's address.
    #[must_use]
    pub fn base_url(&self) -> String {
        format!("http://{}/v2", self.address)
    }

    #[must_use]
    pub fn control(&self) -> Control {
        Control(Arc::clone(&self.shared))
    }

    /// Serves until `shutdown` is ready, then closes every connection.
    pub async fn run(self, shutdown: impl Future<Output = ()>) {
        let router = routes::router(Arc::clone(&self.shared));
        let mut tasks = JoinSet::new();
        tasks.spawn(deliver::run(Arc::clone(&self.shared), self.queue));
        let mut shutdown = std::pin::pin!(shutdown);
        loop {
            tokio::select! {
                () = &mut shutdown => break,
                accepted = self.listener.accept() => match accepted {
                    Ok((stream, _)) => {
                        tasks.spawn(connection::serve(stream, router.clone(), Arc::clone(&self.shared)));
                    }
                    // Too many open files, or a client that left at once: neither is a reason to stop.
                    Err(error) => {
                        tracing::warn!(%error, "the simulated registry could not accept a connection");
                        tokio::task::yield_now().await;
                    }
                },
                Some(_) = tasks.join_next(), if !tasks.is_empty() => {}
            }
        }
        tasks.shutdown().await;
    }
}

impl Shared {
    fn world<T>(&self, action: impl FnOnce(&mut World) -> T) -> T {
        action(&mut self.world.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Does something, keeps what has come of it, and sends the events to whoever subscribed.
    fn act<T>(&self, action: impl FnOnce(&mut World) -> Done<T>) -> Done<T> {
        self.world(|world| {
            let done = action(world);
            if let Some(Err(error)) = self.file.as_ref().map(|file| file.write(&world.kept)) {
                tracing::error!(%error, "the simulated registry cannot keep what is registered; a restart loses it");
            }
            for (category, body) in std::mem::take(&mut world.events) {
                let url = world.kept.subscriptions.get(category).cloned();
                let Some(sent) = url.and_then(|url| Sent::new(self, url, &body)) else { continue };
                self.keep(sent.clone());
                if !world.behaviour.hold_webhooks {
                    let _ = self.queue.send(sent);
                }
            }
            done
        })
    }

    fn keep(&self, webhook: Sent) {
        let mut sent = self.sent.lock().unwrap_or_else(PoisonError::into_inner);
        if sent.len() >= KEPT {
            sent.pop_front();
        }
        sent.push_back(webhook);
    }

    /// What goes wrong with a request that comes now.
    fn fault(&self, read: bool) -> Fault {
        let enforce = self.world(|world| world.behaviour.enforce_rate);
        let now_ms = self.clock.now_ms();
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        requests.total += 1;
        let (times, (most, within_ms)) =
            if read { (&mut requests.reads, READS) } else { (&mut requests.writes, WRITES) };
        while times.front().is_some_and(|at_ms| now_ms - at_ms >= within_ms) {
            times.pop_front();
        }
        if enforce && times.len() >= most {
            return Fault::Busy { retry_after_s: (within_ms / 1_000).unsigned_abs() };
        }
        times.push_back(now_ms);
        drop(requests);
        self.world(|world| {
            let faults = if read { &mut world.behaviour.read_faults } else { &mut world.behaviour.write_faults };
            faults.pop_front().unwrap_or(Fault::Pass)
        })
    }

    fn latency(&self) -> Duration {
        Duration::from_millis(self.world(|world| world.behaviour.latency_ms))
    }
}

impl Control {
    /// Changes the knobs for everything that comes from now on.
    pub fn update(&self, change: impl FnOnce(&mut Behaviour)) {
        self.0.world(|world| change(&mut world.behaviour));
    }

    #[must_use]
    pub fn behaviour(&self) -> Behaviour {
        self.0.world(|world| world.behaviour.clone())
    }

    /// A carrier does something with a 10DLC campaign.
    ///
    /// # Errors
    /// [`Error::Refused`] when it cannot follow from what is, [`Error::NotFound`].
    pub fn carrier(
        &self,
        id: RegistryCampaignId,
        carrier: Carrier,
        event: CarrierEvent,
        reason: &str,
    ) -> Result<(), Error> {
        let rejection = event.narrows().then(|| (RejectionCategory::Other, reason.to_owned()));
        self.0.act(|world| world.carrier_event(id, carrier, event, rejection)).map_err(Error::Refused)
    }

    /// The partner upstream accepts a 10DLC campaign, or declines it for a reason.
    ///
    /// # Errors
    /// As [`Control::carrier`].
    pub fn sharing(&self, id: RegistryCampaignId, declined: Option<&str>) -> Result<(), Error> {
        let declined = declined.map(str::to_owned);
        self.0.act(|world| world.answer_sharing(id, declined)).map_err(Error::Refused)
    }

    /// How often a 10DLC campaign was shared.
    #[must_use]
    pub fn times_shared(&self, id: RegistryCampaignId) -> u32 {
        let times = |world: &mut World| world.kept.campaigns.get(&id)?.sharing.as_ref().map(|shared| shared.times);
        self.0.world(times).unwrap_or_default()
    }

    /// How often carriers were told to look at a 10DLC campaign again.
    #[must_use]
    pub fn times_resubmitted(&self, id: RegistryCampaignId) -> u32 {
        self.0.world(|world| world.kept.campaigns.get(&id).map(|campaign| campaign.resubmitted)).unwrap_or_default()
    }

    /// The registry does not renew a 10DLC campaign.
    ///
    /// # Errors
    /// As [`Control::carrier`].
    pub fn expire(&self, id: RegistryCampaignId) -> Result<(), Error> {
        self.0.act(|world| world.expire(id)).map_err(Error::Refused)
    }

    /// The registry comes to another view of a brand.
    ///
    /// # Errors
    /// As [`Control::carrier`].
    pub fn identity(&self, id: RegistryBrandId, event: IdentityEvent) -> Result<(), Error> {
        self.0.act(|world| world.identity(id, event).map(|_| ())).map_err(Error::Refused)
    }

    /// How many brands and 10DLC campaigns were ever registered.
    #[must_use]
    pub fn registered(&self) -> (usize, usize) {
        self.0.world(|world| (world.kept.brands.len(), world.kept.campaigns.len()))
    }

    /// Requests to the API so far.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.0.requests.lock().unwrap_or_else(PoisonError::into_inner).total
    }

    /// The last webhooks, sent and held.
    #[must_use]
    pub fn sent(&self) -> Vec<Sent> {
        self.0.sent.lock().unwrap_or_else(PoisonError::into_inner).iter().cloned().collect()
    }

    /// Returns once so many webhooks were taken or given up.
    pub async fn wait_delivered(&self, count: u64) {
        let _ = self.0.delivered.subscribe().wait_for(|delivered| *delivered >= count).await;
    }
}
