//! How far something has come.

use leptos::prelude::*;

/// A native progress bar with its label and numbers.
#[component]
pub fn ProgressBar(
    #[prop(into)] label: String,
    #[prop(into)] value: Signal<u64>,
    #[prop(into)] max: Signal<u64>,
    /// Shows the bar alone, as in rows of tables; the label is still read out.
    #[prop(optional)]
    bare: bool,
) -> impl IntoView {
    let percent = move || percent(value.get(), max.get());
    let name = label.clone();
    view! {
        <div class="min-w-24">
            {(!bare)
                .then(|| {
                    view! {
                        <div class="mb-1 flex justify-between gap-3 text-sm">
                            <span>{label}</span>
                            <span class="tabular-nums">{percent} " %"</span>
                        </div>
                    }
                })}
            <progress
                class="progress progress-primary block w-full"
                aria-label=name
                value=move || value.get().to_string()
                max=move || max.get().max(1).to_string()
            ></progress>
        </div>
    }
}

/// Rounded down: 100 is said only when everything is done.
fn percent(value: u64, max: u64) -> u64 {
    match max {
        0 => 0,
        max => u64::try_from(u128::from(value.min(max)) * 100 / u128::from(max)).unwrap_or(100),
    }
}

#[cfg(test)]
mod tests {
    use super::percent;

    #[test]
    fn a_hundred_percent_means_all() {
        assert_eq!(percent(0, 0), 0);
        assert_eq!(percent(999, 1000), 99);
        assert_eq!(percent(1000, 1000), 100);
        assert_eq!(percent(5, 3), 100);
        assert_eq!(percent(u64::MAX, u64::MAX), 100);
    }
}
