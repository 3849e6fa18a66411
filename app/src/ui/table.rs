//! Tables.

use leptos::prelude::*;

/// A table that scrolls sideways where there is no room. The children are `<thead>` and, always, `<tbody>`.
#[component]
pub fn Table(
    /// What the table is, for screen readers.
    #[prop(into)]
    caption: String,
    children: Children,
) -> impl IntoView {
    let name = caption.clone();
    view! {
        <div class="table-scroll" tabindex="0" role="region" aria-label=name>
            <table class="table">
                <caption class="sr-only">{caption}</caption>
                {children()}
            </table>
        </div>
    }
    .into_any()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Ascending,
    Descending,
}

/// The head of a column by which the list can be sorted; `href` is the address of the list sorted by it next.
#[component]
pub fn SortHeader(
    #[prop(into)] label: String,
    #[prop(into)] href: String,
    /// How the list is sorted by this column now, if it is.
    #[prop(optional_no_strip)]
    sorted: Option<Direction>,
) -> impl IntoView {
    let (value, mark) = match sorted {
        Some(Direction::Ascending) => (Some("ascending"), "▲"),
        Some(Direction::Descending) => (Some("descending"), "▼"),
        None => (None, "↕"),
    };
    view! {
        <th scope="col" aria-sort=value>
            <a href=href class="inline-flex items-center gap-1 hover:underline">
                {label}
                <span aria-hidden="true" class="text-xs">{mark}</span>
            </a>
        </th>
    }
}
