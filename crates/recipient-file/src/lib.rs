//! Lists of phone numbers as people have them: text with a number a line, or CSV in the dialects of spreadsheets.
//!
//! [`sniff`] looks at the beginning of a file and says what it seems to be. A [`Layout`] is that, corrected by what a person
//! chose. [`Chunks`] cuts the text into pieces that end where a record ends, in memory that does not grow with the file, and
//! a [`Parser`] makes recipients and rejects of a piece.
//!
//! *Invariants*: reading twice comes to the same, whatever the pieces; every line that is not blank and not the header is a
//! recipient or is rejected with its number and the reason.

mod chunks;
mod decode;
mod error;
mod layout;
mod parse;
mod records;
mod sniff;
mod text;

pub use self::{
    chunks::{Chunk, Chunks, Content, Problem, RECORD_OCTETS_MAX},
    decode::{Encoding, transcode},
    error::{FileError, FileKind},
    layout::{Choices, Layout},
    parse::{Parsed, Parser, Pass, Record, RecordKind, Rejected},
    records::{Dialect, Extent, Field, LineEnd, Separator, split},
    sniff::{FileShape, HEAD_OCTETS, sniff},
    text::BoundText,
};
