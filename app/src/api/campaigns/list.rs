//! The campaign list.

use domain::campaign::{Mode, PauseReason, Progress, Status};
use leptos::{prelude::*, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

use crate::{error::AppError, state::moment::Moment};

/// The query of the list's address.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListQuery {
    #[serde(default)]
    pub status: Option<Status>,
    /// Several statuses at once; `status` goes first.
    #[serde(default)]
    pub group: Option<StatusGroup>,
    #[serde(default)]
    pub mode: Option<Mode>,
    #[serde(default)]
    pub search: String,
    /// First day, `2026-11-20` in the workspace's zone; empty: from the beginning.
    #[serde(default)]
    pub from: String,
    /// Last day, itself included; empty: until now.
    #[serde(default)]
    pub to: String,
    #[serde(default)]
    pub sort: Sort,
    #[serde(default)]
    pub archived: bool,
    /// Newest first: the last campaign of the page before.
    #[serde(default)]
    pub before: Option<String>,
    /// The other orders: so many come on earlier pages.
    #[serde(default)]
    pub skip: u32,
}

/// The statuses that the overview counts as one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StatusGroup {
    Active,
    Unsuccessful,
}

impl StatusGroup {
    pub const ALL: [Self; 2] = [Self::Active, Self::Unsuccessful];

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Unsuccessful => "Failed or expired",
        }
    }

    #[must_use]
    pub const fn holds(self, status: Status) -> bool {
        match self {
            Self::Active => status.is_active(),
            Self::Unsuccessful => matches!(status, Status::Failed | Status::Expired),
        }
    }
}

/// In which order the list comes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sort {
    #[default]
    Newest,
    Oldest,
    SenderAscending,
    SenderDescending,
    StartAscending,
    StartDescending,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignList {
    pub figures: Figures,
    pub rows: Vec<CampaignRow>,
    /// There is a page behind this one; it begins after this campaign.
    pub next: Option<String>,
}

/// What stands above the list, over the whole workspace whatever the filter says.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    pub total: u64,
    pub active: u64,
    pub completed: u64,
    pub failed: u64,
    pub delivered: u64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignRow {
    pub id: String,
    pub name: String,
    pub status: Status,
    /// Approved, and waits for its Start button.
    pub approved: bool,
    pub pause: Option<PauseReason>,
    pub mode: Mode,
    pub progress: Progress,
    pub sender: Option<String>,
    /// The first message, or the time that is set for it.
    pub start: Option<Moment>,
    pub end: Option<Moment>,
    pub created: Moment,
    pub author: String,
    /// This person may go on writing it.
    pub editable: bool,
}

/// A page of the workspace's campaigns.
#[server(input = Json)]
pub async fn campaigns(slug: String, query: ListQuery) -> Result<CampaignList, AppError> {
    use domain::permission::{Permission, kind::ViewWorkspace};

    let scope = crate::api::context::enter(&slug).await?;
    let view = scope.grant::<ViewWorkspace>()?;
    let filter = filter(&scope, query)?;
    let page = store::campaigns::list(&view, &filter, PAGE_ROWS).await?;
    let overview = store::overview::of_workspace(&view).await?;
    Ok(CampaignList {
        figures: Figures {
            total: overview.workspace_total(),
            active: overview.count(|status| StatusGroup::Active.holds(status)),
            completed: overview.count(|status| status == Status::Done),
            failed: overview.count(|status| StatusGroup::Unsuccessful.holds(status)),
            delivered: store::overview::delivered(&view).await?,
        },
        rows: page
            .campaigns
            .into_iter()
            .map(|campaign| {
                let editable = store::campaigns::reaches(&scope, &campaign, Permission::EditCampaign);
                row(&scope.workspace().time_zone, editable, campaign)
            })
            .collect(),
        next: page.next.map(|id| id.to_string()),
    })
}

/// Rows of a page.
pub const PAGE_ROWS: u32 = 50;

/// What is asked for by a status or by a group of them; empty: whatever the status.
#[cfg(feature = "ssr")]
pub fn statuses(status: Option<Status>, group: Option<StatusGroup>) -> Vec<Status> {
    match (status, group) {
        (Some(status), _) => vec![status],
        (None, Some(group)) => Status::ALL.into_iter().filter(|&status| group.holds(status)).collect(),
        (None, None) => Vec::new(),
    }
}

#[cfg(feature = "ssr")]
fn filter(scope: &store::Scope, query: ListQuery) -> Result<store::campaigns::Filter, AppError> {
    let statuses = statuses(query.status, query.group);
    let before = query.before.as_deref().map(super::campaign_id).transpose()?;
    Ok(store::campaigns::Filter {
        statuses,
        mode: query.mode,
        search: Some(query.search),
        period: period(scope, &query.from, &query.to)?,
        archived: query.archived,
        sort: query.sort.into(),
        before,
        skip: query.skip,
    })
}

#[cfg(feature = "ssr")]
impl From<Sort> for store::campaigns::Sort {
    fn from(sort: Sort) -> Self {
        match sort {
            Sort::Newest => Self::Newest,
            Sort::Oldest => Self::Oldest,
            Sort::SenderAscending => Self::SenderAscending,
            Sort::SenderDescending => Self::SenderDescending,
            Sort::StartAscending => Self::StartAscending,
            Sort::StartDescending => Self::StartDescending,
        }
    }
}

/// Two days of the workspace's zone as moments; the last one counts to its end.
#[cfg(feature = "ssr")]
fn period(scope: &store::Scope, from: &str, to: &str) -> Result<Option<store::campaigns::Period>, AppError> {
    if from.is_empty() && to.is_empty() {
        return Ok(None);
    }
    let from = if from.is_empty() { None } else { Some(day(scope, "from", from)?) };
    let to = if to.is_empty() { None } else { Some(day(scope, "to", to)?) };
    Ok(Some(store::campaigns::Period {
        from_ms: from.map_or(i64::MIN, |day| day.start),
        to_ms: to.map_or(i64::MAX, |day| day.end),
    }))
}

#[cfg(feature = "ssr")]
fn day(scope: &store::Scope, field: &str, date: &str) -> Result<std::ops::Range<i64>, AppError> {
    let refused = || AppError::field(field, "A day has the form 2026-11-20.");
    let zone = scope.zone().ok_or_else(refused)?;
    // No zone changes its clocks at noon.
    let noon = domain::schedule::resolve(&format!("{date}T12:00"), &zone).map_err(|_| refused())?;
    Ok(zone.day(noon.at_ms))
}

/// A campaign as lists show it, with the times of its workspace.
#[cfg(feature = "ssr")]
pub fn row(zone: &str, editable: bool, campaign: domain::campaign::Campaign) -> CampaignRow {
    let at = |at_ms: Option<i64>| at_ms.map(|at_ms| Moment::in_zone(zone, at_ms));
    CampaignRow {
        editable,
        id: campaign.id.to_string(),
        approved: campaign.life.approval.is_some(),
        status: campaign.life.status,
        pause: campaign.life.pause.map(|pause| pause.reason),
        mode: campaign.parameters.mode,
        progress: campaign.progress,
        sender: campaign.parameters.sender.map(|sender| sender.display_name),
        start: at(campaign.started_at_ms.or(campaign.parameters.start_at_ms)),
        end: at(campaign.ended_at_ms),
        created: Moment::in_zone(zone, campaign.created_at_ms),
        author: campaign.author_name,
        name: campaign.parameters.name,
    }
}
