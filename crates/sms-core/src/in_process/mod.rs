//! The Core inside the process of Message Center, or of `message-center core`.

mod answers;
mod ceiling;
mod inbox;
mod lane;
mod link;
mod opening;
mod outgoing;
mod pacer;
mod queue;
mod rate_meter;
mod seat;
mod tally;
mod turns;
mod worker;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::clock::Clock;
use futures::future::BoxFuture;
use tokio::{
    sync::{RwLock, mpsc},
    task::JoinSet,
    time::{Instant, sleep, timeout},
};

use crate::{
    ChannelId,
    core::{Core, CoreError, Lane, LaneSender, LinkOrder, Priority, Tenant},
    receipts::{ReceiptBatch, ReceiptStream},
    settings::{CoreSettings, LinkSettings, SettingsError, roles},
    status::LinkStatus,
};
use lane::LaneFeed;
use link::{Link, Order};
use seat::{Generation, Seat, keep_session};

pub use seat::test_bind;

/// Batches of receipts that wait for the engine, over all links.
const RECEIPT_BATCHES: usize = 64;
/// How often a link that is drained is looked at.
const DRAIN_INTERVAL: Duration = Duration::from_millis(50);

/// Links of this process. Dropping it closes the connections at once; [`Core::shutdown`] ends them in order.
#[derive(Debug)]
pub struct InProcessCore {
    inner: Mutex<Inner>,
    receipts: Mutex<Option<mpsc::Receiver<ReceiptBatch>>>,
    sender: mpsc::Sender<ReceiptBatch>,
    clock: Arc<dyn Clock>,
}

#[derive(Debug, Default)]
struct Inner {
    /// In the order of the settings.
    listed: Vec<Arc<Link>>,
    /// Those that were taken out too: their lanes are good again when they return.
    by_id: HashMap<ChannelId, (Arc<Link>, Generation)>,
    tasks: JoinSet<()>,
}

impl InProcessCore {
    /// Starts connecting every link on the current runtime; nothing is waited for.
    ///
    /// # Errors
    /// What is wrong with the settings.
    pub fn start(settings: CoreSettings, clock: &Arc<dyn Clock>) -> Result<Self, SettingsError> {
        let (sender, receipts) = mpsc::channel(RECEIPT_BATCHES);
        let core =
            Self { inner: Mutex::default(), receipts: Mutex::new(Some(receipts)), sender, clock: Arc::clone(clock) };
        core.configure(settings)?;
        Ok(core)
    }

    /// Goes over to other settings while it runs. Links that are the same do not notice. A link that is changed binds
    /// its sessions anew, after the old ones have ended in order; a link that is gone ends as if it were disabled. No
    /// message is lost by it, and none is sent twice.
    ///
    /// # Errors
    /// What is wrong with the settings; then nothing has changed.
    pub fn configure(&self, settings: CoreSettings) -> Result<(), SettingsError> {
        settings.check()?;
        let mut inner = self.inner();
        while inner.tasks.try_join_next().is_some() {}
        let before = std::mem::take(&mut inner.listed);
        for gone in before.iter().filter(|link| settings.links.iter().all(|new| new.id != link.id)) {
            tracing::info!(link = %gone.id, "the link is taken out");
            gone.disable();
        }
        for settings in settings.links {
            let settings = Arc::new(settings);
            let was_listed = before.iter().any(|link| link.id == settings.id);
            let (link, generation, earlier) = match inner.by_id.get(&settings.id) {
                None => {
                    let link = Link::new(Arc::clone(&settings), self.sender.clone(), Arc::clone(&self.clock));
                    (Arc::new(link), Some(0), None)
                }
                Some((link, _)) if was_listed && *link.settings() == *settings => (Arc::clone(link), None, None),
                Some((link, earlier)) => {
                    tracing::info!(link = %settings.id, "the link is configured anew");
                    let generation = link.reconfigure(Arc::clone(&settings), !was_listed);
                    (Arc::clone(link), generation, Some(Arc::clone(earlier)))
                }
            };
            if let Some(generation) = generation {
                inner.seat(&link, &settings, generation, earlier.as_ref());
            }
            inner.listed.push(link);
        }
        Ok(())
    }

    fn inner(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn link(&self, channel: &ChannelId) -> Result<Arc<Link>, CoreError> {
        let inner = self.inner();
        let link = inner.listed.iter().find(|link| link.id == *channel);
        let link = link.ok_or_else(|| CoreError::UnknownChannel(channel.clone()))?;
        match link.order() {
            Order::Leave(_) => Err(CoreError::ShutDown),
            Order::Run | Order::Stop | Order::Drain | Order::Disabled => Ok(Arc::clone(link)),
        }
    }
}

impl Inner {
    /// Starts the sessions of a generation, once those of the `earlier` one have ended.
    fn seat(&mut self, link: &Arc<Link>, settings: &Arc<LinkSettings>, generation: u64, earlier: Option<&Generation>) {
        let seats: Generation = Arc::new(RwLock::new(()));
        for role in roles(settings.bind) {
            for _ in 0..settings.sessions {
                // Nobody writes before the next generation.
                let Ok(taken) = Arc::clone(&seats).try_read_owned() else { continue };
                let seat = Seat::new(Arc::clone(settings), *role, generation, taken);
                self.tasks.spawn(keep_session(Arc::clone(link), seat, earlier.cloned()));
            }
        }
        self.by_id.insert(link.id.clone(), (Arc::clone(link), seats));
    }
}

impl Core for InProcessCore {
    fn open_lane_of(&self, tenant: Tenant, channel: &ChannelId, priority: Priority) -> Result<Lane, CoreError> {
        let link = self.link(channel)?;
        let settings = link.settings();
        if !settings.bind.submits() {
            return Err(CoreError::ReceiveOnly(channel.clone()));
        }
        let (lane, outcomes) = link.queue.open_lane(priority, tenant, settings.lane_segments);
        let feed = LaneFeed { link, lane };
        Ok(Lane { sender: LaneSender::new(Arc::new(feed)), outcomes })
    }

    fn take_receipts(&self) -> Option<ReceiptStream> {
        self.receipts.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn links(&self) -> Vec<LinkStatus> {
        self.inner().listed.iter().map(|link| link.status()).collect()
    }

    fn order_link(&self, link: &ChannelId, order: LinkOrder) -> Result<(), CoreError> {
        let link = self.link(link)?;
        match order {
            LinkOrder::Restart => link.restart(),
            LinkOrder::Disable => link.disable(),
            LinkOrder::Enable => link.enable(),
            LinkOrder::Drain => {
                if link.drain() {
                    self.inner().tasks.spawn(async move {
                        while !link.finish_drain() {
                            sleep(DRAIN_INTERVAL).await;
                        }
                    });
                }
            }
        }
        Ok(())
    }

    fn test_link(&self, link: &ChannelId) -> BoxFuture<'_, Result<(), CoreError>> {
        let found = self.link(link);
        Box::pin(async move {
            let link = found?;
            let failed = |reason| CoreError::TestFailed { link: link.id.clone(), reason };
            test_bind(&link.settings()).await.map_err(failed)
        })
    }

    fn shutdown(&self, grace: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let by = Instant::now() + grace;
            let mut unbind = Duration::from_secs(1);
            let mut tasks = {
                let mut inner = self.inner();
                for link in inner.by_id.values().map(|(link, _)| link) {
                    link.leave(by);
                    unbind = unbind.max(Duration::from_secs(link.settings().timers.unbind_s + 1));
                }
                std::mem::take(&mut inner.tasks)
            };
            let all = async { while tasks.join_next().await.is_some() {} };
            if timeout(grace + unbind, all).await.is_err() {
                tracing::warn!("sessions did not end in time and were cut off");
                tasks.shutdown().await;
            }
        })
    }
}
