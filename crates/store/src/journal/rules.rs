//! What an entry does to one recipient. The state follows from the parts alone, so that outcomes and receipts may come
//! in any order that the network chooses, and each counts once.

use domain::recipient::RecipientState;

use super::entry::{Closing, Entry, Outcome, Receipt, Run, Span};
use crate::recipients::{ErrorKind, PackedMessageId, PartState, PartStatus, RecipientStatus, SendError};

const CLAIMED: PartStatus = PartStatus { state: PartState::Claimed, message_id: None };

/// What one entry does to each recipient of a span.
#[derive(Debug, Clone, Copy)]
pub(super) enum Change<'a> {
    Claim { parts: u8, at_ms: i64 },
    Outcome { part: u8, outcome: &'a Outcome, at_ms: i64 },
    Receipt { part: u8, receipt: &'a Receipt },
    Close { kind: Closing, at_ms: i64 },
}

/// The spans that an entry names, and what it does to them.
pub(super) fn changes(entry: &Entry) -> impl Iterator<Item = (Span, Change<'_>)> {
    let at_ms = entry.at_ms();
    let (runs, spans, kind, one): (&[Run], &[Span], _, _) = match entry {
        Entry::Claim { runs, .. } => (runs, &[], Closing::Returned, None),
        Entry::Closed { spans, kind, .. } => (&[], spans, *kind, None),
        Entry::Outcome { index, part, outcome, .. } => {
            let span = Span { start: *index, len: 1 };
            (&[], &[], Closing::Returned, Some((span, Change::Outcome { part: *part, outcome, at_ms })))
        }
        Entry::Receipt { index, part, receipt } => {
            let span = Span { start: *index, len: 1 };
            (&[], &[], Closing::Returned, Some((span, Change::Receipt { part: *part, receipt })))
        }
        // It makes recipients, and changes none.
        Entry::Added(_) => (&[], &[], Closing::Returned, None),
    };
    let claims = runs.iter().map(move |run| {
        let span = Span { start: run.start, len: run.len };
        (span, Change::Claim { parts: run.parts, at_ms })
    });
    let closings = spans.iter().map(move |&span| (span, Change::Close { kind, at_ms }));
    claims.chain(closings).chain(one)
}

pub(super) fn change(row: &mut RecipientStatus, change: &Change<'_>) {
    match *change {
        Change::Claim { parts, at_ms } => claim(row, parts, at_ms),
        Change::Outcome { part, outcome: result, at_ms } => outcome(row, part, result, at_ms),
        Change::Receipt { part, receipt: known } => receipt(row, part, known),
        Change::Close { kind, at_ms } => close(row, kind, at_ms),
    }
}

/// Only what waits can be claimed.
fn claim(row: &mut RecipientStatus, parts: u8, at_ms: i64) {
    if row.state != RecipientState::Waiting {
        return;
    }
    row.parts = vec![CLAIMED; usize::from(parts.max(1))];
    row.attempts = row.attempts.saturating_add(1);
    row.claimed_at_ms = Some(at_ms);
    row.state = RecipientState::Claimed;
}

/// The first outcome of a part stands; what a receipt said already stands above it.
fn outcome(row: &mut RecipientStatus, part: u8, outcome: &Outcome, at_ms: i64) {
    let Some(known) = row.parts.get_mut(usize::from(part)) else {
        return;
    };
    let unanswered = matches!(known.state, PartState::Claimed | PartState::Uncertain);
    match outcome {
        Outcome::Accepted { message_id } => {
            if unanswered {
                known.state = PartState::Accepted;
            }
            if known.message_id.is_none() && !matches!(known.state, PartState::Refused | PartState::NotSent) {
                known.message_id = Some(PackedMessageId::new(message_id.as_bytes()));
            }
        }
        Outcome::Refused { command_status } if unanswered => {
            known.state = PartState::Refused;
            row.error.get_or_insert(SendError { kind: ErrorKind::CommandStatus, code: *command_status });
        }
        Outcome::Uncertain if known.state == PartState::Claimed => known.state = PartState::Uncertain,
        Outcome::NotSent if known.state == PartState::Claimed => known.state = PartState::NotSent,
        Outcome::Refused { .. } | Outcome::Uncertain | Outcome::NotSent => return,
    }
    row.submitted_at_ms = row.submitted_at_ms.max(Some(at_ms));
    // Nothing of the message is with the SMSC: it waits for another claim.
    if row.parts.iter().all(|part| part.state == PartState::NotSent) {
        give_back(row);
    }
    settle(row);
}

/// The first final receipt of a part stands.
fn receipt(row: &mut RecipientStatus, part: u8, receipt: &Receipt) {
    let Some(known) = row.parts.get_mut(usize::from(part)) else {
        return;
    };
    match known.state {
        PartState::Delivered | PartState::Failed | PartState::Refused | PartState::NotSent => return,
        PartState::Claimed | PartState::Accepted | PartState::Uncertain | PartState::NoReceipt => {}
    }
    if receipt.is_final && receipt.state.is_success() {
        known.state = PartState::Delivered;
    } else if receipt.is_final {
        known.state = PartState::Failed;
        row.error.get_or_insert(match receipt.error {
            Some(code) => SendError { kind: ErrorKind::CarrierCode, code },
            None => SendError { kind: ErrorKind::MessageState, code: receipt.state as u32 },
        });
    } else if matches!(known.state, PartState::Claimed | PartState::Uncertain) {
        // Whatever else it says, it shows that the SMSC has the part.
        known.state = PartState::Accepted;
    } else {
        return;
    }
    row.done_at_ms = row.done_at_ms.max(Some(receipt.at_ms));
    settle(row);
}

/// Each kind settles only the states that it is about.
fn close(row: &mut RecipientStatus, kind: Closing, at_ms: i64) {
    let from = |row: &mut RecipientStatus, from: PartState, to: PartState| {
        let mut found = false;
        for part in row.parts.iter_mut().filter(|part| part.state == from) {
            part.state = to;
            found = true;
        }
        found
    };
    let closed = match kind {
        Closing::NotSent | Closing::Unsendable if row.state == RecipientState::Waiting => {
            row.state = if kind == Closing::NotSent { RecipientState::NotSent } else { RecipientState::Failed };
            true
        }
        Closing::Suppressed if row.state == RecipientState::Waiting => {
            row.state = RecipientState::NotSent;
            row.error = Some(SendError::SUPPRESSED);
            true
        }
        Closing::Blacklisted | Closing::PerDay | Closing::PerWeek | Closing::Duplicate
            if row.state == RecipientState::Waiting =>
        {
            row.state = RecipientState::NotSent;
            row.error = kind.left_out().map(SendError::left_out);
            true
        }
        Closing::Uncertain => from(row, PartState::Claimed, PartState::Uncertain),
        Closing::NoReceipt if row.state == RecipientState::Submitted => {
            from(row, PartState::Accepted, PartState::NoReceipt)
        }
        Closing::Returned if row.state == RecipientState::Claimed && row.parts.iter().all(|part| *part == CLAIMED) => {
            give_back(row);
            return;
        }
        Closing::NotSent
        | Closing::Unsendable
        | Closing::Suppressed
        | Closing::NoReceipt
        | Closing::Returned
        | Closing::Blacklisted
        | Closing::PerDay
        | Closing::PerWeek
        | Closing::Duplicate => false,
    };
    if closed {
        row.done_at_ms = row.done_at_ms.max(Some(at_ms));
        settle(row);
    }
}

fn give_back(row: &mut RecipientStatus) {
    row.parts.clear();
    row.state = RecipientState::Waiting;
    row.submitted_at_ms = None;
}

/// The state that the parts add up to; without parts it stays.
fn settle(row: &mut RecipientStatus) {
    if row.parts.is_empty() {
        return;
    }
    let any = |state| row.parts.iter().any(|part| part.state == state);
    row.state = if any(PartState::Refused) || any(PartState::Failed) {
        RecipientState::Failed
    } else if any(PartState::Claimed) {
        RecipientState::Claimed
    } else if any(PartState::NotSent) {
        // A part of the message is out, and the rest certainly never will be.
        RecipientState::Failed
    } else if any(PartState::Uncertain) {
        RecipientState::Uncertain
    } else if any(PartState::Accepted) {
        RecipientState::Submitted
    } else if any(PartState::NoReceipt) {
        RecipientState::NoReceipt
    } else {
        RecipientState::Delivered
    };
}

/// The parts of a message by what is known of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Segments {
    /// The SMSC is known to have taken them: what is paid for.
    pub(super) accepted: u64,
    /// Of those, the ones that arrived.
    pub(super) delivered: u64,
    /// Refused by the SMSC, or taken and then reported as failed.
    pub(super) failed: u64,
}

pub(super) fn segments(row: &RecipientStatus) -> Segments {
    let mut segments = Segments::default();
    for part in &row.parts {
        let (accepted, delivered, failed) = match part.state {
            PartState::Accepted | PartState::NoReceipt => (1, 0, 0),
            PartState::Delivered => (1, 1, 0),
            PartState::Failed => (1, 0, 1),
            PartState::Refused => (0, 0, 1),
            PartState::Claimed | PartState::Uncertain | PartState::NotSent => (0, 0, 0),
        };
        segments.accepted += accepted;
        segments.delivered += delivered;
        segments.failed += failed;
    }
    segments
}

/// Whether a part may be on the wire: it is claimed, and nothing is known of it.
#[must_use]
pub fn is_open(row: &RecipientStatus) -> bool {
    row.parts.iter().any(|part| part.state == PartState::Claimed)
}

/// Whether the receipt of a part could still change something.
#[must_use]
pub const fn awaits_receipt(part: &PartStatus) -> bool {
    matches!(part.state, PartState::Accepted | PartState::NoReceipt)
}
