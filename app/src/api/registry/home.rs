//! The home of a workspace's 10DLC: what there is, and what needs attention.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    attention::Matter,
    rows::{BrandRow, CampaignRow},
};
use crate::{error::AppError, state::moment::Moment};

/// The registry does not answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutageView {
    pub since: Moment,
    pub why: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HomeView {
    /// Newest first; those that were deleted, too.
    pub brands: Vec<BrandRow>,
    pub campaigns: Vec<CampaignRow>,
    /// Numbers that are in a 10DLC campaign.
    pub numbers: u32,
    pub matters: Vec<Matter>,
    pub outage: Option<OutageView>,
}

/// Brands, 10DLC campaigns and numbers of the workspace.
#[server]
pub async fn registry_home(slug: String) -> Result<HomeView, AppError> {
    use store::tendlc::action;

    let services = crate::api::context::services()?;
    let desk = super::desk(&slug).await?;
    let sight = desk.may::<action::Read>()?.sight();
    let lists = super::rows::Lists::load(&sight, [desk.workspace()]).await?;
    Ok(HomeView {
        brands: lists.brands.iter().map(|brand| lists.brand(brand)).collect(),
        campaigns: lists.campaigns.iter().map(|campaign| lists.campaign(campaign)).collect(),
        numbers: lists.numbers.iter().map(|tally| tally.count).sum(),
        matters: super::attention::matters(&lists, desk.now_ms()),
        outage: outage(&services, &desk.workspace().time_zone),
    })
}

#[cfg(feature = "ssr")]
pub(super) fn outage(services: &crate::api::context::Services, zone: &str) -> Option<OutageView> {
    let outage = services.registrations.outage()?;
    Some(OutageView { since: Moment::in_zone(zone, outage.since_ms), why: crate::error::sentence(&outage.why) })
}
