//! `/w/{slug}/monitoring`: what the workspace sends, and how its links are; the figures follow by themselves.

use domain::permission::Permission;
use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{chart::DrawnChart, used::UsedChannels};
use crate::{
    api::monitoring::{
        Span,
        workspace::{Drawn, WATCHED_DAYS, WorkspaceMonitoringView, workspace_monitoring},
    },
    error::AppError,
    pages::layout::use_workspace,
    state::{
        poll::poll,
        query::{address, name_of, named},
    },
    ui::prelude::*,
};

/// As often as there is a new point.
const LOOK_MS: u32 = 15_000;

#[component]
pub fn WorkspaceMonitoringPage() -> impl IntoView {
    let workspace = use_workspace();
    if !workspace.may(Permission::ViewMonitoring) {
        return view! { <ErrorView error=AppError::Forbidden/> }.into_any();
    }
    let slug = StoredValue::new(workspace.slug.clone());
    let page = StoredValue::new(workspace.path("/monitoring"));
    let params = use_query_map();
    let span =
        Memo::new(move |_| params.with(|params| params.get_str("span").and_then(named::<Span>)).unwrap_or_default());
    let loaded = Resource::new(move || span.get(), move |span| workspace_monitoring(slug.get_value(), span));
    view! {
        <PageHeading
            title="Monitoring"
            lead="What this workspace sends, what becomes of it, and how the links are by which it leaves."
        />
        {move || {
            let tabs = Span::ALL
                .map(|one| {
                    let href = address(&page.get_value(), [("span", name_of(one))]);
                    Tab::new(one.label(), href, one == span.get())
                })
                .to_vec();
            view! { <Tabs label="How far back" tabs/> }
        }}
        <Transition fallback=|| view! { <Loading label="Loading the figures"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(first) => view! { <Figures slug=slug.get_value() first span=span.get_untracked()/> }.into_any(),
                    Err(error) => {
                        view! { <Panel><LoadError error retry=Callback::new(move |()| loaded.refetch())/></Panel> }
                            .into_any()
                    }
                }
            })}
        </Transition>
    }
    .into_any()
}

#[component]
fn Figures(slug: String, first: WorkspaceMonitoringView, span: Span) -> impl IntoView {
    let shown = RwSignal::new(first);
    let again = Action::new(move |(): &()| workspace_monitoring(slug.clone(), span));
    Effect::new(move |_| {
        if let Some(Ok(fresh)) = again.value().get() {
            shown.set(fresh);
        }
    });
    poll(
        LOOK_MS,
        || true,
        move || {
            again.dispatch(());
        },
    );
    let failed = move || again.value().with(|value| value.as_ref().is_some_and(Result::is_err));
    let at = Memo::new(move |_| shown.with(|shown| shown.at.clone()));
    view! {
        <p class="text-sm text-muted">
            {move || match at.get() {
                None => view! { "The server has just started: the first points come within a minute." }.into_any(),
                Some(at) => view! { "As of " <When moment=at/> ", every 15 seconds." }.into_any(),
            }}
        </p>
        <div role="status">
            {move || {
                failed().then(|| view! { <Alert tone=Tone::Warning>"The server was not reached the last time. It is asked again."</Alert> })
            }}
        </div>
        <Tiles shown/>
        <Charts title="The last minutes" head="Time" of=|shown| &shown.lately shown span/>
        <Charts title="The last 24 hours" head="Hour from" of=|shown| &shown.day shown span/>
        <Failures shown/>
        <UsedChannels shown/>
    }
}

#[component]
fn Tiles(shown: RwSignal<WorkspaceMonitoringView>) -> impl IntoView {
    let count =
        move |of: fn(&WorkspaceMonitoringView) -> u64| Signal::derive(move || shown.with(|shown| grouped(of(shown))));
    let rate = Signal::derive(move || shown.with(|shown| format!("{:.1}", shown.messages_per_s)));
    view! {
        <dl class="stat-grid">
            <StatTile label="Waiting" value=count(|shown| shown.waiting) hint="of campaigns under way"/>
            <StatTile label="In flight" value=count(|shown| shown.in_flight) hint="sent, and without a final receipt"/>
            <StatTile label="Messages a second" value=rate hint="answered by the carrier"/>
            <StatTile label="Accepted" value=count(|shown| shown.accepted) hint="in the last 24 hours"/>
            <StatTile label="Delivered" value=count(|shown| shown.delivered) hint="in the last 24 hours"/>
            <StatTile label="Failed" value=count(|shown| shown.failed) hint="in the last 24 hours"/>
        </dl>
    }
}

#[component]
fn Charts(
    title: &'static str,
    /// Above the times in tables.
    head: &'static str,
    of: fn(&WorkspaceMonitoringView) -> &Drawn,
    shown: RwSignal<WorkspaceMonitoringView>,
    span: Span,
) -> impl IntoView {
    let file = use_workspace().path("/monitoring/chart.csv");
    let zone = shown.with_untracked(|shown| shown.time_zone.clone());
    let times = Memo::new(move |_| shown.with(|shown| of(shown).times.clone()));
    let keys = shown.with_untracked(|shown| of(shown).charts.iter().map(|chart| chart.key.clone()).collect::<Vec<_>>());
    let charts = keys
        .into_iter()
        .map(|key| {
            let csv = address(&file, [("chart", key.clone()), ("span", name_of(span))]);
            let chart =
                Memo::new(move |_| shown.with(|shown| of(shown).charts.iter().find(|chart| chart.key == key).cloned()));
            let name = format!("this workspace, {}", title.to_lowercase());
            view! { <DrawnChart chart times head zone=zone.clone() name csv/> }
        })
        .collect_view();
    view! {
        <Panel title=title>
            <div class="grid gap-x-8 gap-y-6 md:grid-cols-2">{charts}</div>
        </Panel>
    }
}

/// Why messages did not arrive.
#[component]
fn Failures(shown: RwSignal<WorkspaceMonitoringView>) -> impl IntoView {
    let rows = Memo::new(move |_| shown.with(|shown| shown.failures.clone()));
    let caption =
        format!("Messages that did not arrive, over campaigns of the last {WATCHED_DAYS} days and those under way");
    let lead = format!(
        "Of campaigns of the last {WATCHED_DAYS} days and those under way. Each campaign has its own reasons on its page."
    );
    view! {
        <Panel title="Why messages did not arrive">
            <p class="mb-4 max-w-prose text-sm text-muted">{lead}</p>
            {move || {
                let rows = rows.get();
                if rows.is_empty() {
                    return view! { <EmptyState title="None has failed"/> }.into_any();
                }
                let rows = rows
                    .into_iter()
                    .map(|(class, count)| {
                        view! {
                            <tr>
                                <th scope="row" class="font-normal">{class.label()}</th>
                                <td class="tabular-nums">{grouped(count)}</td>
                                <td class="min-w-52">{class.meaning()}</td>
                            </tr>
                        }
                    })
                    .collect_view();
                view! {
                    <Table caption=caption.clone()>
                        <thead>
                            <tr>
                                <th scope="col">"What happened"</th>
                                <th scope="col">"Recipients"</th>
                                <th scope="col">"What it says"</th>
                            </tr>
                        </thead>
                        <tbody>{rows}</tbody>
                    </Table>
                }
                    .into_any()
            }}
        </Panel>
    }
}
