//! Writing PDUs into an output buffer that takes many of them before it goes to the socket.

use bytes::{BufMut, BytesMut};
use rusmpp_core::{
    CommandId, CommandStatus,
    command::borrowed::Command,
    encode::{Encode, Length},
    pdus::borrowed::Pdu,
};

use super::{command, frame::HEADER_OCTETS, tlv::tag};
use crate::{bind::Bind, receipt::ReceiptState};

/// A destination_addr.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination<'a> {
    /// E.164 without `+`.
    Number(u64),
    Text(&'a [u8]),
}

/// A submit_sm (SMPP 3.4 §4.4.1). Addresses are cut to 20 octets and the message to 254, which is all that fits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SubmitSm<'a> {
    pub source_ton: u8,
    pub source_npi: u8,
    pub source: &'a [u8],
    pub destination_ton: u8,
    pub destination_npi: u8,
    pub destination: Destination<'a>,
    pub esm_class: u8,
    /// SMPP 3.4 §7.1.1, at most 16 octets; empty for the carrier's default.
    pub validity_period: &'a [u8],
    pub registered_delivery: u8,
    pub data_coding: u8,
    /// The user data header, empty when there is none.
    pub header: &'a [u8],
    pub content: &'a [u8],
    /// Optional parameters: tags and values of at most 255 octets.
    pub tlvs: &'a [(u16, &'a [u8])],
}

/// Writes one submit_sm.
pub fn submit_sm(output: &mut BytesMut, sequence: u32, pdu: &SubmitSm<'_>) {
    pdu_with(output, command::SUBMIT_SM, 0, sequence, |output| {
        output.put_u8(0); // service_type
        output.put_slice(&[pdu.source_ton, pdu.source_npi]);
        c_string(output, pdu.source, 20);
        output.put_slice(&[pdu.destination_ton, pdu.destination_npi]);
        match pdu.destination {
            Destination::Number(number) => {
                let mut digits = [0; 20];
                c_string(output, decimal(number, &mut digits), 20);
            }
            Destination::Text(text) => c_string(output, text, 20),
        }
        output.put_slice(&[pdu.esm_class, 0, 0, 0]); // …, protocol_id, priority_flag, schedule_delivery_time
        c_string(output, pdu.validity_period, 16);
        output.put_slice(&[pdu.registered_delivery, 0, pdu.data_coding, 0]);
        let header = &pdu.header[..pdu.header.len().min(254)];
        let content = &pdu.content[..pdu.content.len().min(254 - header.len())];
        output.put_u8((header.len() + content.len()) as u8);
        output.put_slice(header);
        output.put_slice(content);
        for (tag, value) in pdu.tlvs {
            let value = &value[..value.len().min(255)];
            output.put_u16(*tag);
            output.put_u16(value.len() as u16);
            output.put_slice(value);
        }
    });
}

/// A deliver_sm that carries a receipt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliverReceipt<'a> {
    pub source: &'a [u8],
    pub destination: &'a [u8],
    pub text: &'a [u8],
    /// The TLVs receipted_message_id, message_state and network_error_code.
    pub tlvs: Option<(&'a str, ReceiptState, u16)>,
}

/// Writes one deliver_sm with a receipt (SMPP 3.4 §4.6.1, appendix B).
pub fn deliver_receipt(output: &mut BytesMut, sequence: u32, pdu: &DeliverReceipt<'_>) {
    pdu_with(output, command::DELIVER_SM, 0, sequence, |output| {
        output.put_slice(&[0, 1, 1]);
        c_string(output, pdu.source, 20);
        output.put_slice(&[0, 0]);
        c_string(output, pdu.destination, 20);
        output.put_slice(&[0x04, 0, 0, 0, 0, 0, 0, 0, 0]);
        let text = &pdu.text[..pdu.text.len().min(254)];
        output.put_u8(text.len() as u8);
        output.put_slice(text);
        if let Some((message_id, state, error)) = pdu.tlvs {
            let id = &message_id.as_bytes()[..message_id.len().min(64)];
            output.put_u16(tag::RECEIPTED_MESSAGE_ID);
            output.put_u16(id.len() as u16 + 1);
            output.put_slice(id);
            output.put_u8(0);
            output.put_u16(tag::MESSAGE_STATE);
            output.put_u16(1);
            output.put_u8(state as u8);
            if error != 0 {
                output.put_u16(tag::NETWORK_ERROR_CODE);
                output.put_u16(3);
                output.put_u8(3); // GSM
                output.put_u16(error);
            }
        }
    });
}

/// A deliver_sm that carries what a subscriber wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliverMessage<'a> {
    pub source: &'a [u8],
    pub destination: &'a [u8],
    /// SMPP 3.4 §5.2.19.
    pub data_coding: u8,
    /// At most 254 octets; the rest is cut.
    pub content: &'a [u8],
}

/// Writes one deliver_sm with a message (SMPP 3.4 §4.6.1).
pub fn deliver_message(output: &mut BytesMut, sequence: u32, pdu: &DeliverMessage<'_>) {
    pdu_with(output, command::DELIVER_SM, 0, sequence, |output| {
        output.put_slice(&[0, 1, 1]);
        c_string(output, pdu.source, 20);
        output.put_slice(&[0, 0]);
        c_string(output, pdu.destination, 20);
        output.put_slice(&[0, 0, 0, 0, 0, 0, 0, pdu.data_coding, 0]);
        let content = &pdu.content[..pdu.content.len().min(254)];
        output.put_u8(content.len() as u8);
        output.put_slice(content);
    });
}

/// Writes one bind_transceiver, bind_transmitter or bind_receiver (SMPP 3.4 §4.1). The password may be longer than the
/// eight characters of the standard, because carriers give out longer ones.
pub fn bind(output: &mut BytesMut, sequence: u32, bind: &Bind) {
    pdu_with(output, bind.role.command_id(), 0, sequence, |output| {
        c_string(output, bind.system_id.as_bytes(), 64);
        c_string(output, bind.password.expose().as_bytes(), 64);
        c_string(output, bind.system_type.as_bytes(), 12);
        output.put_slice(&[0x34, bind.address_range.ton, bind.address_range.npi]); // interface_version 3.4
        c_string(output, bind.address_range.range.as_bytes(), 40);
    });
}

/// Writes a bind response with its system_id.
pub fn system_id_response(output: &mut BytesMut, command_id: u32, sequence: u32, system_id: &str) {
    pdu_with(output, command_id, 0, sequence, |output| {
        c_string(output, system_id.as_bytes(), 15);
        output.put_slice(&[0x02, 0x10, 0, 1, 0x34]); // sc_interface_version 3.4
    });
}

/// Writes a submit_sm_resp or deliver_sm_resp with its message_id.
pub fn message_id_response(output: &mut BytesMut, command_id: u32, sequence: u32, message_id: &str) {
    pdu_with(output, command_id, 0, sequence, |output| {
        c_string(output, message_id.as_bytes(), 64);
    });
}

/// Writes a PDU without a body: enquire_link, unbind, generic_nack, their responses and refusals.
pub fn header_only(output: &mut BytesMut, command_id: u32, command_status: u32, sequence: u32) {
    let pdu = match CommandId::from(command_id) {
        CommandId::EnquireLink => Some(Pdu::EnquireLink),
        CommandId::EnquireLinkResp => Some(Pdu::EnquireLinkResp),
        CommandId::Unbind => Some(Pdu::Unbind),
        CommandId::UnbindResp => Some(Pdu::UnbindResp),
        CommandId::GenericNack => Some(Pdu::GenericNack),
        _ => None,
    };
    match pdu {
        Some(pdu) => {
            let pdu = Command::<'_, 0>::new(CommandStatus::from(command_status), sequence, pdu);
            let octets = pdu.length();
            output.put_u32((octets + 4) as u32);
            let start = output.len();
            output.resize(start + octets, 0);
            pdu.encode(&mut output[start..]);
        }
        None => pdu_with(output, command_id, command_status, sequence, |_| ()),
    }
}

fn pdu_with(
    output: &mut BytesMut,
    command_id: u32,
    command_status: u32,
    sequence: u32,
    body: impl FnOnce(&mut BytesMut),
) {
    let start = output.len();
    output.reserve(HEADER_OCTETS + 320);
    output.put_u32(0);
    output.put_u32(command_id);
    output.put_u32(command_status);
    output.put_u32(sequence);
    body(output);
    let command_length = (output.len() - start) as u32;
    output[start..start + 4].copy_from_slice(&command_length.to_be_bytes());
}

/// A C octet string: cut to `limit` and at its first NUL, which would end it on the other side.
fn c_string(output: &mut BytesMut, text: &[u8], limit: usize) {
    let text = &text[..text.len().min(limit)];
    let (text, _) = super::octets_until_nul(text);
    output.put_slice(text);
    output.put_u8(0);
}

fn decimal(mut number: u64, digits: &mut [u8; 20]) -> &[u8] {
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            return &digits[at..];
        }
    }
}
