//! Receipts and their acknowledgement.

use std::collections::HashSet;

use smpp::simulator::Behaviour;
use sms_core::{Core, IdBase, MessageId, PartOutcome, PartResult, ReceiptState};
use tokio::time::timeout;

use crate::support::{NOW_MS, PATIENCE, Rig, eventually, messages, outcomes};

fn ids(outcomes: &[PartOutcome]) -> HashSet<MessageId> {
    let id = |outcome: &PartOutcome| match &outcome.result {
        PartResult::Accepted { message_id, .. } => message_id.clone(),
        other => panic!("{other:?}"),
    };
    outcomes.iter().map(id).collect()
}

#[tokio::test]
async fn receipts_match_the_outcomes_and_are_answered_only_when_acknowledged() {
    let rig = Rig::start(Behaviour::default(), |link| link.id_base = IdBase::HexThenDecimal).await;
    rig.simulator.update(|behaviour| behaviour.receipts.ids_in_two_bases = true);
    let mut receipts = rig.core.take_receipts().unwrap();
    assert!(rig.core.take_receipts().is_none());
    let mut lane = rig.lane();
    lane.sender.submit(messages(0..300)).await.unwrap();
    let accepted = ids(&outcomes(&mut lane, 300).await);
    let (mut receipted, mut batches) = (HashSet::new(), Vec::new());
    while receipted.len() < 300 {
        let batch = timeout(PATIENCE, receipts.recv()).await.unwrap().unwrap();
        for receipt in &batch.receipts {
            assert_eq!((receipt.state, receipt.is_final), (ReceiptState::Delivered, true));
            assert_eq!(receipt.received_at_ms, NOW_MS);
            assert!(receipt.recipient.is_some());
            receipted.insert(receipt.message_id.clone());
        }
        batches.push(batch);
    }
    assert_eq!(accepted, receipted);
    let counters = rig.status().counters;
    assert_eq!((counters.receipts, counters.delivered), (300, 300));
    assert_eq!(rig.simulator.counts().receipts_acknowledged, 0);
    batches.into_iter().for_each(sms_core::ReceiptBatch::acknowledge);
    eventually(|| (rig.simulator.counts().receipts_acknowledged == 300).then_some(())).await;
}

#[tokio::test]
async fn what_was_not_acknowledged_comes_again_after_a_reconnect() {
    let rig = Rig::start(Behaviour::default(), |_| ()).await;
    let mut receipts = rig.core.take_receipts().unwrap();
    let mut lane = rig.lane();
    lane.sender.submit(messages(0..1)).await.unwrap();
    let accepted = ids(&outcomes(&mut lane, 1).await);
    let first = timeout(PATIENCE, receipts.recv()).await.unwrap().unwrap();
    rig.simulator.hang_up();
    let second = timeout(PATIENCE, receipts.recv()).await.unwrap().unwrap();
    assert_eq!(first.receipts[0].message_id, second.receipts[0].message_id);
    assert!(accepted.contains(&second.receipts[0].message_id));
    // The session that the first came on is gone: without effect.
    first.acknowledge();
    second.acknowledge();
    eventually(|| (rig.simulator.counts().receipts_acknowledged == 1).then_some(())).await;
    assert_eq!(rig.simulator.counts().receipts_sent, 2);
}

#[tokio::test]
async fn a_part_of_a_batch_is_answered_apart() {
    let rig = Rig::start(Behaviour::default(), |_| ()).await;
    let mut receipts = rig.core.take_receipts().unwrap();
    let lane = rig.lane();
    lane.sender.submit(messages(0..20)).await.unwrap();
    let waits = |receipt: &sms_core::Receipt| receipt.recipient.unwrap().as_u64() % 10 == 3;
    let (mut left, mut waiting) = (0, 0);
    while left + waiting < 20 {
        let mut batch = timeout(PATIENCE, receipts.recv()).await.unwrap().unwrap();
        let mut lots = batch.split_by(waits);
        waiting += lots.remove(&true).map_or(0, |apart| apart.receipts.len());
        for lot in lots.into_values() {
            left += lot.receipts.len();
            lot.acknowledge();
        }
    }
    let acknowledged = || rig.simulator.counts().receipts_acknowledged;
    eventually(|| (acknowledged() == 18).then_some(())).await;
    // The other two come again, and only they.
    rig.simulator.hang_up();
    let mut again = timeout(PATIENCE, receipts.recv()).await.unwrap().unwrap().receipts;
    while again.len() < 2 {
        again.extend(timeout(PATIENCE, receipts.recv()).await.unwrap().unwrap().receipts);
    }
    assert!(again.len() == 2 && again.iter().all(waits), "{again:?}");
}

#[tokio::test]
async fn what_is_refused_comes_again_on_the_same_session_and_takes_no_room() {
    let rig = Rig::start(Behaviour::default(), |_| ()).await;
    let mut receipts = rig.core.take_receipts().unwrap();
    let lane = rig.lane();
    lane.sender.submit(messages(0..20)).await.unwrap();
    let mut refused = 0;
    while refused < 20 {
        let batch = timeout(PATIENCE, receipts.recv()).await.unwrap().unwrap();
        refused += batch.receipts.len();
        batch.refuse();
    }
    let mut taken = 0;
    while taken < 20 {
        let batch = timeout(PATIENCE, receipts.recv()).await.unwrap().unwrap();
        taken += batch.receipts.len();
        batch.acknowledge();
    }
    eventually(|| (rig.simulator.counts().receipts_acknowledged == 20).then_some(())).await;
    assert_eq!((rig.simulator.counts().receipts_refused, rig.simulator.counts().connections), (20, 1));
}

#[tokio::test]
async fn receipts_before_their_responses_and_twice_are_passed_on() {
    let rig = Rig::start(Behaviour::default(), |_| ()).await;
    rig.simulator.update(|behaviour| {
        behaviour.receipts.before_responses = true;
        behaviour.receipts.duplicate_rate = 1.0;
    });
    let mut receipts = rig.core.take_receipts().unwrap();
    let mut lane = rig.lane();
    lane.sender.submit(messages(0..1)).await.unwrap();
    let batch = timeout(PATIENCE, receipts.recv()).await.unwrap().unwrap();
    let mut got = batch.receipts.len();
    batch.acknowledge();
    while got < 2 {
        let batch = timeout(PATIENCE, receipts.recv()).await.unwrap().unwrap();
        got += batch.receipts.len();
        batch.acknowledge();
    }
    assert_eq!(got, 2);
    outcomes(&mut lane, 1).await;
}
