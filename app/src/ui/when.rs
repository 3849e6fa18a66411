//! A moment on a page.

use leptos::prelude::*;

use crate::state::moment::Moment;

/// Local time with its offset; UTC for machines, and for people who hover over it.
#[component]
pub fn When(moment: Moment) -> impl IntoView {
    let title = moment.utc.clone();
    view! { <time datetime=moment.utc title=title class="whitespace-nowrap tabular-nums">{moment.local}</time> }
}

/// The same, or a dash for what has not happened.
#[component]
pub fn MaybeWhen(#[prop(optional_no_strip)] moment: Option<Moment>) -> impl IntoView {
    match moment {
        Some(moment) => view! { <When moment/> }.into_any(),
        None => view! { <span class="text-muted">"–"</span> }.into_any(),
    }
}
