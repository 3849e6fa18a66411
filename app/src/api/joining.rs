//! Requests to join a workspace: asking, and deciding.

use domain::permission::Role;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{error::AppError, state::moment::Moment};

/// What somebody asked for, as they see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinAskView {
    /// The address that they typed.
    pub workspace: String,
    pub asked: Moment,
    pub rejected: Option<Moment>,
}

/// Somebody who waits to be let in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JoinRequestRow {
    pub user: String,
    pub name: String,
    pub email: String,
    pub note: Option<String>,
    pub asked: Moment,
}

/// Asks to join; the answer is the same whether there is such a workspace or not.
#[server]
pub async fn ask_to_join(workspace: String, #[server(default)] note: String) -> Result<(), AppError> {
    let services = super::context::services()?;
    let session = super::context::session().await?;
    store::members::joining::ask(&services.gate, &session, &workspace, &note).await?;
    Ok(())
}

/// What the signed-in person has asked for, newest first.
#[server]
pub async fn my_join_requests() -> Result<Vec<JoinAskView>, AppError> {
    use domain::members::JoinState;

    let services = super::context::services()?;
    let session = super::context::session().await?;
    let asks = store::members::joining::mine(&services.gate, &session).await?;
    Ok(asks
        .into_iter()
        .map(|ask| JoinAskView {
            workspace: ask.slug,
            asked: Moment::in_utc(ask.asked_at_ms),
            rejected: match ask.state {
                JoinState::Waiting => None,
                JoinState::Rejected { at_ms } => Some(Moment::in_utc(at_ms)),
            },
        })
        .collect())
}

/// The people who wait to be let in, oldest request first.
#[server]
pub async fn join_requests(slug: String) -> Result<Vec<JoinRequestRow>, AppError> {
    use domain::permission::kind::ManageMembers;

    let scope = super::context::enter(&slug).await?;
    let waiting = store::members::joining::requests(&scope.grant::<ManageMembers>()?).await?;
    Ok(waiting
        .into_iter()
        .map(|request| JoinRequestRow {
            user: request.user.to_string(),
            name: request.name,
            email: request.email,
            note: request.note,
            asked: Moment::of(&scope, request.asked_at_ms),
        })
        .collect())
}

/// How many wait, for those who decide it; 0 for others.
#[cfg(feature = "ssr")]
pub(super) async fn waiting(scope: &store::Scope) -> Result<u32, AppError> {
    use domain::permission::{Permission, Reach};

    if scope.reach(Permission::ManageMembers) != Reach::Any {
        return Ok(0);
    }
    let waiting = store::members::joining::requests(&scope.grant()?).await?;
    Ok(u32::try_from(waiting.len()).unwrap_or(u32::MAX))
}

/// One of them, by the person who asks.
#[server]
pub async fn join_request(slug: String, user: String) -> Result<JoinRequestRow, AppError> {
    let waiting = join_requests(slug).await?;
    waiting.into_iter().find(|request| request.user == user).ok_or(AppError::NotFound)
}

/// Lets somebody in with a role, for good or until a moment.
#[server]
pub async fn approve_join_request(
    slug: String,
    user: String,
    role: Role,
    #[server(default)] moderator_flag: bool,
    #[server(default)] until: String,
) -> Result<(), AppError> {
    use domain::{members::Standing, permission::kind::ManageMembers};

    let scope = super::context::enter(&slug).await?;
    let granted = scope.grant::<ManageMembers>()?;
    let user = super::members::user_id(&user)?;
    let until_ms = store::members::until(&scope, &until)?;
    store::members::joining::approve(&granted, user, Standing::new(role, moderator_flag), until_ms).await?;
    leptos_axum::redirect(&format!("/w/{slug}/members/requests"));
    Ok(())
}

/// Turns a request down.
#[server]
pub async fn reject_join_request(slug: String, user: String) -> Result<(), AppError> {
    let scope = super::context::enter(&slug).await?;
    store::members::joining::reject(&scope.grant()?, super::members::user_id(&user)?).await?;
    leptos_axum::redirect(&format!("/w/{slug}/members/requests"));
    Ok(())
}
