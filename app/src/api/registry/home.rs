//! The home of a workspace's 10DLC: what there is, and what needs attention.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::{
    attention::Matter,
    rows::{BrandRow, CampaignRow, RowsPage},
};
use crate::{error::AppError, state::moment::Moment};

/// Rows of a page of each list.
pub const PAGE_ROWS: u32 = 20;

/// The registry does not answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OutageView {
    pub since: Moment,
    pub why: String,
}

/// How much there is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HomeCounts {
    /// That are not deleted.
    pub brands: u64,
    pub ready_brands: u64,
    /// That have not expired.
    pub campaigns: u64,
    pub active_campaigns: u64,
    /// Numbers that are in a 10DLC campaign.
    pub numbers: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HomeView {
    pub counts: HomeCounts,
    pub matters: RowsPage<Matter>,
    /// Newest first; those that were deleted, too.
    pub brands: RowsPage<BrandRow>,
    pub campaigns: RowsPage<CampaignRow>,
    pub outage: Option<OutageView>,
}

/// Brands, 10DLC campaigns and numbers of the workspace: a page of each list, from 1; 0 is the first, too.
#[server]
pub async fn registry_home(
    slug: String,
    #[server(default)] matters: u32,
    #[server(default)] brands: u32,
    #[server(default)] campaigns: u32,
) -> Result<HomeView, AppError> {
    use store::tendlc::{Slice, action};

    use super::rows::{Places, brand_rows, campaign_rows};

    let services = crate::api::context::services()?;
    let desk = super::desk(&slug).await?;
    let sight = desk.may::<action::Read>()?.sight();
    let places = Places::new([desk.workspace()]);
    let page = |page| Slice::page(page, PAGE_ROWS);
    let listed = store::tendlc::brands::page(&sight, &Default::default(), page(brands)).await?;
    let brands = brand_rows(&sight, &places, listed).await?;
    let listed = store::tendlc::campaigns::page(&sight, &Default::default(), page(campaigns)).await?;
    let campaigns = campaign_rows(&sight, &places, listed).await?;
    Ok(HomeView {
        counts: HomeCounts::of(&sight).await?,
        matters: super::attention::matters(&sight, &places, None, desk.now_ms(), page(matters)).await?,
        brands,
        campaigns,
        outage: outage(&services, &desk.workspace().time_zone),
    })
}

#[cfg(feature = "ssr")]
impl HomeCounts {
    async fn of(sight: &store::tendlc::Sight) -> Result<Self, AppError> {
        use domain::tendlc::{BrandPhase, CampaignPhase};
        use store::tendlc::{brands, campaigns, numbers};

        let (brands, campaigns) = (brands::phases(sight).await?, campaigns::phases(sight).await?);
        let but = |total: u64, gone: Option<&u64>| total.saturating_sub(gone.copied().unwrap_or_default());
        Ok(Self {
            brands: but(brands.values().sum(), brands.get(&BrandPhase::Deleted)),
            ready_brands: brands.get(&BrandPhase::Ready).copied().unwrap_or_default(),
            campaigns: but(campaigns.values().sum(), campaigns.get(&CampaignPhase::Expired)),
            active_campaigns: campaigns.iter().filter(|(phase, _)| phase.sends()).map(|(_, count)| count).sum(),
            numbers: numbers::total(sight).await?,
        })
    }
}

#[cfg(feature = "ssr")]
pub(super) fn outage(services: &crate::api::context::Services, zone: &str) -> Option<OutageView> {
    let outage = services.registrations.outage()?;
    Some(OutageView { since: Moment::in_zone(zone, outage.since_ms), why: crate::error::sentence(&outage.why) })
}
