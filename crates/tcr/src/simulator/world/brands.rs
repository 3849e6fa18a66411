//! Brands: registered, verified, vetted, deleted.

use domain::tendlc::{
    BrandStatus, EntityType, IdentityStatus, RegistryBrandId, RegistryStatus, VettingStatus,
    life::{self, BrandStanding, IdentityEvent},
};
use serde_json::json;

use super::{Brand, Done, World, flaws, missing, refuse};
use crate::{
    error::{Problem, code},
    simulator::behaviour::{BrandOutcome, DuplicateReference, VettingOutcome},
    wire::brand::{BrandAnswerBody, BrandBody, FeedbackEntry, VettingBody},
};

impl World {
    pub fn create_brand(&mut self, body: BrandBody) -> Done<BrandAnswerBody> {
        if let Some(id) = self.brand_by_reference(&body.reference_id) {
            let same = self.kept.brands.get(&id).is_some_and(|brand| brand.body == body);
            return if same && self.behaviour.duplicate_reference == DuplicateReference::SameRecord {
                self.brand(id)
            } else {
                Err(vec![Problem::new(code::DUPLICATE, "referenceId", "The reference exists already")])
            };
        }
        let details = self.details(&body)?;
        let Ok(id) = RegistryBrandId::parse(&format!("B{}", self.next_id())) else { return missing("id") };
        let brand = Brand {
            id,
            body,
            identity: details.entity_type.first_identity(),
            status: BrandStatus::Active,
            confirmed: false,
            vettings: Vec::new(),
            feedback: Vec::new(),
            details,
        };
        let answer = answer(&brand);
        self.kept.brands.insert(id, brand);
        self.brand_event("BRAND_ADD", id, json!({}));
        self.look_at(id);
        // As it was before anybody looked: the registry answers at once and compares afterwards.
        Ok(answer)
    }

    fn details(&self, body: &BrandBody) -> Done<domain::tendlc::BrandDetails> {
        for (field, there) in
            [("entityType", body.entity_type.is_some()), ("brandRelationship", body.brand_relationship.is_some())]
        {
            if !there {
                return Err(vec![Problem::new(code::INVALID, field, "fill this in")]);
            }
        }
        body.form().check(&self.limits).map_err(|found| flaws(&found))
    }

    fn brand_by_reference(&self, reference: &str) -> Option<RegistryBrandId> {
        let of = |brand: &&Brand| !reference.is_empty() && brand.body.reference_id == reference;
        self.kept.brands.values().find(of).map(|brand| brand.id)
    }

    /// One that is there and not deleted.
    pub fn live_brand(&mut self, id: RegistryBrandId) -> Done<&mut Brand> {
        match self.kept.brands.get_mut(&id) {
            Some(brand) if brand.status == BrandStatus::Active => Ok(brand),
            _ => missing("Brand"),
        }
    }

    pub fn brand(&mut self, id: RegistryBrandId) -> Done<BrandAnswerBody> {
        self.live_brand(id).map(|brand| answer(brand))
    }

    /// Those that are not deleted, in the order of their ids.
    pub fn brands(&self, reference: Option<&str>) -> Vec<BrandAnswerBody> {
        let wanted = |brand: &&Brand| {
            brand.status == BrandStatus::Active
                && reference.is_none_or(|reference| brand.body.reference_id == reference)
        };
        self.kept.brands.values().filter(wanted).map(answer).collect()
    }

    pub fn update_brand(&mut self, id: RegistryBrandId, body: BrandBody) -> Done<BrandAnswerBody> {
        self.tolerates("displayName", &body.display_name)?;
        let after = self.details(&body)?;
        let brand = self.live_brand(id)?;
        brand.details.check_change(&after).map_err(|flaw| flaws(&[flaw]))?;
        let forgotten = !brand.details.identity_changes(&after).is_empty();
        brand.identity = brand.details.identity_after(&after, brand.identity);
        brand.body = BrandBody { reference_id: brand.body.reference_id.clone(), ..body };
        brand.details = after;
        self.brand_event("BRAND_UPDATE", id, json!({}));
        if forgotten {
            self.brand_event("BRAND_IDENTITY_STATUS_UPDATE", id, json!({}));
        }
        self.brand(id)
    }

    pub fn delete_brand(&mut self, id: RegistryBrandId) -> Done<()> {
        self.live_brand(id)?;
        let active = self.active_campaigns(id);
        if active > 0 {
            return refuse("brandId", format!("The brand has {active} active campaigns; deactivate them first"));
        }
        self.live_brand(id)?.status = BrandStatus::Deleted;
        self.brand_event("BRAND_DELETE", id, json!({}));
        Ok(())
    }

    pub fn active_campaigns(&self, id: RegistryBrandId) -> usize {
        let is_one = |campaign: &&super::Campaign| campaign.brand == id && campaign.status == RegistryStatus::Active;
        self.kept.campaigns.values().filter(is_one).count()
    }

    pub fn verify_again(&mut self, id: RegistryBrandId) -> Done<BrandAnswerBody> {
        self.live_brand(id)?;
        self.look_at(id);
        self.brand(id)
    }

    /// Compares the details, with the outcome that is set.
    fn look_at(&mut self, id: RegistryBrandId) {
        let outcome = self.behaviour.brands.clone();
        let Ok(brand) = self.live_brand(id) else { return };
        if brand.details.entity_type == EntityType::SoleProprietor {
            return;
        }
        match outcome {
            BrandOutcome::Verify => {
                brand.feedback.clear();
                let _ = self.identity(id, IdentityEvent::Confirmed);
            }
            BrandOutcome::Refuse { fields } => {
                brand.feedback = vec![FeedbackEntry {
                    id: "TAX_ID".to_owned(),
                    description: "These fields do not agree with what public sources say".to_owned(),
                    fields,
                }];
                let _ = self.identity(id, IdentityEvent::NotConfirmed);
            }
            BrandOutcome::Wait => {}
        }
    }

    /// Something happens to the identity; by the outcome that is set, or because somebody says so.
    pub fn identity(&mut self, id: RegistryBrandId, event: IdentityEvent) -> Done<BrandAnswerBody> {
        let brand = self.live_brand(id)?;
        match life::identity(brand.details.entity_type, brand.identity, event) {
            Ok(identity) => brand.identity = identity,
            Err(unexpected) => return refuse("identityStatus", unexpected.to_string()),
        }
        self.brand_event("BRAND_IDENTITY_STATUS_UPDATE", id, json!({}));
        self.brand(id)
    }

    pub fn feedback(&mut self, id: RegistryBrandId) -> Done<Vec<FeedbackEntry>> {
        let brand = self.live_brand(id)?;
        Ok(if brand.identity == IdentityStatus::Unverified { brand.feedback.clone() } else { Vec::new() })
    }

    /// The mail or the code is sent; a mail is answered at once, since nobody is there to read it.
    pub fn send_confirmation(&mut self, id: RegistryBrandId, entity: EntityType) -> Done<()> {
        let brand = self.live_brand(id)?;
        if brand.details.entity_type != entity {
            return refuse("entityType", "The brand needs no such confirmation");
        }
        if entity == EntityType::PublicProfit {
            brand.confirmed = true;
            self.brand_event("BRAND_UPDATE", id, json!({}));
        }
        Ok(())
    }

    pub fn confirm_code(&mut self, id: RegistryBrandId, code: &str) -> Done<()> {
        let right = self.behaviour.one_time_code == code;
        let brand = self.live_brand(id)?;
        if brand.details.entity_type != EntityType::SoleProprietor || !right {
            return refuse("otpPin", "The code is wrong or has expired");
        }
        brand.confirmed = true;
        self.brand_event("BRAND_UPDATE", id, json!({}));
        Ok(())
    }

    pub fn order_vetting(&mut self, id: RegistryBrandId, body: VettingBody) -> Done<VettingBody> {
        let number = self.next_id();
        let brand = self.live_brand(id)?;
        if !brand.details.entity_type.can_be_vetted() {
            return refuse("brandId", "A sole proprietor cannot be vetted");
        }
        let vetting = VettingBody {
            vetting_id: format!("V{number}"),
            vetting_status: Some(VettingStatus::Pending),
            vetting_score: None,
            ..body
        };
        brand.vettings.push(vetting.clone());
        let at = brand.vettings.len() - 1;
        match self.behaviour.vettings {
            VettingOutcome::Score(score) => self.settle_vetting(id, at, VettingStatus::Active, Some(score))?,
            VettingOutcome::NoScore => self.settle_vetting(id, at, VettingStatus::Unscore, None)?,
            VettingOutcome::Fail => self.settle_vetting(id, at, VettingStatus::Failed, None)?,
            VettingOutcome::Wait => {}
        }
        Ok(vetting)
    }

    /// The provider says something of a brand's vetting, counted from 0.
    pub fn settle_vetting(
        &mut self,
        id: RegistryBrandId,
        at: usize,
        said: VettingStatus,
        score: Option<u8>,
    ) -> Done<()> {
        let brand = self.live_brand(id)?;
        let Some(vetting) = brand.vettings.get_mut(at) else { return missing("Vetting") };
        let status = vetting.vetting_status.unwrap_or(VettingStatus::Pending);
        match life::vetting(status, said) {
            Ok(status) => vetting.vetting_status = Some(status),
            Err(unexpected) => return refuse("vettingStatus", unexpected.to_string()),
        }
        vetting.vetting_score = score.filter(|_| said == VettingStatus::Active);
        let (vetting_id, provider) = (vetting.vetting_id.clone(), vetting.evp_id.clone());
        let event = match said {
            VettingStatus::Active => "EVP_REPORT_SCORE",
            VettingStatus::Unscore => "EVP_REPORT_UNSCORE",
            VettingStatus::Failed => "EVP_REPORT_FAIL",
            VettingStatus::Pending | VettingStatus::Expired => "EVP_REPORT_UPDATE",
        };
        self.brand_event(event, id, json!({ "vettingId": vetting_id, "evpId": provider }));
        match said {
            VettingStatus::Active => self.identity(id, IdentityEvent::Vetted).map(|_| ()),
            VettingStatus::Expired => self.identity(id, IdentityEvent::VettingOver).map(|_| ()),
            _ => Ok(()),
        }
    }

    pub fn standing(&mut self, id: RegistryBrandId) -> Done<BrandStanding> {
        let active_campaigns = self.active_campaigns(id);
        let brand = self.live_brand(id)?;
        Ok(BrandStanding {
            entity_type: brand.details.entity_type,
            registered: true,
            status: brand.status,
            identity: brand.identity,
            confirmed: brand.confirmed,
            active_campaigns,
        })
    }
}

fn answer(brand: &Brand) -> BrandAnswerBody {
    let entity = brand.details.entity_type;
    let date = |needed| (brand.confirmed && entity == needed).then(|| "2026-01-01T00:00:00.000Z".to_owned());
    BrandAnswerBody {
        brand_id: brand.id,
        entity_type: entity,
        display_name: brand.details.display_name.clone(),
        reference_id: Some(brand.body.reference_id.clone()),
        identity_status: Some(brand.identity.word().to_owned()),
        status: Some(brand.status),
        business_contact_email_verified_date: date(EntityType::PublicProfit),
        mobile_phone_verified_date: date(EntityType::SoleProprietor),
        mock: brand.details.mock,
    }
}
