//! What became of the recipients of the active campaigns, as a ring.

use domain::campaign::Progress;
use leptos::prelude::*;

use crate::{api::overview::LiveOverview, ui::prelude::*};

/// A circle of this radius is 1,000 long, so that a share in thousandths is a length.
const RADIUS: &str = "159.155";

/// Label, what it counts, and the classes of the colour in the ring and in the legend.
const PARTS: [(&str, &str, &str, &str); 4] = [
    ("Delivered", "reported as delivered", "stroke-success", "fill-success"),
    ("In flight", "being sent, or without a receipt yet", "stroke-info", "fill-info"),
    ("Errors", "failed, uncertain, not sent, or no receipt in time", "stroke-error", "fill-error"),
    ("Waiting", "their turn is still to come", "stroke-base-300", "fill-base-300"),
];

/// In the order of [`PARTS`]; the sum is the number of recipients.
const fn counts(progress: &Progress) -> [u64; 4] {
    let errors = progress.failed + progress.uncertain + progress.no_receipt + progress.not_sent;
    [progress.delivered, progress.in_flight(), errors, progress.waiting]
}

#[component]
pub fn Ring(live: RwSignal<LiveOverview>) -> impl IntoView {
    let counts = Memo::new(move |_| live.with(|live| counts(&live.progress)));
    let total = Memo::new(move |_| counts.get().iter().sum::<u64>());
    let arcs = Memo::new(move |_| arcs(counts.get()));
    let said = move || {
        let parts: Vec<String> =
            PARTS.iter().zip(counts.get()).map(|((label, ..), count)| format!("{label} {}", grouped(count))).collect();
        format!("{} of {}", parts.join(", "), counted(total.get(), "recipient", "recipients"))
    };
    let delivered = move || match total.get() {
        0 => "–".to_owned(),
        total => format!("{} %", u128::from(counts.get()[0]) * 100 / u128::from(total)),
    };
    let strokes = PARTS
        .into_iter()
        .enumerate()
        .map(|(index, (_, _, stroke, _))| {
            view! {
                <circle
                    class=stroke
                    cx="200"
                    cy="200"
                    r=RADIUS
                    fill="none"
                    stroke-width="48"
                    stroke-dasharray=move || format!("{} 1000", arcs.get()[index].1)
                    stroke-dashoffset=move || format!("-{}", arcs.get()[index].0)
                    transform="rotate(-90 200 200)"
                ></circle>
            }
        })
        .collect_view();
    let legend = PARTS
        .into_iter()
        .enumerate()
        .map(|(index, (label, explanation, _, fill))| {
            view! {
                <div>
                    <dt class="flex items-center gap-2 text-sm text-muted" title=explanation>
                        <svg class="size-2.5 shrink-0" viewBox="0 0 10 10" aria-hidden="true">
                            <rect class=fill width="10" height="10" rx="2"></rect>
                        </svg>
                        {label}
                    </dt>
                    <dd class="font-semibold tabular-nums">{move || grouped(counts.get()[index])}</dd>
                </div>
            }
        })
        .collect_view();
    view! {
        <Panel title="Recipients of active campaigns">
            <div class="flex flex-wrap items-center gap-6">
                <svg class="size-36 shrink-0" viewBox="0 0 400 400" role="img" aria-label=said>
                    <circle class="stroke-base-200" cx="200" cy="200" r=RADIUS fill="none" stroke-width="48"></circle>
                    {strokes}
                    <text
                        class="fill-base-content font-semibold"
                        x="200"
                        y="200"
                        font-size="64"
                        text-anchor="middle"
                        dominant-baseline="central"
                    >
                        {delivered}
                    </text>
                    <text class="fill-muted" x="200" y="254" font-size="30" text-anchor="middle">"delivered"</text>
                </svg>
                <dl class="grid min-w-40 flex-1 grid-cols-2 gap-x-6 gap-y-3">{legend}</dl>
            </div>
        </Panel>
    }
}

/// Where each part begins and how long it is, in thousandths of the ring.
fn arcs(counts: [u64; 4]) -> [(u64, u64); 4] {
    let total: u64 = counts.iter().sum();
    let thousandth = |part: u64| u64::try_from(u128::from(part) * 1_000 / u128::from(total.max(1))).unwrap_or(1_000);
    let mut before = 0;
    counts.map(|count| {
        let start = thousandth(before);
        before += count;
        (start, thousandth(before) - start)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_close_the_ring_without_a_gap() {
        for counts in [[1, 1, 1, 0], [3, 0, 0, 0], [7, 11, 13, 17], [u64::from(u32::MAX), 1, 1, 1]] {
            let arcs = arcs(counts);
            let mut end = 0;
            for (start, length) in arcs {
                assert_eq!(start, end);
                end = start + length;
            }
            assert_eq!(end, 1_000, "{counts:?}");
        }
        assert_eq!(arcs([0; 4]), [(0, 0); 4]);
    }

    #[test]
    fn every_recipient_is_in_one_part() {
        let progress = Progress {
            waiting: 1,
            claimed: 2,
            submitted: 4,
            delivered: 8,
            failed: 16,
            uncertain: 32,
            no_receipt: 64,
            not_sent: 128,
        };
        assert_eq!(counts(&progress).iter().sum::<u64>(), progress.total());
    }
}
