//! What is read across workspaces: all of them by super admins, the archive by those who belong to several.

use domain::campaign::{Mode, Status};
use leptos::{prelude::*, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

use super::campaigns::list::{CampaignRow, StatusGroup};
use crate::{error::AppError, state::moment::Moment};

/// Rows of a page.
pub const PAGE_ROWS: u32 = 50;

/// Which workspaces are listed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WorkspaceState {
    #[default]
    Active,
    Waiting,
    Archived,
}

impl WorkspaceState {
    pub const ALL: [Self; 3] = [Self::Active, Self::Waiting, Self::Archived];

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Waiting => "Something waits for a decision",
            Self::Archived => "Archived",
        }
    }
}

/// The query of the address of the list of workspaces.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct MasterQuery {
    #[serde(default)]
    pub state: WorkspaceState,
    #[serde(default)]
    pub search: String,
    /// So many come on earlier pages.
    #[serde(default)]
    pub skip: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MasterList {
    pub rows: Vec<WorkspaceRow>,
    /// On all pages.
    pub total: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspaceRow {
    pub slug: String,
    pub name: String,
    pub four_eyes: bool,
    pub members: u64,
    pub waiting: u64,
    /// In this month.
    pub campaigns: u64,
    pub messages: u64,
    pub segments: u64,
    /// When something was last done in it.
    pub active: Option<Moment>,
    pub created: Moment,
}

/// The query of the address of a list of campaigns of several workspaces.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcrossQuery {
    /// The address of one of them; empty: all.
    #[serde(default)]
    pub workspace: String,
    #[serde(default)]
    pub status: Option<Status>,
    /// Several statuses at once; `status` goes first.
    #[serde(default)]
    pub group: Option<StatusGroup>,
    #[serde(default)]
    pub mode: Option<Mode>,
    #[serde(default)]
    pub search: String,
    /// The last campaign of the page before.
    #[serde(default)]
    pub before: Option<String>,
}

/// Campaigns of several workspaces, newest first.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcrossList {
    pub rows: Vec<AcrossRow>,
    /// There is a page behind this one; it begins after this campaign.
    pub next: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcrossRow {
    pub slug: String,
    pub workspace: String,
    pub campaign: CampaignRow,
}

/// A page of all workspaces.
#[server(input = Json)]
pub async fn master_workspaces(query: MasterQuery) -> Result<MasterList, AppError> {
    use store::workspaces::master;

    let master = super::context::master().await?;
    let state = match query.state {
        WorkspaceState::Active => master::State::Active,
        WorkspaceState::Waiting => master::State::Waiting,
        WorkspaceState::Archived => master::State::Archived,
    };
    let filter = master::Filter { state, search: query.search, skip: query.skip };
    let list = master::list(&master, &filter, PAGE_ROWS).await?;
    Ok(MasterList { rows: list.rows.into_iter().map(row).collect(), total: list.total })
}

#[cfg(feature = "ssr")]
fn row(row: store::workspaces::master::Row) -> WorkspaceRow {
    let workspace = row.workspace;
    let zone = workspace.time_zone;
    WorkspaceRow {
        slug: workspace.slug.to_string(),
        name: workspace.display_name,
        four_eyes: workspace.four_eyes,
        members: row.members,
        waiting: row.waiting,
        campaigns: row.month.campaigns,
        messages: row.month.messages.sent,
        segments: row.month.segments.sent,
        active: row.active_at_ms.map(|at_ms| Moment::in_zone(&zone, at_ms)),
        created: Moment::in_zone(&zone, workspace.created_at_ms),
    }
}

/// A page of the campaigns of all workspaces.
#[server(input = Json)]
pub async fn master_campaigns(query: AcrossQuery) -> Result<AcrossList, AppError> {
    let master = super::context::master().await?;
    // A workspace that cannot be called so is none, as one that is not there.
    let only = match query.workspace.trim() {
        "" => None,
        slug => Some(domain::slug::Slug::parse(slug).map_err(|_| AppError::NotFound)?),
    };
    let page = store::workspaces::master::campaigns(&master, only.as_ref(), &filter(query)?, PAGE_ROWS).await?;
    Ok(across(page))
}

/// A page of the archived campaigns of all workspaces of which the person is a member.
#[server(input = Json)]
pub async fn archive(query: AcrossQuery) -> Result<AcrossList, AppError> {
    let services = super::context::services()?;
    let session = super::context::session().await?;
    let filter = filter(query)?;
    let page = store::workspaces::master::archived_campaigns(&services.gate, &session, &filter, PAGE_ROWS).await?;
    Ok(across(page))
}

#[cfg(feature = "ssr")]
fn filter(query: AcrossQuery) -> Result<store::campaigns::Filter, AppError> {
    Ok(store::campaigns::Filter {
        statuses: super::campaigns::list::statuses(query.status, query.group),
        mode: query.mode,
        search: Some(query.search),
        before: query.before.as_deref().map(super::campaigns::campaign_id).transpose()?,
        ..store::campaigns::Filter::default()
    })
}

#[cfg(feature = "ssr")]
fn across(page: store::workspaces::master::PlacedPage) -> AcrossList {
    let rows = page.campaigns.into_iter().map(|placed| AcrossRow {
        slug: placed.workspace.slug.to_string(),
        workspace: placed.workspace.display_name,
        campaign: super::campaigns::list::row(&placed.workspace.time_zone, false, placed.campaign),
    });
    AcrossList { rows: rows.collect(), next: page.next.map(|id| id.to_string()) }
}
