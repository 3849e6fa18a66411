//! What comes back from carriers: receipts and inbound messages, acknowledged by whoever made them durable.

use std::{collections::HashMap, hash::Hash};

use domain::phone::PhoneNumber;
use serde::{Deserialize, Serialize};
use smpp::{MessageId, ReceiptState};
use tokio::{sync::mpsc, time::Instant};

use crate::ChannelId;

/// What a carrier reported of one accepted part.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Normalised like the id in [`crate::PartResult::Accepted`]; it may arrive before that and more than once.
    pub message_id: MessageId,
    pub state: ReceiptState,
    /// Whether no other receipt is to be expected (the link's setting decides for ACCEPTD).
    pub is_final: bool,
    /// The carrier's own code, not a command_status.
    pub error: Option<u32>,
    /// Whom the part was sent to, as far as the receipt says it.
    pub recipient: Option<PhoneNumber>,
    pub received_at_ms: i64,
}

/// A message that a subscriber sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inbound {
    pub from: Vec<u8>,
    pub to: Vec<u8>,
    /// SMPP 3.4 §5.2.19.
    pub data_coding: u8,
    /// Without its user data header.
    pub content: Vec<u8>,
    pub received_at_ms: i64,
}

/// What one session received together. The carrier is answered when [`ReceiptBatch::acknowledge`] is called, so call
/// it when all of it is durable; or when [`ReceiptBatch::refuse`] is. What is dropped without either the session holds
/// open, and the carrier sends it again on the next one.
#[derive(Debug)]
pub struct ReceiptBatch {
    pub channel: ChannelId,
    pub receipts: Vec<Receipt>,
    pub inbound: Vec<Inbound>,
    pub(crate) acknowledgement: Acknowledgement,
}

/// Receipts of every link.
pub type ReceiptStream = mpsc::Receiver<ReceiptBatch>;

/// Which deliver_sm of which session are to be answered.
#[derive(Debug)]
pub(crate) struct Acknowledgement {
    /// One for each receipt, in their order.
    pub receipts: Vec<u32>,
    pub inbound: Vec<u32>,
    pub to: AnswerTo,
}

/// What a carrier is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Verdict {
    /// It is durable.
    Taken,
    /// It cannot be taken now (ESME_RX_T_APPN, SMPP 3.4 §5.1.3): the carrier sends it again.
    ComeAgain,
}

/// What a session answers.
#[derive(Debug)]
pub(crate) struct Answered {
    /// When the first of it came.
    pub arrived: Instant,
    pub sequences: Vec<u32>,
    pub verdict: Verdict,
}

/// Who answers the carrier.
#[derive(Debug, Clone)]
pub(crate) enum AnswerTo {
    /// A session of this process; numbers are sequence numbers.
    Session { arrived: Instant, sender: mpsc::UnboundedSender<Answered> },
    /// A Core in another process; numbers are places within its batch.
    Remote { batch: u64, sender: mpsc::UnboundedSender<(u64, Vec<u32>, Verdict)> },
}

impl AnswerTo {
    /// Without effect when nobody is there any more: the carrier will repeat itself.
    fn send(&self, numbers: Vec<u32>, verdict: Verdict) {
        match self {
            Self::Session { arrived, sender } => {
                drop(sender.send(Answered { arrived: *arrived, sequences: numbers, verdict }));
            }
            Self::Remote { batch, sender } => drop(sender.send((*batch, numbers, verdict))),
        }
    }
}

impl ReceiptBatch {
    /// Lets the deliver_sm_resp go out. Without effect when the session is gone: the carrier will repeat itself.
    pub fn acknowledge(self) {
        self.answer(Verdict::Taken);
    }

    /// Nobody can make it durable now: the carrier is asked to send all of it again.
    pub fn refuse(self) {
        self.answer(Verdict::ComeAgain);
    }

    fn answer(self, verdict: Verdict) {
        let Acknowledgement { receipts: mut sequences, inbound, to } = self.acknowledgement;
        sequences.extend(inbound);
        to.send(sequences, verdict);
    }

    /// The same for some of it, by place: receipts first, then inbound messages.
    pub(crate) fn answer_places(&self, places: &[u32], verdict: Verdict) {
        let Acknowledgement { receipts, inbound, to } = &self.acknowledgement;
        let numbers: Vec<u32> = receipts.iter().chain(inbound).copied().collect();
        to.send(places.iter().filter_map(|place| numbers.get(*place as usize).copied()).collect(), verdict);
    }

    /// Takes the receipts out, sorted by what `of` says of each, every lot to be answered apart: what one of them waits
    /// for, or fails at, does not hold up the answers to the others. Messages of subscribers stay here.
    pub fn split_by<K: Eq + Hash>(&mut self, mut of: impl FnMut(&Receipt) -> K) -> HashMap<K, Self> {
        let sequences = std::mem::take(&mut self.acknowledgement.receipts);
        let mut lots: HashMap<K, Self> = HashMap::new();
        for (receipt, sequence) in std::mem::take(&mut self.receipts).into_iter().zip(sequences) {
            let lot = lots.entry(of(&receipt)).or_insert_with(|| self.empty());
            lot.receipts.push(receipt);
            lot.acknowledgement.receipts.push(sequence);
        }
        lots
    }

    /// One that nothing is in, of the same session.
    fn empty(&self) -> Self {
        let to = self.acknowledgement.to.clone();
        let acknowledgement = Acknowledgement { receipts: Vec::new(), inbound: Vec::new(), to };
        Self { channel: self.channel.clone(), receipts: Vec::new(), inbound: Vec::new(), acknowledgement }
    }

    /// One batch for each receipt, to be acknowledged apart; messages of subscribers are left out, and not acknowledged.
    pub fn apart(self) -> impl Iterator<Item = Self> {
        let Self { channel, receipts, acknowledgement: Acknowledgement { receipts: sequences, to, .. }, .. } = self;
        receipts.into_iter().zip(sequences).map(move |(receipt, sequence)| Self {
            channel: channel.clone(),
            receipts: vec![receipt],
            inbound: Vec::new(),
            acknowledgement: Acknowledgement { receipts: vec![sequence], inbound: Vec::new(), to: to.clone() },
        })
    }
}
