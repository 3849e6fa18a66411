//! The SMSC, and when each number came to it: read from its log as that grows.

use std::{
    collections::HashMap,
    fs::File,
    future::pending,
    io::{Read, Seek, SeekFrom},
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use smpp::{Simulator, simulator::SimulatorConfig};

use crate::Failure;

/// The number of request 0; the bulk campaign's are below.
pub const FIRST_NUMBER: u64 = 436_700_000_000;
/// How often the log is looked at: the times are late by this at most.
const LOOK: Duration = Duration::from_micros(500);
const PATIENCE: Duration = Duration::from_secs(60);

#[derive(Debug, Default)]
struct Seen {
    /// By request.
    arrived: HashMap<u64, Vec<Instant>>,
    bulk: u64,
}

pub struct Smsc {
    pub port: u16,
    seen: Arc<Mutex<Seen>>,
}

impl Smsc {
    pub fn start(log: &Path) -> Result<Self, Failure> {
        let (sender, receiver) = std::sync::mpsc::channel();
        let config = SimulatorConfig { log: Some(log.to_owned()), ..SimulatorConfig::loopback() };
        std::thread::spawn(move || -> Result<(), Failure> {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let simulator = Simulator::bind(config).await?;
                sender.send(simulator.address().port())?;
                simulator.run(pending()).await;
                Ok(())
            })
        });
        let port = receiver.recv()?;
        let seen = Arc::new(Mutex::new(Seen::default()));
        let (noted, log) = (Arc::clone(&seen), log.to_owned());
        std::thread::spawn(move || {
            if let Err(cause) = follow(&log, &noted) {
                eprintln!("bench trigger: the SMSC's log cannot be read: {cause}");
            }
        });
        Ok(Self { port, seen })
    }

    pub fn bulk(&self) -> u64 {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).bulk
    }

    pub fn arrived(&self) -> HashMap<u64, Vec<Instant>> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).arrived.clone()
    }

    /// Until the bulk campaign has gone on for some two seconds.
    pub async fn until_bulk(&self, rate: u32) -> Result<(), Failure> {
        let begun = Instant::now();
        while self.bulk() < u64::from(rate) * 2 {
            if begun.elapsed() > PATIENCE {
                return Err("the bulk campaign does not go on".into());
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }
}

fn follow(log: &Path, seen: &Mutex<Seen>) -> Result<(), Failure> {
    let mut file = loop {
        match File::open(log) {
            Ok(file) => break file,
            Err(_) => std::thread::sleep(Duration::from_millis(10)),
        }
    };
    file.seek(SeekFrom::Start(0))?;
    let (mut text, mut new) = (String::new(), Vec::new());
    loop {
        new.clear();
        file.read_to_end(&mut new)?;
        if new.is_empty() {
            std::thread::sleep(LOOK);
            continue;
        }
        let now = Instant::now();
        text.push_str(std::str::from_utf8(&new)?);
        let whole = text.rfind('\n').map_or(0, |at| at + 1);
        let mut seen = seen.lock().unwrap_or_else(PoisonError::into_inner);
        for line in text[..whole].lines() {
            let destination: u64 = line.split(' ').next().unwrap_or_default().parse()?;
            match destination.checked_sub(FIRST_NUMBER) {
                Some(request) => seen.arrived.entry(request).or_default().push(now),
                None => seen.bulk += 1,
            }
        }
        drop(seen);
        text.drain(..whole);
    }
}
