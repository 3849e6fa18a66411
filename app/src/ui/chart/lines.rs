//! Lines over time, by one scale that begins at 0. Each line has a pattern of its own, so that they are told apart without
//! colours.

use std::fmt::Write;

use leptos::prelude::*;

/// A line; `values` are at even distances, and None is a gap.
#[derive(Debug, Clone, PartialEq)]
pub struct ChartLine {
    pub label: String,
    pub values: Vec<Option<f64>>,
}

/// The size of the drawing, which is stretched to the room that there is.
const WIDTH: f64 = 1_000.0;
const HEIGHT: f64 = 300.0;
/// What is left free above and below, so that a line at the edge is whole.
const MARGIN: f64 = 6.0;
/// Colour and dashes of each line, in their order.
const STYLES: [(&str, &str); 3] = [("stroke-primary", "none"), ("stroke-warning", "10 5"), ("stroke-error", "3 4")];

#[component]
pub fn LineChart(
    /// What the chart is of, such as `Parts of Carrier A`.
    #[prop(into)]
    title: String,
    /// Such as `a second`.
    #[prop(into)]
    unit: String,
    #[prop(into)] lines: Signal<Vec<ChartLine>>,
    /// Of the first and the last point.
    #[prop(into)]
    ends: Signal<Option<(String, String)>>,
    /// Of these times.
    zone: String,
) -> impl IntoView {
    let top = Memo::new(move |_| lines.with(|lines| top(lines)));
    let said = {
        let (title, unit) = (title.clone(), unit.clone());
        move || lines.with(|lines| said(&title, &unit, lines))
    };
    let legend = move || {
        lines.with(|lines| {
            lines
                .iter()
                .zip(STYLES)
                .map(|(line, (stroke, dashes))| {
                    let last = line.values.last().copied().flatten();
                    view! {
                        <span class="flex items-center gap-2">
                            <svg class="h-2.5 w-6 shrink-0" viewBox="0 0 24 10" aria-hidden="true">
                                <line class=stroke x1="0" y1="5" x2="24" y2="5" stroke-width="2.5" stroke-dasharray=dashes></line>
                            </svg>
                            {line.label.clone()}
                            <span class="font-semibold tabular-nums">{last.map_or_else(|| "–".to_owned(), short)}</span>
                        </span>
                    }
                })
                .collect_view()
        })
    };
    let drawn = move || {
        lines.with(|lines| {
            lines
                .iter()
                .zip(STYLES)
                .map(|(line, (stroke, dashes))| {
                    view! {
                        <path
                            class=stroke
                            d=path(&line.values, top.get())
                            fill="none"
                            stroke-width="2"
                            stroke-linejoin="round"
                            stroke-linecap="round"
                            stroke-dasharray=dashes
                            vector-effect="non-scaling-stroke"
                        ></path>
                    }
                })
                .collect_view()
        })
    };
    view! {
        <figure>
            <figcaption class="mb-2 flex flex-wrap gap-x-5 gap-y-1 text-sm text-muted">{legend}</figcaption>
            <div class="flex justify-between text-xs text-muted tabular-nums" aria-hidden="true">
                <span>{move || short(top.get())} " " {unit}</span>
            </div>
            <svg class="h-28 w-full" viewBox="0 0 1000 300" preserveAspectRatio="none" role="img" aria-label=said>
                <path class="stroke-base-300" d="M0 6H1000M0 150H1000M0 294H1000" vector-effect="non-scaling-stroke"></path>
                {drawn}
            </svg>
            <div class="mt-1 flex justify-between text-xs text-muted tabular-nums" aria-hidden="true">
                {move || {
                    ends.get().map(|(from, to)| view! { <span>{from}</span><span>{to} " " {zone.clone()}</span> })
                }}
            </div>
        </figure>
    }
    .into_any()
}

/// The value at the top of the drawing: a round one above everything.
fn top(lines: &[ChartLine]) -> f64 {
    let most = lines.iter().flat_map(|line| &line.values).flatten().copied().fold(0.0, f64::max);
    if most <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(most.log10().floor());
    [1.0, 2.0, 5.0, 10.0].into_iter().map(|step| step * power).find(|top| *top >= most).unwrap_or(most)
}

/// The way of a line, broken where nothing is known. A single point is a short stroke.
fn path(values: &[Option<f64>], top: f64) -> String {
    let step = WIDTH / (values.len().saturating_sub(1)).max(1) as f64;
    let room = HEIGHT - 2.0 * MARGIN;
    let mut way = String::new();
    let mut before = false;
    for (place, value) in values.iter().enumerate() {
        let Some(value) = value else {
            before = false;
            continue;
        };
        let x = place as f64 * step;
        let y = HEIGHT - MARGIN - (value / top).clamp(0.0, 1.0) * room;
        let alone = !before && values.get(place + 1).copied().flatten().is_none();
        // Writing to a string does not fail.
        let _ = write!(way, "{}{x:.1} {y:.1}", if before { "L" } else { "M" });
        if alone {
            way.push_str("h1");
        }
        before = true;
    }
    way
}

/// What the chart says, for those who do not see it.
fn said(title: &str, unit: &str, lines: &[ChartLine]) -> String {
    let lines: Vec<String> = lines
        .iter()
        .map(|line| {
            let known = || line.values.iter().flatten().copied();
            match (line.values.last().copied().flatten(), known().next()) {
                (_, None) => format!("{}: nothing yet", line.label),
                (last, Some(first)) => {
                    let last = last.map_or_else(|| "nothing".to_owned(), short);
                    let most = short(known().fold(first, f64::max));
                    format!("{}: now {last}, at most {most}", line.label)
                }
            }
        })
        .collect();
    format!("{title}, {unit}. {}", lines.join("; "))
}

/// As exact as it is useful: `0.25`, `7.5`, `120`, `12.3k`.
#[must_use]
pub fn short(value: f64) -> String {
    match value.abs() {
        none if none < 0.000_5 => "0".to_owned(),
        small if small < 1.0 => format!("{value:.2}"),
        some if some < 10.0 => format!("{value:.1}"),
        more if more < 10_000.0 => format!("{value:.0}"),
        many if many < 1_000_000.0 => format!("{:.1}k", value / 1e3),
        _ => format!("{:.1}M", value / 1e6),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(values: &[Option<f64>]) -> ChartLine {
        ChartLine { label: "Accepted".into(), values: values.to_vec() }
    }

    #[test]
    fn the_scale_is_round_and_above_everything() {
        for (most, expected) in [(0.0, 1.0), (0.3, 0.5), (1.0, 1.0), (7.0, 10.0), (12.0, 20.0), (4_100.0, 5_000.0)] {
            let top = top(&[line(&[None, Some(most)]), line(&[])]);
            assert!((top - expected).abs() < 1e-9, "{most}: {top}");
        }
    }

    #[test]
    fn a_line_stays_in_the_drawing_and_breaks_where_nothing_is_known() {
        let way = path(&[Some(0.0), Some(10.0), None, Some(5.0)], 10.0);
        assert_eq!(way, "M0.0 294.0L333.3 6.0M1000.0 150.0h1");
        assert_eq!(path(&[], 1.0), "");
        assert_eq!(path(&[None, None], 1.0), "");
    }

    #[test]
    fn it_says_what_it_shows() {
        let lines = [line(&[Some(3.0), Some(1.0)]), ChartLine { label: "Refused".into(), values: vec![None] }];
        let said = said("Parts of Carrier A", "a second", &lines);
        assert_eq!(said, "Parts of Carrier A, a second. Accepted: now 1.0, at most 3.0; Refused: nothing yet");
        for (value, text) in [(0.0, "0"), (0.25, "0.25"), (99.6, "100"), (12_345.0, "12.3k"), (2e6, "2.0M")] {
            assert_eq!(short(value), text);
        }
    }
}
