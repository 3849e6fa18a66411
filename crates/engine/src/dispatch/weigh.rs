//! Weighing a campaign with a list against what was sent lately and the blacklist: at Building, and again when the rules
//! have changed or the process has. Whoever is left out is closed before anybody is claimed.
//!
//! Recipients are taken a share of all shards at a time, each in a pass over the blocks, so that memory is the same for a
//! thousand and for ten million.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicU8, Ordering},
    },
};

use domain::{
    campaign::Mode,
    id::CampaignId,
    policy::{Days, LeftOut, PresetConfig, Sent},
    recipient::RecipientState,
    schedule::Zone,
    spread::Plan,
};
use store::{
    Error, SystemScope,
    journal::entry::{Closing, Entry},
    policies::history::{Account, SHARDS, shard_of},
    recipients::{self, BLOCK_LEN, ERASED},
    suppressions::blacklist,
};
use tokio::{sync::Semaphore, task::JoinHandle};

use super::{
    compose::Composer,
    policy::{Basis, Weighed},
    recover::spans,
    runner::{Runner, Stop},
};

/// Recipients of one pass at most: 32 MiB.
const PASS_RECIPIENTS: u64 = 2 << 20;
/// One campaign is weighed at a time, for the memory that it takes: after a start, or when a policy was changed, all want it.
static TURN: Semaphore = Semaphore::const_new(1);
/// Blocks that are closed in one turn.
const CLOSE_BLOCKS_MAX: u32 = 24;

/// Of each recipient the rule by which it is left out, as it is stored; 0: none.
pub(super) type Verdicts = Arc<[u8]>;

/// The work goes on in the background; dropping this ends it.
#[derive(Debug)]
pub(super) struct Weighing {
    task: JoinHandle<Result<Verdicts, Error>>,
    percent: Arc<AtomicU8>,
    weighed: Weighed,
}

impl Drop for Weighing {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl Weighing {
    pub(super) fn percent(&self) -> u8 {
        self.percent.load(Ordering::Relaxed)
    }
}

impl Runner {
    /// Looks what the channel's policy is. True: the campaign was weighed by it, or need not be, and who is left out by that
    /// is closed.
    pub(super) async fn weigh(&mut self) -> Result<bool, Stop> {
        // Without the policy nothing is claimed that it might forbid.
        let Ok(in_force) = self.context.policies.in_force(&self.context.door, &*self.context.core).await else {
            return Ok(false);
        };
        if !in_force.covers(&self.campaign.parameters.channel) {
            return Ok(false);
        }
        if in_force.counts() && self.policy.account.is_none() {
            let Ok(account) = Account::open(&self.scope, self.key.campaign).await else { return Ok(false) };
            self.policy.account = Some(account);
        } else if !in_force.counts()
            && let Some(account) = self.policy.account.take()
        {
            account.end();
        }
        self.policy.in_force = Some(Arc::clone(&in_force));
        let rules = in_force.of_campaign(&self.campaign.parameters);
        let Some(rules) = rules.filter(|_| !self.is_trigger()) else {
            // Should the channel get a policy again, what was sent meanwhile has to be weighed, too.
            self.policy.weighed = None;
            self.policy.weighing = None;
            self.policy.left_out = None;
            return Ok(true);
        };
        let Ok(workspace) = self.tenant.rules(&self.scope).await else { return Ok(false) };
        let wanted = Basis::of(&rules, &workspace.zone);
        let account = self.policy.account.as_ref();
        let is_good = |weighed: &Weighed| {
            let reaches = |base| account.is_some_and(|account| account.reaches(base));
            weighed.basis == wanted && weighed.base.is_none_or(reaches) && weighed.base.is_some() == rules.counts()
        };
        if self.policy.weighed.as_ref().is_some_and(is_good) {
            return if self.policy.left_out.is_some() { self.close_left_out().await } else { Ok(true) };
        }
        self.policy.weighed = None;
        self.policy.left_out = None;
        match self.policy.weighing.take() {
            Some(weighing) if weighing.weighed.basis != wanted => {}
            Some(weighing) if weighing.task.is_finished() => return self.weighed(weighing).await,
            going_on @ Some(_) => {
                self.policy.weighing = going_on;
                return Ok(false);
            }
            None => {}
        }
        self.begin_weighing(wanted).await?;
        Ok(false)
    }

    async fn begin_weighing(&mut self, basis: Basis) -> Result<(), Stop> {
        if !self.load_plan().await? {
            return Ok(());
        }
        let Ok(composer) = Composer::new(self.campaign.parameters.template()) else { return Ok(()) };
        let now_ms = self.scope.now_ms();
        let parameters = &self.campaign.parameters;
        let start_ms = parameters.start_at_ms.filter(|_| parameters.mode == Mode::Scheduled);
        let due = match &self.spread {
            Some(spread) => Due::Plan(spread.plan.clone(), now_ms),
            None => Due::At(start_ms.map_or(now_ms, |start_ms| start_ms.max(now_ms))),
        };
        let account = self.policy.account.clone().filter(|_| basis.rules.counts());
        let weighed = Weighed { basis: basis.clone(), base: account.as_ref().map(Account::begin) };
        let percent = Arc::new(AtomicU8::new(0));
        let work = Work {
            scope: self.scope.clone(),
            campaign: self.key.campaign,
            recipients: self.book.recipients(),
            message: self.message_of(0),
            account,
            rules: basis.rules,
            zone: basis.zone,
            due,
            composer,
            percent: Arc::clone(&percent),
        };
        self.policy.weighing = Some(Weighing { task: tokio::spawn(work.run()), percent, weighed });
        Ok(())
    }

    async fn weighed(&mut self, mut weighing: Weighing) -> Result<bool, Stop> {
        match (&mut weighing.task).await {
            Ok(Ok(verdicts)) => {
                self.policy.weighed = Some(weighing.weighed.clone());
                self.policy.left_out = Some((verdicts, 0));
                self.close_left_out().await
            }
            // Again, from the beginning.
            Ok(Err(Error::Unavailable | Error::Unknown)) => Ok(false),
            Ok(Err(cause)) => Err(cause.into()),
            Err(cause) => {
                tracing::error!(campaign = %self.key.campaign, %cause, "weighing the recipients ended");
                Ok(false)
            }
        }
    }

    /// Closes who is left out, some blocks at a time; true: that was all.
    async fn close_left_out(&mut self) -> Result<bool, Stop> {
        let Some((verdicts, from)) = self.policy.left_out.take() else { return Ok(true) };
        let (at_ms, blocks) = (self.scope.now_ms(), self.book.recipients().div_ceil(BLOCK_LEN));
        let (mut block, mut closed) = (from, 0);
        while block < blocks && closed < CLOSE_BLOCKS_MAX {
            let first = block * BLOCK_LEN;
            let of_block = verdicts.get(first as usize..).unwrap_or_default();
            let of_block = &of_block[..of_block.len().min(BLOCK_LEN as usize)];
            if of_block.iter().any(|&why| why != 0) {
                closed += 1;
                self.load(block).await?;
                for why in LeftOut::ALL {
                    // A campaign that is weighed again has sent to some, and closed some, before.
                    let waits =
                        |index: u32| self.book.row(index).is_some_and(|row| row.state == RecipientState::Waiting);
                    let indices: Vec<u32> = (first..)
                        .zip(of_block)
                        .filter(|&(index, &one)| one == why as u8 && waits(index))
                        .map(|(index, _)| index)
                        .collect();
                    if !indices.is_empty() {
                        self.stage(Entry::Closed { spans: spans(&indices), kind: Closing::from(why), at_ms }).await?;
                    }
                }
            }
            block += 1;
        }
        if !self.staged.entries.is_empty() {
            self.commit().await?;
        }
        self.tend_fold(false).await?;
        self.book.evict(self.context.config.keep_blocks);
        if block < blocks {
            self.policy.left_out = Some((verdicts, block));
            self.look_again();
        }
        Ok(block >= blocks)
    }
}

/// When recipients are due.
enum Due {
    At(i64),
    /// By their place, and not before now.
    Plan(Plan, i64),
}

impl Due {
    fn of(&self, index: u32) -> i64 {
        match self {
            Self::At(at_ms) => *at_ms,
            Self::Plan(plan, now_ms) => plan.due_ms(index).max(*now_ms),
        }
    }
}

struct Work {
    scope: SystemScope,
    campaign: CampaignId,
    recipients: u32,
    message: u32,
    /// None: nothing is counted.
    account: Option<Account>,
    rules: PresetConfig,
    zone: Zone,
    due: Due,
    composer: Composer,
    percent: Arc<AtomicU8>,
}

#[derive(Debug, Clone, Copy)]
struct Candidate {
    number: u64,
    index: u32,
    text: u32,
}

impl Work {
    async fn run(self) -> Result<Verdicts, Error> {
        let _turn = TURN.acquire().await.map_err(|_| Error::Unavailable)?;
        let mut verdicts = vec![0; self.recipients as usize];
        let passes =
            if self.account.is_some() { u64::from(self.recipients).div_ceil(PASS_RECIPIENTS).max(1) } else { 1 };
        let mut days = DaysOf { zone: self.zone.clone(), known: HashMap::new() };
        for pass in 0..passes {
            let share = self.gather(pass, passes, &mut verdicts).await?;
            let Some(account) = &self.account else { break };
            let share = tokio::task::spawn_blocking(move || sorted(share)).await.map_err(|_| Error::Unavailable)?;
            for of_shard in share.chunk_by(|a, b| shard_of(a.number) == shard_of(b.number)) {
                self.judge(account, of_shard, &mut days, &mut verdicts).await?;
                let done = (u64::from(shard_of(of_shard[0].number)) + 1) * 100 / u64::from(SHARDS);
                self.percent.store(u8::try_from(done).unwrap_or(100), Ordering::Relaxed);
            }
        }
        Ok(verdicts.into())
    }

    /// The recipients whose numbers lie in a share of all shards. In the first pass all are asked about the blacklist.
    async fn gather(&self, pass: u64, passes: u64, verdicts: &mut [u8]) -> Result<Vec<Candidate>, Error> {
        let key = self.scope.ctn_key();
        let mut share = Vec::new();
        for number in 0..self.recipients.div_ceil(BLOCK_LEN) {
            let block = recipients::load_block(&self.scope, self.campaign, number).await?.ok_or(Error::Corrupt)?;
            let first = number * BLOCK_LEN;
            if self.rules.blacklist && pass == 0 {
                let listed = blacklist::among(&self.scope, block.numbers()).await?;
                for (row, number) in block.numbers().iter().enumerate().filter(|_| !listed.is_empty()) {
                    if listed.binary_search(number).is_ok()
                        && let Some(verdict) = verdicts.get_mut(first as usize + row)
                    {
                        *verdict = LeftOut::Blacklisted as u8;
                    }
                }
            }
            if self.account.is_none() {
                continue;
            }
            for (row, &number) in block.numbers().iter().enumerate() {
                let is_in = u64::from(shard_of(number)) * passes / u64::from(SHARDS) == pass;
                if !is_in || number == ERASED {
                    continue;
                }
                // A text that cannot be made is closed at the claim.
                let text = match self.rules.duplicate_hours {
                    Some(_) => self.composer.text_hash(&key, &block, row).unwrap_or(0),
                    None => 0,
                };
                share.push(Candidate { number, index: first + row as u32, text });
            }
        }
        Ok(share)
    }

    /// Recipients of one shard, in the order of their numbers.
    async fn judge(
        &self,
        account: &Account,
        of_shard: &[Candidate],
        days: &mut DaysOf,
        verdicts: &mut [u8],
    ) -> Result<(), Error> {
        let numbers: Vec<u64> = of_shard.iter().map(|one| one.number).collect();
        let earliest_ms = match &self.due {
            Due::At(at_ms) => *at_ms,
            Due::Plan(_, now_ms) => *now_ms,
        };
        let since_ms = self.rules.looks_back_to_ms(earliest_ms, days.of(earliest_ms));
        let entries = account.sent_to(&numbers, since_ms).await?;
        let mut next = 0;
        let mut sent: Vec<Sent> = Vec::new();
        for one in of_shard {
            while entries.get(next).is_some_and(|entry| entry.number < one.number) {
                next += 1;
            }
            let own = entries[next..].iter().take_while(|entry| entry.number == one.number);
            sent.clear();
            sent.extend(own.map(|entry| entry.sent));
            let Some(verdict) = verdicts.get_mut(one.index as usize).filter(|verdict| **verdict == 0) else { continue };
            if sent.is_empty() {
                continue;
            }
            let at_ms = self.due.of(one.index);
            if let Some(why) = self.rules.judge(&mut sent, self.message, one.text, at_ms, days.of(at_ms)) {
                *verdict = why as u8;
            }
        }
        Ok(())
    }
}

fn sorted(mut share: Vec<Candidate>) -> Vec<Candidate> {
    share.sort_unstable_by_key(|one| (shard_of(one.number), one.number));
    share
}

/// The days of moments, which are few.
struct DaysOf {
    zone: Zone,
    /// By the hour, in which no two days can be but for a midnight: that is looked at.
    known: HashMap<i64, Days>,
}

impl DaysOf {
    fn of(&mut self, at_ms: i64) -> &Days {
        let hour = at_ms.div_euclid(3_600_000);
        let known = self.known.entry(hour).or_insert_with(|| Days::of(&self.zone, at_ms));
        if !known.day.contains(&at_ms) {
            *known = Days::of(&self.zone, at_ms);
        }
        known
    }
}
