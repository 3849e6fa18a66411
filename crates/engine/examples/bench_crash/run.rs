//! The run: start, stop at the moment that is due, look, and again; then to the end of the campaign.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    thread::sleep,
    time::{Duration, Instant},
};

use domain::{
    campaign::{Progress, Status},
    recipient::RecipientState,
};
use smpp::{random::SplitMix64, simulator};

use crate::{
    Failure,
    feeder::Feeder,
    installation::CHANNEL,
    look::{Job, Sight, look},
    plan::{Stop, stops},
    prepare::{prepare, prepare_trigger},
    process::{Launch, Server, Simulator},
    recipients::{self, Expected, Fate},
    verdict::{Verdict, arrived, compare},
};

const POLL: Duration = Duration::from_millis(2);
/// When nothing is accepted for so long, nothing more will be.
const STANDSTILL: Duration = Duration::from_secs(4);
/// The same when all of it should be there already.
const LAST: Duration = Duration::from_millis(300);
const FOLD_PATIENCE: Duration = Duration::from_secs(10);
/// A fold takes some milliseconds; the kill comes within this time after its beginning.
const FOLD_SPREAD_US: u64 = 30_000;
/// Between the part of the messages that is waited for and a stop.
const MOMENT_MAX_MS: u64 = 500;
const RECEIPT_WAIT_S: u64 = 15;
const END_PATIENCE: Duration = Duration::from_secs(180);

pub struct Options {
    pub server: PathBuf,
    pub kills: u32,
    pub terms: u32,
    pub messages: u32,
    pub rate: u32,
    pub claim_limit: u32,
    pub seed: u64,
    /// A Trigger campaign, whose numbers come while the server is killed.
    pub trigger: bool,
    pub dir: PathBuf,
}

/// What was measured.
#[derive(Debug, Default)]
pub struct Figures {
    pub kills: u32,
    pub kills_starting: u32,
    pub kills_in_fold: u32,
    pub terms: u32,
    /// Recipients that one kill left without an outcome.
    pub uncertain_max: u64,
    pub uncertain_on_term: u64,
    /// Recipients that became uncertain while the server ran.
    pub uncertain_running: u64,
    /// At a stop: recorded as waiting, and at the SMSC.
    pub to_be_doubled: u64,
    pub term_max: Duration,
    pub ready_max: Duration,
    pub verdict: Verdict,
    pub progress: Progress,
    pub parts_at_smsc: u64,
    /// Where the files are.
    pub folder: PathBuf,
}

impl Figures {
    /// What must not be, if there is something.
    pub fn complaint(&self, claim_limit: u32) -> Option<String> {
        let Verdict { lost, duplicates, mismatches, unsettled, to_be_doubled } = self.verdict;
        let wrong = [
            (lost, "recipients are recorded as sent, and the SMSC does not have them"),
            (duplicates, "parts were accepted more than once"),
            (to_be_doubled + self.to_be_doubled, "recipients are recorded as not sent, and the SMSC has them"),
            (mismatches, "recipients are in a state that contradicts the SMSC"),
            (unsettled, "recipients are uncertain although the SMSC sent their receipts"),
            (self.uncertain_on_term, "recipients became uncertain by an orderly stop"),
            (self.uncertain_running, "recipients became uncertain while the server ran"),
            (
                self.uncertain_max.saturating_sub(claim_limit.into()),
                "recipients above the claim limit became uncertain",
            ),
        ];
        let found = wrong.iter().filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
        Some(found.collect::<Vec<_>>().join("; ")).filter(|text| !text.is_empty())
    }
}

struct Run {
    launch: Launch,
    simulator: Simulator,
    job: Job,
    feeder: Option<Feeder>,
    expected: HashMap<u64, Expected>,
    /// Parts that will arrive if nothing stays uncertain.
    parts: u64,
    /// How long a start takes, by the first one.
    start: Duration,
    /// Who was claimed or uncertain at the latest stop, by index.
    unsure: HashSet<usize>,
    random: SplitMix64,
    figures: Figures,
}

pub fn run(options: &Options) -> Result<Figures, Failure> {
    let folder = options.dir.join(format!("message-center-crash-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    eprintln!("seed {}, files in {}", options.seed, folder.display());
    let figures = run_in(options, &folder)?;
    if figures.complaint(options.claim_limit).is_none() {
        std::fs::remove_dir_all(&folder)?;
    }
    Ok(Figures { folder, ..figures })
}

fn run_in(options: &Options, folder: &Path) -> Result<Figures, Failure> {
    let data = folder.join("data");
    let (job, feeder) = if options.trigger {
        let (job, access) = prepare_trigger(&data, &folder.join("prepared"), options.messages)?;
        (job, Some(Feeder::start(access, options.messages)))
    } else {
        (prepare(&data, &folder.join("prepared"), options.messages)?, None)
    };
    let simulator = Simulator::start(&options.server, folder, &recipients::behaviour())?;
    let config = folder.join("message-center.toml");
    std::fs::write(&config, configuration(options, simulator.port))?;
    let expected = recipients::all(options.messages);
    let sent = expected.values().filter(|expected| expected.fate != Fate::Refused);
    let mut random = SplitMix64::new(options.seed);
    let stops = stops(options.kills, options.terms, &mut random);
    let launch = Launch { program: options.server.clone(), config, data, log: folder.join("server.log") };
    let mut run = Run {
        parts: sent.map(|expected| u64::from(expected.parts)).sum(),
        launch,
        simulator,
        job,
        feeder,
        expected,
        start: Duration::ZERO,
        unsure: HashSet::new(),
        random,
        figures: Figures::default(),
    };
    for (number, stop) in stops.iter().enumerate() {
        run.live_until(number + 1, *stop)?;
    }
    run.end()
}

/// One link to the simulator, and a wait for receipts that a bench can sit out.
fn configuration(options: &Options, port: u16) -> String {
    format!(
        "[engine]\nclaim_limit = {}\nreceipt_wait_s = {RECEIPT_WAIT_S}\n\n[[links]]\nid = \"{CHANNEL}\"\nname = \"Simulator\"\n\
         host = \"127.0.0.1\"\nport = {port}\nsystem_id = \"bench\"\npassword = \"bench\"\nwindow = 200\n\
         rate_segments_per_s = {}\nis_simulator = true\n",
        options.claim_limit, options.rate
    )
}

impl Run {
    /// One life of the server, from its start to the stop.
    fn live_until(&mut self, number: usize, stop: Stop) -> Result<(), Failure> {
        let mut server = self.launch.start()?;
        self.feed(&server);
        if self.start.is_zero() || !matches!(stop, Stop::KillStarting(_)) {
            server.until_ready()?;
            let ready = server.started.elapsed();
            self.figures.ready_max = self.figures.ready_max.max(ready);
            if self.start.is_zero() {
                self.start = ready;
            }
        }
        let mut in_fold = false;
        match stop {
            Stop::KillStarting(part) => {
                sleep(self.start.mul_f64(part).saturating_sub(server.started.elapsed()));
                server.kill()?;
                self.figures.kills_starting += 1;
            }
            Stop::KillSending(part) => {
                self.until_sent(part)?;
                self.a_moment();
                in_fold = server.kill()?;
            }
            Stop::KillFolding(part) => {
                self.until_sent(part)?;
                server.until_fold(FOLD_PATIENCE);
                sleep(Duration::from_micros(self.random.next_u64() % FOLD_SPREAD_US));
                in_fold = server.kill()?;
            }
            Stop::KillReceiving(after) => {
                self.until_sent(0.98)?;
                self.until(u64::MAX, LAST)?;
                sleep(after);
                in_fold = server.kill()?;
            }
            Stop::Terminate(part) => {
                self.until_sent(part)?;
                self.a_moment();
                let took = server.terminate()?;
                self.figures.term_max = self.figures.term_max.max(took);
            }
        }
        self.figures.kills_in_fold += u32::from(in_fold);
        let sight = self.look()?;
        let (claimed, new) = self.judge(&sight);
        if matches!(stop, Stop::Terminate(_)) {
            self.figures.terms += 1;
            self.figures.uncertain_on_term += claimed + new;
        } else {
            self.figures.kills += 1;
            self.figures.uncertain_max = self.figures.uncertain_max.max(claimed);
            self.figures.uncertain_running += new;
        }
        let verdict = compare(&sight, &self.arrived()?, &self.expected, false);
        self.figures.to_be_doubled += verdict.to_be_doubled;
        let Progress { waiting, submitted, delivered, failed, uncertain, .. } = sight.progress;
        let fold = if in_fold { " in a fold" } else { "" };
        eprintln!(
            "{number:>3} {stop}{fold}: waiting {waiting}, claimed {claimed}, submitted {submitted}, delivered {delivered}, \
             failed {failed}, uncertain {uncertain} ({new} new)"
        );
        if verdict != Verdict::default() {
            eprintln!("    {verdict:?}");
        }
        Ok(())
    }

    /// Says where numbers are taken now.
    fn feed(&self, server: &Server) {
        if let Some(feeder) = &self.feeder {
            feeder.server_is_at(Some(server.address()));
        }
    }

    /// Until every number of a Trigger campaign was accepted; then it is finished.
    fn until_fed(&self) -> Result<(), Failure> {
        let Some(feeder) = &self.feeder else { return Ok(()) };
        let begun = Instant::now();
        while !feeder.is_done()? {
            if begun.elapsed() > END_PATIENCE {
                return Err("not every number is accepted".into());
            }
            sleep(POLL);
        }
        feeder.finish()
    }

    /// The part may have been reached in an earlier life: the stop is not to come at the end of the start each time.
    fn a_moment(&mut self) {
        sleep(Duration::from_millis(self.random.next_u64() % MOMENT_MAX_MS));
    }

    /// Until this part of the messages is at the SMSC.
    fn until_sent(&mut self, part: f64) -> Result<(), Failure> {
        // What is uncertain will not come, as far as it has not come already.
        let total = self.parts.saturating_sub(self.unsure.len() as u64);
        self.until((total as f64 * part) as u64, STANDSTILL)
    }

    /// Until so many parts are at the SMSC, or nothing has moved for so long.
    fn until(&mut self, parts: u64, standstill: Duration) -> Result<(), Failure> {
        let (mut known, mut moved) = (self.simulator.accepted()?, Instant::now());
        while known < parts && moved.elapsed() < standstill {
            sleep(POLL);
            let now = self.simulator.accepted()?;
            if now > known {
                (known, moved) = (now, Instant::now());
            }
        }
        Ok(())
    }

    fn look(&self) -> Result<Sight, Failure> {
        look(&self.launch.data, &self.launch.data.with_file_name("copy"), self.job)
    }

    fn arrived(&self) -> Result<crate::verdict::Arrived, Failure> {
        arrived(simulator::log::read(self.simulator.log())?)
    }

    /// Those who are claimed, and those who became uncertain without having been claimed when the server started.
    fn judge(&mut self, sight: &Sight) -> (u64, u64) {
        let indices = |state: RecipientState| -> HashSet<usize> {
            let rows = sight.rows.iter().enumerate();
            rows.filter(|(_, (_, row))| row.state == state).map(|(index, _)| index).collect()
        };
        let (claimed, uncertain) = (indices(RecipientState::Claimed), indices(RecipientState::Uncertain));
        let new = uncertain.difference(&self.unsure).count() as u64;
        let count = claimed.len() as u64;
        self.unsure = claimed.union(&uncertain).copied().collect();
        (count, new)
    }

    /// Starts the server once more, lets the campaign come to its end, and compares.
    fn end(mut self) -> Result<Figures, Failure> {
        let mut sight = self.look()?;
        if sight.status != Status::Done {
            let mut server = self.launch.start()?;
            self.feed(&server);
            server.until_ready()?;
            self.until_fed()?;
            let ready = Instant::now();
            let (mut known, mut moved) = (self.simulator.accepted()?, ready);
            while !server.campaign_is_done() {
                let now = self.simulator.accepted()?;
                if now > known {
                    (known, moved) = (now, Instant::now());
                }
                if moved.elapsed() > END_PATIENCE {
                    return Err("the campaign does not come to its end".into());
                }
                sleep(POLL);
            }
            let took = server.terminate()?;
            self.figures.term_max = self.figures.term_max.max(took);
            sight = self.look()?;
            let (claimed, new) = self.judge(&sight);
            self.figures.uncertain_on_term += claimed + new;
        }
        if sight.status != Status::Done {
            return Err(format!("the campaign is {:?}", sight.status).into());
        }
        if sight.rows.len() != self.job.messages as usize {
            return Err(format!("{} of {} recipients are there", sight.rows.len(), self.job.messages).into());
        }
        let arrived = self.arrived()?;
        self.figures.verdict = compare(&sight, &arrived, &self.expected, true);
        self.figures.parts_at_smsc = arrived.len() as u64;
        self.figures.progress = sight.progress;
        Ok(self.figures)
    }
}
