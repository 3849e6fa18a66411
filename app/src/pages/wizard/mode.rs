//! Step 1: when it goes out.

use domain::{campaign::Mode, permission::Permission};
use leptos::prelude::*;

use super::page::WizardHead;
use crate::{
    api::wizard::{ChooseMode, CreateDraft, WizardDraft},
    error::AppError,
    pages::layout::use_workspace,
    state::query::name_of,
    ui::prelude::*,
};

/// A new campaign begins with its mode; the draft is made when that is chosen.
#[component]
pub fn NewCampaign() -> impl IntoView {
    let workspace = use_workspace();
    if !workspace.may(Permission::CreateCampaign) {
        return view! { <ErrorView error=AppError::Forbidden/> }.into_any();
    }
    let create = ServerAction::<CreateDraft>::new();
    let refused = Signal::derive(move || create.value().get().and_then(Result::err));
    view! {
        <WizardHead title="New campaign" step=1 reached=1/>
        <ActionForm action=create attr:class="form">
            <ErrorSummary error=refused/>
            <Hidden name="slug" value=workspace.slug.clone()/>
            <Modes chosen=Mode::OnDemand refused/>
            <div class="form-actions">
                <Button busy=create.pending()>"Continue"</Button>
                <LinkButton href=workspace.path("/campaigns") kind=ButtonKind::Secondary>"Back to the list"</LinkButton>
            </div>
        </ActionForm>
    }
    .into_any()
}

/// The same for a campaign that exists.
#[component]
pub fn ModeStep(slug: String, draft: WizardDraft) -> impl IntoView {
    let choose = ServerAction::<ChooseMode>::new();
    let refused = Signal::derive(move || choose.value().get().and_then(Result::err));
    view! {
        <ActionForm action=choose attr:class="form">
            <ErrorSummary error=refused/>
            <Hidden name="slug" value=slug/>
            <Hidden name="id" value=draft.id/>
            <Modes chosen=draft.mode refused/>
            <div class="form-actions">
                <Button busy=choose.pending()>"Save and continue"</Button>
            </div>
        </ActionForm>
    }
}

#[component]
fn Modes(chosen: Mode, #[prop(into)] refused: Signal<Option<AppError>>) -> impl IntoView {
    let options = Mode::ALL
        .map(|mode| RadioOption {
            value: name_of(mode),
            label: mode.label().to_owned(),
            text: mode.explanation().to_owned(),
        })
        .to_vec();
    let error = Signal::derive(move || refused.get().and_then(|error| error.field_error("mode")));
    view! { <RadioCards name="mode" legend="When does it go out?" options value=name_of(chosen) error/> }
}
