//! The members of a workspace.

use domain::permission::Capacity;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::AppError;

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberView {
    pub id: String,
    pub name: String,
    pub email: String,
    pub capacity: Capacity,
    /// Has chosen a password; somebody whose one-time link is still open has not.
    pub active: bool,
    /// The person who looks.
    pub is_me: bool,
}

/// A colleague's one-time link, shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewLink {
    pub name: String,
    pub email: String,
    pub url: String,
}

/// Everybody in the workspace, by name.
#[server]
pub async fn members(slug: String) -> Result<Vec<MemberView>, AppError> {
    use domain::permission::kind::ViewWorkspace;

    let scope = super::context::enter(&slug).await?;
    let members = store::members::list(&scope.grant::<ViewWorkspace>()?).await?;
    Ok(members
        .into_iter()
        .map(|member| MemberView {
            id: member.user.to_string(),
            capacity: member.tenure.standing.capacity(),
            active: member.active,
            is_me: member.user == scope.user_id(),
            name: member.name,
            email: member.email,
        })
        .collect())
}

/// A new one-time link for a colleague who has not signed in yet; earlier ones stop working.
#[server]
pub async fn renew_member_link(slug: String, user: String) -> Result<NewLink, AppError> {
    use domain::permission::kind::ManageMembers;

    let scope = super::context::enter(&slug).await?;
    let user = user.parse().map_err(|_| AppError::NotFound)?;
    let (member, token) = store::members::renew_link(&scope.grant::<ManageMembers>()?, user).await?;
    let public_url = super::context::services()?.public_url;
    Ok(NewLink { name: member.name, email: member.email, url: format!("{public_url}/link/{}", token.reveal()) })
}
