//! What all instruments show at a moment, and how Prometheus reads it (text exposition format 0.0.4).

use std::fmt::Write;

use crate::Distribution;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Counter,
    Gauge,
    Histogram,
}

impl Kind {
    const fn name(self) -> &'static str {
        match self {
            Self::Counter => "counter",
            Self::Gauge => "gauge",
            Self::Histogram => "histogram",
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Value {
    Number(f64),
    Times(Distribution),
}

/// One line of a family: its labels and what it shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Series {
    pub labels: Vec<(&'static str, String)>,
    pub value: Value,
}

/// All that has one name.
#[derive(Debug, Clone, PartialEq)]
pub struct Family {
    pub name: &'static str,
    pub help: &'static str,
    pub kind: Kind,
    pub series: Vec<Series>,
}

/// The families of a moment, in the order in which they were begun.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Sheet(Vec<Family>);

impl Sheet {
    #[must_use]
    pub fn families(&self) -> &[Family] {
        &self.0
    }

    /// The families of these names.
    #[must_use]
    pub fn only(&self, names: &[&str]) -> Self {
        Self(self.0.iter().filter(|family| names.contains(&family.name)).cloned().collect())
    }

    fn put(
        &mut self,
        kind: Kind,
        name: &'static str,
        help: &'static str,
        labels: &[(&'static str, &str)],
        value: Value,
    ) {
        let labels = labels.iter().map(|(label, text)| (*label, (*text).to_owned())).collect();
        let series = Series { labels, value };
        match self.0.iter_mut().find(|family| family.name == name) {
            Some(family) => family.series.push(series),
            None => self.0.push(Family { name, help, kind, series: vec![series] }),
        }
    }

    /// A name that ends in `_total`.
    pub fn counter(&mut self, name: &'static str, help: &'static str, labels: &[(&'static str, &str)], value: u64) {
        self.put(Kind::Counter, name, help, labels, Value::Number(value as f64));
    }

    /// A counter of something that is no whole number, such as seconds.
    pub fn counter_of(&mut self, name: &'static str, help: &'static str, labels: &[(&'static str, &str)], value: f64) {
        self.put(Kind::Counter, name, help, labels, Value::Number(value));
    }

    pub fn gauge(&mut self, name: &'static str, help: &'static str, labels: &[(&'static str, &str)], value: f64) {
        self.put(Kind::Gauge, name, help, labels, Value::Number(value));
    }

    /// A name that ends in `_seconds`.
    pub fn times(
        &mut self,
        name: &'static str,
        help: &'static str,
        labels: &[(&'static str, &str)],
        value: &Distribution,
    ) {
        self.put(Kind::Histogram, name, help, labels, Value::Times(*value));
    }

    /// As Prometheus reads it.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for family in &self.0 {
            let Family { name, help, kind, series } = family;
            // Writing to a string does not fail.
            let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} {}", kind.name());
            for one in series {
                match &one.value {
                    Value::Number(number) => line(&mut text, name, &one.labels, None, *number),
                    Value::Times(times) => times_lines(&mut text, name, &one.labels, times),
                }
            }
        }
        text
    }
}

fn times_lines(text: &mut String, name: &str, labels: &[(&'static str, String)], times: &Distribution) {
    let mut below = 0;
    for (count, end_us) in times.counts.iter().zip(times.ladder.ends_us()) {
        below += count;
        let end = (end_us as f64 / 1e6).to_string();
        line(text, &format!("{name}_bucket"), labels, Some(&end), below as f64);
    }
    line(text, &format!("{name}_bucket"), labels, Some("+Inf"), times.count() as f64);
    line(text, &format!("{name}_sum"), labels, None, times.sum_s());
    line(text, &format!("{name}_count"), labels, None, times.count() as f64);
}

fn line(text: &mut String, name: &str, labels: &[(&'static str, String)], le: Option<&str>, value: f64) {
    text.push_str(name);
    let all = labels.iter().map(|(label, value)| (*label, value.as_str())).chain(le.map(|le| ("le", le)));
    let mut opened = false;
    for (label, value) in all {
        text.push(if opened { ',' } else { '{' });
        opened = true;
        let _ = write!(text, "{label}=\"");
        for character in value.chars() {
            match character {
                '\\' => text.push_str("\\\\"),
                '"' => text.push_str("\\\""),
                '\n' => text.push_str("\\n"),
                other => text.push(other),
            }
        }
        text.push('"');
    }
    if opened {
        text.push('}');
    }
    let _ = writeln!(text, " {value}");
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;
    use crate::{Histogram, Ladder};

    #[test]
    fn it_is_written_as_prometheus_reads_it() {
        let mut sheet = Sheet::default();
        sheet.counter("parts_total", "Parts.", &[("link", "a\"b\\c\nd")], 7);
        sheet.gauge("up", "Whether it is up.", &[], 1.0);
        sheet.counter("parts_total", "Parts.", &[("link", "b")], 1_u64 << 53);
        let text = sheet.to_text();
        assert_eq!(
            text,
            "# HELP parts_total Parts.\n# TYPE parts_total counter\n\
             parts_total{link=\"a\\\"b\\\\c\\nd\"} 7\nparts_total{link=\"b\"} 9007199254740992\n\
             # HELP up Whether it is up.\n# TYPE up gauge\nup 1\n"
        );
    }

    #[test]
    fn the_steps_of_a_histogram_add_up() {
        let histogram = Histogram::new(Ladder::Quick);
        histogram.record_all(Duration::from_micros(1_500), 3);
        histogram.record(Duration::from_secs(60));
        let mut sheet = Sheet::default();
        sheet.times("answer_seconds", "Answers.", &[("link", "a")], &histogram.read());
        let text = sheet.to_text();
        for expected in [
            "answer_seconds_bucket{link=\"a\",le=\"0.001\"} 0\n",
            "answer_seconds_bucket{link=\"a\",le=\"0.0025\"} 3\n",
            "answer_seconds_bucket{link=\"a\",le=\"30\"} 3\n",
            "answer_seconds_bucket{link=\"a\",le=\"+Inf\"} 4\n",
            "answer_seconds_sum{link=\"a\"} 60.0045\n",
            "answer_seconds_count{link=\"a\"} 4\n",
        ] {
            assert!(text.contains(expected), "{expected} is not in\n{text}");
        }
    }
}
