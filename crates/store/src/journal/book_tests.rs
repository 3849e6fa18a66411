use proptest::{collection::vec, prelude::*};

use super::*;
use crate::{
    journal::{
        added::Row,
        entry::{Receipt, ReceiptState, Run},
    },
    recipients::{PartState, RecipientStatus, Unfolded as _},
};

/// Over two blocks, so that spans cross the border.
const RECIPIENTS: u32 = BLOCK_LEN + 50;

fn waiting() -> Totals {
    Totals { progress: Progress { waiting: u64::from(RECIPIENTS), ..Progress::default() }, ..Totals::default() }
}

/// Few recipients around the border, so that entries meet.
fn index() -> impl Strategy<Value = u32> {
    BLOCK_LEN - 4..BLOCK_LEN + 4
}

fn outcome() -> impl Strategy<Value = Outcome> {
    prop_oneof![
        4 => (0..9_u32).prop_map(|id| Outcome::Accepted { message_id: id.to_string().into() }),
        1 => Just(Outcome::Refused { command_status: 0x0B }),
        1 => Just(Outcome::Uncertain),
        2 => Just(Outcome::NotSent),
    ]
}

fn receipt() -> impl Strategy<Value = Receipt> {
    (0..8_usize, any::<bool>(), 0..50_i64).prop_map(|(state, is_final, at_ms)| Receipt {
        state: ReceiptState::ALL[state],
        is_final,
        error: None,
        at_ms,
    })
}

fn entry() -> impl Strategy<Value = Entry> {
    let closing = prop_oneof![
        Just(Closing::NotSent),
        Just(Closing::Uncertain),
        Just(Closing::NoReceipt),
        Just(Closing::Returned),
        Just(Closing::Unsendable),
        Just(Closing::Suppressed)
    ];
    prop_oneof![
        3 => (index(), 0..6_u32, 1..4_u8, 0..50_i64)
            .prop_map(|(start, len, parts, at_ms)| Entry::Claim { runs: vec![Run { start, len, parts }], at_ms }),
        5 => (index(), 0..4_u8, 0..9_000_000_i64, outcome())
            .prop_map(|(index, part, at_ms, outcome)| Entry::Outcome { index, part, at_ms, outcome }),
        4 => (index(), 0..4_u8, receipt()).prop_map(|(index, part, receipt)| Entry::Receipt { index, part, receipt }),
        1 => (index(), 0..200_u32, closing, 0..50_i64)
            .prop_map(|(start, len, kind, at_ms)| Entry::Closed { spans: vec![Span { start, len }], kind, at_ms }),
    ]
}

/// What a database holds: the latest fold and the journal after it.
#[derive(Clone)]
struct Durable {
    totals: Totals,
    blocks: HashMap<u32, StateBlock>,
    hours: BTreeMap<i64, HourDelta>,
    journal: Vec<Entry>,
}

impl Durable {
    fn new() -> Self {
        let blocks = [(0, BLOCK_LEN), (1, 50)].map(|(block, len)| (block, StateBlock::waiting(len as usize)));
        Self { totals: waiting(), blocks: blocks.into(), hours: BTreeMap::new(), journal: Vec::new() }
    }

    fn open(&self) -> Book {
        let mut book = Book::new(RECIPIENTS, self.totals.clone());
        for entry in &self.journal {
            self.load_for(&mut book, entry);
            book.apply(entry).unwrap();
        }
        book
    }

    fn load_for(&self, book: &mut Book, entry: &Entry) {
        for block in book.missing(std::slice::from_ref(entry)) {
            book.load(block, self.blocks[&block].clone());
        }
    }

    fn fold(&mut self, snapshot: &Snapshot, folded_entries: usize) {
        self.totals = snapshot.totals.clone();
        for (block, states) in &snapshot.blocks {
            self.blocks.insert(*block, (**states).clone());
        }
        for (hour, delta) in &snapshot.hours {
            let known = self.hours.entry(*hour).or_default();
            known.sent += delta.sent;
            known.failed += delta.failed;
            known.delivered += delta.delivered;
            known.segments += delta.segments;
            known.segments_delivered += delta.segments_delivered;
            known.segments_failed += delta.segments_failed;
        }
        self.journal.drain(..folded_entries);
    }

    /// The figures counted anew from every recipient.
    fn recount(&self, book: &Book) -> Progress {
        let mut counted = Progress::default();
        for index in 0..RECIPIENTS {
            let row = book
                .row(index)
                .unwrap_or_else(|| &self.blocks[&(index / BLOCK_LEN)].rows()[(index % BLOCK_LEN) as usize]);
            *count(&mut counted, row.state) += 1;
        }
        counted
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Whatever happens, in whatever order: the sum is the number of recipients, the figures are those of the blocks,
    /// and a process that ends at any moment finds the same account again.
    #[test]
    fn figures_are_exact_and_survive_a_crash_at_any_moment(
        steps in vec((entry(), 0..6_u8), 1..80),
    ) {
        let mut durable = Durable::new();
        let mut book = durable.open();
        let mut pending_fold: Option<(Snapshot, usize)> = None;
        for (entry, what) in steps {
            durable.load_for(&mut book, &entry);
            book.apply(&entry).unwrap();
            durable.journal.push(entry);
            prop_assert_eq!(book.progress().total(), u64::from(RECIPIENTS));
            match what {
                // A fold is made of a snapshot while entries go on being written.
                0 if pending_fold.is_none() => pending_fold = Some((book.snapshot(), durable.journal.len())),
                1 => {
                    if let Some((snapshot, entries)) = pending_fold.take() {
                        durable.fold(&snapshot, entries);
                        book.folded(&snapshot, 0);
                    }
                }
                2 => {
                    let again = durable.open();
                    prop_assert_eq!(again.totals(), book.totals());
                    for index in BLOCK_LEN - 10..BLOCK_LEN + 10 {
                        let row = |book: &Book| book.row(index).cloned();
                        let stored = durable.blocks[&(index / BLOCK_LEN)].rows()[(index % BLOCK_LEN) as usize].clone();
                        prop_assert_eq!(
                            row(&again).unwrap_or_else(|| stored.clone()),
                            row(&book).unwrap_or(stored)
                        );
                    }
                    if pending_fold.is_none() && what == 2 {
                        book = again;
                    }
                }
                _ => {}
            }
        }
        prop_assert_eq!(&durable.recount(&book), book.progress());
        prop_assert!(book.progress().waiting == u64::from(RECIPIENTS) || book.totals().changed_at_ms.is_some());
    }

    /// Folding the same journal twice, or outcomes and receipts a second time, changes nothing.
    #[test]
    fn what_comes_twice_counts_once(entries in vec(entry(), 1..60)) {
        let mut durable = Durable::new();
        durable.journal = entries;
        let (first, mut second) = (durable.open(), durable.open());
        prop_assert_eq!(first.totals(), second.totals());
        for entry in &durable.journal {
            if let Entry::Receipt { index, part, receipt } = entry
                && first.row(*index).is_some_and(|row| row.parts.get(usize::from(*part)).is_some_and(|part| {
                    matches!(part.state, PartState::Delivered | PartState::Failed)
                }))
            {
                second.apply(&Entry::Receipt { index: *index, part: *part, receipt: *receipt }).unwrap();
            }
        }
        prop_assert_eq!(first.totals().progress, second.totals().progress);
    }

    /// The parts of one message: outcomes and receipts in any order end in the same state.
    #[test]
    fn the_order_of_the_network_does_not_matter(
        parts in vec((0..3_u8, any::<bool>(), any::<bool>()), 1..4),
        order in Just((0..8_usize).collect::<Vec<_>>()).prop_shuffle(),
    ) {
        let mut facts = Vec::new();
        for (part, &(outcome, has_receipt, delivered)) in parts.iter().enumerate() {
            let part = part as u8;
            let outcome = match outcome {
                0 => Outcome::Accepted { message_id: format!("id{part}").into() },
                1 => Outcome::Uncertain,
                _ => Outcome::Refused { command_status: 8 },
            };
            // What was refused gets no receipt.
            if has_receipt && !matches!(outcome, Outcome::Refused { .. }) {
                let state = if delivered { ReceiptState::Delivered } else { ReceiptState::Undeliverable };
                let receipt = Receipt { state, is_final: true, error: None, at_ms: 3 };
                facts.push(Entry::Receipt { index: 7, part, receipt });
            }
            facts.push(Entry::Outcome { index: 7, part, at_ms: 2, outcome });
        }
        let settle = |facts: &[Entry]| -> RecipientStatus {
            let mut durable = Durable::new();
            durable.journal = vec![Entry::Claim {
                runs: vec![Run { start: 7, len: 1, parts: parts.len() as u8 }],
                at_ms: 1,
            }];
            durable.journal.extend_from_slice(facts);
            let book = durable.open();
            book.row(7).unwrap().clone()
        };
        let shuffled: Vec<Entry> =
            order.iter().filter_map(|&at| facts.get(at).cloned()).collect();
        let (straight, shuffled) = (settle(&facts), settle(&shuffled));
        prop_assert_eq!(straight.state, shuffled.state);
        prop_assert_eq!(straight.parts, shuffled.parts);
    }
}

#[test]
fn delivered_means_all_parts() {
    let mut book = Durable::new().open();
    book.load(0, StateBlock::waiting(BLOCK_LEN as usize));
    let accepted = |part| Entry::Outcome {
        index: 0,
        part,
        at_ms: 2,
        outcome: Outcome::Accepted { message_id: part.to_string().into() },
    };
    let delivered = |part| Entry::Receipt {
        index: 0,
        part,
        receipt: Receipt { state: ReceiptState::Delivered, is_final: true, error: None, at_ms: 3 },
    };
    let state = |book: &Book| book.row(0).unwrap().state;
    book.apply(&Entry::Claim { runs: vec![Run { start: 0, len: 1, parts: 2 }], at_ms: 1 }).unwrap();
    book.apply(&accepted(0)).unwrap();
    assert_eq!(state(&book), RecipientState::Claimed);
    book.apply(&accepted(1)).unwrap();
    assert_eq!(state(&book), RecipientState::Submitted);
    book.apply(&delivered(1)).unwrap();
    assert_eq!(state(&book), RecipientState::Submitted);
    book.apply(&delivered(0)).unwrap();
    assert_eq!(state(&book), RecipientState::Delivered);
    let hours = book.snapshot().hours;
    assert_eq!(
        hours[&0],
        HourDelta { sent: 1, delivered: 1, failed: 0, segments: 2, segments_delivered: 2, segments_failed: 0 }
    );
}

#[test]
fn a_part_that_went_out_is_never_claimed_again() {
    let mut book = Durable::new().open();
    book.load(0, StateBlock::waiting(BLOCK_LEN as usize));
    let claim = Entry::Claim { runs: vec![Run { start: 0, len: 1, parts: 2 }], at_ms: 1 };
    let not_sent = |part| Entry::Outcome { index: 0, part, at_ms: 2, outcome: Outcome::NotSent };
    let state = |book: &Book| book.row(0).unwrap().state;

    book.apply(&claim).unwrap();
    book.apply(&not_sent(0)).unwrap();
    book.apply(&not_sent(1)).unwrap();
    assert_eq!(state(&book), RecipientState::Waiting, "nothing went out");
    book.apply(&claim).unwrap();
    assert_eq!(state(&book), RecipientState::Claimed);
    let outcome = Outcome::Accepted { message_id: "x".into() };
    book.apply(&Entry::Outcome { index: 0, part: 0, at_ms: 3, outcome }).unwrap();
    book.apply(&not_sent(1)).unwrap();
    assert_eq!(state(&book), RecipientState::Failed, "half of it went out");
    book.apply(&claim).unwrap();
    assert_eq!(state(&book), RecipientState::Failed);
    assert_eq!(book.row(0).unwrap().attempts, 2);
}

#[test]
fn a_receipt_settles_what_was_uncertain_or_given_up() {
    let mut book = Durable::new().open();
    book.load(0, StateBlock::waiting(BLOCK_LEN as usize));
    book.apply(&Entry::Claim { runs: vec![Run { start: 0, len: 2, parts: 1 }], at_ms: 1 }).unwrap();
    let outcome = Outcome::Accepted { message_id: "x".into() };
    book.apply(&Entry::Outcome { index: 1, part: 0, at_ms: 2, outcome }).unwrap();
    let all = vec![Span { start: 0, len: 4 }];
    book.apply(&Entry::Closed { spans: all.clone(), kind: Closing::Uncertain, at_ms: 5 }).unwrap();
    book.apply(&Entry::Closed { spans: all, kind: Closing::NoReceipt, at_ms: 5 }).unwrap();
    let progress = *book.progress();
    assert_eq!((progress.uncertain, progress.no_receipt, progress.claimed), (1, 1, 0));
    for index in 0..2 {
        let receipt = Receipt { state: ReceiptState::Delivered, is_final: true, error: None, at_ms: 9 };
        book.apply(&Entry::Receipt { index, part: 0, receipt }).unwrap();
    }
    let progress = *book.progress();
    assert_eq!((progress.uncertain, progress.no_receipt, progress.delivered), (0, 0, 2));
}

#[test]
fn an_unloaded_block_is_named() {
    let mut book = Book::new(RECIPIENTS, waiting());
    let entry = Entry::Closed { spans: vec![Span { start: 0, len: u32::MAX }], kind: Closing::NotSent, at_ms: 0 };
    assert_eq!(book.missing(std::slice::from_ref(&entry)), [0, 1]);
    assert_eq!(book.apply(&entry), Err(NotLoaded(0)));
}

/// Steps in the life of a Trigger campaign.
#[derive(Debug, Clone)]
enum Step {
    Add(u32),
    /// Something that happens to recipients that may be there or not.
    Entry(Entry),
    BeginFold,
    EndFold,
    Crash,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        // Some batches cross the border of a block.
        3 => (1..2_500_u32).prop_map(Step::Add),
        3 => entry().prop_map(Step::Entry),
        1 => (0..9_000_u32, 0..3_000_u32).prop_map(|(start, len)| {
            Step::Entry(Entry::Claim { runs: vec![Run { start, len, parts: 1 }], at_ms: 5 })
        }),
        1 => Just(Step::BeginFold),
        1 => Just(Step::EndFold),
        1 => Just(Step::Crash),
    ]
}

fn number_of(index: u32) -> u64 {
    436_600_000_000 + u64::from(index) * 7
}

fn added(start: u32, count: u32) -> Entry {
    let row = |index: u32| Row { number: number_of(index), segments: 1, values: vec![format!("code {index}").into()] };
    let rows = (start..start + count).map(row).collect();
    Entry::Added(Added { start, fields: vec!["text".to_owned()].into(), rows, at_ms: 3 })
}

/// What a database holds of a campaign that began empty.
#[derive(Default)]
struct Grown {
    recipients: u32,
    totals: Totals,
    states: HashMap<u32, StateBlock>,
    numbers: HashMap<u32, RecipientBlock>,
    journal: Vec<Entry>,
}

impl Grown {
    fn load(&self, book: &mut Book, entries: &[Entry]) {
        for block in book.missing(entries) {
            let len = book.recipients().saturating_sub(block * BLOCK_LEN).min(BLOCK_LEN) as usize;
            let mut states = self.states.get(&block).cloned().unwrap_or_else(|| StateBlock::waiting(len));
            states.grow(len);
            book.load(block, states);
        }
        if let Some(block) = book.missing_numbers(entries) {
            book.load_numbers(block, self.numbers[&block].clone());
        }
    }

    fn apply(&self, book: &mut Book, entry: &Entry) {
        self.load(book, std::slice::from_ref(entry));
        book.apply(entry).unwrap();
    }

    /// What of an entry changes something. An owner writes nothing else, and readers who meet an entry that is folded
    /// already rely on that.
    fn effective(&self, book: &mut Book, entry: &Entry) -> Option<Entry> {
        // Nothing happens to somebody who is not there yet.
        if rules::changes(entry).any(|(span, _)| span.start.saturating_add(span.len) > book.recipients()) {
            return None;
        }
        self.load(book, std::slice::from_ref(entry));
        let mut changed = Vec::new();
        for (span, change) in rules::changes(entry) {
            for index in span.start..span.start + span.len {
                let before = book.row(index).unwrap();
                let mut after = before.clone();
                rules::change(&mut after, &change);
                if after != *before {
                    changed.push(index);
                }
            }
        }
        let left = match entry.clone() {
            Entry::Claim { runs, at_ms } => {
                let parts = runs[0].parts;
                Entry::Claim { runs: changed.iter().map(|&start| Run { start, len: 1, parts }).collect(), at_ms }
            }
            Entry::Closed { kind, at_ms, .. } => {
                Entry::Closed { spans: changed.iter().map(|&start| Span { start, len: 1 }).collect(), kind, at_ms }
            }
            other => other,
        };
        (!changed.is_empty()).then_some(left)
    }

    fn open(&self) -> Book {
        let mut book = Book::new(self.recipients, self.totals.clone());
        for entry in &self.journal {
            self.apply(&mut book, entry);
        }
        book
    }

    fn fold(&mut self, snapshot: &Snapshot, entries: usize) {
        self.recipients = snapshot.recipients;
        self.totals = snapshot.totals.clone();
        for (block, states) in &snapshot.blocks {
            self.states.insert(*block, StateBlock::decode(&states.encode()).unwrap());
        }
        for (block, numbers) in &snapshot.added {
            self.numbers.insert(*block, RecipientBlock::decode(&numbers.encode()).unwrap());
        }
        self.journal.drain(..entries);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Numbers that come while others are being sent to: none is lost or gets another's place, in the blocks, in what
    /// readers make of blocks and journal, and after a crash at any moment.
    #[test]
    fn a_campaign_that_grows_keeps_everybody_in_their_place(steps in vec(step(), 1..40)) {
        let mut durable = Grown::default();
        let mut book = durable.open();
        let mut pending: Option<(Snapshot, usize)> = None;
        for step in steps {
            match step {
                Step::Add(count) => {
                    let entry = added(book.recipients(), count);
                    durable.apply(&mut book, &entry);
                    durable.journal.push(entry);
                }
                Step::Entry(entry) => {
                    if let Some(entry) = durable.effective(&mut book, &entry) {
                        durable.apply(&mut book, &entry);
                        durable.journal.push(entry);
                    }
                }
                Step::BeginFold if pending.is_none() => pending = Some((book.snapshot(), durable.journal.len())),
                Step::EndFold => {
                    if let Some((snapshot, entries)) = pending.take() {
                        durable.fold(&snapshot, entries);
                        book.folded(&snapshot, 0);
                    }
                }
                Step::BeginFold => {}
                Step::Crash => {
                    let again = durable.open();
                    prop_assert_eq!(again.totals(), book.totals());
                    prop_assert_eq!(again.recipients(), book.recipients());
                    (book, pending) = (again, None);
                }
            }
            prop_assert_eq!(book.progress().total(), u64::from(book.recipients()));
        }
        // What readers see: blocks merged with the journal, read before a fold or after it.
        let tail = crate::journal::Tail::new(durable.journal.clone());
        if let Some((snapshot, entries)) = pending.take() {
            durable.fold(&snapshot, entries);
        }
        let mut counted = Progress::default();
        for block in 0..book.recipients().div_ceil(BLOCK_LEN) {
            let mut states = durable.states.get(&block).cloned().unwrap_or_else(|| StateBlock::waiting(0));
            tail.apply(block, &mut states);
            let numbers = tail.numbers(block, durable.numbers.get(&block).cloned()).unwrap();
            prop_assert_eq!(numbers.len(), states.rows().len());
            for (row, &number) in numbers.numbers().iter().enumerate() {
                let index = block * BLOCK_LEN + row as u32;
                prop_assert_eq!(number, number_of(index));
                let code = format!("code {index}");
                prop_assert_eq!(numbers.field("text", row), Some(code.as_str()));
            }
            for row in states.rows() {
                *count(&mut counted, row.state) += 1;
            }
        }
        prop_assert_eq!(&counted, book.progress());
    }
}
