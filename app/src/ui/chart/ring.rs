//! Shares of a whole, as a ring with its legend.

use leptos::prelude::*;

use super::thousandths;
use crate::ui::number::grouped;

/// A circle of this radius is 1,000 long, so that a share in thousandths is a length.
const RADIUS: &str = "159.155";

/// A part of the ring.
#[derive(Debug, Clone, Copy)]
pub struct RingPart {
    pub label: &'static str,
    /// What it counts.
    pub explanation: &'static str,
    /// The classes of its colour, in the ring and in the legend.
    pub stroke: &'static str,
    pub fill: &'static str,
}

/// `counts` are in the order of `parts`. In the middle stands the share of the first.
#[component]
pub fn RingChart<const N: usize>(
    parts: &'static [RingPart; N],
    #[prop(into)] counts: Signal<[u64; N]>,
    /// What the whole is, such as `3 recipients`.
    #[prop(into)]
    whole: Signal<String>,
    /// What the share in the middle is of.
    middle: &'static str,
) -> impl IntoView {
    let arcs = Memo::new(move |_| arcs(counts.get()).to_vec());
    let said = move || {
        let said: Vec<String> =
            parts.iter().zip(counts.get()).map(|(part, count)| format!("{} {}", part.label, grouped(count))).collect();
        format!("{} of {}", said.join(", "), whole.get())
    };
    let share = move || {
        let counts = counts.get();
        match counts.iter().sum::<u64>() {
            0 => "–".to_owned(),
            total => format!("{} %", u128::from(counts[0]) * 100 / u128::from(total)),
        }
    };
    let strokes = parts
        .iter()
        .enumerate()
        .map(|(index, part)| {
            view! {
                <circle
                    class=part.stroke
                    cx="200"
                    cy="200"
                    r=RADIUS
                    fill="none"
                    stroke-width="48"
                    stroke-dasharray=move || arcs.with(|arcs| format!("{} 1000", arcs[index].1))
                    stroke-dashoffset=move || arcs.with(|arcs| format!("-{}", arcs[index].0))
                    transform="rotate(-90 200 200)"
                ></circle>
            }
        })
        .collect_view();
    let legend = parts
        .iter()
        .enumerate()
        .map(|(index, part)| {
            view! {
                <div>
                    <dt class="flex items-center gap-2 text-sm text-muted" title=part.explanation>
                        <svg class="size-2.5 shrink-0" viewBox="0 0 10 10" aria-hidden="true">
                            <rect class=part.fill width="10" height="10" rx="2"></rect>
                        </svg>
                        {part.label}
                    </dt>
                    <dd class="font-semibold tabular-nums">{move || grouped(counts.get()[index])}</dd>
                </div>
            }
        })
        .collect_view();
    view! {
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
                    {share}
                </text>
                <text class="fill-muted" x="200" y="254" font-size="30" text-anchor="middle">
                    {middle}
                </text>
            </svg>
            <dl class="grid min-w-40 flex-1 grid-cols-2 gap-x-6 gap-y-3">{legend}</dl>
        </div>
    }
    .into_any()
}

/// Where each part begins and how long it is, in thousandths of the ring.
fn arcs<const N: usize>(counts: [u64; N]) -> [(u64, u64); N] {
    let total: u64 = counts.iter().sum();
    let mut before = 0;
    counts.map(|count| {
        let start = thousandths(before, total);
        before += count;
        (start, thousandths(before, total) - start)
    })
}

#[cfg(test)]
mod tests {
    use super::arcs;

    #[test]
    fn the_parts_close_the_ring_without_a_gap() {
        for counts in [[1, 1, 1, 0], [3, 0, 0, 0], [7, 11, 13, 17], [u64::from(u32::MAX), 1, 1, 1]] {
            let mut end = 0;
            for (start, length) in arcs(counts) {
                assert_eq!(start, end);
                end = start + length;
            }
            assert_eq!(end, 1_000, "{counts:?}");
        }
        assert_eq!(arcs([0; 4]), [(0, 0); 4]);
    }
}
