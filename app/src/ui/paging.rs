//! Forward through a list whose length is not counted.

use leptos::prelude::*;

use super::button::ButtonKind;

/// Links to the first and to the next page, each where it makes sense; nothing for a single page.
#[component]
pub fn CursorPaging(
    #[prop(optional_no_strip, into)] first: Option<String>,
    #[prop(optional_no_strip, into)] next: Option<String>,
) -> impl IntoView {
    let class = ButtonKind::Secondary.class(true);
    (first.is_some() || next.is_some()).then(|| {
        view! {
            <nav aria-label="Pages" class="flex flex-wrap items-center justify-end gap-2 px-4 py-3">
                {first.map(|href| view! { <a class=class href=href>"First page"</a> })}
                {next.map(|href| view! { <a class=class rel="next" href=href>"Next page"</a> })}
            </nav>
        }
    })
}
