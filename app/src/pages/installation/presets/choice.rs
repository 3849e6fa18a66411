//! Which preset a link or a pool has, on its page.

use leptos::prelude::*;

use crate::{
    api::installation::presets::{ChoosePolicy, PolicyOfChannel, channel_policy},
    error::{AppError, sentence},
    ui::prelude::*,
};

#[component]
pub fn PolicyChoice(channel: String) -> impl IntoView {
    let choose = ServerAction::<ChoosePolicy>::new();
    let asked = StoredValue::new(channel.clone());
    let loaded = Resource::new(move || choose.version().get(), move |_| channel_policy(asked.get_value()));
    let refused: Signal<Option<AppError>> = Signal::derive(move || choose.value().get().and_then(Result::err));
    let done = move || choose.value().get().is_some_and(|answer| answer.is_ok());
    view! {
        <Panel title="Policy">
            <Transition fallback=|| view! { <Loading label="Loading the policy"/> }>
                {move || {
                    let channel = channel.clone();
                    Suspend::new(async move {
                        match loaded.await {
                            Ok(policy) => view! { <Form channel policy choose refused/> }.into_any(),
                            Err(error) => {
                                view! { <LoadError error retry=Callback::new(move |()| loaded.refetch())/> }.into_any()
                            }
                        }
                    })
                }}
            </Transition>
            <div role="status">
                {move || done().then(|| view! { <p class="mt-3 text-sm">"Saved. It holds from the next message on."</p> })}
            </div>
        </Panel>
    }
}

#[component]
fn Form(
    channel: String,
    policy: PolicyOfChannel,
    choose: ServerAction<ChoosePolicy>,
    refused: Signal<Option<AppError>>,
) -> impl IntoView {
    let PolicyOfChannel { chosen, presets, rules, through, is_pool } = policy;
    let at_field = Signal::derive(move || refused.get().and_then(|error| error.field_error("preset")));
    let elsewhere = Signal::derive(move || refused.get().filter(|error| error.field_error("preset").is_none()));
    let mut choices = vec![Choice::new("", "None")];
    choices.extend(presets.iter().map(|(id, name)| Choice::new(id, name)));
    let said = if rules.is_empty() { None } else { Some(sentence(&rules.join("; "))) };
    let through =
        through.into_iter().map(|(link, preset)| format!("{preset} (of {link})")).collect::<Vec<_>>().join(", ");
    let through = (!through.is_empty()).then(|| {
        format!("Presets of its links hold for the whole pool, as a message may go out by any of them: {through}.")
    });
    let hint = match (presets.is_empty(), is_pool) {
        (true, _) => "There is no preset yet. Make one under Policies.",
        (false, true) => {
            "All campaigns that are sent by this pool keep to it, and to the presets of its links: the strictest holds."
        }
        (false, false) => {
            "All campaigns that are sent by this link keep to it, also those that reach it through a pool."
        }
    };
    view! {
        <ActionForm action=choose attr:class="flex max-w-2xl flex-col items-start gap-4">
            <ErrorSummary error=elsewhere/>
            <Hidden name="channel" value=channel/>
            {said.map(|said| view! { <p>{said}</p> })}
            {through.map(|through| view! { <p class="text-sm text-muted">{through}</p> })}
            <div class="w-full">
                <SelectField
                    name="preset"
                    label="Preset"
                    choices
                    value=chosen
                    optional=true
                    hint
                    error=at_field
                />
            </div>
            <Button kind=ButtonKind::Secondary busy=choose.pending()>"Save the policy"</Button>
        </ActionForm>
    }
}
