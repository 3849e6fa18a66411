//! `/account/password`: another password.

use leptos::prelude::*;

use super::{
    set_password::password_hint,
    tabs::{AccountTab, AccountTabs},
};
use crate::{
    api::profile::{ChangePassword, profile},
    error::AppError,
    ui::prelude::*,
};

#[component]
pub fn Password() -> impl IntoView {
    let change = ServerAction::<ChangePassword>::new();
    let loaded = Resource::new(|| (), |()| profile());
    view! {
        <PageHeading title="Your password"/>
        <AccountTabs current=AccountTab::Password/>
        <Transition fallback=|| view! { <Loading label="One moment"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(profile) => view! { <Form email=profile.email min_length=profile.min_length change/> }.into_any(),
                    Err(error) => {
                        view! { <LoadError error retry=Callback::new(move |()| loaded.refetch())/> }.into_any()
                    }
                }
            })}
        </Transition>
    }
}

#[component]
fn Form(email: String, min_length: u32, change: ServerAction<ChangePassword>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || change.value().get().and_then(Result::err));
    let error_of =
        move |field: &'static str| Signal::derive(move || refused.get().and_then(|error| error.field_error(field)));
    let done = move || change.value().get().is_some_and(|answer| answer.is_ok());
    view! {
        <Panel title="Change the password">
            <ActionForm action=change attr:class="flex max-w-xl flex-col gap-5">
                <ErrorSummary error=refused/>
                <div role="status">
                    {move || {
                        done()
                            .then(|| {
                                view! {
                                    <Alert tone=Tone::Success>
                                        "Your password is changed. You are signed out everywhere else."
                                    </Alert>
                                }
                            })
                    }}
                </div>
                // For password managers, which look for the account's name.
                <input type="hidden" name="username" value=email autocomplete="username"/>
                <TextField
                    name="current_password"
                    label="Present password"
                    r#type="password"
                    autocomplete="current-password"
                    error=error_of("current_password")
                />
                <TextField
                    name="password"
                    label="New password"
                    r#type="password"
                    autocomplete="new-password"
                    hint=password_hint(min_length)
                    error=error_of("password")
                />
                <TextField
                    name="repeated"
                    label="The same again"
                    r#type="password"
                    autocomplete="new-password"
                    error=error_of("repeated")
                />
                <div>
                    <Button busy=change.pending()>"Change the password"</Button>
                </div>
            </ActionForm>
        </Panel>
    }
}
