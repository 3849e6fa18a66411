//! A brand as programs hand it in, and as they read it.

use domain::{
    id::{BrandId, WorkspaceId},
    tendlc::{
        BrandDetails, BrandForm, BrandStatus, EntityType, IdentityStatus, Relationship, Vertical, VettingStatus,
        kinds::{AltBusinessIdKind, VettingProvider},
        life::Registration,
    },
};
use serde::{Deserialize, Serialize};
use store::tendlc::{Brand, brands::Todo};
use utoipa::ToSchema;

use crate::routes::api::{page::time, problem::Problem};

/// What is to be set of a brand; what is left out stays. A new one needs what its entity type needs.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[schema(as = BrandChange)]
#[serde(deny_unknown_fields, default)]
pub struct Change {
    /// One of `GET /entity-types`.
    #[schema(value_type = Option<String>)]
    pub entity_type: Option<EntityType>,
    /// The name that people know.
    display_name: Option<String>,
    /// The name in the register of companies.
    legal_name: Option<String>,
    /// Of a sole proprietor.
    first_name: Option<String>,
    last_name: Option<String>,
    /// The tax number: 9 digits in the US.
    ein: Option<String>,
    email: Option<String>,
    /// `+` and the country code.
    phone: Option<String>,
    /// Of a sole proprietor: gets a one-time code.
    mobile_phone: Option<String>,
    street: Option<String>,
    city: Option<String>,
    /// Two letters in the US.
    state: Option<String>,
    postal_code: Option<String>,
    /// Two letters; US when it is left out.
    country: Option<String>,
    website: Option<String>,
    /// One of `GET /verticals`.
    #[schema(value_type = Option<String>)]
    vertical: Option<Vertical>,
    #[schema(value_type = Option<String>)]
    brand_relationship: Option<Relationship>,
    /// Of a listed company.
    stock_symbol: Option<String>,
    stock_exchange: Option<String>,
    /// Of a listed company: confirms by mail.
    business_contact_email: Option<String>,
    alt_business_id: Option<String>,
    /// `DUNS`, `GIIN` or `LEI`.
    #[schema(value_type = Option<String>)]
    alt_business_id_type: Option<AltBusinessIdKind>,
    tags: Option<Vec<String>>,
    /// A mock brand costs nothing and never reaches carriers.
    mock: Option<bool>,
}

impl Change {
    /// Of a new brand.
    pub fn new_form(self) -> Result<BrandForm, Problem> {
        let entity_type = self.entity_type.ok_or_else(|| {
            Problem::parameter("entity_type", "Say what the brand is: one of GET /api/v1/messaging/entity-types.")
        })?;
        let mut form = BrandForm::new(entity_type);
        self.apply(&mut form);
        Ok(form)
    }

    /// Over what is there.
    pub fn over(self, details: &BrandDetails) -> BrandForm {
        let mut form = BrandForm::from(details);
        self.apply(&mut form);
        form
    }

    fn apply(self, form: &mut BrandForm) {
        let set = |field: &mut String, given: Option<String>| {
            if let Some(given) = given {
                *field = given;
            }
        };
        form.entity_type = self.entity_type.unwrap_or(form.entity_type);
        set(&mut form.display_name, self.display_name);
        set(&mut form.company_name, self.legal_name);
        set(&mut form.first_name, self.first_name);
        set(&mut form.last_name, self.last_name);
        set(&mut form.ein, self.ein);
        set(&mut form.email, self.email);
        set(&mut form.phone, self.phone);
        set(&mut form.mobile_phone, self.mobile_phone);
        set(&mut form.street, self.street);
        set(&mut form.city, self.city);
        set(&mut form.state, self.state);
        set(&mut form.postal_code, self.postal_code);
        set(&mut form.country, self.country);
        set(&mut form.website, self.website);
        set(&mut form.stock_symbol, self.stock_symbol);
        set(&mut form.stock_exchange, self.stock_exchange);
        set(&mut form.business_contact_email, self.business_contact_email);
        set(&mut form.alt_business_id, self.alt_business_id);
        form.vertical = self.vertical.or(form.vertical);
        form.relationship = self.brand_relationship.unwrap_or(form.relationship);
        form.alt_business_id_kind = self.alt_business_id_type.or(form.alt_business_id_kind);
        if let Some(tags) = self.tags {
            form.tags = tags;
        }
        form.mock = self.mock.unwrap_or(form.mock);
    }
}

/// A brand.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Brand)]
pub struct View {
    #[schema(value_type = String, format = Uuid)]
    id: BrandId,
    /// The workspace.
    #[schema(value_type = String, format = Uuid)]
    customer_id: WorkspaceId,
    /// The registry's id; null before it is registered.
    tcr_brand_id: Option<String>,
    /// `PENDING`: on its way to the registry; `DRAFT`: refused, see `refusal`; `ACTIVE`; `DELETED`.
    #[schema(value_type = String)]
    status: &'static str,
    #[schema(value_type = String)]
    identity_status: IdentityStatus,
    #[schema(value_type = String)]
    entity_type: EntityType,
    display_name: String,
    legal_name: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    /// By its last digits.
    ein: Option<String>,
    email: String,
    phone: String,
    mobile_phone: Option<String>,
    street: String,
    city: String,
    state: String,
    postal_code: String,
    country: String,
    website: Option<String>,
    #[schema(value_type = Option<String>)]
    vertical: Option<Vertical>,
    #[schema(value_type = String)]
    brand_relationship: Relationship,
    stock_symbol: Option<String>,
    stock_exchange: Option<String>,
    business_contact_email: Option<String>,
    alt_business_id: Option<String>,
    #[schema(value_type = Option<String>)]
    alt_business_id_type: Option<AltBusinessIdKind>,
    tags: Vec<String>,
    mock: bool,
    /// Whether the business contact, or the sole proprietor, has confirmed it; true where nobody has to.
    confirmed: bool,
    /// Of a vetting that is in force.
    trust_score: Option<u8>,
    vettings: Vec<VettingView>,
    /// Why it is not verified.
    feedback: Vec<FeedbackView>,
    /// Why the registry refused what it was told last.
    refusal: Option<String>,
    /// What the registry has still to be told.
    waiting: Vec<String>,
    created_by: String,
    created_at: String,
    /// When the registry was asked last.
    synced_at: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = Vetting)]
pub struct VettingView {
    #[schema(value_type = String)]
    provider: VettingProvider,
    class: String,
    #[schema(value_type = String)]
    status: VettingStatus,
    score: Option<u8>,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = BrandFeedback)]
pub struct FeedbackView {
    category: String,
    description: String,
    fields: Vec<String>,
}

fn status(brand: &Brand) -> &'static str {
    match (&brand.registration, brand.status()) {
        (_, BrandStatus::Deleted) => "DELETED",
        (Registration::Draft, _) => "DRAFT",
        (Registration::Sent { .. }, _) => "PENDING",
        (Registration::Registered { .. }, _) => "ACTIVE",
    }
}

const fn waiting(todo: &Todo) -> &'static str {
    match todo {
        Todo::Change => "change",
        Todo::VerifyAgain => "resubmit",
        Todo::Confirmation => "confirmation",
        Todo::Vetting { .. } => "vetting",
        Todo::Delete => "delete",
    }
}

impl From<Brand> for View {
    fn from(brand: Brand) -> Self {
        let (status, identity_status, trust_score) = (status(&brand), brand.identity(), brand.score());
        let registry_id = brand.registration.id();
        let details = brand.details;
        Self {
            id: brand.id,
            customer_id: brand.workspace,
            tcr_brand_id: registry_id.map(|id| id.to_string()),
            status,
            identity_status,
            entity_type: details.entity_type,
            display_name: details.display_name,
            legal_name: details.company_name,
            first_name: details.first_name,
            last_name: details.last_name,
            ein: details.ein.map(|ein| ein.masked()),
            email: details.email.as_str().to_owned(),
            phone: details.phone.to_string(),
            mobile_phone: details.mobile_phone.map(|phone| phone.to_string()),
            street: details.address.street,
            city: details.address.city,
            state: details.address.state,
            postal_code: details.address.postal_code,
            country: details.address.country,
            website: details.website,
            vertical: details.vertical,
            brand_relationship: details.relationship,
            stock_symbol: details.stock.as_ref().map(|stock| stock.symbol.clone()),
            stock_exchange: details.stock.map(|stock| stock.exchange),
            business_contact_email: details.business_contact_email.map(|email| email.as_str().to_owned()),
            alt_business_id: details.alt_business_id.as_ref().map(|id| id.id.clone()),
            alt_business_id_type: details.alt_business_id.map(|id| id.kind),
            tags: details.tags,
            mock: details.mock,
            confirmed: brand.confirmed,
            trust_score,
            vettings: brand
                .vettings
                .into_iter()
                .map(|vetting| VettingView {
                    provider: vetting.provider,
                    class: vetting.class,
                    status: vetting.status,
                    score: vetting.score,
                })
                .collect(),
            feedback: brand
                .feedback
                .into_iter()
                .map(|entry| FeedbackView {
                    category: entry.category,
                    description: entry.description,
                    fields: entry.fields,
                })
                .collect(),
            refusal: brand.refusal,
            waiting: brand.todo.iter().map(|todo| waiting(todo).to_owned()).collect(),
            created_by: brand.created_by_name,
            created_at: time(brand.created_at_ms),
            synced_at: brand.synced_at_ms.map(time),
        }
    }
}
