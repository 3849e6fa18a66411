//! The sign-in page.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use super::locked::SignInRefused;
use crate::{
    api::account::{SignIn, typed_email},
    ui::prelude::*,
};

#[component]
pub fn SignInPage() -> impl IntoView {
    let sign_in = ServerAction::<SignIn>::new();
    let next = use_query_map().with_untracked(|query| query.get("next").unwrap_or_default());
    let email = SharedValue::new(typed_email).into_inner();
    let refused = Signal::derive(move || sign_in.value().get().and_then(Result::err));
    let wrong = Signal::derive(move || refused.get().and_then(|error| error.field_error("password")));
    // What is about the two fields together stands at the password; only the rest needs a place of its own.
    let other = Signal::derive(move || refused.get().filter(|error| error.field_errors().is_empty()));
    view! {
        <PlainFrame>
            <PageHeading title="Sign in"/>
            <ActionForm action=sign_in attr:class="mt-6 flex flex-col gap-5">
                {move || other.get().map(|error| view! { <SignInRefused error/> })}
                <input type="hidden" name="next" value=next/>
                <TextField
                    name="email"
                    label="E-mail"
                    value=email
                    r#type="email"
                    autocomplete="username"
                    inputmode="email"
                />
                <TextField
                    name="password"
                    label="Password"
                    r#type="password"
                    autocomplete="current-password"
                    error=wrong
                />
                <Button busy=sign_in.pending()>"Sign in"</Button>
            </ActionForm>
            <p class="mt-6 text-sm"><a class="link" href="/forgot">"Forgot your password?"</a></p>
        </PlainFrame>
    }
}
