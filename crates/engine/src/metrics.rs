//! What is measured of campaigns and of files that are read: by campaign mode and by link, never by whose they are.
//!
//! The counters are of the process, from its start on; what it takes up after a restart was counted by the one before.

use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use domain::{campaign::Mode, reject::RejectReason};
use meter::{Counter, Distribution, Histogram, Ladder, Sheet};
use recipient_file::Parsed;
use sms_core::{
    ChannelId, LinkStatus,
    metrics::{REFUSALS, refusal},
};
use store::journal::entry::{Closing, Entry, Outcome, ReceiptState};

use crate::run::Handle;

/// Of all campaigns of one mode.
#[derive(Debug)]
struct OfMode {
    claimed: Counter,
    accepted: Counter,
    uncertain: Counter,
    not_sent: Counter,
    refused: [Counter; REFUSALS.len()],
    receipts: [Counter; ReceiptState::ALL.len()],
    closed: [Counter; CLOSINGS.len()],
}

impl OfMode {
    const fn new() -> Self {
        Self {
            claimed: Counter::new(),
            accepted: Counter::new(),
            uncertain: Counter::new(),
            not_sent: Counter::new(),
            refused: [const { Counter::new() }; REFUSALS.len()],
            receipts: [const { Counter::new() }; ReceiptState::ALL.len()],
            closed: [const { Counter::new() }; CLOSINGS.len()],
        }
    }
}

const CLOSINGS: [(Closing, &str); 10] = [
    (Closing::NotSent, "not_sent"),
    (Closing::Uncertain, "uncertain"),
    (Closing::NoReceipt, "no_receipt"),
    (Closing::Returned, "returned"),
    (Closing::Unsendable, "unsendable"),
    (Closing::Suppressed, "suppressed"),
    (Closing::Blacklisted, "blacklisted"),
    (Closing::PerDay, "daily_cap"),
    (Closing::PerWeek, "weekly_cap"),
    (Closing::Duplicate, "repeated_text"),
];

const fn mode_name(mode: Mode) -> &'static str {
    match mode {
        Mode::OnDemand => "on_demand",
        Mode::Scheduled => "scheduled",
        Mode::Spread => "spread",
        Mode::Trigger => "trigger",
    }
}

const fn receipt_name(state: ReceiptState) -> &'static str {
    match state {
        ReceiptState::Enroute => "enroute",
        ReceiptState::Delivered => "delivered",
        ReceiptState::Expired => "expired",
        ReceiptState::Deleted => "deleted",
        ReceiptState::Undeliverable => "undeliverable",
        ReceiptState::Accepted => "accepted",
        ReceiptState::Unknown => "unknown",
        ReceiptState::Rejected => "rejected",
    }
}

/// In the order of [`Mode::ALL`].
static MODES: [OfMode; Mode::ALL.len()] = [const { OfMode::new() }; Mode::ALL.len()];

/// From acceptance to the final receipt, by link. Links are few and stay.
static DELIVERIES: RwLock<BTreeMap<String, Arc<Histogram>>> = RwLock::new(BTreeMap::new());

static LINES: Counter = Counter::new();
static OCTETS: Counter = Counter::new();
static RECIPIENTS: Counter = Counter::new();
/// By [`RejectReason::code`].
static REJECTED: [Counter; 256] = [const { Counter::new() }; 256];
/// Receipts that no campaign knew, forgotten because there were too many.
static UNMATCHED_DROPPED: Counter = Counter::new();
/// Numbers for Trigger campaigns.
static NUMBERS_TAKEN: Counter = Counter::new();
static NUMBERS_REFUSED: Counter = Counter::new();

/// Something happens to recipients of a campaign.
pub(crate) fn entry(mode: Mode, entry: &Entry) {
    let Some(at) = Mode::ALL.iter().position(|known| *known == mode) else { return };
    let counted = &MODES[at];
    match entry {
        Entry::Claim { runs, .. } => counted.claimed.add(runs.iter().map(|run| u64::from(run.len)).sum()),
        Entry::Outcome { outcome: Outcome::Accepted { .. }, .. } => counted.accepted.one(),
        Entry::Outcome { outcome: Outcome::Uncertain, .. } => counted.uncertain.one(),
        Entry::Outcome { outcome: Outcome::NotSent, .. } => counted.not_sent.one(),
        Entry::Outcome { outcome: Outcome::Refused { command_status }, .. } => {
            counted.refused[refusal(*command_status)].one();
        }
        Entry::Receipt { receipt, .. } => counted.receipts[receipt.state as usize - 1].one(),
        Entry::Closed { spans, kind, .. } => {
            let at = CLOSINGS.iter().position(|(known, _)| known == kind).unwrap_or(0);
            counted.closed[at].add(spans.iter().map(|span| u64::from(span.len)).sum());
        }
        Entry::Added(_) => {}
    }
}

/// The last receipt of a part came so long after the carrier had accepted its message.
pub(crate) fn delivered(link: &ChannelId, after_ms: i64) {
    let after = Duration::from_millis(u64::try_from(after_ms).unwrap_or(0));
    let known = DELIVERIES.read().unwrap_or_else(PoisonError::into_inner).get(link.as_str()).map(Arc::clone);
    let histogram = known.unwrap_or_else(|| {
        let mut all = DELIVERIES.write().unwrap_or_else(PoisonError::into_inner);
        let fresh = || Arc::new(Histogram::new(Ladder::Slow));
        Arc::clone(all.entry(link.as_str().to_owned()).or_insert_with(fresh))
    });
    histogram.record(after);
}

/// A piece of a file was read for its recipients.
pub(crate) fn read(parsed: &Parsed) {
    LINES.add(parsed.records.len() as u64);
    OCTETS.add(parsed.octets);
    RECIPIENTS.add((parsed.records.len() - parsed.rejects.len().min(parsed.records.len())) as u64);
    for rejected in &parsed.rejects {
        REJECTED[usize::from(rejected.reason.code())].one();
    }
}

/// Numbers came for a Trigger campaign.
pub(crate) fn numbers(taken: usize, refused: usize) {
    NUMBERS_TAKEN.add(taken as u64);
    NUMBERS_REFUSED.add(refused as u64);
}

/// Receipts that no campaign knew are forgotten before their time.
pub(crate) fn unmatched_dropped(receipts: usize) {
    UNMATCHED_DROPPED.add(receipts as u64);
}

impl Handle {
    /// What the engine and its links show at the moment.
    pub fn metrics(&self, sheet: &mut Sheet) {
        let links = self.links();
        sms_core::metrics::links(sheet, &links);
        deliveries(sheet, &links);
        modes(sheet);
        let now = self.context.figures.sum();
        for (name, help, value) in [
            ("message_center_campaigns_in_work", "Campaigns that somebody works on.", now.campaigns),
            ("message_center_recipients_waiting", "Recipients of campaigns in work that wait.", now.waiting),
            (
                "message_center_recipients_in_flight",
                "Recipients claimed, or accepted and without a receipt.",
                now.in_flight,
            ),
            (
                "message_center_receipts_awaited",
                "Message parts whose receipts are awaited.",
                self.awaited_receipts() as u64,
            ),
        ] {
            sheet.gauge(name, help, &[], value as f64);
        }
        let help = "Receipts of unknown messages that were forgotten because there were too many.";
        sheet.counter("message_center_receipts_unmatched_dropped_total", help, &[], UNMATCHED_DROPPED.get());
        ingest(sheet);
    }
}

fn deliveries(sheet: &mut Sheet, links: &[LinkStatus]) {
    let all = DELIVERIES.read().unwrap_or_else(PoisonError::into_inner);
    for link in links {
        let times = all.get(link.id.as_str()).map_or(Distribution::empty(Ladder::Slow), |histogram| histogram.read());
        let help = "From the carrier's acceptance of a message to the final receipt.";
        sheet.times("message_center_link_delivery_seconds", help, &[("link", link.id.as_str())], &times);
    }
}

fn modes(sheet: &mut Sheet) {
    for (mode, counted) in Mode::ALL.iter().zip(&MODES) {
        let mode = ("mode", mode_name(*mode));
        for (name, help, count) in [
            ("message_center_recipients_claimed_total", "Recipients handed to a link.", &counted.claimed),
            ("message_center_parts_accepted_total", "Parts that carriers accepted.", &counted.accepted),
            ("message_center_parts_uncertain_total", "Parts of which nobody knows their fate.", &counted.uncertain),
            ("message_center_parts_not_sent_total", "Parts that came back from a link unsent.", &counted.not_sent),
        ] {
            sheet.counter(name, help, &[mode], count.get());
        }
        for ((_, class), count) in REFUSALS.iter().zip(&counted.refused) {
            let help = "Parts that failed at the carrier, by class of its answer.";
            sheet.counter("message_center_parts_refused_total", help, &[mode, ("class", class)], count.get());
        }
        for (state, count) in ReceiptState::ALL.iter().zip(&counted.receipts) {
            let labels = &[mode, ("state", receipt_name(*state))];
            let help = "Receipts by what they say, repeated ones included.";
            sheet.counter("message_center_receipts_total", help, labels, count.get());
        }
        for ((_, reason), count) in CLOSINGS.iter().zip(&counted.closed) {
            let help = "Recipients settled without an answer, by reason.";
            sheet.counter("message_center_recipients_closed_total", help, &[mode, ("reason", reason)], count.get());
        }
    }
}

fn ingest(sheet: &mut Sheet) {
    for (name, help, count) in [
        ("message_center_ingest_lines_total", "Lines of recipient files that were read.", &LINES),
        ("message_center_ingest_bytes_total", "Bytes of recipient files that were read.", &OCTETS),
        ("message_center_ingest_numbers_total", "Lines that hold a number, duplicates included.", &RECIPIENTS),
    ] {
        sheet.counter(name, help, &[], count.get());
    }
    for code in 0..=u8::MAX {
        if let Some(reason) = RejectReason::from_code(code) {
            let help = "Lines that hold no recipient, by reason.";
            let (name, count) = (reason_name(reason), REJECTED[usize::from(code)].get());
            sheet.counter("message_center_ingest_rejected_total", help, &[("reason", &name)], count);
        }
    }
    for (outcome, count) in [("taken", &NUMBERS_TAKEN), ("refused", &NUMBERS_REFUSED)] {
        let help = "Numbers that programs brought for Trigger campaigns.";
        sheet.counter("message_center_trigger_numbers_total", help, &[("outcome", outcome)], count.get());
    }
}

/// `too_short` of `Number(TooShort)`.
fn reason_name(reason: RejectReason) -> String {
    let text = format!("{reason:?}");
    let inner = text.strip_prefix("Number(").and_then(|text| text.strip_suffix(')')).unwrap_or(&text);
    let mut name = String::new();
    for character in inner.chars() {
        if character.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(character.to_ascii_lowercase());
    }
    name
}

#[cfg(test)]
mod tests {
    use store::journal::entry::{Receipt, Run};

    use super::*;

    #[test]
    fn the_tables_are_in_the_order_of_their_discriminants() {
        for (at, state) in ReceiptState::ALL.iter().enumerate() {
            assert_eq!(*state as usize - 1, at);
        }
        for value in 0..=u8::MAX {
            let Some(closing) = Closing::from_stored(value) else { continue };
            assert_eq!(CLOSINGS.iter().filter(|(known, _)| *known == closing).count(), 1, "{closing:?}");
        }
    }

    #[test]
    fn what_happens_is_counted_by_mode() {
        // Nothing else in the tests of this crate counts as `scheduled` while this one runs alone in its process; together
        // with others only the growth is certain.
        let at = Mode::ALL.iter().position(|mode| *mode == Mode::Scheduled).unwrap();
        let before = (MODES[at].claimed.get(), MODES[at].refused[2].get(), MODES[at].receipts[1].get());
        let runs = vec![Run { start: 0, len: 3, parts: 2 }, Run { start: 3, len: 2, parts: 1 }];
        entry(Mode::Scheduled, &Entry::Claim { runs, at_ms: 0 });
        let outcome = Outcome::Refused { command_status: 0x58 };
        entry(Mode::Scheduled, &Entry::Outcome { index: 0, part: 0, at_ms: 0, outcome });
        let receipt = Receipt { state: ReceiptState::Delivered, is_final: true, error: None, at_ms: 0 };
        entry(Mode::Scheduled, &Entry::Receipt { index: 1, part: 0, receipt });
        assert!(MODES[at].claimed.get() >= before.0 + 5);
        assert!(MODES[at].refused[2].get() > before.1, "throttled");
        assert!(MODES[at].receipts[1].get() > before.2, "delivered");
    }

    #[test]
    fn reasons_have_names_of_their_own() {
        let names: Vec<_> = (0..=u8::MAX).filter_map(RejectReason::from_code).map(reason_name).collect();
        let mut unique = names.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(names.len(), unique.len(), "{names:?}");
        assert!(names.contains(&"too_short".to_owned()) && names.contains(&"line_too_long".to_owned()), "{names:?}");
    }
}
