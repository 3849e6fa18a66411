//! `/installation/links/new`: a link is described, tested, and then taken into use.

use leptos::prelude::*;

use super::{PATH, form::Fields};
use crate::{
    api::installation::links::{AddLink, form::LinkForm},
    error::AppError,
    pages::installation::{InstallationTab, InstallationTabs},
    ui::prelude::*,
};

#[component]
pub fn NewLink() -> impl IntoView {
    let add = ServerAction::<AddLink>::new();
    let refused: Signal<Option<AppError>> = Signal::derive(move || add.value().get().and_then(Result::err));
    let wrong = Signal::derive(move || refused.get().and_then(|error| error.field_error("id")));
    view! {
        <Breadcrumbs crumbs=vec![Crumb::new("Links to carriers", PATH)]/>
        <PageHeading title="New link" lead="An account at a carrier, as its operations people describe it."/>
        <InstallationTabs current=InstallationTab::Links/>
        <Panel>
            <ActionForm action=add attr:class="flex flex-col gap-6">
                <ErrorSummary error=refused/>
                <div class="grid gap-5 sm:grid-cols-2">
                    <TextField
                        name="id"
                        label="Id"
                        maxlength=64
                        mono=true
                        hint="Lower-case letters, digits, - and _. Campaigns keep it, so it cannot be changed later."
                        error=wrong
                    />
                </div>
                <Fields form=LinkForm::fresh() error=refused/>
                <Checkbox
                    name="in_use"
                    label="Take it into use at once"
                    hint="Else it is added disabled: test the bind on its page, and enable it then."
                />
                <div class="flex flex-wrap gap-3">
                    <Button busy=add.pending()>"Add the link"</Button>
                    <LinkButton href=PATH kind=ButtonKind::Secondary>"Cancel"</LinkButton>
                </div>
            </ActionForm>
        </Panel>
    }
}
