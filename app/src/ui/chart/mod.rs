//! Charts: SVG that the server draws, each with its figures in a table and as a file. No chart says anything by colour
//! alone.

mod columns;
mod data;
mod lines;
mod ring;
mod steps;

pub use self::{
    columns::{Column, ColumnChart, Series},
    data::ChartData,
    lines::{ChartLine, LineChart, short},
    ring::{RingChart, RingPart},
    steps::{BarStep, StepBars},
};

/// A part in thousandths of the whole, rounded down.
#[must_use]
pub fn thousandths(part: u64, whole: u64) -> u64 {
    u64::try_from(u128::from(part) * 1_000 / u128::from(whole.max(1))).unwrap_or(1_000)
}

#[cfg(test)]
mod tests {
    use super::thousandths;

    #[test]
    fn a_part_never_exceeds_its_whole() {
        for (part, whole, expected) in
            [(0, 0, 0), (1, 3, 333), (3, 3, 1_000), (u64::MAX - 1, u64::MAX, 999), (u64::MAX, u64::MAX, 1_000)]
        {
            assert_eq!(thousandths(part, whole), expected, "{part} of {whole}");
        }
    }
}
