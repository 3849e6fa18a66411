//! What a session makes of each PDU that arrives.

use bytes::{Buf, Bytes};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::Instant,
};

use super::{Answer, Deliver, End, Event, Incoming, Phase, Session};
use crate::{
    receipt,
    status::code,
    wire::{self, DeliverSm, Frame, command},
};

/// esm_class of content that begins with a user data header (SMPP 3.4 §5.2.12).
const UDHI: u8 = 0x40;

impl<T: AsyncRead + AsyncWrite + Unpin> Session<T> {
    /// Takes every complete PDU out of the input.
    pub(super) fn take_frames(&mut self, now: Instant, events: &mut Vec<Event>) -> Result<(), End> {
        let mut input = std::mem::take(&mut self.input);
        let mut taken = 0;
        let result = loop {
            match wire::next_frame(&input[taken..], self.config.max_command_length) {
                Ok(Some(frame)) => {
                    taken += frame.octets();
                    if let Err(end) = self.take_frame(&frame, now, events) {
                        break Err(end);
                    }
                }
                Ok(None) => break Ok(()),
                Err(error) => break Err(End::Unframed(error)),
            }
        };
        input.advance(taken);
        self.input = input;
        result
    }

    fn take_frame(&mut self, frame: &Frame<'_>, now: Instant, events: &mut Vec<Event>) -> Result<(), End> {
        let header = frame.header;
        let sequence = header.sequence;
        match header.command_id {
            command::SUBMIT_SM_RESP | command::GENERIC_NACK => {
                if header.command_id == command::GENERIC_NACK {
                    self.take_nack(sequence)?;
                }
                let Some(pending) = self.window.remove(sequence) else {
                    tracing::debug!(sequence, "an answer to nothing that is outstanding");
                    return Ok(());
                };
                let answer = match (header.command_id, header.command_status) {
                    (command::SUBMIT_SM_RESP, code::OK) => {
                        Answer::Accepted { message_id: wire::message_id(frame.body) }
                    }
                    (_, command_status) => Answer::Refused { command_status },
                };
                events.push(Event::Answer { token: pending.token, answer });
            }
            command::DELIVER_SM => match DeliverSm::decode(frame.body) {
                Some(deliver) => events.push(Event::Deliver(Deliver { sequence, incoming: incoming(&deliver) })),
                None => self.nack(code::INVALID_COMMAND_LENGTH, sequence),
            },
            command::ENQUIRE_LINK => {
                wire::header_only(&mut self.output, command::ENQUIRE_LINK_RESP, code::OK, sequence);
            }
            command::ENQUIRE_LINK_RESP => {
                if self.enquiry.is_some_and(|(expected, _)| expected == sequence) {
                    self.enquiry = None;
                }
            }
            command::UNBIND => {
                if !matches!(self.phase, Phase::PeerUnbinding(..) | Phase::Flushing(_) | Phase::Broken(..)) {
                    self.phase = Phase::PeerUnbinding(sequence, now + self.config.unbind_timeout);
                }
            }
            command::UNBIND_RESP => {
                if matches!(self.phase, Phase::Unbinding(expected, _) if expected == sequence) {
                    return Err(End::Unbound);
                }
            }
            // Neither has a response.
            command::ALERT_NOTIFICATION | command::OUTBIND => (),
            // A response is never answered, or two peers could go on for ever.
            unexpected if unexpected & command::RESPONSE != 0 => {
                tracing::debug!(command_id = unexpected, sequence, "an unexpected response");
            }
            _ => self.nack(code::INVALID_COMMAND_ID, sequence),
        }
        Ok(())
    }

    /// A peer that does not know what enquire_link or unbind are has answered them all the same: it is there, and it has
    /// been told.
    fn take_nack(&mut self, sequence: u32) -> Result<(), End> {
        if self.enquiry.is_some_and(|(expected, _)| expected == sequence) {
            self.enquiry = None;
        }
        match self.phase {
            Phase::Unbinding(expected, _) if expected == sequence => Err(End::Unbound),
            _ => Ok(()),
        }
    }

    fn nack(&mut self, command_status: u32, sequence: u32) {
        tracing::warn!(command_status, sequence, "a PDU that cannot be decoded was answered with generic_nack");
        wire::header_only(&mut self.output, command::GENERIC_NACK, command_status, sequence);
    }
}

fn incoming(deliver: &DeliverSm<'_>) -> Incoming {
    match receipt::parse(deliver) {
        Some(receipt) => {
            let digits = deliver.source.strip_prefix(b"+").unwrap_or(deliver.source);
            let recipient = std::str::from_utf8(digits).ok().and_then(|digits| digits.parse().ok());
            Incoming::Receipt { receipt, recipient }
        }
        None => Incoming::Message {
            from: Bytes::copy_from_slice(deliver.source),
            to: Bytes::copy_from_slice(deliver.destination),
            data_coding: deliver.data_coding,
            content: Bytes::copy_from_slice(without_header(deliver)),
        },
    }
}

/// The text without its user data header: the first octet says how long that is (3GPP TS 23.040 §9.2.3.24).
fn without_header<'a>(deliver: &DeliverSm<'a>) -> &'a [u8] {
    match deliver.content {
        [length, rest @ ..] if deliver.esm_class & UDHI != 0 => rest.get(usize::from(*length)..).unwrap_or_default(),
        content => content,
    }
}
