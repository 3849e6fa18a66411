//! What subscribers write: STOP puts their number onto the suppression list of every workspace that uses the SADDR,
//! START takes it off, and both are confirmed, as is HELP.
//!
//! The carrier is answered once the lists are written. A confirmation follows a change of a list and is handed over once:
//! what a carrier repeats changes nothing, so it is not confirmed again. One that a crash cut off is not sent.

use std::{
    collections::{VecDeque, hash_map::RandomState},
    hash::BuildHasher,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::{
    inbound::{self, Families, Wish},
    phone::PhoneNumber,
    segment,
    sender::Saddr,
};
use sms_core::{ChannelId, Inbound, PartResult, Priority, Submission};
use store::{Error, senders, suppressions};

use crate::dispatch::{Context, Pending};

/// Between attempts while the database cannot be used.
const RETRY: Duration = Duration::from_millis(500);
/// HELP is answered to a number once in this time, so that two machines do not talk with each other for ever.
const HELP_EVERY_MS: i64 = 60_000;
/// So many answered numbers are remembered.
const HELPED_MAX: usize = 4_096;
/// A confirmation that cannot be delivered within it is of no use.
const VALIDITY_MINUTES: u32 = 24 * 60;

/// How subscribers are understood and answered.
#[derive(Debug, Clone)]
pub struct InboundConfig {
    pub families: Families,
    /// The channel of confirmations; None: the link by which a message came.
    pub reply_by: Option<ChannelId>,
}

impl InboundConfig {
    #[must_use]
    pub fn standard() -> Self {
        Self { families: Families::standard(), reply_by: None }
    }
}

/// The settings, and who was helped lately.
#[derive(Debug)]
pub(crate) struct Subscribers {
    config: InboundConfig,
    hasher: RandomState,
    helped: Mutex<VecDeque<(u64, i64)>>,
}

impl Subscribers {
    pub(crate) fn new(config: InboundConfig) -> Self {
        Self { config, hasher: RandomState::new(), helped: Mutex::default() }
    }

    /// Whether this number may be answered to HELP now; remembers it.
    fn may_help(&self, saddr: &Saddr, number: PhoneNumber, now_ms: i64) -> bool {
        let who = self.hasher.hash_one((saddr.claim_key(), number.as_u64()));
        let mut helped = self.helped.lock().unwrap_or_else(PoisonError::into_inner);
        helped.retain(|(_, at_ms)| now_ms - at_ms < HELP_EVERY_MS);
        if helped.len() >= HELPED_MAX || helped.iter().any(|(known, _)| *known == who) {
            return false;
        }
        helped.push_back((who, now_ms));
        true
    }
}

/// Answers for the messages of a batch, one after the other.
pub(crate) async fn take(context: &Arc<Context>, link: &ChannelId, messages: Vec<Inbound>, pending: Pending) {
    for message in messages {
        let Some(asked) = understood(context, &message) else { continue };
        loop {
            match act(context, &asked).await {
                Ok(true) => reply(context, link, asked).await,
                Ok(false) => {}
                Err(cause) if context.runners.tasks.is_closed() => {
                    tracing::warn!(%cause, %link, "an inbound message is left to the carrier, which sends it again");
                    return;
                }
                Err(cause) => {
                    tracing::error!(%cause, %link, "an inbound message waits for the database");
                    tokio::time::sleep(RETRY).await;
                    continue;
                }
            }
            break;
        }
    }
    pending.done();
}

/// A message that is a keyword.
struct Asked {
    wish: Wish,
    saddr: Saddr,
    number: PhoneNumber,
    reply: Option<String>,
}

fn understood(context: &Context, message: &Inbound) -> Option<Asked> {
    let text = inbound::text(message.data_coding, &message.content)?;
    let saddr = Saddr::parse(str::from_utf8(&message.to).ok()?).ok()?;
    let from = str::from_utf8(&message.from).ok()?;
    let number = from.strip_prefix('+').unwrap_or(from).parse().ok().and_then(PhoneNumber::from_u64)?;
    let (wish, reply) = context.subscribers.config.families.read(&text, saddr.as_str())?;
    Some(Asked { wish, saddr, number, reply })
}

/// Whether it is to be answered.
async fn act(context: &Context, asked: &Asked) -> Result<bool, Error> {
    let Asked { wish, saddr, number, .. } = asked;
    match wish {
        Wish::Stop => Ok(suppressions::by_stop(&context.door, saddr, *number).await? > 0),
        Wish::Start => Ok(suppressions::by_start(&context.door, saddr, *number).await? > 0),
        Wish::Help => Ok(context.subscribers.may_help(saddr, *number, context.clock.now_ms())),
    }
}

/// Sends the confirmation, past the suppression list: it is the answer to the subscriber.
async fn reply(context: &Arc<Context>, link: &ChannelId, asked: Asked) {
    let Asked { saddr, number, reply: Some(text), wish } = asked else { return };
    let channel = context.subscribers.config.reply_by.as_ref().unwrap_or(link);
    if let Err(cause) = hand_over(context, channel, &saddr, number, &text).await {
        tracing::warn!(%cause, %channel, ?wish, "a subscriber is not answered");
    }
}

async fn hand_over(
    context: &Context,
    channel: &ChannelId,
    saddr: &Saddr,
    number: PhoneNumber,
    text: &str,
) -> Result<(), String> {
    let addressing = senders::written_to(&context.door, saddr).await.map_err(|cause| cause.to_string())?;
    let Some(addressing) = addressing else { return Err("nobody sends with this address any more".to_owned()) };
    let encoded = segment::encode(text).map_err(|refusal| refusal.to_string())?;
    let mut open = encoded.parts.len();
    let mut lane = context.core.open_lane(channel, Priority::Interactive).map_err(|refusal| refusal.to_string())?;
    let submission = Submission {
        token: 0,
        destination: number,
        addressing: Arc::new(addressing),
        encoded: Arc::new(encoded),
        validity_minutes: Some(VALIDITY_MINUTES),
    };
    lane.sender.submit(vec![submission]).await.map_err(|refusal| refusal.to_string())?;
    let mut problem = None;
    while open > 0 {
        let Some(answers) = lane.outcomes.recv().await else { break };
        for answer in answers {
            open = open.saturating_sub(1);
            match answer.result {
                PartResult::Accepted { .. } => {}
                PartResult::Refused { command_status } => {
                    problem = Some(format!("the carrier refuses it with command_status {command_status}"));
                }
                PartResult::Uncertain { .. } => problem = Some("nobody knows whether the carrier has it".to_owned()),
                PartResult::NotSent => problem = Some("the link did not send it".to_owned()),
            }
        }
    }
    problem.map_or(Ok(()), Err)
}
