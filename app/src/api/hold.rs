//! Pause everything: of a workspace, or of the installation.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{error::AppError, state::moment::Moment};

/// What holds everything back, for the banner.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldView {
    pub reason: String,
    /// Who decided it; None to those who do not know the people of the installation.
    pub by: Option<String>,
    pub since: Moment,
}

/// What a workspace waits for.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct HoldsView {
    pub workspace: Option<HoldView>,
    pub installation: Option<HoldView>,
    /// Whether this person may hold and release the workspace.
    pub may_decide: bool,
}

/// What holds the workspace back at the moment.
#[server]
pub async fn holds(slug: String) -> Result<HoldsView, AppError> {
    view(&super::context::enter(&slug).await?).await
}

/// What [`holds`] answers, for a page that has come in already.
#[cfg(feature = "ssr")]
pub async fn view(scope: &store::Scope) -> Result<HoldsView, AppError> {
    use domain::permission::{Permission, Reach};

    let holds = store::holds::of(scope).await?;
    let view = |hold: store::holds::Hold, named: bool| HoldView {
        reason: hold.reason,
        by: named.then_some(hold.by_name),
        since: Moment::of(scope, hold.at_ms),
    };
    let of_the_installation = scope.user().super_admin;
    Ok(HoldsView {
        workspace: holds.workspace.map(|hold| view(hold, true)),
        installation: holds.installation.map(|hold| view(hold, of_the_installation)),
        may_decide: scope.reach(Permission::ManageWorkspace) == Reach::Any,
    })
}

/// What the banner of a workspace says; None while nothing is held.
#[cfg(feature = "ssr")]
pub async fn sentence(scope: &store::Scope) -> Result<Option<String>, AppError> {
    let HoldsView { workspace, installation, .. } = view(scope).await?;
    let say = |what: &str, held: HoldView| {
        let by = held.by.map(|by| format!(" by {by}")).unwrap_or_default();
        format!(
            "{what} is paused, since {}{by}: {} Campaigns go on by themselves when it ends.",
            held.since.local,
            crate::error::sentence(&held.reason)
        )
    };
    let installation = installation.map(|held| say("Everything in all workspaces", held));
    Ok(installation.or_else(|| workspace.map(|held| say("Everything in this workspace", held))))
}

/// Holds every campaign of the workspace; what is on the wire goes on.
#[server]
pub async fn hold_workspace(slug: String, #[server(default)] reason: String) -> Result<(), AppError> {
    use domain::permission::kind::ManageWorkspace;

    let services = super::context::services()?;
    let scope = super::context::enter(&slug).await?;
    store::holds::hold(&scope.grant::<ManageWorkspace>()?, &reason).await?;
    services.engine.nudge();
    Ok(())
}

/// Lets the workspace's campaigns go on.
#[server]
pub async fn release_workspace(slug: String) -> Result<(), AppError> {
    use domain::permission::kind::ManageWorkspace;

    let services = super::context::services()?;
    let scope = super::context::enter(&slug).await?;
    store::holds::release(&scope.grant::<ManageWorkspace>()?).await?;
    services.engine.nudge();
    Ok(())
}

/// What holds the whole installation.
#[server]
pub async fn installation_hold() -> Result<Option<HoldView>, AppError> {
    let ruler = super::context::rule().await?;
    let hold = store::holds::of_installation(&ruler).await?;
    Ok(hold.map(|hold| HoldView { reason: hold.reason, by: Some(hold.by_name), since: Moment::in_utc(hold.at_ms) }))
}

/// Holds every campaign of every workspace.
#[server]
pub async fn hold_installation(#[server(default)] reason: String) -> Result<(), AppError> {
    let services = super::context::services()?;
    let ruler = super::context::rule().await?;
    store::holds::hold_installation(&ruler, &reason).await?;
    services.engine.nudge();
    Ok(())
}

/// Lets everything go on that its own workspace does not hold.
#[server]
pub async fn release_installation() -> Result<(), AppError> {
    let services = super::context::services()?;
    let ruler = super::context::rule().await?;
    store::holds::release_installation(&ruler).await?;
    services.engine.nudge();
    Ok(())
}
