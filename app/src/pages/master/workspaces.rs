//! The list of all workspaces.

use std::sync::Arc;

use leptos::{prelude::*, web_sys::FormData};
use leptos_router::{components::Form, hooks::use_query_map, params::ParamsMap};

use super::{MasterTab, MasterTabs, NEW, PATH};
use crate::{
    api::master::{MasterQuery, PAGE_ROWS, WorkspaceRow, WorkspaceState, master_workspaces},
    state::query::{address, name_of, named},
    ui::prelude::*,
};

fn read(params: &ParamsMap) -> MasterQuery {
    MasterQuery {
        state: params.get_str("state").and_then(named).unwrap_or_default(),
        search: params.get_str("search").unwrap_or_default().trim().to_owned(),
        skip: params.get_str("skip").and_then(|skip| skip.parse().ok()).unwrap_or_default(),
    }
}

fn href(query: &MasterQuery) -> String {
    let state = if query.state == WorkspaceState::default() { String::new() } else { name_of(query.state) };
    let skip = if query.skip == 0 { String::new() } else { query.skip.to_string() };
    address(PATH, [("state", state), ("search", query.search.clone()), ("skip", skip)])
}

#[component]
pub fn MasterWorkspaces() -> impl IntoView {
    let params = use_query_map();
    let query = Memo::new(move |_| params.with(read));
    let loaded = Resource::new(move || query.get(), master_workspaces);
    view! {
        <PageHeading title="All workspaces" lead="Read here, act there: who enters a workspace acts in it as a super admin, and its audit log says so.">
            <LinkButton href=NEW>"New workspace"</LinkButton>
        </PageHeading>
        <MasterTabs current=MasterTab::Workspaces/>
        <Filters query/>
        <Transition fallback=|| view! { <Loading label="Loading the workspaces"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(list) => view! { <Rows rows=list.rows total=list.total query=query.get_untracked()/> }.into_any(),
                    Err(error) => {
                        view! { <Panel><LoadError error retry=Callback::new(move |()| loaded.refetch())/></Panel> }
                            .into_any()
                    }
                }
            })}
        </Transition>
    }
}

/// A plain form of method GET: the filters are the address.
#[component]
fn Filters(query: Memo<MasterQuery>) -> impl IntoView {
    let MasterQuery { state, search, .. } = query.get_untracked();
    let states = WorkspaceState::ALL.map(|state| Choice::new(name_of(state), state.label())).to_vec();
    view! {
        <Form method="get" action=PATH on_form_data=Arc::new(without_empty) attr:class="panel p-4" attr:role="search" attr:aria-label="Workspaces">
            <div class="grid items-end gap-3 sm:grid-cols-[2fr_1fr_auto]">
                <TextField name="search" label="Name or address" r#type="search" value=search filter=true/>
                <SelectField name="state" label="Show" choices=states value=name_of(state) filter=true/>
                <Button kind=ButtonKind::Secondary small=true>"Apply"</Button>
            </div>
        </Form>
    }
}

/// An address names what is asked for, and not what could have been.
fn without_empty(form: &FormData) {
    // The button has no name, and is sent all the same.
    for key in ["", "search"] {
        if form.get(key).as_string().is_some_and(|value| value.is_empty()) {
            form.delete(key);
        }
    }
}

#[component]
fn Rows(rows: Vec<WorkspaceRow>, total: u64, query: MasterQuery) -> impl IntoView {
    if rows.is_empty() {
        return view! {
            <Panel flush=true>
                <EmptyState title="No workspace matches" text="Search for less, or show others.">
                    <LinkButton href=PATH kind=ButtonKind::Secondary>"Show the active ones"</LinkButton>
                </EmptyState>
            </Panel>
        }
        .into_any();
    }
    let pages = u32::try_from(total.div_ceil(u64::from(PAGE_ROWS))).unwrap_or(u32::MAX);
    let page = query.skip / PAGE_ROWS + 1;
    let to = move |page: u32| href(&MasterQuery { skip: (page - 1) * PAGE_ROWS, ..query.clone() });
    view! {
        <Panel flush=true>
            <Table caption="Workspaces">
                <thead>
                    <tr>
                        <th scope="col">"Workspace"</th>
                        <th scope="col">"Members"</th>
                        <th scope="col">"Waiting"</th>
                        <th scope="col" class="min-w-24 whitespace-normal">"Campaigns this month"</th>
                        <th scope="col">"Messages"</th>
                        <th scope="col">"Segments"</th>
                        <th scope="col">"Last activity"</th>
                        <th scope="col">"Created"</th>
                    </tr>
                </thead>
                <tbody>{rows.into_iter().map(|row| view! { <Row row/> }).collect_view()}</tbody>
            </Table>
            <Pagination page pages href=to/>
        </Panel>
    }
    .into_any()
}

#[component]
fn Row(row: WorkspaceRow) -> impl IntoView {
    let number = |number: u64| view! { <td class="text-right tabular-nums">{grouped(number)}</td> };
    let queue = format!("/w/{}/moderation", row.slug);
    let waiting = if row.waiting == 0 {
        view! { <span class="text-muted">"–"</span> }.into_any()
    } else {
        view! {
            <a class="link" href=queue>
                {grouped(row.waiting)} <span class="sr-only">" waiting"</span>
            </a>
        }
        .into_any()
    };
    view! {
        <tr>
            <th scope="row" class="min-w-48 font-normal">
                <a href=format!("/w/{}", row.slug) class="link link-hover font-medium break-words">{row.name}</a>
                <span class="block font-mono text-xs text-muted">{row.slug}</span>
                {(!row.four_eyes).then(|| view! { <Badge tone=Tone::Warning text="Four eyes off"/> })}
            </th>
            {number(row.members)}
            <td class="text-right">{waiting}</td>
            {number(row.campaigns)}
            {number(row.messages)}
            {number(row.segments)}
            <td><MaybeWhen moment=row.active stacked=true/></td>
            <td><When moment=row.created stacked=true/></td>
        </tr>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_back() {
        let query = MasterQuery { state: WorkspaceState::Waiting, search: "bank".into(), skip: 50 };
        assert_eq!(href(&query), "/w/master?state=waiting&search=bank&skip=50");
        let mut params = ParamsMap::new();
        for (key, value) in [("state", "waiting"), ("search", "bank"), ("skip", "50")] {
            params.insert(key, value.to_owned());
        }
        assert_eq!(read(&params), query);
        assert_eq!(href(&MasterQuery::default()), "/w/master");
    }
}
