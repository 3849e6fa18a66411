//! What can be done at the registry, as one trait: the client does it over HTTP.

use std::{collections::BTreeMap, fmt};

use domain::{
    phone::PhoneNumber,
    tendlc::{
        BrandDetails, BrandStatus, Carrier, CarrierStatus, EntityType, IdentityStatus, PartnerId, RegistryBrandId,
        RegistryCampaignId, RegistryStatus, SharingState, TenDlcCampaign, UseCase, VettingStatus,
        event::{BrandAnswer, CampaignAnswer},
        kinds::{RejectionCategory, VettingProvider},
        use_case::CarrierDemand,
    },
};
use futures::future::BoxFuture;

use crate::error::Error;

pub type Answer<'a, T> = BoxFuture<'a, Result<T, Error>>;

/// A brand as the registry has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BrandRecord {
    pub id: RegistryBrandId,
    pub reference: Option<String>,
    pub entity_type: EntityType,
    pub display_name: String,
    pub identity: IdentityStatus,
    pub status: BrandStatus,
    /// The business contact confirmed by mail, or the sole proprietor by the one-time code.
    pub confirmed: bool,
    pub mock: bool,
}

/// A 10DLC campaign as the registry has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignRecord {
    pub id: RegistryCampaignId,
    pub brand: RegistryBrandId,
    pub reference: Option<String>,
    /// None for one that we do not know.
    pub use_case: Option<UseCase>,
    pub status: RegistryStatus,
    pub mock: bool,
}

/// What a carrier thinks of a 10DLC campaign, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CarrierRecord {
    pub status: CarrierStatus,
    pub rejection: Option<Rejection>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    /// [`RejectionCategory::Other`] for a word that we do not know.
    pub category: RejectionCategory,
    pub reason: String,
}

/// With whom a 10DLC campaign is shared, and what they say to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SharingRecord {
    /// None: the registry names one that is no id.
    pub partner: Option<PartnerId>,
    pub state: SharingState,
    /// The partner's words, mostly on why it is declined.
    pub reason: Option<String>,
}

/// A vetting of a brand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VettingRecord {
    pub id: String,
    pub provider: VettingProvider,
    /// Such as STANDARD.
    pub class: String,
    pub status: VettingStatus,
    /// 0 to 100, of a vetting that is active.
    pub score: Option<u8>,
}

/// Why a brand is not verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Feedback {
    pub category: String,
    pub description: String,
    pub fields: Vec<String>,
}

/// Whether and how a brand may have a use case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Qualification {
    pub use_case: UseCase,
    pub demands: Vec<CarrierDemand>,
}

impl Qualification {
    /// Whether any carrier takes the brand for it.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.demands.iter().any(|demand| demand.qualifies)
    }
}

/// One page of a list; pages count from 1.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page<T> {
    pub records: Vec<T>,
    pub page: u32,
    pub total: u64,
}

impl BrandRecord {
    #[must_use]
    pub const fn answer(&self) -> BrandAnswer {
        BrandAnswer { status: self.status, identity: self.identity }
    }
}

impl CampaignRecord {
    /// With what was asked for beside it.
    #[must_use]
    pub fn answer(&self, sharing: Option<SharingState>, carriers: &BTreeMap<Carrier, CarrierRecord>) -> CampaignAnswer {
        let carriers = carriers.iter().map(|(carrier, record)| (*carrier, record.status)).collect();
        CampaignAnswer { status: self.status, sharing, carriers }
    }
}

/// The registry. What creates takes a reference, which is stored before the call: the same call with the same reference
/// never registers a second time, whatever became of the first.
pub trait Registry: Send + Sync + fmt::Debug {
    fn create_brand<'a>(&'a self, reference: &'a str, details: &'a BrandDetails) -> Answer<'a, BrandRecord>;
    fn brand(&self, id: RegistryBrandId) -> Answer<'_, BrandRecord>;
    fn find_brand<'a>(&'a self, reference: &'a str) -> Answer<'a, Option<BrandRecord>>;
    /// 10 to 500 records a page.
    fn brands(&self, page: u32, records: u32) -> Answer<'_, Page<BrandRecord>>;
    fn update_brand<'a>(&'a self, id: RegistryBrandId, details: &'a BrandDetails) -> Answer<'a, BrandRecord>;
    /// Is refused while the brand has active 10DLC campaigns. For good. Of a brand that is not there it is done.
    fn delete_brand(&self, id: RegistryBrandId) -> Answer<'_, ()>;
    fn feedback(&self, id: RegistryBrandId) -> Answer<'_, Vec<Feedback>>;
    /// Has the registry compare the details again, after a correction.
    fn verify_again(&self, id: RegistryBrandId) -> Answer<'_, BrandRecord>;
    /// Sends the mail to the business contact, or the one-time code to the sole proprietor, again.
    fn send_confirmation(&self, id: RegistryBrandId, entity: EntityType) -> Answer<'_, ()>;
    /// The one-time code that a sole proprietor got.
    fn confirm_code<'a>(&'a self, id: RegistryBrandId, code: &'a str) -> Answer<'a, BrandRecord>;
    /// Costs money. `before`: the vettings that there were before it was decided on; one of this provider and class that has
    /// come since then is this one, and is not ordered a second time. Where there was no answer and it is not there either,
    /// nobody knows whether it will be ([`Error::is_unsure`]): it is to be looked for, and not to be ordered again.
    fn order_vetting<'a>(
        &'a self,
        id: RegistryBrandId,
        provider: VettingProvider,
        class: &'a str,
        before: &'a [String],
    ) -> Answer<'a, VettingRecord>;
    /// One that was ordered since `before`, whatever has become of it.
    fn find_vetting<'a>(
        &'a self,
        id: RegistryBrandId,
        provider: VettingProvider,
        class: &'a str,
        before: &'a [String],
    ) -> Answer<'a, Option<VettingRecord>>;
    fn vettings(&self, id: RegistryBrandId) -> Answer<'_, Vec<VettingRecord>>;

    fn qualify(&self, brand: RegistryBrandId, use_case: UseCase) -> Answer<'_, Qualification>;
    fn create_campaign<'a>(
        &'a self,
        reference: &'a str,
        brand: RegistryBrandId,
        campaign: &'a TenDlcCampaign,
    ) -> Answer<'a, CampaignRecord>;
    fn campaign(&self, id: RegistryCampaignId) -> Answer<'_, CampaignRecord>;
    fn find_campaign<'a>(&'a self, reference: &'a str) -> Answer<'a, Option<CampaignRecord>>;
    fn campaigns(&self, page: u32, records: u32) -> Answer<'_, Page<CampaignRecord>>;
    fn update_campaign<'a>(
        &'a self,
        id: RegistryCampaignId,
        campaign: &'a TenDlcCampaign,
    ) -> Answer<'a, CampaignRecord>;
    /// After a rejection was repaired; every carrier that rejected it looks again. Where there was no answer and a carrier
    /// rejects it, nobody knows whether it has looked again ([`Error::is_unsure`]).
    fn resubmit(&self, id: RegistryCampaignId) -> Answer<'_, CampaignRecord>;
    /// For good. Of one that is not there, or has expired, it is done.
    fn deactivate(&self, id: RegistryCampaignId) -> Answer<'_, ()>;
    fn carriers(&self, id: RegistryCampaignId) -> Answer<'_, BTreeMap<Carrier, CarrierRecord>>;
    /// None: it was never shared.
    fn sharing(&self, id: RegistryCampaignId) -> Answer<'_, Option<SharingRecord>>;
    /// With the partner upstream. One that is shared with it already stays so and is not shared twice. `again`: the partner
    /// had declined it before this was decided, so that only what it has not declined counts as done.
    fn share<'a>(&'a self, id: RegistryCampaignId, partner: &'a PartnerId, again: bool) -> Answer<'a, ()>;

    /// Is refused while the number is in another 10DLC campaign. Of a number that is in this one it is done.
    ///
    /// The registry's own API keeps no numbers: the partner upstream does, each in a way of its own. These three calls are
    /// those of the simulated registry; for a partner they are to be translated.
    fn assign_number(&self, id: RegistryCampaignId, number: PhoneNumber) -> Answer<'_, ()>;
    /// Of a number that is not in it, it is done.
    fn remove_number(&self, id: RegistryCampaignId, number: PhoneNumber) -> Answer<'_, ()>;
    fn numbers(&self, id: RegistryCampaignId, page: u32, records: u32) -> Answer<'_, Page<PhoneNumber>>;

    /// Has events of a category (BRAND, CAMPAIGN, VETTING) sent to an address.
    fn subscribe<'a>(&'a self, category: &'a str, url: &'a str) -> Answer<'a, ()>;
}

/// What the registry knows of a brand now; None: it is not there, or it was deleted.
///
/// # Errors
/// As those of the calls. The moment of the question, which [`domain::tendlc::event`] wants to know, is before the call.
pub async fn ask_brand(registry: &dyn Registry, id: RegistryBrandId) -> Result<Option<BrandAnswer>, Error> {
    match registry.brand(id).await {
        Ok(record) => Ok(Some(record.answer())),
        Err(Error::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}

/// What the registry and the carriers know of a 10DLC campaign now.
///
/// # Errors
/// As those of the calls.
pub async fn ask_campaign(registry: &dyn Registry, id: RegistryCampaignId) -> Result<CampaignAnswer, Error> {
    let record = registry.campaign(id).await?;
    let carriers = registry.carriers(id).await?;
    let sharing = registry.sharing(id).await?.map(|shared| shared.state);
    Ok(record.answer(sharing, &carriers))
}
