//! How the moment of a kill is found, phase by phase.

use std::{
    net::SocketAddr,
    thread::{JoinHandle, sleep},
    time::{Duration, Instant},
};

use domain::campaign::{PauseReason, Status};

use crate::{
    Failure,
    ask::Answer,
    installation::PASSWORD,
    look::{JobSight, Sight},
    plan::{Phase, below},
    process::Server,
    proof::has_unfinished_export,
    run::Run,
    waits::POLL,
};

const FOLD_PATIENCE: Duration = Duration::from_secs(10);
/// A fold takes some milliseconds; the kill comes within this time after its beginning.
const FOLD_SPREAD_US: u64 = 30_000;
/// Building what is built here takes about so long.
const BUILDING_MS: u64 = 500;
/// From a request to pause or resume to the kill.
const PAUSING_MS: u64 = 120;
/// From what is paused to its resumption.
const PAUSED: Duration = Duration::from_millis(300);
const EXPORT_PATIENCE: Duration = Duration::from_secs(2);
const EXPORT_US: u64 = 60_000;
/// From a start that is ready to the first receipts, about, and what the kill may come later.
const STORM_MIN_MS: u64 = 150;
const STORM_MS: u64 = 1_200;
/// Pieces in which a file is brought.
const PIECES: usize = 8;
/// Whoever makes the campaigns.
const AUTHOR_EMAIL: &str = "author@bench.example";
const READ_PATIENCE: Duration = Duration::from_secs(120);

/// What the server has promised before it was killed.
#[derive(Debug, Clone, Copy)]
pub enum Promise {
    Paused(usize),
    Resumed(usize),
}

/// A request that a kill may cut off.
type Asking = JoinHandle<Option<Answer>>;

impl Run {
    /// Kills the server within a phase; whether it is known to have been the middle of it. Of some phases the database
    /// tells.
    pub fn kill_in(&mut self, phase: Phase, part: f64, server: Server) -> Result<bool, Failure> {
        match phase {
            Phase::Starting => {
                let moment = self.start.mul_f64(self.random.next_f64());
                sleep(moment.saturating_sub(server.started.elapsed()));
                server.kill()?;
                Ok(true)
            }
            Phase::Sending => {
                self.until_sent(part)?;
                self.a_moment();
                server.kill()?;
                Ok(true)
            }
            Phase::Folding => {
                self.until_sent(part)?;
                server.until_fold(FOLD_PATIENCE);
                self.within(Duration::from_micros(FOLD_SPREAD_US));
                server.kill()
            }
            Phase::Storm => {
                sleep(Duration::from_millis(STORM_MIN_MS));
                self.within(Duration::from_millis(STORM_MS));
                server.kill()?;
                Ok(true)
            }
            Phase::Building => {
                if let Some(next) = self.unbuilt.checked_sub(1) {
                    self.unbuilt = next;
                    let path = format!("/api/v1/campaigns/{}/start", self.scene.built[next]);
                    let answer = self.scene.program.post(server.address(), &path, &format!("start-{next}"), "{}");
                    if answer.as_ref().is_none_or(|answer| answer.status != 200) {
                        return Err(format!("what is to be built is not started: {answer:?}").into());
                    }
                }
                self.within(Duration::from_millis(BUILDING_MS));
                server.kill()?;
                Ok(false)
            }
            Phase::Ingest => {
                self.until_sent(part)?;
                let receiving = self.bring(&server)?;
                server.kill()?;
                Ok(receiving)
            }
            Phase::Pausing => {
                self.until_sent(part)?;
                self.pause(server)
            }
            Phase::Exporting => {
                self.until_sent(part)?;
                self.export(&server)?;
                server.kill()?;
                Ok(has_unfinished_export(&self.launch.data))
            }
        }
    }

    /// A random moment before the end of a span.
    fn within(&mut self, span: Duration) {
        sleep(Duration::from_micros(below(span.as_micros() as u64, &mut self.random)));
    }

    fn asking(&self, ask: impl FnOnce() -> Option<Answer> + Send + 'static) -> Asking {
        std::thread::spawn(ask)
    }

    /// Pauses a campaign that is being sent and kills the server about that moment, or about the moment of its resumption.
    fn pause(&mut self, server: Server) -> Result<bool, Failure> {
        let going_on = |seen: &JobSight| seen.status == Status::Sending && seen.progress.waiting > 0;
        let sending: Vec<usize> = match &self.seen {
            Some(sight) => (0..sight.jobs.len()).filter(|&at| going_on(&sight.jobs[at])).collect(),
            // The one on demand is begun by the first start.
            None => vec![0],
        };
        let Some(&at) = sending.get(below(sending.len() as u64, &mut self.random) as usize) else {
            server.kill()?;
            return Ok(false);
        };
        let address = server.address();
        let is_resumed = self.random.next_f64() < 0.5;
        if is_resumed {
            let name = format!("pause-{}", self.random.next_u64());
            let answer = self.scene.program.post(address, &self.scene.jobs[at].path("pause"), &name, "{}");
            if answer.as_ref().is_none_or(|answer| answer.status != 200) {
                // It has ended in the meantime.
                eprintln!("    not paused: {answer:?}");
                server.kill()?;
                return Ok(false);
            }
            sleep(PAUSED);
        }
        let what = if is_resumed { "resume" } else { "pause" };
        let path = self.scene.jobs[at].path(what);
        let name = format!("{what}-{}", self.random.next_u64());
        let program = self.scene.program.clone();
        let asking = self.asking(move || program.post(address, &path, &name, "{}"));
        self.within(Duration::from_millis(PAUSING_MS));
        server.kill()?;
        let answered = asking.join().ok().flatten().is_some_and(|answer| answer.status == 200);
        if answered {
            self.promise = Some(if is_resumed { Promise::Resumed(at) } else { Promise::Paused(at) });
        }
        Ok(true)
    }

    /// What was answered is on record, and who is paused is known from now on.
    pub fn keep_promises(&mut self, sight: &Sight) -> Result<(), Failure> {
        let by_hand = |at: usize| sight.jobs[at].paused_for == Some(PauseReason::ByHand);
        let ended = |at: usize| sight.jobs[at].status.is_final();
        let broken = match self.promise.take() {
            Some(Promise::Paused(at)) => !by_hand(at) && !ended(at),
            Some(Promise::Resumed(at)) => by_hand(at),
            None => false,
        };
        self.figures.broken_promises += u64::from(broken);
        match sight.jobs.iter().position(|seen| seen.paused_for == Some(PauseReason::ByHand)) {
            Some(at) => {
                let place = self.scene.jobs[at].place;
                let sent = self.simulator.accepted_of_each()?[place];
                // One that was paused before this life counts from then.
                self.paused = self.paused.filter(|(known, _)| *known == at).or(Some((at, sent)));
            }
            None => self.paused = None,
        }
        Ok(())
    }

    /// Asks for a file of delivery records and waits until it is being written.
    fn export(&mut self, server: &Server) -> Result<(), Failure> {
        let (email, password) = (AUTHOR_EMAIL, PASSWORD);
        if !self.browser.sign_in(server.address(), email, password) {
            return Err("the author cannot sign in".into());
        }
        // Of one that is being built the order is not there yet.
        let ready: Vec<usize> = self
            .seen
            .iter()
            .flat_map(|sight| sight.jobs.iter().enumerate())
            .filter(|(_, seen)| !matches!(seen.status, Status::New | Status::Building))
            .map(|(at, _)| at)
            .collect();
        let Some(&at) = ready.get(below(ready.len() as u64, &mut self.random) as usize) else { return Ok(()) };
        let form = format!("slug=bench&id={}&format=csv&full=true", self.scene.jobs[at].campaign);
        let answer = self.browser.send(server.address(), "campaigns/exports/request_export", &form);
        if answer.as_ref().is_none_or(|answer| !matches!(answer.status, 200 | 302)) {
            return Err(format!("no export can be asked for: {answer:?}").into());
        }
        let asked = Instant::now();
        while !has_unfinished_export(&self.launch.data) && asked.elapsed() < EXPORT_PATIENCE {
            sleep(POLL / 4);
        }
        self.within(Duration::from_micros(EXPORT_US));
        Ok(())
    }

    /// Brings the file once more, or goes on with it where the last kill cut it off, up to a random moment of its way in or
    /// of its being read. True: it was still on its way in.
    fn bring(&mut self, server: &Server) -> Result<bool, Failure> {
        let address = server.address();
        let (state, received) = self.upload(address)?;
        if state == "reading" {
            self.within(self.scene.reading);
            return Ok(false);
        }
        let first = if state == "receiving" { received } else { 0 };
        let size = self.scene.file.len();
        let piece = size.div_ceil(PIECES);
        let is_cut = self.random.next_f64() < 0.4;
        let cut = first + below((size - first) as u64, &mut self.random) as usize;
        let mut at = first;
        while at < size {
            let end = (at + piece).min(size);
            if is_cut && end > cut {
                let (program, path) = (self.scene.program.clone(), self.recipients_path());
                let body = self.scene.file[at..end].to_vec();
                self.asking(move || program.put(address, &path, &format!("bytes {at}-{}/{size}", end - 1), &body));
                self.within(Duration::from_millis(20));
                return Ok(true);
            }
            self.put(address, at, end)?;
            at = end;
        }
        self.within(self.scene.reading);
        Ok(false)
    }

    fn put(&self, address: SocketAddr, at: usize, end: usize) -> Result<(), Failure> {
        let range = format!("bytes {at}-{}/{}", end - 1, self.scene.file.len());
        let answer = self.scene.program.put(address, &self.recipients_path(), &range, &self.scene.file[at..end]);
        match answer {
            Some(answer) if answer.status == 202 => Ok(()),
            other => Err(format!("a piece of the file is not taken: {other:?}").into()),
        }
    }

    fn recipients_path(&self) -> String {
        let campaign = self.scene.brought;
        format!("/api/v1/campaigns/{campaign}/recipients?number_column=1&header=true")
    }

    /// State and bytes of the upload; one that is done counts.
    fn upload(&mut self, address: SocketAddr) -> Result<(String, usize), Failure> {
        let path = format!("/api/v1/campaigns/{}/recipients/upload", self.scene.brought);
        let answer = self.scene.program.get(address, &path).ok_or("the server does not answer")?;
        match answer.status {
            200 => {
                let state = answer.field("state").ok_or("an upload without a state")?.to_owned();
                if state == "failed" || state == "received" {
                    return Err(format!("the file cannot be read: {}", answer.text).into());
                }
                let received = answer.field("received_bytes").ok_or("an upload without its bytes")?.parse()?;
                self.figures.files_brought += u64::from(state == "done");
                Ok((state, received))
            }
            404 => Ok(("none".to_owned(), 0)),
            _ => Err(format!("an upload cannot be looked at: {}", answer.text).into()),
        }
    }

    /// The file is there and read to its end.
    pub fn until_read(&mut self, server: &Server) -> Result<(), Failure> {
        let address = server.address();
        let (state, received) = self.upload(address)?;
        if state != "reading" && state != "done" {
            let first = if state == "receiving" { received } else { 0 };
            self.put(address, first, self.scene.file.len())?;
        }
        let begun = Instant::now();
        loop {
            let (state, _) = self.upload(address)?;
            if state == "done" {
                return Ok(());
            }
            if begun.elapsed() > READ_PATIENCE {
                return Err("the file is not read to its end".into());
            }
            sleep(Duration::from_millis(300));
        }
    }
}
