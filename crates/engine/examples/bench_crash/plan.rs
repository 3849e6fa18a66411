//! When the server is stopped, and how.

use std::fmt;

use smpp::random::SplitMix64;

/// What goes on when it is killed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Phase {
    /// Before it is ready, or has bound its links.
    Starting,
    /// A file of recipients is on its way in, or being read.
    Ingest,
    /// A Spread campaign is being built.
    Building,
    Sending,
    /// States are being folded into their blocks.
    Folding,
    /// A campaign is being paused, or resumed.
    Pausing,
    /// A file of delivery records is being written.
    Exporting,
    /// The receipts of all that was sent before the kill in front of this one come at once.
    Storm,
}

/// Phases with their weights among the kills. A storm takes two, since a kill has to be in front of it.
pub type Weights = [(Phase, u32)];

impl Phase {
    /// Of the server.
    pub const OF_SERVER: [(Self, u32); 8] = [
        (Self::Ingest, 13),
        (Self::Building, 13),
        (Self::Pausing, 13),
        (Self::Storm, 10),
        (Self::Exporting, 12),
        (Self::Starting, 12),
        (Self::Folding, 10),
        (Self::Sending, 7),
    ];
    /// Of an SMS Core, which does nothing else.
    pub const OF_CORE: [(Self, u32); 3] = [(Self::Sending, 50), (Self::Starting, 25), (Self::Storm, 25)];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Starting => "starting",
            Self::Ingest => "ingest",
            Self::Building => "building",
            Self::Sending => "sending",
            Self::Folding => "folding",
            Self::Pausing => "pausing",
            Self::Exporting => "exporting",
            Self::Storm => "receipt_storm",
        }
    }

    pub const ALL: [Self; 8] = [
        Self::Starting,
        Self::Ingest,
        Self::Building,
        Self::Sending,
        Self::Folding,
        Self::Pausing,
        Self::Exporting,
        Self::Storm,
    ];
}

/// One stop of what is killed, when this part of all messages has gone out.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Stop {
    /// SIGKILL.
    Kill(Phase, f64),
    /// SIGTERM.
    Terminate(f64),
}

impl fmt::Display for Stop {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Kill(phase, part) => write!(f, "SIGKILL {} at {:.1} %", phase.name(), part * 100.0),
            Self::Terminate(part) => write!(f, "SIGTERM at {:.1} %", part * 100.0),
        }
    }
}

/// The stops of one run, in order, spread over all of it; the last one is a storm of receipts.
pub fn stops(weights: &Weights, kills: u32, terms: u32, random: &mut SplitMix64) -> Vec<Stop> {
    let mut phases = Vec::new();
    let mut left = kills;
    // By the largest debt, so that few kills are of as many kinds as there can be.
    let mut done = vec![0_u32; weights.len()];
    while left > 0 {
        let debt = |at: usize| f64::from(done[at] + 1) / f64::from(weights[at].1);
        let mut order: Vec<usize> = (0..done.len()).collect();
        order.sort_by(|&a, &b| debt(a).total_cmp(&debt(b)));
        let fits = order.into_iter().find(|&at| left >= cost(weights[at].0));
        let Some(at) = fits else { break };
        done[at] += 1;
        left -= cost(weights[at].0);
        phases.push(Some(weights[at].0));
    }
    phases.extend((0..terms).map(|_| None));
    shuffle(&mut phases, random);
    if let Some(storm) = phases.iter().rposition(|phase| *phase == Some(Phase::Storm)) {
        let storm = phases.remove(storm);
        phases.push(storm);
    }
    // Not the first one, which tells how long a start takes.
    if phases.first() == Some(&Some(Phase::Starting)) {
        let other = phases.iter().position(|phase| *phase != Some(Phase::Starting)).unwrap_or(0);
        phases.swap(0, other);
    }
    let stretch = 1.0 / (phases.len() as f64).max(1.0);
    let mut stops = Vec::new();
    for (at, phase) in phases.into_iter().enumerate() {
        let part = (at as f64 + random.next_f64()) * stretch;
        match phase {
            None => stops.push(Stop::Terminate(part)),
            Some(Phase::Storm) => stops.extend([Stop::Kill(Phase::Sending, part), Stop::Kill(Phase::Storm, part)]),
            Some(phase) => stops.push(Stop::Kill(phase, part)),
        }
    }
    stops
}

const fn cost(phase: Phase) -> u32 {
    match phase {
        Phase::Storm => 2,
        _ => 1,
    }
}

/// How many there are of a phase.
pub fn count(stops: &[Stop], wanted: Phase) -> u32 {
    stops.iter().filter(|stop| matches!(stop, Stop::Kill(phase, _) if *phase == wanted)).count() as u32
}

/// From 0 up to, and without, `end`.
pub fn below(end: u64, random: &mut SplitMix64) -> u64 {
    random.next_u64() % end.max(1)
}

fn shuffle<T>(items: &mut [T], random: &mut SplitMix64) {
    for last in (1..items.len()).rev() {
        items.swap(last, below(last as u64 + 1, random) as usize);
    }
}
