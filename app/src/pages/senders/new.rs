//! A new sender name with its first revision.

use domain::permission::Permission;
use leptos::prelude::*;

use super::addressing::AddressingFields;
use crate::{
    api::senders::{CreateSender, DraftSender},
    error::AppError,
    pages::layout::use_workspace,
    ui::prelude::*,
};

#[component]
pub fn NewSender() -> impl IntoView {
    let workspace = use_workspace();
    if !workspace.may(Permission::ManageSender) {
        return view! { <ErrorView error=AppError::Forbidden/> }.into_any();
    }
    let (slug, back) = (workspace.slug.clone(), workspace.path("/senders"));
    let create = ServerAction::<CreateSender>::new();
    let refused: Signal<Option<AppError>> = Signal::derive(move || create.value().get().and_then(Result::err));
    let name_error = Signal::derive(move || refused.get().and_then(|error| error.field_error("display_name")));
    view! {
        <PageHeading title="New sender" lead="Its first revision goes to the moderators."/>
        <Panel>
            <ActionForm action=create attr:class="flex max-w-2xl flex-col gap-5">
                <ErrorSummary error=refused/>
                <Hidden name="slug" value=slug.clone()/>
                <TextField
                    name="display_name"
                    label="Name within the workspace"
                    maxlength=60
                    hint="How your colleagues find it; phones show the SADDR."
                    error=name_error
                />
                <AddressingFields first=None refused/>
                <div class="flex flex-wrap gap-3">
                    <Button busy=create.pending()>"Submit for approval"</Button>
                    <LinkButton href=back kind=ButtonKind::Secondary>"Cancel"</LinkButton>
                </div>
            </ActionForm>
        </Panel>
        <Later slug=workspace.slug/>
    }
    .into_any()
}

/// Only the name, for somebody else to say what is sent.
#[component]
fn Later(slug: String) -> impl IntoView {
    let draft = ServerAction::<DraftSender>::new();
    let refused: Signal<Option<AppError>> = Signal::derive(move || draft.value().get().and_then(Result::err));
    let name_error = Signal::derive(move || refused.get().and_then(|error| error.field_error("display_name")));
    view! {
        <details class="mt-5">
            <summary class="cursor-pointer">"Make only the name, and submit a revision later"</summary>
            <Panel>
                <ActionForm action=draft attr:class="flex max-w-2xl flex-col gap-5">
                    <ErrorSummary error=refused/>
                    <Hidden name="slug" value=slug/>
                    <TextField
                        name="display_name"
                        id="draft_display_name"
                        label="Name of the draft"
                        maxlength=60
                        hint="It stays a draft until somebody submits a revision."
                        error=name_error
                    />
                    <div>
                        <Button kind=ButtonKind::Secondary busy=draft.pending()>"Make a draft"</Button>
                    </div>
                </ActionForm>
            </Panel>
        </details>
    }
}
