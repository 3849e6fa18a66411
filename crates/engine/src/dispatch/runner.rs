//! The one task that works on a campaign: it owns the journal, and everything that changes a recipient passes here.
//!
//! Each turn gathers what has arrived (outcomes, receipts) and what is to be claimed, applies it to the account, and
//! writes it as one journal record. Only then are claims handed to the Core and receipts acknowledged.

use std::{sync::Arc, time::Instant};

use domain::{
    campaign::{Campaign, Event, Mode, Status},
    clock::Clock,
    id::{CampaignId, WorkspaceId},
    tendlc::throughput::Tiers,
};
use sms_core::{Core, LaneSender, Outcomes, Submission};
use store::{
    Error, Reason, SystemDoor, SystemScope, campaigns,
    journal::{
        Acquired, Folder, Journal, Owner,
        book::{Book, Snapshot},
        entry::Entry,
    },
    recipients::{RecipientBlock, Spread},
};
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::{Duration, sleep, timeout},
};

use super::{
    DispatchConfig,
    acknowledge::Pending,
    arrange::Arranging,
    compose::Composer,
    correlator::{Arrived, Correlator},
    figures::FIGURES_INTERVAL,
    index::Slot,
    plan::Plan,
    policy::Policy,
    router::{Routed, keep_unmatched},
    tendlc::TenDlc,
    trigger::Arrivals,
};
use crate::{
    inbound::Subscribers,
    run::{Figures, Policies, Rules, Runners, Tenant, Tenants},
    test_sends::{self, Tests},
    trigger::Desk,
};

/// A campaign of a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Key {
    pub(crate) workspace: WorkspaceId,
    pub(crate) campaign: CampaignId,
}

/// What all runners and the router share.
#[derive(Debug)]
pub(crate) struct Context {
    pub(crate) config: DispatchConfig,
    pub(crate) door: SystemDoor,
    pub(crate) core: Arc<dyn Core>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) owner: Owner,
    pub(crate) correlator: Correlator,
    pub(crate) tests: Tests,
    pub(crate) figures: Figures,
    pub(crate) runners: Runners,
    pub(crate) desk: Desk,
    pub(crate) subscribers: Subscribers,
    pub(crate) tenants: Tenants,
    /// How much 10DLC campaigns and brands may send.
    pub(crate) tiers: Tiers,
    pub(crate) policies: Policies,
}

#[derive(Debug)]
pub(crate) enum Command {
    Receipts(Vec<Routed>),
    /// The campaign's record may have changed.
    Look,
    /// Numbers have come to the campaign's inbox.
    Arrived,
    /// The account has been read and the index is complete.
    Ready(oneshot::Sender<()>),
    /// Stop claiming, wait for what is on the wire, fold, and end.
    Drain,
}

/// How often the record, the link and the clock are looked at.
pub(super) const LOOK_INTERVAL: Duration = Duration::from_millis(500);
/// What has nothing to do for this long ends; receipts start it again.
const IDLE_END: Duration = Duration::from_secs(20);
/// Commands taken in one turn.
const COMMANDS_MAX: usize = 64;
/// Outcomes taken in one turn.
const OUTCOMES_MAX: usize = 4_000;
/// When a limit of the second is used up.
const THROTTLED: Duration = Duration::from_millis(20);
/// Between attempts to write while the database cannot be used.
pub(super) const RETRY: Duration = Duration::from_millis(500);

/// Why a runner ended before its work did.
#[derive(Debug)]
pub(crate) enum Stop {
    /// Another owner took over, or the campaign is gone.
    Lost,
    Store(Error),
}

impl From<Error> for Stop {
    fn from(cause: Error) -> Self {
        Self::Store(cause)
    }
}

/// What becomes durable with the next record.
#[derive(Debug, Default)]
pub(super) struct Staged {
    pub(super) entries: Vec<Entry>,
    pub(super) submissions: Vec<Submission>,
    /// What the claims are remembered by.
    pub(super) sent: Vec<store::policies::history::Entry>,
    pub(super) pending: Vec<Pending>,
    pub(super) forget: Vec<store::journal::UnmatchedKey>,
}

impl Staged {
    /// Whether numbers of the inbox are among it.
    pub(super) fn takes_in(&self) -> bool {
        self.entries.iter().any(|entry| matches!(entry, Entry::Added(_)))
    }
}

pub(super) struct Link {
    pub(super) feed: mpsc::UnboundedSender<Vec<Submission>>,
    pub(super) sender: LaneSender,
    pub(super) outcomes: Outcomes,
    /// Batches that the Core would not take.
    pub(super) refused: mpsc::UnboundedReceiver<Vec<u32>>,
}

type FoldTask = JoinHandle<(Folder, Snapshot, Result<(), Error>)>;

pub(crate) struct Runner {
    pub(super) context: Arc<Context>,
    pub(super) key: Key,
    pub(super) scope: SystemScope,
    pub(super) campaign: Campaign,
    pub(super) journal: Journal,
    pub(super) book: Book,
    pub(super) slot: Slot,
    pub(super) composer: Option<Composer>,
    pub(super) plan: Plan,
    /// What it shares with the other campaigns of its workspace.
    pub(super) tenant: Arc<Tenant>,
    /// The workspace's, as of the latest look.
    pub(super) rules: Option<Arc<Rules>>,
    /// When whom is due, of a Spread campaign that is built.
    pub(super) spread: Option<Spread>,
    /// Its recipients are being brought into order.
    pub(super) arranging: Option<Arranging>,
    /// What the channel's policy asks for, and how far the campaign is with it.
    pub(super) policy: Policy,
    /// Parts of the message that found no room in the day's limit; 1 unless there is such a one.
    pub(super) next_parts: u64,
    /// What 10DLC asks of its sender.
    pub(super) tendlc: TenDlc,
    /// Nobody could be claimed in this turn although somebody waits: not before some milliseconds have passed.
    pub(super) throttled: bool,
    pub(super) link: Option<Link>,
    pub(super) staged: Staged,
    pub(super) block: Option<(u32, Arc<RecipientBlock>)>,
    /// The numbers of what is claimed and not answered.
    pub(super) numbers: std::collections::HashMap<u32, u64>,
    pub(super) draining: bool,
    /// The record, the approval and the link allow claiming, as of the latest look.
    pub(super) permitted: bool,
    /// It is on record that an ended campaign has nobody who waits; and whether receipts are awaited.
    pub(super) settled: Option<bool>,
    /// The block that is closed next, while what is left is settled.
    pub(super) closing: u32,
    /// The inbox of a Trigger campaign, as far as it is known here.
    pub(super) arrivals: Arrivals,
    /// Since when the link has been away.
    pub(super) down_since: Option<Instant>,
    pub(super) commands: mpsc::Receiver<Command>,
    pub(super) folder: Option<Folder>,
    pub(super) fold: Option<FoldTask>,
    pub(super) entries_since_fold: u64,
    pub(super) folded_at: Instant,
    pub(super) committed_at: Instant,
    pub(super) looked_at: Instant,
    busy_at: Instant,
    pub(super) published_at: Instant,
    pub(super) published_sent: u64,
    pub(super) rate: f64,
}

impl Context {
    /// Hands a command to a campaign's runner, started if need be.
    pub(crate) async fn deliver(self: &Arc<Self>, key: Key, mut command: Command) {
        if key == test_sends::KEY {
            if let Command::Receipts(all) = command {
                test_sends::receipts(self, all).await;
            }
            return;
        }
        loop {
            let Some(inbox) = self.runners.ensure(self, key) else {
                if let Command::Receipts(all) = command {
                    all.into_iter().filter_map(|routed| routed.arrived.pending).for_each(Pending::leave);
                }
                return;
            };
            match inbox.send(command).await {
                Ok(()) => return,
                // It was just ending: the next one takes it.
                Err(mpsc::error::SendError(unsent)) => command = unsent,
            }
            tokio::task::yield_now().await;
        }
    }
}

impl Runner {
    /// Takes the campaign's journal, finds out where it stands, and works until there is nothing left to do.
    pub(crate) async fn run(context: Arc<Context>, key: Key, commands: mpsc::Receiver<Command>) {
        match Self::open(&context, key).await {
            Ok(Some(mut runner)) => {
                runner.commands = commands;
                let ended = runner.work().await;
                context.figures.remove(key);
                match ended {
                    Ok(()) => runner.close().await,
                    Err(Stop::Lost) => tracing::warn!(campaign = %key.campaign, "another engine has the campaign"),
                    Err(Stop::Store(cause)) => tracing::error!(campaign = %key.campaign, %cause, "campaign stopped"),
                }
            }
            Ok(None) => {}
            Err(cause) => {
                tracing::error!(campaign = %key.campaign, %cause, "campaign cannot be taken up");
                turn_away(&context, key, commands, &cause).await;
            }
        }
    }

    async fn open(context: &Arc<Context>, key: Key) -> Result<Option<Self>, Error> {
        let scope = context.door.enter(key.workspace, Reason::Dispatch);
        let campaign = campaigns::load(&scope, key.campaign).await?;
        // A Trigger campaign begins empty, whatever was uploaded before it became one.
        let report = campaign.report.filter(|_| campaign.parameters.mode != Mode::Trigger);
        let accepted = report.map_or(0, |report| report.accepted);
        let recipients = u32::try_from(accepted).map_err(|_| Error::Corrupt)?;
        let Some(Acquired { journal, folder, book }) =
            Journal::acquire(&scope, key.campaign, recipients, &context.owner).await?
        else {
            return Ok(None);
        };
        let (slot, indexed) = context.correlator.follow(&campaign);
        let now = Instant::now();
        let mut runner = Self {
            context: Arc::clone(context),
            key,
            scope,
            composer: None,
            tenant: context.tenants.of(key.workspace),
            rules: None,
            spread: None,
            arranging: None,
            policy: Policy::default(),
            next_parts: 1,
            tendlc: TenDlc::default(),
            throttled: false,
            plan: Plan::new(book.totals().cursor, book.recipients(), Vec::new()),
            campaign,
            journal,
            book,
            slot,
            link: None,
            staged: Staged::default(),
            block: None,
            numbers: std::collections::HashMap::new(),
            draining: false,
            permitted: false,
            settled: None,
            closing: 0,
            arrivals: Arrivals::default(),
            down_since: None,
            // It obeys nobody before it is open.
            commands: mpsc::channel(1).1,
            folder: Some(folder),
            fold: None,
            entries_since_fold: 0,
            folded_at: now,
            committed_at: now - Duration::from_secs(1),
            looked_at: now - LOOK_INTERVAL,
            busy_at: now,
            published_at: now - FIGURES_INTERVAL,
            published_sent: 0,
            rate: 0.0,
        };
        runner.published_sent = runner.sent();
        let recovered = async {
            runner.recover(indexed).await?;
            // Before anything else: what was claimed when the process ended is on record as uncertain.
            if runner.staged.entries.is_empty() { Ok(()) } else { runner.commit().await }
        };
        recovered.await.map_err(|stop| match stop {
            Stop::Lost => Error::Moved,
            Stop::Store(cause) => cause,
        })?;
        runner.tenant.note(key.campaign, &runner.book.totals().claims);
        Ok(Some(runner))
    }

    async fn work(&mut self) -> Result<(), Stop> {
        loop {
            self.wait().await?;
            self.gather().await?;
            if self.looked_at.elapsed() >= LOOK_INTERVAL {
                self.look().await?;
            }
            self.take_in().await?;
            self.claim().await?;
            if !self.staged.entries.is_empty() {
                self.busy_at = Instant::now();
                self.commit().await?;
            }
            self.tend_fold(false).await?;
            self.publish();
            if self.is_over() {
                return Ok(());
            }
        }
    }

    /// Nothing to send, nothing on the wire, nothing that only this task could notice.
    fn is_over(&mut self) -> bool {
        if self.fold.is_some() || !self.staged.entries.is_empty() || self.book.progress().claimed > 0 && !self.draining
        {
            return false;
        }
        if self.draining {
            return self.book.progress().claimed == 0;
        }
        !self.campaign.life.status.is_active()
            && !self.has_unsettled()
            && self.busy_at.elapsed() >= IDLE_END
            && self.book.dirty_blocks() == 0
    }

    /// Until something arrives, or a moment has passed; not sooner than a commit interval after the last commit.
    async fn wait(&mut self) -> Result<(), Stop> {
        let since = self.committed_at.elapsed();
        if since < self.context.config.commit_interval {
            sleep(self.context.config.commit_interval - since).await;
        }
        let throttled = std::mem::take(&mut self.throttled);
        if self.may_claim() && self.has_room() && !throttled || !self.staged.entries.is_empty() {
            return Ok(());
        }
        let nap = if throttled { THROTTLED } else { Duration::from_millis(100) };
        let nap = self.tendlc.turn_in(self.context.clock.now_ms()).map_or(nap, |turn| turn.min(nap));
        let until = LOOK_INTERVAL.saturating_sub(self.looked_at.elapsed()).min(nap);
        let mut arrived = None;
        tokio::select! {
            biased;
            outcomes = next_outcomes(&mut self.link) => arrived = Some(outcomes),
            command = self.commands.recv(), if !self.commands.is_closed() || !self.commands.is_empty() => {
                if let Some(command) = command {
                    self.obey(command).await?;
                }
            }
            () = sleep(until) => {}
        }
        if let Some(outcomes) = arrived {
            for outcome in outcomes {
                self.outcome(outcome).await?;
            }
        }
        Ok(())
    }

    /// Takes what has arrived in the meantime.
    async fn gather(&mut self) -> Result<(), Stop> {
        let mut taken = 0;
        while taken < OUTCOMES_MAX {
            let Some(Ok(outcomes)) = self.link.as_mut().map(|link| link.outcomes.try_recv()) else {
                break;
            };
            taken += outcomes.len();
            for outcome in outcomes {
                self.outcome(outcome).await?;
            }
        }
        while let Some(Ok(indices)) = self.link.as_mut().map(|link| link.refused.try_recv()) {
            self.returned(&indices).await?;
        }
        for _ in 0..COMMANDS_MAX {
            let Ok(command) = self.commands.try_recv() else { break };
            self.obey(command).await?;
        }
        Ok(())
    }

    pub(super) async fn obey(&mut self, command: Command) -> Result<(), Stop> {
        match command {
            Command::Receipts(routed) => {
                for routed in routed {
                    self.receipt(routed).await?;
                }
            }
            Command::Look => self.looked_at = Instant::now() - LOOK_INTERVAL,
            Command::Arrived => self.arrivals.expect(),
            Command::Ready(done) => {
                let _ = done.send(());
            }
            Command::Drain => {
                self.draining = true;
                self.withhold();
            }
        }
        Ok(())
    }

    /// Moves the campaign on; None: somebody else was quicker, or it may not.
    pub(super) async fn advance(&mut self, event: Event, failure: Option<String>) -> Result<bool, Stop> {
        let totals = self.totals_note();
        match campaigns::advance(&self.scope, self.key.campaign, &event, Some(totals), failure).await {
            Ok(campaign) => {
                self.campaign = campaign;
                tracing::info!(campaign = %self.key.campaign, status = ?self.campaign.life.status, "campaign moved on");
                Ok(true)
            }
            Err(Error::Refused(refusal)) => {
                tracing::debug!(campaign = %self.key.campaign, %refusal, "not moved on");
                Ok(false)
            }
            Err(Error::Moved | Error::Unavailable | Error::Unknown) => Ok(false),
            Err(other) => Err(other.into()),
        }
    }

    /// The record, the link and the clock: what they ask for.
    async fn look(&mut self) -> Result<(), Stop> {
        self.looked_at = Instant::now();
        match timeout(Duration::from_secs(10), campaigns::load(&self.scope, self.key.campaign)).await {
            Ok(Ok(campaign)) => self.campaign = campaign,
            Ok(Err(Error::NotFound)) => return Err(Stop::Lost),
            // Without the record nothing is claimed that it might forbid.
            Ok(Err(_)) | Err(_) => {
                self.withhold();
                return Ok(());
            }
        }
        if self.draining {
            // Again: what waited for room in the lane may have got in since.
            self.withhold();
            return Ok(());
        }
        if matches!(self.campaign.life.status, Status::Pending | Status::Sending | Status::Paused) {
            self.arranging = None;
        }
        match self.campaign.life.status {
            Status::Sending => self.tend_sending().await,
            Status::Paused => self.tend_paused().await,
            Status::Done | Status::Cancelled | Status::Failed | Status::Expired => self.tend_ended().await,
            Status::Building => self.tend_building().await,
            Status::Pending => self.tend_pending().await,
            Status::Draft | Status::New => {
                self.withhold();
                Ok(())
            }
        }
    }
}

/// Answers for the receipts of a campaign that cannot be taken up. What is left out here the carrier sends again.
async fn turn_away(context: &Context, key: Key, mut commands: mpsc::Receiver<Command>, cause: &Error) {
    // What comes from now on goes to the next runner.
    commands.close();
    if matches!(cause, Error::NotFound) {
        context.correlator.gone(key);
    }
    while let Some(command) = commands.recv().await {
        let Command::Receipts(routed) = command else { continue };
        match cause {
            // Deleted, by itself or with its workspace: nobody waits for them any more.
            Error::NotFound => routed.into_iter().filter_map(|one| one.arrived.pending).for_each(Pending::done),
            // Repeating them would change nothing; a start that can read the campaign again finds them.
            Error::Corrupt => {
                let receipts: Vec<_> = routed.into_iter().map(|Routed { link, arrived, .. }| (link, arrived)).collect();
                for (link, Arrived { receipt, .. }) in &receipts {
                    let (id, at_ms) = (receipt.message_id.as_str(), receipt.received_at_ms);
                    context.correlator.remember_stored(link.as_str(), id, at_ms);
                }
                keep_unmatched(context, receipts).await;
            }
            _ => {}
        }
    }
}

/// Never ready without a link.
async fn next_outcomes(link: &mut Option<Link>) -> Vec<sms_core::PartOutcome> {
    match link {
        Some(link) => match link.outcomes.recv().await {
            Some(outcomes) => outcomes,
            None => std::future::pending().await,
        },
        None => std::future::pending().await,
    }
}
