//! Step 2: what it is for, how people agree, and where they read about it.

use domain::tendlc::UseCase;
use leptos::prelude::*;

use super::typing::{Length, Rules, wrong_with};
use crate::{
    api::registry::campaigns::wizard::{SaveTendlcPurpose, TenDlcDraft},
    error::AppError,
    ui::prelude::*,
};

#[component]
pub fn PurposeStep(slug: String, draft: TenDlcDraft) -> impl IntoView {
    let save = ServerAction::<SaveTendlcPurpose>::new();
    let refused: Signal<Option<AppError>> = Signal::derive(move || save.value().get().and_then(Result::err));
    let rules = Rules::of(&draft);
    let form = draft.form.clone();
    let (description, flow) = (RwSignal::new(form.description), RwSignal::new(form.message_flow));
    let back = format!("/w/{slug}/registry/campaigns/{}/edit/1", draft.id);
    let name = draft.brand.display_name.clone();
    view! {
        <Panel>
            <ActionForm action=save attr:class="form">
                <ErrorSummary error=refused/>
                <Hidden name="slug" value=slug/>
                <Hidden name="id" value=draft.id.clone()/>
                <Hidden name="seen" value=draft.seen.to_string()/>
                <SubUseCases draft refused/>
                <div class="flex flex-col gap-2">
                    <TextArea
                        name="description"
                        label="Description"
                        bind=description
                        rows=5
                        hint=format!("Who sends what to whom, and why. “{name} tells its customers when …”")
                        error=wrong_with(refused, "description")
                    />
                    <Length text=description length=rules.limits.description.clone()/>
                </div>
                <div class="flex flex-col gap-2">
                    <TextArea
                        name="message_flow"
                        label="How people agree"
                        bind=flow
                        rows=6
                        hint="The message flow: on which page, form or sign people give their number and agree, with its address, and what they read \
                        there: the brand's name, how often messages come, that message and data rates may apply, STOP and HELP."
                        error=wrong_with(refused, "message_flow")
                    />
                    <Length text=flow length=rules.limits.message_flow.clone()/>
                </div>
                <TextField
                    name="privacy_policy_link"
                    label="Privacy policy"
                    value=form.privacy_policy_link
                    inputmode="url"
                    optional=true
                    placeholder="https://"
                    hint="It should say that numbers are not passed on for marketing. Many carriers refuse without it."
                    error=wrong_with(refused, "privacy_policy_link")
                />
                <TextField
                    name="terms_and_conditions_link"
                    label="Terms and conditions"
                    value=form.terms_and_conditions_link
                    inputmode="url"
                    optional=true
                    placeholder="https://"
                    hint="They should describe the messages, how often they come, STOP and HELP."
                    error=wrong_with(refused, "terms_and_conditions_link")
                />
                <div class="form-actions">
                    <Button busy=save.pending()>"Save and continue"</Button>
                    <LinkButton href=back kind=ButtonKind::Secondary>"Back"</LinkButton>
                </div>
            </ActionForm>
        </Panel>
    }
}

/// What a mixture is made of.
#[component]
fn SubUseCases(draft: TenDlcDraft, refused: Signal<Option<AppError>>) -> impl IntoView {
    let (min, max) = (draft.needs.sub_use_cases_min, draft.needs.sub_use_cases_max);
    if max == 0 {
        return ().into_any();
    }
    let chosen: Vec<UseCase> = draft.form.sub_use_cases;
    if draft.registered {
        let labels = chosen.iter().map(|one| one.label()).collect::<Vec<_>>().join(", ");
        return view! {
            <Facts>
                <Fact label="Sub use cases">{if labels.is_empty() { "None".to_owned() } else { labels }}</Fact>
            </Facts>
        }
        .into_any();
    }
    let options = UseCase::ALL.iter().filter(|one| one.can_be_sub_use_case()).map(|one| CheckboxOption {
        value: one.word(),
        label: one.label(),
        hint: one.about(),
    });
    let legend = if min == 0 { "Sub use cases, if you like" } else { "Sub use cases: 2 to 5" };
    view! {
        <CheckboxList
            name="sub_usecases"
            legend
            options=options.collect()
            chosen=chosen.iter().map(|one| one.word()).collect()
            error=wrong_with(refused, "sub_usecases")
        />
    }
    .into_any()
}
