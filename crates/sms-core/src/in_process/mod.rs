//! The Core inside the process of Message Center.

mod answers;
mod inbox;
mod lane;
mod link;
mod outgoing;
mod pacer;
mod queue;
mod worker;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::clock::Clock;
use futures::future::BoxFuture;
use tokio::{
    sync::mpsc,
    task::JoinSet,
    time::{Instant, timeout},
};

use crate::{
    channel::ChannelId,
    core::{Core, CoreError, Lane, LaneSender, Priority},
    receipts::{ReceiptBatch, ReceiptStream},
    settings::{CoreSettings, SettingsError},
    status::LinkStatus,
};
use lane::LaneFeed;
use link::{Link, Order};

/// Batches of receipts that wait for the engine, over all links.
const RECEIPT_BATCHES: usize = 64;

/// Links of this process. Dropping it closes the connections at once; [`Core::shutdown`] ends them in order.
#[derive(Debug)]
pub struct InProcessCore {
    /// In the order of the settings.
    links: Vec<Arc<Link>>,
    by_id: HashMap<ChannelId, Arc<Link>>,
    receipts: Mutex<Option<mpsc::Receiver<ReceiptBatch>>>,
    sessions: Mutex<JoinSet<()>>,
}

impl InProcessCore {
    /// Starts connecting every link on the current runtime; nothing is waited for.
    ///
    /// # Errors
    /// What is wrong with the settings.
    pub fn start(settings: CoreSettings, clock: &Arc<dyn Clock>) -> Result<Self, SettingsError> {
        settings.check()?;
        let (sender, receipts) = mpsc::channel(RECEIPT_BATCHES);
        let links: Vec<_> = settings
            .links
            .into_iter()
            .map(|link| Arc::new(Link::new(link, sender.clone(), Arc::clone(clock))))
            .collect();
        let mut sessions = JoinSet::new();
        for link in &links {
            for _ in 0..link.settings.sessions {
                sessions.spawn(link::keep_session(Arc::clone(link)));
            }
        }
        let by_id = links.iter().map(|link| (link.settings.id.clone(), Arc::clone(link))).collect();
        Ok(Self { links, by_id, receipts: Mutex::new(Some(receipts)), sessions: Mutex::new(sessions) })
    }

    fn link(&self, channel: &ChannelId) -> Result<&Arc<Link>, CoreError> {
        let link = self.by_id.get(channel).ok_or_else(|| CoreError::UnknownChannel(channel.clone()))?;
        match link.order() {
            Order::Leave(_) => Err(CoreError::ShutDown),
            Order::Run | Order::Stop => Ok(link),
        }
    }
}

impl Core for InProcessCore {
    fn open_lane(&self, channel: &ChannelId, priority: Priority) -> Result<Lane, CoreError> {
        let link = self.link(channel)?;
        if !link.settings.bind.submits() {
            return Err(CoreError::ReceiveOnly(channel.clone()));
        }
        let (lane, outcomes) = link.queue.open_lane(priority, link.settings.lane_segments);
        let feed = LaneFeed { link: Arc::clone(link), lane };
        Ok(Lane { sender: LaneSender::new(Arc::new(feed)), outcomes })
    }

    fn take_receipts(&self) -> Option<ReceiptStream> {
        self.receipts.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn links(&self) -> Vec<LinkStatus> {
        self.links.iter().map(|link| link.status()).collect()
    }

    fn restart_link(&self, channel: &ChannelId) -> Result<(), CoreError> {
        self.link(channel)?.restart();
        Ok(())
    }

    fn shutdown(&self, grace: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            let by = Instant::now() + grace;
            let mut unbind = Duration::from_secs(1);
            for link in &self.links {
                link.order.send_replace(Order::Leave(by));
                link.queue.close();
                unbind = unbind.max(Duration::from_secs(link.settings.timers.unbind_s + 1));
            }
            let mut sessions = std::mem::take(&mut *self.sessions.lock().unwrap_or_else(PoisonError::into_inner));
            let all = async { while sessions.join_next().await.is_some() {} };
            if timeout(grace + unbind, all).await.is_err() {
                tracing::warn!("sessions did not end in time and were cut off");
                sessions.shutdown().await;
            }
        })
    }
}
