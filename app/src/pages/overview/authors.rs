//! Whose campaigns sent the most lately.

use leptos::prelude::*;

use crate::{
    api::overview::{AUTHOR_DAYS, Activity},
    pages::layout::use_workspace,
    ui::prelude::*,
};

#[component]
pub fn Authors(activity: RwSignal<Activity>) -> impl IntoView {
    let authors = Memo::new(move |_| activity.with(|activity| activity.authors.clone()));
    let any = Memo::new(move |_| authors.with(|authors| !authors.is_empty()));
    let csv = StoredValue::new(use_workspace().path("/overview/authors.csv"));
    let rows = move || {
        authors
            .get()
            .into_iter()
            .map(|author| {
                view! {
                    <tr>
                        <th scope="row" class="min-w-32 font-normal break-words">{author.name}</th>
                        <td class="tabular-nums">{grouped(author.campaigns)}</td>
                        <td class="tabular-nums">{grouped(author.sent)}</td>
                        <td class="tabular-nums">{grouped(author.delivered)}</td>
                    </tr>
                }
            })
            .collect_view()
    };
    let nothing = || {
        let text = format!("Whoever submits a campaign appears here for {AUTHOR_DAYS} days.");
        view! { <EmptyState title="No campaign was made lately" text/> }
    };
    view! {
        <Panel title=format!("Top authors of {AUTHOR_DAYS} days") flush=true>
            <Show when=move || any.get() fallback=nothing>
                <Table caption=format!("Top authors of {AUTHOR_DAYS} days")>
                    <thead>
                        <tr>
                            <th scope="col">"Author"</th>
                            <th scope="col">"Campaigns"</th>
                            <th scope="col">"Sent"</th>
                            <th scope="col">"Delivered"</th>
                        </tr>
                    </thead>
                    <tbody>{rows}</tbody>
                </Table>
                <p class="border-t border-base-300 px-4 py-3 text-sm">
                    <a class="link" rel="external" href=csv.get_value() download="">
                        "Download as CSV"<span class="sr-only">" of the top authors"</span>
                    </a>
                </p>
            </Show>
        </Panel>
    }
}
