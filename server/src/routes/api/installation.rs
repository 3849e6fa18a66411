//! `GET /api/v1/installation/…`: figures of all workspaces, for keys of the installation.

use axum::{Json, extract::Query};
use domain::{id::WorkspaceId, month::Month, workspace::Workspace};
use serde::{Deserialize, Serialize};
use store::usage::Totals;

use super::{
    caller::MasterCaller,
    page::{Page, Paging, time},
    problem::Problem,
    usage::month,
};

#[derive(Debug, Serialize)]
pub struct WorkspaceView {
    id: WorkspaceId,
    slug: String,
    display_name: String,
    time_zone: String,
    created_at: String,
    archived_at: Option<String>,
    /// Campaigns that were ever submitted.
    workspace_total: u64,
}

#[derive(Debug, Serialize)]
pub struct UsageView {
    id: WorkspaceId,
    slug: String,
    display_name: String,
    /// Of the workspace's own calendar.
    month: Month,
    #[serde(flatten)]
    totals: Totals,
}

#[derive(Debug, Deserialize)]
pub struct Asked {
    month: Option<String>,
}

/// In the order in which they were made.
pub async fn workspaces(
    MasterCaller(caller): MasterCaller,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<WorkspaceView>>, Problem> {
    let limit = paging.limit()?;
    let found = caller.workspaces(paging.cursor()?, limit).await?;
    let next_cursor = next(&found, limit);
    let mut items = Vec::with_capacity(found.len());
    for workspace in found {
        items.push(WorkspaceView {
            workspace_total: caller.workspace_total(&workspace).await?,
            id: workspace.id,
            slug: workspace.slug.to_string(),
            display_name: workspace.display_name,
            time_zone: workspace.time_zone,
            created_at: time(workspace.created_at_ms),
            archived_at: workspace.archived_at_ms.map(time),
        });
    }
    Ok(Json(Page { items, next_cursor }))
}

/// In the same order.
pub async fn usage(
    MasterCaller(caller): MasterCaller,
    Query(paging): Query<Paging>,
    Query(asked): Query<Asked>,
) -> Result<Json<Page<UsageView>>, Problem> {
    let month = month(asked.month.as_deref(), caller.month_now())?;
    let limit = paging.limit()?;
    let found = caller.workspaces(paging.cursor()?, limit).await?;
    let next_cursor = next(&found, limit);
    let mut items = Vec::with_capacity(found.len());
    for workspace in found {
        items.push(UsageView {
            totals: caller.usage(&workspace, month).await?,
            month,
            id: workspace.id,
            slug: workspace.slug.to_string(),
            display_name: workspace.display_name,
        });
    }
    Ok(Json(Page { items, next_cursor }))
}

fn next(found: &[Workspace], limit: u32) -> Option<String> {
    let more = found.len() == limit as usize;
    found.last().filter(|_| more).map(|last| last.id.to_string())
}
