//! Who gets the message, and what the simulator does with each of them. The number alone decides, so that it can be told
//! afterwards what should have become of everybody.

use std::{
    collections::HashMap,
    io::{BufWriter, Write},
    path::Path,
};

use crate::Failure;

pub const TEXT: &str = "Hello {name}, planned maintenance tonight.";
/// Two digits after the operator's prefix say what becomes of a number.
const CLASSES: u64 = 100;
const FIRST_NUMBER: u64 = 436_600_000_000;
const CLASS_SPAN: u64 = 100_000;
/// More do not fit the span of a class.
pub const RECIPIENTS_MAX: u32 = 10_000_000;
/// Every so-many-th class has a name so long that the message has two parts.
const LONG_EVERY: u64 = 20;
/// From an acceptance to its receipt.
pub const RECEIPT_DELAY_MS: u64 = 2_500;
const REFUSED: [u64; 2] = [10, 11];
const UNDELIVERABLE: [u64; 3] = [30, 31, 32];
const EXPIRED: [u64; 1] = [47];

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

/// Every recipient by number.
pub fn all(messages: u32) -> HashMap<u64, Expected> {
    (0..u64::from(messages)).map(|index| (number(index), expected(index % CLASSES))).collect()
}

pub const fn number(index: u64) -> u64 {
    FIRST_NUMBER + index % CLASSES * CLASS_SPAN + index / CLASSES
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

/// The file that is uploaded; its size in bytes.
pub fn write_file(path: &Path, messages: u32) -> Result<u64, Failure> {
    let mut file = BufWriter::new(std::fs::File::create(path)?);
    writeln!(file, "number,name")?;
    for index in 0..u64::from(messages) {
        writeln!(file, "+{},{}", number(index), name(index))?;
    }
    file.flush()?;
    Ok(std::fs::metadata(path)?.len())
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
