//! The run: start, stop at the moment that is due, look, and again; then to the end of the campaigns.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    thread::sleep,
    time::Duration,
};

use domain::{
    campaign::{Mode, Progress},
    recipient::RecipientState,
};
use smpp::{random::SplitMix64, simulator};

use crate::{
    Failure,
    ask::Browser,
    feeder::Feeder,
    installation::CHANNEL,
    look::{JobSight, Sight, look},
    phases::Promise,
    plan::{Phase, Stop, below, count, stops},
    prepare::{Order, Scene, prepare},
    process::{Launch, Server, Simulator},
    proof::{Proved, prove},
    recipients::{self, Expected, Fate},
    verdict::{Arrived, NOT_SENT_AND_THERE, Verdict, arrived, compare, of_arrivals},
    waits::{until_ended, until_fed, until_sent},
};

/// Between the part of the messages that is waited for and a stop.
const MOMENT_MAX_MS: u64 = 500;
const RECEIPT_WAIT_S: u32 = 12;
/// What a stop and the look after it take, about: for those who take their time.
const LIFE_S: u32 = 4;

pub struct Options {
    pub server: PathBuf,
    pub kills: u32,
    pub terms: u32,
    /// Of each of the four campaigns.
    pub messages: u32,
    pub rate: u32,
    pub claim_limit: u32,
    pub seed: u64,
    pub dir: PathBuf,
}

/// Kills of one phase.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hits {
    pub kills: u32,
    /// Of these the ones after which files or records show that it was going on.
    pub within: u32,
}

/// What was measured.
#[derive(Debug, Default)]
pub struct Figures {
    pub hits: HashMap<Phase, Hits>,
    pub terms: u32,
    /// Recipients of one campaign that one kill left without an outcome.
    pub uncertain_max: u64,
    pub uncertain_on_term: u64,
    /// Recipients that became uncertain while the server ran.
    pub uncertain_running: u64,
    /// At a stop: recorded as waiting, and at the SMSC.
    pub to_be_doubled: u64,
    /// Parts that were sent although their campaign was paused.
    pub sent_while_paused: u64,
    /// Pauses, resumptions and reports that were answered, and are not on record.
    pub broken_promises: u64,
    /// Receipts on record of one life that was to get those of all that was sent before.
    pub storm_max: u64,
    pub files_brought: u64,
    pub term_max: Duration,
    pub ready_max: Duration,
    pub verdict: Verdict,
    pub proved: Proved,
    pub complaints: Vec<String>,
    pub progress: Progress,
    pub parts_at_smsc: u64,
    /// Where the files are.
    pub folder: PathBuf,
}

impl Figures {
    pub fn kills(&self) -> u32 {
        self.hits.values().map(|hits| hits.kills).sum()
    }

    /// What must not be, if there is something.
    pub fn complaint(&self, claim_limit: u32) -> Option<String> {
        let more = [
            (self.to_be_doubled, NOT_SENT_AND_THERE),
            (self.uncertain_on_term, "recipients became uncertain by an orderly stop"),
            (self.uncertain_running, "recipients became uncertain while the server ran"),
            (self.sent_while_paused, "parts were sent while their campaign was paused"),
            (self.broken_promises, "answers were given for what is not on record"),
            (
                self.uncertain_max.saturating_sub(claim_limit.into()),
                "recipients above the claim limit became uncertain",
            ),
        ];
        let wrong = self.verdict.complaints().into_iter().chain(more);
        let found = wrong.filter(|(count, _)| *count > 0).map(|(count, what)| format!("{count} {what}"));
        let all: Vec<String> = found.chain(self.complaints.iter().cloned()).collect();
        Some(all.join("; ")).filter(|text| !text.is_empty())
    }
}

pub(super) struct Run {
    pub launch: Launch,
    pub simulator: Simulator,
    pub scene: Scene,
    feeder: Feeder,
    pub browser: Browser,
    expected: Vec<HashMap<u64, Expected>>,
    /// Parts that will arrive if nothing stays uncertain.
    parts: u64,
    /// How long a start takes, by the first one.
    pub start: Duration,
    /// Who was claimed or uncertain at the latest stop, by campaign and index.
    unsure: HashSet<(usize, usize)>,
    /// As of the latest stop.
    pub seen: Option<Sight>,
    /// Campaigns that are only built and were not started yet.
    pub unbuilt: usize,
    /// What a person has paused, and how many parts of it were at the SMSC then.
    pub paused: Option<(usize, u64)>,
    /// What was answered just before the kill.
    pub promise: Option<Promise>,
    pub random: SplitMix64,
    pub figures: Figures,
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
    let mut random = SplitMix64::new(options.seed);
    let stops = stops(&Phase::OF_SERVER, options.kills, options.terms, &mut random);
    let time_s = stops.len() as u32 * LIFE_S;
    let order = Order {
        modes: &Mode::ALL,
        messages: options.messages,
        spread_s: time_s + 30,
        built: count(&stops, Phase::Building),
    };
    let scene = prepare(&data, &folder.join("prepared"), order)?;
    let simulator = Simulator::start(&options.server, folder, &recipients::behaviour())?;
    let config = folder.join("message-center.toml");
    let sections = engine_section(options.claim_limit, RECEIPT_WAIT_S) + &link_section(simulator.port, options.rate);
    std::fs::write(&config, sections)?;
    let expected: Vec<_> = scene.jobs.iter().map(|job| recipients::all(job.place, job.messages)).collect();
    let sent = expected.iter().flat_map(HashMap::values).filter(|expected| expected.fate != Fate::Refused);
    let trigger = *scene.jobs.iter().find(|job| job.mode == Mode::Trigger).ok_or("no Trigger campaign")?;
    let time = Duration::from_secs(u64::from(time_s)) / 2;
    let mut run = Run {
        parts: sent.map(|expected| u64::from(expected.parts)).sum(),
        launch: Launch { program: options.server.clone(), config, data, log: folder.join("server.log") },
        simulator,
        feeder: Feeder::start(scene.program.clone(), trigger, time),
        browser: Browser::default(),
        unbuilt: scene.built.len(),
        scene,
        expected,
        start: Duration::ZERO,
        unsure: HashSet::new(),
        seen: None,
        paused: None,
        promise: None,
        random,
        figures: Figures::default(),
    };
    for (number, stop) in stops.iter().enumerate() {
        run.live_until(number + 1, *stop).map_err(|cause| format!("life {}, {stop}: {cause}", number + 1))?;
    }
    run.end()
}

/// A wait for receipts that a bench can sit out.
pub fn engine_section(claim_limit: u32, receipt_wait_s: u32) -> String {
    format!("[engine]\nclaim_limit = {claim_limit}\nreceipt_wait_s = {receipt_wait_s}\n")
}

/// One link to the simulator.
pub fn link_section(port: u16, rate: u32) -> String {
    format!(
        "\n[[links]]\nid = \"{CHANNEL}\"\nname = \"Simulator\"\nhost = \"127.0.0.1\"\nport = {port}\nsystem_id = \"bench\"\n\
         password = \"bench\"\nwindow = 200\nrate_segments_per_s = {rate}\nis_simulator = true\n"
    )
}

impl Run {
    /// One life of the server, from its start to the stop.
    fn live_until(&mut self, number: usize, stop: Stop) -> Result<(), Failure> {
        if matches!(stop, Stop::Kill(Phase::Storm, _)) {
            // Those that are due meanwhile are kept at the SMSC.
            sleep(Duration::from_millis(recipients::RECEIPT_DELAY_MS));
        }
        let mut server = self.launch.start()?;
        self.feeder.server_is_at(Some(server.address()));
        if !matches!(stop, Stop::Kill(Phase::Starting, _)) {
            server.until_ready()?;
            let ready = server.started.elapsed();
            self.figures.ready_max = self.figures.ready_max.max(ready);
            if self.start.is_zero() {
                self.start = ready;
            }
            self.release(&server)?;
        }
        let killed = match stop {
            Stop::Terminate(part) => {
                self.until_sent(part)?;
                self.a_moment();
                let took = server.terminate()?;
                self.figures.term_max = self.figures.term_max.max(took);
                None
            }
            Stop::Kill(phase, part) => Some((phase, self.kill_in(phase, part, server)?)),
        };
        self.feeder.server_is_at(None);
        let sight = self.look()?;
        let (claimed, new) = self.judge(&sight);
        let Some((phase, within)) = killed else {
            self.figures.terms += 1;
            self.figures.uncertain_on_term += claimed.iter().sum::<u64>() + new;
            return self.note(number, stop, sight, "");
        };
        self.figures.uncertain_max = claimed.into_iter().fold(self.figures.uncertain_max, u64::max);
        self.figures.uncertain_running += new;
        let within = match phase {
            Phase::Ingest => sight.is_reading || within,
            Phase::Building => sight.is_building,
            Phase::Storm => self.weather(&sight),
            _ => within,
        };
        let hits = self.figures.hits.entry(phase).or_default();
        hits.kills += 1;
        hits.within += u32::from(within);
        self.note(number, stop, sight, if within { ", in the middle of it" } else { "" })
    }

    fn note(&mut self, number: usize, stop: Stop, sight: Sight, within: &str) -> Result<(), Failure> {
        let arrived = self.arrived()?;
        let all: Vec<String> = sight.jobs.iter().map(summary).collect();
        eprintln!("{number:>3} {stop}{within}: {}", all.join("; "));
        for (at, seen) in sight.jobs.iter().enumerate() {
            let verdict = compare(seen, &arrived, &self.expected[at], false);
            self.figures.to_be_doubled += verdict.to_be_doubled;
            if verdict != Verdict::default() {
                eprintln!("    {:?}: {verdict:?}", self.scene.jobs[at].mode);
            }
        }
        self.keep_promises(&sight)?;
        self.seen = Some(sight);
        Ok(())
    }

    /// Whether receipts came in this life; how many.
    fn weather(&mut self, sight: &Sight) -> bool {
        let settled = |sight: &Sight| -> u64 {
            sight.jobs.iter().map(|seen| seen.progress.delivered + seen.progress.failed).sum()
        };
        let before = self.seen.as_ref().map_or(0, settled);
        let came = settled(sight).saturating_sub(before);
        self.figures.storm_max = self.figures.storm_max.max(came);
        came > 0
    }

    /// The part may have been reached in an earlier life: the stop is not to come at the end of the start each time.
    pub fn a_moment(&mut self) {
        sleep(Duration::from_millis(below(MOMENT_MAX_MS, &mut self.random)));
    }

    /// Until this part of the messages is at the SMSC, or nothing has moved for a while.
    pub fn until_sent(&mut self, part: f64) -> Result<(), Failure> {
        // What is uncertain will not come, as far as it has not come already.
        let total = self.parts.saturating_sub(self.unsure.len() as u64);
        let parts = (total as f64 * part) as u64;
        until_sent(&mut self.simulator, parts)
    }

    fn look(&self) -> Result<Sight, Failure> {
        look(&self.launch.data, &self.launch.data.with_file_name("copy"), &self.scene)
    }

    fn arrived(&self) -> Result<Arrived, Failure> {
        arrived(simulator::log::read(self.simulator.log())?)
    }

    /// How many were claimed in each campaign in this life, and how many became uncertain without having been claimed when
    /// it began. Who was claimed before stays so on record until the engine has taken the campaign up.
    fn judge(&mut self, sight: &Sight) -> (Vec<u64>, u64) {
        let indices = |state: RecipientState| -> HashSet<(usize, usize)> {
            let of = |(at, seen): (usize, &JobSight)| -> Vec<(usize, usize)> {
                let rows = seen.rows.iter().enumerate();
                rows.filter(|(_, (_, row))| row.state == state).map(|(index, _)| (at, index)).collect()
            };
            sight.jobs.iter().enumerate().flat_map(of).collect()
        };
        let (claimed, uncertain) = (indices(RecipientState::Claimed), indices(RecipientState::Uncertain));
        let new = uncertain.difference(&self.unsure).count() as u64;
        let fresh = |at: usize| claimed.difference(&self.unsure).filter(|(of, _)| *of == at).count() as u64;
        let counts = (0..sight.jobs.len()).map(fresh).collect();
        self.unsure = claimed.union(&uncertain).copied().collect();
        (counts, new)
    }

    /// Starts the server once more, lets the campaigns come to their ends, and compares.
    fn end(mut self) -> Result<Figures, Failure> {
        let mut server = self.launch.start()?;
        self.feeder.server_is_at(Some(server.address()));
        server.until_ready()?;
        self.release(&server)?;
        self.until_read(&server)?;
        until_fed(&self.feeder)?;
        until_ended(&self.scene, &mut self.simulator, &server)?;
        // A campaign whose window ran out is over before the last receipts have come.
        sleep(Duration::from_millis(2 * recipients::RECEIPT_DELAY_MS));
        let took = server.terminate()?;
        self.figures.term_max = self.figures.term_max.max(took);
        let sight = self.look()?;
        let (claimed, new) = self.judge(&sight);
        self.figures.uncertain_on_term += claimed.iter().sum::<u64>() + new;
        self.keep_promises(&sight)?;
        let arrived = self.arrived()?;
        self.figures.verdict = of_arrivals(&arrived, &self.expected);
        for (seen, expected) in sight.jobs.iter().zip(&self.expected) {
            self.figures.verdict += compare(seen, &arrived, expected, true);
            self.figures.progress += seen.progress;
        }
        self.figures.parts_at_smsc = arrived.values().map(|ids| ids.len() as u64).sum();
        let copy = self.launch.data.with_file_name("copy");
        let (proved, complaints) = prove(&self.launch.data, &copy, &self.scene, &sight)?;
        self.figures.proved = proved;
        self.figures.complaints = complaints.0;
        let all: Vec<String> = sight.jobs.iter().map(summary).collect();
        eprintln!("end: {}", all.join("; "));
        Ok(self.figures)
    }

    /// What a person has paused stays paused over a kill, and nothing of it is sent until it is resumed here.
    fn release(&mut self, server: &Server) -> Result<(), Failure> {
        let Some((at, sent)) = self.paused.take() else { return Ok(()) };
        sleep(Duration::from_millis(600));
        let place = self.scene.jobs[at].place;
        self.figures.sent_while_paused += self.simulator.accepted_of_each()?[place].saturating_sub(sent);
        let name = format!("resume-{}", self.random.next_u64());
        let answer = self.scene.program.post(server.address(), &self.scene.jobs[at].path("resume"), &name, "{}");
        match answer {
            Some(answer) if answer.status == 200 => Ok(()),
            other => Err(format!("a paused campaign cannot be resumed: {other:?}").into()),
        }
    }
}

pub fn summary(seen: &JobSight) -> String {
    let Progress { waiting, claimed, submitted, delivered, failed, uncertain, no_receipt, not_sent } = seen.progress;
    let end = if no_receipt + not_sent > 0 { format!("+{no_receipt}+{not_sent}") } else { String::new() };
    let status = seen.status.label();
    format!("{status} {waiting}/{claimed}/{submitted}/{delivered}/{failed}/{uncertain}{end}")
}
