//! What a running process counts: instruments of atomics, the sheet on which they are read, and what they showed lately.
//!
//! The sheet is written for Prometheus, and the monitoring page draws the same one. Instruments are statics of the crates
//! that count, as a process has one engine and one database; recording is an addition to an atomic, and reading costs
//! nobody who records anything.
//!
//! *Invariants*: no label names a workspace, a campaign, a person or a number; nothing here does I/O.

mod history;
mod instruments;
mod sheet;

pub use self::{
    history::{History, Sample},
    instruments::{Counter, Distribution, Histogram, Ladder, Lasting},
    sheet::{Family, Kind, Series, Sheet, Value},
};
