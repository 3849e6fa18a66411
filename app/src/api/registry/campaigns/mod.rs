//! A 10DLC campaign as its page shows it, and what is done with it there.

#[cfg(feature = "ssr")]
mod convert;
#[cfg(feature = "ssr")]
mod steps;
pub mod wizard;

use domain::tendlc::{
    CampaignPhase, CarrierStatus, SharingState, TenDlcCampaign, kinds::RejectionCategory, throughput::Allowance,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{numbers::NumberRow, rows::RowsPage};
use crate::{error::AppError, state::moment::Moment};

/// What a carrier thinks of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CarrierRow {
    pub id: u32,
    pub name: String,
    /// None: it has not seen it yet.
    pub status: Option<CarrierStatus>,
    /// Of which moment this is.
    pub as_of: Option<Moment>,
    pub rejection: Option<RejectionView>,
}

/// Why a carrier rejected or suspended it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RejectionView {
    pub category: RejectionCategory,
    /// The carrier's words.
    pub reason: String,
}

/// The partner upstream that carries its messages, and what they say to it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SharingView {
    /// By its id at the registry.
    pub partner: String,
    /// None: not shared yet.
    pub status: Option<SharingState>,
    /// Why the registry did not share it.
    pub refusal: Option<String>,
    /// The partner's words.
    pub reason: Option<String>,
    /// It can be shared once more now.
    pub again: bool,
}

/// Something that the registry has still to be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Waiting {
    Change,
    Resubmit,
    Share,
    Deactivate,
}

impl Waiting {
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Change => "the change",
            Self::Resubmit => "the resubmission",
            Self::Share => "the partner to share it with",
            Self::Deactivate => "the end of it",
        }
    }
}

/// Segments that were sent since midnight Pacific time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TodayView {
    pub campaign_segments: u32,
    /// Of all 10DLC campaigns of the brand.
    pub brand_segments: u32,
    /// When the day of carriers ends.
    pub ends: Moment,
}

/// A 10DLC campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TenDlcView {
    pub id: String,
    /// It has no name of its own: `Marketing for Acme`.
    pub title: String,
    pub brand_id: String,
    pub brand: String,
    pub score: Option<u8>,
    /// The registry's id.
    pub registry_id: Option<String>,
    pub phase: CampaignPhase,
    /// None: this installation shares it with nobody.
    pub sharing: Option<SharingView>,
    pub carriers: Vec<CarrierRow>,
    pub form: TenDlcCampaign,
    /// Something of a registered one was changed in the wizard, and is not handed in yet.
    pub edited: bool,
    /// Why the registry refused what it was told last.
    pub refusal: Option<String>,
    pub waiting: Vec<Waiting>,
    pub allowance: Allowance,
    pub today: TodayView,
    pub created_by: String,
    pub created: Moment,
    /// When the registry was asked last.
    pub synced: Option<Moment>,
    /// Those that are in it, then those that were.
    pub numbers: RowsPage<NumberRow>,
    /// How many are in it.
    pub members: u64,
    /// Some of the workspace's own that are in none, and how many there are.
    pub free: Vec<String>,
    pub free_in_all: u64,
    pub revision: u64,
}

impl TenDlcView {
    #[must_use]
    pub fn is_at(&self, status: CarrierStatus) -> bool {
        self.carriers.iter().any(|row| row.status == Some(status))
    }

    /// Whether the registry has it, and it is not over.
    #[must_use]
    pub const fn is_registered(&self) -> bool {
        !matches!(self.phase, CampaignPhase::Draft | CampaignPhase::OnItsWay | CampaignPhase::Expired)
    }

    /// Whether anything of it can be changed now.
    #[must_use]
    pub fn is_open(&self) -> bool {
        let open = !matches!(self.phase, CampaignPhase::OnItsWay | CampaignPhase::Expired);
        open && !self.waiting.contains(&Waiting::Deactivate)
    }
}

/// A record of what happened to it. Where somebody came from is in the audit log, for those who may read it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryRow {
    pub at: Moment,
    pub action: String,
    pub who: String,
    pub changes: Vec<domain::audit::Change>,
    pub note: Option<String>,
}

/// A 10DLC campaign of the workspace, with a page of its numbers, from 1; 0 is the first, too.
#[server]
pub async fn tendlc_campaign(slug: String, id: String, #[server(default)] page: u32) -> Result<TenDlcView, AppError> {
    let services = crate::api::context::services()?;
    let desk = super::desk(&slug).await?;
    Box::pin(convert::view(&services, &desk, campaign_id(&id)?, page)).await
}

/// What happened to it, newest first.
#[server]
pub async fn tendlc_campaign_history(slug: String, id: String) -> Result<Vec<HistoryRow>, AppError> {
    let desk = super::desk(&slug).await?;
    let proof = desk.may::<store::tendlc::action::Read>()?;
    let campaign = store::tendlc::campaigns::find(&desk, campaign_id(&id)?).await?;
    let records = store::tendlc::history(&proof, &campaign.id).await?;
    Ok(records.into_iter().map(|record| convert::history(&desk, record)).collect())
}

/// Asks the registry and the carriers now.
#[server]
pub async fn sync_tendlc(slug: String, id: String) -> Result<(), AppError> {
    let services = crate::api::context::services()?;
    let proof = super::desk(&slug).await?.may::<store::tendlc::action::Campaigns>()?;
    services.registrations.sync_campaign(&proof, campaign_id(&id)?).await?;
    Ok(())
}

/// Has the carriers that rejected it look again.
#[server]
pub async fn resubmit_tendlc(slug: String, id: String) -> Result<(), AppError> {
    let services = crate::api::context::services()?;
    let proof = super::desk(&slug).await?.may::<store::tendlc::action::Campaigns>()?;
    services.registrations.resubmit_campaign(&proof, campaign_id(&id)?).await?;
    Ok(())
}

/// Has it shared with the partner upstream once more.
#[server]
pub async fn share_tendlc(slug: String, id: String) -> Result<(), AppError> {
    let services = crate::api::context::services()?;
    let proof = super::desk(&slug).await?.may::<store::tendlc::action::Campaigns>()?;
    Box::pin(services.registrations.share_campaign(&proof, campaign_id(&id)?)).await?;
    Ok(())
}

/// Deactivates it at the registry, for good. One that the registry never had is gone.
#[server]
pub async fn deactivate_tendlc(slug: String, id: String) -> Result<(), AppError> {
    let services = crate::api::context::services()?;
    let proof = super::desk(&slug).await?.may::<store::tendlc::action::Campaigns>()?;
    let left = Box::pin(services.registrations.deactivate_campaign(&proof, campaign_id(&id)?)).await?;
    if left.is_none() {
        leptos_axum::redirect(&format!("/w/{}/registry", proof.workspace().slug));
    }
    Ok(())
}

#[cfg(feature = "ssr")]
pub(super) use self::convert::titles;

#[cfg(feature = "ssr")]
pub(super) fn campaign_id(id: &str) -> Result<domain::id::TenDlcCampaignId, AppError> {
    id.parse().map_err(|_| AppError::NotFound)
}
