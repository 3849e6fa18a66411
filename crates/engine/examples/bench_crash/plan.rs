//! When the server is stopped, and how.

use std::{fmt, time::Duration};

use smpp::random::SplitMix64;

use crate::recipients::RECEIPT_DELAY_MS;

/// One stop of the server.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stop {
    /// SIGKILL before it is ready, after this part of the time that a start takes.
    KillStarting(f64),
    /// SIGKILL when this part of the messages has gone out.
    KillSending(f64),
    /// The same, within the fold after that.
    KillFolding(f64),
    /// SIGKILL when all are out and receipts are still coming, after this long.
    KillReceiving(Duration),
    /// SIGTERM when this part of the messages has gone out.
    Terminate(f64),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::KillStarting(part) => write!(f, "SIGKILL after {:.0} % of a start", part * 100.0),
            Self::KillSending(part) => write!(f, "SIGKILL at {:.1} %", part * 100.0),
            Self::KillFolding(part) => write!(f, "SIGKILL by a fold at {:.1} %", part * 100.0),
            Self::KillReceiving(after) => write!(f, "SIGKILL {} ms after the last message", after.as_millis()),
            Self::Terminate(part) => write!(f, "SIGTERM at {:.1} %", part * 100.0),
        }
    }
}

/// The stops of one run, in order: a quarter of the kills while it starts, a quarter in a fold, a tenth while only
/// receipts come, the others and the orderly stops while it sends, each at a random moment of its own stretch.
pub fn stops(kills: u32, terms: u32, random: &mut SplitMix64) -> Vec<Stop> {
    let (starting, folding, receiving) = (kills.div_ceil(4), kills / 4, kills / 10);
    let sending = kills - starting - folding - receiving;
    let mut kinds = Vec::new();
    kinds.extend((0..sending).map(|_| Stop::KillSending as fn(f64) -> Stop));
    kinds.extend((0..folding).map(|_| Stop::KillFolding as fn(f64) -> Stop));
    kinds.extend((0..terms).map(|_| Stop::Terminate as fn(f64) -> Stop));
    shuffle(&mut kinds, random);
    let stretch = 1.0 / f64::from(sending + folding + terms).max(1.0);
    let mut stops: Vec<Stop> =
        (0..).zip(kinds).map(|(at, kind)| kind((f64::from(at) + random.next_f64()) * stretch)).collect();
    for _ in 0..starting {
        // Not the first one, which tells how long a start takes.
        let at = (1 + below(stops.len().max(1) as u64, random) as usize).min(stops.len());
        stops.insert(at, Stop::KillStarting(random.next_f64()));
    }
    stops.extend((0..receiving).map(|_| Stop::KillReceiving(Duration::from_millis(below(RECEIPT_DELAY_MS, random)))));
    stops
}

/// From 0 up to, and without, `end`.
fn below(end: u64, random: &mut SplitMix64) -> u64 {
    random.next_u64() % end
}

fn shuffle<T>(items: &mut [T], random: &mut SplitMix64) {
    for last in (1..items.len()).rev() {
        items.swap(last, below(last as u64 + 1, random) as usize);
    }
}
