//! Links to carriers and pools of them, in the hands of super admins.

mod actions;
mod detail;
mod figures;
mod form;
mod list;
mod new;
mod pool;

use leptos::prelude::*;

pub use self::{
    detail::LinkDetail,
    list::LinkList,
    new::NewLink,
    pool::{NewPool, PoolPage},
};
use crate::{api::installation::links::LinkCondition, ui::prelude::*};

const PATH: &str = "/installation/links";
/// How often figures are asked for.
const LOOK_MS: u32 = 3_000;

#[component]
fn ConditionBadge(condition: LinkCondition) -> impl IntoView {
    let tone = match condition {
        LinkCondition::Up => Tone::Success,
        LinkCondition::Connecting | LinkCondition::Draining => Tone::Warning,
        LinkCondition::Down | LinkCondition::Stopped | LinkCondition::LeftOut => Tone::Danger,
        LinkCondition::Disabled => Tone::Neutral,
    };
    view! { <Badge tone text=condition.label()/> }
}

/// Segments per second, with one decimal below ten.
fn per_second(rate: f64) -> String {
    if rate > 0.0 && rate < 9.95 { format!("{rate:.1}") } else { format!("{rate:.0}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_rates_keep_a_decimal() {
        assert_eq!([0.0, 0.25, 9.96, 1234.4].map(per_second), ["0", "0.2", "10", "1234"]);
    }
}
