//! `/w/{slug}/inbound`: the messages, newest first.

use std::collections::HashMap;

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    api::inbound::{InboundList as Found, InboundRow, Keyword, RevealInbound, inbound_messages},
    pages::layout::use_workspace,
    state::query::address,
    ui::prelude::*,
};

#[component]
pub fn InboundList() -> impl IntoView {
    let workspace = use_workspace();
    let query = use_query_map();
    let before = Memo::new(move |_| query.with(|query| query.get("before")).filter(|before| !before.is_empty()));
    let reveal = ServerAction::<RevealInbound>::new();
    let slug = workspace.slug.clone();
    let loaded = Resource::new(move || before.get(), move |before| inbound_messages(slug.clone(), before));
    view! {
        <PageHeading
            title="Inbound messages"
            lead="What subscribers wrote to the addresses of this workspace. STOP has put them onto the suppression list already."
        />
        <Panel flush=true>
            <Transition fallback=|| view! { <Loading label="Loading the messages"/> }>
                {move || Suspend::new(async move {
                    match loaded.await {
                        Ok(found) if found.rows.is_empty() => nothing(before.get_untracked().is_some()),
                        Ok(found) => view! { <Rows found before=before.get_untracked() reveal/> }.into_any(),
                        Err(error) => {
                            view! { <LoadError error retry=Callback::new(move |()| loaded.refetch())/> }.into_any()
                        }
                    }
                })}
            </Transition>
        </Panel>
    }
}

fn nothing(is_further: bool) -> AnyView {
    let workspace = use_workspace();
    if is_further {
        view! {
            <EmptyState title="Nothing older" text="It may have been removed meanwhile.">
                <LinkButton href=workspace.path("/inbound") kind=ButtonKind::Secondary small=true>"First page"</LinkButton>
            </EmptyState>
        }
        .into_any()
    } else {
        view! {
            <EmptyState
                title="Nobody has written yet"
                text="Answers to your messages appear here, if your carrier hands them over. Numbers that wrote STOP get no further message."
            />
        }
        .into_any()
    }
}

#[component]
fn Rows(
    found: Found,
    #[prop(optional_no_strip)] before: Option<String>,
    reveal: ServerAction<RevealInbound>,
) -> impl IntoView {
    let workspace = use_workspace();
    let Found { rows, next, may_reveal } = found;
    let revealed = Memo::new(move |_| match reveal.value().get() {
        Some(Ok(numbers)) => numbers.into_iter().map(|row| (row.id, row.from)).collect(),
        _ => HashMap::<String, String>::new(),
    });
    let body = rows.into_iter().map(|row| view! { <Row row revealed/> }).collect_view();
    let path = workspace.path("/inbound");
    let first = before.is_some().then(|| path.clone());
    let next = next.map(|next| address(&path, [("before", next)]));
    view! {
        {may_reveal.then(|| view! { <RevealBar slug=workspace.slug.clone() before reveal/> })}
        <Table caption="Inbound messages">
            <thead>
                <tr>
                    <th scope="col">"Received"</th>
                    <th scope="col">"From"</th>
                    <th scope="col">"To"</th>
                    <th scope="col">"Text"</th>
                    <th scope="col">"Keyword"</th>
                </tr>
            </thead>
            <tbody>{body}</tbody>
        </Table>
        <CursorPaging first next/>
    }
}

/// Each look at full numbers is recorded, so it takes a click of its own for each page.
#[component]
fn RevealBar(
    slug: String,
    #[prop(optional_no_strip)] before: Option<String>,
    reveal: ServerAction<RevealInbound>,
) -> impl IntoView {
    let error = move || reveal.value().get().and_then(Result::err);
    view! {
        <div class="script-only flex flex-wrap items-center gap-3 border-b border-base-300 px-4 py-3">
            <Button
                r#type="button"
                kind=ButtonKind::Secondary
                small=true
                busy=reveal.pending()
                on:click=move |_| {
                    reveal.dispatch(RevealInbound { slug: slug.clone(), before: before.clone() });
                }
            >
                "Show full numbers"
            </Button>
            <p class="text-sm text-muted">"Of this page. The audit log records who looked."</p>
            {move || error().map(|error| view! { <p class="field-error">{error.to_string()}</p> })}
        </div>
    }
}

#[component]
fn Row(row: InboundRow, revealed: Memo<HashMap<String, String>>) -> impl IntoView {
    let InboundRow { id, at, from, to, text, keyword } = row;
    let number = move || revealed.with(|revealed| revealed.get(&id).cloned()).unwrap_or_else(|| from.clone());
    view! {
        <tr>
            <td><When moment=at stacked=true/></td>
            <th scope="row" class="font-mono font-normal whitespace-nowrap">{number}</th>
            <td class="font-mono whitespace-nowrap">{to}</td>
            <td class="min-w-64 break-words whitespace-pre-wrap">
                {match text {
                    Some(text) => text.into_any(),
                    None => view! { <span class="text-muted">"No text that can be shown"</span> }.into_any(),
                }}
            </td>
            <td>
                {keyword
                    .map(|keyword| {
                        let tone = if keyword == Keyword::Stop { Tone::Warning } else { Tone::Info };
                        view! { <Badge tone text=keyword.label()/> }
                    })}
            </td>
        </tr>
    }
}
