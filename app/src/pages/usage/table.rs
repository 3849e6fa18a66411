//! A month with its figures, and the way to others.

use std::sync::Arc;

use leptos::{prelude::*, web_sys::FormData};
use leptos_router::{components::Form, params::ParamsMap};

use crate::{
    api::usage::{MonthView, TotalsView, UsageView, UsedBy},
    state::query::address,
    ui::prelude::*,
};

/// The month in the address; empty: the one at hand.
pub fn read(params: &ParamsMap) -> String {
    params.get_str("month").unwrap_or_default().trim().to_owned()
}

/// `who` is the head of the first column.
#[component]
pub fn MonthUsage(path: String, who: &'static str, usage: UsageView) -> impl IntoView {
    let UsageView { month, time_zone, totals, rows } = usage;
    let title = format!("Usage in {}", month.month);
    let csv = address(&format!("{path}.csv"), [("month", month.month.clone())]);
    let calendar = match time_zone {
        Some(zone) => format!("By the calendar of {zone}."),
        None => "Each workspace by its own calendar.".to_owned(),
    };
    let any = !rows.is_empty();
    let aside = move || {
        view! {
            <LinkButton href=csv.clone() kind=ButtonKind::Secondary small=true external=true>"Download as CSV"</LinkButton>
        }
    };
    let tile = |label: &'static str, number: u64| view! { <StatTile label value=Signal::stored(grouped(number))/> };
    view! {
        <Months path month/>
        <dl class="stat-grid">
            {tile("Campaigns", totals.campaigns)}
            {tile("Messages sent", totals.messages.sent)}
            {tile("Segments sent", totals.segments.sent)}
            {tile("Segments delivered", totals.segments.delivered)}
        </dl>
        <Panel title=title.clone() flush=true aside>
            {if any {
                view! { <Rows title who totals rows/> }.into_any()
            } else {
                view! { <EmptyState title="Nothing was sent in this month" text="Choose another month above."/> }.into_any()
            }}
        </Panel>
        <p class="max-w-prose text-sm text-muted">
            {calendar}
            " Sent is what carriers took, and charge for; each is counted in the month in which it happened, so that a message of the \
            last evening may be delivered in the next month. Figures of a running campaign are some seconds old."
        </p>
    }
}

#[component]
fn Months(path: String, month: MonthView) -> impl IntoView {
    let link = |month: Option<String>, label: &'static str| {
        month.map(|month| {
            let href = address(&path, [("month", month)]);
            view! { <LinkButton href kind=ButtonKind::Secondary small=true>{label}</LinkButton> }
        })
    };
    view! {
        <div class="flex flex-wrap items-end gap-3">
            <Form
                method="get"
                action=path.clone()
                on_form_data=Arc::new(without_button)
                attr:class="flex flex-wrap items-end gap-3"
                attr:aria-label="Month"
            >
                <TextField name="month" label="Month" r#type="month" value=month.month filter=true placeholder="2026-11"/>
                <Button kind=ButtonKind::Secondary>"Show"</Button>
            </Form>
            <div class="ml-auto flex gap-2">
                {link(month.previous, "Month before")}
                {link(month.next, "Next month")}
            </div>
        </div>
    }
}

/// The button has no name, and is sent all the same.
fn without_button(form: &FormData) {
    form.delete("");
}

#[component]
fn Rows(title: String, who: &'static str, totals: TotalsView, rows: Vec<UsedBy>) -> impl IntoView {
    let cells = |totals: TotalsView| {
        let TotalsView { campaigns, messages, segments } = totals;
        [
            campaigns,
            messages.sent,
            messages.delivered,
            messages.failed,
            segments.sent,
            segments.delivered,
            segments.failed,
        ]
        .map(|count| view! { <td class="text-right tabular-nums">{grouped(count)}</td> })
        .collect_view()
    };
    let body = rows
        .into_iter()
        .map(|row| {
            let name = match row.slug {
                Some(slug) => view! { <a class="link" href=format!("/w/{slug}")>{row.name}</a> }.into_any(),
                None => row.name.into_any(),
            };
            view! {
                <tr>
                    <th scope="row" class="min-w-32 font-normal break-words">{name}</th>
                    {cells(row.totals)}
                </tr>
            }
        })
        .collect_view();
    let group = |label: &'static str| view! { <th scope="colgroup" colspan="3" class="text-center">{label}</th> };
    let heads = || ["Sent", "Delivered", "Failed"].map(|head| view! { <th scope="col" class="text-right">{head}</th> });
    view! {
        <Table caption=title>
            <thead>
                <tr>
                    <td colspan="2"></td>
                    {group("Messages")}
                    {group("Segments")}
                </tr>
                <tr>
                    <th scope="col">{who}</th>
                    <th scope="col" class="text-right">"Campaigns"</th>
                    {heads().collect_view()}
                    {heads().collect_view()}
                </tr>
            </thead>
            <tbody>
                {body}
                <tr class="font-semibold">
                    <th scope="row">"In all"</th>
                    {cells(totals)}
                </tr>
            </tbody>
        </Table>
    }
}
