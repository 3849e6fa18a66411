//! What happens in a history, and what is known of it.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};

use domain::{
    campaign::{Campaign, Mode, Parameters, PauseReason, Status},
    clock::{Clock, ManualClock},
    id::TenDlcCampaignId,
    permission::kind,
    recipient::RecipientState,
    sender::Addressing,
    tendlc::{CarrierStatus, day::CapDay, throughput::Tiers},
    week::Week,
};
use engine::{DispatchConfig, EngineConfig, trigger::Arrival};
use smpp::simulator;
use store::{
    Reason, Session, SystemDoor, campaigns, holds,
    recipients::PartState,
    tendlc::{Clearance, clearance, usage},
    workspaces::{self, SendingHours},
};
use tokio::runtime::{Builder, Runtime};

use super::{ON_DEMAND, SCHEDULED, SPREAD, Step, TRIGGER};
use crate::{
    fixture::{
        FIRST_NUMBER, Job, Order, Process, START_MS, Smsc, count, enter, left_behind, open, quick, sign_in, start_with,
        submit_as,
    },
    tendlc_sending::{config as tendlc_config, said, tiers, us},
};

const RECIPIENTS: u32 = 240;
const CLAIM_LIMIT: u32 = 40;
/// Numbers of a campaign begin so far from those of the one before. Below are those of a campaign that is never approved.
const APART: u64 = 1_000_000;
const MINUTE_MS: i64 = 60_000;
/// More than all campaigns have.
const CAP: u32 = 5_000;
/// By its parts a message shows which version it is of.
fn text(parts: u8) -> String {
    let length = if parts == 1 { 20 } else { 153 * usize::from(parts) - 20 };
    "m".repeat(length)
}

/// What stands in the way, as whoever caused it knows.
#[derive(Debug, Default)]
struct Obstacles {
    by_hand: [bool; 4],
    cancelled: [bool; 4],
    held: [bool; 2],
    night: bool,
    /// Messages of the day.
    limit: Option<u64>,
    link_down: bool,
    suspended: bool,
    used_up: bool,
}

impl Obstacles {
    fn of(&self, campaign: usize) -> Vec<PauseReason> {
        let all = [
            (self.by_hand[campaign], PauseReason::ByHand),
            (self.held.contains(&true), PauseReason::EverythingHeld),
            (self.night, PauseReason::OutsideDailyWindow),
            (self.link_down, PauseReason::ChannelDown),
            (self.suspended && is_us(campaign), PauseReason::TenDlc),
        ];
        all.into_iter().filter_map(|(stands, reason)| stands.then_some(reason)).collect()
    }

    /// What stands in the way until a day is over, if there is no room.
    fn is_limit(&self, campaign: usize, reason: PauseReason) -> bool {
        match reason {
            PauseReason::DailyLimit => self.limit.is_some(),
            PauseReason::TenDlcDailyCap => self.used_up && is_us(campaign),
            _ => false,
        }
    }
}

/// Whether it is sent from a US number.
const fn is_us(campaign: usize) -> bool {
    matches!(campaign, ON_DEMAND | SCHEDULED)
}

pub(super) struct People {
    author: Session,
    moderator: Session,
    admin: Session,
    root: Session,
}

/// A process and who is signed in.
pub(super) struct Life {
    pub(super) runtime: Runtime,
    pub(super) process: Process,
    pub(super) people: People,
}

pub(super) struct Scenario {
    dir: tempfile::TempDir,
    _outside_dir: tempfile::TempDir,
    clock: Arc<ManualClock>,
    smsc: Smsc,
    jobs: [Job; 4],
    tendlc: TenDlcCampaignId,
    us_sender: Addressing,
    obstacles: Obstacles,
    /// The parts of the text that a campaign has now.
    parts: [u8; 4],
    /// Those of the text that was approved, while that holds.
    approved: [Option<u8>; 4],
    /// What the SMSC had of a campaign when something began to stand in its way.
    frozen: [Option<usize>; 4],
    /// What campaigns were paused for.
    pub(super) seen: HashSet<PauseReason>,
    arrived: u32,
    kills: u64,
}

pub(super) fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn allowance() -> Tiers {
    tiers(600_000, CAP)
}

fn config() -> EngineConfig {
    let dispatch = DispatchConfig { claim_limit: CLAIM_LIMIT, claim_batch: 20, ..quick() };
    EngineConfig { dispatch, ..tendlc_config(allowance()) }
}

impl Scenario {
    /// Four campaigns that wait for a moderator. Two of them start when somebody says so.
    pub(super) fn begin(outside: &Runtime, submits_per_s: u32) -> Self {
        let (outside_dir, dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let clock = Arc::new(ManualClock::at(START_MS));
        let smsc = outside.block_on(Smsc::start(outside_dir.path()));
        smsc.control.update(|behaviour| {
            behaviour.max_submits_per_s = Some(submits_per_s);
            behaviour.latency_ms = 5;
            behaviour.receipts.delay_ms = 100;
        });
        let first = runtime();
        let (jobs, tendlc, us_sender) = first.block_on(async {
            let mut us = Box::pin(us(dir.path(), &smsc, &clock, config())).await;
            let other = us.people.sender.clone();
            let tendlc = us.number(1).await;
            let us_sender = us.people.sender.addressing.clone();
            let order = |place: usize, mode, start_at_ms, end_at_ms| Order {
                mode,
                first_number: first_number(place),
                start_at_ms,
                end_at_ms,
                recipients: if place == TRIGGER { 0 } else { RECIPIENTS },
                ..Order::of(0)
            };
            let at = |minutes: i64| Some(START_MS + minutes * MINUTE_MS);
            let mut jobs = Vec::new();
            for order in [
                order(ON_DEMAND, Mode::OnDemand, None, None),
                order(SCHEDULED, Mode::Scheduled, at(60), None),
                order(SPREAD, Mode::Spread, at(30), at(300)),
                order(TRIGGER, Mode::Trigger, None, None),
            ] {
                if jobs.len() == SPREAD {
                    us.people.sender = other.clone();
                }
                jobs.push(submit_as(&us.process.gate, us.system(), &us.people, order).await);
            }
            for place in [SCHEDULED, TRIGGER] {
                save(&us.process, &us.people.author, jobs[place], |_, automatically| *automatically = false)
                    .await
                    .unwrap();
            }
            (<[Job; 4]>::try_from(jobs).unwrap_or_else(|_| panic!("four campaigns")), tendlc, us_sender)
        });
        first.shutdown_timeout(Duration::from_secs(10));
        Self {
            dir: left_behind(dir.path()),
            _outside_dir: outside_dir,
            clock,
            smsc,
            jobs,
            tendlc,
            us_sender,
            obstacles: Obstacles::default(),
            parts: [1; 4],
            approved: [None; 4],
            frozen: [None; 4],
            seen: HashSet::new(),
            arrived: 0,
            kills: 0,
        }
    }

    pub(super) fn live(&self) -> Life {
        let runtime = runtime();
        let (process, people) = runtime.block_on(async {
            let (gate, system) = open(self.dir.path(), &self.clock).await;
            let process = start_with(gate, system, self.smsc.port, &self.clock, config());
            let people = People {
                author: sign_in(&process.gate, "author").await,
                moderator: sign_in(&process.gate, "moderator").await,
                admin: sign_in(&process.gate, "admin").await,
                root: sign_in(&process.gate, "root").await,
            };
            (process, people)
        });
        Life { runtime, process, people }
    }

    /// Ends the process; the next one is handed what it left.
    pub(super) fn end(&mut self, life: Life, killed: bool) {
        let Life { runtime, process, people } = life;
        if killed {
            self.kills += 1;
            // Tasks end where they stand.
            runtime.shutdown_timeout(Duration::from_secs(10));
            drop((process, people));
        } else {
            runtime.block_on(process.engine.shutdown(Duration::from_secs(20)));
            drop(people);
            runtime.shutdown_timeout(Duration::from_secs(10));
        }
        self.dir = left_behind(self.dir.path());
    }

    /// Messages of each campaign of which the SMSC accepted something.
    fn accepted(&self) -> [usize; 4] {
        let mut counts = [0; 4];
        for (number, part) in self.smsc.accepted().into_keys() {
            counts[place_of(number)] += usize::from(part == 1);
        }
        counts
    }

    pub(super) async fn take(&mut self, life: &Life, step: Step) {
        let (gate, people) = (&life.process.gate, &life.people);
        let control = async |campaign: usize| {
            enter(gate, &people.author).await.grant_on(self.jobs[campaign].campaign).await.unwrap()
        };
        match step {
            Step::Edit(it) => self.edit(life, it).await,
            Step::Approve(it) => self.approve(life, it).await,
            Step::Start(it) => {
                let started = campaigns::start(&control(it).await).await.is_ok();
                assert!(!started || self.approved[it].is_some(), "campaign {it} was started without an approval");
            }
            Step::Pause(it) => self.obstacles.by_hand[it] |= campaigns::pause(&control(it).await).await.is_ok(),
            Step::Resume(it) => {
                if campaigns::resume(&control(it).await).await.is_ok() {
                    self.obstacles.by_hand[it] = false;
                }
            }
            Step::Cancel(it) => self.obstacles.cancelled[it] |= campaigns::cancel(&control(it).await).await.is_ok(),
            Step::Hold { installation } => {
                let held = if installation {
                    holds::hold_installation(&gate.rule(&people.root).unwrap(), "A broken carrier").await
                } else {
                    holds::hold(&enter(gate, &people.admin).await.grant().unwrap(), "A wrong text").await
                };
                self.obstacles.held[usize::from(installation)] |= held.is_ok();
            }
            Step::Release { installation } => {
                let released = if installation {
                    holds::release_installation(&gate.rule(&people.root).unwrap()).await
                } else {
                    holds::release(&enter(gate, &people.admin).await.grant().unwrap()).await
                };
                assert!(released.is_ok() || !self.obstacles.held[usize::from(installation)]);
                self.obstacles.held[usize::from(installation)] = false;
            }
            Step::Night(night) => {
                self.obstacles.night = night;
                self.set_hours(life).await;
            }
            Step::Limit(limited) => {
                let sent: usize = self.accepted().iter().sum();
                self.obstacles.limit = limited.then_some(sent.max(1) as u64);
                self.set_hours(life).await;
            }
            Step::LinkDown => {
                self.smsc.control.update(|behaviour| behaviour.refuse_bind = Some(0x08));
                self.smsc.control.hang_up();
                self.obstacles.link_down = true;
            }
            Step::LinkUp => {
                self.smsc.control.update(|behaviour| behaviour.refuse_bind = None);
                self.obstacles.link_down = false;
            }
            Step::Suspend(suspended) => {
                let scope = life.process.system.enter(self.jobs[0].workspace, Reason::Registry);
                let status = if suspended { CarrierStatus::Suspended } else { CarrierStatus::Registered };
                said(&scope, self.tendlc, status).await;
                self.obstacles.suspended = suspended;
            }
            Step::UseUpTheDay => self.use_up_the_day(life).await,
            Step::Arrive(numbers) => self.arrive(life, numbers).await,
            Step::Minutes(minutes) => self.clock.advance(minutes * MINUTE_MS),
            Step::Restart => {}
        }
        life.process.engine.handle().nudge();
    }

    async fn edit(&mut self, life: &Life, it: usize) {
        let (job, parts) = (self.jobs[it], self.parts[it] % 3 + 1);
        let before = job.campaign(&life.process.system).await;
        let edited = save(&life.process, &life.people.author, job, |parameters, _| parameters.text = text(parts)).await;
        let Ok(after) = edited else { return };
        assert_eq!(before.life.status, Status::New, "campaign {it} was edited");
        assert_eq!((after.life.version, &after.life.approval), (before.life.version + 1, &None));
        (self.parts[it], self.approved[it]) = (parts, None);
        let ingest = life.process.system.enter(job.workspace, Reason::Ingest);
        let segments = u64::from(RECIPIENTS) * u64::from(parts);
        campaigns::uploads::measured(&ingest, job.campaign, &text(parts), segments).await.unwrap();
    }

    async fn approve(&mut self, life: &Life, it: usize) {
        let scope = enter(&life.process.gate, &life.people.moderator).await;
        let seen = self.jobs[it].campaign(&life.process.system).await.life.version;
        if campaigns::approve(&scope.grant().unwrap(), self.jobs[it].campaign, seen).await.is_ok() {
            self.approved[it] = Some(self.parts[it]);
        }
    }

    /// The hours leave this moment out, or not; the day has room for so many messages.
    async fn set_hours(&self, life: &Life) {
        let scope = enter(&life.process.gate, &life.people.admin).await;
        // Histories begin at 17:33; until noon is over something else has ended them.
        let daily_window = self.obstacles.night.then(|| Week::daily(12 * 60, 12 * 60 + 1));
        let hours = SendingHours { daily_window, messages_per_day_max: self.obstacles.limit };
        let seen = scope.workspace().revision;
        workspaces::set_sending_hours(&scope.grant().unwrap(), seen, &hours).await.unwrap();
    }

    async fn use_up_the_day(&mut self, life: &Life) {
        let scope = life.process.system.enter(self.jobs[0].workspace, Reason::Registry);
        let found = clearance::for_sending(&scope, &self.us_sender).await.unwrap();
        let Clearance::Cleared(cleared) = found else { return };
        for messages in [vec![100; 50], vec![1; 100]] {
            usage::charge(&scope, &cleared, &allowance(), &messages).await.unwrap();
        }
        self.obstacles.used_up = true;
    }

    async fn arrive(&mut self, life: &Life, numbers: u32) {
        let first = first_number(TRIGGER) + u64::from(self.arrived);
        let arrivals = (0..u64::from(numbers))
            .map(|index| Arrival { number: format!("+{}", first + index), ..Arrival::default() });
        let scope = enter(&life.process.gate, &life.people.author).await;
        let control = scope.grant_on(self.jobs[TRIGGER].campaign).await.unwrap();
        if let Ok(answers) = life.process.engine.handle().trigger(&control, arrivals.collect(), None).await {
            for answer in answers {
                assert_eq!(answer.unwrap(), self.arrived, "each has the next place");
                self.arrived += 1;
            }
        }
    }

    /// Waits until each campaign has taken in what stands in its way, and holds it against what the SMSC got.
    pub(super) async fn look(&mut self, life: &Life) {
        let mut stands = [false; 4];
        for (it, job) in self.jobs.iter().enumerate() {
            let reasons = self.obstacles.of(it);
            let obstacles = &self.obstacles;
            let seen = job
                .until(&life.process.system, |campaign| {
                    let is_explained = match campaign.life.status {
                        Status::Paused => campaign.life.pause.as_ref().is_some_and(|pause| {
                            reasons.contains(&pause.reason)
                                || obstacles.is_limit(it, pause.reason)
                                || pause.reason == PauseReason::MissedSchedule
                        }),
                        // Where nobody waits only receipts are waited for.
                        Status::Sending => reasons.is_empty() || campaign.progress.waiting == 0,
                        Status::Cancelled => obstacles.cancelled[it],
                        Status::New | Status::Pending | Status::Done | Status::Expired => true,
                        _ => false,
                    };
                    let is_at_rest = campaign.life.status == Status::Sending || campaign.progress.claimed == 0;
                    is_explained && is_at_rest && sums(campaign, it, self.arrived)
                })
                .await;
            let paused_for = seen.life.pause.map(|pause| pause.reason);
            self.seen.extend(paused_for);
            // A day may have been over in between.
            let by_limit = paused_for.is_some_and(|reason| self.obstacles.is_limit(it, reason));
            stands[it] = seen.life.status != Status::Sending && !by_limit;
        }
        let accepted = self.accepted();
        for it in 0..4 {
            if let (true, Some(frozen)) = (stands[it], self.frozen[it]) {
                assert_eq!(accepted[it], frozen, "campaign {it} was sent while {:?}", self.obstacles);
            }
            self.frozen[it] = stands[it].then_some(accepted[it]);
        }
        self.check_texts();
    }

    /// Each message is of the version that was approved.
    fn check_texts(&self) {
        for part in simulator::log::read(&self.smsc.log).unwrap() {
            let it = place_of(part.destination.parse().unwrap());
            assert_eq!(Some(part.total), self.approved[it], "campaign {it} sent a text that nobody approved");
        }
    }

    /// Nothing stands in the way any more, and the clock goes on until everything has ended.
    pub(super) async fn finish(&mut self, life: &Life) {
        for step in [
            Step::LinkUp,
            Step::Night(false),
            Step::Limit(false),
            Step::Suspend(false),
            Step::Release { installation: false },
            Step::Release { installation: true },
        ] {
            Box::pin(self.take(life, step)).await;
        }
        self.smsc.control.update(|behaviour| behaviour.max_submits_per_s = None);
        for _ in 0..60 {
            for it in 0..4 {
                let life_of = self.jobs[it].campaign(&life.process.system).await.life;
                let paused = life_of.pause.map(|pause| pause.reason);
                if matches!(paused, Some(PauseReason::ByHand | PauseReason::MissedSchedule)) {
                    Box::pin(self.take(life, Step::Resume(it))).await;
                }
                if life_of.status == Status::New {
                    Box::pin(self.take(life, Step::Approve(it))).await;
                    Box::pin(self.take(life, Step::Start(it))).await;
                }
            }
            self.clock.advance(10 * MINUTE_MS);
            tokio::time::sleep(Duration::from_millis(150)).await;
        }
        if self.obstacles.used_up {
            self.clock.set(CapDay::of(self.clock.now_ms()).ends_at_ms());
        }
        let control = enter(&life.process.gate, &life.people.author).await.grant_on(self.jobs[TRIGGER].campaign).await;
        // Cancelled ones are finished already.
        let _ = campaigns::finish(&control.unwrap()).await;
        for job in &self.jobs {
            let nobody = |campaign: &Campaign| {
                let p = campaign.progress;
                p.waiting + p.claimed + p.submitted == 0
            };
            job.until(&life.process.system, nobody).await;
        }
        // Receipts of uncertain ones find them by their number, after they were parked.
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        self.clock.advance(26 * 60 * MINUTE_MS);
        for (it, job) in self.jobs.iter().enumerate() {
            let ended = job.until(&life.process.system, |campaign| !campaign.life.status.is_active()).await;
            let expected = if self.obstacles.cancelled[it] { Status::Cancelled } else { Status::Done };
            let window_over = it == SPREAD && ended.life.status == Status::Expired;
            assert!(ended.life.status == expected || window_over, "campaign {it}: {:?}", ended.life);
        }
    }

    pub(super) async fn account(&self, system: &SystemDoor, moments: u64) {
        self.check_texts();
        let accepted = self.smsc.accepted();
        assert!(accepted.values().all(|&times| times == 1), "sent twice");
        let mut known: HashMap<u64, usize> = HashMap::new();
        for (it, job) in self.jobs.iter().enumerate() {
            let campaign = job.campaign(system).await;
            if campaign.started_at_ms.is_none() {
                assert!(self.obstacles.cancelled[it], "{:?}", campaign.life);
                continue;
            }
            let rows = job.rows(system).await;
            assert_eq!(count(&rows), campaign.progress, "campaign {it}");
            assert!(sums(&campaign, it, self.arrived));
            let mut uncertain = 0;
            for (number, row) in rows {
                assert_eq!(known.insert(number, it), None, "{number} is there twice");
                match row.state {
                    RecipientState::Delivered | RecipientState::NotSent => {}
                    RecipientState::Uncertain => uncertain += 1,
                    // The rest of a message whose beginning was out.
                    RecipientState::Failed => {
                        assert!(row.parts.iter().any(|part| part.state == PartState::NotSent), "{number}: {row:?}");
                    }
                    other => panic!("{number} of campaign {it} is lost: {other:?}"),
                }
                for part in 1..=3_u8 {
                    let state = row.parts.get(usize::from(part) - 1).map(|part| part.state);
                    // A receipt settles what the SMSC has.
                    let expected = state == Some(PartState::Delivered);
                    assert_eq!(accepted.contains_key(&(number, part)), expected, "{number} part {part}: {row:?}");
                }
            }
            // At each kill, and each time that the carrier hung up.
            assert!(uncertain <= (self.kills + moments) * u64::from(CLAIM_LIMIT), "{uncertain}");
        }
        assert!(accepted.keys().all(|(number, _)| known.contains_key(number)), "nobody sent to a stranger");
    }
}

fn first_number(place: usize) -> u64 {
    FIRST_NUMBER + (place as u64 + 1) * APART
}

/// Of the campaign that a number is one of.
fn place_of(number: u64) -> usize {
    usize::try_from((number - FIRST_NUMBER) / APART).unwrap() - 1
}

/// The author saves a campaign with something changed.
async fn save(
    process: &Process,
    author: &Session,
    job: Job,
    change: impl FnOnce(&mut Parameters, &mut bool),
) -> Result<Campaign, store::Error> {
    let proof = enter(&process.gate, author).await.grant_on::<kind::EditCampaign>(job.campaign).await.unwrap();
    let campaign = proof.campaign();
    let (mut parameters, mut automatically) = (campaign.parameters.clone(), campaign.life.start_automatically);
    change(&mut parameters, &mut automatically);
    campaigns::save(&proof, parameters, automatically).await
}

/// Recipients over all states are as many as there are, once the campaign was built; of a Trigger campaign, as have come
/// and were taken in.
fn sums(campaign: &Campaign, place: usize, arrived: u32) -> bool {
    let total = campaign.progress.total();
    match place {
        TRIGGER => total <= u64::from(arrived),
        _ => total == u64::from(RECIPIENTS) || total == 0 && campaign.started_at_ms.is_none(),
    }
}
