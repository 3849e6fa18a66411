//! The keys of the installation, for super admins.

use domain::api_key::NAME_CHARACTERS_MAX;
use leptos::prelude::*;

use super::{fresh::Fresh, lives, rows::KeyList};
use crate::{
    api::keys::{MakeInstallationKey, RevokeInstallationKey, installation_keys},
    error::AppError,
    ui::prelude::*,
};

#[component]
pub fn InstallationKeys() -> impl IntoView {
    let make = ServerAction::<MakeInstallationKey>::new();
    let revoke = ServerAction::<RevokeInstallationKey>::new();
    let keys = Resource::new(move || (make.version().get(), revoke.version().get()), move |_| installation_keys());
    let made = Signal::derive(move || make.value().get().and_then(Result::ok));
    let not_revoked: Signal<Option<AppError>> = Signal::derive(move || revoke.value().get().and_then(Result::err));
    let revoke_form = Callback::new(move |key: String| {
        let dialog = format!("revoke-{key}");
        view! {
            <ActionForm action=revoke>
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
        <PageHeading
            title="Installation keys"
            lead="With a key of the installation, a program reads the figures of all workspaces, as for billing. It changes nothing."
        />
        <div role="status">{move || made.get().map(|key| view! { <Fresh key/> })}</div>
        <ErrorSummary error=not_revoked/>
        <KeyList keys without_scopes=true revoke=revoke_form/>
        <Panel title="New key">
            <Make make/>
        </Panel>
    }
}

#[component]
fn Make(make: ServerAction<MakeInstallationKey>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || make.value().get().and_then(Result::err));
    let of =
        move |field: &'static str| Signal::derive(move || refused.get().and_then(|error| error.field_error(field)));
    view! {
        <ActionForm action=make attr:class="flex max-w-2xl flex-col gap-5">
            <ErrorSummary error=refused/>
            <TextField
                name="name"
                label="Name"
                maxlength=u32::try_from(NAME_CHARACTERS_MAX).unwrap_or(u32::MAX)
                hint="Which program uses it, such as “Billing”."
                error=of("name")
            />
            <SelectField name="life_days" label="Good for" choices=lives() value="365" error=of("life_days")/>
            <p class="max-w-prose text-sm text-muted">"It stops working when you are no super admin any more."</p>
            <div>
                <Button busy=make.pending()>"Make key"</Button>
            </div>
        </ActionForm>
    }
}
