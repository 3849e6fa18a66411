//! What is measured of links. Nothing names whose messages they carry.

use domain::smpp_status::{self, Class};
use meter::Sheet;

use crate::{
    remote::sentinel::{LARGE_BATCHES, SLOW_CALLS},
    status::{LinkState, LinkStatus},
};

const STATES: [(LinkState, &str); 6] = [
    (LinkState::Connecting, "connecting"),
    (LinkState::Up, "up"),
    (LinkState::Stopped, "stopped"),
    (LinkState::Draining, "draining"),
    (LinkState::Disabled, "disabled"),
    (LinkState::ShutDown, "shut_down"),
];

/// Classes of what fails at a carrier, as the label `class` has them.
pub const REFUSALS: [(Class, &str); 5] = [
    (Class::Permanent, "permanent"),
    (Class::Temporary, "temporary"),
    (Class::Throttled, "throttled"),
    (Class::Session, "session"),
    (Class::Link, "link"),
];

/// The place of a refusal in [`REFUSALS`].
#[must_use]
pub fn refusal(command_status: u32) -> usize {
    let class = smpp_status::class(command_status);
    REFUSALS.iter().position(|(known, _)| *known == class).unwrap_or(0)
}

/// The links as their status says it.
pub fn links(sheet: &mut Sheet, links: &[LinkStatus]) {
    for link in links {
        one(sheet, link);
    }
}

fn one(sheet: &mut Sheet, link: &LinkStatus) {
    let labels = &[("link", link.id.as_str())];
    for (state, name) in STATES {
        let is_it = if link.state == state { 1.0 } else { 0.0 };
        sheet.gauge(
            "message_center_link_state",
            "1 for the state in which the link is, 0 for the others.",
            &[labels[0], ("state", name)],
            is_it,
        );
    }
    let gauges: [(&str, &str, f64); 7] = [
        ("message_center_link_sessions", "Sessions that are bound.", link.sessions_bound.into()),
        ("message_center_link_sessions_configured", "Sessions that should be bound.", link.sessions_configured.into()),
        ("message_center_link_window_used", "Parts written and not answered.", link.window_used.into()),
        ("message_center_link_window", "Parts that may be unanswered over all bound sessions.", link.window.into()),
        ("message_center_link_queued_messages", "Messages that wait in the link.", link.queued_messages as f64),
        (
            "message_center_link_retrying_parts",
            "Parts that wait for another attempt after a temporary refusal.",
            link.retrying_parts as f64,
        ),
        (
            "message_center_link_throttled",
            "1 while the carrier throttles and the link is slower for it.",
            f64::from(u8::from(link.is_throttled)),
        ),
    ];
    for (name, help, value) in gauges {
        sheet.gauge(name, help, labels, value);
    }
    if let Some(limit) = link.rate_limit_segments_per_s {
        let help = "Parts per second that the link is held to; absent where nothing holds it.";
        sheet.gauge("message_center_link_rate_limit_parts_per_second", help, labels, limit);
    }
    let counted = &link.counters;
    for (name, help, value) in [
        ("message_center_link_parts_submitted_total", "Parts written, repeated ones included.", counted.submitted),
        ("message_center_link_parts_accepted_total", "Parts that the carrier accepted.", counted.accepted),
        ("message_center_link_parts_refused_total", "Parts that the carrier refused for good.", counted.refused),
        ("message_center_link_parts_retried_total", "Parts refused for now and tried again.", counted.retried),
        ("message_center_link_parts_throttled_total", "Answers by which the carrier throttled.", counted.throttled),
        ("message_center_link_parts_uncertain_total", "Parts of which nobody knows their fate.", counted.uncertain),
        ("message_center_link_receipts_total", "Receipts that arrived.", counted.receipts),
        (
            "message_center_link_parts_delivered_total",
            "Receipts that say that a part was delivered, repeated ones included.",
            counted.delivered,
        ),
        ("message_center_link_inbound_messages_total", "Messages of subscribers that arrived.", counted.inbound),
        ("message_center_link_reconnects_total", "Sessions that had to be bound again.", counted.reconnects),
    ] {
        sheet.counter(name, help, labels, value);
    }
    for ((_, class), count) in REFUSALS.iter().zip(counted.refused_by_class) {
        let help = "Parts that the carrier refused for good, by class of its answer.";
        sheet.counter("message_center_link_refusals_total", help, &[labels[0], ("class", class)], count);
    }
    let times = &link.times;
    let help = "From writing a part to the carrier's answer.";
    sheet.times("message_center_link_response_seconds", help, labels, &times.response);
    let help = "From the arrival of a receipt to its acknowledgement, when it is durable.";
    sheet.times("message_center_link_receipt_commit_seconds", help, labels, &times.receipt);
}

/// How often `[core-slow]` and `[core-large]` were written into the log.
pub fn sentinels(sheet: &mut Sheet) {
    for (sentinel, count) in [("core-slow", &SLOW_CALLS), ("core-large", &LARGE_BATCHES)] {
        let help = "How often a line that alerts are built on was written into the log.";
        sheet.counter("message_center_sentinel_total", help, &[("sentinel", sentinel)], count.get());
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        ChannelId,
        status::{LinkCounters, LinkTimes},
    };

    #[test]
    fn a_link_is_in_one_state_and_shows_its_figures() {
        let status = LinkStatus {
            id: ChannelId::parse("carrier-a").unwrap(),
            name: "Carrier A".into(),
            members: Vec::new(),
            submits: true,
            is_simulator: false,
            state: LinkState::Up,
            since_ms: 0,
            sessions_bound: 2,
            sessions_configured: 3,
            last_error: Some("somebody's password".into()),
            last_error_at_ms: None,
            window_used: 5,
            window: 20,
            queued_messages: 7,
            retrying_parts: 0,
            counters: LinkCounters {
                submitted: 11,
                delivered: 9,
                refused_by_class: [2, 0, 0, 0, 1],
                ..LinkCounters::default()
            },
            rate_segments_per_s: 1.5,
            rate_limit_segments_per_s: None,
            is_throttled: true,
            times: LinkTimes::default(),
        };
        let mut sheet = Sheet::default();
        links(&mut sheet, &[status]);
        let text = sheet.to_text();
        let has = |line: &str| assert!(text.contains(line), "{line} is not in\n{text}");
        has("message_center_link_state{link=\"carrier-a\",state=\"up\"} 1\n");
        has("message_center_link_state{link=\"carrier-a\",state=\"stopped\"} 0\n");
        has("message_center_link_sessions{link=\"carrier-a\"} 2\n");
        has("message_center_link_throttled{link=\"carrier-a\"} 1\n");
        has("message_center_link_parts_submitted_total{link=\"carrier-a\"} 11\n");
        has("message_center_link_parts_delivered_total{link=\"carrier-a\"} 9\n");
        has("message_center_link_refusals_total{link=\"carrier-a\",class=\"permanent\"} 2\n");
        has("message_center_link_refusals_total{link=\"carrier-a\",class=\"link\"} 1\n");
        has("message_center_link_response_seconds_count{link=\"carrier-a\"} 0\n");
        assert!(!text.contains("rate_limit") && !text.contains("password"), "{text}");
    }
}
