//! `/link/{token}`: what a one-time link opens.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use super::{first_run::FirstRunPage, set_password::SetPasswordPage};
use crate::{
    api::account::{LinkView, link},
    error::AppError,
    ui::prelude::*,
};

#[component]
pub fn OneTimeLink() -> impl IntoView {
    let params = use_params_map();
    let token = Memo::new(move |_| params.with(|params| params.get("token").unwrap_or_default()));
    // Looked up once: after the form was sent the link is used, and the page has to stay.
    let purpose = Resource::new(move || token.get(), |token| async move { link(token).await });
    view! {
        <Suspense fallback=|| view! { <PlainFrame><Loading label="Looking at the link"/></PlainFrame> }>
            {move || {
                let token = token.get();
                Suspend::new(async move {
                    match purpose.await {
                        Ok(LinkView::SetUp { min_length }) => view! { <FirstRunPage token min_length/> }.into_any(),
                        Ok(LinkView::SetPassword { min_length }) => view! { <SetPasswordPage token min_length/> }.into_any(),
                        Err(AppError::NotFound) => view! { <UsedUp/> }.into_any(),
                        Err(error) => view! { <PlainFrame><ErrorView error/></PlainFrame> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn UsedUp() -> impl IntoView {
    #[cfg(feature = "ssr")]
    AppError::NotFound.set_status_of_page();
    view! {
        <PlainFrame>
            <PageHeading title="This link does not work any more"/>
            <p class="mt-4 max-w-prose">
                "One-time links work once and for a limited time. If you have set your password already, sign in with it. Otherwise ask whoever gave you the link for a new one."
            </p>
            <div class="mt-6">
                <LinkButton href="/sign-in">"Sign in"</LinkButton>
            </div>
        </PlainFrame>
    }
}
