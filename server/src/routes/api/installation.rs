//! `GET /api/v1/installation/…`: figures of all workspaces, for keys of the installation.

use axum::Json;
use domain::{id::WorkspaceId, month::Month, workspace::Workspace};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::{
    asked::Asked as Query,
    caller::MasterCaller,
    page::{Page, Paging, time},
    problem::Problem,
    usage::{Sums, month},
};

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = WorkspaceOfInstallation)]
pub struct WorkspaceView {
    #[schema(value_type = String, format = Uuid)]
    id: WorkspaceId,
    slug: String,
    display_name: String,
    time_zone: String,
    created_at: String,
    archived_at: Option<String>,
    /// Campaigns that were ever submitted.
    workspace_total: u64,
}

#[derive(Debug, Serialize, ToSchema)]
#[schema(as = UsageOfWorkspace)]
pub struct UsageView {
    #[schema(value_type = String, format = Uuid)]
    id: WorkspaceId,
    slug: String,
    display_name: String,
    /// Of the workspace's own calendar.
    #[schema(value_type = String)]
    month: Month,
    #[serde(flatten)]
    totals: Sums,
}

#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct Asked {
    /// Such as `2026-11`; the one at hand when it is left out.
    #[param(pattern = "^[0-9]{4}-[0-9]{2}$")]
    month: Option<String>,
    /// 1 to 200; 50 when it is left out.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<String>,
    /// `next_cursor` of the page before.
    cursor: Option<String>,
}

/// All workspaces
///
/// In the order in which they were made.
#[utoipa::path(get, path = "/api/v1/installation/workspaces", params(Paging), responses((status = 200, body = Page<WorkspaceView>)))]
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

/// Usage of all workspaces
///
/// What each of them sent in a month of its own calendar.
#[utoipa::path(get, path = "/api/v1/installation/usage", params(Asked), responses((status = 200, body = Page<UsageView>)))]
pub async fn usage(
    MasterCaller(caller): MasterCaller,
    Query(asked): Query<Asked>,
) -> Result<Json<Page<UsageView>>, Problem> {
    let month = month(asked.month.as_deref(), caller.month_now())?;
    let paging = Paging::new(asked.limit, asked.cursor);
    let limit = paging.limit()?;
    let found = caller.workspaces(paging.cursor()?, limit).await?;
    let next_cursor = next(&found, limit);
    let mut items = Vec::with_capacity(found.len());
    for workspace in found {
        items.push(UsageView {
            totals: caller.usage(&workspace, month).await?.into(),
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
