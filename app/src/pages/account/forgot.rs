//! `/forgot`: the way back for somebody who forgot their password.

use leptos::prelude::*;
use leptos_router::hooks::use_query_map;

use crate::{
    api::forgotten::{AskForLink, link_by_mail},
    error::AppError,
    ui::prelude::*,
};

#[component]
pub fn Forgot() -> impl IntoView {
    let query = use_query_map();
    let asked = Memo::new(move |_| query.with(|query| query.get_str("asked") == Some("true")));
    let by_mail = Resource::new(|| (), |()| link_by_mail());
    let ask = ServerAction::<AskForLink>::new();
    view! {
        <PlainFrame>
            <PageHeading title="Forgot your password?"/>
            <Suspense fallback=|| view! { <Loading label="One moment"/> }>
                {move || Suspend::new(async move {
                    match by_mail.await {
                        Ok(_) if asked.get() => view! { <Asked/> }.into_any(),
                        Ok(true) => view! { <Ask ask/> }.into_any(),
                        Ok(false) => view! { <ByAdministrator/> }.into_any(),
                        Err(error) => view! { <Alert tone=Tone::Danger>{error.in_full()}</Alert> }.into_any(),
                    }
                })}
            </Suspense>
            <p class="mt-6 text-sm"><a class="link" href="/sign-in">"Back to the sign-in page"</a></p>
        </PlainFrame>
    }
}

#[component]
fn Ask(ask: ServerAction<AskForLink>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || ask.value().get().and_then(Result::err));
    let wrong = Signal::derive(move || refused.get().and_then(|error| error.field_error("email")));
    let other = Signal::derive(move || refused.get().filter(|error| error.field_errors().is_empty()));
    view! {
        <p class="mt-4 max-w-prose">"You get a mail with a link to a page where you choose a new one."</p>
        <ActionForm action=ask attr:class="mt-6 flex flex-col gap-5">
            {move || other.get().map(|error| view! { <Alert tone=Tone::Danger>{error.to_string()}</Alert> })}
            <TextField
                name="email"
                label="E-mail"
                r#type="email"
                autocomplete="username"
                inputmode="email"
                error=wrong
            />
            <Button busy=ask.pending()>"Send the link"</Button>
        </ActionForm>
    }
}

/// The same whether or not there is such an account.
#[component]
fn Asked() -> impl IntoView {
    view! {
        <div class="mt-4 max-w-prose" role="status">
            <Alert tone=Tone::Success>
                <p>
                    "If the address belongs to an account, a mail with a link is on its way. The link works once, within an hour of the mail."
                </p>
            </Alert>
            <p class="mt-4">
                "Nothing came? Look among the unwanted mails, or ask an administrator of the installation for a link."
            </p>
        </div>
    }
}

#[component]
fn ByAdministrator() -> impl IntoView {
    view! {
        <p class="mt-4 max-w-prose">
            "This installation sends no mails. Ask an administrator of the installation for a one-time link; it leads to a page where you choose a new password."
        </p>
    }
}
