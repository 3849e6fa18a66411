//! The recipients of a campaign: masked, by state, and found by number.

use std::collections::HashMap;

use domain::recipient::RecipientState;
use leptos::prelude::*;
use leptos_router::components::Form;

use super::{
    actions::Subject,
    live::Live,
    tab::{Content, TabState},
};
use crate::{
    api::campaigns::recipients::{FindRecipient, RecipientPage, RecipientQuery, RecipientRow, RevealRecipients},
    state::query::{address, name_of},
    ui::prelude::*,
};

fn href(live: Live, state: Option<RecipientState>, from: u32) -> String {
    let pairs = [
        ("tab", "recipients".to_owned()),
        ("state", state.map(name_of).unwrap_or_default()),
        ("from", if from == 0 { String::new() } else { from.to_string() }),
    ];
    address(&live.href(""), pairs)
}

#[component]
pub fn RecipientsTab(live: Live, tab: TabState) -> impl IntoView {
    let query = Memo::new(move |_| tab.query.get().recipients);
    let reveal = ServerAction::<RevealRecipients>::new();
    view! {
        <div class="grid gap-4 lg:grid-cols-2">
            <StateFilter live query/>
            <NumberSearch live/>
        </div>
        <Panel flush=true>
            <Transition fallback=|| view! { <Loading label="Loading the recipients"/> }>
                {move || Suspend::new(async move {
                    match tab.content.await {
                        Ok(Content::Recipients(page)) => {
                            view! { <Rows live page query=query.get_untracked() reveal/> }.into_any()
                        }
                        // Another tab's, in the moment of the change.
                        Ok(_) => view! { <Loading label="Loading the recipients"/> }.into_any(),
                        Err(error) => view! { <LoadError error retry=tab.retry()/> }.into_any(),
                    }
                })}
            </Transition>
        </Panel>
    }
}

/// A plain form of method GET: the state is part of the address.
#[component]
fn StateFilter(live: Live, query: Memo<RecipientQuery>) -> impl IntoView {
    let state = RwSignal::new(untrack(|| query.get().state.map(name_of).unwrap_or_default()));
    Effect::new(move |_| state.set(query.get().state.map(name_of).unwrap_or_default()));
    let choices = std::iter::once(Choice::new("", "Any state"))
        .chain(RecipientState::ALL.into_iter().map(|state| Choice::new(name_of(state), state.label())))
        .collect();
    view! {
        <Form method="get" action=live.href("") attr:class="panel flex flex-wrap items-end gap-3 p-4">
            <Hidden name="tab" value="recipients"/>
            <div class="min-w-40 flex-1">
                <SelectField name="state" label="State" choices bind=state filter=true/>
            </div>
            <Button kind=ButtonKind::Secondary>"Apply"</Button>
        </Form>
    }
}

/// The number goes in the body of a POST, and neither into the address nor into the log.
#[component]
fn NumberSearch(live: Live) -> impl IntoView {
    let find = ServerAction::<FindRecipient>::new();
    let error = Signal::derive(move || find.value().get().and_then(Result::err));
    let at_field = Signal::derive(move || error.get().and_then(|error| error.field_error("number")));
    let elsewhere = Signal::derive(move || error.get().filter(|error| error.field_error("number").is_none()));
    view! {
        <div class="panel p-4">
            <ActionForm action=find attr:class="flex flex-wrap items-end gap-3">
                <Subject live/>
                <div class="min-w-40 flex-1">
                    <TextField
                        name="number"
                        label="Find a number"
                        r#type="tel"
                        inputmode="tel"
                        maxlength=40
                        filter=true
                        error=at_field
                    />
                </div>
                <Button kind=ButtonKind::Secondary busy=find.pending()>"Find"</Button>
            </ActionForm>
            <ErrorSummary error=elsewhere/>
        </div>
    }
}

#[component]
fn Rows(
    live: Live,
    page: RecipientPage,
    query: RecipientQuery,
    reveal: ServerAction<RevealRecipients>,
) -> impl IntoView {
    if page.rows.is_empty() {
        return nothing(live, query);
    }
    let revealed = Memo::new(move |_| match reveal.value().get() {
        Some(Ok(numbers)) => numbers.into_iter().map(|row| (row.index, row.number)).collect(),
        _ => HashMap::<u32, String>::new(),
    });
    let body = page.rows.into_iter().map(|row| view! { <Row row revealed/> }).collect_view();
    let first = (query.from > 0 || query.found.is_some()).then(|| href(live, query.state, 0));
    let next = page.next.map(|next| href(live, query.state, next));
    let may_reveal = live.view.with_untracked(|view| view.may_reveal);
    view! {
        {may_reveal.then(|| view! { <RevealBar live query reveal/> })}
        <Table caption="Recipients">
            <thead>
                <tr>
                    <th scope="col">"No."</th>
                    <th scope="col">"Number"</th>
                    <th scope="col">"ctn_hash"</th>
                    <th scope="col">"State"</th>
                    <th scope="col">"Error"</th>
                    <th scope="col">"Segments"</th>
                    <th scope="col">"Sent"</th>
                    <th scope="col">"Last receipt"</th>
                </tr>
            </thead>
            <tbody>{body}</tbody>
        </Table>
        <CursorPaging first next/>
    }
    .into_any()
}

/// Each look at full numbers is recorded, so it takes a click of its own for each page.
#[component]
fn RevealBar(live: Live, query: RecipientQuery, reveal: ServerAction<RevealRecipients>) -> impl IntoView {
    let error = move || reveal.value().get().and_then(Result::err);
    view! {
        <div class="script-only flex flex-wrap items-center gap-3 border-b border-base-300 px-4 py-3">
            <Button
                r#type="button"
                kind=ButtonKind::Secondary
                small=true
                busy=reveal.pending()
                on:click=move |_| {
                    reveal.dispatch(RevealRecipients { slug: live.slug.get_value(), id: live.id(), query });
                }
            >
                "Show full numbers"
            </Button>
            <p class="text-sm text-muted">"Of this page. The audit log records who looked at which recipients."</p>
            {move || error().map(|error| view! { <p class="field-error">{error.to_string()}</p> })}
        </div>
    }
}

#[component]
fn Row(row: RecipientRow, revealed: Memo<HashMap<u32, String>>) -> impl IntoView {
    let index = row.index;
    let masked = row.number;
    let number = move || revealed.with(|revealed| revealed.get(&index).cloned()).unwrap_or_else(|| masked.clone());
    let tone = match row.state {
        RecipientState::Delivered => Tone::Success,
        RecipientState::Claimed | RecipientState::Submitted => Tone::Info,
        RecipientState::Failed => Tone::Danger,
        RecipientState::Uncertain => Tone::Warning,
        RecipientState::Waiting | RecipientState::NoReceipt | RecipientState::NotSent => Tone::Neutral,
    };
    let short = row.ctn_hash.get(..12).unwrap_or(&row.ctn_hash).to_owned();
    view! {
        <tr>
            <td class="text-muted tabular-nums">{grouped(u64::from(index) + 1)}</td>
            <th scope="row" class="font-mono font-normal whitespace-nowrap">{number}</th>
            <td class="font-mono text-xs whitespace-nowrap" title=row.ctn_hash>{short} "…"</td>
            <td title=row.state.explanation()><Badge tone text=row.state.label()/></td>
            <td class="min-w-72">
                {row.problem
                    .map(|problem| {
                        view! {
                            <span class="font-mono text-xs">{problem.code}</span>
                            <span class="block text-xs text-muted">{problem.meaning}</span>
                        }
                    })}
            </td>
            <td class="whitespace-nowrap tabular-nums">
                {match row.segments_delivered {
                    Some(delivered) => format!("{delivered} of {} delivered", row.segments),
                    None => row.segments.to_string(),
                }}
            </td>
            <td><MaybeWhen moment=row.sent stacked=true/></td>
            <td><MaybeWhen moment=row.settled stacked=true/></td>
        </tr>
    }
}

fn nothing(live: Live, query: RecipientQuery) -> AnyView {
    if query.state.is_some() || query.from > 0 || query.found.is_some() {
        return view! {
            <EmptyState title="No recipient matches" text="The campaign may have moved on meanwhile.">
                <LinkButton href=href(live, None, 0) kind=ButtonKind::Secondary>"Show all"</LinkButton>
            </EmptyState>
        }
        .into_any();
    }
    if live.view.with_untracked(|view| view.data_removed.is_some()) {
        return view! {
            <EmptyState title="The recipients were removed" text="They had been kept as long as the settings say. The figures stay."/>
        }
        .into_any();
    }
    view! { <EmptyState title="No recipients yet" text="They appear once a file was uploaded and read."/> }.into_any()
}
