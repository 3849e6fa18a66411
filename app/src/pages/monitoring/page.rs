//! `/installation/monitoring`: the figures of the last minutes, which follow by themselves.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::{
    link::{ChartPanel, LinkPanel},
    ways::{CHARTS, Ways},
};
use crate::{
    api::monitoring::{MonitoringView, Span, monitoring},
    state::{
        poll::poll,
        query::{address, name_of, named},
    },
    ui::prelude::*,
};

/// As often as there is a new point.
const LOOK_MS: u32 = 15_000;

#[component]
pub fn MonitoringPage() -> impl IntoView {
    let params = use_query_map();
    let span =
        Memo::new(move |_| params.with(|params| params.get_str("span").and_then(named::<Span>)).unwrap_or_default());
    let loaded = Resource::new(move || span.get(), monitoring);
    view! {
        <PageHeading
            title="Monitoring"
            lead="The links to carriers and this installation, by the figures that Prometheus reads."
        />
        <Transition>
            {move || Suspend::new(async move {
                loaded.await.ok().map(|view| view! { <Ways grafana=view.grafana current=CHARTS/> })
            })}
        </Transition>
        {move || {
            let tabs = Span::ALL
                .map(|one| Tab::new(one.label(), address(CHARTS, [("span", name_of(one))]), one == span.get()))
                .to_vec();
            view! { <Tabs label="How far back" tabs/> }
        }}
        <Transition fallback=|| view! { <Loading label="Loading the figures"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(first) => view! { <Figures first span=span.get_untracked()/> }.into_any(),
                    Err(error) => {
                        view! { <Panel><LoadError error retry=Callback::new(move |()| loaded.refetch())/></Panel> }
                            .into_any()
                    }
                }
            })}
        </Transition>
    }
}

#[component]
fn Figures(first: MonitoringView, span: Span) -> impl IntoView {
    let shown = RwSignal::new(first);
    let again = Action::new(move |(): &()| monitoring(span));
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
    let ids =
        Memo::new(move |_| shown.with(|shown| shown.links.iter().map(|link| link.id.clone()).collect::<Vec<_>>()));
    let keys = Memo::new(move |_| {
        shown.with(|shown| shown.installation.iter().map(|chart| chart.key.clone()).collect::<Vec<_>>())
    });
    let at = Memo::new(move |_| shown.with(|shown| shown.at.clone()));
    view! {
        <p class="text-sm text-muted">
            {move || match at.get() {
                None => view! { "The server has just started: the first figures come within a minute." }.into_any(),
                Some(at) => view! { "As of " <When moment=at/> ", every 15 seconds." }.into_any(),
            }}
        </p>
        <div role="status">
            {move || {
                failed().then(|| view! { <Alert tone=Tone::Warning>"The server was not reached the last time. It is asked again."</Alert> })
            }}
        </div>
        {move || {
            ids.get().into_iter().map(|id| view! { <LinkPanel id shown span/> }).collect_view()
        }}
        <Panel title="This installation">
            <div class="grid gap-x-8 gap-y-6 md:grid-cols-2 xl:grid-cols-3">
                {move || {
                    keys.get()
                        .into_iter()
                        .map(|key| view! { <ChartPanel of=String::new() name="this installation" key shown span/> })
                        .collect_view()
                }}
            </div>
        </Panel>
        <Sentinels shown/>
    }
}

/// What in the log asks for somebody.
#[component]
fn Sentinels(shown: RwSignal<MonitoringView>) -> impl IntoView {
    let rows = Memo::new(move |_| shown.with(|shown| shown.sentinels.clone()));
    view! {
        <Panel title="Lines of the log that ask for somebody" flush=true>
            <Table caption="Lines of the log that ask for somebody, since the start">
                <thead>
                    <tr>
                        <th scope="col">"Line"</th>
                        <th scope="col">"Since the start"</th>
                        <th scope="col">"What it says"</th>
                    </tr>
                </thead>
                <tbody>
                    {move || {
                        rows.get()
                            .into_iter()
                            .map(|(name, count)| {
                                let tone = if count > 0 { Tone::Danger } else { Tone::Neutral };
                                let meaning = meaning(&name);
                                view! {
                                    <tr>
                                        <th scope="row" class="font-normal whitespace-nowrap"><code>{name}</code></th>
                                        <td><Badge tone text=grouped(count)/></td>
                                        <td class="min-w-52">{meaning}</td>
                                    </tr>
                                }
                            })
                            .collect_view()
                    }}
                </tbody>
            </Table>
        </Panel>
    }
}

fn meaning(sentinel: &str) -> &'static str {
    match sentinel {
        "[core-slow]" => "An SMS Core took more than 5 seconds to answer.",
        "[core-large]" => "A batch for an SMS Core had more than 8 MB.",
        "[audit-fallback]" => "The database took no audit records: they went to a file.",
        "[audit-fallback-overflow]" => "That file was full: events were counted and no more.",
        "[audit-checkpoint]" => "The checkpoints of the audit log could not be written.",
        "[audit-checkpoint-ahead]" => "The audit log had less than its checkpoint says.",
        _ => "",
    }
}
