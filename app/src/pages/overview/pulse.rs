//! Live Pulse: what is on its way at this moment, how fast, and over which links.

use leptos::prelude::*;

use super::links::Links;
use crate::{api::overview::LiveOverview, state::follow::Following, ui::prelude::*};

#[component]
pub fn Pulse(live: RwSignal<LiveOverview>, following: RwSignal<Following>) -> impl IntoView {
    let in_flight = Memo::new(move |_| live.with(|live| live.in_flight));
    let rate = Memo::new(move |_| live.with(|live| live.messages_per_s));
    view! {
        <Panel title="Live Pulse" aside=move || view! { <Reliance following/> }>
            <dl class="grid grid-cols-2 gap-x-6">
                <div>
                    <dt class="text-sm text-muted">"In flight"</dt>
                    <dd>
                        <span class="stat-number">{move || grouped(in_flight.get())}</span>
                        <span class="block text-sm text-muted">"sent, and no receipt yet"</span>
                    </dd>
                </div>
                <div>
                    <dt class="text-sm text-muted">"Rate"</dt>
                    <dd>
                        <span class="stat-number">{move || per_second(rate.get())}</span>
                        <span class="block text-sm text-muted">"messages a second"</span>
                    </dd>
                </div>
            </dl>
            <h3 class="mt-5 text-sm text-muted">"Links to carriers"</h3>
            <Links live/>
        </Panel>
    }
}

/// Whether the figures follow by themselves.
#[component]
fn Reliance(following: RwSignal<Following>) -> impl IntoView {
    view! {
        <span role="status" class="text-sm">
            {move || match following.get() {
                Following::Snapshot => view! { <span class="text-muted">"As the page was loaded"</span> }.into_any(),
                Following::Live => view! { <Badge tone=Tone::Success text="Live"/> }.into_any(),
                Following::Lost => view! { <Badge tone=Tone::Warning text="Not live, trying again"/> }.into_any(),
            }}
        </span>
    }
}

/// Tenths matter for slow ones only.
fn per_second(rate: f64) -> String {
    if rate > 0.0 && rate < 10.0 {
        return format!("{rate:.1}");
    }
    // A rate is no negative number, and far below 2^53.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "rounded, and clamped at 0 by the cast"
    )]
    grouped(rate.round() as u64)
}

#[cfg(test)]
mod tests {
    use super::per_second;

    #[test]
    fn a_rate_is_as_exact_as_it_is_useful() {
        for (rate, text) in [(0.0, "0"), (0.4, "0.4"), (9.94, "9.9"), (12.6, "13"), (20_417.2, "20,417"), (-1.0, "0")] {
            assert_eq!(per_second(rate), text);
        }
    }
}
