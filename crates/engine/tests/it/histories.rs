//! Histories made at random: people, the clock, the carrier and kills do what they do in any order, over campaigns of the
//! four modes. After each step it is known of each campaign what keeps it from sending; while something does, nothing of it
//! reaches the SMSC. In the end everybody has been sent to once or is accounted for.
//!
//! `HISTORIES=20 cargo test -p engine --test it histories` plays others than the two that are always played.

use std::{collections::HashMap, sync::Arc, time::Duration};

use domain::{
    campaign::{Campaign, Mode, PauseReason, Status},
    clock::ManualClock,
    recipient::RecipientState,
    week::Week,
};
use engine::{DispatchConfig, trigger::Arrival};
use proptest::{
    prelude::*,
    strategy::ValueTree,
    test_runner::{Config, TestRunner},
};
use store::{
    Session, SystemDoor, campaigns, holds,
    workspaces::{self, SendingHours},
};
use tokio::runtime::{Builder, Runtime};

use crate::fixture::{
    FIRST_NUMBER, Job, Order, Process, START_MS, Smsc, count, enter, left_behind, open, quick, sign_in, start, submit,
    submit_as,
};

const RECIPIENTS: u32 = 240;
const CLAIM_LIMIT: u32 = 40;
const STEPS: usize = 16;
/// Numbers of a campaign begin so far from those of the one before.
const APART: u64 = 1_000_000;
const MINUTE_MS: i64 = 60_000;
/// Of [`Scenario::jobs`].
const TRIGGER: usize = 3;

#[derive(Debug, Clone, Copy)]
enum Step {
    Pause(usize),
    Resume(usize),
    Cancel(usize),
    /// Of the workspace, or of the installation.
    Hold {
        installation: bool,
    },
    Release {
        installation: bool,
    },
    /// The daily hours leave this moment out, or there are none.
    Night(bool),
    LinkDown,
    LinkUp,
    /// A program hands in some numbers.
    Arrive(u32),
    Minutes(i64),
    /// The process ends, in order or as by a kill, and the next one begins.
    Restart {
        killed: bool,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let campaign = 0_usize..4;
    prop_oneof![
        4 => campaign.clone().prop_map(Step::Pause),
        6 => campaign.clone().prop_map(Step::Resume),
        1 => campaign.prop_map(Step::Cancel),
        2 => any::<bool>().prop_map(|installation| Step::Hold { installation }),
        4 => any::<bool>().prop_map(|installation| Step::Release { installation }),
        3 => any::<bool>().prop_map(Step::Night),
        1 => Just(Step::LinkDown),
        3 => Just(Step::LinkUp),
        5 => (1_u32..30).prop_map(Step::Arrive),
        6 => (1_i64..45).prop_map(Step::Minutes),
        4 => any::<bool>().prop_map(|killed| Step::Restart { killed }),
    ]
}

/// What stands in the way, as whoever caused it knows.
#[derive(Debug, Default)]
struct Obstacles {
    by_hand: [bool; 4],
    cancelled: [bool; 4],
    held: [bool; 2],
    night: bool,
    link_down: bool,
}

impl Obstacles {
    fn of(&self, campaign: usize) -> Vec<PauseReason> {
        let all = [
            (self.by_hand[campaign], PauseReason::ByHand),
            (self.held.contains(&true), PauseReason::EverythingHeld),
            (self.night, PauseReason::OutsideDailyWindow),
            (self.link_down, PauseReason::ChannelDown),
        ];
        all.into_iter().filter_map(|(stands, reason)| stands.then_some(reason)).collect()
    }
}

struct People {
    author: Session,
    admin: Session,
    root: Session,
}

/// A process and who is signed in.
struct Life {
    runtime: Runtime,
    process: Process,
    people: People,
}

struct Scenario {
    dir: tempfile::TempDir,
    _outside_dir: tempfile::TempDir,
    clock: Arc<ManualClock>,
    smsc: Smsc,
    jobs: [Job; 4],
    obstacles: Obstacles,
    /// What the SMSC had of a campaign when something began to stand in its way.
    frozen: [Option<usize>; 4],
    arrived: u32,
    kills: u64,
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

fn config() -> DispatchConfig {
    DispatchConfig { claim_limit: CLAIM_LIMIT, claim_batch: 20, ..quick() }
}

impl Scenario {
    /// Four approved campaigns.
    fn begin(outside: &Runtime) -> Self {
        let (outside_dir, dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let clock = Arc::new(ManualClock::at(START_MS));
        let smsc = outside.block_on(Smsc::start(outside_dir.path()));
        smsc.control.update(|behaviour| {
            behaviour.max_submits_per_s = Some(150);
            behaviour.latency_ms = 5;
            behaviour.receipts.delay_ms = 100;
        });
        let first = runtime();
        let jobs = first.block_on(async {
            let (gate, system) = open(dir.path(), &clock).await;
            let order = |place: u64, mode, start_at_ms, end_at_ms| Order {
                mode,
                first_number: FIRST_NUMBER + place * APART,
                start_at_ms,
                end_at_ms,
                ..Order::of(RECIPIENTS)
            };
            let at = |minutes: i64| Some(START_MS + minutes * MINUTE_MS);
            let (on_demand, people) = submit(&gate, &system, order(0, Mode::OnDemand, None, None)).await;
            let others = [
                order(1, Mode::Scheduled, at(60), None),
                order(2, Mode::Spread, at(30), at(300)),
                Order { recipients: 0, text: "", ..order(3, Mode::Trigger, None, None) },
            ];
            let mut jobs = vec![on_demand];
            for order in others {
                jobs.push(submit_as(&gate, &system, &people, order).await);
            }
            for job in &jobs {
                job.approve(&gate, &people).await;
            }
            <[Job; 4]>::try_from(jobs).unwrap_or_else(|_| panic!("four campaigns"))
        });
        first.shutdown_timeout(Duration::from_secs(10));
        Self {
            dir: left_behind(dir.path()),
            _outside_dir: outside_dir,
            clock,
            smsc,
            jobs,
            obstacles: Obstacles::default(),
            frozen: [None; 4],
            arrived: 0,
            kills: 0,
        }
    }

    fn live(&self) -> Life {
        let runtime = runtime();
        let (process, people) = runtime.block_on(async {
            let process = start(self.dir.path(), self.smsc.port, &self.clock, config()).await;
            let people = People {
                author: sign_in(&process.gate, "author").await,
                admin: sign_in(&process.gate, "admin").await,
                root: sign_in(&process.gate, "root").await,
            };
            (process, people)
        });
        Life { runtime, process, people }
    }

    /// Ends the process; the next one is handed what it left.
    fn end(&mut self, life: Life, killed: bool) {
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

    /// Messages of each campaign that the SMSC accepted.
    fn accepted(&self) -> [usize; 4] {
        let mut counts = [0; 4];
        for (number, _) in self.smsc.accepted().into_keys() {
            counts[usize::try_from((number - FIRST_NUMBER) / APART).unwrap()] += 1;
        }
        counts
    }

    async fn take(&mut self, life: &Life, step: Step) {
        let (gate, people) = (&life.process.gate, &life.people);
        let control = async |campaign: usize| {
            enter(gate, &people.author).await.grant_on(self.jobs[campaign].campaign).await.unwrap()
        };
        match step {
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
            Step::Night(night) => self.set_night(life, night).await,
            Step::LinkDown => {
                self.smsc.control.update(|behaviour| behaviour.refuse_bind = Some(0x08));
                self.smsc.control.hang_up();
                self.obstacles.link_down = true;
            }
            Step::LinkUp => {
                self.smsc.control.update(|behaviour| behaviour.refuse_bind = None);
                self.obstacles.link_down = false;
            }
            Step::Arrive(numbers) => self.arrive(life, numbers).await,
            Step::Minutes(minutes) => self.clock.advance(minutes * MINUTE_MS),
            Step::Restart { .. } => {}
        }
        life.process.engine.handle().nudge();
    }

    /// Hours around a moment at which nobody is awake here, or all hours.
    async fn set_night(&mut self, life: &Life, night: bool) {
        let scope = enter(&life.process.gate, &life.people.admin).await;
        // Histories begin at 17:33 and take twelve hours at most.
        let daily_window = night.then(|| Week::daily(12 * 60, 12 * 60 + 1));
        let hours = SendingHours { daily_window, messages_per_day_max: None };
        let seen = scope.workspace().revision;
        workspaces::set_sending_hours(&scope.grant().unwrap(), seen, &hours).await.unwrap();
        self.obstacles.night = night;
    }

    async fn arrive(&mut self, life: &Life, numbers: u32) {
        let first = FIRST_NUMBER + TRIGGER as u64 * APART + u64::from(self.arrived);
        let arrivals = (0..u64::from(numbers)).map(|index| Arrival {
            number: format!("+{}", first + index),
            text: Some("Your code is 123".to_owned()),
            ..Arrival::default()
        });
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
    async fn look(&mut self, life: &Life) {
        let mut stands = [false; 4];
        for (it, job) in self.jobs.iter().enumerate() {
            let reasons = self.obstacles.of(it);
            let seen = job
                .until(&life.process.system, |campaign| {
                    let is_explained = match campaign.life.status {
                        Status::Paused => campaign.life.pause.as_ref().is_some_and(|pause| {
                            reasons.contains(&pause.reason) || pause.reason == PauseReason::MissedSchedule
                        }),
                        Status::Sending => reasons.is_empty(),
                        Status::Cancelled => self.obstacles.cancelled[it],
                        Status::Pending | Status::Done | Status::Expired => true,
                        _ => false,
                    };
                    let is_at_rest = campaign.life.status == Status::Sending || campaign.progress.claimed == 0;
                    is_explained && is_at_rest && sums(campaign, it, self.arrived)
                })
                .await;
            stands[it] = seen.life.status != Status::Sending;
        }
        let accepted = self.accepted();
        for it in 0..4 {
            if let (true, Some(frozen)) = (stands[it], self.frozen[it]) {
                assert_eq!(accepted[it], frozen, "campaign {it} was sent while {:?}", self.obstacles);
            }
            self.frozen[it] = stands[it].then_some(accepted[it]);
        }
    }

    /// Nothing stands in the way any more, and the clock goes on until everything has ended.
    async fn finish(&mut self, life: &Life) {
        for step in [
            Step::LinkUp,
            Step::Night(false),
            Step::Release { installation: false },
            Step::Release { installation: true },
        ] {
            self.take(life, step).await;
        }
        self.smsc.control.update(|behaviour| behaviour.max_submits_per_s = None);
        for _ in 0..60 {
            for it in 0..4 {
                let campaign = self.jobs[it].campaign(&life.process.system).await;
                let paused = campaign.life.pause.map(|pause| pause.reason);
                if matches!(paused, Some(PauseReason::ByHand | PauseReason::MissedSchedule)) {
                    self.take(life, Step::Resume(it)).await;
                }
            }
            self.clock.advance(10 * MINUTE_MS);
            tokio::time::sleep(Duration::from_millis(150)).await;
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
            let window_over = it == 2 && ended.life.status == Status::Expired;
            assert!(ended.life.status == expected || window_over, "campaign {it}: {:?}", ended.life);
        }
    }

    async fn account(&self, system: &SystemDoor) {
        let accepted = self.smsc.accepted();
        assert!(accepted.values().all(|&times| times == 1), "sent twice");
        let mut known: HashMap<u64, usize> = HashMap::new();
        for (it, job) in self.jobs.iter().enumerate() {
            let campaign = job.campaign(system).await;
            let rows = job.rows(system).await;
            assert_eq!(count(&rows), campaign.progress, "campaign {it}");
            assert!(sums(&campaign, it, self.arrived));
            let mut uncertain = 0;
            for (number, row) in rows {
                assert_eq!(known.insert(number, it), None, "{number} is there twice");
                let is_there = accepted.contains_key(&(number, 1));
                match row.state {
                    RecipientState::Delivered => assert!(is_there, "{number} was never there"),
                    RecipientState::NotSent => assert!(!is_there, "{number} was sent"),
                    // A receipt settles what the SMSC has.
                    RecipientState::Uncertain => {
                        assert!(!is_there, "{number} is there and unsettled");
                        uncertain += 1;
                    }
                    other => panic!("{number} of campaign {it} is lost: {other:?}"),
                }
            }
            // At each kill, and each time that the carrier hung up.
            assert!(uncertain <= (self.kills + STEPS as u64) * u64::from(CLAIM_LIMIT), "{uncertain}");
        }
        assert!(accepted.keys().all(|(number, _)| known.contains_key(number)), "nobody sent to a stranger");
    }
}

/// Recipients over all states are as many as there are; of a Trigger campaign, as have come and were taken in.
fn sums(campaign: &Campaign, place: usize, arrived: u32) -> bool {
    let total = campaign.progress.total();
    if place == TRIGGER { total <= u64::from(arrived) } else { total == u64::from(RECIPIENTS) }
}

fn play(steps: &[Step]) {
    let outside = runtime();
    let mut scenario = Scenario::begin(&outside);
    let mut life = scenario.live();
    for &step in steps {
        if let Step::Restart { killed } = step {
            scenario.end(life, killed);
            life = scenario.live();
        }
        life.runtime.block_on(async {
            scenario.take(&life, step).await;
            scenario.look(&life).await;
        });
    }
    life.runtime.block_on(async { scenario.finish(&life).await });
    let Life { runtime, process, people } = life;
    drop(people);
    runtime.block_on(async {
        let Process { gate, system, core, engine } = process;
        engine.shutdown(Duration::from_secs(20)).await;
        drop((gate, core));
        scenario.account(&system).await;
    });
    outside.shutdown_background();
}

#[test]
fn whatever_happens_in_whatever_order_everybody_is_sent_to_once_or_accounted_for() {
    let others: Option<usize> = std::env::var("HISTORIES").ok().and_then(|count| count.parse().ok());
    let mut runner = match others {
        Some(_) => TestRunner::new(Config::default()),
        None => TestRunner::deterministic(),
    };
    for _ in 0..others.unwrap_or(2) {
        let steps = prop::collection::vec(step(), STEPS).new_tree(&mut runner).unwrap().current();
        println!("{steps:?}");
        play(&steps);
    }
}
