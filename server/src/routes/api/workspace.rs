//! `GET /api/v1/workspace`: whose key it is, and what it may do.

use axum::Json;
use domain::api_key::Scope;
use serde::Serialize;
use utoipa::ToSchema;

use super::{caller::Caller, page::time, problem::Problem};

#[derive(Debug, Serialize, ToSchema)]
pub struct Workspace {
    slug: String,
    display_name: String,
    time_zone: String,
    default_country: String,
    /// Campaigns that were ever submitted.
    workspace_total: u64,
    created_at: String,
    key: Key,
}

#[derive(Debug, Serialize, ToSchema)]
struct Key {
    name: String,
    #[schema(value_type = Vec<String>)]
    scopes: Vec<Scope>,
    expires_at: String,
}

/// The key and its workspace
///
/// Whose key it is, what it may do, and how many campaigns were ever submitted.
#[utoipa::path(get, path = "/api/v1/workspace", responses((status = 200, body = Workspace)))]
pub async fn show(Caller(caller): Caller) -> Result<Json<Workspace>, Problem> {
    let (workspace, key) = (caller.workspace(), caller.key());
    Ok(Json(Workspace {
        slug: workspace.slug.to_string(),
        display_name: workspace.display_name.clone(),
        time_zone: workspace.time_zone.clone(),
        default_country: workspace.default_country.clone(),
        workspace_total: caller.workspace_total().await?,
        created_at: time(workspace.created_at_ms),
        key: Key { name: key.name.clone(), scopes: key.scopes.clone(), expires_at: time(key.expires_at_ms) },
    }))
}
