//! Who gets the messages, and what the simulator does with each of them. The number alone decides, so that it can be told
//! afterwards what should have become of everybody, and in which campaign they were.

use std::collections::HashMap;

pub const TEXT: &str = "Hello {name}, planned maintenance tonight.";
/// Two digits after the operator's prefix say what becomes of a number.
const CLASSES: u64 = 100;
const FIRST_NUMBER: u64 = 436_600_000_000;
const CLASS_SPAN: u64 = 100_000;
/// Numbers of one campaign in each class.
const CAMPAIGN_SPAN: u64 = 20_000;
/// More do not fit a campaign.
pub const RECIPIENTS_MAX: u32 = (CLASSES * CAMPAIGN_SPAN) as u32;
/// Every so-many-th class has a name so long that the message has two parts.
const LONG_EVERY: u64 = 20;
/// From an acceptance to its receipt.
pub const RECEIPT_DELAY_MS: u64 = 2_500;
const REFUSED: [u64; 2] = [10, 11];
const UNDELIVERABLE: [u64; 3] = [30, 31, 32];
const EXPIRED: [u64; 1] = [47];
/// Lines that cannot be read, and lines that repeat a number.
const BAD_EVERY: u32 = 97;
const TWICE_EVERY: u32 = 53;

/// What the simulator makes of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    Delivered,
    /// Accepted, and its receipt says that it failed.
    Failed,
    /// Not accepted: ESME_RINVDSTADR.
    Refused,
}

/// What should become of one recipient.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    pub fate: Fate,
    pub parts: u8,
}

/// Every recipient of a campaign by number.
pub fn all(place: usize, messages: u32) -> HashMap<u64, Expected> {
    (0..u64::from(messages)).map(|index| (number(place, index), expected(index % CLASSES))).collect()
}

/// The numbers of the campaign at a place, from 0 to 4, share none with those of another.
pub const fn number(place: usize, index: u64) -> u64 {
    FIRST_NUMBER + index % CLASSES * CLASS_SPAN + place as u64 * CAMPAIGN_SPAN + index / CLASSES
}

/// Whose number it is.
pub const fn place_of(number: u64) -> usize {
    (number % CLASS_SPAN / CAMPAIGN_SPAN) as usize
}

fn expected(class: u64) -> Expected {
    let fate = if REFUSED.contains(&class) {
        Fate::Refused
    } else if UNDELIVERABLE.contains(&class) || EXPIRED.contains(&class) {
        Fate::Failed
    } else {
        Fate::Delivered
    };
    Expected { fate, parts: 1 + u8::from(is_long(class)) }
}

const fn is_long(class: u64) -> bool {
    class % LONG_EVERY == 7
}

/// What is put into the text.
pub fn name(index: u64) -> String {
    let name = if is_long(index % CLASSES) { "Maximiliana ".repeat(14) } else { "Ann".to_owned() };
    name.trim_end().to_owned()
}

/// The file of a campaign's recipients.
pub fn file(place: usize, messages: u32) -> Vec<u8> {
    let mut file = b"number,name\n".to_vec();
    for index in 0..u64::from(messages) {
        file.extend_from_slice(format!("+{},{}\n", number(place, index), name(index)).as_bytes());
    }
    file
}

/// A file with all that a file may have: lines that are no numbers, and numbers that come again.
pub fn mixed_file(place: usize, lines: u32) -> Vec<u8> {
    let mut file = b"number,name\n".to_vec();
    for line in 0..lines {
        let index = u64::from(line);
        let text = match line {
            bad if bad % BAD_EVERY == 13 => format!("12{bad},Ann\n"),
            again if again % TWICE_EVERY == 52 => format!("+{},Bob\n", number(place, index / 2)),
            _ => format!("+{},Ann\n", number(place, index)),
        };
        file.extend_from_slice(text.as_bytes());
    }
    file
}

/// The simulator's knobs as JSON: answers after 30 ms, one submit of a hundred throttled, receipts after 2.5 s and one
/// of twenty twice, and the fates.
pub fn behaviour() -> String {
    let prefixes = |classes: &[u64], rest: &str| {
        let rules = classes.iter().map(|class| format!(r#"{{"prefix":"43660{class:02}",{rest}}}"#));
        rules.collect::<Vec<_>>().join(",")
    };
    let undeliverable = prefixes(&UNDELIVERABLE, r#""state":"undeliverable","error":5"#);
    let expired = prefixes(&EXPIRED, r#""state":"expired","error":6"#);
    let refused = prefixes(&REFUSED, r#""command_status":11"#);
    format!(
        r#"{{"latency_ms":30,"throttle_rate":0.01,"errors_by_prefix":[{refused}],"receipts":{{"delay_ms":{RECEIPT_DELAY_MS},"duplicate_rate":0.05,"failures_by_prefix":[{undeliverable},{expired}]}}}}"#
    )
}
