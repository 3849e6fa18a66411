//! The keys of a workspace.

use domain::{
    api_key::{NAME_CHARACTERS_MAX, Scope},
    permission::Permission,
};
use leptos::prelude::*;

use super::{fresh::Fresh, lives, rows::KeyList};
use crate::{
    api::keys::{MakeApiKey, RevokeApiKey, api_keys},
    error::AppError,
    pages::layout::use_workspace,
    state::reset::reset_when_done,
    ui::prelude::*,
};

#[component]
pub fn ApiKeys() -> impl IntoView {
    let workspace = use_workspace();
    if !workspace.may(Permission::ManageApiKeys) {
        return view! { <ErrorView error=AppError::Forbidden/> }.into_any();
    }
    let slug = StoredValue::new(workspace.slug);
    let make = ServerAction::<MakeApiKey>::new();
    let revoke = ServerAction::<RevokeApiKey>::new();
    let keys =
        Resource::new(move || (make.version().get(), revoke.version().get()), move |_| api_keys(slug.get_value()));
    let made = Signal::derive(move || make.value().get().and_then(Result::ok));
    let not_revoked: Signal<Option<AppError>> = Signal::derive(move || revoke.value().get().and_then(Result::err));
    let revoke_form = Callback::new(move |key: String| {
        let dialog = format!("revoke-{key}");
        view! {
            <ActionForm action=revoke>
                <Hidden name="slug" value=slug.get_value()/>
                <Hidden name="key" value=key/>
                <div class="dialog-actions">
                    <Button kind=ButtonKind::Danger busy=revoke.pending()>"Revoke"</Button>
                    <DialogClose id=dialog/>
                </div>
            </ActionForm>
        }
        .into_any()
    });
    view! {
        <PageHeading title="API keys" lead="With a key, a program works in this workspace without a person signing in."/>
        <div role="status">{move || made.get().map(|key| view! { <Fresh key/> })}</div>
        <ErrorSummary error=not_revoked/>
        <KeyList keys revoke=revoke_form/>
        <Panel title="New key">
            <Make slug=slug.get_value() make/>
        </Panel>
    }
    .into_any()
}

#[component]
fn Make(slug: String, make: ServerAction<MakeApiKey>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || make.value().get().and_then(Result::err));
    let of =
        move |field: &'static str| Signal::derive(move || refused.get().and_then(|error| error.field_error(field)));
    let scopes = Scope::ALL.iter().map(|scope| CheckboxOption {
        value: scope.name(),
        label: scope.name(),
        hint: scope.explanation(),
    });
    let scopes = scopes.collect::<Vec<_>>();
    let form = NodeRef::new();
    reset_when_done(form, make.into());
    view! {
        <ActionForm action=make node_ref=form attr:class="flex max-w-2xl flex-col gap-5">
            <ErrorSummary error=refused/>
            <Hidden name="slug" value=slug/>
            <TextField
                name="name"
                label="Name"
                maxlength=u32::try_from(NAME_CHARACTERS_MAX).unwrap_or(u32::MAX)
                hint="Which program uses it, such as “Billing”."
                error=of("name")
            />
            <CheckboxList name="scopes" legend="What it may do" options=scopes error=of("scopes")/>
            <SelectField name="life_days" label="Good for" choices=lives() value="365" error=of("life_days")/>
            <p class="max-w-prose text-sm text-muted">
                "It acts in your name and never does more than you may do at that moment. When you leave the workspace, it stops \
                working."
            </p>
            <div>
                <Button busy=make.pending()>"Make key"</Button>
            </div>
        </ActionForm>
    }
}
