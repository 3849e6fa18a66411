//! The rows of a file, a block of recipients at a time: whatever the campaign has, one block is in memory.

use domain::{ctn_hash::WorkspaceKey, phone::PhoneNumber, policy::LeftOut, schedule::Zone};

use super::{Format, RecordExport};
use crate::{
    Error, SystemScope,
    journal::{self, Tail},
    recipients::{self, BLOCK_LEN, ErrorKind, PartState, RecipientStatus, SendError, StateBlock, Unfolded, push_cell},
};

const COLUMNS: [&str; 11] = [
    "no",
    "number",
    "ctn_hash",
    "state",
    "error",
    "segments",
    "segments_delivered",
    "attempts",
    "claimed_at",
    "sent_at",
    "settled_at",
];

/// What a file came to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Written {
    pub octets: u64,
    pub rows: u64,
}

/// Reads a campaign from its first recipient to its last.
#[derive(Debug)]
pub struct Rows {
    scope: SystemScope,
    export: RecordExport,
    key: WorkspaceKey,
    zone: Option<Zone>,
    /// What was not folded at the beginning: what is folded meanwhile is then in the blocks, and changes nothing twice.
    tail: Tail,
    next: u32,
    started: bool,
    rows: u64,
}

impl Rows {
    pub async fn open(scope: &SystemScope, export: &RecordExport) -> Result<Self, Error> {
        let tail = journal::tail_of(scope, export.campaign).await?;
        let workspace = scope.workspace().await?;
        Ok(Self {
            scope: scope.clone(),
            export: export.clone(),
            key: scope.ctn_key(),
            zone: Zone::parse(&workspace.time_zone).ok(),
            tail,
            next: 0,
            started: false,
            rows: 0,
        })
    }

    /// Recipients that have been handed over.
    #[must_use]
    pub const fn rows(&self) -> u64 {
        self.rows
    }

    /// The next piece of the file; None at its end.
    pub async fn next_piece(&mut self) -> Result<Option<String>, Error> {
        if !self.started {
            self.started = true;
            return Ok(Some(self.heading()));
        }
        let campaign = self.export.campaign;
        let stored = recipients::load_block(&self.scope, campaign, self.next).await?;
        let Some(block) = self.tail.numbers(self.next, stored) else { return Ok(None) };
        let mut states = match recipients::load_states(&self.scope, campaign, self.next).await? {
            Some(states) => states,
            None => StateBlock::waiting(0),
        };
        self.tail.apply(self.next, &mut states);
        let mut out = String::with_capacity(block.len() * 120);
        let first = u64::from(self.next) * u64::from(BLOCK_LEN);
        let untouched = RecipientStatus::WAITING;
        for (row, (&digits, &segments)) in block.numbers().iter().zip(block.segments()).enumerate() {
            let status = states.rows().get(row).unwrap_or(&untouched);
            self.row(&mut out, first + row as u64, digits, segments, status);
        }
        self.rows += block.len() as u64;
        self.next += 1;
        Ok(Some(out))
    }

    const fn separator(&self) -> char {
        match self.export.format {
            Format::Csv => ',',
            Format::Txt => '\t',
        }
    }

    fn heading(&self) -> String {
        let mut out = COLUMNS.join(&self.separator().to_string());
        out.push_str("\r\n");
        out
    }

    fn row(&self, out: &mut String, index: u64, digits: u64, segments: u8, status: &RecipientStatus) {
        let delivered = status.parts.iter().filter(|part| part.state == PartState::Delivered).count();
        let number = PhoneNumber::from_u64(digits);
        // Digits alone: a spreadsheet takes a leading + for a formula.
        let shown = match number {
            Some(_) if self.export.full => digits.to_string(),
            Some(number) => number.masked(),
            None => "erased".to_owned(),
        };
        let hash = number.map(|number| self.key.ctn_hash(number).to_string()).unwrap_or_default();
        let time = |at_ms: Option<i64>| at_ms.map(|at_ms| self.time(at_ms)).unwrap_or_default();
        let cells = [
            (index + 1).to_string(),
            shown,
            hash,
            status.state.label().to_owned(),
            status.error.map(error_code).unwrap_or_default(),
            segments.to_string(),
            delivered.to_string(),
            status.attempts.to_string(),
            time(status.claimed_at_ms),
            time(status.submitted_at_ms),
            time(status.done_at_ms),
        ];
        for (column, cell) in cells.iter().enumerate() {
            if column > 0 {
                out.push(self.separator());
            }
            match self.export.format {
                Format::Csv => push_cell(out, cell),
                // None of them holds a tab or a line end.
                Format::Txt => out.push_str(cell),
            }
        }
        out.push_str("\r\n");
    }

    fn time(&self, at_ms: i64) -> String {
        self.zone.as_ref().map_or_else(|| at_ms.to_string(), |zone| zone.format_exact(at_ms))
    }
}

/// As the page shows it, without its meaning.
pub(crate) fn error_code(error: SendError) -> String {
    match error.kind {
        ErrorKind::CommandStatus => format!("0x{:08x}", error.code),
        ErrorKind::CarrierCode => format!("err:{:03}", error.code),
        ErrorKind::MessageState => format!("message_state {}", error.code),
        ErrorKind::Withheld => error.policy().map_or("suppressed", LeftOut::code).to_owned(),
    }
}
