//! `/installation/settings`: passwords, second factors, sessions, and who sees diagnostics.

use domain::installation::{DiagnosticsFor, SESSION_HOURS_RANGE, SESSION_IDLE_MINUTES_RANGE, SecondFactorRule};
use leptos::prelude::*;

use super::{InstallationTab, InstallationTabs, hold::InstallationHold};
use crate::{
    api::installation::settings::{InstallationSettingsView, SaveInstallationSettings, installation_settings},
    error::AppError,
    state::query::name_of,
    ui::prelude::*,
};

#[component]
pub fn InstallationSettings() -> impl IntoView {
    let save = ServerAction::<SaveInstallationSettings>::new();
    let loaded = Resource::new(move || save.version().get(), |_| installation_settings());
    view! {
        <PageHeading title="Settings of the installation" lead="They hold for everybody, in all workspaces."/>
        <InstallationTabs current=InstallationTab::Settings/>
        <Transition fallback=|| view! { <Loading label="Loading the settings"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(settings) => view! { <Form settings save/> }.into_any(),
                    Err(error) => {
                        view! { <LoadError error retry=Callback::new(move |()| loaded.refetch())/> }.into_any()
                    }
                }
            })}
        </Transition>
        <InstallationHold/>
    }
}

#[component]
fn Form(settings: InstallationSettingsView, save: ServerAction<SaveInstallationSettings>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || save.value().get().and_then(Result::err));
    let error_of =
        move |field: &'static str| Signal::derive(move || refused.get().and_then(|error| error.field_error(field)));
    let done = move || save.value().get().is_some_and(|answer| answer.is_ok());
    let rules = SecondFactorRule::ALL.map(|rule| Choice::new(name_of(rule), rule.label())).to_vec();
    let readers = DiagnosticsFor::ALL.map(|readers| Choice::new(name_of(readers), readers.label())).to_vec();
    let lengths = domain::password::MIN_LENGTH_RANGE;
    view! {
        <Panel>
            <ActionForm action=save attr:class="flex max-w-2xl flex-col gap-5">
                <ErrorSummary error=refused/>
                <div role="status">
                    {move || done().then(|| view! { <Alert tone=Tone::Success>"Saved. It holds from the next request on."</Alert> })}
                </div>
                <Hidden name="revision" value=settings.revision.to_string()/>
                <TextField
                    name="password_min_length"
                    label="Shortest password"
                    r#type="number"
                    inputmode="numeric"
                    min=lengths.start().to_string()
                    max=lengths.end().to_string()
                    value=settings.password_min_length.to_string()
                    hint="Characters. It holds for passwords that are set from now on."
                    error=error_of("password_min_length")
                />
                <TextArea
                    name="refused_words"
                    label="Words that nobody may use as a password"
                    value=settings.refused_words
                    optional=true
                    hint="One a line, such as the name of your company. The passwords that everybody tries first are refused anyway."
                    error=error_of("refused_words")
                />
                <SelectField
                    name="second_factor"
                    label="Who has to have a second factor"
                    choices=rules
                    value=name_of(settings.second_factor)
                    hint="Who has none is led to set it up at their next request, and sees nothing else before. That includes you."
                    error=error_of("second_factor")
                />
                <TextField
                    name="session_hours"
                    label="Length of a session in hours"
                    r#type="number"
                    inputmode="numeric"
                    min=SESSION_HOURS_RANGE.start().to_string()
                    max=SESSION_HOURS_RANGE.end().to_string()
                    value=settings.session_hours.to_string()
                    hint="After this long everybody signs in again, whatever they do."
                    error=error_of("session_hours")
                />
                <TextField
                    name="session_idle_minutes"
                    label="Minutes of rest after which a session ends"
                    r#type="number"
                    inputmode="numeric"
                    min=SESSION_IDLE_MINUTES_RANGE.start().to_string()
                    max=SESSION_IDLE_MINUTES_RANGE.end().to_string()
                    value=settings.session_idle_minutes.to_string()
                    hint="Rest is when nobody types, clicks or loads a page. Whoever is there is warned two minutes before."
                    error=error_of("session_idle_minutes")
                />
                <SelectField
                    name="diagnostics_for"
                    label="Who sees diagnostics"
                    choices=readers
                    value=name_of(settings.diagnostics_for)
                    hint="Admins of workspaces are told whether the database, the links of their campaigns and so on are in order, and nothing about this machine or other workspaces."
                    error=error_of("diagnostics_for")
                />
                <div>
                    <Button busy=save.pending()>"Save"</Button>
                </div>
            </ActionForm>
        </Panel>
    }
}
