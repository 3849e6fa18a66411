//! 10DLC: what The Campaign Registry and the carriers want to know before messages leave from a US number.
//!
//! A *brand* says who sends, a *10DLC campaign* says what for, a number belongs to one 10DLC campaign at a time. All three
//! belong to one workspace. The registry calls the second a campaign, too; here that word alone always means an SMS
//! campaign, and the registry's is a [`TenDlcCampaign`].
//!
//! Forms are checked here before anything is sent to the registry, in the browser while somebody types and again on the
//! server; each rule that is broken is a [`Flaw`], which names the field and says what to do. What the registry says
//! afterwards reaches our records through [`event`] alone, and whether a message may leave is decided by [`clearance`].
//!
//! Names on the wire (`PRIVATE_PROFIT`, `messageFlow`, …) are those of the registry's API, version 2.

mod word;

pub mod address;
pub mod attention;
pub mod brand;
pub mod campaign;
pub mod carrier;
pub mod clearance;
pub mod content;
#[cfg(feature = "time")]
pub mod day;
pub mod event;
pub mod flaw;
pub mod ids;
pub mod keywords;
pub mod kinds;
#[cfg(feature = "time")]
pub mod ledger;
pub mod life;
pub mod limits;
pub mod phase;
pub mod staff;
pub mod tax;
pub mod throughput;
pub mod use_case;

pub use self::{
    attention::Urgency,
    brand::{BrandDetails, BrandForm},
    campaign::TenDlcCampaign,
    carrier::{Carrier, CarrierStatus},
    flaw::{Flaw, Rule},
    ids::{PartnerId, RegistryBrandId, RegistryCampaignId},
    kinds::{BrandStatus, EntityType, IdentityStatus, Relationship, Vertical, VettingStatus},
    life::{RegistryStatus, SharingState},
    phase::{BrandPhase, CampaignPhase},
    staff::Visible,
    use_case::UseCase,
};

#[cfg(test)]
mod tests;
