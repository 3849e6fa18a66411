//! What the simulator makes of each PDU.

use std::{fmt::Write as _, sync::Arc};

use bytes::{Buf, BufMut};
use rusmpp_core::{decode::borrowed::DecodeWithLength, pdus::borrowed::SubmitSm};
use tokio::time::Instant;

use super::{
    account::Owed,
    answer::{self, MAX_TLVS, Verdict},
    behaviour::{Garbage, GarbageKind},
    counts::add,
    session::{Bound, Response, Session},
};
use crate::{
    bind::BindRole,
    status::code,
    wire::{self, Frame, command},
};

impl Session {
    /// Takes every complete PDU out of the input, until one says that the connection is to be closed.
    pub(super) fn take_frames(&mut self, now: Instant, unix_second: i64) {
        let mut input = std::mem::take(&mut self.input);
        let mut taken = 0;
        let mut owed = Vec::new();
        while !self.closing {
            match wire::next_frame(&input[taken..], wire::MAX_COMMAND_LENGTH) {
                Ok(Some(frame)) => {
                    taken += frame.octets();
                    if !self.behaviour.deaf {
                        self.take_frame(&frame, (now, unix_second), &mut owed);
                    }
                }
                Ok(None) => break,
                Err(error) => {
                    tracing::debug!(%error, "a client of the simulator sent what is no SMPP");
                    wire::header_only(&mut self.output, command::GENERIC_NACK, code::INVALID_COMMAND_LENGTH, 0);
                    self.closing = true;
                }
            }
        }
        input.advance(taken);
        self.input = input;
        self.owe(now, &owed);
    }

    fn take_frame(&mut self, frame: &Frame<'_>, now: (Instant, i64), owed: &mut Vec<(Owed, u8)>) {
        let sequence = frame.header.sequence;
        match frame.header.command_id {
            command::SUBMIT_SM => self.submit(frame, now, owed),
            command::DELIVER_SM_RESP if frame.header.command_status == code::OK => {
                if self.unanswered.remove(&sequence).is_some() {
                    self.shared.inbound.answered();
                } else if self.unacknowledged.remove(&sequence).is_some() {
                    add(&self.shared.tallies.receipts_acknowledged, 1);
                }
            }
            command::DELIVER_SM_RESP => self.owe_again(sequence, now.0),
            command::GENERIC_NACK => {
                add(&self.shared.tallies.nacks, 1);
                self.owe_again(sequence, now.0);
            }
            command::BIND_TRANSCEIVER => self.bind(BindRole::Transceiver, frame),
            command::BIND_TRANSMITTER => self.bind(BindRole::Transmitter, frame),
            command::BIND_RECEIVER => self.bind(BindRole::Receiver, frame),
            command::ENQUIRE_LINK => {
                add(&self.shared.tallies.enquiries, 1);
                wire::header_only(&mut self.output, command::ENQUIRE_LINK_RESP, code::OK, sequence);
            }
            command::UNBIND => {
                add(&self.shared.tallies.unbinds, 1);
                wire::header_only(&mut self.output, command::UNBIND_RESP, code::OK, sequence);
                self.closing = true;
            }
            command::UNBIND_RESP => self.closing = true,
            response if response & command::RESPONSE != 0 => (),
            _ => self.nack(code::INVALID_COMMAND_ID, sequence),
        }
    }

    fn nack(&mut self, command_status: u32, sequence: u32) {
        add(&self.shared.tallies.undecodable, 1);
        wire::header_only(&mut self.output, command::GENERIC_NACK, command_status, sequence);
    }

    fn bind(&mut self, role: BindRole, frame: &Frame<'_>) {
        let response = role.command_id() | command::RESPONSE;
        let (system_id, rest) = wire::octets_until_nul(frame.body);
        let (password, _) = wire::octets_until_nul(rest);
        let refusal = match (&self.shared.credentials, self.behaviour.refuse_bind) {
            _ if self.bound.is_some() => Some(code::ALREADY_BOUND),
            (_, Some(command_status)) => Some(command_status),
            (Some((expected, _)), _) if expected.as_bytes() != system_id => Some(code::INVALID_SYSTEM_ID),
            (Some((_, expected)), _) if expected.expose().as_bytes() != password => Some(code::INVALID_PASSWORD),
            _ => None,
        };
        if let Some(command_status) = refusal {
            add(&self.shared.tallies.binds_refused, 1);
            wire::header_only(&mut self.output, response, command_status, frame.header.sequence);
            return;
        }
        add(&self.shared.tallies.binds, 1);
        add(&self.shared.tallies.sessions, 1);
        let account = Arc::clone(&self.shared.accounts.get(system_id));
        self.bound = Some(Bound { account, submits: role.submits(), receives: role.receives() });
        wire::system_id_response(&mut self.output, response, frame.header.sequence, "SIMULATOR");
    }

    fn submit(&mut self, frame: &Frame<'_>, now: (Instant, i64), owed: &mut Vec<(Owed, u8)>) {
        let sequence = frame.header.sequence;
        add(&self.shared.tallies.submits, 1);
        if !self.bound.as_ref().is_some_and(|bound| bound.submits) {
            wire::header_only(&mut self.output, command::SUBMIT_SM_RESP, code::INVALID_BIND_STATUS, sequence);
            return;
        }
        let Ok((submit, _)) = SubmitSm::<MAX_TLVS>::decode(frame.body, frame.body.len()) else {
            self.nack(code::INVALID_COMMAND_LENGTH, sequence);
            return;
        };
        self.submits += 1;
        let behaviour = Arc::clone(&self.behaviour);
        match answer::judge(&self.shared, &behaviour, &mut self.random, now, &submit) {
            Verdict::Refused(command_status) => {
                self.respond(now.0, Response { sequence, result: Err(command_status) });
            }
            Verdict::Accepted { message_id, receipt, copies, answered } => {
                self.accepted += 1;
                owed.extend(receipt.map(|receipt| (receipt, copies)));
                if self.shared.log.is_some() {
                    let accepted = answer::logged(&submit, self.id_in_response(message_id));
                    let written = writeln!(self.log_lines, "{accepted}");
                    debug_assert!(written.is_ok(), "writing to a string does not fail");
                }
                if let Some(garbage) = behaviour.garbage {
                    self.garble(garbage);
                }
                if behaviour.close_after_submits.is_some_and(|submits| self.accepted >= submits) {
                    self.closing = true;
                } else if answered {
                    self.respond(now.0, Response { sequence, result: Ok(message_id) });
                }
            }
        }
        if behaviour.unbind_after_submits == Some(self.submits) {
            wire::header_only(&mut self.output, command::UNBIND, code::OK, u32::MAX >> 1);
        }
    }

    fn garble(&mut self, garbage: Garbage) {
        if !self.accepted.is_multiple_of(garbage.every.max(1)) {
            return;
        }
        match garbage.kind {
            GarbageKind::UnknownCommand => wire::header_only(&mut self.output, 0x0000_7777, 0, 77),
            GarbageKind::CutDeliverSm => {
                self.output.put_slice(&[0, 0, 0, 20, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 78, 0, 1, 1, b'4']);
            }
            GarbageKind::HugeLength => self.output.put_slice(&[0x80, 0, 0, 0, 0x80, 0, 0, 4]),
            GarbageKind::Text => self.output.put_slice(b"HTTP/1.1 400 Bad Request\r\n\r\n"),
        }
    }
}
