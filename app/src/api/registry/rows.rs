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
    pub campaigns: u32,
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
    pub numbers: u32,
    pub created: Moment,
}

#[cfg(feature = "ssr")]
pub(crate) use self::make::Lists;

#[cfg(feature = "ssr")]
mod make {
    use std::collections::{BTreeMap, HashMap};

    use domain::{
        id::{BrandId, TenDlcCampaignId, WorkspaceId},
        workspace::Workspace,
    };
    use store::tendlc::{Brand, Sight, TenDlc, brands, campaigns, numbers, numbers::Tally};

    use super::{BrandRow, CampaignRow, Moment, Place};
    use crate::error::AppError;

    const ABOUT_CHARACTERS: usize = 90;

    /// The brands and 10DLC campaigns of the workspaces that are seen, with what ties them together.
    pub(crate) struct Lists {
        pub brands: Vec<Brand>,
        pub campaigns: Vec<TenDlc>,
        /// How many numbers are where.
        pub numbers: Vec<Tally>,
        names: HashMap<BrandId, String>,
        /// 10DLC campaigns that the registry has, or may have.
        live: HashMap<BrandId, u32>,
        members: HashMap<TenDlcCampaignId, u32>,
        places: BTreeMap<WorkspaceId, (Place, String)>,
    }

    impl Lists {
        /// `workspaces`: those that are seen, for their names and zones.
        pub(crate) async fn load<'a>(
            sight: &Sight,
            workspaces: impl IntoIterator<Item = &'a Workspace>,
        ) -> Result<Self, AppError> {
            let places = workspaces.into_iter().map(|workspace| {
                let place = Place { slug: workspace.slug.to_string(), name: workspace.display_name.clone() };
                (workspace.id, (place, workspace.time_zone.clone()))
            });
            let places: BTreeMap<_, _> = places.collect();
            let (mut brands, mut campaigns) = (brands::list(sight).await?, campaigns::list(sight).await?);
            let mut numbers = numbers::tally(sight).await?;
            // What was made in a workspace that is just being removed, or was founded a moment ago.
            brands.retain(|brand| places.contains_key(&brand.workspace));
            campaigns.retain(|campaign| places.contains_key(&campaign.workspace));
            numbers.retain(|number| places.contains_key(&number.workspace));
            let name = |brand: &Brand| (brand.id, brand.details.display_name.clone());
            let names = brands.iter().map(name).collect();
            let (mut live, mut members) = (HashMap::new(), HashMap::new());
            for campaign in campaigns.iter().filter(|campaign| campaign.is_live()) {
                *live.entry(campaign.brand).or_default() += 1;
            }
            for tally in &numbers {
                *members.entry(tally.campaign).or_default() += tally.count;
            }
            Ok(Self { brands, campaigns, numbers, names, live, members, places })
        }

        pub(crate) fn place(&self, workspace: WorkspaceId) -> Place {
            self.places
                .get(&workspace)
                .map(|(place, _)| place.clone())
                .unwrap_or(Place { slug: String::new(), name: String::new() })
        }

        pub(crate) fn moment(&self, workspace: WorkspaceId, at_ms: i64) -> Moment {
            Moment::in_zone(self.places.get(&workspace).map_or("UTC", |(_, zone)| zone), at_ms)
        }

        pub(crate) fn brand_name(&self, id: BrandId) -> String {
            self.names.get(&id).cloned().unwrap_or_default()
        }

        pub(crate) fn members(&self, id: TenDlcCampaignId) -> u32 {
            self.members.get(&id).copied().unwrap_or_default()
        }

        pub(crate) fn brand(&self, brand: &Brand) -> BrandRow {
            BrandRow {
                id: brand.id.to_string(),
                place: self.place(brand.workspace),
                name: brand.details.display_name.clone(),
                entity_type: brand.details.entity_type,
                phase: brand.phase(),
                score: brand.score(),
                registry_id: brand.registration.id().map(|id| id.to_string()),
                campaigns: self.live.get(&brand.id).copied().unwrap_or_default(),
                created: self.moment(brand.workspace, brand.created_at_ms),
            }
        }

        pub(crate) fn campaign(&self, campaign: &TenDlc) -> CampaignRow {
            CampaignRow {
                id: campaign.id.to_string(),
                place: self.place(campaign.workspace),
                use_case: campaign.form.use_case,
                about: beginning(&campaign.form.description),
                brand: self.brand_name(campaign.brand),
                phase: campaign.phase(),
                registry_id: campaign.registration.id().map(|id| id.to_string()),
                numbers: self.members(campaign.id),
                created: self.moment(campaign.workspace, campaign.created_at_ms),
            }
        }
    }

    fn beginning(text: &str) -> String {
        if text.chars().count() <= ABOUT_CHARACTERS {
            return text.to_owned();
        }
        format!("{}…", text.chars().take(ABOUT_CHARACTERS).collect::<String>().trim_end())
    }
}
