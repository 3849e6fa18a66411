//! A simulator, a core on it, and messages to send.

use std::{future::pending, sync::Arc, time::Duration};

use domain::{
    clock::{Clock, ManualClock},
    phone::PhoneNumber,
    segment::encode,
    sender::{Addressing, Npi, Saddr, Ton},
};
use smpp::simulator::{Behaviour, Control, Simulator, SimulatorConfig};
use sms_core::{
    ChannelId, Core, CoreSettings, InProcessCore, Lane, LinkSettings, LinkStatus, PartOutcome, PartResult, Priority,
    Submission,
};
use tokio::time::{sleep, timeout};

/// Nothing here takes this long unless it hangs.
pub const PATIENCE: Duration = Duration::from_secs(30);
pub const NOW_MS: i64 = 1_795_206_840_000;

pub struct Rig {
    pub core: InProcessCore,
    pub clock: Arc<ManualClock>,
    pub simulator: Control,
    pub channel: ChannelId,
    pub port: u16,
}

pub fn channel() -> ChannelId {
    ChannelId::parse("simulator").unwrap()
}

pub async fn simulator(behaviour: Behaviour) -> (u16, Control) {
    let config = SimulatorConfig { behaviour, ..SimulatorConfig::loopback() };
    let simulator = Simulator::bind(config).await.unwrap();
    let (port, control) = (simulator.address().port(), simulator.control());
    tokio::spawn(simulator.run(pending()));
    (port, control)
}

impl Rig {
    pub async fn start(behaviour: Behaviour, change: impl FnOnce(&mut LinkSettings)) -> Self {
        let (port, control) = simulator(behaviour).await;
        Self::on_port(port, control, change)
    }

    pub fn on_port(port: u16, simulator: Control, change: impl FnOnce(&mut LinkSettings)) -> Self {
        let mut link = LinkSettings::simulator(channel(), port);
        change(&mut link);
        let clock = Arc::new(ManualClock::at(NOW_MS));
        let shared: Arc<dyn Clock> = clock.clone();
        let core = InProcessCore::start(CoreSettings { links: vec![link] }, &shared).unwrap();
        Self { core, clock, simulator, channel: channel(), port }
    }

    pub fn lane(&self) -> Lane {
        self.core.open_lane(&self.channel, Priority::Bulk).unwrap()
    }

    pub fn status(&self) -> LinkStatus {
        self.core.links().remove(0)
    }

    /// Polls the link's status until it is as expected.
    pub async fn until(&self, expected: impl Fn(&LinkStatus) -> bool) -> LinkStatus {
        eventually(|| Some(self.status()).filter(&expected)).await
    }
}

/// Polls until there is something.
pub async fn eventually<T>(mut look: impl FnMut() -> Option<T>) -> T {
    let poll = async {
        loop {
            if let Some(found) = look() {
                return found;
            }
            sleep(Duration::from_millis(2)).await;
        }
    };
    timeout(PATIENCE, poll).await.expect("it did not come to that")
}

pub fn message(token: u64, text: &str) -> Submission {
    Submission {
        token,
        destination: PhoneNumber::from_u64(436_600_000_000 + token).unwrap(),
        addressing: Arc::new(Addressing {
            saddr: Saddr::parse("Brand").unwrap(),
            source_ton: Ton::Alphanumeric,
            source_npi: Npi::Unknown,
            destination_ton: Ton::International,
            destination_npi: Npi::Isdn,
        }),
        encoded: Arc::new(encode(text).unwrap()),
        validity_minutes: Some(60),
        tendlc_campaign: None,
    }
}

/// Messages of one part, sharing text and sender.
pub fn messages(tokens: std::ops::Range<u64>) -> Vec<Submission> {
    let first = message(0, "Hello");
    tokens
        .map(|token| Submission {
            token,
            destination: PhoneNumber::from_u64(436_600_000_000 + token).unwrap(),
            ..first.clone()
        })
        .collect()
}

/// Receives until there are `count` outcomes.
pub async fn outcomes(lane: &mut Lane, count: usize) -> Vec<PartOutcome> {
    let mut outcomes = Vec::new();
    timeout(PATIENCE, async {
        while outcomes.len() < count {
            outcomes.extend(lane.outcomes.recv().await.expect("the lane has ended"));
        }
    })
    .await
    .expect("the outcomes did not come");
    assert_eq!(outcomes.len(), count, "{outcomes:?}");
    outcomes
}

/// What becomes of a part whose answer is lost.
pub fn uncertain() -> PartResult {
    PartResult::Uncertain { link: channel() }
}

pub fn accepted(outcomes: &[PartOutcome]) -> usize {
    outcomes.iter().filter(|outcome| matches!(outcome.result, PartResult::Accepted { .. })).count()
}

pub fn count(outcomes: &[PartOutcome], result: &PartResult) -> usize {
    outcomes.iter().filter(|outcome| outcome.result == *result).count()
}

/// Fails when a part has two outcomes.
pub fn assert_one_each(outcomes: &[PartOutcome]) {
    let mut seen = std::collections::HashSet::new();
    assert!(outcomes.iter().all(|outcome| seen.insert((outcome.token, outcome.part))));
}
