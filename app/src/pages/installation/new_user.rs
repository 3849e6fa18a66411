//! `/installation/users/new`: a new account, with the one-time link behind which the person chooses a password.

use leptos::prelude::*;

use super::{InstallationTab, InstallationTabs, link_made::LinkMade};
use crate::{api::installation::users::CreateUser, error::AppError, ui::prelude::*};

#[component]
pub fn NewUser() -> impl IntoView {
    let create = ServerAction::<CreateUser>::new();
    let refused: Signal<Option<AppError>> = Signal::derive(move || create.value().get().and_then(Result::err));
    let error_of =
        move |field: &'static str| Signal::derive(move || refused.get().and_then(|error| error.field_error(field)));
    let made = Signal::derive(move || create.value().get().and_then(Result::ok));
    view! {
        <Breadcrumbs crumbs=vec![Crumb::new("Users", "/installation/users")]/>
        <PageHeading title="New user" lead="The person is a member of no workspace yet: an admin of one invites them there."/>
        <InstallationTabs current=InstallationTab::Users/>
        <div role="status">{move || made.get().map(|link| view! { <LinkMade link/> })}</div>
        <Panel>
            <ActionForm action=create attr:class="flex max-w-xl flex-col gap-5">
                <ErrorSummary error=refused/>
                <TextField name="name" label="Name" maxlength=100 error=error_of("name")/>
                <TextField name="email" label="E-mail" r#type="email" inputmode="email" error=error_of("email")/>
                <Checkbox
                    name="super_admin"
                    label="Super admin"
                    hint="Rules over all workspaces, users and settings. Give it to few people."
                />
                <div class="flex flex-wrap gap-3">
                    <Button busy=create.pending()>"Create and make a link"</Button>
                    <LinkButton href="/installation/users" kind=ButtonKind::Secondary>"Cancel"</LinkButton>
                </div>
            </ActionForm>
        </Panel>
    }
}
