//! From page to page of a list.

use leptos::prelude::*;

use super::button::ButtonKind;

/// Links to the previous and the next page; `href` makes the address of a page, counted from 1. Nothing for one page.
#[component]
pub fn Pagination(page: u32, pages: u32, href: impl Fn(u32) -> String) -> impl IntoView {
    let class = ButtonKind::Secondary.class(true);
    (pages > 1).then(|| {
        let previous = (page > 1).then(|| view! { <a class=class rel="prev" href=href(page - 1)>"Previous"</a> });
        let next = (page < pages).then(|| view! { <a class=class rel="next" href=href(page + 1)>"Next"</a> });
        view! {
            <nav aria-label="Pages" class="flex items-center justify-between gap-3 px-4 py-3">
                <p class="text-sm text-muted">"Page " {page} " of " {pages}</p>
                <div class="flex gap-2">{previous} {next}</div>
            </nav>
        }
    })
}
