//! How far a 10DLC campaign is in the wizard: which step each broken rule belongs to, and what a step's form sends.

use domain::tendlc::{Flaw, campaign::Brand as BrandFacts, limits::SAMPLE_FIELDS};
use engine::tendlc::AskedFor;
use store::tendlc::{Brand, Desk, Doing, TenDlc, action, brands, campaigns};

use super::wizard::{StepFlaw, TenDlcDraft};
use crate::{
    api::context::Services,
    error::{AppError, FieldError, sentence},
};

/// The longest text that is kept of what somebody types, in characters: more than any field takes.
const KEPT_CHARACTERS_MAX: usize = 10_000;

/// The step in which a field of the registry's is filled in.
pub fn step_of(field: &str) -> u8 {
    match field {
        "usecase" | "brand_id" => 1,
        "subUsecases" | "description" | "messageFlow" | "privacyPolicyLink" | "termsAndConditionsLink" => 2,
        "termsAndConditions" | "mnoIds" | "autoRenewal" => 5,
        _ if field.starts_with("optin")
            || field.starts_with("optout")
            || field.starts_with("help")
            || field.starts_with("subscriber") =>
        {
            4
        }
        _ => 3,
    }
}

/// A field of the registry's, as the forms call it: `message_flow` for `messageFlow`.
pub fn form_field(of_registry: &str) -> String {
    let mut name = String::new();
    for letter in of_registry.chars() {
        if letter.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

/// A 10DLC campaign with all that the rules say of it as it was typed.
#[derive(Debug)]
pub struct Looked {
    pub brand: Brand,
    pub asked: AskedFor,
    pub flaws: Vec<StepFlaw>,
    pub hints: Vec<StepFlaw>,
}

fn of_step(flaw: &Flaw) -> StepFlaw {
    StepFlaw { step: step_of(flaw.field), field: form_field(flaw.field), message: sentence(&flaw.rule.to_string()) }
}

pub async fn look(services: &Services, desk: &Desk, campaign: &TenDlc) -> Result<Looked, AppError> {
    let brand = brands::find(desk, campaign.brand).await?;
    let typed = campaign.typed();
    let registrations = &services.registrations;
    let asked = registrations.requirements_for_page(desk, brand.id, typed.use_case).await?;
    let facts = BrandFacts {
        display_name: &brand.details.display_name,
        company_name: brand.details.company_name.as_deref(),
        entity_type: brand.details.entity_type,
        identity: brand.identity(),
    };
    let mut flaws = typed.check(&facts, &asked.needs, &registrations.limits()).err().unwrap_or_default();
    // Once with the registry's word, not twice.
    if let Some(closed) = &asked.closed {
        flaws.retain(|flaw| flaw.field != closed.field);
        flaws.insert(0, closed.clone());
    }
    let hints = typed.hints(&facts).iter().map(of_step).collect();
    let flaws = flaws.iter().map(of_step).collect();
    Ok(Looked { flaws, hints, asked, brand })
}

/// What a step changes is kept as it was typed, and what is wrong with it is said. The 10DLC campaign comes with the number
/// of the change after which the step was opened.
pub async fn save(
    services: &Services,
    proof: &Doing<action::Campaigns>,
    (before, seen): (&TenDlc, u64),
    typed: domain::tendlc::TenDlcCampaign,
    step: u8,
) -> Result<(), AppError> {
    check_lengths(&typed)?;
    let kept = store::beside_news!(campaigns::keep(proof, before.id, Some(seen), before.brand, typed.clone()))?;
    let looked = look(services, proof, &kept).await?;
    let wrong: Vec<FieldError> = looked
        .flaws
        .into_iter()
        .filter(|flaw| flaw.step == step)
        .map(|flaw| FieldError { field: flaw.field, message: flaw.message })
        .collect();
    if wrong.is_empty() { Ok(()) } else { Err(AppError::fields(wrong)) }
}

/// What is far too long is not even kept.
fn check_lengths(typed: &domain::tendlc::TenDlcCampaign) -> Result<(), AppError> {
    let samples = SAMPLE_FIELDS.into_iter().zip(&typed.samples);
    let texts = [
        ("description", &typed.description),
        ("messageFlow", &typed.message_flow),
        ("privacyPolicyLink", &typed.privacy_policy_link),
        ("termsAndConditionsLink", &typed.terms_and_conditions_link),
        ("embeddedLinkSample", &typed.embedded_link_sample),
        ("optinKeywords", &typed.opt_in.keywords),
        ("optinMessage", &typed.opt_in.message),
        ("optoutKeywords", &typed.opt_out.keywords),
        ("optoutMessage", &typed.opt_out.message),
        ("helpKeywords", &typed.help.keywords),
        ("helpMessage", &typed.help.message),
    ];
    let far: Vec<FieldError> = (texts.into_iter().chain(samples))
        .filter(|(_, text)| text.chars().count() > KEPT_CHARACTERS_MAX)
        .map(|(field, _)| FieldError {
            field: form_field(field),
            message: "This is far too long; it was not saved. Shorten it.".to_owned(),
        })
        .collect();
    if far.is_empty() { Ok(()) } else { Err(AppError::fields(far)) }
}

pub fn draft(services: &Services, campaign: TenDlc, looked: Looked) -> TenDlcDraft {
    let Looked { brand, asked, flaws, hints } = looked;
    let registered = campaign.registration.id().is_some();
    let form = campaign.typed().clone();
    TenDlcDraft {
        id: campaign.id.to_string(),
        registered,
        rejected: campaign.carriers().values().any(|status| *status == domain::tendlc::CarrierStatus::Rejected),
        edited: campaign.edit.is_some(),
        seen: campaign.edits.count,
        allowance: services.registrations.tiers().allowance(form.use_case, brand.score()),
        form,
        needs: asked.needs,
        answered: asked.answered,
        connector: services.registrations.connector(),
        brand: super::wizard::known(&brand),
        flaws,
        hints,
        refusal: campaign.refusal,
    }
}

#[cfg(test)]
mod tests {
    use domain::tendlc::{
        EntityType, IdentityStatus, TenDlcCampaign, UseCase,
        limits::{Connector, limits},
    };

    use super::*;

    #[test]
    fn every_field_of_an_empty_form_belongs_to_a_step_and_has_a_name() {
        let facts = BrandFacts {
            display_name: "Acme",
            company_name: None,
            entity_type: EntityType::PrivateProfit,
            identity: IdentityStatus::Verified,
        };
        let limits = limits(Connector::Registry);
        let form = TenDlcCampaign { embedded_link: true, ..TenDlcCampaign::new(UseCase::Mixed) };
        let flaws = form.check(&facts, &UseCase::Mixed.requirements(&limits), &limits).unwrap_err();
        let of: Vec<(u8, String)> = flaws.iter().map(|flaw| (step_of(flaw.field), form_field(flaw.field))).collect();
        for (step, field) in [
            (2, "sub_usecases"),
            (2, "description"),
            (2, "message_flow"),
            (3, "sample1"),
            (3, "embedded_link_sample"),
            (4, "optin_message"),
            (4, "optout_message"),
            (4, "help_message"),
            (5, "terms_and_conditions"),
        ] {
            assert!(of.contains(&(step, field.to_owned())), "{field}: {of:?}");
        }
        assert!(of.is_sorted_by_key(|(step, _)| *step), "in the order of the wizard: {of:?}");
    }
}
