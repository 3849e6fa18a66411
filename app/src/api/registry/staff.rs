//! What staff and super admins see over several workspaces, and who is staff.

use domain::tendlc::{BrandPhase, CampaignPhase, staff::StaffRole};
use leptos::{prelude::*, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

use super::{
    attention::Matter,
    home::OutageView,
    rows::{BrandRow, CampaignRow, Place},
};
use crate::{error::AppError, state::moment::Moment};

/// Rows of a page.
pub const PAGE_ROWS: u32 = 50;

/// What is listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RegistryPart {
    #[default]
    Attention,
    Brands,
    Campaigns,
    Workspaces,
}

/// The query of the address of the list; what is empty is left open.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RegistryQuery {
    pub part: RegistryPart,
    /// The address of one workspace.
    pub workspace: String,
    /// The word of a [`BrandPhase`] or [`CampaignPhase`].
    pub status: String,
    pub search: String,
    /// From 1; 0 is the first, too.
    pub page: u32,
}

impl RegistryQuery {
    #[must_use]
    pub fn narrows(&self) -> bool {
        !self.workspace.is_empty() || !self.status.is_empty() || !self.search.is_empty()
    }
}

/// A workspace as the list of workspaces shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspaceRow {
    pub place: Place,
    /// What the person is there as staff.
    pub role: Option<StaffRole>,
    pub archived: bool,
    pub brands: u32,
    pub campaigns: u32,
    pub matters: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RegistryRows {
    Attention(Vec<Matter>),
    Brands(Vec<BrandRow>),
    Campaigns(Vec<CampaignRow>),
    Workspaces(Vec<WorkspaceRow>),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistryList {
    /// All that are seen, by name.
    pub workspaces: Vec<Place>,
    /// How much needs attention in all of them.
    pub matters: u32,
    pub rows: RegistryRows,
    pub total: u32,
    pub page: u32,
    pub pages: u32,
    pub connected: bool,
    pub outage: Option<OutageView>,
}

/// Brands, 10DLC campaigns and what needs attention in the workspaces that somebody sees. Whoever has to do with none finds
/// nothing.
#[server(input = Json)]
pub async fn registry_overview(query: RegistryQuery) -> Result<RegistryList, AppError> {
    use domain::tendlc::Visible;

    let services = crate::api::context::services()?;
    let session = crate::api::context::session().await?;
    let registrar = services.gate.registrar(&session).await?;
    if *registrar.visible() == Visible::None {
        return Err(AppError::NotFound);
    }
    let named = Some(query.workspace.trim()).filter(|slug| !slug.is_empty());
    // First whether the one that is named is seen at all.
    registrar.sight(named).await?;
    let workspaces = registrar.workspaces().await?;
    let seen = workspaces.iter().map(|(workspace, _)| workspace);
    let lists = super::rows::Lists::load(&registrar.sight(None).await?, seen).await?;
    let now_ms = services.gate.now_ms();
    let matters = super::attention::matters(&lists, now_ms);
    let (rows, total) = pick::rows(&query, &workspaces, &lists, &matters);
    Ok(RegistryList {
        workspaces: workspaces
            .iter()
            .map(|(workspace, _)| Place { slug: workspace.slug.to_string(), name: workspace.display_name.clone() })
            .collect(),
        matters: u32::try_from(matters.len()).unwrap_or(u32::MAX),
        rows,
        total,
        page: pick::clamped(&query, total),
        pages: total.div_ceil(PAGE_ROWS).max(1),
        connected: services.registrations.is_on(),
        outage: super::home::outage(&services, "UTC"),
    })
}

/// The query of the address of the list of staff.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct StaffQuery {
    /// Part of a name, an address or a workspace.
    pub search: String,
    pub role: Option<StaffRole>,
}

/// That a workspace is assigned to somebody.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GrantRow {
    pub user: String,
    pub name: String,
    pub email: String,
    pub place: Place,
    pub role: StaffRole,
    pub since: Moment,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct StaffView {
    /// By person and workspace.
    pub rows: Vec<GrantRow>,
    /// Those that could be assigned: what is not archived.
    pub workspaces: Vec<Place>,
}

/// Who is staff, and of which workspaces.
#[server(input = Json)]
pub async fn staff_grants(query: StaffQuery) -> Result<StaffView, AppError> {
    let services = crate::api::context::services()?;
    let ruler = crate::api::context::rule().await?;
    let registrar = services.gate.registrar(ruler.session()).await?;
    let search = query.search.trim().to_lowercase();
    let grants = store::tendlc::staff::all(&ruler).await?;
    let rows = grants.into_iter().map(|grant| GrantRow {
        user: grant.user.id.to_string(),
        since: Moment::in_zone(&grant.workspace.time_zone, grant.assignment.assigned_at_ms),
        place: Place { slug: grant.workspace.slug.to_string(), name: grant.workspace.display_name },
        role: grant.assignment.role,
        name: grant.user.name,
        email: grant.user.email,
    });
    let fits = |row: &GrantRow| {
        let texts = [&row.name, &row.email, &row.place.name, &row.place.slug];
        query.role.is_none_or(|role| row.role == role) && texts.iter().any(|text| text.to_lowercase().contains(&search))
    };
    let workspaces = registrar.workspaces().await?;
    let open = workspaces.into_iter().filter(|(workspace, _)| workspace.archived_at_ms.is_none());
    Ok(StaffView {
        rows: rows.filter(fits).collect(),
        workspaces: open
            .map(|(workspace, _)| Place { slug: workspace.slug.to_string(), name: workspace.display_name })
            .collect(),
    })
}

/// Assigns workspaces to somebody, or changes in which role they have them.
#[server]
pub async fn assign_staff(
    email: String,
    role: StaffRole,
    #[server(default)] workspaces: Vec<String>,
) -> Result<(), AppError> {
    let ruler = crate::api::context::rule().await?;
    let slugs = workspaces.iter().map(|slug| domain::slug::Slug::parse(slug).map_err(|_| AppError::NotFound));
    let slugs = slugs.collect::<Result<Vec<_>, _>>()?;
    if slugs.is_empty() {
        return Err(AppError::field("workspaces", "Choose at least one workspace."));
    }
    for slug in &slugs {
        store::tendlc::staff::assign(&ruler, slug, &email, role).await?;
    }
    Ok(())
}

/// Takes a workspace from somebody; they see nothing of it from their next request on.
#[server]
pub async fn unassign_staff(email: String, workspace: String) -> Result<(), AppError> {
    let (ruler, slug) = crate::api::context::rule_over(&workspace).await?;
    store::tendlc::staff::unassign(&ruler, &slug, &email).await?;
    Ok(())
}

/// The statuses by which a part of the list can be narrowed: words and labels.
#[must_use]
pub fn statuses(part: RegistryPart) -> Vec<(&'static str, &'static str)> {
    match part {
        RegistryPart::Brands => BrandPhase::ALL.iter().map(|phase| (phase.word(), phase.label())).collect(),
        RegistryPart::Campaigns => CampaignPhase::ALL.iter().map(|phase| (phase.word(), phase.label())).collect(),
        RegistryPart::Attention | RegistryPart::Workspaces => Vec::new(),
    }
}

#[cfg(feature = "ssr")]
mod pick {
    use std::collections::HashMap;

    use domain::{id::WorkspaceId, tendlc::staff::StaffRole, workspace::Workspace};

    use super::{Matter, PAGE_ROWS, RegistryPart, RegistryQuery, RegistryRows, WorkspaceRow};
    use crate::api::registry::rows::{Lists, Place};

    /// What a query asks for, a page of it, and how much there is in all.
    pub(super) fn rows(
        query: &RegistryQuery,
        workspaces: &[(Workspace, Option<StaffRole>)],
        lists: &Lists,
        matters: &[Matter],
    ) -> (RegistryRows, u32) {
        match query.part {
            RegistryPart::Attention => {
                let fits = |matter: &Matter| found(query, &matter.place, "", &[&matter.what, &matter.text]);
                let (rows, total) = page(query, matters.iter().filter(|matter| fits(matter)).cloned());
                (RegistryRows::Attention(rows), total)
            }
            RegistryPart::Brands => {
                let all = lists.brands.iter().map(|brand| lists.brand(brand));
                let fits = all.filter(|row| {
                    let id = row.registry_id.as_deref().unwrap_or_default();
                    found(query, &row.place, row.phase.word(), &[&row.name, id])
                });
                let (rows, total) = page(query, fits);
                (RegistryRows::Brands(rows), total)
            }
            RegistryPart::Campaigns => {
                let all = lists.campaigns.iter().map(|campaign| lists.campaign(campaign));
                let fits = all.filter(|row| {
                    let id = row.registry_id.as_deref().unwrap_or_default();
                    found(query, &row.place, row.phase.word(), &[&row.brand, &row.about, row.use_case.label(), id])
                });
                let (rows, total) = page(query, fits);
                (RegistryRows::Campaigns(rows), total)
            }
            RegistryPart::Workspaces => {
                let counts = Counts::of(lists, matters);
                let all = workspaces.iter().map(|(workspace, role)| counts.row(workspace, *role, lists));
                let fits = all.filter(|row| found(query, &row.place, "", &[]));
                let (rows, total) = page(query, fits);
                (RegistryRows::Workspaces(rows), total)
            }
        }
    }

    fn found(query: &RegistryQuery, place: &Place, status: &str, texts: &[&str]) -> bool {
        let search = query.search.trim().to_lowercase();
        let workspace = query.workspace.trim();
        (workspace.is_empty() || place.slug == workspace)
            && (query.status.is_empty() || status.is_empty() || query.status == status)
            && [place.name.as_str(), place.slug.as_str()]
                .iter()
                .chain(texts)
                .any(|text| text.to_lowercase().contains(&search))
    }

    fn page<T>(query: &RegistryQuery, all: impl Iterator<Item = T>) -> (Vec<T>, u32) {
        let all: Vec<T> = all.collect();
        let total = u32::try_from(all.len()).unwrap_or(u32::MAX);
        let skipped = ((clamped(query, total) - 1) * PAGE_ROWS) as usize;
        (all.into_iter().skip(skipped).take(PAGE_ROWS as usize).collect(), total)
    }

    /// Behind the last page is the last page: something may be gone since its address was made.
    pub(super) fn clamped(query: &RegistryQuery, total: u32) -> u32 {
        query.page.clamp(1, total.div_ceil(PAGE_ROWS).max(1))
    }

    /// How much each workspace has, counted once for all of them.
    #[derive(Default)]
    struct Counts<'a> {
        brands: HashMap<WorkspaceId, u32>,
        campaigns: HashMap<WorkspaceId, u32>,
        matters: HashMap<&'a str, u32>,
    }

    impl<'a> Counts<'a> {
        fn of(lists: &Lists, matters: &'a [Matter]) -> Self {
            let mut counts = Self::default();
            for brand in lists.brands.iter().filter(|brand| brand.is_live()) {
                *counts.brands.entry(brand.workspace).or_default() += 1;
            }
            for campaign in lists.campaigns.iter().filter(|campaign| campaign.is_live()) {
                *counts.campaigns.entry(campaign.workspace).or_default() += 1;
            }
            for matter in matters {
                *counts.matters.entry(&matter.place.slug).or_default() += 1;
            }
            counts
        }

        fn row(&self, workspace: &Workspace, role: Option<StaffRole>, lists: &Lists) -> WorkspaceRow {
            let place = lists.place(workspace.id);
            WorkspaceRow {
                role,
                archived: workspace.archived_at_ms.is_some(),
                brands: self.brands.get(&workspace.id).copied().unwrap_or_default(),
                campaigns: self.campaigns.get(&workspace.id).copied().unwrap_or_default(),
                matters: self.matters.get(place.slug.as_str()).copied().unwrap_or_default(),
                place,
            }
        }
    }
}
