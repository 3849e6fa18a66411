//! A brand as its page shows it.

use domain::tendlc::{BrandPhase, EntityType, IdentityStatus, VettingStatus, kinds::VettingProvider};
use serde::{Deserialize, Serialize};

use crate::{
    api::registry::{
        home::OutageView,
        rows::{CampaignRow, RowsPage},
    },
    state::moment::Moment,
};

/// Who confirms a brand, and how they are reached.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Confirmer {
    /// The business contact of a listed company, by a mail.
    Contact(String),
    /// A sole proprietor, by a one-time code; the number is masked.
    Owner(String),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VettingView {
    pub provider: VettingProvider,
    pub class: String,
    pub status: VettingStatus,
    /// 0 to 100.
    pub score: Option<u8>,
}

/// The registry's words on why a brand is not verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FeedbackView {
    pub category: String,
    pub description: String,
    /// By the labels of the form.
    pub fields: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrandView {
    pub id: String,
    pub name: String,
    pub entity_type: EntityType,
    pub phase: BrandPhase,
    pub identity: IdentityStatus,
    pub registry_id: Option<String>,
    pub mock: bool,
    /// Who confirms it, if somebody has to; and whether they did.
    pub confirmer: Option<Confirmer>,
    pub confirmed: bool,
    /// What it says of itself: labels and values.
    pub facts: Vec<(String, String)>,
    /// Of a vetting that is in force.
    pub score: Option<u8>,
    pub vettings: Vec<VettingView>,
    pub feedback: Vec<FeedbackView>,
    /// Why the registry refused what it was told last.
    pub refusal: Option<String>,
    /// What was refused are other details, which are kept to be corrected: the brand is as the registry has it.
    pub has_edit: bool,
    /// What the registry has still to be told.
    pub waiting: Vec<String>,
    /// It is to be deleted, or is deleted: nothing can be done with it.
    pub over: bool,
    /// Why it can have no (further) 10DLC campaign.
    pub no_campaigns: Option<String>,
    /// Its 10DLC campaigns, newest first.
    pub campaigns: RowsPage<CampaignRow>,
    /// Of these, those that the registry has, or may have: they stand in the way of a deletion.
    pub live_campaigns: u64,
    pub created: Moment,
    pub created_by: String,
    /// When the registry was asked last.
    pub synced: Option<Moment>,
    pub outage: Option<OutageView>,
}

impl BrandView {
    /// Whether it can be changed, vetted and deleted.
    #[must_use]
    pub fn is_open(&self) -> bool {
        !self.over && self.phase != BrandPhase::OnItsWay
    }

    /// Whether something of it is still to be told to the registry.
    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        self.phase == BrandPhase::OnItsWay || !self.waiting.is_empty()
    }
}

#[cfg(feature = "ssr")]
pub(super) use self::make::{is_forgotten_by, of};

#[cfg(feature = "ssr")]
mod make {
    use domain::tendlc::{BrandDetails, BrandForm, BrandPhase, EntityType};
    use store::tendlc::{Brand, Desk, brands::Todo};

    use super::{BrandView, CampaignRow, Confirmer, FeedbackView, RowsPage, VettingView};
    use crate::{
        api::{
            context::Services,
            registry::{brands::VETTING_CLASSES, home::outage},
        },
        error::sentence,
        state::moment::Moment,
    };

    pub(in crate::api::registry::brands) fn of(
        services: &Services,
        desk: &Desk,
        brand: &Brand,
        campaigns: RowsPage<CampaignRow>,
        live_campaigns: u64,
    ) -> BrandView {
        let details = &brand.details;
        let live = usize::try_from(live_campaigns).unwrap_or(usize::MAX);
        let phase = brand.phase();
        BrandView {
            id: brand.id.to_string(),
            name: details.display_name.clone(),
            entity_type: details.entity_type,
            phase,
            identity: brand.identity(),
            registry_id: brand.registration.id().map(|id| id.to_string()),
            mock: details.mock,
            confirmer: confirmer(details),
            confirmed: brand.confirmed,
            facts: facts(details),
            score: brand.score(),
            vettings: brand.vettings.iter().rev().map(vetting).collect(),
            feedback: brand.feedback.iter().map(feedback).collect(),
            refusal: brand.refusal.as_deref().map(sentence),
            has_edit: brand.edit.is_some(),
            waiting: brand.todo.iter().map(|todo| waiting(todo).to_owned()).collect(),
            over: phase == BrandPhase::Deleted || brand.todo.contains(&Todo::Delete),
            no_campaigns: brand.standing(live).check().err().map(|why| sentence(&why.to_string())),
            campaigns,
            live_campaigns,
            created: Moment::at_desk(desk, brand.created_at_ms),
            created_by: brand.created_by_name.clone(),
            synced: brand.synced_at_ms.map(|at_ms| Moment::at_desk(desk, at_ms)),
            outage: outage(services, &desk.workspace().time_zone),
        }
    }

    /// Whether the registry forgets what it knows of a brand when it gets this form. What breaks a rule is refused anyway.
    pub(in crate::api::registry::brands) fn is_forgotten_by(
        brand: &Brand,
        form: &BrandForm,
        services: &Services,
    ) -> bool {
        let registered = brand.registration.id().is_some();
        let after = form.check(&services.registrations.limits());
        registered && after.is_ok_and(|after| !brand.details.identity_changes(&after).is_empty())
    }

    fn confirmer(details: &BrandDetails) -> Option<Confirmer> {
        match details.entity_type {
            EntityType::PublicProfit => {
                details.business_contact_email.as_ref().map(|email| Confirmer::Contact(email.as_str().to_owned()))
            }
            EntityType::SoleProprietor => details.mobile_phone.map(|phone| Confirmer::Owner(phone.masked())),
            EntityType::PrivateProfit | EntityType::NonProfit | EntityType::Government => None,
        }
    }

    fn vetting(vetting: &store::tendlc::brands::Vetting) -> VettingView {
        let class = VETTING_CLASSES.iter().find(|(word, _)| *word == vetting.class).map(|(_, label)| *label);
        VettingView {
            provider: vetting.provider,
            class: class.unwrap_or(&vetting.class).to_owned(),
            status: vetting.status,
            score: vetting.score,
        }
    }

    fn feedback(feedback: &store::tendlc::brands::Feedback) -> FeedbackView {
        FeedbackView {
            category: feedback.category.clone(),
            description: sentence(&feedback.description),
            fields: feedback.fields.iter().map(|field| label(field).to_owned()).collect(),
        }
    }

    const fn waiting(todo: &Todo) -> &'static str {
        match todo {
            Todo::Change => "the changed details",
            Todo::VerifyAgain => "to compare the details again",
            Todo::Confirmation => "to send the confirmation again",
            Todo::Vetting { unsure_since_ms: Some(_), .. } => "the order of a vetting, which is looked for there",
            Todo::Vetting { .. } => "the order of a vetting",
            Todo::Delete => "the deletion",
        }
    }

    /// As the form calls a field of the registry's.
    fn label(field: &str) -> &str {
        const LABELS: [(&str, &str); 14] = [
            ("displayName", "Brand name"),
            ("companyName", "Legal name"),
            ("ein", "Tax number"),
            ("vertical", "Line of business"),
            ("email", "E-mail"),
            ("phone", "Phone"),
            ("mobilePhone", "Mobile phone"),
            ("street", "Street"),
            ("city", "City"),
            ("state", "State"),
            ("postalCode", "Postal code"),
            ("country", "Country"),
            ("website", "Website"),
            ("stockSymbol", "Ticker symbol"),
        ];
        LABELS.iter().find(|(name, _)| *name == field).map_or(field, |(_, label)| label)
    }

    fn facts(details: &BrandDetails) -> Vec<(String, String)> {
        let address = &details.address;
        let region = [address.state.as_str(), address.postal_code.as_str()];
        let region = region.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" ");
        let address = [address.street.as_str(), address.city.as_str(), &region, address.country.as_str()];
        let address = address.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ");
        let owner = [details.first_name.as_deref(), details.last_name.as_deref()];
        let owner = owner.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let alt = details.alt_business_id.as_ref();
        let contact = details.business_contact_email.as_ref().map(|email| email.as_str().to_owned());
        let facts = [
            ("Entity type", Some(details.entity_type.label().to_owned())),
            ("Legal name", details.company_name.clone()),
            ("Owner", Some(owner)),
            ("Tax number", details.ein.as_ref().map(|ein| ein.masked())),
            ("Line of business", details.vertical.map(|vertical| vertical.label().to_owned())),
            ("Stock exchange", details.stock.as_ref().map(|stock| format!("{} ({})", stock.exchange, stock.symbol))),
            ("Business contact", contact),
            ("Address", Some(address)),
            ("E-mail", Some(details.email.as_str().to_owned())),
            ("Phone", Some(details.phone.to_string())),
            ("Mobile phone", details.mobile_phone.map(|phone| phone.masked())),
            ("Website", details.website.clone()),
            (alt.map_or("Other business id", |id| id.kind.label()), alt.map(|id| id.id.clone())),
            ("Relationship", Some(details.relationship.label().to_owned())),
            ("Tags", Some(details.tags.join(", "))),
        ];
        let said =
            |(label, value): (&str, Option<String>)| Some((label.to_owned(), value.filter(|value| !value.is_empty())?));
        facts.into_iter().filter_map(said).collect()
    }
}
