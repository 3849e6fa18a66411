//! `--core`: the links are in an SMS Core behind mutual TLS, and it is the Core that is killed, over and over, while the
//! server and the simulator live on.

use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use domain::campaign::{Mode, Progress};
use smpp::{random::SplitMix64, simulator};

use crate::{
    Failure,
    ask::Answer,
    feeder::Feeder,
    look::{Job, look},
    plan::{Phase, Stop, below, stops},
    prepare::{Order, Scene, prepare},
    process::{Launch, Server, Simulator, SmsCore, free_address},
    recipients::{self, Expected, Fate},
    run::{Options, engine_section, link_section, summary},
    verdict::{Verdict, arrived, compare, of_arrivals},
    waits::{until_ended, until_fed, until_sent},
};

/// A file with everybody from the start, and numbers that come all the time.
const MODES: [Mode; 2] = [Mode::OnDemand, Mode::Trigger];
const RECEIPT_WAIT_S: u32 = 6;
/// From what is waited for to a stop.
const MOMENT_MS: u64 = 400;
/// A Core that is killed while it starts has begun to listen, and to bind, by then.
const START_MS: u64 = 300;
/// From a connection to a kill among receipts.
const STORM_MS: u64 = 900;
/// So many parts go out at most by a Core that comes late in the run.
const LIFE_PARTS: u64 = 200;
/// The server looks for the Core every five seconds at the latest.
const CONNECT_PATIENCE: Duration = Duration::from_secs(20);
/// Until nobody is on the way any more when a Core is gone.
const LOSS_PATIENCE: Duration = Duration::from_secs(20);
/// A key may ask ten times a second.
const ASK_AGAIN: Duration = Duration::from_millis(150);
/// For the Trigger campaign: what a life of a Core takes.
const LIFE_MS: u32 = 2_000;

/// What was measured.
#[derive(Debug, Default)]
pub struct CoreFigures {
    pub kills: HashMap<Phase, u32>,
    pub terms: u32,
    /// Recipients of one campaign that one kill left without an outcome, and all that all of them left.
    pub uncertain_max: u64,
    pub uncertain_ever: u64,
    pub uncertain_on_term: u64,
    /// Recipients whose receipts came in one life that was to get those of all that was sent before.
    pub storm_max: u64,
    pub term_max: Duration,
    pub verdict: Verdict,
    pub progress: Progress,
    pub parts_at_smsc: u64,
    /// Where the files are.
    pub folder: PathBuf,
}

impl CoreFigures {
    /// What must not be, if there is something.
    pub fn complaint(&self, claim_limit: u32) -> Option<String> {
        let above = self.uncertain_max.saturating_sub(claim_limit.into());
        let more = [
            (self.uncertain_on_term, "recipients became uncertain by an orderly stop"),
            (above, "recipients above the claim limit became uncertain by one kill"),
        ];
        let found = self.verdict.complaints().into_iter().chain(more).filter(|(count, _)| *count > 0);
        let all: Vec<String> = found.map(|(count, what)| format!("{count} {what}")).collect();
        Some(all.join("; ")).filter(|text| !text.is_empty())
    }
}

/// The Core, while there is one, and how it is started.
struct Desk {
    program: PathBuf,
    config: PathBuf,
    log: PathBuf,
    running: Option<SmsCore>,
}

impl Desk {
    fn start(&mut self) -> Result<(), Failure> {
        if self.running.is_none() {
            self.running = Some(SmsCore::start(&self.program, &self.config, &self.log)?);
        }
        Ok(())
    }

    fn kill(&mut self) -> Result<(), Failure> {
        self.running.take().map_or(Ok(()), SmsCore::kill)
    }

    fn terminate(&mut self) -> Result<Duration, Failure> {
        self.running.take().map_or(Ok(Duration::ZERO), SmsCore::terminate)
    }
}

struct CoreRun {
    desk: Desk,
    server: Server,
    simulator: Simulator,
    scene: Scene,
    feeder: Feeder,
    random: SplitMix64,
    /// Parts that will arrive if nothing stays uncertain.
    parts: u64,
    /// Who was uncertain at some time, by campaign and index: nobody is sent to again, so nobody becomes so twice.
    ever: HashSet<(usize, u32)>,
    figures: CoreFigures,
}

pub fn run(options: &Options) -> Result<CoreFigures, Failure> {
    let folder = options.dir.join(format!("message-center-core-crash-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    eprintln!("seed {}, files in {}", options.seed, folder.display());
    let figures = run_in(options, &folder)?;
    if figures.complaint(options.claim_limit).is_none() {
        std::fs::remove_dir_all(&folder)?;
    }
    Ok(CoreFigures { folder, ..figures })
}

fn run_in(options: &Options, folder: &Path) -> Result<CoreFigures, Failure> {
    let data = folder.join("data");
    let mut random = SplitMix64::new(options.seed);
    let stops = stops(&Phase::OF_CORE, options.kills, options.terms, &mut random);
    let order = Order { modes: &MODES, messages: options.messages, spread_s: 0, built: 0 };
    let scene = prepare(&data, &folder.join("prepared"), order)?;
    let simulator = Simulator::start(&options.server, folder, &recipients::behaviour())?;
    let (config, core_config) = configure(options, folder, simulator.port)?;
    let launch = Launch { program: options.server.clone(), config, data, log: folder.join("server.log") };
    let trigger = *scene.jobs.iter().find(|job| job.mode == Mode::Trigger).ok_or("no Trigger campaign")?;
    let time = Duration::from_millis(u64::from(LIFE_MS) * stops.len() as u64 / 2);
    let feeder = Feeder::start(scene.program.clone(), trigger, time);
    let expected: Vec<_> = scene.jobs.iter().map(|job| recipients::all(job.place, job.messages)).collect();
    let sent = expected.iter().flat_map(HashMap::values).filter(|expected| expected.fate != Fate::Refused);
    let mut server = launch.start()?;
    feeder.server_is_at(Some(server.address()));
    server.until_ready()?;
    let log = folder.join("core.log");
    let mut run = CoreRun {
        parts: sent.map(|expected| u64::from(expected.parts)).sum(),
        desk: Desk { program: options.server.clone(), config: core_config, log, running: None },
        server,
        simulator,
        scene,
        feeder,
        random,
        ever: HashSet::new(),
        figures: CoreFigures::default(),
    };
    for (number, stop) in stops.iter().enumerate() {
        run.live_until(number + 1, *stop).map_err(|cause| format!("life {}, {stop}: {cause}", number + 1))?;
    }
    run.end(&launch, &expected)
}

/// Whether it is to come when the server has found the Core.
const fn stop_is_in_use(stop: Stop) -> bool {
    !matches!(stop, Stop::Kill(Phase::Starting, _))
}

/// The files of both ends, with certificates as the manual says. The second path is that of the Core's file.
fn configure(options: &Options, folder: &Path, smsc_port: u16) -> Result<(PathBuf, PathBuf), Failure> {
    let certs = folder.join("certs");
    let made = Command::new(&options.server).args(["certs", "init", "--dir"]).arg(&certs).output()?;
    if !made.status.success() {
        return Err(format!("no certificates: {}", String::from_utf8_lossy(&made.stderr)).into());
    }
    let identity = |name: &str| {
        let file = |name: String| certs.join(name);
        format!(
            "ca = {:?}\ncertificate = {:?}\nkey = {:?}\ncrl = {:?}\n",
            file("ca.crt".into()),
            file(format!("{name}.crt")),
            file(format!("{name}.key")),
            file("crl.pem".into())
        )
    };
    let (address, config, core_config) =
        (free_address()?, folder.join("message-center.toml"), folder.join("core.toml"));
    let engine = engine_section(options.claim_limit, RECEIPT_WAIT_S);
    let core =
        format!("\n[[cores]]\nid = \"core\"\nurl = \"https://localhost:{}\"\n{}", address.port(), identity("center"));
    std::fs::write(&config, engine + &core)?;
    let head = format!("listen = \"{address}\"\n{}allow = [\"urn:message-center:center\"]\n", identity("core"));
    std::fs::write(&core_config, head + &link_section(smsc_port, options.rate))?;
    Ok((config, core_config))
}

impl CoreRun {
    /// One life of the Core, from its start to the stop.
    fn live_until(&mut self, number: usize, stop: Stop) -> Result<(), Failure> {
        let is_storm = matches!(stop, Stop::Kill(Phase::Storm, _));
        if is_storm {
            // Those that are due meanwhile are kept at the SMSC.
            sleep(Duration::from_millis(recipients::RECEIPT_DELAY_MS));
        }
        let before = if is_storm { self.settled()? } else { 0 };
        let (connections, accepted) = (self.server.connections(), self.simulator.accepted()?);
        self.desk.start()?;
        if stop_is_in_use(stop) && !self.server.until_connected(connections, CONNECT_PATIENCE) {
            return Err("the server does not find the Core again".into());
        }
        match stop {
            Stop::Kill(Phase::Starting, _) => self.a_moment(START_MS),
            Stop::Kill(Phase::Storm, _) => self.a_moment(STORM_MS),
            Stop::Kill(_, part) | Stop::Terminate(part) => {
                // What is uncertain will not come, as far as it has not come already.
                let total = self.parts.saturating_sub(self.ever.len() as u64);
                let least = accepted + 1 + below(LIFE_PARTS, &mut self.random);
                until_sent(&mut self.simulator, least.max((total as f64 * part) as u64))?;
                self.a_moment(MOMENT_MS);
            }
        }
        match stop {
            Stop::Kill(phase, _) => {
                self.desk.kill()?;
                *self.figures.kills.entry(phase).or_default() += 1;
            }
            Stop::Terminate(_) => {
                let took = self.desk.terminate()?;
                self.figures.terms += 1;
                self.figures.term_max = self.figures.term_max.max(took);
            }
        }
        let new = self.loss()?;
        if is_storm {
            self.figures.storm_max = self.figures.storm_max.max(self.settled()?.saturating_sub(before));
        }
        eprintln!("{number:>3} {stop}: {} at the SMSC, new uncertain {new:?}", self.simulator.accepted()?);
        match stop {
            Stop::Kill(..) => {
                self.figures.uncertain_max = new.iter().copied().fold(self.figures.uncertain_max, u64::max);
            }
            Stop::Terminate(_) => self.figures.uncertain_on_term += new.iter().sum::<u64>(),
        }
        Ok(())
    }

    fn a_moment(&mut self, most_ms: u64) {
        sleep(Duration::from_millis(below(most_ms, &mut self.random)));
    }

    /// How many of each campaign have become uncertain, once nobody of it is on the way any more: the server has noticed
    /// that the Core is gone.
    fn loss(&mut self) -> Result<Vec<u64>, Failure> {
        let begun = Instant::now();
        let mut new = Vec::new();
        for (at, job) in self.scene.jobs.clone().into_iter().enumerate() {
            while self.count(job, "claimed")? > 0 {
                if begun.elapsed() > LOSS_PATIENCE {
                    return Err(format!("{} has somebody on the way without a Core", job.mode.label()).into());
                }
                sleep(ASK_AGAIN);
            }
            let uncertain = self.uncertain(job)?;
            new.push(uncertain.into_iter().filter(|index| self.ever.insert((at, *index))).count() as u64);
        }
        Ok(new)
    }

    /// Recipients of all campaigns that have their receipts.
    fn settled(&self) -> Result<u64, Failure> {
        self.scene.jobs.iter().map(|job| Ok(self.count(*job, "delivered")? + self.count(*job, "failed")?)).sum()
    }

    fn count(&self, job: Job, state: &str) -> Result<u64, Failure> {
        let answer = self.get(&format!("/api/v1/campaigns/{}", job.campaign))?;
        Ok(answer.field(state).ok_or_else(|| format!("no count of {state}"))?.parse()?)
    }

    /// The places of those who are uncertain.
    fn uncertain(&self, job: Job) -> Result<Vec<u32>, Failure> {
        let (mut found, mut cursor) = (Vec::new(), String::new());
        loop {
            let path = job.path(&format!("recipients?state=uncertain&limit=200{cursor}"));
            let answer = self.get(&path)?;
            for piece in answer.text.split("\"index\":").skip(1) {
                found.push(piece.split(',').next().unwrap_or_default().parse()?);
            }
            match answer.field("next_cursor") {
                None | Some("null") => return Ok(found),
                Some(next) => cursor = format!("&cursor={next}"),
            }
        }
    }

    fn get(&self, path: &str) -> Result<Answer, Failure> {
        loop {
            let answer = self.scene.program.get(self.server.address(), path).ok_or("the server does not answer")?;
            match answer.status {
                200 => return Ok(answer),
                429 => sleep(ASK_AGAIN),
                other => return Err(format!("{path} is answered with {other}").into()),
            }
        }
    }

    /// The SMSC keeps receipts back for a while: it has none any more when none has come for longer.
    fn until_receipts_stop(&self) -> Result<(), Failure> {
        let (mut known, mut moved) = (self.settled()?, Instant::now());
        while moved.elapsed() < 2 * Duration::from_millis(recipients::RECEIPT_DELAY_MS) {
            sleep(ASK_AGAIN);
            let now = self.settled()?;
            if now > known {
                (known, moved) = (now, Instant::now());
            }
        }
        Ok(())
    }

    /// Starts the Core once more, lets the campaigns come to their ends, and compares.
    fn end(mut self, launch: &Launch, expected: &[HashMap<u64, Expected>]) -> Result<CoreFigures, Failure> {
        let connections = self.server.connections();
        self.desk.start()?;
        until_fed(&self.feeder)?;
        until_ended(&self.scene, &mut self.simulator, &self.server)?;
        // A campaign may end, with some uncertain, before the Core is found again: their receipts come then.
        if !self.server.until_connected(connections, CONNECT_PATIENCE) {
            return Err("the server does not find the Core again".into());
        }
        self.until_receipts_stop()?;
        self.feeder.server_is_at(None);
        self.server.terminate()?;
        let took = self.desk.terminate()?;
        self.figures.term_max = self.figures.term_max.max(took);
        self.figures.uncertain_ever = self.ever.len() as u64;
        let sight = look(&launch.data, &launch.data.with_file_name("copy"), &self.scene)?;
        let arrived = arrived(simulator::log::read(self.simulator.log())?)?;
        self.figures.verdict = of_arrivals(&arrived, expected);
        for (seen, expected) in sight.jobs.iter().zip(expected) {
            self.figures.verdict += compare(seen, &arrived, expected, true);
            self.figures.progress += seen.progress;
            eprintln!("end: {}", summary(seen));
        }
        self.figures.parts_at_smsc = arrived.values().map(|ids| ids.len() as u64).sum();
        Ok(self.figures)
    }
}
