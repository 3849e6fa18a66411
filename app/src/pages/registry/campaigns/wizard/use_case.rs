//! Step 1: what a 10DLC campaign is for. Use cases that the brand cannot have are named with the reason.

use domain::tendlc::{
    UseCase,
    limits::{Limits, limits},
    use_case::{Class, Requirements},
};
use leptos::prelude::*;

use crate::{
    api::registry::{
        DeskView,
        campaigns::wizard::{BrandKnown, ChooseTendlcUseCase, TenDlcDraft},
    },
    error::{AppError, sentence},
    ui::prelude::*,
};

#[component]
pub fn UseCaseStep(slug: String, draft: TenDlcDraft) -> impl IntoView {
    let choose = ServerAction::<ChooseTendlcUseCase>::new();
    let refused: Signal<Option<AppError>> = Signal::derive(move || choose.value().get().and_then(Result::err));
    let next = format!("/w/{slug}/registry/campaigns/{}/edit/2", draft.id);
    let wrong = draft.flaws.iter().filter(|flaw| flaw.step == 1).map(|flaw| flaw.message.clone()).collect::<Vec<_>>();
    let use_case = draft.form.use_case;
    if draft.registered {
        return view! {
            <Panel title="Brand and use case">
                <div class="form">
                    <Facts>
                        <Fact label="Brand">{draft.brand.display_name.clone()}</Fact>
                        <Fact label="Use case">{use_case.label()}</Fact>
                    </Facts>
                    <p class="text-sm text-muted">
                        "They stay as they were registered. For another use case register another 10DLC campaign."
                    </p>
                    <div class="form-actions">
                        <LinkButton href=next>"Continue"</LinkButton>
                    </div>
                </div>
            </Panel>
        }
        .into_any();
    }
    let limits = limits(draft.connector);
    view! {
        <Panel title=format!("What is it for, of {}?", draft.brand.display_name)>
            <ActionForm action=choose attr:class="form">
                <ErrorSummary error=refused/>
                {wrong.into_iter().map(|message| view! { <Alert tone=Tone::Warning>{message}</Alert> }).collect_view()}
                <Hidden name="slug" value=slug/>
                <Hidden name="id" value=draft.id/>
                <Hidden name="seen" value=draft.seen.to_string()/>
                <UseCases brand=draft.brand limits chosen=use_case error=refused/>
                <div class="form-actions">
                    <Button busy=choose.pending()>"Save and continue"</Button>
                    <LinkButton href=DeskView::here().path("") kind=ButtonKind::Secondary>"Later"</LinkButton>
                </div>
            </ActionForm>
        </Panel>
    }
    .into_any()
}

/// The use cases that a brand can have, and below them those that it cannot.
#[component]
pub fn UseCases(
    brand: BrandKnown,
    limits: Limits,
    #[prop(optional)] chosen: Option<UseCase>,
    error: Signal<Option<AppError>>,
) -> impl IntoView {
    let (entity, identity) = (brand.entity_type, brand.identity);
    let open = UseCase::ALL.iter().filter(|one| one.closed_to(entity, identity).is_none());
    let options: Vec<RadioOption> = open
        .map(|one| RadioOption {
            value: one.word().to_owned(),
            label: one.label().to_owned(),
            text: format!("{} {}", one.about(), asks(&one.requirements(&limits))),
        })
        .collect();
    // The only one is chosen already.
    let value = match options.as_slice() {
        [only] => only.value.clone(),
        _ => chosen.map(|chosen| chosen.word().to_owned()).unwrap_or_default(),
    };
    let closed: Vec<(&str, String)> =
        UseCase::ALL.iter().filter_map(|one| Some((one.label(), sentence(one.closed_to(entity, identity)?)))).collect();
    let wrong = Signal::derive(move || error.get().and_then(|error| error.field_error("usecase")));
    view! {
        <RadioCards name="usecase" legend="Use case" options value error=wrong/>
        {(!closed.is_empty())
            .then(|| {
                let rows = closed
                    .into_iter()
                    .map(|(label, why)| view! { <li><span class="font-medium">{label}</span> ": " {why}</li> })
                    .collect_view();
                view! {
                    <details class="rounded-box border border-base-300 p-4">
                        <summary class="cursor-pointer font-medium">"Use cases that are not open to this brand"</summary>
                        <ul class="mt-3 flex list-disc flex-col gap-1 pl-5 text-sm">{rows}</ul>
                    </details>
                }
            })}
    }
}

/// What a use case asks for, in a few words.
fn asks(needs: &Requirements) -> String {
    let mut asks = Vec::new();
    if needs.class == Class::Special {
        asks.push("special: carriers look at it first".to_owned());
    }
    match (needs.sub_use_cases_min, needs.sub_use_cases_max) {
        (_, 0) => {}
        (0, _) => asks.push("sub use cases if you like".to_owned()),
        (min, max) => asks.push(format!("{min} to {max} sub use cases")),
    }
    asks.push(if needs.samples_min == 1 { "1 sample".to_owned() } else { format!("{} samples", needs.samples_min) });
    if !needs.opt_in {
        asks.push("nobody has to opt in".to_owned());
    }
    sentence(&asks.join(", "))
}

#[cfg(test)]
mod tests {
    use domain::tendlc::limits::Connector;

    use super::*;

    #[test]
    fn says_what_a_use_case_asks_for() {
        let asks = |one: UseCase| super::asks(&one.requirements(&limits(Connector::Registry)));
        assert_eq!(asks(UseCase::Mixed), "2 to 5 sub use cases, 2 samples.");
        assert_eq!(asks(UseCase::Charity), "Special: carriers look at it first, 1 sample.");
        assert_eq!(asks(UseCase::M2m), "1 sample, nobody has to opt in.");
    }
}
