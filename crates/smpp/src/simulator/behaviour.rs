//! The knobs.

use serde::{Deserialize, Serialize};

use crate::{receipt::ReceiptState, status::code};

/// How the simulator behaves. The default is a carrier without faults; everything can be changed while it runs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// From a submit_sm to its response.
    pub latency_ms: u64,
    /// More than this, over all sessions, is throttled (0x58).
    pub max_submits_per_s: Option<u32>,
    /// The part of submits that is throttled at random, 0 to 1.
    pub throttle_rate: f64,
    /// The part of submits that is refused with `error_status`, 0 to 1.
    pub error_rate: f64,
    pub error_status: u32,
    /// Refusals by the start of the destination; the first that fits counts.
    pub errors_by_prefix: Vec<PrefixError>,
    /// The part of submits that is accepted and never answered, 0 to 1.
    pub silence_rate: f64,
    pub receipts: Receipts,
    /// Refuses every bind with this status.
    pub refuse_bind: Option<u32>,
    /// Each session closes its connection after accepting this many submits, the last one unanswered.
    pub close_after_submits: Option<u64>,
    /// Each session asks to unbind after this many submits.
    pub unbind_after_submits: Option<u64>,
    pub garbage: Option<Garbage>,
    /// Silence for enquire_link too, and for everything else: the connection is there and nobody at its end.
    pub deaf: bool,
}

/// A refusal for destinations that begin like this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrefixError {
    /// Digits without `+`.
    pub prefix: String,
    pub command_status: u32,
}

/// How receipts come.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Receipts {
    pub delay_ms: u64,
    /// Each waits up to so much longer, at random: they come in another order than their messages.
    pub jitter_ms: u64,
    /// The part that is never sent, 0 to 1.
    pub loss_rate: f64,
    /// The part that is sent twice, 0 to 1.
    pub duplicate_rate: f64,
    /// The part that reports `failure_state` and `failure_error`, 0 to 1.
    pub failure_rate: f64,
    pub failure_state: ReceiptState,
    /// The carrier's own code, in `err:` and the TLV network_error_code.
    pub failure_error: u16,
    /// Failures by the start of the destination; the first that fits counts.
    pub failures_by_prefix: Vec<PrefixFailure>,
    /// Each response is held back for a moment, so that receipts without delay overtake it.
    pub before_responses: bool,
    pub style: ReceiptStyle,
    /// Message ids are hexadecimal in responses and decimal in receipts.
    pub ids_in_two_bases: bool,
}

/// A failed delivery for destinations that begin like this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrefixFailure {
    /// Digits without `+`.
    pub prefix: String,
    pub state: ReceiptState,
    pub error: u16,
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReceiptStyle {
    /// The text of appendix B and the TLVs.
    #[default]
    TextAndTlvs,
    /// The text only.
    Text,
}

/// Octets that are no answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Garbage {
    /// Before the response to every so-many-th submit of a session.
    pub every: u64,
    pub kind: GarbageKind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum GarbageKind {
    /// A request that SMPP does not have.
    UnknownCommand,
    /// A deliver_sm that ends in the middle of its fields.
    CutDeliverSm,
    /// A PDU that claims 2 GiB.
    HugeLength,
    /// A line of another protocol.
    Text,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            latency_ms: 0,
            max_submits_per_s: None,
            throttle_rate: 0.0,
            error_rate: 0.0,
            error_status: code::SYSTEM_ERROR,
            errors_by_prefix: Vec::new(),
            silence_rate: 0.0,
            receipts: Receipts::default(),
            refuse_bind: None,
            close_after_submits: None,
            unbind_after_submits: None,
            garbage: None,
            deaf: false,
        }
    }
}

impl Default for Receipts {
    fn default() -> Self {
        Self {
            delay_ms: 0,
            jitter_ms: 0,
            loss_rate: 0.0,
            duplicate_rate: 0.0,
            failure_rate: 0.0,
            failure_state: ReceiptState::Undeliverable,
            failure_error: 1,
            failures_by_prefix: Vec::new(),
            before_responses: false,
            style: ReceiptStyle::default(),
            ids_in_two_bases: false,
        }
    }
}
