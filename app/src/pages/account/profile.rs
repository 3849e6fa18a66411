//! `/account`: the person's name and address.

use leptos::prelude::*;

use super::tabs::{AccountTab, AccountTabs};
use crate::{
    api::profile::{ProfileView, RenameMyself, profile},
    error::AppError,
    ui::prelude::*,
};

#[component]
pub fn Profile() -> impl IntoView {
    let rename = ServerAction::<RenameMyself>::new();
    let loaded = Resource::new(move || rename.version().get(), |_| profile());
    view! {
        <PageHeading title="Your account"/>
        <AccountTabs current=AccountTab::Profile/>
        <Transition fallback=|| view! { <Loading label="Loading your account"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(profile) => view! { <Person profile rename/> }.into_any(),
                    Err(error) => {
                        view! { <LoadError error retry=Callback::new(move |()| loaded.refetch())/> }.into_any()
                    }
                }
            })}
        </Transition>
    }
}

#[component]
fn Person(profile: ProfileView, rename: ServerAction<RenameMyself>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || rename.value().get().and_then(Result::err));
    let wrong = Signal::derive(move || refused.get().and_then(|error| error.field_error("name")));
    let done = move || rename.value().get().is_some_and(|answer| answer.is_ok());
    view! {
        <Panel title="Profile">
            <ActionForm action=rename attr:class="flex max-w-xl flex-col gap-5">
                <ErrorSummary error=refused/>
                <div role="status">{move || done().then(|| view! { <Alert tone=Tone::Success>"Saved."</Alert> })}</div>
                <TextField
                    name="name"
                    label="Name"
                    value=profile.name
                    maxlength=100
                    autocomplete="name"
                    hint="Colleagues see it, and the audit log keeps it beside what you do."
                    error=wrong
                />
                <Facts>
                    <Fact label="E-mail">
                        <span class="break-all">{profile.email}</span>
                    </Fact>
                    {profile.super_admin.then(|| view! { <Fact label="Rights">"Super admin of this installation"</Fact> })}
                </Facts>
                <div>
                    <Button busy=rename.pending()>"Save"</Button>
                </div>
            </ActionForm>
        </Panel>
    }
}
