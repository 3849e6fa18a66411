//! From samples to charts.

use std::collections::VecDeque;

use engine::{LinkState, LinkStatus};
use meter::Sample;

use super::{Chart, Line, LinkFigures, MonitoringView, Span};
use crate::{
    api::{context::Services, links::LinkHealth},
    state::moment::Moment,
};

/// Points of a chart.
const POINTS: usize = 60;

/// How one line of a chart is made of the sample at its point and the one before.
#[derive(Debug, Clone, Copy)]
enum Drawn {
    /// What a gauge shows, divided by something.
    Gauge(&'static str, f64),
    /// How fast a counter grows, per second, times something.
    Rate(&'static str, f64),
    /// The time within which a share of what ended in between took place, in milliseconds.
    Quantile(&'static str, f64),
    /// How often something with times happened, per second.
    Frequency(&'static str),
}

struct Plan {
    key: &'static str,
    title: &'static str,
    unit: &'static str,
    lines: &'static [(&'static str, Drawn)],
}

const OF_LINKS: &[Plan] = &[
    Plan {
        key: "rate",
        title: "Parts",
        unit: "a second",
        lines: &[
            ("Accepted", Drawn::Rate("message_center_link_parts_accepted_total", 1.0)),
            ("Throttled", Drawn::Rate("message_center_link_parts_throttled_total", 1.0)),
            ("Refused", Drawn::Rate("message_center_link_parts_refused_total", 1.0)),
        ],
    },
    Plan {
        key: "answers",
        title: "Answers of the carrier",
        unit: "milliseconds",
        lines: &[
            ("Half of them within", Drawn::Quantile("message_center_link_response_seconds", 0.5)),
            ("95 % within", Drawn::Quantile("message_center_link_response_seconds", 0.95)),
        ],
    },
    Plan {
        key: "queue",
        title: "Under way",
        unit: "at the moment",
        lines: &[
            ("Messages queued", Drawn::Gauge("message_center_link_queued_messages", 1.0)),
            ("Parts unanswered", Drawn::Gauge("message_center_link_window_used", 1.0)),
        ],
    },
    Plan {
        key: "receipts",
        title: "Receipts",
        unit: "a second",
        lines: &[("Receipts", Drawn::Rate("message_center_link_receipts_total", 1.0))],
    },
];

const OF_INSTALLATION: &[Plan] = &[
    Plan {
        key: "recipients",
        title: "Recipients",
        unit: "at the moment",
        lines: &[
            ("Waiting", Drawn::Gauge("message_center_recipients_waiting", 1.0)),
            ("In flight", Drawn::Gauge("message_center_recipients_in_flight", 1.0)),
        ],
    },
    Plan {
        key: "commits",
        title: "Commits of the database",
        unit: "milliseconds",
        lines: &[
            ("Half of them within", Drawn::Quantile("message_center_database_commit_seconds", 0.5)),
            ("95 % within", Drawn::Quantile("message_center_database_commit_seconds", 0.95)),
        ],
    },
    Plan {
        key: "requests",
        title: "Requests",
        unit: "a second",
        lines: &[("Requests", Drawn::Frequency("message_center_http_request_seconds"))],
    },
    Plan {
        key: "answers",
        title: "Answers of the web server",
        unit: "milliseconds",
        lines: &[
            ("Half of them within", Drawn::Quantile("message_center_http_request_seconds", 0.5)),
            ("95 % within", Drawn::Quantile("message_center_http_request_seconds", 0.95)),
        ],
    },
    Plan {
        key: "ingest",
        title: "Lines of recipient files",
        unit: "a second",
        lines: &[("Lines", Drawn::Rate("message_center_ingest_lines_total", 1.0))],
    },
    Plan {
        key: "memory",
        title: "Memory",
        unit: "MiB",
        lines: &[("In use", Drawn::Gauge("process_resident_memory_bytes", 1_048_576.0))],
    },
    Plan {
        key: "processor",
        title: "Processor time",
        unit: "percent of one core",
        lines: &[("In use", Drawn::Rate("process_cpu_seconds_total", 100.0))],
    },
];

/// The sentinels in the order in which they are shown.
const SENTINELS: [&str; 6] = [
    "core-slow",
    "core-large",
    "audit-fallback",
    "audit-fallback-overflow",
    "audit-checkpoint",
    "audit-checkpoint-ahead",
];

#[must_use]
pub fn view(services: &Services, span: Span) -> MonitoringView {
    let links = services.engine.links();
    services.monitor.read(|samples| {
        let points = points(samples, span);
        let newest = samples.back();
        let sentinel = |name: &str| {
            let found = newest.and_then(|sample| {
                let labels = [("sentinel", name)];
                sample.number("message_center_sentinel_total", &labels)
            });
            // A count, and far below 2^53.
            (format!("[{name}]"), found.unwrap_or(0.0) as u64)
        };
        MonitoringView {
            at: newest.map(|sample| Moment::in_utc(sample.at_ms)),
            times: points.iter().map(|(_, at)| clock(at.at_ms)).collect(),
            links: links.iter().map(|link| of_link(link, newest, &points)).collect(),
            installation: OF_INSTALLATION.iter().map(|plan| chart(plan, &[], &points)).collect(),
            sentinels: SENTINELS.map(sentinel).to_vec(),
            grafana: services.grafana.is_some(),
        }
    })
}

/// Pairs of samples of which the second is a point of the charts, and the first the one before.
pub(super) fn points(samples: &VecDeque<Sample>, span: Span) -> Vec<(&Sample, &Sample)> {
    let every = match span {
        Span::Quarter => 1,
        Span::Hour => 4,
    };
    // From the newest backwards, so that it is always a point.
    let mut chosen: Vec<&Sample> = samples.iter().rev().step_by(every).take(POINTS + 1).collect();
    chosen.reverse();
    chosen.iter().copied().zip(chosen.iter().copied().skip(1)).collect()
}

fn chart(plan: &Plan, labels: &[(&str, &str)], points: &[(&Sample, &Sample)]) -> Chart {
    let line = |(label, drawn): &(&str, Drawn)| Line {
        label: (*label).to_owned(),
        values: points.iter().map(|(before, at)| drawn.value(before, at, labels).map(rounded)).collect(),
    };
    Chart {
        key: plan.key.to_owned(),
        title: plan.title.to_owned(),
        unit: plan.unit.to_owned(),
        lines: plan.lines.iter().map(line).collect(),
    }
}

impl Drawn {
    fn value(self, before: &Sample, at: &Sample, labels: &[(&str, &str)]) -> Option<f64> {
        let since = |name| Some(at.times(name, labels)?.since(&before.times(name, labels)?));
        match self {
            Self::Gauge(name, unit) => at.number(name, labels).map(|value| value / unit),
            Self::Rate(name, factor) => at.rate(before, name, labels).map(|value| value * factor),
            Self::Quantile(name, share) => since(name)?.quantile_s(share).map(|value| value * 1_000.0),
            Self::Frequency(name) => {
                let elapsed_s = (at.at_ms - before.at_ms) as f64 / 1_000.0;
                (elapsed_s > 0.0).then(|| since(name).map(|times| times.count() as f64 / elapsed_s))?
            }
        }
    }

    #[cfg(test)]
    const fn name(self) -> &'static str {
        match self {
            Self::Gauge(name, _) | Self::Rate(name, _) | Self::Quantile(name, _) | Self::Frequency(name) => name,
        }
    }
}

/// Three places behind the point are more than anybody sees.
pub(super) fn rounded(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}

fn of_link(link: &LinkStatus, newest: Option<&Sample>, points: &[(&Sample, &Sample)]) -> LinkFigures {
    let labels = [("link", link.id.as_str())];
    let (health, state) = match link.state {
        LinkState::Up => (LinkHealth::Up, "Up"),
        LinkState::Connecting => (LinkHealth::Connecting, "Not bound"),
        LinkState::Stopped => (LinkHealth::Stopped, "Stopped"),
        LinkState::Draining => (LinkHealth::Draining, "Being drained"),
        LinkState::Disabled => (LinkHealth::Disabled, "Disabled"),
        LinkState::ShutDown => (LinkHealth::Disabled, "Closed"),
    };
    LinkFigures {
        id: link.id.as_str().to_owned(),
        name: link.name.clone(),
        health,
        state: state.to_owned(),
        simulator: link.is_simulator,
        facts: facts(link, newest),
        charts: OF_LINKS.iter().map(|plan| chart(plan, &labels, points)).collect(),
    }
}

fn facts(link: &LinkStatus, newest: Option<&Sample>) -> Vec<(String, String)> {
    let counted = &link.counters;
    let limit = match link.rate_limit_segments_per_s {
        Some(limit) if link.is_throttled => format!("{limit:.0} a second while the carrier throttles"),
        Some(limit) => format!("{limit:.0} a second"),
        None => "none".to_owned(),
    };
    let labels = [("link", link.id.as_str())];
    let times = |name: &str, share| newest.and_then(|sample| sample.times(name, &labels)?.quantile_s(share));
    let within = |name: &str| match (times(name, 0.5), times(name, 0.95)) {
        (Some(half), Some(most)) => format!("half within {}, 95 % within {}", duration(half), duration(most)),
        _ => "none yet".to_owned(),
    };
    let number = |count: u64| crate::ui::number::grouped(count);
    [
        ("Sessions", format!("{} of {}", link.sessions_bound, link.sessions_configured)),
        ("Window", format!("{} of {} in use", link.window_used, link.window)),
        ("Limit", limit),
        ("Accepted since the start", number(counted.accepted)),
        ("Refused", number(counted.refused)),
        ("Uncertain", number(counted.uncertain)),
        ("Bound again", number(counted.reconnects)),
        ("Receipts made durable", within("message_center_link_receipt_commit_seconds")),
        ("Final receipt after acceptance", within("message_center_link_delivery_seconds")),
    ]
    .map(|(name, value)| (name.to_owned(), value))
    .to_vec()
}

/// `4 ms`, `2.5 s`, `12 min`.
fn duration(seconds: f64) -> String {
    match seconds {
        short if short < 1.0 => format!("{:.0} ms", (short * 1_000.0).max(1.0)),
        some if some < 120.0 => format!("{some:.1} s"),
        long if long < 7_200.0 => format!("{:.0} min", long / 60.0),
        longer => format!("{:.1} h", longer / 3_600.0),
    }
}

/// `14:05:15`, in UTC.
fn clock(at_ms: i64) -> String {
    let second = at_ms.div_euclid(1_000).rem_euclid(86_400);
    format!("{:02}:{:02}:{:02}", second / 3_600, second / 60 % 60, second % 60)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use meter::{Histogram, Ladder, Sheet};

    use super::{super::history, *};

    fn samples(count: u64) -> VecDeque<Sample> {
        let answers = Histogram::new(Ladder::Quick);
        (0..count)
            .map(|place| {
                answers.record_all(Duration::from_millis(4), 10);
                let mut sheet = Sheet::default();
                let labels = [("link", "a")];
                let accepted = place * 300;
                sheet.counter("message_center_link_parts_accepted_total", "", &labels, accepted);
                sheet.gauge("message_center_link_queued_messages", "", &labels, place as f64);
                sheet.times("message_center_link_response_seconds", "", &labels, &answers.read());
                Sample { at_ms: i64::try_from(place).unwrap() * 15_000, sheet }
            })
            .collect()
    }

    #[test]
    fn what_is_drawn_is_kept() {
        for plan in OF_LINKS.iter().chain(OF_INSTALLATION) {
            for (label, drawn) in plan.lines {
                assert!(history::is_kept(drawn.name()), "{} of {}", label, plan.title);
            }
        }
    }

    #[test]
    fn rates_gauges_and_quantiles_are_drawn_point_by_point() {
        let samples = samples(5);
        let points = points(&samples, Span::Quarter);
        let of = |key: &str| {
            let plan = OF_LINKS.iter().find(|plan| plan.key == key).unwrap();
            chart(plan, &[("link", "a")], &points)
        };
        assert_eq!(of("rate").lines[0].values, [Some(20.0); 4]);
        assert_eq!(of("rate").lines[1].values, [None; 4], "nothing is known of what was throttled");
        assert_eq!(of("queue").lines[0].values, [Some(1.0), Some(2.0), Some(3.0), Some(4.0)]);
        assert_eq!(of("answers").lines[0].values, [Some(3.75); 4]);
    }

    #[test]
    fn an_hour_is_drawn_from_every_fourth_sample_and_ends_with_the_newest() {
        let samples = samples(241);
        let quarter = points(&samples, Span::Quarter);
        let hour = points(&samples, Span::Hour);
        for points in [&quarter, &hour] {
            assert_eq!((points.len(), points.last().unwrap().1.at_ms), (60, 3_600_000));
        }
        assert_eq!(quarter[0].1.at_ms, 3_600_000 - 59 * 15_000);
        assert_eq!(hour[0].0.at_ms, 0);
        assert!(points(&VecDeque::new(), Span::Hour).is_empty());
    }

    #[test]
    fn times_are_said_as_exactly_as_they_are_useful() {
        for (seconds, text) in
            [(0.0001, "1 ms"), (0.25, "250 ms"), (2.5, "2.5 s"), (600.0, "10 min"), (9_000.0, "2.5 h")]
        {
            assert_eq!(duration(seconds), text);
        }
        assert_eq!(clock(1_795_953_615_000), "12:00:15");
    }
}
