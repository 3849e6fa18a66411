//! Concatenated messages.

use std::collections::HashMap;

use smpp::simulator::{Behaviour, PrefixError, Simulator, SimulatorConfig, log};
use sms_core::{LongMessages, PartResult};

use crate::support::{Rig, accepted, count, message, outcomes, uncertain};

fn long_text() -> String {
    "A text that needs three parts. ".repeat(13)
}

/// However the link says what belongs together.
#[tokio::test]
async fn every_part_gets_its_own_id_and_goes_in_order() {
    for how in LongMessages::ALL {
        parts_go_in_order(how).await;
    }
}

async fn parts_go_in_order(how: LongMessages) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("smsc.log");
    let config = SimulatorConfig { log: Some(path.clone()), ..SimulatorConfig::loopback() };
    let simulator = Simulator::bind(config).await.unwrap();
    let (port, control) = (simulator.address().port(), simulator.control());
    tokio::spawn(simulator.run(std::future::pending()));
    let rig = Rig::on_port(port, control, |link| link.long_messages = how);
    let mut lane = rig.lane();
    lane.sender.submit((0..50).map(|token| message(token, &long_text())).collect()).await.unwrap();
    let outcomes = outcomes(&mut lane, 150).await;
    assert_eq!(accepted(&outcomes), 150);
    let mut last_part = HashMap::new();
    for outcome in &outcomes {
        assert_eq!(last_part.insert(outcome.token, outcome.part), outcome.part.checked_sub(1));
    }

    let lines = log::read(&path).unwrap();
    let mut by_destination: HashMap<_, Vec<_>> = HashMap::new();
    for line in &lines {
        by_destination.entry(&line.destination).or_default().push((line.part, line.total, line.reference));
    }
    assert_eq!(by_destination.len(), 50);
    for parts in by_destination.values() {
        let reference = parts[0].2;
        assert_eq!(parts[..], [(1, 3, reference), (2, 3, reference), (3, 3, reference)]);
    }
    let references: std::collections::HashSet<_> = lines.iter().map(|line| line.reference).collect();
    assert_eq!(references.len(), 50);
}

#[tokio::test]
async fn after_a_refused_part_the_rest_is_not_sent() {
    let refusal = PrefixError { prefix: "4366".into(), command_status: 0x0B };
    let behaviour = Behaviour { errors_by_prefix: vec![refusal], ..Behaviour::default() };
    let rig = Rig::start(behaviour, |_| ()).await;
    let mut lane = rig.lane();
    lane.sender.submit(vec![message(7, &long_text())]).await.unwrap();
    let outcomes = outcomes(&mut lane, 3).await;
    let results: Vec<_> = outcomes.iter().map(|outcome| (outcome.part, outcome.result.clone())).collect();
    let refused = PartResult::Refused { command_status: 0x0B };
    assert_eq!(results, [(0, refused), (1, PartResult::NotSent), (2, PartResult::NotSent)]);
    assert_eq!(rig.simulator.counts().submits, 1);
}

#[tokio::test]
async fn after_an_unanswered_part_the_rest_is_not_sent() {
    let behaviour = Behaviour { silence_rate: 1.0, ..Behaviour::default() };
    let rig = Rig::start(behaviour, |link| link.timers.response_s = 1).await;
    let mut lane = rig.lane();
    lane.sender.submit(vec![message(7, &long_text())]).await.unwrap();
    let outcomes = outcomes(&mut lane, 3).await;
    assert_eq!((count(&outcomes, &uncertain()), count(&outcomes, &PartResult::NotSent)), (1, 2));
    assert_eq!(outcomes[0].result, uncertain());
}
