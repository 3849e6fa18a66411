//! A second factor that is on: new recovery codes, and turning it off.

use leptos::prelude::*;

use super::{factor_set_up::RecoveryCodes, second_factor::Actions};
use crate::{error::AppError, state::moment::Moment, ui::prelude::*};

#[component]
pub(super) fn FactorOn(since: Moment, codes_left: u32, required: bool, actions: Actions) -> impl IntoView {
    let Actions { renew, disable, .. } = actions;
    let made = Signal::derive(move || renew.value().get().and_then(Result::ok));
    let few = codes_left < 3;
    view! {
        <Panel title="Your second factor">
            <Facts>
                <Fact label="On since"><When moment=since/></Fact>
                <Fact label="Recovery codes left">{codes_left}</Fact>
            </Facts>
            {few
                .then(|| {
                    view! {
                        <div class="mt-4">
                            <Alert tone=Tone::Warning>"Few recovery codes are left: make new ones."</Alert>
                        </div>
                    }
                })}
        </Panel>
        <div role="status">
            {move || {
                made.get()
                    .map(|codes| {
                        view! {
                            <Panel title="Your new recovery codes">
                                <RecoveryCodes codes>
                                    "The earlier ones do not work any more. These are shown now and never again."
                                </RecoveryCodes>
                            </Panel>
                        }
                    })
            }}
        </div>
        <div class="grid items-start gap-5 xl:grid-cols-2">
            // The new codes are in the answer alone, which a page without a script does not show.
            <div class="script-only">
                <Panel title="New recovery codes">
                    <ActionForm action=renew attr:class="flex flex-col gap-5">
                        <Proof id="renew" error=Signal::derive(move || renew.value().get().and_then(Result::err))/>
                        <div>
                            <Button kind=ButtonKind::Secondary busy=renew.pending()>"Make new codes"</Button>
                        </div>
                    </ActionForm>
                </Panel>
            </div>
            {if required {
                view! {
                    <Panel title="Turning it off">
                        <p>"This installation asks for a second factor, so that it cannot be turned off."</p>
                    </Panel>
                }
                    .into_any()
            } else {
                view! {
                    <Panel title="Turn it off">
                        <ActionForm action=disable attr:class="flex flex-col gap-5">
                            <Proof id="disable" error=Signal::derive(move || disable.value().get().and_then(Result::err))/>
                            <div>
                                <Button kind=ButtonKind::Danger busy=disable.pending()>"Turn off the second factor"</Button>
                            </div>
                        </ActionForm>
                    </Panel>
                }
                    .into_any()
            }}
        </div>
    }
}

/// Password and code, for what a browser left open must not do.
#[component]
fn Proof(
    /// Tells the fields of two forms on one page apart.
    id: &'static str,
    error: Signal<Option<AppError>>,
) -> impl IntoView {
    let control = move |name: &str| format!("{id}-{name}");
    let field = move |name: &'static str, label: &'static str, kind: &'static str, autocomplete: &'static str| {
        let wrong = move || error.get().and_then(|error| error.field_error(name));
        let own = control(name);
        let error_id = format!("{own}-error");
        view! {
            <Field name=name id=own.clone() label=label error=Signal::derive(wrong)>
                <input
                    type=kind
                    id=own
                    name=name
                    class="input w-full"
                    class:input-error=move || wrong().is_some()
                    required=true
                    autocomplete=autocomplete
                    aria-describedby=move || wrong().map(|_| error_id.clone())
                    aria-invalid=move || wrong().map(|_| "true")
                />
            </Field>
        }
    };
    let other = move || error.get().filter(|error| error.field_errors().is_empty());
    view! {
        {move || other().map(|error| view! { <Alert tone=Tone::Danger>{error.to_string()}</Alert> })}
        {field("current_password", "Password", "password", "current-password")}
        {field("code", "Code, or a recovery code", "text", "one-time-code")}
    }
}
