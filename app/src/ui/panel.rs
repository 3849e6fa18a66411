//! A part of a page with a frame and, usually, a heading.

use leptos::prelude::*;

/// With `title` it is a region of that name. `flush` leaves out the padding, for tables.
#[component]
pub fn Panel(
    #[prop(optional, into)] title: Option<String>,
    #[prop(optional)] flush: bool,
    /// Stands beside the title, such as a link to more.
    #[prop(optional, into)]
    aside: ViewFn,
    children: Children,
) -> impl IntoView {
    let label = title.clone();
    view! {
        <section class="panel" aria-label=label>
            {title.map(|title| view! {
                <div class="panel-head">
                    <h2 class="font-semibold">{title}</h2>
                    <div class="ml-auto empty:hidden">{aside.run()}</div>
                </div>
            })}
            <div class=if flush { "" } else { "p-4 sm:p-5" }>{children()}</div>
        </section>
    }
    .into_any()
}
