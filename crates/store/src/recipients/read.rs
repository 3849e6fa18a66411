//! Recipients as people see them: pages, search by number, sample rows.

use std::collections::HashMap;

use domain::{ctn_hash::WorkspaceKey, id::CampaignId, permission::kind, phone::PhoneNumber, recipient::RecipientState};

use super::{
    BLOCK_LEN, ERASED, Filter, REFERENCE_FIELD, RecipientBlock, RecipientStatus, StateBlock,
    states::unpack_counts,
    write::{COUNTS, FILTERS, RECIPIENTS, STATES, read_block, read_packed, read_states},
};
use crate::{
    Error, Granted, Scope,
    access::Inner,
    audit::{Chain, Event},
};

/// Rows of one page at most.
const PAGE_ROWS_MAX: usize = 500;
/// Filters that are read at a time.
const FILTERS_AT_ONCE: u32 = 128;
/// Blocks whose counts are read at a time, to find those that have recipients in one state.
const COUNTS_AT_ONCE: u32 = 4_096;
/// State blocks that are read at a time: rows of a page come from two at most.
const STATES_AT_ONCE: u32 = 2;
/// The same where nothing tells which of them have what is looked for.
const STATES_WITHOUT_COUNTS_AT_ONCE: u32 = 64;

/// Whether full numbers are shown. Showing them is recorded in the audit log.
#[derive(Debug, Clone, Copy)]
pub enum Reveal<'a> {
    /// The hash and the last digits.
    Masked,
    Full(&'a Granted<kind::RevealNumbers>),
}

/// What the journal knows beyond the blocks; `()` knows nothing.
pub trait Unfolded {
    /// Whether [`Unfolded::apply`] would change this block.
    fn touches(&self, block: u32) -> bool;
    /// Changes what is stored of a block's states, and puts those of added recipients behind them.
    fn apply(&self, block: u32, states: &mut StateBlock);
    /// Puts the recipients that were added to a block behind those that are stored; None: there are neither.
    fn numbers(&self, _: u32, stored: Option<RecipientBlock>) -> Option<RecipientBlock> {
        stored
    }
    /// The last block to which recipients were added.
    fn last_grown(&self) -> Option<u32> {
        None
    }
    /// Whether this number was added to a block.
    fn adds(&self, _: u32, _: u64) -> bool {
        false
    }
}

impl Unfolded for () {
    fn touches(&self, _: u32) -> bool {
        false
    }

    fn apply(&self, _: u32, _: &mut StateBlock) {}
}

/// Which recipients: from index `from` on, in one state or in any.
#[derive(Debug, Clone, Copy, Default)]
pub struct PageQuery {
    pub from: u32,
    pub state: Option<RecipientState>,
    pub limit: usize,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientView {
    pub index: u32,
    /// `+43…` against the proof, else `•••4567`; `erased` for one that was.
    pub number: String,
    /// Empty for an erased one.
    pub ctn_hash: String,
    /// Of the recipient's own text.
    pub segments: u8,
    /// What a program that handed the number in calls it.
    pub reference: Option<String>,
    pub status: RecipientStatus,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Page {
    pub rows: Vec<RecipientView>,
    /// Where the next page starts; None: there is none.
    pub next: Option<u32>,
}

/// A page of the recipients in their order.
pub async fn page(
    scope: &Scope,
    campaign: CampaignId,
    query: PageQuery,
    reveal: Reveal<'_>,
    unfolded: &impl Unfolded,
) -> Result<Page, Error> {
    let limit = query.limit.clamp(1, PAGE_ROWS_MAX);
    let viewer = Viewer::new(scope, reveal)?;
    let mut page = Page::default();
    let mut number = query.from / BLOCK_LEN;
    'blocks: loop {
        let mut at_once = STATES_AT_ONCE;
        if let Some(state) = query.state {
            let next = next_with(scope, campaign, number, state, unfolded).await?;
            number = next.number;
            if !next.counted {
                at_once = STATES_WITHOUT_COUNTS_AT_ONCE;
            }
        }
        let found = read_packed(scope.inner(), STATES, scope.workspace_id(), campaign, number.into(), at_once).await?;
        let stored: Vec<_> = if found.is_empty() {
            // Behind what is stored there may be blocks that are not folded yet.
            let grown = unfolded.last_grown().map_or(0..0, |last| number..last.saturating_add(1));
            grown.map(|number| (u64::from(number), None)).collect()
        } else {
            found.into_iter().map(|(number, bytes)| (number, Some(bytes))).collect()
        };
        if stored.is_empty() {
            break;
        }
        for (found_number, bytes) in stored {
            number = u32::try_from(found_number).map_err(|_| Error::Corrupt)?;
            if may_have(bytes.as_ref(), number, query.state, unfolded)? {
                let mut states = match bytes {
                    Some(bytes) => StateBlock::decode(&bytes)?,
                    None => StateBlock::waiting(0),
                };
                unfolded.apply(number, &mut states);
                let wanted = wanted_rows(&states, number, query, limit + 1 - page.rows.len());
                if !wanted.is_empty() {
                    let block = read_block(scope.inner(), scope.workspace_id(), campaign, number).await?;
                    let block = unfolded.numbers(number, block).ok_or(Error::Corrupt)?;
                    for row in wanted {
                        page.rows.push(viewer.view(number, row, &block, &states)?);
                    }
                }
            }
            number += 1;
            if page.rows.len() > limit {
                page.next = page.rows.pop().map(|row| row.index);
                break 'blocks;
            }
        }
    }
    viewer.record(campaign, &page.rows).await?;
    Ok(page)
}

/// A block that may have what is looked for.
struct Next {
    number: u32,
    /// Its counts say so. Behind the last block, and for blocks that were stored before there were counts, nothing does.
    counted: bool,
}

/// The first block from `number` on that may have recipients in a state.
async fn next_with(
    scope: &Scope,
    campaign: CampaignId,
    mut number: u32,
    state: RecipientState,
    unfolded: &impl Unfolded,
) -> Result<Next, Error> {
    loop {
        let (inner, workspace) = (scope.inner(), scope.workspace_id());
        let found = read_packed(inner, COUNTS, workspace, campaign, number.into(), COUNTS_AT_ONCE).await?;
        let last = found.len() < COUNTS_AT_ONCE as usize;
        for (counted, bytes) in found {
            if counted != u64::from(number) {
                return Ok(Next { number, counted: false });
            }
            let has_some = *crate::journal::book::count(&mut unpack_counts(&bytes)?, state) > 0;
            if has_some || unfolded.touches(number) {
                return Ok(Next { number, counted: true });
            }
            number += 1;
        }
        if last {
            return Ok(Next { number, counted: false });
        }
    }
}

/// Whether a block can have recipients in the wanted state, by the counts in front of it.
fn may_have(
    bytes: Option<&bytes::Bytes>,
    number: u32,
    state: Option<RecipientState>,
    unfolded: &impl Unfolded,
) -> Result<bool, Error> {
    let (Some(state), Some(bytes)) = (state, bytes) else { return Ok(true) };
    if unfolded.touches(number) {
        return Ok(true);
    }
    let mut counts = StateBlock::peek_counts(bytes)?;
    Ok(*crate::journal::book::count(&mut counts, state) > 0)
}

fn wanted_rows(states: &StateBlock, number: u32, query: PageQuery, limit: usize) -> Vec<usize> {
    let first = query.from.saturating_sub(number.saturating_mul(BLOCK_LEN)) as usize;
    let matches = |row: &RecipientStatus| query.state.is_none_or(|state| row.state == state);
    let rows = states.rows().iter().enumerate().skip(first);
    rows.filter(|(_, status)| matches(status)).map(|(row, _)| row).take(limit).collect()
}

/// Recipients with this number, masked: whoever asks knows it. Reads only blocks whose filter lets the number through.
pub async fn find_by_number(
    scope: &Scope,
    campaign: CampaignId,
    number: PhoneNumber,
    limit: usize,
    unfolded: &impl Unfolded,
) -> Result<Vec<RecipientView>, Error> {
    let (inner, workspace) = (scope.inner(), scope.workspace_id());
    let viewer = Viewer::new(scope, Reveal::Masked)?;
    let mut found = Vec::new();
    let mut from = 0;
    loop {
        let filters = read_packed(inner, FILTERS, workspace, campaign, from, FILTERS_AT_ONCE).await?;
        let candidates: Vec<u32> = match filters.last() {
            Some(&(last, _)) => {
                from = last + 1;
                let mut candidates = Vec::new();
                for (number_of_block, bytes) in filters {
                    let block = u32::try_from(number_of_block).map_err(|_| Error::Corrupt)?;
                    if Filter::decode(&bytes)?.may_hold(number.as_u64()) || unfolded.adds(block, number.as_u64()) {
                        candidates.push(block);
                    }
                }
                candidates
            }
            None => {
                let first = u32::try_from(from).map_err(|_| Error::Corrupt)?;
                let grown = unfolded.last_grown().map_or(0..0, |last| first..last.saturating_add(1));
                from = u64::from(grown.end).max(from);
                if grown.is_empty() {
                    return Ok(found);
                }
                grown.filter(|&block| unfolded.adds(block, number.as_u64())).collect()
            }
        };
        for block_number in candidates {
            let block = read_block(inner, workspace, campaign, block_number).await?;
            let block = unfolded.numbers(block_number, block).ok_or(Error::Corrupt)?;
            let rows = block.numbers().iter().enumerate().filter(|(_, digits)| **digits == number.as_u64());
            let rows: Vec<usize> = rows.map(|(row, _)| row).collect();
            if rows.is_empty() {
                continue;
            }
            let mut states = match read_states(inner, workspace, campaign, block_number).await? {
                Some(bytes) => StateBlock::decode(&bytes)?,
                None => StateBlock::waiting(0),
            };
            unfolded.apply(block_number, &mut states);
            // Somebody who was folded since the tail was read may have no state here yet: the next look has them.
            for row in rows.into_iter().filter(|&row| row < states.rows().len()) {
                found.push(viewer.view(block_number, row, &block, &states)?);
                if found.len() >= limit {
                    return Ok(found);
                }
            }
        }
    }
}

/// The merge values of the first recipients, for a preview of the text; no numbers.
pub async fn sample_values(
    scope: &Scope,
    campaign: CampaignId,
    rows: usize,
) -> Result<Vec<HashMap<String, String>>, Error> {
    let first = read_packed(scope.inner(), RECIPIENTS, scope.workspace_id(), campaign, 0, 1).await?;
    let Some((_, bytes)) = first.first() else {
        return Ok(Vec::new());
    };
    let block = RecipientBlock::decode(bytes)?;
    let values = |row: usize| {
        let named = block.field_names().iter().enumerate();
        named.map(|(column, name)| (name.clone(), block.value(column, row).unwrap_or_default().to_owned())).collect()
    };
    Ok((0..block.len().min(rows)).map(values).collect())
}

/// The merge values of one recipient with their names, for whoever may see everything about it.
pub(crate) async fn values_of(scope: &Scope, campaign: CampaignId, index: u32) -> Result<Vec<(String, String)>, Error> {
    let block = read_block(scope.inner(), scope.workspace_id(), campaign, index / BLOCK_LEN).await?;
    let block = block.ok_or(Error::Corrupt)?;
    let row = (index % BLOCK_LEN) as usize;
    let named = block.field_names().iter().enumerate();
    let value = |column| block.value(column, row).unwrap_or_default().to_owned();
    Ok(named.map(|(column, name)| (name.clone(), value(column))).collect())
}

/// Through whose eyes recipients are shown.
struct Viewer<'a> {
    scope: &'a Scope,
    key: WorkspaceKey,
    full: bool,
}

impl<'a> Viewer<'a> {
    fn new(scope: &'a Scope, reveal: Reveal<'_>) -> Result<Self, Error> {
        let full = match reveal {
            Reveal::Masked => false,
            Reveal::Full(proof) if proof.workspace_id() == scope.workspace_id() => true,
            Reveal::Full(_) => return Err(Error::Forbidden),
        };
        Ok(Self { scope, key: scope.ctn_key(), full })
    }

    fn view(
        &self,
        number: u32,
        row: usize,
        block: &RecipientBlock,
        states: &StateBlock,
    ) -> Result<RecipientView, Error> {
        let digits = *block.numbers().get(row).ok_or(Error::Corrupt)?;
        let phone = PhoneNumber::from_u64(digits);
        if phone.is_none() && digits != ERASED {
            return Err(Error::Corrupt);
        }
        let shown = |phone: PhoneNumber| if self.full { phone.to_string() } else { phone.masked() };
        Ok(RecipientView {
            index: number * BLOCK_LEN + row as u32,
            number: phone.map_or_else(|| "erased".to_owned(), shown),
            ctn_hash: phone.map(|phone| self.key.ctn_hash(phone).to_string()).unwrap_or_default(),
            segments: block.segments()[row],
            reference: block.field(REFERENCE_FIELD, row).filter(|given| !given.is_empty()).map(str::to_owned),
            status: states.rows().get(row).ok_or(Error::Corrupt)?.clone(),
        })
    }

    /// Each look at full numbers stands in the audit log: which recipients, never the numbers.
    async fn record(&self, campaign: CampaignId, rows: &[RecipientView]) -> Result<(), Error> {
        let (Some(first), Some(last)) = (rows.first(), rows.last()) else {
            return Ok(());
        };
        if !self.full {
            return Ok(());
        }
        let note = format!("{} numbers, recipients {} to {}", rows.len(), first.index, last.index);
        reveal_recorded(self.scope, campaign, note).await
    }
}

pub(super) async fn reveal_recorded(scope: &Scope, campaign: CampaignId, note: String) -> Result<(), Error> {
    let inner: &Inner = scope.inner();
    let event = Event::new(scope.actor(), scope.origin(), "recipients.revealed").on("campaign", &campaign).note(note);
    inner.audited(Chain::Workspace(scope.workspace_id()), event, |_| {}).await
}

#[cfg(test)]
mod tests {
    use crate::{
        Reason,
        access::with,
        fixture,
        journal::{
            Acquired, Journal, Owner,
            entry::{Entry, Outcome, Run},
        },
        recipients::{EncodedBlock, block_key, replace_blocks},
    };

    use super::*;

    const BLOCKS: u32 = 9;

    /// Those in a state, a few a page.
    async fn all_in(scope: &Scope, campaign: CampaignId, state: RecipientState) -> Vec<u32> {
        let mut found = Vec::new();
        let mut from = Some(0);
        while let Some(start) = from {
            let query = PageQuery { from: start, state: Some(state), limit: 3 };
            let page = page(scope, campaign, query, Reveal::Masked, &()).await.unwrap();
            found.extend(page.rows.iter().map(|row| row.index));
            from = page.next;
        }
        found
    }

    #[tokio::test]
    async fn pages_of_one_state_have_those_of_blocks_with_and_without_counts() {
        let it = fixture::in_memory().await;
        let campaign = it.submitted().await.id;
        let scope = it.enter(&it.author).await;
        let system = it.system.enter(scope.workspace_id(), Reason::Ingest);
        let mut failed = Vec::new();
        for number in 0..BLOCKS {
            let mut block = RecipientBlock::new(Vec::new().into());
            for row in 0..BLOCK_LEN {
                block.push(436_600_000_000 + u64::from(number * BLOCK_LEN + row), 1, []).unwrap();
            }
            let mut states = StateBlock::waiting(block.len());
            // The first has none, the last has its last.
            for row in [0, number, BLOCK_LEN - 1].into_iter().filter(|_| number % 2 == 0 && number > 0) {
                states.rows_mut()[row as usize].state = RecipientState::Failed;
                failed.push(number * BLOCK_LEN + row);
            }
            replace_blocks(&system, campaign, &[EncodedBlock::new(number, &block, &states)]).await.unwrap();
        }
        assert_eq!(all_in(&scope, campaign, RecipientState::Failed).await, failed);
        assert!(all_in(&scope, campaign, RecipientState::Uncertain).await.is_empty());

        // As they were stored before there were counts: one in the middle, then the last ones, then all.
        for without in [vec![4], vec![7, 8], (0..BLOCKS).collect()] {
            let inner = scope.inner();
            let key = |number: u32| block_key(COUNTS, scope.workspace_id(), campaign, number);
            let delete = || with(|tx| without.iter().for_each(|&number| tx.delete(key(number))));
            inner.db.transact(delete).await.unwrap();
            assert_eq!(all_in(&scope, campaign, RecipientState::Failed).await, failed);
            assert!(all_in(&scope, campaign, RecipientState::Uncertain).await.is_empty());
        }
    }

    #[tokio::test]
    async fn pages_of_one_state_follow_what_is_folded() {
        let it = fixture::in_memory().await;
        let campaign = it.submitted().await.id;
        let scope = it.enter(&it.author).await;
        let system = it.system.enter(scope.workspace_id(), Reason::Dispatch);
        let mut block = RecipientBlock::new(Vec::new().into());
        (0..10).try_for_each(|row| block.push(436_600_000_000 + row, 1, [])).unwrap();
        let encoded = EncodedBlock::new(0, &block, &StateBlock::waiting(block.len()));
        replace_blocks(&system, campaign, &[encoded]).await.unwrap();

        let owner = Owner::new(1_000, true).unwrap();
        let Acquired { mut journal, mut folder, mut book } =
            Journal::acquire(&system, campaign, 10, &owner).await.unwrap().unwrap();
        let outcome = Outcome::Accepted { message_id: "a1".into() };
        for entries in [
            vec![Entry::Claim { runs: vec![Run { start: 6, len: 2, parts: 1 }], at_ms: 10 }],
            vec![Entry::Outcome { index: 7, part: 0, at_ms: 20, outcome }],
        ] {
            journal.apply(&mut book, &entries).await.unwrap();
            journal.append(&entries, *book.progress()).await.unwrap();
        }
        folder.fold(&book.snapshot(), journal.position()).await.unwrap();
        assert_eq!(all_in(&scope, campaign, RecipientState::Submitted).await, [7]);
        assert_eq!(all_in(&scope, campaign, RecipientState::Claimed).await, [6]);
    }
}
