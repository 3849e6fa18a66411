//! `/registry`: the 10DLC of all workspaces that somebody sees, as staff, as a member or as a super admin.

use std::sync::Arc;

use leptos::{prelude::*, web_sys::FormData};
use leptos_router::{components::Form, hooks::use_query_map, params::ParamsMap};

use super::{
    lists::{BrandTable, Matters, TenDlcTable},
    words::WayToRegistry,
};
use crate::{
    api::registry::{
        rows::{Place, RowsPage},
        staff::{RegistryList, RegistryPart, RegistryQuery, RegistryRows, WorkspaceRow, registry_overview, statuses},
    },
    pages::person_layout::use_viewer,
    state::query::{address, name_of, named, page_of},
    ui::prelude::*,
};

const PATH: &str = "/registry";
const PARTS: [(RegistryPart, &str); 4] = [
    (RegistryPart::Attention, "Needs attention"),
    (RegistryPart::Brands, "Brands"),
    (RegistryPart::Campaigns, "10DLC campaigns"),
    (RegistryPart::Workspaces, "Workspaces"),
];

fn read(params: &ParamsMap) -> RegistryQuery {
    let text = |key: &str| params.get_str(key).unwrap_or_default().trim().to_owned();
    RegistryQuery {
        part: params.get_str("part").and_then(named).unwrap_or_default(),
        workspace: text("workspace"),
        status: text("status"),
        search: text("search"),
        page: page_of(params, "page"),
    }
}

fn href(query: &RegistryQuery) -> String {
    let part = if query.part == RegistryPart::default() { String::new() } else { name_of(query.part) };
    let page = if query.page > 1 { query.page.to_string() } else { String::new() };
    address(
        PATH,
        [
            ("part", part),
            ("workspace", query.workspace.clone()),
            ("status", query.status.clone()),
            ("search", query.search.clone()),
            ("page", page),
        ],
    )
}

#[component]
pub fn RegistryOverview() -> impl IntoView {
    let params = use_query_map();
    let query = Memo::new(move |_| params.with(read));
    let loaded = Resource::new(move || query.get(), registry_overview);
    let lead = if use_viewer().super_admin {
        "What all workspaces have registered for US numbers."
    } else {
        "What your workspaces, and those that are assigned to you, have registered for US numbers."
    };
    view! {
        <PageHeading title="10DLC registry" lead>
            {use_viewer()
                .super_admin
                .then(|| view! { <LinkButton href="/installation/staff" kind=ButtonKind::Secondary>"Staff"</LinkButton> })}
        </PageHeading>
        <Parts query/>
        <Transition fallback=|| view! { <Loading label="Loading what is registered"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(list) => view! { <Loaded list query=query.get_untracked()/> }.into_any(),
                    Err(error @ crate::error::AppError::NotFound) => view! { <ErrorView error/> }.into_any(),
                    Err(error) => {
                        view! { <Panel><LoadError error retry=Callback::new(move |()| loaded.refetch())/></Panel> }
                            .into_any()
                    }
                }
            })}
        </Transition>
    }
}

/// What is listed: an address each, which keeps workspace and search.
#[component]
fn Parts(query: Memo<RegistryQuery>) -> impl IntoView {
    move || {
        let query = query.get();
        let tab = |(part, label): (RegistryPart, &str)| {
            let there = RegistryQuery { part, status: String::new(), page: 0, ..query.clone() };
            Tab::new(label, href(&there), part == query.part)
        };
        view! { <Tabs label="What is listed" tabs=PARTS.map(tab).to_vec()/> }
    }
}

#[component]
fn Loaded(list: RegistryList, query: RegistryQuery) -> impl IntoView {
    let RegistryList { workspaces, rows, connected, outage } = list;
    let (total, page, pages) = match &rows {
        RegistryRows::Attention(of) => (of.total, of.page, of.pages),
        RegistryRows::Brands(of) => (of.total, of.page, of.pages),
        RegistryRows::Campaigns(of) => (of.total, of.page, of.pages),
        RegistryRows::Workspaces(of) => (of.total, of.page, of.pages),
    };
    let pages_query = query.clone();
    let to = move |page: u32| href(&RegistryQuery { page, ..pages_query.clone() });
    let narrowed = query.narrows();
    let part = query.part;
    view! {
        <WayToRegistry connected outage/>
        <Filters workspaces query/>
        <Panel flush=true>
            {if total == 0 {
                view! { <Nothing part narrowed/> }.into_any()
            } else {
                view! { <Rows rows/> }.into_any()
            }}
            <Pagination page pages href=to/>
        </Panel>
    }
}

#[component]
fn Nothing(part: RegistryPart, narrowed: bool) -> impl IntoView {
    if narrowed {
        let all = href(&RegistryQuery { part, ..RegistryQuery::default() });
        return view! {
            <EmptyState title="Nothing like that" text="Nothing matches what you look for.">
                <LinkButton href=all kind=ButtonKind::Secondary small=true>"Show everything"</LinkButton>
            </EmptyState>
        }
        .into_any();
    }
    let (title, text) = match part {
        RegistryPart::Attention => ("Nothing needs attention", "All that is registered is as it should be."),
        RegistryPart::Brands => ("No brand yet", "Open a workspace under Workspaces to register one for it."),
        RegistryPart::Campaigns => ("No 10DLC campaign yet", "They are registered in the workspace of their brand."),
        RegistryPart::Workspaces => ("No workspace yet", "There is none in this installation."),
    };
    view! { <EmptyState title text/> }.into_any()
}

#[component]
fn Rows(rows: RegistryRows) -> impl IntoView {
    let (count, body) = match rows {
        RegistryRows::Attention(RowsPage { rows: matters, total, .. }) => {
            (counted(total, "matter", "matters"), view! { <Matters matters places=true/> }.into_any())
        }
        RegistryRows::Brands(RowsPage { rows, total, .. }) => {
            (counted(total, "brand", "brands"), view! { <BrandTable rows places=true/> }.into_any())
        }
        RegistryRows::Campaigns(RowsPage { rows, total, .. }) => {
            (counted(total, "10DLC campaign", "10DLC campaigns"), view! { <TenDlcTable rows places=true/> }.into_any())
        }
        RegistryRows::Workspaces(RowsPage { rows, total, .. }) => {
            (counted(total, "workspace", "workspaces"), view! { <WorkspaceTable rows/> }.into_any())
        }
    };
    view! {
        <p class="px-4 py-3 text-sm text-muted sm:px-5">{count}</p>
        {body}
    }
}

#[component]
fn WorkspaceTable(rows: Vec<WorkspaceRow>) -> impl IntoView {
    let body = rows
        .into_iter()
        .map(|row| {
            let attention = href(&RegistryQuery { workspace: row.place.slug.clone(), ..RegistryQuery::default() });
            view! {
                <tr>
                    <th scope="row" class="min-w-44 font-normal">
                        <a class="link link-hover font-medium break-words" href=row.place.path("")>{row.place.name.clone()}</a>
                        <span class="block font-mono text-xs text-muted">{row.place.slug.clone()}</span>
                        {row.archived.then(|| view! { <Badge text="Archived"/> })}
                    </th>
                    <td>{row.role.map_or("–", |role| role.label())}</td>
                    <td class="text-right tabular-nums">{row.brands}</td>
                    <td class="text-right tabular-nums">{row.campaigns}</td>
                    <td class="text-right tabular-nums">
                        {if row.matters == 0 {
                            view! { <span class="text-muted">"–"</span> }.into_any()
                        } else {
                            view! { <a class="link" href=attention>{row.matters} <span class="sr-only">" need attention"</span></a> }.into_any()
                        }}
                    </td>
                </tr>
            }
        })
        .collect_view();
    view! {
        <Table caption="Workspaces">
            <thead>
                <tr>
                    <th scope="col">"Workspace"</th>
                    <th scope="col">"You as staff"</th>
                    <th scope="col" class="text-right">"Brands"</th>
                    <th scope="col" class="text-right">"10DLC campaigns"</th>
                    <th scope="col" class="text-right">"Needs attention"</th>
                </tr>
            </thead>
            <tbody>{body}</tbody>
        </Table>
    }
}

/// A plain form of method GET: the filters are the address.
#[component]
fn Filters(workspaces: Vec<Place>, query: RegistryQuery) -> impl IntoView {
    let places = std::iter::once(Choice::new("", "All"))
        .chain(workspaces.into_iter().map(|place| Choice::new(place.slug, place.name)))
        .collect();
    let known = statuses(query.part);
    let status = (!known.is_empty()).then(|| {
        let words = known.into_iter().map(|(word, label)| Choice::new(word, label));
        let choices = std::iter::once(Choice::new("", "Any")).chain(words).collect();
        view! { <SelectField name="status" label="Status" choices value=query.status.clone() filter=true/> }
    });
    let part =
        (query.part != RegistryPart::default()).then(|| view! { <Hidden name="part" value=name_of(query.part)/> });
    let clear = query.narrows().then(|| {
        let href = href(&RegistryQuery { part: query.part, ..RegistryQuery::default() });
        view! { <LinkButton href kind=ButtonKind::Quiet>"Clear"</LinkButton> }
    });
    let with_workspaces = query.part != RegistryPart::Workspaces;
    view! {
        <Form method="get" action=PATH on_form_data=Arc::new(without_empty) attr:class="panel p-4" attr:role="search" attr:aria-label="10DLC registry">
            {part}
            <div class="grid items-end gap-3 sm:grid-cols-2 lg:grid-cols-4">
                <TextField name="search" label="Search" r#type="search" value=query.search.clone() filter=true/>
                {with_workspaces
                    .then(|| view! { <SelectField name="workspace" label="Workspace" choices=places value=query.workspace.clone() filter=true/> })}
                {status}
                <div class="flex gap-2">
                    <Button kind=ButtonKind::Secondary>"Apply"</Button>
                    {clear}
                </div>
            </div>
        </Form>
    }
}

/// An address names what is asked for, and not what could have been.
fn without_empty(form: &FormData) {
    for key in ["", "search", "workspace", "status"] {
        if form.get(key).as_string().is_some_and(|value| value.is_empty()) {
            form.delete(key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_back() {
        let query = RegistryQuery {
            part: RegistryPart::Brands,
            workspace: "acme".into(),
            status: "unverified".into(),
            search: "bank ltd".into(),
            page: 2,
        };
        assert_eq!(href(&query), "/registry?part=brands&workspace=acme&status=unverified&search=bank%20ltd&page=2");
        let mut params = ParamsMap::new();
        for (key, value) in
            [("part", "brands"), ("workspace", "acme"), ("status", "unverified"), ("search", "bank ltd"), ("page", "2")]
        {
            params.insert(key, value.to_owned());
        }
        assert_eq!(read(&params), query);
        assert_eq!(href(&RegistryQuery::default()), PATH);
    }
}
