//! Archiving the workspace, restoring it, and deleting it for good.

use domain::permission::Capacity;
use leptos::prelude::*;

use super::page::Doing;
use crate::{
    api::settings::{ArchiveWorkspace, DeleteWorkspace, RestoreWorkspace, SettingsView},
    error::AppError,
    pages::layout::use_workspace,
    ui::prelude::*,
};

#[component]
pub(super) fn Danger(view: SettingsView, doing: Doing) -> impl IntoView {
    if view.archived.is_none() {
        return view! { <Archive view action=doing.archive/> }.into_any();
    }
    let rules_all = use_workspace().capacity == Capacity::SuperAdmin;
    if !rules_all {
        return view! {
            <Panel title="Danger zone">
                <p class="max-w-prose">"A super admin restores this workspace, or deletes it with everything in it."</p>
            </Panel>
        }
        .into_any();
    }
    view! {
        <Restore slug=view.slug.clone() action=doing.restore/>
        <Delete slug=view.slug action=doing.delete/>
    }
    .into_any()
}

#[component]
fn Archive(view: SettingsView, action: ServerAction<ArchiveWorkspace>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || action.value().get().and_then(Result::err));
    let error = Signal::derive(move || refused.get().and_then(|error| error.field_error("confirmation")));
    view! {
        <Panel title="Danger zone">
            <ActionForm action attr:class="flex max-w-2xl flex-col items-start gap-5">
                <ErrorSummary error=refused/>
                <p>
                    "An archived workspace leaves everybody's list. Its admins still read everything in it, nobody changes anything, "
                    "and nothing is sent. A super admin can restore it."
                </p>
                <Hidden name="slug" value=view.slug.clone()/>
                <Hidden name="revision" value=view.revision.to_string()/>
                <Typed label="Type the address to confirm" slug=view.slug error/>
                <Button kind=ButtonKind::Danger busy=action.pending()>"Archive this workspace"</Button>
            </ActionForm>
        </Panel>
    }
}

#[component]
fn Restore(slug: String, action: ServerAction<RestoreWorkspace>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || action.value().get().and_then(Result::err));
    view! {
        <Panel title="Restore">
            <ActionForm action attr:class="flex max-w-2xl flex-col items-start gap-5">
                <ErrorSummary error=refused/>
                <p>"Everybody who was a member comes in again, and campaigns can be made and sent."</p>
                <Hidden name="slug" value=slug/>
                <Button busy=action.pending()>"Restore this workspace"</Button>
            </ActionForm>
        </Panel>
    }
}

#[component]
fn Delete(slug: String, action: ServerAction<DeleteWorkspace>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || action.value().get().and_then(Result::err));
    let error = Signal::derive(move || refused.get().and_then(|error| error.field_error("confirmation")));
    view! {
        <Panel title="Danger zone">
            <ActionForm action attr:class="flex max-w-2xl flex-col items-start gap-5">
                <ErrorSummary error=refused/>
                <p>
                    "Deletes the workspace with its campaigns, recipients, senders, memberships and audit log. There is no way back. "
                    "That it was deleted, when and by whom stays on record."
                </p>
                <Hidden name="slug" value=slug.clone()/>
                <Typed label="Type the address to delete it for good" slug error/>
                <Button kind=ButtonKind::Danger busy=action.pending()>"Delete for good"</Button>
            </ActionForm>
        </Panel>
    }
}

/// The field in which the address is repeated.
#[component]
fn Typed(label: &'static str, slug: String, error: Signal<Option<String>>) -> impl IntoView {
    view! { <TextField name="confirmation" label hint=format!("The address is {slug}.") mono=true error/> }
}
