//! Brands and their vettings on the wire.

use std::collections::BTreeMap;

use domain::tendlc::{
    BrandDetails, BrandForm, BrandStatus, EntityType, IdentityStatus, RegistryBrandId, Relationship, Vertical,
    VettingStatus,
    kinds::{AltBusinessIdKind, VettingProvider},
};
use serde::{Deserialize, Serialize};

use crate::registry::{BrandRecord, Feedback, VettingRecord};

/// What is sent. Absent is empty.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(crate) struct BrandBody {
    pub entity_type: Option<EntityType>,
    pub display_name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub company_name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub first_name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub last_name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ein: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub ein_issuing_country: String,
    pub email: String,
    pub phone: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub mobile_phone: String,
    pub street: String,
    pub city: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub state: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub postal_code: String,
    pub country: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub website: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vertical: Option<Vertical>,
    pub brand_relationship: Option<Relationship>,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub stock_symbol: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub stock_exchange: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub business_contact_email: String,
    /// NONE, DUNS, GIIN or LEI.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub alt_business_id_type: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub alt_business_id: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tag: Vec<String>,
    pub mock: bool,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reference_id: String,
}

impl BrandBody {
    pub fn new(reference: Option<&str>, details: &BrandDetails) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let stock = details.stock.as_ref();
        let alt = details.alt_business_id.as_ref();
        Self {
            entity_type: Some(details.entity_type),
            display_name: details.display_name.clone(),
            company_name: text(&details.company_name),
            first_name: text(&details.first_name),
            last_name: text(&details.last_name),
            ein: details.ein.as_ref().map(|ein| ein.as_str().to_owned()).unwrap_or_default(),
            ein_issuing_country: details.ein.as_ref().map(|_| details.address.country.clone()).unwrap_or_default(),
            email: details.email.to_string(),
            phone: details.phone.to_string(),
            mobile_phone: details.mobile_phone.map(|phone| phone.to_string()).unwrap_or_default(),
            street: details.address.street.clone(),
            city: details.address.city.clone(),
            state: details.address.state.clone(),
            postal_code: details.address.postal_code.clone(),
            country: details.address.country.clone(),
            website: text(&details.website),
            vertical: details.vertical,
            brand_relationship: Some(details.relationship),
            stock_symbol: stock.map(|stock| stock.symbol.clone()).unwrap_or_default(),
            stock_exchange: stock.map(|stock| stock.exchange.clone()).unwrap_or_default(),
            business_contact_email: details
                .business_contact_email
                .as_ref()
                .map(ToString::to_string)
                .unwrap_or_default(),
            alt_business_id_type: alt.map(|alt| alt.kind.word().to_owned()).unwrap_or_default(),
            alt_business_id: alt.map(|alt| alt.id.clone()).unwrap_or_default(),
            tag: details.tags.clone(),
            mock: details.mock,
            reference_id: reference.unwrap_or_default().to_owned(),
        }
    }

    /// For the rules.
    pub fn form(&self) -> BrandForm {
        let body = self.clone();
        BrandForm {
            display_name: body.display_name,
            company_name: body.company_name,
            first_name: body.first_name,
            last_name: body.last_name,
            ein: body.ein,
            email: body.email,
            phone: body.phone,
            mobile_phone: body.mobile_phone,
            street: body.street,
            city: body.city,
            state: body.state,
            postal_code: body.postal_code,
            country: body.country,
            website: body.website,
            vertical: body.vertical,
            relationship: body.brand_relationship.unwrap_or(Relationship::Basic),
            stock_symbol: body.stock_symbol,
            stock_exchange: body.stock_exchange,
            business_contact_email: body.business_contact_email,
            alt_business_id_kind: AltBusinessIdKind::from_word(&body.alt_business_id_type),
            alt_business_id: body.alt_business_id,
            tags: body.tag,
            mock: body.mock,
            ..BrandForm::new(body.entity_type.unwrap_or(EntityType::PrivateProfit))
        }
    }
}

/// What comes back, as far as we read it.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct BrandAnswerBody {
    pub brand_id: RegistryBrandId,
    pub entity_type: EntityType,
    #[serde(default)]
    pub display_name: String,
    #[serde(default)]
    pub reference_id: Option<String>,
    /// None while the registry is still comparing.
    #[serde(default)]
    pub identity_status: Option<String>,
    /// None means active.
    #[serde(default)]
    pub status: Option<BrandStatus>,
    /// When the business contact confirmed, or the sole proprietor.
    #[serde(default)]
    pub business_contact_email_verified_date: Option<String>,
    #[serde(default)]
    pub mobile_phone_verified_date: Option<String>,
    #[serde(default)]
    pub mock: bool,
}

impl From<BrandAnswerBody> for BrandRecord {
    fn from(body: BrandAnswerBody) -> Self {
        let confirmed = match body.entity_type {
            EntityType::PublicProfit => body.business_contact_email_verified_date.is_some(),
            EntityType::SoleProprietor => body.mobile_phone_verified_date.is_some(),
            _ => true,
        };
        Self {
            id: body.brand_id,
            reference: body.reference_id.filter(|reference| !reference.is_empty()),
            entity_type: body.entity_type,
            display_name: body.display_name,
            // A word that we do not know vouches for nobody.
            identity: match body.identity_status {
                None => body.entity_type.first_identity(),
                Some(word) => IdentityStatus::from_word(&word).unwrap_or(IdentityStatus::Unverified),
            },
            status: body.status.unwrap_or(BrandStatus::Active),
            confirmed,
            mock: body.mock,
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VettingBody {
    pub evp_id: String,
    pub vetting_class: String,
    #[serde(default)]
    pub vetting_id: String,
    #[serde(default)]
    pub vetting_status: Option<VettingStatus>,
    #[serde(default)]
    pub vetting_score: Option<u8>,
}

/// A vetting that cannot be told from others: without an id, or by a provider that we do not know.
#[derive(Debug)]
pub(crate) struct UnknownVetting;

impl TryFrom<VettingBody> for VettingRecord {
    type Error = UnknownVetting;

    fn try_from(body: VettingBody) -> Result<Self, UnknownVetting> {
        if body.vetting_id.trim().is_empty() {
            return Err(UnknownVetting);
        }
        Ok(Self {
            id: body.vetting_id,
            provider: VettingProvider::from_word(&body.evp_id).ok_or(UnknownVetting)?,
            class: body.vetting_class,
            status: body.vetting_status.unwrap_or(VettingStatus::Pending),
            score: body.vetting_score.filter(|score| *score <= 100),
        })
    }
}

/// A brand's vettings. Those that the registry lists without an id are counted by provider and class, so that one more of
/// them is another one.
pub(crate) fn vettings(bodies: Vec<VettingBody>) -> Vec<VettingRecord> {
    let mut unnamed: BTreeMap<(String, String), u32> = BTreeMap::new();
    let named = |mut body: VettingBody| {
        if body.vetting_id.trim().is_empty() {
            let count = unnamed.entry((body.evp_id.clone(), body.vetting_class.clone())).or_default();
            *count += 1;
            body.vetting_id = format!("{}/{}/{count}", body.evp_id, body.vetting_class);
        }
        // Those of providers that we do not know say nothing to us.
        VettingRecord::try_from(body).ok()
    };
    bodies.into_iter().filter_map(named).collect()
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct FeedbackBody {
    pub category: Vec<FeedbackEntry>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub(crate) struct FeedbackEntry {
    pub id: String,
    pub description: String,
    pub fields: Vec<String>,
}

impl From<FeedbackEntry> for Feedback {
    fn from(entry: FeedbackEntry) -> Self {
        Self { category: entry.id, description: entry.description, fields: entry.fields }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn listed(ids: &[&str]) -> Vec<String> {
        let body = |id: &&str| VettingBody {
            evp_id: "AEGIS".into(),
            vetting_class: "STANDARD".into(),
            vetting_id: (*id).to_owned(),
            vetting_status: None,
            vetting_score: None,
        };
        vettings(ids.iter().map(body).collect()).into_iter().map(|vetting| vetting.id).collect()
    }

    #[test]
    fn one_more_vetting_without_an_id_is_another_one() {
        let (before, after) = (listed(&["", "V1"]), listed(&["", "V1", " "]));
        assert_eq!((before.len(), after.len()), (2, 3));
        assert_eq!(after.iter().filter(|id| !before.contains(id)).count(), 1, "{after:?}");
    }

    /// It would stand for every other one that has none.
    #[test]
    fn an_answer_without_an_id_is_none() {
        let body: VettingBody = serde_json::from_str(r#"{"evpId":"AEGIS","vettingClass":"STANDARD"}"#).unwrap();
        assert!(VettingRecord::try_from(body).is_err());
    }
}
