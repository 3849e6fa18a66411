//! `/sign-in/code`: the second step of signing in.

use leptos::prelude::*;
use leptos_router::{components::Redirect, hooks::use_query_map};

use super::locked::SignInRefused;
use crate::{
    api::account::{SignInWithCode, code_step},
    error::AppError,
    ui::prelude::*,
};

#[component]
pub fn CodePage() -> impl IntoView {
    let sign_in = ServerAction::<SignInWithCode>::new();
    let next = use_query_map().with_untracked(|query| query.get("next").unwrap_or_default());
    let step = Resource::new(|| (), |()| code_step());
    let refused = Signal::derive(move || sign_in.value().get().and_then(Result::err));
    view! {
        <Suspense fallback=|| view! { <PlainFrame><Loading label="One moment"/></PlainFrame> }>
            {move || {
                let next = next.clone();
                Suspend::new(async move {
                    match step.await {
                        Ok(()) => view! { <CodeForm sign_in next refused/> }.into_any(),
                        Err(AppError::SignedOut) => view! { <Redirect path="/sign-in"/> }.into_any(),
                        Err(error) => view! { <PlainFrame><ErrorView error/></PlainFrame> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn CodeForm(sign_in: ServerAction<SignInWithCode>, next: String, refused: Signal<Option<AppError>>) -> impl IntoView {
    let wrong = Signal::derive(move || refused.get().and_then(|error| error.field_error("code")));
    let other = Signal::derive(move || refused.get().filter(|error| error.field_errors().is_empty()));
    view! {
        <PlainFrame>
            <PageHeading title="Enter a code" lead="Your account has a second factor."/>
            <ActionForm action=sign_in attr:class="mt-6 flex flex-col gap-5">
                {move || other.get().map(|error| view! { <Refused error/> })}
                <Hidden name="next" value=next/>
                <TextField
                    name="code"
                    label="Code"
                    hint="The six digits that your authenticator shows now, or one of your recovery codes."
                    autocomplete="one-time-code"
                    maxlength=20
                    mono=true
                    error=wrong
                />
                <Button busy=sign_in.pending()>"Sign in"</Button>
            </ActionForm>
            <p class="mt-6 text-sm text-muted">
                "Lost both? A super admin of this installation can reset your second factor. "
                <a class="link" href="/sign-in">"Sign in as somebody else"</a>
            </p>
        </PlainFrame>
    }
}

#[component]
fn Refused(error: AppError) -> impl IntoView {
    match error {
        AppError::SignedOut => view! {
            <Alert tone=Tone::Danger>
                "This took longer than five minutes. " <a class="link" href="/sign-in">"Begin again"</a> "."
            </Alert>
        }
        .into_any(),
        error => view! { <SignInRefused error/> }.into_any(),
    }
}
