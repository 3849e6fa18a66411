//! The states of a block of recipients: what dispatch and receipts change, kept apart from what they do not.

use domain::{campaign::Progress, policy::LeftOut, recipient::RecipientState};

use super::{
    BLOCK_LEN,
    block::read_len,
    message_id::PackedMessageId,
    packed::{DecodeError, Kind, Sealed, seal},
};
use crate::journal::wire::{Reader, put_i64, put_u64};

const KIND: Kind = Kind { magic: b'S', version: 1 };
const COUNTS_KIND: Kind = Kind { magic: b'C', version: 1 };

/// What the code of a failure means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum ErrorKind {
    /// `command_status` of submit_sm_resp.
    CommandStatus = 1,
    /// The carrier's own code in a receipt (`err:`).
    CarrierCode = 2,
    /// A receipt without a code of the carrier: its `message_state`.
    MessageState = 3,
    /// Withheld by ourselves, before anything was handed to a carrier.
    Withheld = 4,
}

/// Why a recipient failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SendError {
    pub kind: ErrorKind,
    pub code: u32,
}

impl SendError {
    /// The number came onto the suppression list after its file was read.
    pub const SUPPRESSED: Self = Self { kind: ErrorKind::Withheld, code: 1 };

    /// The policy of the channel leaves the number out.
    #[must_use]
    pub const fn left_out(why: LeftOut) -> Self {
        Self { kind: ErrorKind::Withheld, code: why as u32 }
    }

    /// By which rule of a policy the number was left out.
    #[must_use]
    pub fn policy(self) -> Option<LeftOut> {
        if self.kind == ErrorKind::Withheld { LeftOut::from_stored(self.code) } else { None }
    }
}

/// What is known of one part of a message. The discriminants are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum PartState {
    /// Claimed, and no outcome yet.
    Claimed = 0,
    Accepted = 1,
    Refused = 2,
    Uncertain = 3,
    NotSent = 4,
    Delivered = 5,
    /// A final receipt said that it failed.
    Failed = 6,
    NoReceipt = 7,
}

impl PartState {
    const ALL: [Self; 8] = [
        Self::Claimed,
        Self::Accepted,
        Self::Refused,
        Self::Uncertain,
        Self::NotSent,
        Self::Delivered,
        Self::Failed,
        Self::NoReceipt,
    ];
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PartStatus {
    pub state: PartState,
    pub message_id: Option<PackedMessageId>,
}

/// What is known of one recipient. Times are milliseconds since the epoch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientStatus {
    pub state: RecipientState,
    /// How often it was claimed.
    pub attempts: u8,
    pub error: Option<SendError>,
    pub claimed_at_ms: Option<i64>,
    /// When the SMSC answered the last part.
    pub submitted_at_ms: Option<i64>,
    /// When the last receipt arrived, or it was settled without one.
    pub done_at_ms: Option<i64>,
    /// Empty until it is claimed; at most 255.
    pub parts: Vec<PartStatus>,
}

impl RecipientStatus {
    pub const WAITING: Self = Self {
        state: RecipientState::Waiting,
        attempts: 0,
        error: None,
        claimed_at_ms: None,
        submitted_at_ms: None,
        done_at_ms: None,
        parts: Vec::new(),
    };
}

/// The states of up to [`BLOCK_LEN`] recipients, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StateBlock {
    rows: Vec<RecipientStatus>,
}

impl StateBlock {
    /// A block that nobody has touched; it takes some twenty bytes.
    #[must_use]
    pub fn waiting(len: usize) -> Self {
        Self { rows: vec![RecipientStatus::WAITING; len.min(BLOCK_LEN as usize)] }
    }

    #[must_use]
    pub fn rows(&self) -> &[RecipientStatus] {
        &self.rows
    }

    #[must_use]
    pub fn rows_mut(&mut self) -> &mut [RecipientStatus] {
        &mut self.rows
    }

    /// Adds recipients that wait, up to `len`: numbers that came to a Trigger campaign. Never shortens the block.
    pub fn grow(&mut self, len: usize) {
        let len = len.min(BLOCK_LEN as usize).max(self.rows.len());
        self.rows.resize(len, RecipientStatus::WAITING);
    }

    /// Recipients per state.
    #[must_use]
    pub fn counts(&self) -> Progress {
        let mut counts = [0; 8];
        for row in &self.rows {
            counts[row.state as usize] += 1;
        }
        progress(counts)
    }

    /// [`StateBlock::counts`] as a record of its own, which [`unpack_counts`] reads.
    pub(crate) fn pack_counts(&self) -> Vec<u8> {
        let mut head = Vec::with_capacity(20);
        for count in counts(&self.counts()) {
            put_u64(&mut head, count);
        }
        seal(COUNTS_KIND, &head, &[])
    }

    /// Recipients per state, without unpacking the block.
    pub fn peek_counts(bytes: &[u8]) -> Result<Progress, DecodeError> {
        let sealed = Sealed::open(KIND, bytes)?;
        let (_, counts) = read_head(&sealed)?;
        Ok(progress(counts))
    }

    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut head = Vec::with_capacity(20);
        put_u64(&mut head, self.rows.len() as u64);
        for count in counts(&self.counts()) {
            put_u64(&mut head, count);
        }
        let mut body = Vec::new();
        if self.rows.iter().any(|row| *row != RecipientStatus::WAITING) {
            put_rows(&mut body, &self.rows);
        }
        seal(KIND, &head, &body)
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let sealed = Sealed::open(KIND, bytes)?;
        let (len, counted) = read_head(&sealed)?;
        let body = sealed.body()?;
        let block = if body.is_empty() {
            Self::waiting(len)
        } else {
            Self { rows: read_rows(&mut Reader::new(&body), len).ok_or(DecodeError::Malformed)? }
        };
        if counts(&block.counts()) == counted { Ok(block) } else { Err(DecodeError::Malformed) }
    }
}

const fn counts(progress: &Progress) -> [u64; 8] {
    let Progress { waiting, claimed, submitted, delivered, failed, uncertain, no_receipt, not_sent } = *progress;
    [waiting, claimed, submitted, delivered, failed, uncertain, no_receipt, not_sent]
}

const fn progress(counts: [u64; 8]) -> Progress {
    let [waiting, claimed, submitted, delivered, failed, uncertain, no_receipt, not_sent] = counts;
    Progress { waiting, claimed, submitted, delivered, failed, uncertain, no_receipt, not_sent }
}

/// Recipients per state in a block, from the record beside it.
pub(super) fn unpack_counts(bytes: &[u8]) -> Result<Progress, DecodeError> {
    let sealed = Sealed::open(COUNTS_KIND, bytes)?;
    Ok(progress(read_counts(&mut Reader::new(sealed.head), BLOCK_LEN as usize)?))
}

fn read_head(sealed: &Sealed<'_>) -> Result<(usize, [u64; 8]), DecodeError> {
    let mut reader = Reader::new(sealed.head);
    let len = read_len(&mut reader).ok_or(DecodeError::Malformed)?;
    Ok((len, read_counts(&mut reader, len)?))
}

fn read_counts(reader: &mut Reader<'_>, len: usize) -> Result<[u64; 8], DecodeError> {
    let mut counts = [0; 8];
    for count in &mut counts {
        *count = reader.u64().filter(|&count| count <= len as u64).ok_or(DecodeError::Malformed)?;
    }
    Ok(counts)
}

// Which columns have a value for a recipient.
const ATTEMPTS: u8 = 1;
const ERROR: u8 = 2;
const CLAIMED_AT: u8 = 4;
const SUBMITTED_AT: u8 = 8;
const DONE_AT: u8 = 16;
const PARTS: u8 = 32;

fn mask(row: &RecipientStatus) -> u8 {
    let has = |bit: u8, has: bool| if has { bit } else { 0 };
    has(ATTEMPTS, row.attempts != 0)
        | has(ERROR, row.error.is_some())
        | has(CLAIMED_AT, row.claimed_at_ms.is_some())
        | has(SUBMITTED_AT, row.submitted_at_ms.is_some())
        | has(DONE_AT, row.done_at_ms.is_some())
        | has(PARTS, !row.parts.is_empty())
}

/// Columns one after the other, each only with the values that there are; times as differences to the one before.
fn put_rows(out: &mut Vec<u8>, rows: &[RecipientStatus]) {
    out.extend(rows.iter().map(|row| row.state as u8));
    out.extend(rows.iter().map(mask));
    out.extend(rows.iter().map(|row| row.attempts).filter(|&attempts| attempts != 0));
    for error in rows.iter().filter_map(|row| row.error) {
        out.push(error.kind as u8);
        put_u64(out, u64::from(error.code));
    }
    let columns: [fn(&RecipientStatus) -> Option<i64>; 3] =
        [|row| row.claimed_at_ms, |row| row.submitted_at_ms, |row| row.done_at_ms];
    for time in columns {
        let mut previous = 0_i64;
        for at_ms in rows.iter().filter_map(time) {
            put_i64(out, at_ms.wrapping_sub(previous));
            previous = at_ms;
        }
    }
    let parts = || rows.iter().flat_map(|row| row.parts.iter().take(255));
    out.extend(rows.iter().map(|row| row.parts.len().min(255) as u8).filter(|&parts| parts != 0));
    out.extend(parts().map(|part| part.state as u8 | if part.message_id.is_some() { 0x80 } else { 0 }));
    let mut previous = 0;
    for id in parts().filter_map(|part| part.message_id.as_ref()) {
        id.put(out, &mut previous);
    }
}

fn read_rows(reader: &mut Reader<'_>, len: usize) -> Option<Vec<RecipientStatus>> {
    let states = reader.bytes(len)?;
    let masks = reader.bytes(len)?;
    let mut rows = vec![RecipientStatus::WAITING; len];
    for (row, &state) in rows.iter_mut().zip(states) {
        row.state = RecipientState::from_stored(state)?;
    }
    let mut with = |bit: u8, read: &mut dyn FnMut(&mut RecipientStatus) -> Option<()>| -> Option<()> {
        rows.iter_mut().zip(masks).filter(|(_, mask)| *mask & bit != 0).try_for_each(|(row, _)| read(row))
    };
    with(ATTEMPTS, &mut |row| {
        row.attempts = reader.u8()?;
        Some(())
    })?;
    with(ERROR, &mut |row| {
        row.error = Some(read_error(reader)?);
        Some(())
    })?;
    let mut previous = 0;
    with(CLAIMED_AT, &mut |row| {
        row.claimed_at_ms = Some(read_time(reader, &mut previous)?);
        Some(())
    })?;
    previous = 0;
    with(SUBMITTED_AT, &mut |row| {
        row.submitted_at_ms = Some(read_time(reader, &mut previous)?);
        Some(())
    })?;
    previous = 0;
    with(DONE_AT, &mut |row| {
        row.done_at_ms = Some(read_time(reader, &mut previous)?);
        Some(())
    })?;
    read_parts(reader, &mut rows, masks)?;
    (reader.left() == 0).then_some(rows)
}

fn read_error(reader: &mut Reader<'_>) -> Option<SendError> {
    let kind = match reader.u8()? {
        1 => ErrorKind::CommandStatus,
        2 => ErrorKind::CarrierCode,
        3 => ErrorKind::MessageState,
        4 => ErrorKind::Withheld,
        _ => return None,
    };
    Some(SendError { kind, code: reader.u32()? })
}

fn read_time(reader: &mut Reader<'_>, previous: &mut i64) -> Option<i64> {
    *previous = previous.wrapping_add(reader.i64()?);
    Some(*previous)
}

fn read_parts(reader: &mut Reader<'_>, rows: &mut [RecipientStatus], masks: &[u8]) -> Option<()> {
    let with_parts = masks.iter().filter(|&&mask| mask & PARTS != 0).count();
    let lengths = reader.bytes(with_parts)?;
    let total: usize = lengths.iter().map(|&length| usize::from(length)).sum();
    // Each part takes a byte here, so a damaged length cannot make an allocation larger than the input.
    let mut flags = reader.bytes(total)?;
    let mut previous = 0;
    let with_parts = rows.iter_mut().zip(masks).filter(|(_, mask)| *mask & PARTS != 0).map(|(row, _)| row);
    for (row, &length) in with_parts.zip(lengths) {
        let (own, rest) = flags.split_at_checked(usize::from(length))?;
        flags = rest;
        row.parts.reserve_exact(own.len());
        for &flag in own {
            let state = *PartState::ALL.get(usize::from(flag & 0x7F))?;
            let message_id = if flag & 0x80 != 0 { Some(PackedMessageId::read(reader, &mut previous)?) } else { None };
            row.parts.push(PartStatus { state, message_id });
        }
    }
    Some(())
}

#[cfg(test)]
#[path = "states_tests.rs"]
mod tests;
