//! A brand as it is typed. Fields are called as the registry calls them, so that what it or a rule names is found.

use domain::tendlc::{
    BrandForm, EntityType,
    limits::{Connector, Limits, limits},
};
#[cfg(feature = "ssr")]
use domain::tendlc::{Relationship, Vertical, kinds::AltBusinessIdKind};
use serde::{Deserialize, Serialize};

#[cfg(feature = "ssr")]
use crate::error::{AppError, FieldError};

/// Every field of the form, as text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct BrandInput {
    pub entity_type: String,
    pub display_name: String,
    pub company_name: String,
    pub first_name: String,
    pub last_name: String,
    pub ein: String,
    pub vertical: String,
    pub brand_relationship: String,
    pub email: String,
    pub phone: String,
    pub mobile_phone: String,
    pub street: String,
    pub city: String,
    pub state: String,
    pub postal_code: String,
    pub country: String,
    pub website: String,
    pub stock_symbol: String,
    pub stock_exchange: String,
    pub business_contact_email: String,
    pub alt_business_id_type: String,
    pub alt_business_id: String,
    /// With commas or blanks in between.
    pub tag: String,
    pub mock: String,
}

/// What somebody needs to fill in a new brand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewBrand {
    /// Sent twice with it, the form makes one brand.
    pub key: String,
    pub connector: Connector,
}

/// A brand whose details are about to be changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EditedBrand {
    pub name: String,
    /// What was refused last, else what the registry has.
    pub input: BrandInput,
    /// The number of the last change, for whoever saves after somebody else did.
    pub seen: u64,
    /// The input is what the registry refused.
    pub was_refused: bool,
    pub connector: Connector,
    /// The registry has it: some changes make it forget what it knows.
    pub registered: bool,
    /// 10DLC campaigns that the registry has, or may have.
    pub campaigns: u64,
}

/// How long fields may be, by the connector.
#[must_use]
pub fn limits_of(connector: Connector) -> Limits {
    limits(connector)
}

impl BrandInput {
    /// An empty form.
    #[must_use]
    pub fn new(entity_type: EntityType) -> Self {
        Self::from(&BrandForm::new(entity_type))
    }
}

impl From<&BrandForm> for BrandInput {
    fn from(form: &BrandForm) -> Self {
        Self {
            entity_type: form.entity_type.word().to_owned(),
            display_name: form.display_name.clone(),
            company_name: form.company_name.clone(),
            first_name: form.first_name.clone(),
            last_name: form.last_name.clone(),
            ein: form.ein.clone(),
            vertical: form.vertical.map(|vertical| vertical.word().to_owned()).unwrap_or_default(),
            brand_relationship: form.relationship.word().to_owned(),
            email: form.email.clone(),
            phone: form.phone.clone(),
            mobile_phone: form.mobile_phone.clone(),
            street: form.street.clone(),
            city: form.city.clone(),
            state: form.state.clone(),
            postal_code: form.postal_code.clone(),
            country: form.country.clone(),
            website: form.website.clone(),
            stock_symbol: form.stock_symbol.clone(),
            stock_exchange: form.stock_exchange.clone(),
            business_contact_email: form.business_contact_email.clone(),
            alt_business_id_type: form.alt_business_id_kind.map(|kind| kind.word().to_owned()).unwrap_or_default(),
            alt_business_id: form.alt_business_id.clone(),
            tag: form.tags.join(", "),
            mock: if form.mock { "true".to_owned() } else { String::new() },
        }
    }
}

/// What was chosen from a list; what is empty is left open.
#[cfg(feature = "ssr")]
fn chosen<T>(field: &str, word: &str, read: impl Fn(&str) -> Option<T>) -> Result<Option<T>, FieldError> {
    match word.trim() {
        "" => Ok(None),
        word => match read(word) {
            Some(value) => Ok(Some(value)),
            None => Err(FieldError { field: field.to_owned(), message: "Choose one of the list.".to_owned() }),
        },
    }
}

#[cfg(feature = "ssr")]
impl BrandInput {
    /// For the rules. Only what nobody could have chosen is refused here.
    pub fn read(self) -> Result<BrandForm, AppError> {
        let refused = |wrong: FieldError| AppError::fields(vec![wrong]);
        let entity_type = chosen("entityType", &self.entity_type, EntityType::from_word)
            .map_err(refused)?
            .ok_or_else(|| AppError::field("entityType", "Choose what the brand is."))?;
        let relationship = chosen("brandRelationship", &self.brand_relationship, Relationship::from_word);
        let alt_kind = chosen("altBusinessIdType", &self.alt_business_id_type, AltBusinessIdKind::from_word);
        Ok(BrandForm {
            entity_type,
            display_name: self.display_name,
            company_name: self.company_name,
            first_name: self.first_name,
            last_name: self.last_name,
            ein: self.ein,
            email: self.email,
            phone: self.phone,
            mobile_phone: self.mobile_phone,
            street: self.street,
            city: self.city,
            state: self.state,
            postal_code: self.postal_code,
            country: self.country,
            website: self.website,
            vertical: chosen("vertical", &self.vertical, Vertical::from_word).map_err(refused)?,
            relationship: relationship.map_err(refused)?.unwrap_or(Relationship::Basic),
            stock_symbol: self.stock_symbol,
            stock_exchange: self.stock_exchange,
            business_contact_email: self.business_contact_email,
            alt_business_id_kind: alt_kind.map_err(refused)?,
            alt_business_id: self.alt_business_id,
            tags: self.tag.split([',', ' ']).map(str::to_owned).filter(|tag| !tag.is_empty()).collect(),
            mock: self.mock == "true",
        })
    }
}

#[cfg(all(test, feature = "ssr"))]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_comes_back() {
        let form = BrandForm {
            display_name: "Acme".into(),
            vertical: Some(Vertical::Retail),
            relationship: Relationship::Large,
            alt_business_id_kind: Some(AltBusinessIdKind::Lei),
            tags: vec!["us".into(), "retail-2".into()],
            mock: true,
            ..BrandForm::new(EntityType::PublicProfit)
        };
        assert_eq!(BrandInput::from(&form).read(), Ok(form));
    }

    #[test]
    fn a_word_that_no_list_has_is_refused_by_its_field() {
        let refused = |input: BrandInput, field: &str| {
            let error = input.read().unwrap_err();
            assert!(error.field_error(field).is_some(), "{error:?}");
        };
        refused(BrandInput::default(), "entityType");
        refused(BrandInput { vertical: "FISHING".into(), ..BrandInput::new(EntityType::NonProfit) }, "vertical");
    }
}
