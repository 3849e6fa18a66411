//! What a session has received and nobody has answered for.

use std::collections::HashMap;

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

/// More than this without an answer and the carrier is asked to come again later, so that an engine that stands still
/// costs no memory.
const MAX_UNANSWERED: usize = 50_000;
/// What is larger is counted in octets, too.
const LARGE_OCTETS: usize = 512;
/// Octets of all that is large and without an answer: a message_payload may have 64 KiB.
const MAX_LARGE_OCTETS: usize = 16 << 20;
/// A batch for the engine has no more receipts.
const MAX_RECEIPTS: usize = 4_096;
/// A batch for the engine has no more messages of subscribers.
const MAX_INBOUND: usize = 512;

#[derive(Debug)]
pub(super) struct Inbox {
    receipts: Vec<Receipt>,
    inbound: Vec<Inbound>,
    receipt_sequences: Vec<u32>,
    inbound_sequences: Vec<u32>,
    unanswered: usize,
    /// Octets of those without an answer that are large, by their sequence number.
    large: HashMap<u32, usize>,
    large_octets: usize,
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
            unanswered: 0,
            large: HashMap::new(),
            large_octets: 0,
            arrived: Instant::now(),
            acknowledge,
        }
    }

    /// Keeps it for the engine, or says what to answer instead.
    pub fn put(&mut self, deliver: Deliver, link: &Link, settings: &LinkSettings) -> Option<(u32, u32)> {
        let Deliver { sequence, incoming } = deliver;
        let octets = match &incoming {
            Incoming::Receipt { receipt, .. } => receipt.message_id.len(),
            Incoming::Message { from, to, content, .. } => from.len() + to.len() + content.len(),
        };
        let is_full =
            self.unanswered >= MAX_UNANSWERED || octets > LARGE_OCTETS && self.large_octets + octets > MAX_LARGE_OCTETS;
        if is_full || link.receipts.is_closed() {
            return Some((sequence, code::RECEIVER_TEMPORARY_ERROR));
        }
        if octets > LARGE_OCTETS {
            // One that the carrier numbers again before it is answered stands for both.
            self.large_octets += octets;
            *self.large.entry(sequence).or_default() += octets;
        }
        if !self.has_something() {
            self.arrived = Instant::now();
        }
        self.unanswered += 1;
        let received_at_ms = link.clock.now_ms();
        match incoming {
            Incoming::Receipt { receipt, recipient } => {
                count(&link.tallies.receipts);
                if receipt.state == ReceiptState::Delivered {
                    count(&link.tallies.delivered);
                }
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

    /// The next batch. What is left comes with the one after it.
    pub fn take(&mut self, channel: ChannelId) -> ReceiptBatch {
        let receipts = self.receipts.len().min(MAX_RECEIPTS);
        let inbound = self.inbound.len().min(MAX_INBOUND);
        let acknowledgement = Acknowledgement {
            receipts: self.receipt_sequences.drain(..receipts).collect(),
            inbound: self.inbound_sequences.drain(..inbound).collect(),
            to: AnswerTo::Session { arrived: self.arrived, sender: self.acknowledge.clone() },
        };
        let (receipts, inbound) = (self.receipts.drain(..receipts).collect(), self.inbound.drain(..inbound).collect());
        ReceiptBatch { channel, receipts, inbound, acknowledgement }
    }

    /// Makes room for as many.
    pub fn answered(&mut self, sequences: &[u32]) {
        self.unanswered = self.unanswered.saturating_sub(sequences.len());
        if self.large.is_empty() {
            return;
        }
        let octets: usize = sequences.iter().filter_map(|sequence| self.large.remove(sequence)).sum();
        self.large_octets -= octets;
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

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::clock::ManualClock;

    use super::*;

    /// A message_payload of 64 KiB.
    fn large(sequence: u32) -> Deliver {
        let content = vec![b'x'; 64 * 1024].into();
        let incoming = Incoming::Message { from: "1".into(), to: "2".into(), data_coding: 0, content };
        Deliver { sequence, incoming }
    }

    #[test]
    fn what_is_large_is_bounded_by_its_octets_and_comes_in_batches() {
        let settings = Arc::new(LinkSettings::simulator(ChannelId::parse("x").unwrap(), 1));
        let (receipts, _receiver) = mpsc::channel(1);
        let link = Link::new(Arc::clone(&settings), receipts, Arc::new(ManualClock::at(0)));
        let mut inbox = Inbox::new(mpsc::unbounded_channel().0);
        let mut taken = 0;
        while inbox.put(large(taken), &link, &settings).is_none() {
            taken += 1;
        }
        assert_eq!(taken, 255, "16 MiB");
        assert_eq!(inbox.put(large(256), &link, &settings), Some((256, code::RECEIVER_TEMPORARY_ERROR)));
        // What is small has room all the same.
        for sequence in 1_000..2_000 {
            let incoming =
                Incoming::Message { from: "1".into(), to: "2".into(), data_coding: 0, content: "STOP".into() };
            assert_eq!(inbox.put(Deliver { sequence, incoming }, &link, &settings), None);
        }
        let batch = inbox.take(link.id.clone());
        assert_eq!((batch.inbound.len(), batch.acknowledgement.inbound.len()), (512, 512));
        inbox.answered(&batch.acknowledgement.inbound);
        assert_eq!((inbox.large_octets, inbox.unanswered), (0, 743));
        assert_eq!(inbox.put(large(3_000), &link, &settings), None);
        assert_eq!(inbox.take(link.id.clone()).acknowledgement.inbound[0], 1_257);
    }
}
