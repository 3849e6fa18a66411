//! What the sheet showed lately: for the product's own charts, which need no Prometheus.

use std::{
    collections::VecDeque,
    sync::{Mutex, MutexGuard, PoisonError},
};

use crate::{Distribution, Series, Sheet, Value};

/// The sheet of a moment.
#[derive(Debug, Clone)]
pub struct Sample {
    pub at_ms: i64,
    pub sheet: Sheet,
}

/// The last samples, oldest first: a bounded number of them, and of each the families that somebody draws.
#[derive(Debug)]
pub struct History {
    kept: usize,
    names: &'static [&'static str],
    samples: Mutex<VecDeque<Sample>>,
}

impl History {
    #[must_use]
    pub const fn new(kept: usize, names: &'static [&'static str]) -> Self {
        Self { kept, names, samples: Mutex::new(VecDeque::new()) }
    }

    fn samples(&self) -> MutexGuard<'_, VecDeque<Sample>> {
        self.samples.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn record(&self, at_ms: i64, sheet: &Sheet) {
        let sample = Sample { at_ms, sheet: sheet.only(self.names) };
        let mut samples = self.samples();
        if samples.len() >= self.kept {
            samples.pop_front();
        }
        samples.push_back(sample);
    }

    /// Looks at all samples, oldest first.
    pub fn read<T>(&self, look: impl FnOnce(&VecDeque<Sample>) -> T) -> T {
        look(&self.samples())
    }
}

impl Sample {
    /// The series of a family that have these labels, perhaps among others.
    fn matching<'a>(&'a self, name: &'a str, labels: &'a [(&'a str, &'a str)]) -> impl Iterator<Item = &'a Series> {
        let family = self.sheet.families().iter().find(|family| family.name == name);
        let has = |series: &Series, wanted: &(&str, &str)| {
            series.labels.iter().any(|(label, value)| *label == wanted.0 && value == wanted.1)
        };
        family
            .into_iter()
            .flat_map(|family| &family.series)
            .filter(move |series| labels.iter().all(|wanted| has(series, wanted)))
    }

    /// The sum of the numbers of a family that have these labels; None: there is none.
    #[must_use]
    pub fn number(&self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let mut numbers = self.matching(name, labels).filter_map(|series| match series.value {
            Value::Number(number) => Some(number),
            Value::Times(_) => None,
        });
        let first = numbers.next()?;
        Some(numbers.fold(first, |sum, number| sum + number))
    }

    /// The times of a family that have these labels, together; None: there are none.
    #[must_use]
    pub fn times(&self, name: &str, labels: &[(&str, &str)]) -> Option<Distribution> {
        let mut all = self.matching(name, labels).filter_map(|series| match series.value {
            Value::Times(times) => Some(times),
            Value::Number(_) => None,
        });
        let first = all.next()?;
        Some(all.fold(first, |sum, times| sum.plus(&times)))
    }

    /// By how much a counter has grown since an earlier sample, per second. What has begun anew counts from 0.
    #[must_use]
    pub fn rate(&self, earlier: &Self, name: &str, labels: &[(&str, &str)]) -> Option<f64> {
        let elapsed_s = (self.at_ms - earlier.at_ms) as f64 / 1_000.0;
        if elapsed_s <= 0.0 {
            return None;
        }
        let now = self.number(name, labels)?;
        let then = earlier.number(name, labels).unwrap_or(0.0);
        Some(if now < then { now } else { now - then } / elapsed_s)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(at_ms: i64, count: u64) -> Sample {
        let mut sheet = Sheet::default();
        sheet.counter("parts_total", "Parts.", &[("link", "a"), ("class", "x")], count);
        sheet.counter("parts_total", "Parts.", &[("link", "a"), ("class", "y")], 1);
        sheet.counter("parts_total", "Parts.", &[("link", "b"), ("class", "x")], 100);
        Sample { at_ms, sheet }
    }

    #[test]
    fn the_oldest_makes_room() {
        let history = History::new(2, &["parts_total"]);
        for at_ms in [1, 2, 3] {
            let mut sheet = sample(at_ms, 5).sheet;
            sheet.gauge("up", "Whether it is up.", &[], 1.0);
            history.record(at_ms, &sheet);
        }
        assert_eq!(history.read(|samples| samples.iter().map(|sample| sample.at_ms).collect::<Vec<_>>()), [2, 3]);
        let of_last = |name: &str| history.read(|samples| samples.back().and_then(|last| last.number(name, &[])));
        assert_eq!((of_last("parts_total"), of_last("up")), (Some(106.0), None), "only what is drawn is kept");
    }

    #[test]
    fn labels_choose_and_what_is_left_open_adds_up() {
        let now = sample(0, 5);
        assert_eq!(now.number("parts_total", &[("link", "a")]), Some(6.0));
        assert_eq!(now.number("parts_total", &[]), Some(106.0));
        assert_eq!(now.number("parts_total", &[("link", "c")]), None);
        assert_eq!(now.number("other", &[]), None);
    }

    #[test]
    fn a_rate_is_per_second_and_never_negative() {
        let labels = [("link", "a"), ("class", "x")];
        let (earlier, later) = (sample(0, 10), sample(2_000, 30));
        assert_eq!(later.rate(&earlier, "parts_total", &labels), Some(10.0));
        assert_eq!(sample(2_000, 4).rate(&earlier, "parts_total", &labels), Some(2.0), "it began anew");
        assert_eq!(sample(0, 4).rate(&earlier, "parts_total", &labels), None);
    }
}
