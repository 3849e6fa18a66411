//! The knobs.

use std::collections::{BTreeMap, VecDeque};

use domain::tendlc::{Carrier, kinds::RejectionCategory};
use serde::{Deserialize, Serialize};

/// How the simulated registry behaves. The default verifies and approves everything at once; all of it can be changed
/// while it runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Behaviour {
    /// From a request to its answer.
    pub latency_ms: u64,
    /// What becomes of brands that are handed in, and of those that are handed in again.
    pub brands: BrandOutcome,
    pub vettings: VettingOutcome,
    /// What each carrier does with 10DLC campaigns that are handed in; approves where nothing is said.
    pub carriers: BTreeMap<Carrier, CarrierOutcome>,
    /// What the partner upstream does with 10DLC campaigns that are shared with it.
    pub sharing: SharingOutcome,
    /// Changes in which one of these texts stands are refused: a rule of the registry's that nobody has heard of.
    pub refuses_texts: Vec<String>,
    /// The code that sole proprietors get on their phones.
    pub one_time_code: String,
    /// What the same reference brings a second time.
    pub duplicate_reference: DuplicateReference,
    /// Whether events carry `eventId` and `eventTime`, which the registry does not promise.
    pub events_carry_time: bool,
    /// Webhooks are made and kept, and not sent.
    pub hold_webhooks: bool,
    /// More than 20 reads a second and 20 writes in ten seconds are refused.
    pub enforce_rate: bool,
    /// What goes wrong with the next requests that change something, one after the other.
    pub write_faults: VecDeque<Fault>,
    /// The same for those that read.
    pub read_faults: VecDeque<Fault>,
}

impl Default for Behaviour {
    fn default() -> Self {
        Self {
            latency_ms: 0,
            brands: BrandOutcome::Verify,
            vettings: VettingOutcome::Score(80),
            carriers: BTreeMap::new(),
            sharing: SharingOutcome::Accept,
            refuses_texts: Vec::new(),
            one_time_code: "123456".to_owned(),
            duplicate_reference: DuplicateReference::SameRecord,
            events_carry_time: false,
            hold_webhooks: false,
            enforce_rate: false,
            write_faults: VecDeque::new(),
            read_faults: VecDeque::new(),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BrandOutcome {
    Verify,
    /// With feedback that names these fields.
    Refuse {
        fields: Vec<String>,
    },
    /// Nothing until somebody says so.
    Wait,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VettingOutcome {
    Score(u8),
    NoScore,
    Fail,
    Wait,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CarrierOutcome {
    Approve,
    /// In review until somebody says otherwise.
    Review,
    Reject {
        category: RejectionCategory,
        reason: String,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SharingOutcome {
    Accept,
    Decline {
        reason: String,
    },
    /// Nothing until somebody says so.
    Wait,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DuplicateReference {
    /// The record that is there, if the body is the same.
    SameRecord,
    /// An error about the field `referenceId`.
    Refuse,
}

/// Something that goes wrong with one request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fault {
    /// Nothing: this one goes through.
    Pass,
    /// Status 500, and nothing was done.
    Fail,
    /// Status 502, although it was done.
    FailAfter,
    /// It was done, and the connection is cut before the answer.
    CutAfter,
    /// It was done, and no answer ever comes.
    StallAfter,
    /// No answer ever comes, and it is done so much later.
    Late { after_ms: u64 },
    /// It was done, and the answer is a page of somebody's proxy.
    GarbageAfter,
    /// Status 429.
    Busy { retry_after_s: u64 },
}

impl Behaviour {
    pub(super) fn carrier(&self, carrier: Carrier) -> CarrierOutcome {
        self.carriers.get(&carrier).cloned().unwrap_or(CarrierOutcome::Approve)
    }
}
