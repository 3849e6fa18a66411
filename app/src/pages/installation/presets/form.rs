//! `/installation/presets/new` and `/installation/presets/{id}`: the rules of a preset.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::PATH;
use crate::{
    api::installation::presets::{AddPreset, ChangePreset, PresetView, RemovePreset, preset},
    error::AppError,
    pages::installation::{InstallationTab, InstallationTabs},
    ui::prelude::*,
};

#[component]
pub fn NewPreset() -> impl IntoView {
    let add = ServerAction::<AddPreset>::new();
    let refused: Signal<Option<AppError>> = Signal::derive(move || add.value().get().and_then(Result::err));
    view! {
        <Breadcrumbs crumbs=vec![Crumb::new("Policies", PATH)]/>
        <PageHeading title="New preset" lead="It does nothing before a link or a pool has it."/>
        <InstallationTabs current=InstallationTab::Policies/>
        <Panel>
            <ActionForm action=add attr:class="flex max-w-2xl flex-col gap-5">
                <ErrorSummary error=refused/>
                <Fields blacklist=true exempt_codes=true error=refused/>
                <div class="flex flex-wrap gap-3">
                    <Button busy=add.pending()>"Add the preset"</Button>
                    <LinkButton href=PATH kind=ButtonKind::Secondary>"Cancel"</LinkButton>
                </div>
            </ActionForm>
        </Panel>
    }
}

#[component]
pub fn PresetPage() -> impl IntoView {
    let params = use_params_map();
    let id = Memo::new(move |_| params.with(|params| params.get("preset").unwrap_or_default()));
    let change = ServerAction::<ChangePreset>::new();
    let remove = ServerAction::<RemovePreset>::new();
    let loaded = Resource::new(move || id.get(), preset);
    view! {
        <Breadcrumbs crumbs=vec![Crumb::new("Policies", PATH)]/>
        <Transition fallback=|| view! { <Loading label="Loading the preset"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(preset) => view! { <Loaded preset change remove/> }.into_any(),
                    Err(error) => view! { <ErrorView error/> }.into_any(),
                }
            })}
        </Transition>
    }
}

#[component]
fn Loaded(preset: PresetView, change: ServerAction<ChangePreset>, remove: ServerAction<RemovePreset>) -> impl IntoView {
    let PresetView { row, per_day, per_week, duplicate_hours, blacklist, exempt_codes, changed, changed_by, revision } =
        preset;
    let refused: Signal<Option<AppError>> = Signal::derive(move || {
        change.value().get().and_then(Result::err).or_else(|| remove.value().get().and_then(Result::err))
    });
    let (id, id_to_change, named, asked) =
        (row.id.clone(), row.id.clone(), row.name.clone(), format!("Delete {}?", row.name));
    let number = |value: Option<u32>| value.map(|value| value.to_string()).unwrap_or_default();
    let count = row.channels.len();
    let consequence = if row.channels.is_empty() {
        "No link and no pool has it.".to_owned()
    } else {
        format!(
            "It is in use: {} will have no policy. Campaigns that are being sent by that go on without one.",
            row.channels.join(", ")
        )
    };
    view! {
        <PageHeading title=row.name.clone()/>
        <InstallationTabs current=InstallationTab::Policies/>
        <Panel title="Rules">
            <ActionForm action=change attr:class="flex max-w-2xl flex-col gap-5">
                <ErrorSummary error=refused/>
                <p class="text-sm text-muted">
                    "Changed " <When moment=changed/> " by " {changed_by} ". Other rules hold from the next message on."
                </p>
                <Hidden name="id" value=id_to_change/>
                <Hidden name="revision" value=revision.to_string()/>
                <Fields
                    name=named
                    per_day=number(per_day)
                    per_week=number(per_week)
                    duplicate_hours=number(duplicate_hours)
                    blacklist
                    exempt_codes
                    error=refused
                />
                <div class="flex flex-wrap gap-3">
                    <Button busy=change.pending()>"Save"</Button>
                    <DialogOpen id="remove" kind=ButtonKind::Secondary>"Delete"</DialogOpen>
                </div>
            </ActionForm>
            <Dialog id="remove" title=asked>
                <p>{consequence}</p>
                <ActionForm action=remove>
                    <Hidden name="id" value=id/>
                    <Hidden name="revision" value=revision.to_string()/>
                    <Hidden name="channels" value=count.to_string()/>
                    <div class="dialog-actions">
                        <Button kind=ButtonKind::Danger busy=remove.pending()>"Delete"</Button>
                        <DialogClose id="remove"/>
                    </div>
                </ActionForm>
            </Dialog>
        </Panel>
    }
}

#[component]
fn Fields(
    #[prop(optional, into)] name: String,
    #[prop(optional, into)] per_day: String,
    #[prop(optional, into)] per_week: String,
    #[prop(optional, into)] duplicate_hours: String,
    blacklist: bool,
    exempt_codes: bool,
    error: Signal<Option<AppError>>,
) -> impl IntoView {
    let wrong =
        move |field: &'static str| Signal::derive(move || error.get().and_then(|error| error.field_error(field)));
    view! {
        <TextField name="name" label="Name" value=name maxlength=80 hint="Such as Marketing." error=wrong("name")/>
        <TextField
            name="per_day"
            label="Messages to a number a day"
            value=per_day
            r#type="number"
            inputmode="numeric"
            min="1"
            max="1000"
            optional=true
            hint="From midnight to midnight by the clock of the workspace."
            error=wrong("per_day")
        />
        <TextField
            name="per_week"
            label="Messages to a number in seven days"
            value=per_week
            r#type="number"
            inputmode="numeric"
            min="1"
            max="1000"
            optional=true
            hint="Today and the six days before."
            error=wrong("per_week")
        />
        <TextField
            name="duplicate_hours"
            label="Hours in which no number gets the same text twice"
            value=duplicate_hours
            r#type="number"
            inputmode="numeric"
            min="1"
            max="168"
            optional=true
            hint="Up to 168, which are seven days."
            error=wrong("duplicate_hours")
        />
        <Checkbox
            name="blacklist"
            label="Use the blacklist"
            checked=blacklist
            hint="Numbers on the blacklist of the installation get nothing, one-time codes included."
        />
        <Checkbox
            name="exempt_codes"
            label="One-time codes are exempt"
            checked=exempt_codes
            hint="Trigger campaigns that may be sent at any hour keep to the blacklist alone. What they send counts for others."
        />
    }
}
