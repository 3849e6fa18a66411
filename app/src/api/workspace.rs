//! The workspace in the address: what every page of it shows.

use domain::{
    permission::{Capacity, Permission, Reach},
    workspace::Rules,
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{api::registry::Rights, error::AppError};

/// What the header, the navigation and the pages know of the workspace and of the person in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkspaceView {
    pub slug: String,
    pub display_name: String,
    pub time_zone: String,
    pub default_country: String,
    pub four_eyes: bool,
    pub capacity: Capacity,
    /// What the workspace makes of the table of permissions.
    pub rules: Rules,
    /// Campaigns and sender revisions that wait for a decision.
    pub waiting: u32,
    /// People who ask to join; for those who decide it.
    pub asking: u32,
    /// What the person may do with the workspace's 10DLC.
    pub registry: Rights,
    /// All links in use are simulators: no real message leaves.
    pub simulator: bool,
    /// Everything is paused: by whom, since when and why.
    pub held: Option<String>,
    /// Links to carriers are down: which, since when and why.
    pub channel_down: Option<String>,
}

impl WorkspaceView {
    /// Whether a control is to be offered; the server decides again.
    #[must_use]
    pub const fn may(&self, permission: Permission) -> bool {
        !matches!(self.rules.reach(permission, self.capacity), Reach::None)
    }

    /// The same by the role alone, for pages that are read in an archived workspace, too.
    #[must_use]
    pub const fn rules_it(&self) -> bool {
        matches!(self.capacity, Capacity::Admin | Capacity::SuperAdmin)
    }

    #[must_use]
    pub fn path(&self, rest: &str) -> String {
        format!("/w/{}{rest}", self.slug)
    }
}

/// The workspace of the address, for its members.
#[server]
pub async fn workspace(slug: String) -> Result<WorkspaceView, AppError> {
    use domain::permission::kind::ViewWorkspace;

    let services = super::context::services()?;
    let scope = super::context::enter(&slug).await?;
    let view = scope.grant::<ViewWorkspace>()?;
    let campaigns = store::campaigns::queue_length(&view).await?;
    let revisions = u32::try_from(store::senders::queue(&view).await?.len()).unwrap_or(u32::MAX);
    let asking = super::joining::waiting(&scope).await?;
    let links = services.engine.links();
    let desk = super::registry::desk(&slug).await?;
    let workspace = scope.workspace();
    Ok(WorkspaceView {
        slug: workspace.slug.to_string(),
        display_name: workspace.display_name.clone(),
        time_zone: workspace.time_zone.clone(),
        default_country: workspace.default_country.clone(),
        four_eyes: workspace.four_eyes,
        capacity: scope.capacity(),
        rules: scope.rules(),
        waiting: campaigns.saturating_add(revisions),
        asking,
        registry: Rights::of(&services, &desk),
        simulator: super::links::only_simulated(&links),
        held: super::hold::sentence(&scope).await?,
        channel_down: super::links::down(&scope, &links),
    })
}
