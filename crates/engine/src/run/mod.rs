//! The engine as a whole: starts a runner for every campaign that has something to do, and ends them in order.

mod bucket;
mod channel;
mod figures;
mod policies;
mod runners;
mod tenants;

use std::{collections::HashSet, path::PathBuf, sync::Arc, time::Duration};

use domain::{
    clock::Clock,
    id::{CampaignId, WorkspaceId},
    tendlc::throughput::Tiers,
    test_send::TestSend,
};
use sms_core::{ChannelId, Core, LinkOrder, LinkState, LinkStatus, ReceiptStream};
use store::{Error, SystemDoor, journal::Owner};
use tokio::{
    sync::{Notify, oneshot, watch},
    time::{Instant, timeout, timeout_at},
};
use tokio_util::sync::CancellationToken;

pub use self::channel::ChannelGap;
pub use self::figures::{CampaignFigures, UnderWay, WorkspaceFigures};
pub(crate) use self::{
    figures::Figures,
    policies::Policies,
    runners::Runners,
    tenants::{Reserved, Rules, Tenant, Tenants},
};
use crate::{
    dispatch::{Command, Context, Correlator, DispatchConfig, Key, close_overdue, give_up_old, route},
    inbound::{InboundConfig, Subscribers},
    test_sends::{self, Tests},
    trigger::Desk,
};

/// The settings of the engine.
#[derive(Debug, Clone)]
pub struct EngineConfig {
    pub dispatch: DispatchConfig,
    pub inbound: InboundConfig,
    /// How much 10DLC campaigns and brands may send.
    pub tiers: Tiers,
    /// How often the database is asked for campaigns when nobody nudges.
    pub look_interval: Duration,
    /// How long another engine may be silent before its campaigns are taken over.
    pub lease_ms: i64,
    /// The database is embedded: no other engine can be alive.
    pub alone: bool,
    /// A folder on a disk for what this process has no memory for: message ids whose receipts are late, 46 bytes each.
    pub scratch: PathBuf,
}

impl EngineConfig {
    /// The settings of a product that is used as it comes.
    #[must_use]
    pub fn standard() -> Self {
        Self {
            dispatch: DispatchConfig::standard(),
            inbound: InboundConfig::standard(),
            tiers: Tiers::default(),
            look_interval: Duration::from_secs(1),
            lease_ms: 30_000,
            alone: true,
            scratch: std::env::temp_dir(),
        }
    }
}

/// Runs the campaigns. Dropping it leaves the tasks to the runtime; [`Engine::shutdown`] ends them in order.
#[derive(Debug)]
pub struct Engine {
    handle: Handle,
    stop: CancellationToken,
    supervisor: tokio::task::JoinHandle<()>,
}

/// What the web application sees of the engine.
#[derive(Debug, Clone)]
pub struct Handle {
    pub(crate) context: Arc<Context>,
    nudge: Arc<Notify>,
}

impl Engine {
    /// Starts the supervisor. Receipts are taken in once everything that awaits some is known.
    pub fn start(
        config: EngineConfig,
        door: SystemDoor,
        core: Arc<dyn Core>,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, Error> {
        let context = Arc::new(Context {
            owner: Owner::new(config.lease_ms, config.alone)?,
            config: config.dispatch,
            subscribers: Subscribers::new(config.inbound),
            door,
            core,
            clock,
            correlator: Correlator::new(config.scratch),
            tests: Tests::default(),
            figures: Figures::default(),
            runners: Runners::default(),
            desk: Desk::default(),
            tenants: Tenants::default(),
            tiers: config.tiers,
            policies: Policies::default(),
        });
        let nudge = Arc::new(Notify::new());
        let stop = CancellationToken::new();
        let handle = Handle { context: Arc::clone(&context), nudge: Arc::clone(&nudge) };
        let supervisor = tokio::spawn(supervise(context, nudge, config.look_interval, stop.clone()));
        Ok(Self { handle, stop, supervisor })
    }

    #[must_use]
    pub fn handle(&self) -> Handle {
        self.handle.clone()
    }

    /// Stops claiming, waits for what is on the wire, takes back what is not, folds, and unbinds. What is not answered
    /// within `grace` will be uncertain after the next start.
    pub async fn shutdown(self, grace: Duration) {
        let deadline = Instant::now() + grace;
        let context = &self.handle.context;
        context.runners.close();
        for inbox in context.runners.inboxes() {
            let _ = timeout_at(deadline, inbox.send(Command::Drain)).await;
        }
        // Receipts are still taken in and acknowledged while the runners come to their end.
        if timeout_at(deadline, context.runners.tasks.wait()).await.is_err() {
            tracing::warn!("not everything on the wire was answered in time; the rest will be uncertain");
        }
        self.stop.cancel();
        let _ = self.supervisor.await;
        let left = deadline.saturating_duration_since(Instant::now()).max(Duration::from_millis(500));
        context.core.shutdown(left).await;
    }
}

impl Handle {
    /// Something was decided: look now rather than at the next tick.
    pub fn nudge(&self) {
        self.context.tenants.look_again();
        self.context.policies.look_again();
        self.nudge.notify_one();
        for inbox in self.context.runners.inboxes() {
            // A full inbox is being worked on: its runner looks within half a second by itself.
            let _ = inbox.try_send(Command::Look);
        }
    }

    /// The figures of a workspace; they change a few times a second.
    #[must_use]
    pub fn workspace(&self, workspace: WorkspaceId) -> watch::Receiver<WorkspaceFigures> {
        self.context.figures.workspace(workspace)
    }

    /// What each workspace has under way; those in which nothing happens are left out.
    #[must_use]
    pub fn under_way(&self) -> Vec<(WorkspaceId, UnderWay)> {
        self.context.figures.under_way()
    }

    /// The figures of one campaign; None until somebody works on it.
    #[must_use]
    pub fn campaign(&self, workspace: WorkspaceId, campaign: CampaignId) -> watch::Receiver<Option<CampaignFigures>> {
        self.context.figures.campaign(Key { workspace, campaign })
    }

    /// Hands a test message to the Core, which was claimed for it. Call it once for each claim.
    pub fn send_test(&self, test: TestSend) {
        self.context.runners.tasks.spawn(test_sends::send(Arc::clone(&self.context), test));
    }

    /// How subscribers who write back are answered.
    #[must_use]
    pub fn inbound(&self) -> &InboundConfig {
        self.context.subscribers.config()
    }

    #[must_use]
    pub fn links(&self) -> Vec<LinkStatus> {
        self.context.core.links()
    }

    /// Which links each pool has: their policies hold for what goes out by it.
    #[must_use]
    pub fn pools(&self) -> store::policies::Pools {
        policies::pools_of(&*self.context.core)
    }

    /// What campaigns can be sent by: links that send and are in use, and pools of them.
    #[must_use]
    pub fn channels(&self) -> Vec<LinkStatus> {
        let mut channels = self.context.core.channels();
        let out_of_use = |state| matches!(state, LinkState::Draining | LinkState::Disabled | LinkState::ShutDown);
        channels.retain(|channel| !out_of_use(channel.state));
        channels
    }

    /// Whether messages can go out by a channel, now or once its link is up again.
    ///
    /// # Errors
    /// [`ChannelGap`]
    pub fn check_channel(&self, channel: &str) -> Result<(), ChannelGap> {
        channel::check(channel, &self.context.core.channels(), &self.links())
    }

    /// Lets a link that was stopped by a refusal try again; one that runs is left alone.
    pub fn restart_link(&self, link: &ChannelId) {
        if let Err(cause) = self.context.core.order_link(link, LinkOrder::Restart) {
            tracing::warn!(%link, %cause, "the link is not restarted");
        }
    }

    /// Message parts whose receipts are awaited.
    #[must_use]
    pub fn awaited_receipts(&self) -> usize {
        self.context.correlator.awaited()
    }
}

/// Campaigns that ended within this time before the start are read too when something is uncertain.
const ENDED_LATELY_MS: i64 = 24 * 3_600_000;
/// How often it is looked what is followed no longer.
const GIVE_UP_EVERY_MS: i64 = 3_600_000;
/// Between attempts to read what the start needs.
const RETRY: Duration = Duration::from_secs(1);

async fn supervise(context: Arc<Context>, nudge: Arc<Notify>, interval: Duration, stop: CancellationToken) {
    let started_at_ms = context.clock.now_ms();
    while let Err(cause) = take_up(&context, started_at_ms).await {
        tracing::error!(%cause, "the engine cannot start yet");
        tokio::select! {
            () = stop.cancelled() => return,
            () = tokio::time::sleep(RETRY) => {}
        }
    }
    let router = context.core.take_receipts().map(|receipts| spawn_router(&context, receipts, &stop));
    let mut given_up_at_ms = started_at_ms;
    loop {
        let now_ms = context.clock.now_ms();
        if now_ms - given_up_at_ms >= GIVE_UP_EVERY_MS {
            given_up_at_ms = now_ms;
            let own = Arc::clone(&context);
            context.runners.tasks.spawn(async move {
                if let Err(cause) = give_up_old(&own).await {
                    tracing::error!(%cause, "old receipts of unknown messages stay for another hour");
                }
                if let Err(cause) = close_overdue(&own).await {
                    tracing::error!(%cause, "what ended campaigns wait for in vain stays open for another hour");
                }
            });
        }
        match context.door.runnable_campaigns().await {
            Ok(campaigns) => {
                for (workspace, campaign) in campaigns {
                    context.runners.ensure(&context, Key { workspace, campaign });
                }
            }
            Err(cause) => tracing::error!(%cause, "campaigns cannot be looked up"),
        }
        // What was accepted for a campaign that has ended since becomes its recipient all the same.
        match context.door.campaigns_with_arrivals().await {
            Ok(campaigns) => {
                for (workspace, campaign) in campaigns {
                    context.runners.ensure(&context, Key { workspace, campaign });
                }
            }
            Err(cause) => tracing::error!(%cause, "inboxes cannot be looked up"),
        }
        tokio::select! {
            () = stop.cancelled() => break,
            () = nudge.notified() => {}
            () = tokio::time::sleep(interval) => {}
        }
    }
    if let Some(router) = router {
        let _ = router.await;
    }
}

fn spawn_router(
    context: &Arc<Context>,
    receipts: ReceiptStream,
    stop: &CancellationToken,
) -> tokio::task::JoinHandle<()> {
    tokio::spawn(route(Arc::clone(context), receipts, stop.clone()))
}

/// Finds every message that awaits a receipt, and what was claimed when the process ended, before anything arrives.
async fn take_up(context: &Arc<Context>, started_at_ms: i64) -> Result<(), Error> {
    give_up_old(context).await?;
    test_sends::take_up(context, started_at_ms).await?;
    let oldest_ms = context.clock.now_ms() - context.config.late_receipts_ms;
    let awaiting = context.door.campaigns_awaiting_receipts(oldest_ms).await?;
    // A process can end after a campaign does and before the last of it is in its figures by hour and its usage.
    let to_fold = context.door.campaigns_to_fold().await?;
    let known: HashSet<_> = awaiting.iter().copied().collect();
    for (workspace, campaign) in awaiting.into_iter().chain(to_fold.into_iter().filter(|key| !known.contains(key))) {
        read(context, Key { workspace, campaign }).await;
    }
    // The carrier may repeat the last receipts of a campaign that ended just before the process did. They must not settle
    // what is uncertain of another campaign to the same number, so they have to be known.
    if context.correlator.has_uncertain() {
        let since_ms = context.clock.now_ms() - ENDED_LATELY_MS;
        for (workspace, campaign) in context.door.campaigns_ended_since(since_ms).await? {
            read(context, Key { workspace, campaign }).await;
        }
    }
    close_overdue(context).await
}

/// Has a campaign's account read, and what it awaits put into the index.
async fn read(context: &Arc<Context>, key: Key) {
    let (ready, is_ready) = oneshot::channel();
    context.deliver(key, Command::Ready(ready)).await;
    // A runner that cannot open has said why, and drops this.
    let _ = timeout(Duration::from_secs(600), is_ready).await;
}
