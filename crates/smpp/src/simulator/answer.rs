//! What becomes of one submit_sm.

use rusmpp_core::{pdus::borrowed::SubmitSm, tlvs::borrowed::TlvValue, values::RegisteredDelivery};
use tokio::time::Instant;

use super::{
    Shared,
    account::{Address, Owed},
    behaviour::Behaviour,
    counts::add,
    log::Accepted,
};
use crate::{random::SplitMix64, receipt::ReceiptState, status::code};

/// Optional parameters that a submit may have before the strict decoder gives up.
pub(super) const MAX_TLVS: usize = 8;

/// The decision on one submit.
pub(super) enum Verdict {
    Refused(u32),
    Accepted { message_id: u64, receipt: Option<Owed>, copies: u8, answered: bool },
}

/// Decides, counts, and makes the receipt that will be owed.
pub(super) fn judge(
    shared: &Shared,
    behaviour: &Behaviour,
    random: &mut SplitMix64,
    now: (Instant, i64),
    submit: &SubmitSm<'_, MAX_TLVS>,
) -> Verdict {
    let tallies = &shared.tallies;
    let destination = until_nul(submit.destination_addr.bytes());
    let over = behaviour
        .max_submits_per_s
        .is_some_and(|rate| !shared.bucket.lock().unwrap_or_else(std::sync::PoisonError::into_inner).take(now.0, rate));
    if over || random.chance(behaviour.throttle_rate) {
        add(&tallies.throttled, 1);
        return Verdict::Refused(code::THROTTLED);
    }
    let by_prefix = behaviour.errors_by_prefix.iter().find(|rule| destination.starts_with(rule.prefix.as_bytes()));
    let by_chance = || random.chance(behaviour.error_rate).then_some(behaviour.error_status);
    if let Some(command_status) = by_prefix.map(|rule| rule.command_status).or_else(by_chance) {
        add(&tallies.refused, 1);
        return Verdict::Refused(command_status);
    }
    add(&tallies.accepted, 1);
    let message_id = shared.message_id();
    let (state, error) = fate(behaviour, random, destination);
    let mut copies = 0;
    if wants_receipt(submit.registered_delivery, state) {
        copies = 1;
        if random.chance(behaviour.receipts.loss_rate) {
            copies = 0;
            add(&tallies.receipts_lost, 1);
        } else if random.chance(behaviour.receipts.duplicate_rate) {
            copies = 2;
            add(&tallies.receipts_duplicated, 1);
        }
    }
    let receipt = (copies > 0).then(|| Owed {
        message_id,
        recipient: Address::new(destination),
        sender: Address::new(until_nul(submit.source_addr.bytes())),
        state,
        error,
        submitted_at_s: now.1,
    });
    Verdict::Accepted { message_id, receipt, copies, answered: !random.chance(behaviour.silence_rate) }
}

fn fate(behaviour: &Behaviour, random: &mut SplitMix64, destination: &[u8]) -> (ReceiptState, u16) {
    let receipts = &behaviour.receipts;
    let by_prefix = receipts.failures_by_prefix.iter().find(|rule| destination.starts_with(rule.prefix.as_bytes()));
    match by_prefix {
        Some(rule) => (rule.state, rule.error),
        None if random.chance(receipts.failure_rate) => (receipts.failure_state, receipts.failure_error),
        None => (ReceiptState::Delivered, 0),
    }
}

/// Bits 0 and 1 of registered_delivery: always, or on failure only.
fn wants_receipt(registered_delivery: RegisteredDelivery, state: ReceiptState) -> bool {
    match u8::from(registered_delivery) & 0x03 {
        1 => true,
        2 => state != ReceiptState::Delivered,
        _ => false,
    }
}

/// The line for the log: the part and its reference are in the user data header, wherever the text is, or in parameters.
pub(super) fn logged(submit: &SubmitSm<'_, MAX_TLVS>, message_id: String) -> Accepted {
    let payload = submit.tlvs().iter().find_map(|tlv| match tlv.value() {
        Some(TlvValue::MessagePayload(payload)) => Some(payload.value.bytes()),
        _ => None,
    });
    let content = payload.unwrap_or(submit.short_message().bytes());
    let (reference, total, part) = match content {
        // Length of the header, element 0x00 (concatenation with an 8-bit reference) of three octets.
        [5, 0, 3, reference, total, part, ..] if u8::from(submit.esm_class) & 0x40 != 0 => (*reference, *total, *part),
        _ => by_parameters(submit),
    };
    let destination = String::from_utf8_lossy(until_nul(submit.destination_addr.bytes())).into_owned();
    Accepted { destination, part, total, reference, message_id, tlv: vendors(submit) }
}

/// Reference, number of parts, and part.
fn by_parameters(submit: &SubmitSm<'_, MAX_TLVS>) -> (u8, u8, u8) {
    let mut found = (0, 1, 1);
    for tlv in submit.tlvs() {
        match tlv.value() {
            Some(TlvValue::SarMsgRefNum(reference)) => found.0 = *reference as u8,
            Some(TlvValue::SarTotalSegments(total)) => found.1 = *total,
            Some(TlvValue::SarSegmentSeqnum(part)) => found.2 = *part,
            _ => {}
        }
    }
    found
}

/// The first optional parameter that carriers give a meaning to, as a word: one that has blanks in it, or is no text, is
/// not logged.
fn vendors(submit: &SubmitSm<'_, MAX_TLVS>) -> Option<(u16, String)> {
    let mut all = submit.tlvs().iter().map(|tlv| (u16::from(tlv.tag()), tlv));
    let (tag, tlv) = all.find(|(tag, _)| matches!(tag, 0x1400..=0x3FFF))?;
    let Some(TlvValue::Other { value, .. }) = tlv.value() else { return None };
    let text = std::str::from_utf8(value.bytes()).ok()?.trim_end_matches('\0');
    let is_word = !text.is_empty() && text.bytes().all(|octet| octet.is_ascii_graphic());
    is_word.then(|| (tag, text.to_owned()))
}

fn until_nul(octets: &[u8]) -> &[u8] {
    crate::wire::octets_until_nul(octets).0
}
