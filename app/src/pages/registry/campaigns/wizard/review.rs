//! Step 5: everything as it will be handed in, what carriers often miss, and the hand-over to the registry.

use domain::tendlc::Carrier;
use leptos::prelude::*;

use super::typing::wrong_with;
use crate::{
    api::registry::{
        DeskView,
        campaigns::wizard::{HandInTendlc, TenDlcDraft},
    },
    error::AppError,
    pages::registry::campaigns::facts::FormFacts,
    ui::prelude::*,
};

/// What a form sends for a carrier.
const fn sent_for(carrier: Carrier) -> &'static str {
    match carrier {
        Carrier::Att => "10017",
        Carrier::TMobile => "10035",
        Carrier::UsCellular => "10037",
        Carrier::Verizon => "10038",
        Carrier::ClearSky => "10631",
        Carrier::Interop => "10901",
    }
}

#[component]
pub fn ReviewStep(slug: String, draft: TenDlcDraft) -> impl IntoView {
    let hand_in = ServerAction::<HandInTendlc>::new();
    let refused: Signal<Option<AppError>> = Signal::derive(move || hand_in.value().get().and_then(Result::err));
    let edit = format!("/w/{slug}/registry/campaigns/{}/edit", draft.id);
    let hints = draft.hints.clone();
    let label = match (draft.registered, draft.rejected) {
        (false, _) => "Register it",
        (true, true) => "Hand in and resubmit",
        (true, false) => "Hand in the changes",
    };
    let connected = DeskView::here().rights.connected;
    let (registered, id, auto_renewal) = (draft.registered, draft.id.clone(), draft.form.auto_renewal);
    let (accepted, carriers) = (draft.form.terms_accepted, draft.form.carriers.clone());
    let back = format!("{edit}/4");
    let hint_edit = edit.clone();
    view! {
        <div class="flex flex-col gap-5">
            {(!hints.is_empty())
                .then(|| {
                    let rows = hints
                        .into_iter()
                        .map(|hint| {
                            let href = format!("{hint_edit}/{}", hint.step);
                            view! { <li>{hint.message} " " <a class="link" href=href>{format!("Step {}", hint.step)}</a></li> }
                        })
                        .collect_view();
                    view! {
                        <Alert tone=Tone::Warning title="Carriers often refuse for this">
                            <ul class="list-disc pl-5">{rows}</ul>
                        </Alert>
                    }
                })}
            <FormFacts form=draft.form.clone() edit=Some(edit)/>
            <Panel title=if registered { "Hand in" } else { "Register" }>
                <ActionForm action=hand_in attr:class="form">
                    <ErrorSummary error=refused/>
                    {(!connected)
                        .then(|| {
                            view! {
                                <Alert tone=Tone::Warning title="No registry is set up">
                                    "This installation speaks with no 10DLC registry, so nothing can be handed in. The draft is kept; whoever runs the \
                                    installation sets it up."
                                </Alert>
                            }
                        })}
                    <Hidden name="slug" value=slug/>
                    <Hidden name="id" value=id/>
                    <Hidden name="seen" value=draft.seen.to_string()/>
                    {(!registered).then(|| view! { <Once carriers accepted refused/> })}
                    <Checkbox
                        name="auto_renewal"
                        label="Renew it by itself"
                        checked=auto_renewal
                        hint="Else it expires at the end of the term that is paid for, for good, and its numbers can send no more."
                    />
                    <p class="text-sm text-muted">
                        {if registered {
                            "The registry is told now. Carriers may look at it again."
                        } else {
                            "The registry gets it now and takes its fee; each carrier then decides. What is registered keeps its brand and use case."
                        }}
                    </p>
                    <div class="form-actions">
                        <Button busy=hand_in.pending()>{label}</Button>
                        <LinkButton href=back kind=ButtonKind::Secondary>"Back"</LinkButton>
                    </div>
                </ActionForm>
            </Panel>
        </div>
    }
}

/// What is decided once, when it is registered.
#[component]
fn Once(
    carriers: std::collections::BTreeSet<Carrier>,
    accepted: bool,
    refused: Signal<Option<AppError>>,
) -> impl IntoView {
    let options =
        Carrier::ALL.map(|carrier| CheckboxOption { value: sent_for(carrier), label: carrier.name(), hint: "" });
    let some = !carriers.is_empty();
    let chosen = carriers.into_iter().map(sent_for).collect::<Vec<_>>();
    view! {
        <details class="rounded-box border border-base-300 p-4" open=some>
            <summary class="cursor-pointer font-medium">"Only some carriers"</summary>
            <div class="mt-3">
                <CheckboxList
                    name="mno_ids"
                    legend="Carriers that get it. None ticked: all of them."
                    options=options.to_vec()
                    chosen
                    error=wrong_with(refused, "mno_ids")
                />
            </div>
        </details>
        <Checkbox
            name="terms_and_conditions"
            label="The registry's terms are accepted for this 10DLC campaign"
            checked=accepted
            hint="What stands here is true, and the messages follow the rules of the carriers and of the CTIA."
            error=wrong_with(refused, "terms_and_conditions")
        />
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carriers_are_sent_by_the_registrys_ids() {
        assert!(Carrier::ALL.iter().all(|carrier| sent_for(*carrier) == carrier.id().to_string()));
    }
}
