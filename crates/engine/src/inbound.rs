//! What subscribers write: it is kept for every workspace that uses the SADDR. STOP puts their number onto the suppression
//! lists of these, START takes it off, and both are confirmed, as is HELP.
//!
//! The carrier is answered once the lists are written, whatever becomes of the confirmations: these wait for a link, and
//! nobody waits for them. A confirmation follows a change of a list and is handed over once: what a carrier repeats changes
//! no list, so it is not confirmed again, and stands twice among what was written. One that a crash cut off is not sent.

use std::{
    collections::{VecDeque, hash_map::RandomState},
    hash::BuildHasher,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use domain::{
    inbound::{Families, Wish},
    phone::PhoneNumber,
    segment,
    sender::Saddr,
};
use sms_core::{ChannelId, Inbound, PartResult, Priority, Submission};
use store::{
    Error, Reason,
    inbound::{self, Arrived, Writer},
    senders, suppressions,
};
use tokio::{
    sync::Semaphore,
    time::{sleep, timeout},
};

use crate::dispatch::{Context, Pending, tendlc};

/// Between attempts while the database cannot be used.
const RETRY: Duration = Duration::from_millis(500);
/// HELP is answered to a number once in this time, so that two machines do not talk with each other for ever.
const HELP_EVERY_MS: i64 = 60_000;
/// So many answered numbers are remembered.
const HELPED_MAX: usize = 4_096;
/// After so many messages it is looked whether a workspace has too many.
const TRIM_EVERY: u32 = 500;
/// A confirmation that cannot be delivered within it is of no use.
const VALIDITY_MINUTES: u32 = 24 * 60;
/// A confirmation that no link takes within it is given up.
const REPLY_LIMIT: Duration = Duration::from_secs(600);
/// What is left of it once the engine goes down.
const LAST_REPLIES: Duration = Duration::from_secs(5);
/// So many confirmations wait at a time; each takes some kilobytes.
const REPLIES_MAX: usize = 5_000;

/// How subscribers are understood and answered.
#[derive(Debug, Clone)]
pub struct InboundConfig {
    pub families: Families,
    /// The channel of confirmations; None: the link by which a message came.
    pub reply_by: Option<ChannelId>,
}

/// What subscribers miss by a link that only receives, and what to do about it.
pub const UNCONFIRMED: (&str, &str) = (
    "it only receives: STOP, START and HELP that come by it count, and are never confirmed",
    "name a link or pool that sends in reply_by of [inbound]",
);

impl InboundConfig {
    #[must_use]
    pub fn standard() -> Self {
        Self { families: Families::standard(), reply_by: None }
    }

    /// Whether what comes by a link is confirmed by none: it does not submit, and no other channel is named. What is then
    /// to be said is [`UNCONFIRMED`].
    #[must_use]
    pub const fn leaves_unconfirmed(&self, submits: bool) -> bool {
        !submits && self.reply_by.is_none()
    }
}

/// The settings, and who was helped lately.
#[derive(Debug)]
pub(crate) struct Subscribers {
    config: InboundConfig,
    hasher: RandomState,
    helped: Mutex<VecDeque<(u64, i64)>>,
    kept: AtomicU32,
    replies: Arc<Semaphore>,
}

impl Subscribers {
    pub(crate) fn new(config: InboundConfig) -> Self {
        Self {
            config,
            hasher: RandomState::new(),
            helped: Mutex::default(),
            kept: AtomicU32::new(0),
            replies: Arc::new(Semaphore::new(REPLIES_MAX)),
        }
    }

    pub(crate) const fn config(&self) -> &InboundConfig {
        &self.config
    }

    /// Every now and then, so that a flood finds its bound before the next look of the retention.
    fn is_time_to_trim(&self) -> bool {
        self.kept.fetch_add(1, Ordering::Relaxed) % TRIM_EVERY == TRIM_EVERY - 1
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
        let Some(saddr) = str::from_utf8(&message.to).ok().and_then(|to| Saddr::parse(to).ok()) else { continue };
        let asked = understood(context, &message, &saddr);
        let mut arrived = None;
        loop {
            match account_for(context, link, &message, &saddr, asked.as_ref(), &mut arrived).await {
                Ok(is_answered) => {
                    if let Some(asked) = asked.filter(|_| is_answered) {
                        reply(context, link, asked);
                    }
                }
                Err(cause) if context.runners.tasks.is_closed() => {
                    tracing::warn!(%cause, %link, "an inbound message is left to the carrier, which sends it again");
                    pending.leave();
                    return;
                }
                Err(cause) => {
                    tracing::error!(%cause, %link, "an inbound message waits for the database");
                    sleep(RETRY).await;
                    continue;
                }
            }
            break;
        }
    }
    pending.done();
}

/// Keeps a message for whoever sends with the address, and does what it asks for; whether it is to be answered. When it
/// is tried again `arrived` is the same, so that the message is kept once.
async fn account_for(
    context: &Context,
    link: &ChannelId,
    message: &Inbound,
    saddr: &Saddr,
    asked: Option<&Asked>,
    arrived: &mut Option<Arrived>,
) -> Result<bool, Error> {
    if arrived.is_none() {
        let from = String::from_utf8_lossy(&message.from);
        *arrived = Some(Arrived {
            id: inbound::new_id(&context.door)?,
            at_ms: message.received_at_ms,
            link: link.clone(),
            saddr: saddr.clone(),
            from: number_of(&from)
                .map_or_else(|| Writer::Other(from.into_owned()), |number| Writer::Number(number.as_u64())),
            text: text_of(message),
            wish: asked.map(|asked| asked.wish),
        });
    }
    if let Some(arrived) = arrived {
        for workspace in inbound::keep(&context.door, arrived).await? {
            if context.subscribers.is_time_to_trim() {
                inbound::trim(&context.door, workspace, inbound::KEPT_MAX).await?;
            }
        }
    }
    match asked {
        Some(asked) => act(context, asked).await,
        None => Ok(false),
    }
}

/// A message that is a keyword.
struct Asked {
    wish: Wish,
    saddr: Saddr,
    number: PhoneNumber,
    reply: Option<String>,
}

fn text_of(message: &Inbound) -> Option<String> {
    domain::inbound::text(message.data_coding, &message.content)
}

fn number_of(from: &str) -> Option<PhoneNumber> {
    from.strip_prefix('+').unwrap_or(from).parse().ok().and_then(PhoneNumber::from_u64)
}

fn understood(context: &Context, message: &Inbound, saddr: &Saddr) -> Option<Asked> {
    let text = text_of(message)?;
    let number = number_of(str::from_utf8(&message.from).ok()?)?;
    let (wish, reply) = context.subscribers.config.families.read(&text, saddr.as_str())?;
    Some(Asked { wish, saddr: saddr.clone(), number, reply })
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
fn reply(context: &Arc<Context>, link: &ChannelId, asked: Asked) {
    let Asked { saddr, number, reply: Some(text), wish } = asked else { return };
    let channel = context.subscribers.config.reply_by.as_ref().unwrap_or(link).clone();
    let Ok(place) = Arc::clone(&context.subscribers.replies).try_acquire_owned() else {
        tracing::warn!(%channel, ?wish, waiting = REPLIES_MAX, "a subscriber is not answered: too many wait for it");
        return;
    };
    let own = Arc::clone(context);
    context.runners.tasks.spawn(async move {
        let is_late = async {
            if timeout(REPLY_LIMIT, own.runners.closing.cancelled()).await.is_ok() {
                sleep(LAST_REPLIES).await;
            }
        };
        let handed_over = tokio::select! {
            handed_over = hand_over(&own, &channel, &saddr, number, &text) => handed_over,
            () = is_late => Err("the link did not send it in time".to_owned()),
        };
        if let Err(cause) = handed_over {
            tracing::warn!(%cause, %channel, ?wish, "a subscriber is not answered");
        }
        drop(place);
    });
}

async fn hand_over(
    context: &Context,
    channel: &ChannelId,
    saddr: &Saddr,
    number: PhoneNumber,
    text: &str,
) -> Result<(), String> {
    let addressing = senders::written_to(&context.door, saddr).await.map_err(|cause| cause.to_string())?;
    let Some((workspace, addressing)) = addressing else {
        return Err("nobody sends with this address any more".to_owned());
    };
    let encoded = segment::encode(text).map_err(|refusal| refusal.to_string())?;
    let mut open = encoded.parts.len();
    let mut lane = context.core.open_lane(channel, Priority::Interactive).map_err(|refusal| refusal.to_string())?;
    let scope = context.door.enter(workspace, Reason::Inbound);
    let tendlc_campaign = tendlc::let_out(context, &scope, &addressing, open).await?;
    let submission = Submission {
        token: 0,
        destination: number,
        addressing: Arc::new(addressing),
        encoded: Arc::new(encoded),
        validity_minutes: Some(VALIDITY_MINUTES),
        tendlc_campaign,
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
