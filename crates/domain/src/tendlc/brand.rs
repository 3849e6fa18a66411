//! A brand: who sends. Staff fills in a [`BrandForm`]; what passes the rules is [`BrandDetails`].

use serde::{Deserialize, Serialize};

use super::{
    address::{self, Address, Typed},
    content,
    flaw::{Flaw, Flaws, Rule},
    kinds::{AltBusinessIdKind, EntityType, IdentityStatus, Relationship, Vertical},
    limits::{Limits, TAGS_MAX},
    tax::TaxNumber,
    word::merged,
};
use crate::{
    email::Email,
    phone::{Country, PhoneNumber},
};

/// As it was typed. Which fields have to be filled in, and which stay empty, depends on the entity type.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrandForm {
    pub entity_type: EntityType,
    /// The name that people know.
    pub display_name: String,
    /// The name in the register of companies.
    pub company_name: String,
    pub first_name: String,
    pub last_name: String,
    pub ein: String,
    pub email: String,
    pub phone: String,
    /// Of a sole proprietor: gets a one-time code.
    pub mobile_phone: String,
    pub street: String,
    pub city: String,
    pub state: String,
    pub postal_code: String,
    pub country: String,
    pub website: String,
    pub vertical: Option<Vertical>,
    pub relationship: Relationship,
    pub stock_symbol: String,
    pub stock_exchange: String,
    /// Of a listed company: confirms by mail that the registration is wanted.
    pub business_contact_email: String,
    pub alt_business_id_kind: Option<AltBusinessIdKind>,
    pub alt_business_id: String,
    pub tags: Vec<String>,
    /// A mock brand costs nothing and never reaches carriers.
    pub mock: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stock {
    pub symbol: String,
    pub exchange: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AltBusinessId {
    pub kind: AltBusinessIdKind,
    pub id: String,
}

/// A form that passed the rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrandDetails {
    pub entity_type: EntityType,
    pub display_name: String,
    pub company_name: Option<String>,
    pub first_name: Option<String>,
    pub last_name: Option<String>,
    pub ein: Option<TaxNumber>,
    pub email: Email,
    pub phone: PhoneNumber,
    pub mobile_phone: Option<PhoneNumber>,
    pub address: Address,
    pub website: Option<String>,
    pub vertical: Option<Vertical>,
    pub relationship: Relationship,
    pub stock: Option<Stock>,
    pub business_contact_email: Option<Email>,
    pub alt_business_id: Option<AltBusinessId>,
    pub tags: Vec<String>,
    pub mock: bool,
}

const TAG_CHARACTERS_MAX: usize = 50;
const STOCK_EXCHANGE_MAX: usize = 40;

impl BrandForm {
    /// An empty form for an entity type.
    #[must_use]
    pub fn new(entity_type: EntityType) -> Self {
        Self {
            entity_type,
            display_name: String::new(),
            company_name: String::new(),
            first_name: String::new(),
            last_name: String::new(),
            ein: String::new(),
            email: String::new(),
            phone: String::new(),
            mobile_phone: String::new(),
            street: String::new(),
            city: String::new(),
            state: String::new(),
            postal_code: String::new(),
            country: "US".to_owned(),
            website: String::new(),
            vertical: None,
            relationship: Relationship::Basic,
            stock_symbol: String::new(),
            stock_exchange: String::new(),
            business_contact_email: String::new(),
            alt_business_id_kind: None,
            alt_business_id: String::new(),
            tags: Vec::new(),
            mock: false,
        }
    }

    /// # Errors
    /// Every broken rule, in the order of the form.
    pub fn check(&self, limits: &Limits) -> Result<BrandDetails, Vec<Flaw>> {
        let mut flaws = Flaws::default();
        let country = self.country(&mut flaws);
        let display_name = flaws.text("displayName", &self.display_name, 1..=limits.display_name_max);
        let (company_name, ein, vertical) = self.company(&country, limits, &mut flaws);
        let (first_name, last_name, mobile_phone) = self.person(limits, &mut flaws);
        let (stock, business_contact_email) = self.listing(limits, &mut flaws);
        let email = required(&mut flaws, "email", &self.email, |text| email(text, limits));
        let phone = required(&mut flaws, "phone", &self.phone, phone);
        let typed =
            Typed { street: &self.street, city: &self.city, state: &self.state, postal_code: &self.postal_code };
        let address = address::check(typed, &country, limits, &mut flaws);
        let website = flaws.optional("website", &self.website, 1..=limits.url_max);
        if website.as_deref().is_some_and(|website| !content::is_web_address(website)) {
            flaws.add("website", Rule::Url);
        }
        let alt_business_id = self.alt_business_id(&mut flaws);
        let tags = self.tags(&mut flaws);
        match (email, phone) {
            (Some(email), Some(phone)) if flaws.0.is_empty() => Ok(BrandDetails {
                entity_type: self.entity_type,
                display_name,
                company_name,
                first_name,
                last_name,
                ein,
                email,
                phone,
                mobile_phone,
                address,
                website,
                vertical,
                relationship: self.relationship,
                stock,
                business_contact_email,
                alt_business_id,
                tags,
                mock: self.mock,
            }),
            _ => Err(flaws.0),
        }
    }

    fn country(&self, flaws: &mut Flaws) -> String {
        let country = self.country.trim().to_ascii_uppercase();
        if Country::parse(&country).is_err() {
            flaws.add("country", if country.is_empty() { Rule::Missing } else { Rule::UnknownCountry });
        } else if let Some(countries) = self.entity_type.countries()
            && !countries.contains(&country.as_str())
        {
            let countries = if countries.len() == 1 { "the US" } else { "the US and Canada" };
            flaws.add("country", Rule::Country { entity: self.entity_type, countries });
        }
        country
    }

    /// What a company has and a sole proprietor has not.
    fn company(
        &self,
        country: &str,
        limits: &Limits,
        flaws: &mut Flaws,
    ) -> (Option<String>, Option<TaxNumber>, Option<Vertical>) {
        if self.entity_type == EntityType::SoleProprietor {
            // A sole proprietor may have a business name, but no tax number of a company.
            self.empty("ein", &self.ein, flaws);
            let name = flaws.optional("companyName", &self.company_name, 1..=limits.company_name_max);
            return (name, None, self.vertical);
        }
        let name = flaws.text("companyName", &self.company_name, 1..=limits.company_name_max);
        let ein = required(flaws, "ein", &self.ein, |text| TaxNumber::parse(text, country));
        if self.vertical.is_none() {
            flaws.add("vertical", Rule::Missing);
        }
        (Some(name), ein, self.vertical)
    }

    fn person(&self, limits: &Limits, flaws: &mut Flaws) -> (Option<String>, Option<String>, Option<PhoneNumber>) {
        if self.entity_type != EntityType::SoleProprietor {
            for (field, text) in
                [("firstName", &self.first_name), ("lastName", &self.last_name), ("mobilePhone", &self.mobile_phone)]
            {
                self.empty(field, text, flaws);
            }
            return (None, None, None);
        }
        let first_name = flaws.text("firstName", &self.first_name, 1..=limits.person_name_max);
        let last_name = flaws.text("lastName", &self.last_name, 1..=limits.person_name_max);
        (Some(first_name), Some(last_name), required(flaws, "mobilePhone", &self.mobile_phone, phone))
    }

    fn listing(&self, limits: &Limits, flaws: &mut Flaws) -> (Option<Stock>, Option<Email>) {
        if self.entity_type != EntityType::PublicProfit {
            for (field, text) in [
                ("stockSymbol", &self.stock_symbol),
                ("stockExchange", &self.stock_exchange),
                ("businessContactEmail", &self.business_contact_email),
            ] {
                self.empty(field, text, flaws);
            }
            return (None, None);
        }
        let symbol = flaws.text("stockSymbol", &self.stock_symbol, 1..=limits.stock_symbol_max).to_uppercase();
        if !symbol.chars().all(|sign| sign.is_ascii_alphanumeric() || ".-".contains(sign)) {
            flaws.add("stockSymbol", Rule::StockSymbol);
        }
        let exchange = flaws.text("stockExchange", &self.stock_exchange, 1..=STOCK_EXCHANGE_MAX).to_uppercase();
        let contact = required(flaws, "businessContactEmail", &self.business_contact_email, |text| email(text, limits));
        (Some(Stock { symbol, exchange }), contact)
    }

    fn alt_business_id(&self, flaws: &mut Flaws) -> Option<AltBusinessId> {
        let id: String = self.alt_business_id.split_whitespace().collect::<String>().to_uppercase();
        match (self.alt_business_id_kind, id.is_empty()) {
            (None, true) => None,
            (None, false) => {
                flaws.add("altBusinessIdType", Rule::AltBusinessIdKind);
                None
            }
            (Some(_), true) => {
                flaws.add("altBusinessId", Rule::Missing);
                None
            }
            (Some(kind), false) => {
                let (form, fits) = alt_business_id_form(kind, &id);
                if !fits {
                    flaws.add("altBusinessId", Rule::AltBusinessId { kind: kind.label(), form });
                }
                let id = if kind == AltBusinessIdKind::Duns { id.replace('-', "") } else { id };
                Some(AltBusinessId { kind, id })
            }
        }
    }

    fn tags(&self, flaws: &mut Flaws) -> Vec<String> {
        if self.tags.len() > TAGS_MAX {
            flaws.add("tag", Rule::TooMany { max: TAGS_MAX });
        }
        let mut tags = Vec::new();
        for tag in self.tags.iter().map(|tag| tag.trim()).filter(|tag| !tag.is_empty()) {
            let plain = tag.chars().all(|sign| sign.is_alphanumeric() || "-_".contains(sign));
            if !plain || tag.chars().count() > TAG_CHARACTERS_MAX {
                flaws.add("tag", Rule::Tag(tag.to_owned()));
            } else if !tags.iter().any(|known| known == tag) {
                tags.push(tag.to_owned());
            }
        }
        tags
    }

    fn empty(&self, field: &'static str, text: &str, flaws: &mut Flaws) {
        if !text.trim().is_empty() {
            flaws.add(field, Rule::NotForEntity(self.entity_type));
        }
    }
}

fn required<T>(
    flaws: &mut Flaws,
    field: &'static str,
    text: &str,
    read: impl FnOnce(&str) -> Result<T, Rule>,
) -> Option<T> {
    flaws.keep(field, if text.trim().is_empty() { Err(Rule::Missing) } else { read(text) })
}

fn email(text: &str, limits: &Limits) -> Result<Email, Rule> {
    let email = Email::parse(text).map_err(Rule::Email)?;
    match email.as_str().chars().count() {
        has if has > limits.email_max => Err(Rule::Long { has, max: limits.email_max }),
        _ => Ok(email),
    }
}

/// E.164; signs that people put between the digits are dropped.
fn phone(text: &str) -> Result<PhoneNumber, Rule> {
    let plain: String = text.chars().filter(|sign| !sign.is_whitespace() && !"()-.".contains(*sign)).collect();
    plain.parse().map_err(|_| Rule::Phone)
}

/// ISO 17442 for LEI, the IRS for GIIN.
fn alt_business_id_form(kind: AltBusinessIdKind, id: &str) -> (&'static str, bool) {
    match kind {
        AltBusinessIdKind::Duns => {
            let digits = id.replace('-', "");
            ("9 digits", digits.len() == 9 && digits.bytes().all(|octet| octet.is_ascii_digit()))
        }
        AltBusinessIdKind::Giin => {
            let lengths: Vec<usize> = id.split('.').map(str::len).collect();
            let plain = id.bytes().all(|octet| octet.is_ascii_alphanumeric() || octet == b'.');
            ("the form XXXXXX.XXXXX.XX.XXX", plain && lengths == [6, 5, 2, 3])
        }
        AltBusinessIdKind::Lei => {
            ("20 letters and digits", id.len() == 20 && id.bytes().all(|octet| octet.is_ascii_alphanumeric()))
        }
    }
}

/// As somebody would have typed it.
impl From<&BrandDetails> for BrandForm {
    fn from(details: &BrandDetails) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let phone = |phone: Option<PhoneNumber>| phone.map(|phone| phone.to_string()).unwrap_or_default();
        let email = |email: &Option<Email>| email.as_ref().map(|email| email.as_str().to_owned()).unwrap_or_default();
        Self {
            entity_type: details.entity_type,
            display_name: details.display_name.clone(),
            company_name: text(&details.company_name),
            first_name: text(&details.first_name),
            last_name: text(&details.last_name),
            ein: details.ein.as_ref().map(|ein| ein.as_str().to_owned()).unwrap_or_default(),
            email: details.email.as_str().to_owned(),
            phone: details.phone.to_string(),
            mobile_phone: phone(details.mobile_phone),
            street: details.address.street.clone(),
            city: details.address.city.clone(),
            state: details.address.state.clone(),
            postal_code: details.address.postal_code.clone(),
            country: details.address.country.clone(),
            website: text(&details.website),
            vertical: details.vertical,
            relationship: details.relationship,
            stock_symbol: details.stock.as_ref().map(|stock| stock.symbol.clone()).unwrap_or_default(),
            stock_exchange: details.stock.as_ref().map(|stock| stock.exchange.clone()).unwrap_or_default(),
            business_contact_email: email(&details.business_contact_email),
            alt_business_id_kind: details.alt_business_id.as_ref().map(|id| id.kind),
            alt_business_id: details.alt_business_id.as_ref().map(|id| id.id.clone()).unwrap_or_default(),
            tags: details.tags.clone(),
            mock: details.mock,
        }
    }
}

impl BrandDetails {
    /// These with whatever differs between two others, for what is kept to be corrected while the same brand is changed from
    /// elsewhere. Of a field that differs in both, the other side counts.
    #[must_use]
    pub fn with_changes(&self, before: &Self, after: &Self) -> Self {
        merged!(
            (self, before, after),
            entity_type,
            display_name,
            company_name,
            first_name,
            last_name,
            ein,
            email,
            phone,
            mobile_phone,
            address,
            website,
            vertical,
            relationship,
            stock,
            business_contact_email,
            alt_business_id,
            tags,
            mock,
        )
    }

    /// The fields whose change makes the registry forget what it knows: the brand is not verified afterwards, and its
    /// 10DLC campaigns cannot be extended until it is. Whoever changes them is told before.
    #[must_use]
    pub fn identity_changes(&self, after: &Self) -> Vec<&'static str> {
        [
            ("companyName", self.company_name != after.company_name),
            ("ein", self.ein != after.ein),
            ("country", self.address.country != after.address.country),
            ("entityType", self.entity_type != after.entity_type),
        ]
        .into_iter()
        .filter_map(|(field, changed)| changed.then_some(field))
        .collect()
    }

    /// What the registry thinks of the brand once it has these details.
    #[must_use]
    pub fn identity_after(&self, after: &Self, identity: IdentityStatus) -> IdentityStatus {
        if self.identity_changes(after).is_empty() { identity } else { after.entity_type.first_identity() }
    }

    /// A mock brand stays one, and a real one, too.
    pub fn check_change(&self, after: &Self) -> Result<(), Flaw> {
        if self.mock == after.mock { Ok(()) } else { Err(Flaw::new("mock", Rule::Immutable)) }
    }
}
