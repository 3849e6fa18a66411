//! Step 3: the SMPP values. They come with the sender's revision; an admin may set others for this campaign.

use domain::sender::{Addressing, Npi, Saddr, Ton, warnings};
use leptos::{either::Either, prelude::*};

use crate::{
    api::wizard::{DropOverrides, OverrideAddressing, WizardDraft, after_addressing},
    error::AppError,
    pages::campaigns::AddressingFacts,
    state::query::{name_of, named},
    ui::prelude::*,
};

#[component]
pub fn SmppStep(slug: String, draft: WizardDraft) -> impl IntoView {
    let edit = format!("/w/{slug}/campaigns/{}/edit", draft.id);
    let on = format!("/w/{slug}/campaigns/{}{}", draft.id, after_addressing(draft.mode));
    // A campaign without a sender does not come here.
    let Some(sender) = draft.sender else { return ().into_any() };
    let overridden = draft.overrides.is_some();
    let addressing = draft.overrides.unwrap_or_else(|| sender.addressing.clone());
    let may_override = !draft.addresses.is_empty();
    let lead = if overridden {
        "An admin has set these values for this campaign alone; the moderator sees that they differ from the approved revision."
    } else if may_override {
        "The values come with the approved revision of the sender."
    } else {
        "The values come with the approved revision of the sender. Only an admin can set others."
    };
    let unlocked = may_override.then(|| {
        let form = view! {
            <OverrideForm
                slug=slug.clone()
                id=draft.id.clone()
                addresses=draft.addresses
                addressing=addressing.clone()
            />
        };
        view! {
            <details class="panel max-w-2xl p-4 sm:p-5" open=overridden>
                <summary class="cursor-pointer font-medium">"Override the values for this campaign"</summary>
                <div class="mt-4">{form}</div>
            </details>
        }
    });
    view! {
        <Panel title=format!("{}, revision {}", sender.display_name, sender.revision)>
            <p class="mb-4 flex flex-wrap items-center gap-2">
                {overridden.then(|| view! { <Badge tone=Tone::Warning text="Overridden"/> })}
                <span>{lead}</span>
            </p>
            <Facts>
                <AddressingFacts addressing/>
            </Facts>
        </Panel>
        <div class="form-actions">
            <LinkButton href=on>"Continue"</LinkButton>
            {(overridden && may_override).then(|| view! { <DropForm slug=slug.clone() id=draft.id.clone()/> })}
            <LinkButton href=format!("{edit}/2") kind=ButtonKind::Secondary>"Back"</LinkButton>
        </div>
        {unlocked}
    }
    .into_any()
}

#[component]
fn DropForm(slug: String, id: String) -> impl IntoView {
    let restore = ServerAction::<DropOverrides>::new();
    let refused = Signal::derive(move || restore.value().get().and_then(Result::err));
    view! {
        <ActionForm action=restore>
            <Hidden name="slug" value=slug/>
            <Hidden name="id" value=id/>
            <Button kind=ButtonKind::Secondary busy=restore.pending()>"Use the sender's values"</Button>
            <ErrorSummary error=refused/>
        </ActionForm>
    }
}

#[component]
fn OverrideForm(slug: String, id: String, addresses: Vec<String>, addressing: Addressing) -> impl IntoView {
    let save = ServerAction::<OverrideAddressing>::new();
    let refused: Signal<Option<AppError>> = Signal::derive(move || save.value().get().and_then(Result::err));
    let error_of =
        move |field: &'static str| Signal::derive(move || refused.get().and_then(|error| error.field_error(field)));
    let saddr = RwSignal::new(addressing.saddr.to_string());
    let [source_ton, destination_ton] =
        [addressing.source_ton, addressing.destination_ton].map(|ton| RwSignal::new(name_of(ton)));
    let [source_npi, destination_npi] =
        [addressing.source_npi, addressing.destination_npi].map(|npi| RwSignal::new(name_of(npi)));
    let warned = move || {
        let chosen = Addressing {
            saddr: saddr.with(|saddr| Saddr::parse(saddr)).ok()?,
            source_ton: source_ton.with(|ton| named(ton))?,
            source_npi: source_npi.with(|npi| named(npi))?,
            destination_ton: destination_ton.with(|ton| named(ton))?,
            destination_npi: destination_npi.with(|npi| named(npi))?,
        };
        Some(warnings(&chosen)).filter(|warnings| !warnings.is_empty())
    };
    let addresses: Vec<Choice> = addresses.into_iter().map(|saddr| Choice::new(saddr.clone(), saddr)).collect();
    view! {
        <ActionForm action=save attr:class="form">
            <ErrorSummary error=refused/>
            <Hidden name="slug" value=slug/>
            <Hidden name="id" value=id/>
            <SelectField
                name="saddr"
                label="SADDR"
                choices=addresses
                bind=saddr
                hint="One of the approved addresses of this workspace."
                error=error_of("saddr")
            />
            <div class="grid gap-5 sm:grid-cols-2">
                <SelectField name="source_ton" label="Source TON" choices=tons() bind=source_ton/>
                <SelectField name="source_npi" label="Source NPI" choices=npis() bind=source_npi/>
                <SelectField name="destination_ton" label="Destination TON" choices=tons() bind=destination_ton/>
                <SelectField name="destination_npi" label="Destination NPI" choices=npis() bind=destination_npi/>
            </div>
            <div role="status">
                {move || match warned() {
                    Some(warnings) => Either::Left(view! {
                        <Alert tone=Tone::Warning title="Carriers may refuse this">
                            <ul class="list-disc pl-5">
                                {warnings
                                    .into_iter()
                                    .map(|warning| view! { <li>{warning.to_string()}</li> })
                                    .collect_view()}
                            </ul>
                        </Alert>
                    }),
                    None => Either::Right(()),
                }}
            </div>
            <div class="form-actions">
                <Button busy=save.pending()>"Override and continue"</Button>
            </div>
        </ActionForm>
    }
}

fn tons() -> Vec<Choice> {
    Ton::ALL.iter().map(|&ton| Choice::new(name_of(ton), ton.label())).collect()
}

fn npis() -> Vec<Choice> {
    Npi::ALL.iter().map(|&npi| Choice::new(name_of(npi), npi.label())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_names_of_the_lists_are_those_that_the_server_reads() {
        for &ton in Ton::ALL {
            assert_eq!(named(&name_of(ton)), Some(ton));
        }
        for &npi in Npi::ALL {
            assert_eq!(named(&name_of(npi)), Some(npi));
        }
    }
}
