//! The program that hands in the numbers of a Trigger campaign while the server is killed. Each batch has an
//! Idempotency-Key and is repeated until it is answered with 202: in the end every number is there once, or the bench says
//! so.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, AtomicU32, Ordering},
    },
    thread::sleep,
    time::{Duration, Instant},
};

use crate::{
    Failure,
    ask::Program,
    look::Job,
    recipients::{name, number},
};

/// Numbers of one request.
const BATCH: u32 = 50;
/// Between attempts while there is no server.
const AGAIN: Duration = Duration::from_millis(20);
/// What a 429 asks for.
const SLOWER: Duration = Duration::from_secs(1);

pub struct Feeder(Arc<Feeding>);

struct Feeding {
    program: Program,
    job: Job,
    /// Between two batches.
    pace: Duration,
    /// Where the server is; None: there is none.
    address: Mutex<Option<SocketAddr>>,
    fed: AtomicU32,
    /// No more time is taken.
    hurries: AtomicBool,
    /// Why it gave up.
    failure: Mutex<Option<String>>,
    stop: AtomicBool,
}

impl Feeder {
    /// Begins once there is a server, and takes about so long for all.
    pub fn start(program: Program, job: Job, time: Duration) -> Self {
        let pace = time / job.messages.div_ceil(BATCH).max(1);
        let feeding = Arc::new(Feeding {
            program,
            job,
            pace,
            address: Mutex::default(),
            fed: AtomicU32::default(),
            hurries: AtomicBool::default(),
            failure: Mutex::default(),
            stop: AtomicBool::default(),
        });
        let feeder = Self(Arc::clone(&feeding));
        std::thread::spawn(move || feeding.feed());
        feeder
    }

    pub fn server_is_at(&self, address: Option<SocketAddr>) {
        *self.0.address.lock().unwrap_or_else(PoisonError::into_inner) = address;
    }

    /// What is left is handed in at once.
    pub fn hurry(&self) {
        self.0.hurries.store(true, Ordering::Relaxed);
    }

    /// Whether every number was accepted.
    pub fn is_done(&self) -> Result<bool, Failure> {
        if let Some(failure) = &*self.0.failure.lock().unwrap_or_else(PoisonError::into_inner) {
            return Err(failure.clone().into());
        }
        Ok(self.0.fed.load(Ordering::Acquire) >= self.0.job.messages)
    }
}

impl Feeding {
    fn feed(&self) {
        let mut first = 0;
        while first < self.job.messages && !self.stop.load(Ordering::Relaxed) {
            let last = (first + BATCH).min(self.job.messages);
            let begun = Instant::now();
            match self.post(first, &self.batch(first..last)) {
                Some(202) => {
                    first = last;
                    self.fed.store(first, Ordering::Release);
                    if !self.hurries.load(Ordering::Relaxed) {
                        sleep(self.pace.saturating_sub(begun.elapsed()));
                    }
                }
                Some(429) => sleep(SLOWER),
                // Not Sending yet, or the same request is still being answered; and what passes.
                None | Some(409 | 500..) => sleep(AGAIN),
                Some(other) => {
                    let failure = format!("numbers from {first} on were answered with {other}");
                    *self.failure.lock().unwrap_or_else(PoisonError::into_inner) = Some(failure);
                    return;
                }
            }
        }
    }

    /// The status of the answer; None: there was none.
    fn post(&self, first: u32, body: &str) -> Option<u16> {
        let address = (*self.address.lock().unwrap_or_else(PoisonError::into_inner))?;
        let answer = self.program.post(address, &self.job.path("numbers"), &format!("batch-{first}"), body)?;
        Some(answer.status)
    }

    fn batch(&self, indices: std::ops::Range<u32>) -> String {
        let one = |index: u32| {
            let index = u64::from(index);
            format!(r#"{{"number":"+{}","fields":{{"name":"{}"}}}}"#, number(self.job.place, index), name(index))
        };
        let numbers: Vec<String> = indices.map(one).collect();
        format!(r#"{{"numbers":[{}]}}"#, numbers.join(","))
    }
}

impl Drop for Feeder {
    fn drop(&mut self) {
        self.0.stop.store(true, Ordering::Relaxed);
    }
}
