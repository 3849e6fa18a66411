//! Columns over time: what went well stands on the line, what failed hangs below it, by one scale.

use leptos::prelude::*;

use super::thousandths;
use crate::ui::number::grouped;

/// One column, such as an hour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    /// Below the chart, such as `17:00`.
    pub label: String,
    pub above: u64,
    pub below: u64,
}

/// What stands above the line, or hangs below it.
#[derive(Debug, Clone, Copy)]
pub struct Series {
    pub label: &'static str,
    pub fill: &'static str,
}

/// Width of a column in the drawing, the gap included, and the height of the whole.
const WIDTH: u64 = 100;
const GAP: u64 = 24;
const HEIGHT: u64 = 1_000;
/// What happened at all is seen.
const LEAST: u64 = 12;
/// Labels below the chart.
const LABELS: usize = 5;

#[component]
pub fn ColumnChart(
    /// What the chart says, in a sentence.
    #[prop(into)]
    said: Signal<String>,
    above: Series,
    below: Series,
    #[prop(into)] columns: Signal<Vec<Column>>,
) -> impl IntoView {
    let drawn = Memo::new(move |_| columns.with(|columns| drawn(columns)));
    let most = move || columns.with(|columns| columns.iter().map(|column| column.above).max().unwrap_or_default());
    let labels = move || columns.with(|columns| labels(columns));
    view! {
        <figure>
            <figcaption class="mb-3 flex flex-wrap gap-x-5 gap-y-1 text-sm text-muted">
                {[above, below]
                    .map(|series| {
                        view! {
                            <span class="flex items-center gap-2">
                                <svg class="size-2.5 shrink-0" viewBox="0 0 10 10" aria-hidden="true">
                                    <rect class=series.fill width="10" height="10" rx="2"></rect>
                                </svg>
                                {series.label}
                            </span>
                        }
                    })
                    .collect_view()}
                <span class="ml-auto tabular-nums">{move || format!("most in an hour: {}", grouped(most()))}</span>
            </figcaption>
            <svg
                class="h-40 w-full"
                viewBox=move || format!("0 0 {} {HEIGHT}", WIDTH * columns.with(Vec::len).max(1) as u64)
                preserveAspectRatio="none"
                role="img"
                aria-label=move || said.get()
            >
                {move || {
                    let Drawn { line, bars } = drawn.get();
                    let bars = bars
                        .into_iter()
                        .map(|bar| {
                            let fill = if bar.above { above.fill } else { below.fill };
                            view! {
                                <rect
                                    class=fill
                                    x=bar.x.to_string()
                                    y=bar.y.to_string()
                                    width=(WIDTH - GAP).to_string()
                                    height=bar.height.to_string()
                                ></rect>
                            }
                        })
                        .collect_view();
                    view! {
                        {bars}
                        <rect
                            class="fill-base-300"
                            x="0"
                            y=line.to_string()
                            width=(WIDTH * columns.with(Vec::len) as u64).to_string()
                            height="6"
                        ></rect>
                    }
                }}
            </svg>
            <div class="mt-1 flex justify-between text-xs text-muted tabular-nums" aria-hidden="true">
                {move || labels().into_iter().map(|label| view! { <span>{label}</span> }).collect_view()}
            </div>
        </figure>
    }
    .into_any()
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Drawn {
    /// Where the line is, from the top.
    line: u64,
    bars: Vec<Bar>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Bar {
    above: bool,
    x: u64,
    y: u64,
    height: u64,
}

fn drawn(columns: &[Column]) -> Drawn {
    let most = |of: fn(&Column) -> u64| columns.iter().map(of).max().unwrap_or_default();
    let (most_above, most_below) = (most(|column| column.above), most(|column| column.below));
    let whole = most_above.saturating_add(most_below);
    let room = HEIGHT - 2 * LEAST;
    let height = |count: u64| if count == 0 { 0 } else { (thousandths(count, whole) * room / 1_000).max(LEAST) };
    let line = if whole == 0 { HEIGHT - LEAST } else { height(most_above) + LEAST / 2 };
    let mut bars = Vec::new();
    for (x, column) in (GAP / 2..).step_by(WIDTH as usize).zip(columns) {
        let (up, down) = (height(column.above), height(column.below));
        if up > 0 {
            bars.push(Bar { above: true, x, y: line - up.min(line), height: up.min(line) });
        }
        if down > 0 {
            bars.push(Bar { above: false, x, y: line + 6, height: down });
        }
    }
    Drawn { line, bars }
}

/// The first, the last, and some between, evenly.
fn labels(columns: &[Column]) -> Vec<String> {
    let last = columns.len().saturating_sub(1);
    let mut places: Vec<usize> = (0..LABELS).map(|place| place * last / (LABELS - 1)).collect();
    places.dedup();
    places.into_iter().filter_map(|place| columns.get(place)).map(|column| column.label.clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn columns(counts: &[(u64, u64)]) -> Vec<Column> {
        counts.iter().map(|&(above, below)| Column { label: String::new(), above, below }).collect()
    }

    #[test]
    fn both_sides_share_a_scale_and_stay_in_the_drawing() {
        for counts in [vec![(100, 50), (50, 100)], vec![(1, 0); 24], vec![(0, 7)], vec![(u64::MAX, 1)]] {
            let drawn = drawn(&columns(&counts));
            for bar in &drawn.bars {
                assert!(bar.height >= LEAST && bar.y + bar.height <= HEIGHT, "{counts:?} {bar:?}");
            }
        }
        let drawn = drawn(&columns(&[(100, 100)]));
        assert_eq!(drawn.bars[0].height, drawn.bars[1].height);
    }

    #[test]
    fn nothing_is_an_empty_chart() {
        assert_eq!(drawn(&columns(&[(0, 0); 24])).bars, []);
        assert_eq!(drawn(&[]).bars, []);
    }

    #[test]
    fn the_ends_are_labelled() {
        let hours: Vec<Column> =
            (0..24).map(|hour| Column { label: format!("{hour}:00"), above: 0, below: 0 }).collect();
        assert_eq!(labels(&hours), ["0:00", "5:00", "11:00", "17:00", "23:00"]);
        assert!(labels(&[]).is_empty());
    }
}
