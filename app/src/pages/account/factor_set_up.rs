//! A second factor about to be set up: the secret, the recovery codes, and the code that confirms both.

use leptos::prelude::*;

use crate::{
    api::second_factor::{BeginSecondFactor, ConfirmSecondFactor, OfferView, QrView},
    error::AppError,
    ui::prelude::*,
};

#[component]
pub(super) fn SetUp(
    offer: OfferView,
    confirm: ServerAction<ConfirmSecondFactor>,
    begin: ServerAction<BeginSecondFactor>,
) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || confirm.value().get().and_then(Result::err));
    let wrong = Signal::derive(move || refused.get().and_then(|error| error.field_error("code")));
    view! {
        <Panel title="1. Add it to your authenticator">
            <div class="flex flex-col gap-5 sm:flex-row sm:items-start">
                <Picture picture=offer.picture/>
                <div class="flex min-w-0 max-w-prose flex-1 flex-col gap-3">
                    <p>"Scan the picture with the authenticator. Where it cannot scan, type or paste this secret:"</p>
                    <CopyField name="secret" label="Secret" value=offer.secret/>
                    <p class="text-sm text-muted">"Kind of code: by time, six digits, 30 seconds (SHA-1), the usual one."</p>
                </div>
            </div>
        </Panel>
        <Panel title="2. Keep the recovery codes">
            <RecoveryCodes codes=offer.recovery_codes>
                "If you lose the authenticator, each of them lets you in once. Keep them where you keep important papers, and not on the same phone. They are shown now and never again."
            </RecoveryCodes>
        </Panel>
        <Panel title="3. Confirm">
            <ActionForm action=confirm attr:class="flex max-w-xl flex-col gap-5">
                <ErrorSummary error=refused/>
                <TextField
                    name="code"
                    label="Code"
                    hint="The six digits that the authenticator shows now."
                    autocomplete="one-time-code"
                    inputmode="numeric"
                    maxlength=10
                    mono=true
                    error=wrong
                />
                <div>
                    <Button busy=confirm.pending()>"Turn it on"</Button>
                </div>
            </ActionForm>
            <ActionForm action=begin attr:class="mt-5">
                <Button kind=ButtonKind::Quiet small=true busy=begin.pending()>"Begin again with another secret"</Button>
            </ActionForm>
        </Panel>
    }
}

/// Dark on light in both themes, as readers want it.
#[component]
fn Picture(picture: QrView) -> impl IntoView {
    let QrView { size, path } = picture;
    view! {
        <svg
            viewBox=format!("0 0 {size} {size}")
            class="size-52 shrink-0 rounded-box"
            role="img"
            aria-label="QR code of the secret"
            shape-rendering="crispEdges"
        >
            <rect width=size height=size fill="#ffffff"></rect>
            <path d=path fill="#000000"></path>
        </svg>
    }
}

/// The codes, to be read, printed and copied all at once. The children say what they are for.
#[component]
pub(super) fn RecoveryCodes(codes: Vec<String>, children: Children) -> impl IntoView {
    let all = codes.join(" ");
    let list = codes.into_iter().map(|code| view! { <li>{code}</li> }).collect_view();
    view! {
        <div class="flex flex-col gap-4">
            <p class="max-w-prose">{children()}</p>
            <ul class="grid max-w-md grid-cols-2 gap-x-6 gap-y-1 font-mono" aria-label="Recovery codes">{list}</ul>
            <CopyField name="recovery-codes" label="All of them" value=all/>
        </div>
    }
}
