//! What can be wrong with a chain, in words.

use std::fmt;

/// The first thing that is wrong with a chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// `installation`, or the id of a workspace; empty for the checkpoints themselves.
    pub chain: String,
    pub problem: Problem,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Problem {
    /// The record is not the one that was sealed, or the one before it is not.
    Edited {
        seq: u64,
    },
    /// There is no record of these numbers, though there are later ones.
    Missing {
        first: u64,
        last: u64,
    },
    /// In this place stands a record of another number.
    Moved {
        seq: u64,
        found: u64,
    },
    /// The log ends before what a checkpoint states.
    Cut {
        first: u64,
        stated: u64,
        at_ms: i64,
    },
    /// A checkpoint states another record: from behind the last one that agrees, the log was written anew.
    Rewritten {
        first: u64,
        stated: u64,
        at_ms: i64,
    },
    /// The chain's head is not its last record.
    Head {
        last: u64,
        head: Option<u64>,
    },
    /// The records before this one were removed, and no checkpoint states the place.
    Anchor {
        first: u64,
    },
    /// The record can no longer be found by its time.
    Hidden {
        seq: u64,
    },
    Checkpoint {
        line: u64,
        flaw: String,
    },
}

impl Problem {
    /// The number of the first bad record; None: a checkpoint is wrong, and not a record.
    #[must_use]
    pub const fn first_bad(&self) -> Option<u64> {
        match *self {
            Self::Edited { seq } | Self::Moved { seq, .. } | Self::Hidden { seq } => Some(seq),
            Self::Missing { first, .. } | Self::Cut { first, .. } | Self::Rewritten { first, .. } => Some(first),
            Self::Head { last, .. } => Some(last + 1),
            Self::Anchor { first } => Some(first),
            Self::Checkpoint { .. } => None,
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Edited { seq } => {
                write!(f, "record {seq} was changed: it does not have the hash that it was sealed with")
            }
            Self::Missing { first, last } if first == last => write!(f, "record {first} is missing"),
            Self::Missing { first, last } => write!(f, "records {first} to {last} are missing"),
            Self::Moved { seq, found } => {
                write!(f, "records were put into another order: in the place of record {seq} stands record {found}")
            }
            Self::Cut { first, stated, at_ms } => write!(
                f,
                "record {first} and all behind it are missing, while the checkpoint of {} covers {stated} records: the \
                 end was cut off, or an old copy put in its place",
                Utc(*at_ms)
            ),
            Self::Rewritten { first, stated, at_ms } => write!(
                f,
                "from record {first} on the log was written anew: the checkpoint of {} states another record {stated}",
                Utc(*at_ms)
            ),
            Self::Head { last, head: Some(head) } => write!(
                f,
                "record {} is the first bad one: the last record is {last}, while the head of the chain says {head} or \
                 another hash",
                last + 1
            ),
            Self::Head { last, head: None } => write!(f, "the chain has {last} records and no head"),
            Self::Anchor { first } => write!(
                f,
                "the records before {first} were removed, and no checkpoint confirms that the log was whole there"
            ),
            Self::Hidden { seq } => write!(f, "record {seq} is there, but pages and exports would not find it"),
            Self::Checkpoint { line, flaw } => write!(f, "line {line} of the checkpoints: {flaw}"),
        }
    }
}

struct Utc(i64);

impl fmt::Display for Utc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match domain::schedule::Zone::parse("UTC") {
            Ok(zone) => f.write_str(&zone.format(self.0)),
            Err(_) => write!(f, "{} ms", self.0),
        }
    }
}
