//! `/installation/links/{id}`: one link, what can be done to it, and its settings.
//!
//! Its state is asked for again and again; its settings are not, so that nothing that somebody types is lost.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{
    ConditionBadge, LOOK_MS, PATH,
    actions::{Actions, Doing},
    figures::Figures,
    form::Fields,
};
use crate::{
    api::installation::links::{ChangeLink, LinkDetail as Found, LinkRow, LinkSettingsView, Origin, carrier_link},
    error::AppError,
    pages::installation::{InstallationTab, InstallationTabs, presets::PolicyChoice},
    state::poll::poll,
    ui::prelude::*,
};

#[component]
pub fn LinkDetail() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("link").unwrap_or_default()));
    let actions = Actions::new();
    let change = ServerAction::<ChangeLink>::new();
    let saved = move || change.value().get().is_some_and(|answer| answer.is_ok());
    // Another form, with the new revision, once something was saved.
    let saves = Memo::new(move |before: Option<&usize>| before.copied().unwrap_or_default() + usize::from(saved()));
    let versions = move || (id.get(), actions.versions(), saves.get());
    let loaded = Resource::new(versions, |(id, ..)| carrier_link(id));
    let latest = RwSignal::new(None::<LinkRow>);
    let again = Action::new(move |id: &String| carrier_link(id.clone()));
    poll(
        LOOK_MS,
        || true,
        move || {
            again.dispatch(id.get_untracked());
        },
    );
    Effect::new(move |_| {
        if let Some(Ok(found)) = again.value().get()
            && found.row.id == id.get_untracked()
        {
            latest.set(Some(found.row));
        }
    });
    view! {
        <Breadcrumbs crumbs=vec![Crumb::new("Links to carriers", PATH)]/>
        <Transition fallback=|| view! { <Loading label="Loading the link"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(found) => view! { <Loaded found latest actions change/> }.into_any(),
                    Err(error) => view! { <ErrorView error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Loaded(
    found: Found,
    latest: RwSignal<Option<LinkRow>>,
    actions: Actions,
    change: ServerAction<ChangeLink>,
) -> impl IntoView {
    let Found { row, settings, flaw, test } = found;
    let refused: Signal<Option<AppError>> = Signal::derive(move || actions.refused());
    let (id, name, origin) = (row.id.clone(), row.name.clone(), row.origin);
    let revision = settings.as_ref().map(|settings| settings.revision);
    // What was loaded with the page, until something newer is known.
    latest.set(Some(row.clone()));
    let now = Memo::new(move |_| latest.get().unwrap_or_else(|| row.clone()));
    let condition = Memo::new(move |_| now.with(|row| row.condition));
    view! {
        <PageHeading title=name.clone()>{move || view! { <ConditionBadge condition=condition.get()/> }}</PageHeading>
        <InstallationTabs current=InstallationTab::Links/>
        {move || refused.get().map(|error| view! { <Alert tone=Tone::Danger>{error.in_full()}</Alert> })}
        {flaw.map(|flaw| view! { <Alert tone=Tone::Warning>{flaw}</Alert> })}
        <div class="grid items-start gap-5 xl:grid-cols-2">
            {move || view! { <Figures row=now.get()/> }}
            <Doing id=id.clone() name condition revision test actions/>
        </div>
        <PolicyChoice channel=id.clone()/>
        {match settings {
            Some(settings) => view! { <Settings id settings change/> }.into_any(),
            None => view! { <Elsewhere origin/> }.into_any(),
        }}
    }
}

#[component]
fn Settings(id: String, settings: LinkSettingsView, change: ServerAction<ChangeLink>) -> impl IntoView {
    let LinkSettingsView { form, password_set, key_set, changed, changed_by, revision } = settings;
    let refused: Signal<Option<AppError>> = Signal::derive(move || change.value().get().and_then(Result::err));
    let done = move || change.value().get().is_some_and(|answer| answer.is_ok());
    view! {
        <Panel title="Settings">
            <ActionForm action=change attr:class="flex flex-col gap-6">
                <ErrorSummary error=refused/>
                <div role="status">
                    {move || done().then(|| view! { <Alert tone=Tone::Success>"Saved, and in force."</Alert> })}
                </div>
                <p class="text-sm text-muted">
                    "Changed " <When moment=changed/> " by " {changed_by}
                    ". A change is in force at once: sessions are bound anew where they have to be, and nothing that is under way is lost or \
                    sent twice."
                </p>
                <Hidden name="id" value=id/>
                <Hidden name="revision" value=revision.to_string()/>
                <Fields form error=refused password_set=Some(password_set) key_set/>
                <div>
                    <Button busy=change.pending()>"Save"</Button>
                </div>
            </ActionForm>
        </Panel>
    }
}

/// Where the settings are, when they are not here.
#[component]
fn Elsewhere(origin: Origin) -> impl IntoView {
    let text = match origin {
        Origin::Trial => {
            "This link leads to the simulator that comes with the product, so that everything can be tried before a carrier is \
             there. It has no settings. Disable it once real messages are sent."
        }
        Origin::OtherCore => {
            "This link is in another process, message-center core, and is set up in its configuration file. Whether it is in use is \
             decided here: when that process begins again, or could not be reached, it is told before anything goes out by the link. \
             Several Message Centers may use one such process: a link that one of them drains or disables is so for all of them, \
             until one of them takes it into use."
        }
        Origin::File | Origin::Product => {
            "This link is set up in the configuration file of Message Center, in [[links]]. What is changed there is in force once \
             the server gets SIGHUP. Whether it is in use is decided here."
        }
    };
    view! {
        <Panel title="Settings">
            <p class="max-w-prose">{text}</p>
        </Panel>
    }
}
