//! Test messages to the Core and back. Each was claimed on record before it comes here (`store::test_sends`), and is
//! handed over once: what the end of a process left claimed becomes uncertain at the next start, and is not sent.
//!
//! Their receipts come by the same way as those of campaigns: in the index they are one more campaign, whose recipients
//! are the test messages.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use domain::{
    id::{CampaignId, WorkspaceId},
    segment,
    test_send::{TestPart, TestSend},
};
use sms_core::{ChannelId, PartOutcome, PartResult, Priority, ReceiptState, Submission};
use store::{Error, Reason, SystemScope, test_sends};

use crate::dispatch::{Context, Key, Routed, Slot, Target, link_id, tendlc};

/// Between attempts to write down what became of a message while the database cannot be used.
const RETRY: Duration = Duration::from_millis(500);

/// Stands for all test messages where campaigns are told apart; no campaign has it.
pub(crate) const KEY: Key = Key { workspace: WorkspaceId::NIL, campaign: CampaignId::NIL };

/// The test messages that this process follows, by their number in the index.
#[derive(Debug, Default)]
pub(crate) struct Tests(Mutex<HashMap<u32, TestSend>>);

impl Tests {
    fn state(&self) -> MutexGuard<'_, HashMap<u32, TestSend>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn follow(&self, test: &TestSend) -> u32 {
        let mut state = self.state();
        let index = state.len() as u32;
        state.insert(index, test.clone());
        index
    }

    fn find(&self, index: u32) -> Option<TestSend> {
        self.state().get(&index).cloned()
    }
}

fn scope(context: &Context, test: &TestSend) -> SystemScope {
    context.door.enter(test.workspace, Reason::Dispatch)
}

fn slot(context: &Context) -> Slot {
    context.correlator.slot(KEY)
}

/// Before anything arrives: what awaits its receipts is followed again, and what was claimed is uncertain.
pub(crate) async fn take_up(context: &Context, started_at_ms: i64) -> Result<(), Error> {
    let oldest_ms = started_at_ms - context.config.late_receipts_ms;
    for test in test_sends::open(&context.door).await? {
        if test.at_ms >= started_at_ms || test.at_ms < oldest_ms {
            continue;
        }
        let uncertain = |test: &mut TestSend| {
            for part in &mut test.parts {
                if *part == TestPart::Claimed {
                    *part = TestPart::Uncertain;
                }
            }
        };
        let test = test_sends::change(&scope(context, &test), test.campaign, test.id, uncertain).await?;
        let index = context.tests.follow(&test);
        for (part, state) in (0..).zip(&test.parts) {
            let target = Target { slot: slot(context), index, part };
            match state {
                TestPart::Accepted { message_id } => {
                    let (link, id) = link_id::split(&test.channel, message_id);
                    drop(context.correlator.accepted(link, id, target));
                }
                TestPart::Uncertain => {
                    context.correlator.uncertain(&test.channel, test.number.as_u64(), target, test.at_ms);
                }
                _ => {}
            }
        }
    }
    Ok(())
}

/// Hands a claimed message to the Core and writes down what comes of it.
pub(crate) async fn send(context: Arc<Context>, test: TestSend) {
    let index = context.tests.follow(&test);
    if let Err(problem) = hand_over(&context, &test, index).await {
        let not_sent = |test: &mut TestSend| {
            for part in &mut test.parts {
                if *part == TestPart::Claimed {
                    *part = TestPart::NotSent;
                }
            }
            test.problem = Some(problem.clone());
        };
        write(&context, &test, not_sent).await;
    }
}

/// The error: nothing was handed over.
async fn hand_over(context: &Arc<Context>, test: &TestSend, index: u32) -> Result<(), String> {
    let encoded = segment::encode(&test.text).map_err(|refusal| refusal.to_string())?;
    let channel = ChannelId::parse(&test.channel).map_err(|refusal| refusal.to_string())?;
    let mut lane = context.core.open_lane(&channel, Priority::Interactive).map_err(|refusal| refusal.in_general())?;
    let addressing = &test.sender.addressing;
    let tendlc_campaign = tendlc::let_out(context, &scope(context, test), addressing, encoded.parts.len()).await?;
    let submission = Submission {
        token: u64::from(index),
        destination: test.number,
        addressing: Arc::new(addressing.clone()),
        encoded: Arc::new(encoded),
        validity_minutes: test.validity_minutes,
        tendlc_campaign,
    };
    lane.sender.submit(vec![submission]).await.map_err(|refusal| refusal.in_general())?;
    let mut open = test.parts.len();
    while open > 0 {
        let Some(answers) = lane.outcomes.recv().await else { break };
        for answer in answers {
            open = open.saturating_sub(1);
            outcome(context, test, index, answer).await;
        }
    }
    Ok(())
}

async fn outcome(context: &Arc<Context>, test: &TestSend, index: u32, answer: PartOutcome) {
    let place = usize::from(answer.part);
    let target = Target { slot: slot(context), index, part: answer.part };
    let next = match &answer.result {
        PartResult::Accepted { link, message_id } => {
            let message_id = link_id::kept(&test.channel, link.as_str(), message_id.as_str()).into_owned();
            TestPart::Accepted { message_id }
        }
        PartResult::Refused { command_status } => TestPart::Refused { command_status: *command_status },
        PartResult::Uncertain { .. } => TestPart::Uncertain,
        PartResult::NotSent => TestPart::NotSent,
    };
    let set = |test: &mut TestSend| {
        if let Some(part) = test.parts.get_mut(place).filter(|part| **part == TestPart::Claimed) {
            *part = next.clone();
        }
    };
    write(context, test, set).await;
    match answer.result {
        PartResult::Accepted { link, message_id } if !message_id.is_empty() => {
            let early = context.correlator.accepted(link.as_str(), message_id.as_str(), target);
            let parked = early.parked.into_iter();
            let routed = parked.map(|arrived| Routed { target, link: link.clone(), arrived, by_number: false });
            receipts(context, routed.collect()).await;
        }
        PartResult::Uncertain { link } => {
            context.correlator.uncertain(link.as_str(), test.number.as_u64(), target, test.at_ms);
        }
        _ => {}
    }
}

/// Receipts of test messages; the carrier is answered when they are durable.
pub(crate) async fn receipts(context: &Arc<Context>, all: Vec<Routed>) {
    for Routed { target, link, arrived, by_number } in all {
        let Some(test) = context.tests.find(target.index) else { continue };
        let receipt = arrived.receipt;
        let kept = link_id::kept(&test.channel, link.as_str(), receipt.message_id.as_str());
        let id = kept.as_ref();
        let apply = |test: &mut TestSend| {
            let known = test.part_of(id);
            let place = known.or_else(|| {
                let place = usize::from(target.part);
                // The SMSC has it after all, under this id.
                let settles = by_number && test.parts.get(place) == Some(&TestPart::Uncertain);
                settles.then_some(place)
            });
            let Some(part) = place.and_then(|place| test.parts.get_mut(place)) else { return };
            let message_id = id.to_owned();
            if !receipt.is_final {
                if *part == TestPart::Uncertain {
                    *part = TestPart::Accepted { message_id };
                }
                return;
            }
            *part = match receipt.state {
                ReceiptState::Delivered => TestPart::Delivered { message_id },
                _ => TestPart::Failed { message_id, error: receipt.error },
            };
        };
        match test_sends::change(&scope(context, &test), test.campaign, test.id, apply).await {
            // Gone with its workspace: nobody waits for it any more.
            Ok(_) | Err(Error::NotFound) => {}
            // Not answered: the carrier sends it again.
            Err(cause) => {
                tracing::error!(test = %test.id, %cause, "the receipt of a test message cannot be stored");
                continue;
            }
        }
        if receipt.is_final {
            context.correlator.settled(link.as_str(), receipt.message_id.as_str(), target);
        }
        if let Some(pending) = arrived.pending {
            pending.done();
        }
    }
}

/// Until it is written, or there is nothing that it could be written to.
async fn write(context: &Context, test: &TestSend, compute: impl Fn(&mut TestSend)) {
    loop {
        match test_sends::change(&scope(context, test), test.campaign, test.id, &compute).await {
            Ok(_) | Err(Error::NotFound | Error::Corrupt) => return,
            Err(cause) => {
                tracing::warn!(test = %test.id, %cause, "what became of a test message cannot be written yet");
                tokio::time::sleep(RETRY).await;
            }
        }
    }
}
