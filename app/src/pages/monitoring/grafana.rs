//! `/installation/monitoring/grafana`: Grafana's dashboards, in a frame of their own origin.
//!
//! The browser is let in there by a one-time ticket that a form posts into the frame: never by an address, and never by
//! the cookie of this origin. Without a script the form's button does it; with one the frame opens by itself, and each
//! further opening fetches a ticket of its own.

use leptos::{ev::SubmitEvent, html, prelude::*};
use leptos_router::hooks::use_query_map;

use super::ways::{CHARTS, GRAFANA, Ways};
use crate::{
    api::monitoring::grafana::{Dashboard, GrafanaView, grafana_dashboards},
    state::{query::address, theme},
    ui::prelude::*,
};

/// The frame's name, which the form leads to.
const FRAME: &str = "grafana";
const OWN_TAB: &str = "_blank";
/// What the frame's content may do: all of Grafana, but not lead the page around it somewhere else.
const SANDBOX: &str = "allow-scripts allow-same-origin allow-forms allow-downloads";

#[component]
pub fn GrafanaPage() -> impl IntoView {
    let loaded = Resource::new(|| (), |()| grafana_dashboards());
    view! {
        <PageHeading
            title="Monitoring"
            lead="The links to carriers and this installation, as Grafana draws what Prometheus keeps of them."
        />
        <Ways grafana=true current=GRAFANA/>
        <Transition fallback=|| view! { <Loading label="Asking Grafana"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(Some(first)) => view! { <Framed first/> }.into_any(),
                    Ok(None) => view! { <NotSetUp/> }.into_any(),
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
fn NotSetUp() -> impl IntoView {
    view! {
        <Panel>
            <EmptyState
                title="This installation has no Grafana"
                text="The section [grafana] of its configuration says where one is: docs/configuration.md. The charts need none."
            >
                <LinkButton href=CHARTS kind=ButtonKind::Secondary>"To the charts"</LinkButton>
            </EmptyState>
        </Panel>
    }
}

#[component]
fn Framed(first: GrafanaView) -> impl IntoView {
    let GrafanaView { enter, ticket, dashboards, trouble } = first;
    let params = use_query_map();
    let dashboards = StoredValue::new(dashboards);
    // One of those that there are, whatever the address says.
    let chosen = Memo::new(move |_| {
        let wanted = params.with(|params| params.get("dashboard")).unwrap_or_default();
        dashboards.with_value(|all| {
            let found = all.iter().find(|one| one.uid == wanted).or(all.first());
            found.map(|one| one.uid.clone()).unwrap_or_default()
        })
    });
    let again = Action::new(move |(): &()| grafana_dashboards());
    let target = StoredValue::new(FRAME);
    let trouble = RwSignal::new(trouble);
    let refused = move || again.value().with(|value| value.as_ref().and_then(|value| value.as_ref().err().cloned()));
    let (form, ticket_field, theme_field) =
        (NodeRef::<html::Form>::new(), NodeRef::<html::Input>::new(), NodeRef::<html::Input>::new());
    let open = move |target: &str| {
        if let (Some(form), Some(theme_field)) = (form.get_untracked(), theme_field.get_untracked()) {
            theme_field.set_value(theme::chosen().name());
            form.set_target(target);
            // What `submit` sends asks nobody again, the handler below neither.
            _ = form.submit();
        }
    };
    Effect::new(move |before: Option<String>| {
        let chosen = chosen.get();
        match before {
            // The ticket that came with the page.
            None if trouble.get_untracked().is_none() => open(FRAME),
            Some(before) if before != chosen => {
                target.set_value(FRAME);
                again.dispatch(());
            }
            _ => {}
        }
        chosen
    });
    Effect::new(move |_| {
        if let Some(Ok(Some(fresh))) = again.value().get() {
            if let Some(field) = ticket_field.get_untracked() {
                field.set_value(&fresh.ticket);
            }
            let answers = fresh.trouble.is_none();
            trouble.set(fresh.trouble);
            if answers {
                open(target.get_value());
            }
        }
    });
    #[cfg(feature = "hydrate")]
    {
        let listener = window_event_listener_untyped(theme::CHANGED, move |_| {
            target.set_value(FRAME);
            again.dispatch(());
        });
        on_cleanup(move || listener.remove());
    }
    let submitted = move |event: SubmitEvent| {
        // The ticket in the form may be spent, or too old.
        event.prevent_default();
        let to_own_tab = event.submitter().is_some_and(|button| button.has_attribute("formtarget"));
        target.set_value(if to_own_tab { OWN_TAB } else { FRAME });
        again.dispatch(());
    };
    let frame_title = move || {
        let title = dashboards.with_value(|all| title_of(all, &chosen.get()));
        format!("Grafana: {title}")
    };
    view! {
        {move || {
            let tabs = dashboards.with_value(|all| {
                all.iter()
                    .map(|one| {
                        let href = address(GRAFANA, [("dashboard", one.uid.clone())]);
                        Tab::new(one.title.clone(), href, one.uid == chosen.get())
                    })
                    .collect::<Vec<_>>()
            });
            view! { <Tabs label="Dashboard" tabs/> }
        }}
        <div role="status">
            {move || {
                trouble.get().map(|trouble| {
                    view! {
                        <Alert tone=Tone::Warning title="Grafana shows nothing at the moment">
                            <p>{trouble}</p>
                            <p>
                                "What is being sent is not concerned, and the "
                                <a class="link" href=CHARTS>"charts"</a>
                                " go on."
                            </p>
                        </Alert>
                    }
                })
            }}
            {move || refused().map(|error| view! { <Alert tone=Tone::Danger>{error.to_string()}</Alert> })}
        </div>
        <form
            method="post"
            action=enter
            target=FRAME
            autocomplete="off"
            node_ref=form
            class="flex flex-wrap items-center gap-2"
            on:submit=submitted
        >
            <input type="hidden" name="ticket" value=ticket node_ref=ticket_field/>
            <input type="hidden" name="dashboard" value=move || chosen.get()/>
            <input type="hidden" name="theme" value=theme::chosen().name() node_ref=theme_field/>
            <Button small=true busy=again.pending()>"Open the dashboards"</Button>
            <button type="submit" formtarget=OWN_TAB class="btn btn-sm btn-ghost">"Open in a tab of its own"</button>
            <p class="text-sm text-muted">"They are open for as long as you are signed in here."</p>
        </form>
        <iframe
            name=FRAME
            title=frame_title
            sandbox=SANDBOX
            class="h-[75vh] min-h-96 w-full rounded-lg border border-base-300 bg-base-100"
        ></iframe>
    }
}

fn title_of(dashboards: &[Dashboard], uid: &str) -> String {
    dashboards.iter().find(|one| one.uid == uid).map(|one| one.title.clone()).unwrap_or_default()
}
