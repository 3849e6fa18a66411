//! What staff and super admins see over several workspaces, and who is staff.

use domain::tendlc::{BrandPhase, CampaignPhase, staff::StaffRole};
use leptos::{prelude::*, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

use super::{
    attention::Matter,
    home::OutageView,
    rows::{BrandRow, CampaignRow, Place, RowsPage},
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
    pub brands: u64,
    pub campaigns: u64,
    pub matters: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum RegistryRows {
    Attention(RowsPage<Matter>),
    Brands(RowsPage<BrandRow>),
    Campaigns(RowsPage<CampaignRow>),
    Workspaces(RowsPage<WorkspaceRow>),
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegistryList {
    /// All that are seen, by name.
    pub workspaces: Vec<Place>,
    pub rows: RegistryRows,
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
    // One that is named and not seen is refused here.
    let sight = registrar.sight(named).await?;
    let workspaces = registrar.workspaces().await?;
    Ok(RegistryList {
        rows: Box::pin(pick::rows(&query, &sight, &workspaces, services.gate.now_ms())).await?,
        workspaces: workspaces.iter().map(|(workspace, _)| Place::from(workspace)).collect(),
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
        workspaces: open.map(|(workspace, _)| Place::from(&workspace)).collect(),
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

    use domain::{
        id::WorkspaceId,
        tendlc::{BrandPhase, CampaignPhase, staff::StaffRole},
        workspace::Workspace,
    };
    use store::tendlc::{Search, Sight, Slice, attention, brands, campaigns};

    use super::{PAGE_ROWS, RegistryPart, RegistryQuery, RegistryRows, WorkspaceRow};
    use crate::{
        api::registry::{
            attention::matters,
            rows::{Place, Places, RowsPage, brand_rows, campaign_rows},
        },
        error::AppError,
    };

    /// The page that a query asks for. `workspaces`: all that are seen.
    pub(super) async fn rows(
        query: &RegistryQuery,
        sight: &Sight,
        workspaces: &[(Workspace, Option<StaffRole>)],
        now_ms: i64,
    ) -> Result<RegistryRows, AppError> {
        let places = Places::new(workspaces.iter().map(|(workspace, _)| workspace));
        let found = workspaces.iter().filter(|(workspace, _)| is_found(query, workspace));
        let search = Search::new(&query.search, found.map(|(workspace, _)| workspace.id));
        let slice = Slice::page(query.page, PAGE_ROWS);
        Ok(match query.part {
            RegistryPart::Attention => {
                RegistryRows::Attention(matters(sight, &places, search.as_ref(), now_ms, slice).await?)
            }
            RegistryPart::Brands => {
                let phases = BrandPhase::from_word(&query.status).into_iter().collect();
                let listed = brands::page(sight, &brands::Filter { phases, search }, slice).await?;
                RegistryRows::Brands(brand_rows(sight, &places, listed).await?)
            }
            RegistryPart::Campaigns => {
                let phases = CampaignPhase::from_word(&query.status).into_iter().collect();
                let filter = campaigns::Filter { phases, brand: None, search };
                let listed = campaigns::page(sight, &filter, slice).await?;
                RegistryRows::Campaigns(campaign_rows(sight, &places, listed).await?)
            }
            RegistryPart::Workspaces => {
                RegistryRows::Workspaces(of_workspaces(query, sight, workspaces, now_ms).await?)
            }
        })
    }

    fn is_found(query: &RegistryQuery, workspace: &Workspace) -> bool {
        let search = query.search.trim().to_lowercase();
        [workspace.display_name.as_str(), workspace.slug.as_str()]
            .iter()
            .any(|text| text.to_lowercase().contains(&search))
    }

    /// How much there is in each is counted for those of the page alone.
    async fn of_workspaces(
        query: &RegistryQuery,
        sight: &Sight,
        workspaces: &[(Workspace, Option<StaffRole>)],
        now_ms: i64,
    ) -> Result<RowsPage<WorkspaceRow>, AppError> {
        let named = query.workspace.trim();
        let fits = |(workspace, _): &&(Workspace, Option<StaffRole>)| {
            (named.is_empty() || workspace.slug.as_str() == named) && is_found(query, workspace)
        };
        let all: Vec<_> = workspaces.iter().filter(fits).collect();
        let total = u32::try_from(all.len()).unwrap_or(u32::MAX);
        let pages = total.div_ceil(PAGE_ROWS).max(1);
        let page = query.page.clamp(1, pages);
        let shown: Vec<_> = all.into_iter().skip(((page - 1) * PAGE_ROWS) as usize).take(PAGE_ROWS as usize).collect();
        let sight = sight.of(shown.iter().map(|(workspace, _)| workspace.id));
        let by_workspace = |counts: Vec<(WorkspaceId, u64)>| counts.into_iter().collect::<HashMap<_, _>>();
        let brands = by_workspace(brands::by_workspace(&sight).await?);
        let campaigns = by_workspace(campaigns::by_workspace(&sight).await?);
        let matters = by_workspace(attention::counts(&sight, now_ms).await?);
        let count = |of: &HashMap<WorkspaceId, u64>, id| of.get(&id).copied().unwrap_or_default();
        let row = |(workspace, role): &(Workspace, Option<StaffRole>)| WorkspaceRow {
            place: Place::from(workspace),
            role: *role,
            archived: workspace.archived_at_ms.is_some(),
            brands: count(&brands, workspace.id),
            campaigns: count(&campaigns, workspace.id),
            matters: count(&matters, workspace.id),
        };
        Ok(RowsPage { rows: shown.into_iter().map(row).collect(), total: total.into(), page, pages })
    }
}
