//! What comes back from carriers: receipts and inbound messages, acknowledged by whoever made them durable.

use domain::phone::PhoneNumber;
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
    /// With its user data header when it has one.
    pub content: Vec<u8>,
    pub received_at_ms: i64,
}

/// What one session received together. The carrier is answered when [`ReceiptBatch::acknowledge`] is called, so call
/// it when all of it is durable; what is dropped without it the carrier sends again on the next session.
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

/// What a session answers.
#[derive(Debug)]
pub(crate) struct Answered {
    /// When the first of it came.
    pub arrived: Instant,
    pub sequences: Vec<u32>,
}

/// Who answers the carrier.
#[derive(Debug, Clone)]
pub(crate) enum AnswerTo {
    /// A session of this process; numbers are sequence numbers.
    Session { arrived: Instant, sender: mpsc::UnboundedSender<Answered> },
    /// A Core in another process; numbers are places within its batch.
    Remote { batch: u64, sender: mpsc::UnboundedSender<(u64, Vec<u32>)> },
}

impl AnswerTo {
    /// Without effect when nobody is there any more: the carrier will repeat itself.
    fn send(&self, numbers: Vec<u32>) {
        match self {
            Self::Session { arrived, sender } => {
                drop(sender.send(Answered { arrived: *arrived, sequences: numbers }));
            }
            Self::Remote { batch, sender } => drop(sender.send((*batch, numbers))),
        }
    }
}

impl ReceiptBatch {
    /// Lets the deliver_sm_resp go out. Without effect when the session is gone: the carrier will repeat itself.
    pub fn acknowledge(self) {
        let Acknowledgement { receipts: mut sequences, inbound, to } = self.acknowledgement;
        sequences.extend(inbound);
        to.send(sequences);
    }

    /// The same for some of it, by place: receipts first, then inbound messages.
    pub(crate) fn acknowledge_places(&self, places: &[u32]) {
        let Acknowledgement { receipts, inbound, to } = &self.acknowledgement;
        let numbers: Vec<u32> = receipts.iter().chain(inbound).copied().collect();
        to.send(places.iter().filter_map(|place| numbers.get(*place as usize).copied()).collect());
    }

    /// Takes out the receipts that `wanted` picks, to be acknowledged apart: those that wait for something do not hold up
    /// the answers to the others. None: it picks none.
    pub fn split_off(&mut self, mut wanted: impl FnMut(&Receipt) -> bool) -> Option<Self> {
        if !self.receipts.iter().any(&mut wanted) {
            return None;
        }
        let sequences = std::mem::take(&mut self.acknowledgement.receipts);
        let receipts = std::mem::take(&mut self.receipts);
        let (picked, left): (Vec<_>, Vec<_>) =
            receipts.into_iter().zip(sequences).partition(|(receipt, _)| wanted(receipt));
        (self.receipts, self.acknowledgement.receipts) = left.into_iter().unzip();
        let (receipts, sequences) = picked.into_iter().unzip();
        let to = self.acknowledgement.to.clone();
        let acknowledgement = Acknowledgement { receipts: sequences, inbound: Vec::new(), to };
        Some(Self { channel: self.channel.clone(), receipts, inbound: Vec::new(), acknowledgement })
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
