//! One Core made of several: the links of this process, those of other processes, and pools over all of them.
//!
//! A pool is a matter of the Message Center, not of a gateway: its links may be in different processes. It hands each
//! message to one link, whole, so that its parts stay together, and takes back only what is certainly not with a
//! carrier.

mod budget;
mod pool_lane;
mod shares;

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError, RwLock, atomic::AtomicU64},
    time::Duration,
};

use domain::link::LinkUse;
use futures::future::{BoxFuture, join_all};
use tokio::sync::mpsc;

use self::budget::Budget;
use crate::{
    ChannelId,
    core::{Core, CoreError, Lane, LinkOrder, Priority, Tenant},
    pool::{self, PoolSettings},
    receipts::ReceiptStream,
    settings::SettingsError,
    status::{LinkCounters, LinkState, LinkStatus, LinkTimes},
};

/// Batches of receipts that wait for the engine when they come from several Cores.
const RECEIPT_BATCHES: usize = 16;

/// Several Cores and pools of their links behind one [`Core`].
#[derive(Debug)]
pub struct Switchboard {
    exchange: Arc<Exchange>,
    receipts: Mutex<Option<ReceiptStream>>,
}

/// What lanes of pools need of it.
#[derive(Debug)]
struct Exchange {
    cores: Vec<Arc<dyn Core>>,
    pools: RwLock<Vec<Arc<PoolSettings>>>,
    /// Of each pool that had a lane.
    budgets: Mutex<HashMap<ChannelId, Arc<Budget>>>,
    next_lane: AtomicU64,
}

impl Switchboard {
    /// `all_known`: every link of the Cores is known already, which those of another process are not.
    ///
    /// # Errors
    /// What is wrong with the pools.
    pub fn new(cores: Vec<Arc<dyn Core>>, pools: Vec<PoolSettings>, all_known: bool) -> Result<Self, SettingsError> {
        let links: Vec<_> = cores.iter().flat_map(|core| core.links()).collect();
        pool::check(&pools, &links, all_known)?;
        let pools = RwLock::new(pools.into_iter().map(Arc::new).collect());
        let exchange = Exchange { cores, pools, budgets: Mutex::default(), next_lane: AtomicU64::new(0) };
        let receipts = Mutex::new(exchange.take_receipts());
        Ok(Self { exchange: Arc::new(exchange), receipts })
    }

    /// Goes over to other pools while it runs. Lanes that are open take the changes within a moment; those of a pool that
    /// is gone go on as they were.
    ///
    /// # Errors
    /// What is wrong with the pools; then nothing has changed.
    pub fn set_pools(&self, pools: Vec<PoolSettings>, all_known: bool) -> Result<(), SettingsError> {
        pool::check(&pools, &self.exchange.links(), all_known)?;
        let mut current = self.exchange.pools.write().unwrap_or_else(PoisonError::into_inner);
        // What is the same stays the same, so that lanes do not look at it again.
        let kept = |new: PoolSettings| match current.iter().find(|old| ***old == new) {
            Some(old) => Arc::clone(old),
            None => Arc::new(new),
        };
        *current = pools.into_iter().map(kept).collect();
        Ok(())
    }
}

impl Exchange {
    fn links(&self) -> Vec<LinkStatus> {
        self.cores.iter().flat_map(|core| core.links()).collect()
    }

    fn pools(&self) -> Vec<Arc<PoolSettings>> {
        self.pools.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn pool(&self, id: &ChannelId) -> Option<Arc<PoolSettings>> {
        self.pools.read().unwrap_or_else(PoisonError::into_inner).iter().find(|pool| pool.id == *id).cloned()
    }

    fn budget(&self, pool: &ChannelId) -> Arc<Budget> {
        let mut budgets = self.budgets.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(budgets.entry(pool.clone()).or_default())
    }

    fn core_of(&self, link: &ChannelId) -> Result<&Arc<dyn Core>, CoreError> {
        let has = |core: &&Arc<dyn Core>| core.links().iter().any(|status| status.id == *link);
        self.cores.iter().find(has).ok_or_else(|| CoreError::UnknownChannel(link.clone()))
    }

    fn take_receipts(&self) -> Option<ReceiptStream> {
        let mut streams: Vec<_> = self.cores.iter().filter_map(|core| core.take_receipts()).collect();
        if streams.len() < 2 {
            return streams.pop();
        }
        let (sender, receipts) = mpsc::channel(RECEIPT_BATCHES);
        for mut stream in streams {
            let sender = sender.clone();
            tokio::spawn(async move {
                while let Some(batch) = stream.recv().await {
                    // Nobody takes them any more: what is dropped is not acknowledged, and comes again.
                    if sender.send(batch).await.is_err() {
                        return;
                    }
                }
            });
        }
        Some(receipts)
    }
}

impl Core for Switchboard {
    fn open_lane_of(&self, tenant: Tenant, channel: &ChannelId, priority: Priority) -> Result<Lane, CoreError> {
        match self.exchange.pool(channel) {
            Some(pool) => Ok(pool_lane::open(&self.exchange, &pool, tenant, priority)),
            None => self.exchange.core_of(channel)?.open_lane_of(tenant, channel, priority),
        }
    }

    fn take_receipts(&self) -> Option<ReceiptStream> {
        self.receipts.lock().unwrap_or_else(PoisonError::into_inner).take()
    }

    fn links(&self) -> Vec<LinkStatus> {
        self.exchange.links()
    }

    fn channels(&self) -> Vec<LinkStatus> {
        let links = self.exchange.links();
        let pools: Vec<_> = self.exchange.pools().iter().map(|pool| pool_status(pool, &links)).collect();
        links.into_iter().filter(|link| link.submits).chain(pools).collect()
    }

    fn order_link(&self, link: &ChannelId, order: LinkOrder) -> Result<(), CoreError> {
        self.exchange.core_of(link)?.order_link(link, order)
    }

    fn keep_to(&self, uses: &HashMap<ChannelId, LinkUse>) {
        self.exchange.cores.iter().for_each(|core| core.keep_to(uses));
    }

    fn test_link(&self, link: &ChannelId) -> BoxFuture<'_, Result<(), CoreError>> {
        let link = link.clone();
        Box::pin(async move { self.exchange.core_of(&link)?.test_link(&link).await })
    }

    fn shutdown(&self, grace: Duration) -> BoxFuture<'_, ()> {
        Box::pin(async move {
            join_all(self.exchange.cores.iter().map(|core| core.shutdown(grace))).await;
        })
    }
}

/// A pool as a channel: up while one of its links is.
fn pool_status(pool: &PoolSettings, links: &[LinkStatus]) -> LinkStatus {
    let members: Vec<_> =
        pool.members.iter().filter_map(|member| links.iter().find(|link| link.id == member.link)).collect();
    let of_all = |read: fn(&LinkStatus) -> u64| members.iter().map(|link| read(link)).sum::<u64>();
    let of_sessions = |read: fn(&LinkStatus) -> u32| members.iter().map(|link| read(link)).sum::<u32>();
    let has = |state: LinkState| members.iter().any(|link| link.state == state);
    let by_hope = [LinkState::Up, LinkState::Connecting, LinkState::Draining, LinkState::Stopped, LinkState::Disabled];
    let state = by_hope.into_iter().find(|state| has(*state)).unwrap_or(match members.is_empty() {
        // In another process, which is not heard yet.
        true => LinkState::Connecting,
        false => LinkState::ShutDown,
    });
    let up: Vec<_> = members.iter().filter(|link| link.state == LinkState::Up).collect();
    let limits: Option<Vec<f64>> = up.iter().map(|link| link.rate_limit_segments_per_s).collect();
    // Of the links there is none as soon as one of them has none.
    let of_links = limits.filter(|limits| !limits.is_empty()).map(|limits| limits.iter().sum());
    let own = pool.rate_segments_per_s.map(f64::from);
    let latest = members.iter().filter(|link| link.last_error.is_some()).max_by_key(|link| link.last_error_at_ms);
    LinkStatus {
        id: pool.id.clone(),
        name: pool.name.clone(),
        members: pool.members.iter().map(|member| member.link.clone()).collect(),
        submits: true,
        is_simulator: !members.is_empty() && members.iter().all(|link| link.is_simulator),
        state,
        since_ms: members.iter().filter(|link| link.state == state).map(|link| link.since_ms).min().unwrap_or(0),
        sessions_bound: of_sessions(|link| link.sessions_bound),
        sessions_configured: of_sessions(|link| link.sessions_configured),
        last_error: latest.and_then(|link| link.last_error.clone()),
        last_error_at_ms: latest.and_then(|link| link.last_error_at_ms),
        window_used: of_sessions(|link| link.window_used),
        window: of_sessions(|link| link.window),
        queued_messages: of_all(|link| link.queued_messages),
        retrying_parts: of_all(|link| link.retrying_parts),
        counters: members.iter().fold(LinkCounters::default(), |sum, link| sum.plus(&link.counters)),
        rate_segments_per_s: members.iter().map(|link| link.rate_segments_per_s).sum(),
        rate_limit_segments_per_s: of_links.into_iter().chain(own).reduce(f64::min),
        is_throttled: members.iter().any(|link| link.is_throttled),
        times: members.iter().fold(LinkTimes::default(), |sum, link| sum.plus(&link.times)),
    }
}
