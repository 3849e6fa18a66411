//! A moment on a page.

use leptos::prelude::*;

use crate::state::moment::Moment;

/// Local time with its offset; UTC for machines, and for people who hover over it.
#[component]
pub fn When(
    moment: Moment,
    /// Day above time: for columns of tables.
    #[prop(optional)]
    stacked: bool,
) -> impl IntoView {
    let title = moment.utc.clone();
    let text = match moment.local.split_once(' ').filter(|_| stacked) {
        Some((day, time)) => {
            let (day, time) = (day.to_owned(), time.to_owned());
            view! {
                {day}
                " "
                <span class="block text-xs text-muted">{time}</span>
            }
            .into_any()
        }
        None => moment.local.into_any(),
    };
    view! { <time datetime=moment.utc title=title class="whitespace-nowrap tabular-nums">{text}</time> }
}

/// The same, or a dash for what has not happened.
#[component]
pub fn MaybeWhen(#[prop(optional_no_strip)] moment: Option<Moment>, #[prop(optional)] stacked: bool) -> impl IntoView {
    match moment {
        Some(moment) => view! { <When moment stacked/> }.into_any(),
        None => view! { <span class="text-muted">"–"</span> }.into_any(),
    }
}
