//! What goes over the wire, version 4. A batch names each text and each sender once.

use std::{collections::HashMap, sync::Arc};

use domain::{
    phone::PhoneNumber,
    segment::{Encoded, Encoding},
    sender::Addressing,
    tendlc::RegistryCampaignId,
};
use serde::{Deserialize, Serialize};
use smpp::{MessageId, ReceiptState};

use crate::{
    core::CoreError,
    message::{PartOutcome, Submission},
    receipts::{Inbound, Receipt, Verdict},
};

/// From the client, in the body of a lane.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum LaneRequest {
    Submit(Batch),
    /// Give back what no session has picked up.
    Withdraw,
}

/// From the server, in the response of a lane.
#[derive(Debug, Serialize, Deserialize)]
pub(super) enum LaneAnswer {
    /// The batch is here.
    Received {
        batch: u64,
    },
    /// All of it is queued: each part will have an outcome.
    Queued {
        batch: u64,
    },
    /// Nothing of it is queued.
    Refused {
        batch: u64,
        error: CoreError,
    },
    Outcomes(Vec<PartOutcome>),
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Batch {
    pub number: u64,
    texts: Vec<Text>,
    senders: Vec<Addressing>,
    messages: Vec<Message>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Text {
    encoding: Encoding,
    data_coding: u8,
    parts: Vec<Vec<u8>>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Message {
    token: u64,
    number: u64,
    text: u32,
    sender: u32,
    validity_minutes: Option<u32>,
    tendlc_campaign: Option<RegistryCampaignId>,
}

impl Batch {
    pub fn pack(number: u64, submissions: &[Submission]) -> Self {
        let (mut texts, mut senders) = (Vec::new(), Vec::new());
        let (mut text_of, mut sender_of) = (HashMap::new(), HashMap::new());
        let messages = submissions.iter().map(|submission| Message {
            token: submission.token,
            number: submission.destination.as_u64(),
            text: *text_of.entry(Arc::as_ptr(&submission.encoded)).or_insert_with(|| {
                let Encoded { encoding, data_coding, parts } = &*submission.encoded;
                texts.push(Text { encoding: *encoding, data_coding: *data_coding, parts: parts.clone() });
                texts.len() as u32 - 1
            }),
            sender: *sender_of.entry(Arc::as_ptr(&submission.addressing)).or_insert_with(|| {
                senders.push(Addressing::clone(&submission.addressing));
                senders.len() as u32 - 1
            }),
            validity_minutes: submission.validity_minutes,
            tendlc_campaign: submission.tendlc_campaign,
        });
        let messages = messages.collect();
        Self { number, texts, senders, messages }
    }

    /// None: it does not fit together.
    pub fn unpack(self) -> Option<Vec<Submission>> {
        let texts: Vec<_> = self
            .texts
            .into_iter()
            .map(|Text { encoding, data_coding, parts }| Arc::new(Encoded { encoding, data_coding, parts }))
            .collect();
        let senders: Vec<_> = self.senders.into_iter().map(Arc::new).collect();
        let submission = |message: Message| {
            Some(Submission {
                token: message.token,
                destination: PhoneNumber::from_u64(message.number)?,
                addressing: Arc::clone(senders.get(message.sender as usize)?),
                encoded: Arc::clone(texts.get(message.text as usize)?),
                validity_minutes: message.validity_minutes,
                tendlc_campaign: message.tendlc_campaign,
            })
        };
        self.messages.into_iter().map(submission).collect()
    }
}

/// Receipts and inbound messages that a session received together. Its number is good for the life of the process.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Received {
    pub batch: u64,
    pub channel: String,
    pub receipts: Vec<WireReceipt>,
    pub inbound: Vec<WireInbound>,
}

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct WireReceipt(MessageId, ReceiptState, bool, Option<u32>, Option<u64>, i64);

#[derive(Debug, Serialize, Deserialize)]
pub(super) struct WireInbound(Vec<u8>, Vec<u8>, u8, Vec<u8>, i64);

/// What of a batch is answered for: places, the receipts first, then the inbound messages.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Acknowledged {
    pub batch: u64,
    pub places: Vec<u32>,
    pub verdict: Verdict,
}

impl From<&Receipt> for WireReceipt {
    fn from(receipt: &Receipt) -> Self {
        let number = receipt.recipient.map(|number| number.as_u64());
        let Receipt { message_id, state, is_final, error, received_at_ms, .. } = receipt;
        Self(message_id.clone(), *state, *is_final, *error, number, *received_at_ms)
    }
}

impl From<WireReceipt> for Receipt {
    fn from(WireReceipt(message_id, state, is_final, error, number, received_at_ms): WireReceipt) -> Self {
        let recipient = number.and_then(PhoneNumber::from_u64);
        Self { message_id, state, is_final, error, recipient, received_at_ms }
    }
}

impl From<&Inbound> for WireInbound {
    fn from(message: &Inbound) -> Self {
        let Inbound { from, to, data_coding, content, received_at_ms } = message;
        Self(from.clone(), to.clone(), *data_coding, content.clone(), *received_at_ms)
    }
}

impl From<WireInbound> for Inbound {
    fn from(WireInbound(from, to, data_coding, content, received_at_ms): WireInbound) -> Self {
        Self { from, to, data_coding, content, received_at_ms }
    }
}
