//! `/account/second-factor`: an authenticator and recovery codes.

use leptos::prelude::*;

use super::{
    factor_on::FactorOn,
    factor_set_up::SetUp,
    tabs::{AccountTab, AccountTabs},
};
use crate::{
    api::second_factor::{
        BeginSecondFactor, ConfirmSecondFactor, DisableSecondFactor, RenewRecoveryCodes, SecondFactorView,
        second_factor,
    },
    error::AppError,
    state::viewer::Viewer,
    ui::prelude::*,
};

/// What can be done here; made where the page begins.
#[derive(Clone, Copy)]
pub(super) struct Actions {
    pub begin: ServerAction<BeginSecondFactor>,
    pub confirm: ServerAction<ConfirmSecondFactor>,
    pub disable: ServerAction<DisableSecondFactor>,
    pub renew: ServerAction<RenewRecoveryCodes>,
}

#[component]
pub fn SecondFactor() -> impl IntoView {
    let actions = Actions {
        begin: ServerAction::new(),
        confirm: ServerAction::new(),
        disable: ServerAction::new(),
        renew: ServerAction::new(),
    };
    let Actions { begin, confirm, disable, renew } = actions;
    let versions =
        move || (begin.version().get(), confirm.version().get(), disable.version().get(), renew.version().get());
    let loaded = Resource::new(versions, |_| second_factor());
    view! {
        <PageHeading
            title="Second factor"
            lead="A code of your phone besides the password: whoever learns the password alone does not get in."
        />
        <AccountTabs current=AccountTab::SecondFactor/>
        <Transition fallback=|| view! { <Loading label="One moment"/> }>
            {move || Suspend::new(async move {
                match loaded.await {
                    Ok(factor) => view! { <Shown factor actions/> }.into_any(),
                    Err(error) => {
                        view! { <LoadError error retry=Callback::new(move |()| loaded.refetch())/> }.into_any()
                    }
                }
            })}
        </Transition>
    }
}

#[component]
fn Shown(factor: SecondFactorView, actions: Actions) -> impl IntoView {
    let SecondFactorView { since, codes_left, offer, required } = factor;
    let confirmed = actions.confirm.value().with_untracked(|value| value.as_ref().is_some_and(Result::is_ok));
    match (since, offer) {
        (Some(since), _) => view! {
            {confirmed.then(|| view! { <JustOn/> })}
            <FactorOn since codes_left required actions/>
        }
        .into_any(),
        (None, Some(offer)) => view! { <SetUp offer confirm=actions.confirm begin=actions.begin/> }.into_any(),
        (None, None) => view! { <Off required begin=actions.begin/> }.into_any(),
    }
}

/// On from now on; for somebody who could see nothing else so far, the way on.
#[component]
fn JustOn() -> impl IntoView {
    let was_led_here = use_context::<Viewer>().is_none();
    view! {
        <div role="status">
            <Alert tone=Tone::Success title="Your second factor is on">
                <p>"From now on a code is asked for when you sign in."</p>
                {was_led_here
                    .then(|| view! { <p class="mt-3"><LinkButton href="/" external=true>"Go on"</LinkButton></p> })}
            </Alert>
        </div>
    }
}

#[component]
fn Off(required: bool, begin: ServerAction<BeginSecondFactor>) -> impl IntoView {
    let refused: Signal<Option<AppError>> = Signal::derive(move || begin.value().get().and_then(Result::err));
    view! {
        {required
            .then(|| {
                view! {
                    <Alert tone=Tone::Warning title="This installation asks for a second factor">
                        "Set it up to go on. It takes two minutes."
                    </Alert>
                }
            })}
        <Panel title="Set up a second factor">
            <div class="flex max-w-prose flex-col gap-4">
                <p>
                    "You need an authenticator: an app on your phone, or a password manager, that shows a code of six digits which changes every half minute."
                </p>
                <ActionForm action=begin>
                    <ErrorSummary error=refused/>
                    <Button busy=begin.pending()>"Set it up"</Button>
                </ActionForm>
            </div>
        </Panel>
    }
}
