//! The packed form of a journal record: a batch of entries that became durable together.
//!
//! A record is `version, fence, base time, progress after the batch, count, entries…, CRC-32`. Times are differences to
//! the base, indices differences to the one before, so that an outcome of a bulk campaign takes about a dozen bytes.
//! Decoding checks the checksum first and never panics.

use domain::{campaign::Progress, policy::LeftOut};

use super::{
    added::{Added, put_added, read_added},
    wire::{Reader, put_i64, put_u64},
};

const VERSION: u8 = 1;
/// More than the longest `message_id` of SMPP 3.4 (64 octets) and of any carrier seen.
const MESSAGE_ID_OCTETS_MAX: usize = 255;

/// Consecutive recipients, `len` of them from `start`, whose messages all have `parts` parts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Run {
    pub start: u32,
    pub len: u32,
    pub parts: u8,
}

/// Consecutive recipients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    pub start: u32,
    pub len: u32,
}

/// Something that happened to recipients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// About to be handed to the Core: durable before anything is.
    Claim {
        runs: Vec<Run>,
        at_ms: i64,
    },
    Outcome {
        index: u32,
        part: u8,
        at_ms: i64,
        outcome: Outcome,
    },
    Receipt {
        index: u32,
        part: u8,
        receipt: Receipt,
    },
    /// Settled without an answer from the network.
    Closed {
        spans: Vec<Span>,
        kind: Closing,
        at_ms: i64,
    },
    /// Numbers that came to a Trigger campaign are its recipients from now on.
    Added(Added),
}

/// What became of one part at the SMSC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    Accepted {
        message_id: Box<str>,
    },
    Refused {
        command_status: u32,
    },
    /// Written, and no answer: nobody knows.
    Uncertain,
    /// Certainly never written to a socket.
    NotSent,
}

/// What the network said of an accepted part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Receipt {
    pub state: ReceiptState,
    /// Nothing else is to be expected; for ACCEPTD and UNKNOWN the link's setting decides.
    pub is_final: bool,
    /// The carrier's own code (`err:`), not a command_status.
    pub error: Option<u32>,
    pub at_ms: i64,
}

/// `message_state` of SMPP 3.4 §5.2.28; the discriminants are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum ReceiptState {
    Enroute = 1,
    Delivered = 2,
    Expired = 3,
    Deleted = 4,
    Undeliverable = 5,
    Accepted = 6,
    Unknown = 7,
    Rejected = 8,
}

impl ReceiptState {
    pub const ALL: [Self; 8] = [
        Self::Enroute,
        Self::Delivered,
        Self::Expired,
        Self::Deleted,
        Self::Undeliverable,
        Self::Accepted,
        Self::Unknown,
        Self::Rejected,
    ];

    #[must_use]
    pub fn from_stored(value: u8) -> Option<Self> {
        Self::ALL.get(usize::from(value).checked_sub(1)?).copied()
    }

    /// Whether a final receipt with this state means that the subscriber has the message.
    #[must_use]
    pub const fn is_success(self) -> bool {
        matches!(self, Self::Delivered | Self::Accepted)
    }
}

/// How a recipient was settled without an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Closing {
    /// Waiting when the campaign was cancelled or expired.
    NotSent = 1,
    /// Claimed, and the process ended before the outcome was known.
    Uncertain = 2,
    /// Accepted, and the wait for its receipt is over.
    NoReceipt = 3,
    /// Claimed and certainly never handed to the Core: waits again.
    Returned = 4,
    /// Its text cannot be made: a merge field is missing, or the text is too long.
    Unsendable = 5,
    /// Waiting, and its number is on the suppression list.
    Suppressed = 6,
    /// Waiting, and its number is on the blacklist of the installation. This and the following are policies of a channel.
    Blacklisted = LeftOut::Blacklisted as u8,
    PerDay = LeftOut::PerDay as u8,
    PerWeek = LeftOut::PerWeek as u8,
    Duplicate = LeftOut::Duplicate as u8,
}

impl Closing {
    const ALL: [Self; 10] = [
        Self::NotSent,
        Self::Uncertain,
        Self::NoReceipt,
        Self::Returned,
        Self::Unsendable,
        Self::Suppressed,
        Self::Blacklisted,
        Self::PerDay,
        Self::PerWeek,
        Self::Duplicate,
    ];

    #[must_use]
    pub fn from_stored(value: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| *kind as u8 == value)
    }

    /// By which rule of a policy it leaves somebody out.
    #[must_use]
    pub const fn left_out(self) -> Option<LeftOut> {
        match self {
            Self::Blacklisted => Some(LeftOut::Blacklisted),
            Self::PerDay => Some(LeftOut::PerDay),
            Self::PerWeek => Some(LeftOut::PerWeek),
            Self::Duplicate => Some(LeftOut::Duplicate),
            Self::NotSent
            | Self::Uncertain
            | Self::NoReceipt
            | Self::Returned
            | Self::Unsendable
            | Self::Suppressed => None,
        }
    }
}

impl From<LeftOut> for Closing {
    fn from(why: LeftOut) -> Self {
        match why {
            LeftOut::Blacklisted => Self::Blacklisted,
            LeftOut::PerDay => Self::PerDay,
            LeftOut::PerWeek => Self::PerWeek,
            LeftOut::Duplicate => Self::Duplicate,
        }
    }
}

/// What one journal record holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// The fencing number of the owner that wrote it.
    pub fence: u64,
    /// Recipients per state after this batch: the exact figures without reading a block.
    pub progress: Progress,
    pub entries: Vec<Entry>,
}

/// The bytes are not a journal record, or not a whole one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DecodeError {
    #[error("the checksum of a journal record does not match")]
    Checksum,
    #[error("a journal record of version {0}, which this program does not know")]
    Version(u8),
    #[error("a journal record is malformed")]
    Malformed,
}

const CLAIM: u8 = 2;
const ACCEPTED: u8 = 3;
const REFUSED: u8 = 4;
const UNCERTAIN: u8 = 5;
const NOT_SENT: u8 = 6;
const RECEIPT: u8 = 7;
const CLOSED: u8 = 8;
const ADDED: u8 = 9;
/// Beside the state of a receipt.
const FINAL: u8 = 0x80;

/// A journal record.
#[must_use]
pub fn encode(fence: u64, progress: &Progress, entries: &[Entry]) -> Vec<u8> {
    let mut out = Vec::with_capacity(64 + entries.len() * 20);
    out.push(VERSION);
    put_u64(&mut out, fence);
    let base_ms = entries.first().map_or(0, Entry::at_ms);
    put_i64(&mut out, base_ms);
    for count in counts(progress) {
        put_u64(&mut out, count);
    }
    put_u64(&mut out, entries.len() as u64);
    let mut deltas = Deltas { base_ms, index: 0 };
    for entry in entries {
        deltas.put(&mut out, entry);
    }
    let checksum = crc32fast::hash(&out);
    out.extend_from_slice(&checksum.to_le_bytes());
    out
}

impl Batch {
    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let (body, checksum) = bytes.split_last_chunk::<4>().ok_or(DecodeError::Malformed)?;
        if crc32fast::hash(body) != u32::from_le_bytes(*checksum) {
            return Err(DecodeError::Checksum);
        }
        let mut reader = Reader::new(body);
        match reader.u8() {
            Some(VERSION) => read_batch(&mut reader).ok_or(DecodeError::Malformed),
            Some(other) => Err(DecodeError::Version(other)),
            None => Err(DecodeError::Malformed),
        }
    }
}

fn read_batch(reader: &mut Reader<'_>) -> Option<Batch> {
    let fence = reader.u64()?;
    let base_ms = reader.i64()?;
    let mut counts = [0; 8];
    for count in &mut counts {
        *count = reader.u64()?;
    }
    let length = usize::try_from(reader.u64()?).ok()?;
    // An entry takes two bytes at least: a damaged count cannot make a huge allocation.
    let mut entries = Vec::with_capacity(length.min(reader.left() / 2));
    let mut deltas = Deltas { base_ms, index: 0 };
    for _ in 0..length {
        entries.push(deltas.read(reader)?);
    }
    (reader.left() == 0).then(|| Batch { fence, progress: progress(counts), entries })
}

const fn counts(progress: &Progress) -> [u64; 8] {
    let Progress { waiting, claimed, submitted, delivered, failed, uncertain, no_receipt, not_sent } = *progress;
    [waiting, claimed, submitted, delivered, failed, uncertain, no_receipt, not_sent]
}

const fn progress(counts: [u64; 8]) -> Progress {
    let [waiting, claimed, submitted, delivered, failed, uncertain, no_receipt, not_sent] = counts;
    Progress { waiting, claimed, submitted, delivered, failed, uncertain, no_receipt, not_sent }
}

impl Entry {
    /// When it happened.
    #[must_use]
    pub const fn at_ms(&self) -> i64 {
        match self {
            Self::Claim { at_ms, .. } | Self::Outcome { at_ms, .. } | Self::Closed { at_ms, .. } => *at_ms,
            Self::Receipt { receipt, .. } => receipt.at_ms,
            Self::Added(added) => added.at_ms,
        }
    }
}

/// What the differences of the entries are counted from.
struct Deltas {
    base_ms: i64,
    index: u32,
}

impl Deltas {
    fn put_time(&self, out: &mut Vec<u8>, at_ms: i64) {
        put_i64(out, at_ms.wrapping_sub(self.base_ms));
    }

    fn read_time(&self, reader: &mut Reader<'_>) -> Option<i64> {
        Some(reader.i64()?.wrapping_add(self.base_ms))
    }

    fn put_index(&mut self, out: &mut Vec<u8>, index: u32) {
        put_i64(out, i64::from(index) - i64::from(self.index));
        self.index = index;
    }

    fn read_index(&mut self, reader: &mut Reader<'_>) -> Option<u32> {
        let index = i64::from(self.index).checked_add(reader.i64()?)?;
        self.index = u32::try_from(index).ok()?;
        Some(self.index)
    }

    fn put(&mut self, out: &mut Vec<u8>, entry: &Entry) {
        match entry {
            Entry::Claim { runs, at_ms } => {
                out.push(CLAIM);
                self.put_time(out, *at_ms);
                put_u64(out, runs.len() as u64);
                for run in runs {
                    self.put_index(out, run.start);
                    put_u64(out, u64::from(run.len));
                    out.push(run.parts);
                }
            }
            Entry::Outcome { index, part, at_ms, outcome } => {
                out.push(match outcome {
                    Outcome::Accepted { .. } => ACCEPTED,
                    Outcome::Refused { .. } => REFUSED,
                    Outcome::Uncertain => UNCERTAIN,
                    Outcome::NotSent => NOT_SENT,
                });
                self.put_index(out, *index);
                out.push(*part);
                self.put_time(out, *at_ms);
                match outcome {
                    Outcome::Accepted { message_id } => {
                        let id = &message_id[..message_id.floor_char_boundary(MESSAGE_ID_OCTETS_MAX)];
                        out.push(id.len() as u8);
                        out.extend_from_slice(id.as_bytes());
                    }
                    Outcome::Refused { command_status } => put_u64(out, u64::from(*command_status)),
                    Outcome::Uncertain | Outcome::NotSent => {}
                }
            }
            Entry::Receipt { index, part, receipt } => {
                out.push(RECEIPT);
                self.put_index(out, *index);
                out.push(*part);
                self.put_time(out, receipt.at_ms);
                out.push(receipt.state as u8 | if receipt.is_final { FINAL } else { 0 });
                put_u64(out, receipt.error.map_or(0, |error| u64::from(error) + 1));
            }
            Entry::Closed { spans, kind, at_ms } => {
                out.extend_from_slice(&[CLOSED, *kind as u8]);
                self.put_time(out, *at_ms);
                put_u64(out, spans.len() as u64);
                for span in spans {
                    self.put_index(out, span.start);
                    put_u64(out, u64::from(span.len));
                }
            }
            Entry::Added(added) => {
                out.push(ADDED);
                put_added(out, added);
            }
        }
    }

    fn read(&mut self, reader: &mut Reader<'_>) -> Option<Entry> {
        let tag = reader.u8()?;
        Some(match tag {
            CLAIM => {
                let at_ms = self.read_time(reader)?;
                let length = reader.u64()?;
                let mut runs = Vec::new();
                for _ in 0..length {
                    let start = self.read_index(reader)?;
                    let len = reader.u32()?;
                    start.checked_add(len)?;
                    runs.push(Run { start, len, parts: reader.u8()? });
                }
                Entry::Claim { runs, at_ms }
            }
            ACCEPTED | REFUSED | UNCERTAIN | NOT_SENT => {
                let index = self.read_index(reader)?;
                let part = reader.u8()?;
                let at_ms = self.read_time(reader)?;
                let outcome = match tag {
                    ACCEPTED => {
                        let length = usize::from(reader.u8()?);
                        Outcome::Accepted { message_id: std::str::from_utf8(reader.bytes(length)?).ok()?.into() }
                    }
                    REFUSED => Outcome::Refused { command_status: reader.u32()? },
                    UNCERTAIN => Outcome::Uncertain,
                    _ => Outcome::NotSent,
                };
                Entry::Outcome { index, part, at_ms, outcome }
            }
            RECEIPT => {
                let index = self.read_index(reader)?;
                let part = reader.u8()?;
                let at_ms = self.read_time(reader)?;
                let state = reader.u8()?;
                let is_final = state & FINAL != 0;
                let state = ReceiptState::from_stored(state & !FINAL)?;
                let error = match reader.u64()? {
                    0 => None,
                    error => Some(u32::try_from(error - 1).ok()?),
                };
                Entry::Receipt { index, part, receipt: Receipt { state, is_final, error, at_ms } }
            }
            CLOSED => {
                let kind = Closing::from_stored(reader.u8()?)?;
                let at_ms = self.read_time(reader)?;
                let length = reader.u64()?;
                let mut spans = Vec::new();
                for _ in 0..length {
                    let start = self.read_index(reader)?;
                    let len = reader.u32()?;
                    start.checked_add(len)?;
                    spans.push(Span { start, len });
                }
                Entry::Closed { spans, kind, at_ms }
            }
            ADDED => Entry::Added(read_added(reader)?),
            _ => return None,
        })
    }
}

#[cfg(test)]
#[path = "entry_tests.rs"]
mod tests;
