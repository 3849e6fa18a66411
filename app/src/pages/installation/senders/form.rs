//! `/installation/senders/new`, and the fields that say who is offered a preset.

use leptos::prelude::*;

use super::PATH;
use crate::{
    api::installation::senders::CreateSenderPreset,
    error::AppError,
    pages::{
        installation::{InstallationTab, InstallationTabs},
        senders::AddressingFields,
    },
    ui::prelude::*,
};

#[component]
pub fn NewSenderPreset() -> impl IntoView {
    let create = ServerAction::<CreateSenderPreset>::new();
    let refused: Signal<Option<AppError>> = Signal::derive(move || create.value().get().and_then(Result::err));
    let name_error = Signal::derive(move || refused.get().and_then(|error| error.field_error("display_name")));
    view! {
        <Breadcrumbs crumbs=vec![Crumb::new("Sender presets", PATH)]/>
        <PageHeading
            title="New sender preset"
            lead="Its first revision comes into force when another super admin approves it; where there is none, when you do, which is on record."
        />
        <InstallationTabs current=InstallationTab::Senders/>
        <Panel>
            <ActionForm action=create attr:class="flex max-w-2xl flex-col gap-5">
                <ErrorSummary error=refused/>
                <TextField
                    name="display_name"
                    label="Name of the preset"
                    maxlength=60
                    hint="How authors find it; phones show the SADDR."
                    error=name_error
                />
                <AddressingFields first=None refused/>
                <OfferFields is_everybody=true workspaces=Vec::new() refused/>
                <div class="flex flex-wrap gap-3">
                    <Button busy=create.pending()>"Submit for approval"</Button>
                    <LinkButton href=PATH kind=ButtonKind::Secondary>"Cancel"</LinkButton>
                </div>
            </ActionForm>
        </Panel>
    }
}

#[component]
pub(super) fn OfferFields(
    is_everybody: bool,
    workspaces: Vec<String>,
    #[prop(into)] refused: Signal<Option<AppError>>,
) -> impl IntoView {
    let error_of =
        move |field: &'static str| Signal::derive(move || refused.get().and_then(|error| error.field_error(field)));
    let choices = vec![Choice::new("everybody", "All workspaces"), Choice::new("only", "These workspaces alone")];
    view! {
        <SelectField
            name="offered"
            label="Offered to"
            choices
            value=if is_everybody { "everybody" } else { "only" }
            error=error_of("offered")
        />
        <TextArea
            name="workspaces"
            label="Workspaces"
            value=workspaces.join("\n")
            rows=4
            optional=true
            hint="Where it is offered to some alone: their addresses, as in /w/acme the word acme, one a line."
            error=error_of("workspaces")
        />
    }
}
