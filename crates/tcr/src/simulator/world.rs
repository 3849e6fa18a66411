//! What the simulated registry knows, and how it changes.

mod brands;
mod campaigns;

use std::{collections::BTreeMap, sync::Arc};

use domain::{
    clock::Clock,
    phone::PhoneNumber,
    tendlc::{
        BrandDetails, BrandStatus, Carrier, CarrierStatus, IdentityStatus, RegistryBrandId, RegistryCampaignId,
        RegistryStatus, SharingState, TenDlcCampaign,
        kinds::RejectionCategory,
        limits::{Connector, Limits, limits},
    },
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::behaviour::Behaviour;
use crate::{
    error::{Problem, code},
    wire::{
        brand::{BrandBody, FeedbackEntry, VettingBody},
        campaign::CampaignBody,
    },
};

pub(super) type Done<T> = Result<T, Vec<Problem>>;

#[derive(Serialize, Deserialize)]
pub(super) struct Brand {
    pub id: RegistryBrandId,
    pub body: BrandBody,
    pub details: BrandDetails,
    pub identity: IdentityStatus,
    pub status: BrandStatus,
    pub confirmed: bool,
    pub vettings: Vec<VettingBody>,
    pub feedback: Vec<FeedbackEntry>,
}

#[derive(Serialize, Deserialize)]
pub(super) struct Campaign {
    pub id: RegistryCampaignId,
    pub brand: RegistryBrandId,
    pub body: CampaignBody,
    pub campaign: TenDlcCampaign,
    pub status: RegistryStatus,
    pub mock: bool,
    pub carriers: BTreeMap<Carrier, AtCarrier>,
    pub sharing: Option<Shared>,
    /// How often.
    pub resubmitted: u32,
}

/// With the partner upstream.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Shared {
    pub partner: String,
    pub state: SharingState,
    pub reason: Option<String>,
    /// How often it was shared.
    pub times: u32,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct AtCarrier {
    pub status: CarrierStatus,
    pub rejection: Option<(RejectionCategory, String)>,
}

/// What a restart does not change, where there is a file for it.
#[derive(Default, Serialize, Deserialize)]
pub(super) struct Kept {
    pub brands: BTreeMap<RegistryBrandId, Brand>,
    pub campaigns: BTreeMap<RegistryCampaignId, Campaign>,
    /// A number is in one 10DLC campaign.
    pub numbers: BTreeMap<PhoneNumber, RegistryCampaignId>,
    /// By category.
    pub subscriptions: BTreeMap<String, String>,
    made: u64,
    /// Of the last event: no two happen at the same time.
    event_at_ms: i64,
}

pub(super) struct World {
    pub behaviour: Behaviour,
    pub kept: Kept,
    /// Events to be sent: category and body.
    pub events: Vec<(&'static str, Value)>,
    clock: Arc<dyn Clock>,
    limits: Limits,
}

impl World {
    pub fn new(behaviour: Behaviour, kept: Kept, clock: Arc<dyn Clock>) -> Self {
        Self { behaviour, kept, events: Vec::new(), clock, limits: limits(Connector::Registry) }
    }

    /// Six signs that look like the registry's and never repeat: the factor has no divisor in common with 36^6.
    fn next_id(&mut self) -> String {
        const SIGNS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        self.kept.made += 1;
        let mut rest = (self.kept.made * 1_000_003 + 60_466_176) % 36_u64.pow(6);
        let mut signs = String::new();
        for _ in 0..6 {
            signs.push(char::from(SIGNS[(rest % 36) as usize]));
            rest /= 36;
        }
        signs
    }

    fn brand_event(&mut self, event_type: &str, id: RegistryBrandId, more: Value) {
        let Some(brand) = self.kept.brands.get(&id) else { return };
        let body = json!({
            "eventType": event_type,
            "brandId": id,
            "brandName": brand.details.display_name,
            "brandReferenceId": brand.body.reference_id,
            "brandIdentityStatus": brand.identity,
            "mock": brand.details.mock,
        });
        let category = if event_type.starts_with("EVP_") { "VETTING" } else { "BRAND" };
        self.event(category, body, more);
    }

    fn campaign_event(&mut self, event_type: &str, id: RegistryCampaignId, more: Value) {
        let Some(campaign) = self.kept.campaigns.get(&id) else { return };
        let body = json!({
            "eventType": event_type,
            "campaignId": id,
            "campaignReferenceId": campaign.body.reference_id,
            "brandId": campaign.brand,
            "mock": campaign.mock,
        });
        self.event("CAMPAIGN", body, more);
    }

    fn event(&mut self, category: &'static str, body: Value, more: Value) {
        let mut members = Map::new();
        for value in [body, more] {
            if let Value::Object(more) = value {
                members.extend(more);
            }
        }
        if self.behaviour.events_carry_time {
            self.kept.made += 1;
            members.insert("eventId".to_owned(), format!("E{:08}", self.kept.made).into());
            self.kept.event_at_ms = self.clock.now_ms().max(self.kept.event_at_ms + 1);
            members.insert("eventTime".to_owned(), self.kept.event_at_ms.into());
        }
        self.events.push((category, Value::Object(members)));
    }
}

impl World {
    /// By the texts that are set.
    fn tolerates(&self, field: &str, text: &str) -> Done<()> {
        if self.behaviour.refuses_texts.iter().any(|refused| text.contains(refused)) {
            return refuse(field, "It is not allowed");
        }
        Ok(())
    }
}

pub(super) fn refuse<T>(field: &str, description: impl Into<String>) -> Done<T> {
    Err(vec![Problem::new(code::NOT_ALLOWED, field, description)])
}

pub(super) fn missing<T>(what: &str) -> Done<T> {
    Err(vec![Problem::new(code::NOT_FOUND, "", format!("{what} not found"))])
}

pub(super) fn flaws(flaws: &[domain::tendlc::Flaw]) -> Vec<Problem> {
    flaws.iter().map(|flaw| Problem::of_rule(flaw.field, &flaw.rule)).collect()
}
