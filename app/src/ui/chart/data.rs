//! The figures behind a chart: a table that opens, and a file.

use leptos::prelude::*;

use crate::ui::table::Table;

/// `rows` begin with what the row is about. `csv` is a route of the server that gives the same figures.
#[component]
pub fn ChartData(
    #[prop(into)] caption: String,
    /// Of the columns.
    heads: Vec<String>,
    #[prop(into)] rows: Signal<Vec<Vec<String>>>,
    csv: String,
) -> impl IntoView {
    let heads = heads.into_iter().map(|head| view! { <th scope="col">{head}</th> }).collect_view();
    let spoken = format!(" of “{caption}”");
    let file = spoken.clone();
    view! {
        <details class="mt-4 text-sm">
            <summary class="w-fit cursor-pointer py-1 text-muted">
                "The figures as a table" <span class="sr-only">{spoken}</span>
            </summary>
            <div class="mt-2">
                <Table caption>
                    <thead>
                        <tr>{heads}</tr>
                    </thead>
                    <tbody>
                        {move || {
                            rows.get()
                                .into_iter()
                                .map(|row| {
                                    let mut cells = row.into_iter();
                                    let first = cells.next();
                                    let rest = cells
                                        .map(|cell| view! { <td class="tabular-nums">{cell}</td> })
                                        .collect_view();
                                    view! {
                                        <tr>
                                            <th scope="row" class="font-normal whitespace-nowrap">{first}</th>
                                            {rest}
                                        </tr>
                                    }
                                })
                                .collect_view()
                        }}
                    </tbody>
                </Table>
                <p class="mt-2">
                    <a class="link" rel="external" href=csv download="">
                        "Download as CSV"<span class="sr-only">{file}</span>
                    </a>
                </p>
            </div>
        </details>
    }
    .into_any()
}
