//! What a session has received and nobody has acknowledged.

use domain::phone::PhoneNumber;
use smpp::{
    ReceiptState,
    session::{Deliver, Incoming},
    status::code,
};
use tokio::{sync::mpsc, time::Instant};

use super::link::{Link, count};
use crate::{
    ChannelId,
    receipts::{Acknowledgement, AnswerTo, Answered, Inbound, Receipt, ReceiptBatch},
    settings::LinkSettings,
};

/// More than this without an acknowledgement and the carrier is asked to come again later, so that an engine that
/// stands still costs no memory.
const MAX_UNACKNOWLEDGED: usize = 50_000;
/// A batch for the engine is no larger.
const MAX_BATCH: usize = 4_096;

#[derive(Debug)]
pub(super) struct Inbox {
    receipts: Vec<Receipt>,
    inbound: Vec<Inbound>,
    receipt_sequences: Vec<u32>,
    inbound_sequences: Vec<u32>,
    unacknowledged: usize,
    /// When the first of those arrived that the engine has not taken.
    arrived: Instant,
    acknowledge: mpsc::UnboundedSender<Answered>,
}

impl Inbox {
    pub fn new(acknowledge: mpsc::UnboundedSender<Answered>) -> Self {
        Self {
            receipts: Vec::new(),
            inbound: Vec::new(),
            receipt_sequences: Vec::new(),
            inbound_sequences: Vec::new(),
            unacknowledged: 0,
            arrived: Instant::now(),
            acknowledge,
        }
    }

    /// Keeps it for the engine, or says what to answer instead.
    pub fn put(&mut self, deliver: Deliver, link: &Link, settings: &LinkSettings) -> Option<(u32, u32)> {
        let Deliver { sequence, incoming } = deliver;
        if self.unacknowledged >= MAX_UNACKNOWLEDGED || link.receipts.is_closed() {
            return Some((sequence, code::RECEIVER_TEMPORARY_ERROR));
        }
        if !self.has_something() {
            self.arrived = Instant::now();
        }
        self.unacknowledged += 1;
        let received_at_ms = link.clock.now_ms();
        match incoming {
            Incoming::Receipt { receipt, recipient } => {
                count(&link.tallies.receipts);
                self.receipt_sequences.push(sequence);
                self.receipts.push(Receipt {
                    message_id: settings.id_base.from_receipt(receipt.message_id),
                    state: receipt.state,
                    is_final: is_final(receipt.state, settings.accepted_is_final),
                    error: receipt.error,
                    recipient: recipient.and_then(PhoneNumber::from_u64),
                    received_at_ms,
                });
            }
            Incoming::Message { from, to, data_coding, content } => {
                count(&link.tallies.inbound);
                self.inbound_sequences.push(sequence);
                let (from, to, content) = (from.into(), to.into(), content.into());
                self.inbound.push(Inbound { from, to, data_coding, content, received_at_ms });
            }
        }
        None
    }

    pub fn has_something(&self) -> bool {
        !self.receipts.is_empty() || !self.inbound.is_empty()
    }

    /// The next batch. Receipts that are left come with the one after it.
    pub fn take(&mut self, channel: ChannelId) -> ReceiptBatch {
        let receipts = self.receipts.len().min(MAX_BATCH);
        let acknowledgement = Acknowledgement {
            receipts: self.receipt_sequences.drain(..receipts).collect(),
            inbound: std::mem::take(&mut self.inbound_sequences),
            to: AnswerTo::Session { arrived: self.arrived, sender: self.acknowledge.clone() },
        };
        let (receipts, inbound) = (self.receipts.drain(..receipts).collect(), std::mem::take(&mut self.inbound));
        ReceiptBatch { channel, receipts, inbound, acknowledgement }
    }

    pub fn acknowledged(&mut self, count: usize) {
        self.unacknowledged = self.unacknowledged.saturating_sub(count);
    }
}

/// Whether no other receipt is to be expected.
fn is_final(state: ReceiptState, accepted_is_final: bool) -> bool {
    match state {
        ReceiptState::Enroute => false,
        ReceiptState::Accepted => accepted_is_final,
        _ => true,
    }
}
