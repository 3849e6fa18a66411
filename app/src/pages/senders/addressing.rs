//! The fields of a revision: the address and its TON and NPI, proposed from what is typed, with what carriers refuse.

use domain::sender::{Addressing, Npi, Saddr, Ton, propose, warnings};
use leptos::prelude::*;

use crate::{error::AppError, ui::prelude::*};

/// SADDR, source TON/NPI, destination TON/NPI and the reason. `first` is what the form starts with.
#[component]
pub fn AddressingFields(
    #[prop(optional_no_strip)] first: Option<Addressing>,
    #[prop(into)] refused: Signal<Option<AppError>>,
    /// Of a workspace that is being made: it may be left empty, and nobody asks for the reason.
    #[prop(optional)]
    optional: bool,
) -> impl IntoView {
    let (ton, npi) =
        first.as_ref().map_or((Ton::Alphanumeric, Npi::Unknown), |first| (first.source_ton, first.source_npi));
    let (to_ton, to_npi) =
        first.as_ref().map_or((Ton::International, Npi::Isdn), |first| (first.destination_ton, first.destination_npi));
    let saddr = RwSignal::new(first.map(|first| first.saddr.to_string()).unwrap_or_default());
    let signal = |octet: u8| RwSignal::new(octet.to_string());
    let (source_ton, source_npi) = (signal(ton as u8), signal(npi as u8));
    let (destination_ton, destination_npi) = (signal(to_ton as u8), signal(to_npi as u8));
    // What is typed proposes TON and NPI; whoever wants others chooses them afterwards.
    Effect::new(move |before: Option<String>| {
        let typed = saddr.get();
        if before.is_some_and(|before| before != typed)
            && let Ok(parsed) = Saddr::parse(typed.trim())
        {
            let (ton, npi) = propose(&parsed);
            source_ton.set((ton as u8).to_string());
            source_npi.set((npi as u8).to_string());
        }
        typed
    });
    let said = move || {
        let parsed = Saddr::parse(saddr.get().trim()).ok()?;
        let octet = |signal: RwSignal<String>| signal.get().parse::<u8>().ok();
        let addressing = Addressing {
            saddr: parsed,
            source_ton: Ton::from_octet(octet(source_ton)?)?,
            source_npi: Npi::from_octet(octet(source_npi)?)?,
            destination_ton: Ton::from_octet(octet(destination_ton)?)?,
            destination_npi: Npi::from_octet(octet(destination_npi)?)?,
        };
        Some(warnings(&addressing)).filter(|warnings| !warnings.is_empty())
    };
    let error_of =
        move |field: &'static str| Signal::derive(move || refused.get().and_then(|error| error.field_error(field)));
    view! {
        <TextField
            name="saddr"
            label="SADDR: what phones show"
            bind=saddr
            mono=true
            maxlength=15
            optional
            hint="1 to 11 characters with a letter, or 3 to 15 digits without +."
            error=error_of("saddr")
        />
        <div class="grid gap-5 sm:grid-cols-2">
            <SelectField name="source_ton" label="Source TON" choices=tons() bind=source_ton error=error_of("source_ton")/>
            <SelectField name="source_npi" label="Source NPI" choices=npis() bind=source_npi error=error_of("source_npi")/>
            <SelectField
                name="destination_ton"
                label="Destination TON"
                choices=tons()
                bind=destination_ton
                error=error_of("destination_ton")
            />
            <SelectField
                name="destination_npi"
                label="Destination NPI"
                choices=npis()
                bind=destination_npi
                error=error_of("destination_npi")
            />
        </div>
        <div role="status">
            {move || {
                said()
                    .map(|warnings| {
                        view! {
                            <Alert tone=Tone::Warning title="Carriers may refuse this">
                                <ul class="list-disc pl-5">
                                    {warnings
                                        .into_iter()
                                        .map(|warning| view! { <li>{warning.to_string()}</li> })
                                        .collect_view()}
                                </ul>
                            </Alert>
                        }
                    })
            }}
        </div>
        {(!optional)
            .then(|| {
                view! {
                    <TextField
                        name="reason"
                        label="Reason"
                        optional=true
                        maxlength=500
                        hint="For the moderator: why this sender, or what changes."
                        error=error_of("reason")
                    />
                }
            })}
    }
}

fn tons() -> Vec<Choice> {
    Ton::ALL.iter().map(|&ton| Choice::new((ton as u8).to_string(), ton.label())).collect()
}

fn npis() -> Vec<Choice> {
    Npi::ALL.iter().map(|&npi| Choice::new((npi as u8).to_string(), npi.label())).collect()
}
