//! Brands and 10DLC campaigns as lists show them.

use domain::tendlc::{BrandPhase, CampaignPhase, EntityType, UseCase};
use serde::{Deserialize, Serialize};

use crate::state::moment::Moment;

/// A workspace whose 10DLC is listed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub slug: String,
    pub name: String,
}

impl Place {
    /// An address below the home of its 10DLC, such as `/brands/new`.
    #[must_use]
    pub fn path(&self, rest: &str) -> String {
        format!("/w/{}/registry{rest}", self.slug)
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrandRow {
    pub id: String,
    pub place: Place,
    pub name: String,
    pub entity_type: EntityType,
    pub phase: BrandPhase,
    /// Of a vetting that is in force.
    pub score: Option<u8>,
    /// The registry's id of it.
    pub registry_id: Option<String>,
    /// 10DLC campaigns that the registry has, or may have.
    pub campaigns: u64,
    pub created: Moment,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignRow {
    pub id: String,
    pub place: Place,
    pub use_case: UseCase,
    /// How its description begins.
    pub about: String,
    pub brand: String,
    pub phase: CampaignPhase,
    pub registry_id: Option<String>,
    /// Numbers that are in it.
    pub numbers: u64,
    pub created: Moment,
}

/// A part of a list of brands or 10DLC campaigns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RowsPage<T> {
    pub rows: Vec<T>,
    pub total: u64,
    /// From 1.
    pub page: u32,
    /// 1 at least.
    pub pages: u32,
}

#[cfg(feature = "ssr")]
pub(crate) use self::make::{Places, brand_rows, brands_of, campaign_rows};

#[cfg(feature = "ssr")]
mod make {
    use std::collections::BTreeMap;

    use domain::{
        id::{BrandId, WorkspaceId},
        workspace::Workspace,
    };
    use store::tendlc::{Brand, Listed, Sight, TenDlc, brands, campaigns, numbers};

    use super::{BrandRow, CampaignRow, Moment, Place, RowsPage};
    use crate::error::AppError;

    const ABOUT_CHARACTERS: usize = 90;

    impl From<&Workspace> for Place {
        fn from(workspace: &Workspace) -> Self {
            Self { slug: workspace.slug.to_string(), name: workspace.display_name.clone() }
        }
    }

    /// The workspaces whose rows are shown, for their names and zones.
    pub(crate) struct Places(BTreeMap<WorkspaceId, (Place, String)>);

    impl Places {
        pub(crate) fn new<'a>(workspaces: impl IntoIterator<Item = &'a Workspace>) -> Self {
            let place = |workspace: &Workspace| (workspace.id, (Place::from(workspace), workspace.time_zone.clone()));
            Self(workspaces.into_iter().map(place).collect())
        }

        /// None: it is just being removed, or was founded a moment ago.
        pub(crate) fn get(&self, workspace: WorkspaceId) -> Option<(&Place, &str)> {
            self.0.get(&workspace).map(|(place, zone)| (place, zone.as_str()))
        }
    }

    impl<T> RowsPage<T> {
        /// Rows that stand for what is listed.
        pub(crate) fn of<K>(listed: &Listed<K>, rows: Vec<T>) -> Self {
            Self { rows, total: listed.total, page: listed.page(), pages: listed.pages() }
        }
    }

    pub(crate) async fn brand_rows(
        sight: &Sight,
        places: &Places,
        listed: Listed<Brand>,
    ) -> Result<RowsPage<BrandRow>, AppError> {
        let here = sight.of(listed.items.iter().map(|brand| brand.workspace));
        let ids: Vec<_> = listed.items.iter().map(|brand| brand.id).collect();
        let live = campaigns::by_brand(&here, ids).await?;
        let row = |brand: &Brand| {
            let (place, zone) = places.get(brand.workspace)?;
            Some(BrandRow {
                id: brand.id.to_string(),
                place: place.clone(),
                name: brand.details.display_name.clone(),
                entity_type: brand.details.entity_type,
                phase: brand.phase(),
                score: brand.score(),
                registry_id: brand.registration.id().map(|id| id.to_string()),
                campaigns: live.get(&(brand.workspace, brand.id)).copied().unwrap_or_default(),
                created: Moment::in_zone(zone, brand.created_at_ms),
            })
        };
        Ok(RowsPage::of(&listed, listed.items.iter().filter_map(row).collect()))
    }

    pub(crate) async fn campaign_rows(
        sight: &Sight,
        places: &Places,
        listed: Listed<TenDlc>,
    ) -> Result<RowsPage<CampaignRow>, AppError> {
        let here = sight.of(listed.items.iter().map(|campaign| campaign.workspace));
        let brands = brands_of(&here, &listed.items.iter().collect::<Vec<_>>()).await?;
        let ids: Vec<_> = listed.items.iter().map(|campaign| campaign.id).collect();
        let members = numbers::by_campaign(&here, ids).await?;
        let row = |campaign: &TenDlc| {
            let (place, zone) = places.get(campaign.workspace)?;
            let brand = brands.get(&(campaign.workspace, campaign.brand));
            Some(CampaignRow {
                id: campaign.id.to_string(),
                place: place.clone(),
                use_case: campaign.form.use_case,
                about: beginning(&campaign.form.description),
                brand: brand.map(|brand| brand.details.display_name.clone()).unwrap_or_default(),
                phase: brand.map_or(campaign.phase(), |brand| campaign.phase().under(brand.phase())),
                registry_id: campaign.registration.id().map(|id| id.to_string()),
                numbers: members.get(&(campaign.workspace, campaign.id)).copied().unwrap_or_default(),
                created: Moment::in_zone(zone, campaign.created_at_ms),
            })
        };
        Ok(RowsPage::of(&listed, listed.items.iter().filter_map(row).collect()))
    }

    /// The brands of these 10DLC campaigns.
    pub(crate) async fn brands_of(
        sight: &Sight,
        campaigns: &[&TenDlc],
    ) -> Result<BTreeMap<(WorkspaceId, BrandId), Brand>, AppError> {
        let ids: Vec<_> = campaigns.iter().map(|campaign| (campaign.workspace, campaign.brand)).collect();
        let found = brands::many(sight, ids).await?;
        Ok(found.into_iter().map(|brand| ((brand.workspace, brand.id), brand)).collect())
    }

    fn beginning(text: &str) -> String {
        if text.chars().count() <= ABOUT_CHARACTERS {
            return text.to_owned();
        }
        format!("{}…", text.chars().take(ABOUT_CHARACTERS).collect::<String>().trim_end())
    }
}
