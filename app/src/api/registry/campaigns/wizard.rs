//! The wizard of 10DLC campaigns: a draft that is kept on the server at each of its five steps, so that it has an address,
//! outlives a reload, and loses nothing that was typed where no script runs and something is refused.

use domain::tendlc::{
    Carrier, EntityType, IdentityStatus, TenDlcCampaign, UseCase, campaign::Brand as BrandFacts, limits::Connector,
    throughput::Allowance, use_case::Requirements,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{api::registry::rows::RowsPage, error::AppError};

/// The last step, in which it is handed in.
pub const REVIEW: u8 = 5;

/// What the rules have to know of a brand, so that they are asked while somebody types.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrandKnown {
    pub id: String,
    pub display_name: String,
    pub company_name: Option<String>,
    pub entity_type: EntityType,
    pub identity: IdentityStatus,
    pub score: Option<u8>,
}

impl BrandKnown {
    #[must_use]
    pub fn facts(&self) -> BrandFacts<'_> {
        BrandFacts {
            display_name: &self.display_name,
            company_name: self.company_name.as_deref(),
            entity_type: self.entity_type,
            identity: self.identity,
        }
    }
}

/// A brand of the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrandOffer {
    pub known: BrandKnown,
    /// Why it cannot have (another) 10DLC campaign now, and what to do.
    pub closed: Option<String>,
}

/// What a new one begins with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenDlcChoices {
    /// Those that can have a 10DLC campaign first.
    pub brands: RowsPage<BrandOffer>,
    /// The one that was chosen, if it can have one; where there is nothing to choose, the only one that can.
    pub chosen: Option<BrandOffer>,
    pub connector: Connector,
}

/// A broken rule, in the step where it is repaired.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StepFlaw {
    pub step: u8,
    /// The name of the form's field.
    pub field: String,
    pub message: String,
}

/// A 10DLC campaign in the wizard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenDlcDraft {
    pub id: String,
    /// The registry has it: much of it is fixed.
    pub registered: bool,
    /// A carrier has rejected it: handing it in has that carrier look again.
    pub rejected: bool,
    /// Something of a registered one is changed and not handed in.
    pub edited: bool,
    pub brand: BrandKnown,
    /// As it was typed.
    pub form: TenDlcCampaign,
    /// The number of the last change, for whoever saves after somebody else did.
    pub seen: u64,
    pub needs: Requirements,
    /// Whether the registry has said what carriers demand of this brand.
    pub answered: bool,
    pub connector: Connector,
    pub allowance: Allowance,
    pub flaws: Vec<StepFlaw>,
    pub hints: Vec<StepFlaw>,
    /// Why the registry refused it last.
    pub refusal: Option<String>,
}

impl TenDlcDraft {
    /// The furthest step that can be opened: the first with something wrong, or the last.
    #[must_use]
    pub fn reached(&self) -> u8 {
        self.flaws.iter().map(|flaw| flaw.step).min().unwrap_or(REVIEW)
    }
}

/// Brands of a page of the choice.
#[cfg(feature = "ssr")]
const PAGE_ROWS: u32 = 20;

/// The brands of the workspace, and which of them can have a 10DLC campaign: a page of them, from 1; 0 is the first, too.
/// `brand`: the id of the one that was chosen, or nothing.
#[server]
pub async fn tendlc_choices(
    slug: String,
    #[server(default)] brand: String,
    #[server(default)] page: u32,
) -> Result<TenDlcChoices, AppError> {
    use store::tendlc::{Slice, action, brands, campaigns};

    let services = crate::api::context::services()?;
    let desk = crate::api::registry::desk(&slug).await?;
    desk.may::<action::Campaigns>()?;
    let sight = desk.may::<action::Read>()?.sight();
    let listed = brands::choices(&sight, Slice::page(page, PAGE_ROWS)).await?;
    let wanted = match brand.parse() {
        Ok(id) => brands::many(&sight, [(desk.workspace_id(), id)]).await?.pop(),
        Err(_) => None,
    };
    let shown: Vec<_> = listed.items.iter().chain(&wanted).map(|brand| brand.id).collect();
    let live = campaigns::by_brand(&sight, shown).await?;
    let offer = |brand: &store::tendlc::Brand| {
        let live = live.get(&(brand.workspace, brand.id)).copied().unwrap_or_default();
        let standing = brand.standing(usize::try_from(live).unwrap_or(usize::MAX));
        let closed = standing.check().err().map(|why| crate::error::sentence(&why.to_string()));
        BrandOffer { known: known(brand), closed }
    };
    let offers: Vec<BrandOffer> = listed.items.iter().map(offer).collect();
    let mut open = offers.iter().filter(|offer| offer.closed.is_none());
    let only = open.next().filter(|_| open.next().is_none() && listed.pages() == 1).cloned();
    Ok(TenDlcChoices {
        chosen: wanted.as_ref().map(offer).filter(|offer| offer.closed.is_none()).or(only),
        brands: RowsPage::of(&listed, offers),
        connector: services.registrations.connector(),
    })
}

/// Begins a draft, and leads to its second step.
#[server]
pub async fn begin_tendlc(
    slug: String,
    brand: String,
    #[server(default)] usecase: Option<UseCase>,
) -> Result<(), AppError> {
    use store::tendlc::{action, campaigns};

    let services = crate::api::context::services()?;
    let proof = crate::api::registry::desk(&slug).await?.may::<action::Campaigns>()?;
    let brand = brand.parse().map_err(|_| AppError::NotFound)?;
    let use_case = usecase.ok_or_else(|| AppError::field("usecase", "Choose what it is for."))?;
    check_open(&services, &proof, brand, use_case).await?;
    let campaign = campaigns::begin(&proof, brand, use_case).await?;
    go_to(&proof, campaign.id, 2);
    Ok(())
}

/// A 10DLC campaign that can be changed now, as it was typed.
#[server]
pub async fn tendlc_draft(slug: String, id: String) -> Result<TenDlcDraft, AppError> {
    use store::tendlc::{action, campaigns};

    let services = crate::api::context::services()?;
    let desk = crate::api::registry::desk(&slug).await?;
    desk.may::<action::Campaigns>()?;
    let campaign = campaigns::find(&desk, super::campaign_id(&id)?).await?;
    campaigns::check_open(&campaign)?;
    let looked = super::steps::look(&services, &desk, &campaign).await?;
    Ok(super::steps::draft(&services, campaign, looked))
}

/// Step 1 of a draft: another use case.
#[server]
pub async fn choose_tendlc_use_case(
    slug: String,
    id: String,
    seen: u64,
    #[server(default)] usecase: Option<UseCase>,
) -> Result<(), AppError> {
    use store::tendlc::{action, campaigns};

    let services = crate::api::context::services()?;
    let proof = crate::api::registry::desk(&slug).await?.may::<action::Campaigns>()?;
    let before = campaigns::find(&proof, super::campaign_id(&id)?).await?;
    let use_case = usecase.ok_or_else(|| AppError::field("usecase", "Choose what it is for."))?;
    check_open(&services, &proof, before.brand, use_case).await?;
    let typed = TenDlcCampaign { use_case, ..before.typed().clone() };
    store::beside_news!(campaigns::keep(&proof, before.id, Some(seen), before.brand, typed.clone()))?;
    go_to(&proof, before.id, 2);
    Ok(())
}

/// Step 2: what it is for, and how people agree.
#[server]
pub async fn save_tendlc_purpose(
    slug: String,
    id: String,
    seen: u64,
    #[server(default)] sub_usecases: Vec<UseCase>,
    #[server(default)] description: String,
    #[server(default)] message_flow: String,
    #[server(default)] privacy_policy_link: String,
    #[server(default)] terms_and_conditions_link: String,
) -> Result<(), AppError> {
    let (services, proof, before) = opened(&slug, &id).await?;
    let typed = TenDlcCampaign {
        // Of a registered one they are fixed, and not in the form.
        sub_use_cases: if before.registration.id().is_some() {
            before.form.sub_use_cases.clone()
        } else {
            sub_usecases
        },
        description: plain(description),
        message_flow: plain(message_flow),
        privacy_policy_link: plain(privacy_policy_link),
        terms_and_conditions_link: plain(terms_and_conditions_link),
        ..before.typed().clone()
    };
    super::steps::save(&services, &proof, (&before, seen), typed, 2).await?;
    go_to(&proof, before.id, 3);
    Ok(())
}

/// Step 3: samples, and what is in the messages.
#[server]
pub async fn save_tendlc_samples(
    slug: String,
    id: String,
    seen: u64,
    #[server(default)] sample1: String,
    #[server(default)] sample2: String,
    #[server(default)] sample3: String,
    #[server(default)] sample4: String,
    #[server(default)] sample5: String,
    #[server(default)] embedded_link: bool,
    #[server(default)] embedded_link_sample: String,
    #[server(default)] embedded_phone: bool,
    #[server(default)] number_pool: bool,
    #[server(default)] age_gated: bool,
    #[server(default)] direct_lending: bool,
) -> Result<(), AppError> {
    let (services, proof, before) = opened(&slug, &id).await?;
    let samples = [sample1, sample2, sample3, sample4, sample5].map(plain);
    // The rules count those that are filled in; errors go back to where they were typed.
    let filled: Vec<usize> = (0..samples.len()).filter(|at| !samples[*at].is_empty()).collect();
    let typed = TenDlcCampaign {
        samples: samples.into_iter().filter(|sample| !sample.is_empty()).collect(),
        embedded_link,
        embedded_link_sample: plain(embedded_link_sample),
        embedded_phone,
        number_pool,
        age_gated,
        direct_lending,
        ..before.typed().clone()
    };
    let saved = super::steps::save(&services, &proof, (&before, seen), typed, 3).await;
    saved.map_err(|error| where_typed(error, &filled))?;
    go_to(&proof, before.id, 4);
    Ok(())
}

/// Step 4: how people come in, get out, and ask for help.
#[server]
pub async fn save_tendlc_replies(
    slug: String,
    id: String,
    seen: u64,
    #[server(default)] subscriber_optin: bool,
    #[server(default)] optin_keywords: String,
    #[server(default)] optin_message: String,
    #[server(default)] subscriber_optout: bool,
    #[server(default)] optout_keywords: String,
    #[server(default)] optout_message: String,
    #[server(default)] subscriber_help: bool,
    #[server(default)] help_keywords: String,
    #[server(default)] help_message: String,
) -> Result<(), AppError> {
    use domain::tendlc::campaign::Answer;

    let (services, proof, before) = opened(&slug, &id).await?;
    let answer = |offered, keywords, message| Answer { offered, keywords: plain(keywords), message: plain(message) };
    let mut typed = TenDlcCampaign {
        opt_in: answer(subscriber_optin, optin_keywords, optin_message),
        opt_out: answer(subscriber_optout, optout_keywords, optout_message),
        help: answer(subscriber_help, help_keywords, help_message),
        ..before.typed().clone()
    };
    // Of a registered one the flags are fixed, and not in the form.
    if before.registration.id().is_some() {
        typed.opt_in.offered = before.form.opt_in.offered;
        typed.opt_out.offered = before.form.opt_out.offered;
        typed.help.offered = before.form.help.offered;
    }
    super::steps::save(&services, &proof, (&before, seen), typed, 4).await?;
    go_to(&proof, before.id, REVIEW);
    Ok(())
}

/// Step 5: it goes to the registry, or what was changed does.
#[server]
pub async fn hand_in_tendlc(
    slug: String,
    id: String,
    seen: u64,
    #[server(default)] terms_and_conditions: bool,
    #[server(default)] mno_ids: Vec<Carrier>,
    #[server(default)] auto_renewal: bool,
) -> Result<(), AppError> {
    use store::tendlc::campaigns;

    let (services, proof, before) = opened(&slug, &id).await?;
    // Also where nothing is ticked differently: what somebody else has typed meanwhile was not seen.
    before.edits.check(Some(seen), proof.editor())?;
    let mut typed = TenDlcCampaign { auto_renewal, ..before.typed().clone() };
    if before.registration.id().is_none() {
        typed.terms_accepted = terms_and_conditions;
        // All of them are what nothing in the list stands for.
        typed.carriers = if mno_ids.len() == Carrier::ALL.len() { [].into() } else { mno_ids.into_iter().collect() };
    }
    let kept = store::beside_news!(campaigns::keep(&proof, before.id, Some(seen), before.brand, typed.clone()))?;
    let looked = super::steps::look(&services, &proof, &kept).await?;
    if let Some(earlier) = looked.flaws.iter().find(|flaw| flaw.step < REVIEW) {
        return Err(AppError::invalid(format!("Complete step {} first: {}", earlier.step, earlier.message)));
    }
    let handed_in = Box::pin(services.registrations.hand_in_campaign(&proof, before.id, kept.edits.count)).await;
    handed_in.map_err(|trouble| as_in_form(trouble.into()))?;
    leptos_axum::redirect(&format!("/w/{}/registry/campaigns/{}", proof.workspace().slug, before.id));
    Ok(())
}

/// Forgets what was changed of a registered one.
#[server]
pub async fn discard_tendlc_edit(slug: String, id: String) -> Result<(), AppError> {
    use store::tendlc::campaigns;

    let (_, proof, before) = opened(&slug, &id).await?;
    store::beside_news!(campaigns::discard(&proof, before.id))?;
    leptos_axum::redirect(&format!("/w/{}/registry/campaigns/{}", proof.workspace().slug, before.id));
    Ok(())
}

#[cfg(feature = "ssr")]
pub(super) fn known(brand: &store::tendlc::Brand) -> BrandKnown {
    BrandKnown {
        id: brand.id.to_string(),
        display_name: brand.details.display_name.clone(),
        company_name: brand.details.company_name.clone(),
        entity_type: brand.details.entity_type,
        identity: brand.identity(),
        score: brand.score(),
    }
}

/// What a function about one 10DLC campaign begins with.
#[cfg(feature = "ssr")]
async fn opened(
    slug: &str,
    id: &str,
) -> Result<
    (crate::api::context::Services, store::tendlc::Doing<store::tendlc::action::Campaigns>, store::tendlc::TenDlc),
    AppError,
> {
    let services = crate::api::context::services()?;
    let proof = crate::api::registry::desk(slug).await?.may()?;
    let before = store::tendlc::campaigns::find(&proof, super::campaign_id(id)?).await?;
    store::tendlc::campaigns::check_open(&before)?;
    Ok((services, proof, before))
}

/// Refused, beside the field, where the brand cannot have the use case.
#[cfg(feature = "ssr")]
async fn check_open(
    services: &crate::api::context::Services,
    desk: &store::tendlc::Desk,
    brand: domain::id::BrandId,
    use_case: UseCase,
) -> Result<(), AppError> {
    let kept = store::tendlc::brands::find(desk, brand).await?;
    let own = use_case.closed_to(kept.details.entity_type, kept.identity()).map(|why| {
        let rule = domain::tendlc::Rule::UseCaseClosed { use_case, why };
        domain::tendlc::Flaw::new("usecase", rule)
    });
    let asked = services.registrations.requirements_for_page(desk, brand, use_case).await?;
    match asked.closed.or(own) {
        Some(flaw) => Err(AppError::field("usecase", crate::error::sentence(&flaw.rule.to_string()))),
        None => Ok(()),
    }
}

#[cfg(feature = "ssr")]
fn go_to(desk: &store::tendlc::Desk, id: domain::id::TenDlcCampaignId, step: u8) {
    leptos_axum::redirect(&format!("/w/{}/registry/campaigns/{id}/edit/{step}", desk.workspace().slug));
}

/// Browsers end lines with two signs.
#[cfg(feature = "ssr")]
fn plain(text: String) -> String {
    text.trim().replace("\r\n", "\n")
}

/// The errors of samples, beside the fields in which they were typed.
#[cfg(feature = "ssr")]
fn where_typed(error: AppError, filled: &[usize]) -> AppError {
    let AppError::Invalid { message, mut fields } = error else { return error };
    // The first that is missing is the first field that is empty.
    let empty = (0..).find(|at| !filled.contains(at)).unwrap_or_default();
    for refused in &mut fields {
        let place = refused.field.strip_prefix("sample").and_then(|place| place.parse::<usize>().ok());
        if let Some(place) = place {
            let typed = filled.get(place - 1).copied().unwrap_or(empty);
            refused.field = format!("sample{}", typed + 1);
        }
    }
    AppError::Invalid { message, fields }
}

/// What the registry's names of fields are in the forms.
#[cfg(feature = "ssr")]
fn as_in_form(error: AppError) -> AppError {
    let AppError::Invalid { message, mut fields } = error else { return error };
    for refused in &mut fields {
        refused.field = super::steps::form_field(&refused.field);
    }
    AppError::Invalid { message, fields }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;
    use crate::error::FieldError;

    #[test]
    fn errors_of_samples_stand_where_they_were_typed() {
        let refused = |field: &str| FieldError { field: field.to_owned(), message: String::new() };
        // The first field was left empty: the first sample is in the second field.
        let error = where_typed(AppError::fields(vec![refused("sample1"), refused("sample2")]), &[1]);
        let fields: Vec<_> = error.field_errors().iter().map(|refused| refused.field.as_str()).collect();
        assert_eq!(fields, ["sample2", "sample1"]);
        assert_eq!(where_typed(AppError::NotFound, &[]), AppError::NotFound);
    }
}
