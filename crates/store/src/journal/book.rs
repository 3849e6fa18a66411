//! The running account of one campaign: the states of the recipients of the blocks in use, and exact figures over all of them.
//!
//! Pure: blocks are handed in and taken out. Applying an entry changes the recipients it names and moves
//! the figures by the difference, so that their sum is the number of recipients at all times. Applying what was applied
//! before changes nothing, except that a claim or closing is understood in the order of the journal.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
};

use domain::{campaign::Progress, recipient::RecipientState};

use super::{
    added::Added,
    claims::{Claimed, Claims},
    entry::{Closing, Entry, Outcome, Span},
    filling::Filling,
    rules,
};
use crate::recipients::{BLOCK_LEN, RecipientBlock, RecipientStatus, SendError, StateBlock};

pub const HOUR_MS: i64 = 3_600_000;
/// Distinct reasons that are counted one by one.
const FAILURES_MAX: usize = 256;

/// What one campaign sent in one hour: differences, until they are folded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct HourDelta {
    /// Recipients whose message the SMSC has taken, all parts.
    pub sent: u64,
    /// Recipients that failed, at the SMSC or by a receipt.
    pub failed: u64,
    /// Recipients whose message arrived, all parts.
    pub delivered: u64,
    /// Parts that the SMSC has taken.
    pub segments: u64,
    /// Parts that arrived.
    pub segments_delivered: u64,
    /// Parts that failed, at the SMSC or by a receipt.
    pub segments_failed: u64,
}

/// The parts of the account that do not lie in blocks; stored with each fold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Totals {
    pub progress: Progress,
    /// The first recipient that was never claimed: what is waiting below it was claimed and came back.
    pub cursor: u32,
    /// Failed recipients by reason, and those that we withheld ourselves; None: part of a message never went out, or its
    /// text could not be made.
    pub failures: BTreeMap<Option<SendError>, u64>,
    pub first_claim_at_ms: Option<i64>,
    /// The latest outcome; the wait for receipts counts from it.
    pub last_outcome_at_ms: Option<i64>,
    /// The latest receipt or outcome or closing.
    pub changed_at_ms: Option<i64>,
    /// What was claimed lately, for limits of a day.
    pub claims: Claims,
}

#[derive(Debug)]
struct Loaded {
    states: Arc<StateBlock>,
    /// The tick of the latest change that no fold holds; 0: clean.
    dirty_since: u64,
    changed: u64,
    used: u64,
}

/// The journal names a block that is not loaded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("block {0} is not loaded")]
pub struct NotLoaded(pub u32);

/// The account.
#[derive(Debug)]
pub struct Book {
    recipients: u32,
    totals: Totals,
    hours: BTreeMap<i64, HourDelta>,
    blocks: HashMap<u32, Loaded>,
    /// The numbers of a Trigger campaign that no fold has written yet.
    filling: Filling,
    /// Counts applied entries.
    tick: u64,
}

/// A consistent copy of all that changed, to be written in one transaction.
#[derive(Debug, Clone)]
pub struct Snapshot {
    pub totals: Totals,
    /// By hours since the epoch.
    pub hours: BTreeMap<i64, HourDelta>,
    pub blocks: Vec<(u32, Arc<StateBlock>)>,
    /// Recipients of the campaign, those added included.
    pub recipients: u32,
    /// The blocks of numbers to which some were added.
    pub added: Vec<(u32, Arc<RecipientBlock>)>,
    tick: u64,
}

impl Book {
    /// `totals` as they were stored with the latest fold; a new campaign has all its recipients waiting.
    #[must_use]
    pub fn new(recipients: u32, totals: Totals) -> Self {
        let (hours, blocks) = (BTreeMap::new(), HashMap::new());
        Self { recipients, totals, hours, blocks, filling: Filling::default(), tick: 1 }
    }

    #[must_use]
    pub const fn recipients(&self) -> u32 {
        self.recipients
    }

    #[must_use]
    pub const fn totals(&self) -> &Totals {
        &self.totals
    }

    #[must_use]
    pub const fn progress(&self) -> &Progress {
        &self.totals.progress
    }

    /// Which of the blocks that these entries touch have to be loaded first.
    #[must_use]
    pub fn missing(&self, entries: &[Entry]) -> Vec<u32> {
        let mut missing: Vec<u32> = entries
            .iter()
            .flat_map(rules::changes)
            .map(|(span, _)| span)
            .filter(|span| span.len > 0 && span.start < self.recipients)
            .flat_map(|span| {
                let last = span.start.saturating_add(span.len - 1).min(self.recipients - 1);
                span.start / BLOCK_LEN..=last / BLOCK_LEN
            })
            .chain(self.grows_into(entries))
            .filter(|block| !self.blocks.contains_key(block))
            .collect();
        missing.sort_unstable();
        missing.dedup();
        missing
    }

    /// The block that is not full and gets recipients by these entries.
    fn grows_into(&self, entries: &[Entry]) -> Option<u32> {
        let grows = entries.iter().any(|entry| matches!(entry, Entry::Added(added) if added.end() > self.recipients));
        (grows && !self.recipients.is_multiple_of(BLOCK_LEN)).then_some(self.recipients / BLOCK_LEN)
    }

    /// The block of numbers that has to be loaded before these entries add to it.
    #[must_use]
    pub fn missing_numbers(&self, entries: &[Entry]) -> Option<u32> {
        self.grows_into(entries).filter(|&block| self.filling.get(block).is_none())
    }

    /// Takes a block of numbers as it was folded last; one that is there already stays as it is.
    pub fn load_numbers(&mut self, block: u32, numbers: RecipientBlock) {
        self.filling.load(block, numbers);
    }

    /// The numbers of a block that no fold has written yet, or that is not full.
    #[must_use]
    pub fn numbers(&self, block: u32) -> Option<&Arc<RecipientBlock>> {
        self.filling.get(block)
    }

    #[must_use]
    pub fn is_loaded(&self, block: u32) -> bool {
        self.blocks.contains_key(&block)
    }

    /// Takes a block as it was folded last; a block that is loaded already stays as it is.
    pub fn load(&mut self, block: u32, states: StateBlock) {
        let used = self.tick;
        self.blocks.entry(block).or_insert_with(|| Loaded {
            states: Arc::new(states),
            dirty_since: 0,
            changed: 0,
            used,
        });
    }

    /// One recipient, if its block is loaded.
    #[must_use]
    pub fn row(&self, index: u32) -> Option<&RecipientStatus> {
        self.blocks.get(&(index / BLOCK_LEN))?.states.rows().get((index % BLOCK_LEN) as usize)
    }

    /// Applies one entry. Recipients outside of the campaign are left out.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), NotLoaded> {
        self.tick += 1;
        for (span, change) in rules::changes(entry) {
            self.each(span, entry.at_ms(), |row| rules::change(row, &change))?;
        }
        match entry {
            Entry::Claim { runs, at_ms } => {
                self.totals.first_claim_at_ms.get_or_insert(*at_ms);
                self.advance(runs.iter().map(|run| run.start.saturating_add(run.len)).max());
            }
            Entry::Closed { spans, kind: Closing::Unsendable | Closing::Suppressed, .. } => {
                self.advance(spans.iter().map(|span| span.start.saturating_add(span.len)).max());
            }
            Entry::Outcome { at_ms, outcome, .. } if *outcome != Outcome::NotSent => {
                self.totals.last_outcome_at_ms = self.totals.last_outcome_at_ms.max(Some(*at_ms));
            }
            Entry::Added(added) => self.grow(added)?,
            Entry::Outcome { .. } | Entry::Receipt { .. } | Entry::Closed { .. } => {}
        }
        self.totals.changed_at_ms = self.totals.changed_at_ms.max(Some(entry.at_ms()));
        Ok(())
    }

    /// Takes recipients in behind the last one. Those that are there already, and what would leave a gap, are left out.
    fn grow(&mut self, added: &Added) -> Result<(), NotLoaded> {
        let Some(known) = self.recipients.checked_sub(added.start) else { return Ok(()) };
        let border = self.recipients / BLOCK_LEN;
        let is_new = self.recipients.is_multiple_of(BLOCK_LEN);
        if added.end() > self.recipients && !is_new && !(self.is_loaded(border) && self.filling.get(border).is_some()) {
            return Err(NotLoaded(border));
        }
        for row in added.rows.iter().skip(known as usize) {
            let (number, tick) = (self.recipients / BLOCK_LEN, self.tick);
            let new = || Loaded { states: Arc::new(StateBlock::waiting(0)), dirty_since: 0, changed: 0, used: tick };
            let loaded = self.blocks.entry(number).or_insert_with(new);
            Arc::make_mut(&mut loaded.states).grow((self.recipients % BLOCK_LEN) as usize + 1);
            loaded.touch(tick);
            self.filling.push(self.recipients, added, row, tick);
            self.recipients += 1;
            self.totals.progress.waiting += 1;
        }
        Ok(())
    }

    fn advance(&mut self, end: Option<u32>) {
        self.totals.cursor = self.totals.cursor.max(end.unwrap_or(0).min(self.recipients));
    }

    /// Changes the recipients of a span and moves the figures by the difference.
    fn each(&mut self, span: Span, at_ms: i64, change: impl Fn(&mut RecipientStatus)) -> Result<(), NotLoaded> {
        let end = span.start.saturating_add(span.len).min(self.recipients);
        let mut index = span.start;
        while index < end {
            let number = index / BLOCK_LEN;
            let block_end = end.min((number + 1).saturating_mul(BLOCK_LEN));
            let tick = self.tick;
            let loaded = self.blocks.get_mut(&number).ok_or(NotLoaded(number))?;
            loaded.touch(tick);
            let states = Arc::make_mut(&mut loaded.states);
            let hour = self.hours.entry(at_ms.div_euclid(HOUR_MS)).or_default();
            let rows = (index % BLOCK_LEN) as usize..(block_end - number * BLOCK_LEN) as usize;
            for row in states.rows_mut().get_mut(rows).unwrap_or_default() {
                let (before, parts) = (row.state, rules::segments(row));
                let (claimed_at_ms, claimed) = (row.claimed_at_ms, claimed(row));
                change(row);
                let now = rules::segments(row);
                hour.segments += now.accepted.saturating_sub(parts.accepted);
                hour.segments_delivered += now.delivered.saturating_sub(parts.delivered);
                hour.segments_failed += now.failed.saturating_sub(parts.failed);
                if row.state == before {
                    continue;
                }
                if before == RecipientState::Waiting && row.state == RecipientState::Claimed {
                    self.totals.claims.add(at_ms, self::claimed(row));
                } else if row.state == RecipientState::Waiting {
                    self.totals.claims.take_back(claimed_at_ms.unwrap_or(at_ms), claimed);
                }
                *count(&mut self.totals.progress, before) -= 1;
                *count(&mut self.totals.progress, row.state) += 1;
                hour.sent += u64::from(is_sent(row.state) && !is_sent(before));
                hour.delivered += u64::from(row.state == RecipientState::Delivered);
                let failed = row.state == RecipientState::Failed;
                hour.failed += u64::from(failed);
                if failed || row.state == RecipientState::NotSent && row.error.is_some() {
                    let failures = &mut self.totals.failures;
                    if failures.len() < FAILURES_MAX || failures.contains_key(&row.error) {
                        *failures.entry(row.error).or_default() += 1;
                    }
                }
            }
            index = block_end;
        }
        Ok(())
    }

    #[must_use]
    pub fn dirty_blocks(&self) -> usize {
        self.blocks.values().filter(|block| block.dirty_since > 0).count()
    }

    /// All that changed since the latest snapshot, as of now.
    pub fn snapshot(&mut self) -> Snapshot {
        let mut blocks: Vec<(u32, Arc<StateBlock>)> = self
            .blocks
            .iter()
            .filter(|(_, block)| block.dirty_since > 0)
            .map(|(&number, block)| (number, Arc::clone(&block.states)))
            .collect();
        blocks.sort_unstable_by_key(|&(number, _)| number);
        let hours =
            std::mem::take(&mut self.hours).into_iter().filter(|&(_, delta)| delta != HourDelta::default()).collect();
        let (recipients, added) = (self.recipients, self.filling.changed());
        Snapshot { totals: self.totals.clone(), hours, blocks, recipients, added, tick: self.tick }
    }

    /// The snapshot is durable: what did not change since is clean. Keeps the `keep` clean blocks used last.
    pub fn folded(&mut self, snapshot: &Snapshot, keep: usize) {
        for block in self.blocks.values_mut().filter(|block| block.dirty_since > 0) {
            if block.changed <= snapshot.tick {
                block.dirty_since = 0;
            } else if block.dirty_since <= snapshot.tick {
                block.dirty_since = snapshot.tick + 1;
            }
        }
        self.filling.folded(snapshot.tick);
        self.evict(keep);
    }

    /// Forgets clean blocks but the `keep` used last.
    pub fn evict(&mut self, keep: usize) {
        let mut clean: Vec<(u64, u32)> = self
            .blocks
            .iter()
            .filter(|(_, block)| block.dirty_since == 0)
            .map(|(&number, block)| (block.used, number))
            .collect();
        if clean.len() > keep {
            clean.sort_unstable_by(|a, b| b.cmp(a));
            for (_, number) in &clean[keep..] {
                self.blocks.remove(number);
            }
        }
    }
}

impl Loaded {
    /// Something in it changes with the entry of this tick.
    const fn touch(&mut self, tick: u64) {
        self.used = tick;
        self.changed = tick;
        if self.dirty_since == 0 {
            self.dirty_since = tick;
        }
    }
}

/// One recipient with the parts that it was claimed with.
fn claimed(row: &RecipientStatus) -> Claimed {
    Claimed { messages: 1, segments: row.parts.len() as u64 }
}

/// Taken by the SMSC as a whole, whatever came after.
const fn is_sent(state: RecipientState) -> bool {
    matches!(state, RecipientState::Submitted | RecipientState::Delivered | RecipientState::NoReceipt)
}

/// The figure that counts recipients in `state`.
pub fn count(progress: &mut Progress, state: RecipientState) -> &mut u64 {
    match state {
        RecipientState::Waiting => &mut progress.waiting,
        RecipientState::Claimed => &mut progress.claimed,
        RecipientState::Submitted => &mut progress.submitted,
        RecipientState::Delivered => &mut progress.delivered,
        RecipientState::Failed => &mut progress.failed,
        RecipientState::Uncertain => &mut progress.uncertain,
        RecipientState::NoReceipt => &mut progress.no_receipt,
        RecipientState::NotSent => &mut progress.not_sent,
    }
}

#[cfg(test)]
#[path = "book_tests.rs"]
mod tests;
