//! Step 3: messages as they will be sent, and what is in them. Each is checked against the rules while somebody types.

use domain::tendlc::{
    TenDlcCampaign, content,
    limits::{POOL_ABOVE_NUMBERS, SAMPLE_FIELDS},
};
use leptos::prelude::*;

use super::typing::{Findings, Length, Rules, Said, sentences, wrong_with};
use crate::{
    api::registry::campaigns::wizard::{SaveTendlcSamples, TenDlcDraft},
    error::AppError,
    ui::prelude::*,
};

#[component]
pub fn SamplesStep(slug: String, draft: TenDlcDraft) -> impl IntoView {
    let save = ServerAction::<SaveTendlcSamples>::new();
    let refused: Signal<Option<AppError>> = Signal::derive(move || save.value().get().and_then(Result::err));
    let rules = Rules::of(&draft);
    let form = draft.form.clone();
    let texts = std::array::from_fn::<_, 5, _>(|at| RwSignal::new(form.samples.get(at).cloned().unwrap_or_default()));
    let (link, phone) = (RwSignal::new(form.embedded_link), RwSignal::new(form.embedded_phone));
    let needed = draft.needs.samples_min;
    let fields = SAMPLE_FIELDS
        .into_iter()
        .zip(texts)
        .enumerate()
        .map(|(at, (name, text))| {
            let optional = at >= needed;
            view! { <Sample name at text optional link phone rules=rules.clone() refused/> }
        })
        .collect_view();
    let opt_out = Memo::new(move |_| {
        let written = texts.iter().any(|text| text.with(|text| !text.trim().is_empty()));
        written && !texts.iter().any(|text| text.with(|text| content::tells_opt_out(text)))
    });
    let back = format!("/w/{slug}/registry/campaigns/{}/edit/2", draft.id);
    let lead = match needed {
        1 => "One at least, up to five: as people will get them, with the brand's name.".to_owned(),
        needed => format!("{needed} at least, up to five: as people will get them, with the brand's name."),
    };
    view! {
        <Panel>
            <ActionForm action=save attr:class="form">
                <ErrorSummary error=refused/>
                <Hidden name="slug" value=slug/>
                <Hidden name="id" value=draft.id.clone()/>
                <Hidden name="seen" value=draft.seen.to_string()/>
                <Contents draft link phone refused/>
                <fieldset class="flex flex-col gap-5">
                    <legend class="mb-1 font-semibold">"Sample messages"</legend>
                    <p class="field-hint">
                        {lead} " What differs from message to message stands in square brackets, such as [first name]."
                    </p>
                    {fields}
                    <p role="status" class="text-sm text-muted empty:hidden">
                        {move || {
                            opt_out
                                .get()
                                .then_some("No sample tells how to opt out. Carriers want it in one at least, such as “Reply STOP to opt out”.")
                        }}
                    </p>
                </fieldset>
                <div class="form-actions">
                    <Button busy=save.pending()>"Save and continue"</Button>
                    <LinkButton href=back kind=ButtonKind::Secondary>"Back"</LinkButton>
                </div>
            </ActionForm>
        </Panel>
    }
}

/// What the messages contain, which has to be said beforehand.
#[component]
fn Contents(
    draft: TenDlcDraft,
    link: RwSignal<bool>,
    phone: RwSignal<bool>,
    refused: Signal<Option<AppError>>,
) -> impl IntoView {
    let (form, needs) = (draft.form, draft.needs);
    let closed = |closed: bool| if closed { " A carrier takes none with this use case of this brand." } else { "" };
    view! {
        <fieldset class="flex flex-col gap-4">
            <legend class="mb-3 font-semibold">"What the messages contain"</legend>
            <Checkbox
                name="embedded_link"
                label="Links"
                bind=link
                hint=format!("Of the brand's own domain; public shorteners are refused.{}", closed(needs.no_links))
                error=wrong_with(refused, "embedded_link")
            />
            <TextField
                name="embedded_link_sample"
                label="A link as messages contain it"
                value=form.embedded_link_sample
                inputmode="url"
                optional=true
                placeholder="https://"
                hint="Needed if there are links and no sample shows one."
                error=wrong_with(refused, "embedded_link_sample")
            />
            <Checkbox
                name="embedded_phone"
                label="Phone numbers to call"
                bind=phone
                hint=format!("One of the samples has to show one.{}", closed(needs.no_phones))
                error=wrong_with(refused, "embedded_phone")
            />
            <Checkbox
                name="age_gated"
                label="Content for adults only"
                checked=form.age_gated
                hint="Alcohol, tobacco and the like: people have to give their age before they get it."
            />
            <Checkbox
                name="direct_lending"
                label="Loans"
                checked=form.direct_lending
                hint="Direct lending or loan arrangements."
            />
            <Checkbox
                name="number_pool"
                label=format!("More than {POOL_ABOVE_NUMBERS} numbers")
                checked=form.number_pool
                hint="A number pool. Carriers ask why so many are needed."
            />
        </fieldset>
    }
}

#[component]
fn Sample(
    name: &'static str,
    at: usize,
    text: RwSignal<String>,
    optional: bool,
    link: RwSignal<bool>,
    phone: RwSignal<bool>,
    rules: Rules,
    refused: Signal<Option<AppError>>,
) -> impl IntoView {
    let length = rules.limits.sample.clone();
    let said = Memo::new(move |_| {
        let form = TenDlcCampaign { embedded_link: link.get(), embedded_phone: phone.get(), ..(*rules.form).clone() };
        text.with(|text| look(text, &form, &rules))
    });
    view! {
        <div class="flex flex-col gap-2">
            <TextArea
                name
                label=format!("Sample {}", at + 1)
                bind=text
                rows=3
                optional
                error=wrong_with(refused, name)
            />
            <Length text length/>
            <Findings said/>
        </div>
    }
}

/// Nothing is said of what is not begun.
fn look(text: &str, form: &TenDlcCampaign, rules: &Rules) -> Said {
    if text.trim().is_empty() {
        return Said::default();
    }
    // How long it is the counter says.
    let own = form.check_sample(text, &rules.needs, &rules.limits).into_iter().filter(|rule| !is_length(rule));
    Said { wrong: sentences(own), hints: sentences(rules.brand.facts().hints(text)) }
}

pub const fn is_length(rule: &domain::tendlc::Rule) -> bool {
    use domain::tendlc::Rule;

    matches!(rule, Rule::Short { .. } | Rule::Long { .. } | Rule::Missing)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use domain::tendlc::{
        EntityType, IdentityStatus, UseCase,
        limits::{Connector, limits},
    };

    use super::*;
    use crate::api::registry::campaigns::wizard::BrandKnown;

    fn rules() -> Rules {
        let limits = limits(Connector::Registry);
        let brand = BrandKnown {
            id: String::new(),
            display_name: "Acme".into(),
            company_name: None,
            entity_type: EntityType::PrivateProfit,
            identity: IdentityStatus::Verified,
            score: None,
        };
        Rules {
            brand: Arc::new(brand),
            needs: Arc::new(UseCase::Marketing.requirements(&limits)),
            limits: Arc::new(limits),
            form: Arc::new(TenDlcCampaign::new(UseCase::Marketing)),
        }
    }

    #[test]
    fn what_is_wrong_is_said_while_somebody_types() {
        let rules = rules();
        let form = (*rules.form).clone();
        assert_eq!(look(" ", &form, &rules), Said::default());
        assert_eq!(look("Acme: hi", &form, &rules), Said::default(), "the counter says that it is short");
        let said = look("Hi {name}, see bit.ly/x or call (303) 555-0100", &form, &rules);
        assert_eq!(said.wrong.len(), 2, "{said:?}");
        assert!(said.wrong[0].contains("bit.ly") && said.wrong[1].contains("phone number"), "{said:?}");
        assert!(said.hints[0].contains("Acme") && said.hints[1].contains("{name}"), "{said:?}");
        let declared = TenDlcCampaign { embedded_phone: true, ..form };
        assert!(look("Acme: call (303) 555-0100", &declared, &rules).wrong.is_empty());
    }
}
