//! 10DLC campaigns: registered, reviewed by each carrier, suspended, expired; and their numbers.

use std::collections::BTreeMap;

use domain::{
    phone::PhoneNumber,
    tendlc::{
        Carrier, CarrierStatus, RegistryBrandId, RegistryCampaignId, RegistryStatus, SharingState, UseCase, campaign,
        carrier::{self, CarrierEvent},
        kinds::RejectionCategory,
        life,
        limits::POOL_ABOVE_NUMBERS,
    },
};
use serde_json::{Value, json};

use super::{AtCarrier, Campaign, Done, Shared, World, flaws, missing, refuse};
use crate::{
    error::{Problem, code},
    simulator::behaviour::{CarrierOutcome, DuplicateReference, SharingOutcome},
    wire::campaign::{CampaignAnswerBody, CampaignBody, DemandBody, OperationBody, QualificationBody},
};

impl World {
    pub fn create_campaign(&mut self, body: CampaignBody) -> Done<CampaignAnswerBody> {
        let known =
            |campaign: &&Campaign| !body.reference_id.is_empty() && campaign.body.reference_id == body.reference_id;
        if let Some(campaign) = self.kept.campaigns.values().find(known) {
            let same = campaign.body == body;
            return if same && self.behaviour.duplicate_reference == DuplicateReference::SameRecord {
                Ok(answer(campaign))
            } else {
                Err(vec![Problem::new(code::DUPLICATE, "referenceId", "The reference exists already")])
            };
        }
        let (Some(brand_id), Some(_)) = (body.brand_id, body.usecase) else {
            let field = if body.brand_id.is_none() { "brandId" } else { "usecase" };
            return Err(vec![Problem::new(code::INVALID, field, "fill this in")]);
        };
        if let Err(no_campaigns) = self.standing(brand_id)?.check() {
            return refuse("brandId", no_campaigns.to_string());
        }
        let (campaign, mock) = self.checked(brand_id, &body)?;
        let Ok(id) = RegistryCampaignId::parse(&format!("C{}", self.next_id())) else { return missing("id") };
        let record = Campaign {
            id,
            brand: brand_id,
            body,
            campaign,
            status: RegistryStatus::Active,
            mock,
            carriers: BTreeMap::new(),
            sharing: None,
            resubmitted: 0,
        };
        let answer = answer(&record);
        let carriers: Vec<Carrier> = if record.campaign.carriers.is_empty() {
            Carrier::ALL.to_vec()
        } else {
            record.campaign.carriers.iter().copied().collect()
        };
        self.kept.campaigns.insert(id, record);
        self.campaign_event("CAMPAIGN_ADD", id, json!({}));
        if !mock {
            for carrier in carriers {
                self.review(id, carrier, CarrierEvent::Review)?;
            }
        }
        Ok(answer)
    }

    fn checked(&mut self, brand: RegistryBrandId, body: &CampaignBody) -> Done<(domain::tendlc::TenDlcCampaign, bool)> {
        let limits = self.limits.clone();
        let brand = self.live_brand(brand)?;
        let facts = campaign::Brand {
            display_name: &brand.details.display_name,
            company_name: brand.details.company_name.as_deref(),
            entity_type: brand.details.entity_type,
            identity: brand.identity,
        };
        let campaign = body.campaign();
        let needs = campaign.use_case.requirements(&limits);
        let campaign = campaign.check(&facts, &needs, &limits).map_err(|found| flaws(&found))?;
        Ok((campaign, brand.details.mock))
    }

    /// A carrier begins to look, and comes to the outcome that is set.
    fn review(&mut self, id: RegistryCampaignId, carrier: Carrier, begin: CarrierEvent) -> Done<()> {
        self.carrier_event(id, carrier, begin, None)?;
        match self.behaviour.carrier(carrier) {
            CarrierOutcome::Approve => self.carrier_event(id, carrier, CarrierEvent::Approve, None),
            CarrierOutcome::Review => Ok(()),
            CarrierOutcome::Reject { category, reason } => {
                self.carrier_event(id, carrier, CarrierEvent::Reject, Some((category, reason)))
            }
        }
    }

    /// A carrier does something; by the outcome that is set, or because somebody says so.
    pub fn carrier_event(
        &mut self,
        id: RegistryCampaignId,
        carrier: Carrier,
        event: CarrierEvent,
        rejection: Option<(RejectionCategory, String)>,
    ) -> Done<()> {
        let campaign = self.active(id)?;
        let status = campaign.carriers.get(&carrier).map(|at| at.status);
        let status = match carrier::transition(status, event) {
            Ok(status) => status,
            Err(unexpected) => return refuse("mnoId", unexpected.to_string()),
        };
        let reason = rejection.as_ref().map(|(_, reason)| reason.clone());
        campaign.carriers.insert(carrier, AtCarrier { status, rejection });
        let mut more = json!({ "mnoId": carrier.id(), "mnoName": carrier.name() });
        if let (Some(reason), Value::Object(members)) = (reason, &mut more) {
            members.insert("description".to_owned(), reason.into());
        }
        self.campaign_event(carrier_event_type(event), id, more);
        Ok(())
    }

    pub fn live_campaign(&mut self, id: RegistryCampaignId) -> Done<&mut Campaign> {
        self.kept.campaigns.get_mut(&id).map_or_else(|| missing("Campaign"), Ok)
    }

    fn active(&mut self, id: RegistryCampaignId) -> Done<&mut Campaign> {
        let campaign = self.live_campaign(id)?;
        if campaign.status == RegistryStatus::Active {
            Ok(campaign)
        } else {
            refuse("campaignId", "The campaign has expired")
        }
    }

    pub fn campaign(&mut self, id: RegistryCampaignId) -> Done<CampaignAnswerBody> {
        self.live_campaign(id).map(|campaign| answer(campaign))
    }

    /// Expired ones, too, in the order of their ids.
    pub fn campaigns(&self, reference: Option<&str>) -> Vec<CampaignAnswerBody> {
        let wanted = |campaign: &&Campaign| reference.is_none_or(|reference| campaign.body.reference_id == reference);
        self.kept.campaigns.values().filter(wanted).map(answer).collect()
    }

    pub fn update_campaign(&mut self, id: RegistryCampaignId, body: CampaignBody) -> Done<CampaignAnswerBody> {
        self.tolerates("description", &body.description)?;
        let before = self.active(id)?;
        let brand = before.brand;
        let changes = before.campaign.immutable_changes(&body.campaign());
        if !changes.is_empty() {
            return Err(flaws(&changes));
        }
        let (after, _) = self.checked(brand, &body)?;
        let campaign = self.active(id)?;
        campaign.body =
            CampaignBody { reference_id: campaign.body.reference_id.clone(), brand_id: campaign.body.brand_id, ..body };
        campaign.campaign = after;
        self.campaign_event("CAMPAIGN_UPDATE", id, json!({}));
        self.campaign(id)
    }

    pub fn resubmit(&mut self, id: RegistryCampaignId) -> Done<()> {
        let rejected: Vec<Carrier> = self
            .active(id)?
            .carriers
            .iter()
            .filter(|(_, at)| at.status == CarrierStatus::Rejected)
            .map(|(carrier, _)| *carrier)
            .collect();
        if rejected.is_empty() {
            return refuse("campaignId", "No carrier has rejected the campaign");
        }
        self.active(id)?.resubmitted += 1;
        for carrier in rejected {
            self.review(id, carrier, CarrierEvent::Resubmit)?;
        }
        Ok(())
    }

    /// Not renewed, or deactivated. Its numbers are free again.
    pub fn expire(&mut self, id: RegistryCampaignId) -> Done<()> {
        self.active(id)?.status = RegistryStatus::Expired;
        self.kept.numbers.retain(|_, campaign| *campaign != id);
        self.campaign_event("CAMPAIGN_EXPIRED", id, json!({}));
        Ok(())
    }

    pub fn operation_status(&mut self, id: RegistryCampaignId) -> Done<BTreeMap<String, OperationBody>> {
        let entry = |(carrier, at): (&Carrier, &AtCarrier)| {
            let operation = match &at.rejection {
                None => OperationBody::Status(at.status.to_string()),
                Some((category, reason)) => OperationBody::Full {
                    status: at.status.to_string(),
                    rejection_category: Some(category.to_string()),
                    reason: Some(reason.clone()),
                },
            };
            (carrier.id().to_string(), operation)
        };
        Ok(self.live_campaign(id)?.carriers.iter().map(entry).collect())
    }

    pub fn share(&mut self, id: RegistryCampaignId, partner: &str) -> Done<()> {
        let campaign = self.active(id)?;
        if campaign.mock {
            return refuse("campaignId", "A mock campaign cannot be shared");
        }
        let before = campaign.sharing.as_ref();
        if before.is_some_and(|shared| shared.state != SharingState::Declined) {
            return refuse("campaignId", "The campaign is shared already");
        }
        let times = before.map_or(0, |shared| shared.times) + 1;
        campaign.sharing =
            Some(Shared { partner: partner.to_owned(), state: SharingState::Pending, reason: None, times });
        self.campaign_event("CAMPAIGN_SHARE_ADD", id, json!({ "cnpId": partner }));
        match self.behaviour.sharing.clone() {
            SharingOutcome::Accept => self.answer_sharing(id, None),
            SharingOutcome::Decline { reason } => self.answer_sharing(id, Some(reason)),
            SharingOutcome::Wait => Ok(()),
        }
    }

    /// The partner accepts what is shared with it, or declines it for a reason.
    pub fn answer_sharing(&mut self, id: RegistryCampaignId, declined: Option<String>) -> Done<()> {
        let Some(shared) = &mut self.active(id)?.sharing else {
            return refuse("campaignId", "The campaign is not shared");
        };
        let said = if declined.is_some() { SharingState::Declined } else { SharingState::Accepted };
        let Ok(state) = life::sharing(Some(shared.state), said) else {
            return refuse("campaignId", "The partner has answered already");
        };
        shared.state = state;
        shared.reason.clone_from(&declined);
        let event = if declined.is_some() { "CAMPAIGN_SHARE_DECLINE" } else { "CAMPAIGN_SHARE_ACCEPT" };
        let mut more = json!({ "cnpId": shared.partner });
        if let (Some(reason), Value::Object(members)) = (declined, &mut more) {
            members.insert("description".to_owned(), reason.into());
        }
        self.campaign_event(event, id, more);
        Ok(())
    }

    pub fn assign_number(&mut self, id: RegistryCampaignId, number: PhoneNumber) -> Done<()> {
        match self.kept.numbers.get(&number) {
            Some(campaign) if *campaign == id => return Ok(()),
            Some(_) => {
                return refuse("phoneNumber", "The number is assigned to another campaign; remove it there first");
            }
            None => {}
        }
        let campaign = self.active(id)?;
        let (brand, pool) = (campaign.brand, campaign.campaign.number_pool);
        let has = self.kept.numbers.values().filter(|campaign| **campaign == id).count();
        if has >= POOL_ABOVE_NUMBERS && !pool {
            return refuse("phoneNumber", "More than 50 numbers have to be declared as a number pool");
        }
        if self.live_brand(brand)?.details.entity_type.numbers_max().is_some_and(|max| has >= max) {
            return refuse("phoneNumber", "A sole proprietor has 5 numbers at most");
        }
        self.kept.numbers.insert(number, id);
        Ok(())
    }

    pub fn remove_number(&mut self, id: RegistryCampaignId, number: PhoneNumber) -> Done<()> {
        self.live_campaign(id)?;
        if self.kept.numbers.get(&number) == Some(&id) {
            self.kept.numbers.remove(&number);
        }
        Ok(())
    }

    pub fn qualify(&mut self, brand: RegistryBrandId, use_case: UseCase) -> Done<QualificationBody> {
        let needs = use_case.requirements(&self.limits);
        let brand = self.live_brand(brand)?;
        let identity = brand.identity;
        let qualify = use_case.closed_to(brand.details.entity_type, identity).is_none()
            && identity != domain::tendlc::IdentityStatus::Unverified;
        let demand = |carrier: Carrier| DemandBody {
            qualify,
            mno_review: matches!(self.behaviour.carrier(carrier), CarrierOutcome::Review),
            min_msg_samples: needs.samples_min,
            req_subscriber_optin: needs.opt_in,
            req_subscriber_optout: needs.opt_out,
            req_subscriber_help: needs.help,
            no_embedded_link: needs.no_links,
            no_embedded_phone: needs.no_phones,
        };
        let mno_metadata = Carrier::ALL.into_iter().map(|carrier| (carrier.id().to_string(), demand(carrier)));
        Ok(QualificationBody { usecase: use_case, mno_metadata: mno_metadata.collect() })
    }
}

fn answer(campaign: &Campaign) -> CampaignAnswerBody {
    CampaignAnswerBody {
        campaign_id: campaign.id,
        brand_id: campaign.brand,
        reference_id: Some(campaign.body.reference_id.clone()),
        usecase: campaign.campaign.use_case.word().to_owned(),
        status: Some(campaign.status),
        mock: campaign.mock,
    }
}

/// The word of an event at a carrier; resubmission is reported by another.
const fn carrier_event_type(event: CarrierEvent) -> &'static str {
    match event {
        CarrierEvent::Review => "MNO_CAMPAIGN_OPERATION_REVIEW",
        CarrierEvent::Approve => "MNO_CAMPAIGN_OPERATION_APPROVED",
        CarrierEvent::Reject => "MNO_CAMPAIGN_OPERATION_REJECTED",
        CarrierEvent::Suspend => "MNO_CAMPAIGN_OPERATION_SUSPENDED",
        CarrierEvent::Unsuspend => "MNO_CAMPAIGN_OPERATION_UNSUSPENDED",
        CarrierEvent::Resubmit => "CAMPAIGN_RESUBMISSION",
    }
}
