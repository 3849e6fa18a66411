//! `/invitation/{token}`: accepting an invitation, as somebody new or as oneself.

use leptos::prelude::*;
use leptos_router::hooks::use_params_map;

use crate::{
    api::{
        account::{SignIn, SignOut},
        invitations::{AcceptInvitation, AcceptInvitationAsMe, Holder, OfferView, invitation},
    },
    error::AppError,
    ui::prelude::*,
};

#[component]
pub fn Accept() -> impl IntoView {
    let params = use_params_map();
    let token = Memo::new(move |_| params.with(|params| params.get("token").unwrap_or_default()));
    // Looked up once: after the form was sent the link is used, and the page has to stay.
    let offer = Resource::new(move || token.get(), |token| async move { invitation(token).await });
    // Signing in leads back to this page, which is here already.
    let sign_in = ServerAction::<SignIn>::new();
    Effect::new(move |_| {
        if sign_in.value().with(|value| matches!(value, Some(Ok(())))) {
            offer.refetch();
        }
    });
    view! {
        <Suspense fallback=|| view! { <PlainFrame><Loading label="Looking at the invitation"/></PlainFrame> }>
            {move || {
                let token = token.get();
                Suspend::new(async move {
                    match offer.await {
                        Ok(offer) => view! { <Open token offer sign_in/> }.into_any(),
                        Err(AppError::NotFound) => view! { <Dead/> }.into_any(),
                        Err(error) => view! { <PlainFrame><ErrorView error/></PlainFrame> }.into_any(),
                    }
                })
            }}
        </Suspense>
    }
}

#[component]
fn Dead() -> impl IntoView {
    #[cfg(feature = "ssr")]
    AppError::NotFound.set_status_of_page();
    view! {
        <PlainFrame>
            <PageHeading title="This invitation does not work any more"/>
            <p class="mt-4 max-w-prose">
                "It was accepted, taken back, or it is too old. If you have accepted it, sign in. Otherwise ask whoever invited you for a new link."
            </p>
            <div class="mt-6">
                <LinkButton href="/sign-in">"Sign in"</LinkButton>
            </div>
        </PlainFrame>
    }
}

#[component]
fn Open(token: String, offer: OfferView, sign_in: ServerAction<SignIn>) -> impl IntoView {
    let title = format!("Join {}", offer.workspace);
    let lead = format!("{} invites you to this workspace.", offer.invited_by);
    let answer = match offer.holder.clone() {
        Holder::New => view! { <AsSomebodyNew token email=offer.email.clone()/> }.into_any(),
        Holder::SignsIn => view! { <SigningIn token email=offer.email.clone() sign_in/> }.into_any(),
        Holder::Invited => view! { <AsMyself token/> }.into_any(),
        Holder::SomebodyElse(viewer) => view! { <AsSomebodyElse viewer invited=offer.email.clone()/> }.into_any(),
    };
    view! {
        <PlainFrame>
            <PageHeading title lead/>
            <div class="mt-6 flex flex-col gap-6">
                <Facts>
                    <Fact label="For">{offer.email}</Fact>
                    <Fact label="Role">
                        {offer.capacity.label()}
                        {offer.member_until.map(|moment| view! { <span class="text-muted">" until " <When moment/></span> })}
                    </Fact>
                    <Fact label="Good until"><When moment=offer.expires/></Fact>
                </Facts>
                {offer.note.map(|note| view! { <blockquote class="message-text">{note}</blockquote> })}
                {answer}
            </div>
        </PlainFrame>
    }
}

#[component]
fn AsSomebodyNew(token: String, email: String) -> impl IntoView {
    let accept = ServerAction::<AcceptInvitation>::new();
    let refused: Signal<Option<AppError>> = Signal::derive(move || accept.value().get().and_then(Result::err));
    let error_of =
        move |field: &'static str| Signal::derive(move || refused.get().and_then(|error| error.field_error(field)));
    view! {
        <ActionForm action=accept attr:class="flex flex-col gap-5">
            <ErrorSummary error=refused/>
            <Hidden name="token" value=token/>
            // For password managers: the account is for the invited address.
            <input type="hidden" name="username" autocomplete="username" value=email/>
            <TextField name="name" label="Your name" autocomplete="name" maxlength=100 error=error_of("name")/>
            <TextField
                name="password"
                label="Password"
                r#type="password"
                autocomplete="new-password"
                hint="You sign in with the address above and this password. Several words are better than one with signs in it."
                error=error_of("password")
            />
            <TextField
                name="repeated"
                label="The same again"
                r#type="password"
                autocomplete="new-password"
                error=error_of("repeated")
            />
            <Button busy=accept.pending()>"Accept and sign in"</Button>
        </ActionForm>
    }
}

/// The address has an account: its owner signs in here, and comes back to the invitation.
#[component]
fn SigningIn(token: String, email: String, sign_in: ServerAction<SignIn>) -> impl IntoView {
    let refused = Signal::derive(move || sign_in.value().get().and_then(Result::err));
    let wrong = Signal::derive(move || refused.get().and_then(|error| error.field_error("password")));
    let other = Signal::derive(move || refused.get().filter(|error| error.field_errors().is_empty()));
    view! {
        <ActionForm action=sign_in attr:class="flex flex-col gap-5">
            <p>"This address has an account. Sign in with it, and then accept."</p>
            {move || other.get().map(|error| view! { <Alert tone=Tone::Danger>{error.in_full()}</Alert> })}
            <Hidden name="next" value=format!("/invitation/{token}")/>
            <TextField name="email" label="E-mail" r#type="email" autocomplete="username" value=email readonly=true/>
            <TextField
                name="password"
                label="Password"
                r#type="password"
                autocomplete="current-password"
                error=wrong
            />
            <Button busy=sign_in.pending()>"Sign in"</Button>
        </ActionForm>
    }
}

#[component]
fn AsMyself(token: String) -> impl IntoView {
    let accept = ServerAction::<AcceptInvitationAsMe>::new();
    let refused: Signal<Option<AppError>> = Signal::derive(move || accept.value().get().and_then(Result::err));
    view! {
        <ActionForm action=accept attr:class="flex flex-col gap-5">
            <ErrorSummary error=refused/>
            <Hidden name="token" value=token/>
            <Button busy=accept.pending()>"Accept"</Button>
        </ActionForm>
    }
}

#[component]
fn AsSomebodyElse(viewer: String, invited: String) -> impl IntoView {
    let sign_out = ServerAction::<SignOut>::new();
    view! {
        <Alert tone=Tone::Warning title="You are signed in as somebody else">
            <p>
                "This browser is signed in as " <strong class="break-all">{viewer}</strong> ", and the invitation is for "
                <strong class="break-all">{invited}</strong> ". Sign out, and open the link of the invitation again."
            </p>
        </Alert>
        <ActionForm action=sign_out>
            <Button busy=sign_out.pending()>"Sign out"</Button>
        </ActionForm>
    }
}
