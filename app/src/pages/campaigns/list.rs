//! The list of a workspace's campaigns.

use domain::{campaign::Status, permission::Permission};
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    filters::{self, Filters},
    status::CampaignState,
};
use crate::{
    api::campaigns::{
        list::{self as api, CampaignRow, Figures, ListQuery, PAGE_ROWS, Sort},
        short_id,
    },
    pages::layout::use_workspace,
    state::{keys::Keys, poll::poll},
    ui::prelude::*,
};

const REFRESH_MS: u32 = 5_000;

#[component]
pub fn CampaignList() -> impl IntoView {
    let workspace = use_workspace();
    let params = use_query_map();
    let query = Memo::new(move |_| params.with(filters::read));
    let slug = workspace.slug.clone();
    let list = Resource::new(
        move || query.get(),
        move |query| {
            let slug = slug.clone();
            async move { api::campaigns(slug, query).await }
        },
    );
    Keys::here().go_through_list();
    let moves = RwSignal::new(false);
    poll(REFRESH_MS, move || moves.get_untracked(), move || list.refetch());

    let may_create = workspace.may(Permission::CreateCampaign);
    let path = workspace.path("/campaigns");
    let new = workspace.path("/campaigns/new");
    let button = may_create.then(|| view! { <LinkButton href=new.clone()>"New campaign"</LinkButton> });
    view! {
        <PageHeading title="Campaigns">
            {button}
        </PageHeading>
        <Filters path=path.clone() query/>
        <Transition fallback=|| view! { <Loading label="Loading the campaigns"/> }>
            {move || {
                let (path, new) = (path.clone(), new.clone());
                Suspend::new(async move {
                    match list.await {
                        Ok(page) => {
                            moves.set(page.rows.iter().any(|row| row.status.is_active()));
                            view! {
                                <FigureTiles figures=page.figures/>
                                <Rows rows=page.rows next=page.next path new may_create query=query.get_untracked()/>
                            }
                                .into_any()
                        }
                        Err(error) => {
                            view! { <Panel><LoadError error retry=Callback::new(move |()| list.refetch())/></Panel> }
                                .into_any()
                        }
                    }
                })
            }}
        </Transition>
    }
}

#[component]
fn FigureTiles(figures: Figures) -> impl IntoView {
    let tile = |label: &'static str, number: u64, hint: &'static str| {
        view! { <StatTile label value=Signal::stored(grouped(number)) hint=hint.to_owned()/> }
    };
    view! {
        <dl class="stat-grid sm:grid-cols-3 xl:grid-cols-5">
            {tile("Total", figures.total, "submitted ever")}
            {tile("Active", figures.active, "building, pending, sending or paused")}
            {tile("Completed", figures.completed, "done")}
            {tile("Errors", figures.failed, "failed or expired")}
            {tile("SMS sent", figures.delivered, "and delivered")}
        </dl>
    }
}

#[component]
fn Rows(
    rows: Vec<CampaignRow>,
    #[prop(optional_no_strip)] next: Option<String>,
    path: String,
    new: String,
    may_create: bool,
    query: ListQuery,
) -> impl IntoView {
    if rows.is_empty() {
        return view! { <Panel flush=true><Nothing query path new may_create/></Panel> }.into_any();
    }
    let body = rows.into_iter().map(|row| view! { <Row row path=path.clone() workspace=None/> }).collect_view();
    let heads = (
        sort_header("Sender", &path, &query, Sort::SenderAscending, Sort::SenderDescending),
        sort_header("Start", &path, &query, Sort::StartDescending, Sort::StartAscending),
        sort_header("Created", &path, &query, Sort::Newest, Sort::Oldest),
    );
    view! {
        <Panel flush=true>
            <Table caption="Campaigns">
                <thead>
                    <tr>
                        <th scope="col">"Campaign"</th>
                        <th scope="col">"Status"</th>
                        <th scope="col">"Mode"</th>
                        <th scope="col">"Progress"</th>
                        {heads.0}
                        {heads.1}
                        <th scope="col">"End"</th>
                        {heads.2}
                        <th scope="col">"Author"</th>
                    </tr>
                </thead>
                <tbody>{body}</tbody>
            </Table>
            <Paging next path query/>
        </Panel>
    }
    .into_any()
}

/// The head of a column that sorts: `first` on the first click, `second` on the next.
fn sort_header(label: &'static str, path: &str, query: &ListQuery, first: Sort, second: Sort) -> impl IntoView + use<> {
    let sort = if query.sort == first { second } else { first };
    let href = filters::href(path, &ListQuery { sort, before: None, skip: 0, ..query.clone() });
    let descends = |sort| matches!(sort, Sort::Newest | Sort::SenderDescending | Sort::StartDescending);
    let sorted = [first, second]
        .contains(&query.sort)
        .then(|| if descends(query.sort) { Direction::Descending } else { Direction::Ascending });
    view! { <SortHeader label href sorted/> }
}

/// A campaign in a table; `path` is that of its workspace's list.
#[component]
pub fn Row(
    row: CampaignRow,
    path: String,
    /// In a table of several workspaces: the name of its own.
    #[prop(optional_no_strip)]
    workspace: Option<String>,
) -> impl IntoView {
    let draft = row.status == Status::Draft;
    let href = if draft && row.editable { format!("{path}/{}/edit/1", row.id) } else { format!("{path}/{}", row.id) };
    let name = if row.name.is_empty() { "Untitled".to_owned() } else { row.name };
    let total = row.progress.total();
    let sent = row.progress.sent();
    let progress = if draft || total == 0 {
        view! { <span class="text-muted">"–"</span> }.into_any()
    } else {
        view! {
            <ProgressBar label="Sent of all" value=Signal::stored(sent) max=Signal::stored(total) bare=true/>
            <span class="text-xs whitespace-nowrap text-muted tabular-nums">
                {format!("{} of {}", grouped(sent), grouped(total))}
            </span>
        }
        .into_any()
    };
    view! {
        <tr>
            <th scope="row" class="min-w-48 font-normal">
                <a href=href class="link link-hover font-medium break-words">{name}</a>
                <span class="block font-mono text-xs text-muted" title=row.id.clone()>{short_id(&row.id)}</span>
            </th>
            {workspace.map(|workspace| view! { <td class="min-w-32 break-words">{workspace}</td> })}
            <td><CampaignState status=row.status approved=row.approved pause=row.pause/></td>
            <td class="whitespace-nowrap">{row.mode.label()}</td>
            <td>{progress}</td>
            <td>{row.sender.unwrap_or_else(|| "–".to_owned())}</td>
            <td><MaybeWhen moment=row.start stacked=true/></td>
            <td><MaybeWhen moment=row.end stacked=true/></td>
            <td><When moment=row.created stacked=true/></td>
            <td>{row.author}</td>
        </tr>
    }
}

/// Nothing at all, or nothing that the filters let through.
#[component]
fn Nothing(query: ListQuery, path: String, new: String, may_create: bool) -> impl IntoView {
    if query.before.is_some() || query.skip > 0 {
        let first = filters::href(&path, &ListQuery { before: None, skip: 0, ..query });
        return view! {
            <EmptyState title="There is no further page">
                <LinkButton href=first kind=ButtonKind::Secondary>"To the first page"</LinkButton>
            </EmptyState>
        }
        .into_any();
    }
    if filters::narrows(&query) {
        return view! {
            <EmptyState title="No campaign matches" text="Widen the period, or leave out a filter.">
                <LinkButton href=path kind=ButtonKind::Secondary>"Clear the filters"</LinkButton>
            </EmptyState>
        }
        .into_any();
    }
    if query.archived {
        return view! {
            <EmptyState title="Nothing is archived" text="Archived campaigns keep their records and can be restored.">
                <LinkButton href=path kind=ButtonKind::Secondary>"To the campaigns"</LinkButton>
            </EmptyState>
        }
        .into_any();
    }
    let text = if may_create {
        "Write a message, choose its recipients, and hand it to a moderator."
    } else {
        "Campaigns appear here once an author has begun one."
    };
    view! {
        <EmptyState title="No campaigns yet" text>
            {may_create.then(|| view! { <LinkButton href=new>"New campaign"</LinkButton> })}
        </EmptyState>
    }
    .into_any()
}

#[component]
fn Paging(#[prop(optional_no_strip)] next: Option<String>, path: String, query: ListQuery) -> impl IntoView {
    let later = query.before.is_some() || query.skip > 0;
    let first = later.then(|| filters::href(&path, &ListQuery { before: None, skip: 0, ..query.clone() }));
    let next = next.map(|last| {
        let further = if query.sort == Sort::Newest {
            ListQuery { before: Some(last), ..query }
        } else {
            ListQuery { skip: query.skip + PAGE_ROWS, ..query }
        };
        filters::href(&path, &further)
    });
    view! { <CursorPaging first next/> }
}
