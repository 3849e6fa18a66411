//! What becomes of brands, vettings, 10DLC campaigns and their sharing: a function for each.

use serde::{Deserialize, Serialize};

use super::{
    carrier::Unexpected,
    kinds::{BrandStatus, EntityType, IdentityStatus, VettingStatus},
    word::words,
};

words! {
    /// Whether the registry keeps a 10DLC campaign.
    RegistryStatus {
        Active = "ACTIVE", "Active";
        /// Not renewed, or deactivated. For good.
        Expired = "EXPIRED", "Expired";
    }

    /// What the partner upstream says to a 10DLC campaign that is shared with it.
    SharingState {
        Pending = "PENDING", "Waiting for the partner";
        Accepted = "ACCEPTED", "Accepted";
        Declined = "DECLINED", "Declined";
    }
}

/// How far something of ours has come on its way into the registry.
///
/// The reference is durable before the request goes out. After a crash in between nobody knows whether the registry has
/// it: it is looked up by its reference, and sent again with the same one if it is not there. So nothing is registered
/// twice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "state", rename_all = "snake_case")]
pub enum Registration<Id> {
    /// Nothing was sent.
    Draft,
    /// A request went out, or is about to.
    Sent { reference: String },
    /// The registry knows it.
    Registered { reference: String, id: Id },
}

impl<Id: Copy> Registration<Id> {
    #[must_use]
    pub const fn id(&self) -> Option<Id> {
        match self {
            Self::Registered { id, .. } => Some(*id),
            Self::Draft | Self::Sent { .. } => None,
        }
    }
}

/// EXPIRED is final: another word after it is a mistake or an old one.
pub const fn registry_status_after(status: RegistryStatus, said: RegistryStatus) -> RegistryStatus {
    match status {
        RegistryStatus::Expired => RegistryStatus::Expired,
        RegistryStatus::Active => said,
    }
}

/// DELETED is final.
pub const fn brand_status_after(status: BrandStatus, said: BrandStatus) -> BrandStatus {
    match status {
        BrandStatus::Deleted => BrandStatus::Deleted,
        BrandStatus::Active => said,
    }
}

/// Something that changes how well the registry knows a brand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IdentityEvent {
    /// The registry compared the details with its sources.
    Confirmed,
    NotConfirmed,
    /// A vetting of the standard class came out well.
    Vetted,
    /// The vetting ran out.
    VettingOver,
    /// One of the fields of [`super::BrandDetails::identity_changes`] is another.
    Changed,
}

impl IdentityEvent {
    pub const ALL: [Self; 5] = [Self::Confirmed, Self::NotConfirmed, Self::Vetted, Self::VettingOver, Self::Changed];
}

/// What a brand's identity becomes.
pub const fn identity(
    entity: EntityType,
    status: IdentityStatus,
    event: IdentityEvent,
) -> Result<IdentityStatus, Unexpected> {
    use IdentityStatus::{Unverified, Verified, VettedVerified};

    match (event, status) {
        (IdentityEvent::Changed, _) => Ok(entity.first_identity()),
        (IdentityEvent::Confirmed, VettedVerified) => Ok(VettedVerified),
        (IdentityEvent::Confirmed, _) => Ok(Verified),
        (IdentityEvent::NotConfirmed, _) => Ok(Unverified),
        (IdentityEvent::Vetted, _) if entity.can_be_vetted() => Ok(VettedVerified),
        (IdentityEvent::VettingOver, VettedVerified) => Ok(Verified),
        (IdentityEvent::VettingOver, other) => Ok(other),
        (IdentityEvent::Vetted, _) => Err(Unexpected),
    }
}

/// What a vetting becomes by what its provider says.
pub const fn vetting(status: VettingStatus, said: VettingStatus) -> Result<VettingStatus, Unexpected> {
    use VettingStatus::{Active, Expired, Failed, Pending, Unscore};

    match (status, said) {
        (Pending, Pending)
        | (Pending | Unscore, Unscore | Active | Failed)
        | (Active, Active | Expired)
        | (Failed, Failed)
        | (Expired, Expired) => Ok(said),
        _ => Err(Unexpected),
    }
}

/// What sharing becomes; None: never shared. While the partner has not answered, it is shared with nobody else.
pub const fn sharing(state: Option<SharingState>, next: SharingState) -> Result<SharingState, Unexpected> {
    use SharingState::{Accepted, Declined, Pending};

    match (state, next) {
        (None | Some(Declined), Pending)
        | (Some(Pending), Pending | Accepted | Declined)
        | (Some(Accepted), Accepted)
        | (Some(Declined), Declined) => Ok(next),
        _ => Err(Unexpected),
    }
}

/// Why a brand cannot have (another) 10DLC campaign now. The text says what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoCampaigns {
    #[error("the brand is not registered yet; staff has to hand it in")]
    NotRegistered,
    #[error("the brand was deleted at the registry; register another")]
    Deleted,
    #[error("the registry has not verified the brand; correct what its feedback names and hand it in again")]
    Unverified,
    #[error("the business contact has not confirmed the brand by mail yet; have the mail sent again if it is lost")]
    ContactNotConfirmed,
    #[error("the sole proprietor has not confirmed the one-time code yet; have it sent again if it is lost")]
    CodeNotConfirmed,
    #[error("a sole proprietor has one 10DLC campaign; deactivate it before another is registered")]
    OneOnly,
}

/// What is known of a brand when a 10DLC campaign is about to be registered for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrandStanding {
    pub entity_type: EntityType,
    pub registered: bool,
    pub status: BrandStatus,
    pub identity: IdentityStatus,
    /// The mail to the business contact, or the one-time code to a sole proprietor.
    pub confirmed: bool,
    pub active_campaigns: usize,
}

impl BrandStanding {
    pub fn check(&self) -> Result<(), NoCampaigns> {
        if !self.registered {
            return Err(NoCampaigns::NotRegistered);
        }
        if self.status == BrandStatus::Deleted {
            return Err(NoCampaigns::Deleted);
        }
        if self.identity == IdentityStatus::Unverified {
            return Err(NoCampaigns::Unverified);
        }
        match self.entity_type {
            EntityType::PublicProfit if !self.confirmed => Err(NoCampaigns::ContactNotConfirmed),
            EntityType::SoleProprietor if !self.confirmed => Err(NoCampaigns::CodeNotConfirmed),
            entity if entity.campaigns_max().is_some_and(|max| self.active_campaigns >= max) => {
                Err(NoCampaigns::OneOnly)
            }
            _ => Ok(()),
        }
    }
}
