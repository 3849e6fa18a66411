//! Choosing a password behind a one-time link.

use leptos::prelude::*;

use crate::{api::account::SetPassword, ui::prelude::*};

#[component]
pub fn SetPasswordPage(token: String, min_length: u32) -> impl IntoView {
    let set_password = ServerAction::<SetPassword>::new();
    let refused = Signal::derive(move || set_password.value().get().and_then(Result::err));
    let error_of =
        move |field: &'static str| Signal::derive(move || refused.get().and_then(|error| error.field_error(field)));
    view! {
        <PlainFrame>
            <PageHeading title="Choose a password" lead="You are signed in with it at once."/>
            <ActionForm action=set_password attr:class="mt-6 flex flex-col gap-5">
                <ErrorSummary error=refused/>
                <input type="hidden" name="token" value=token/>
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
                <Button busy=set_password.pending()>"Set the password"</Button>
            </ActionForm>
        </PlainFrame>
    }
}

/// What the form says of a new password before one is typed.
pub fn password_hint(min_length: u32) -> String {
    format!("At least {min_length} characters; several words are better than one with signs in it.")
}
