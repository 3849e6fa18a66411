//! The members of a workspace: the list, and changing one.

use domain::permission::{Capacity, Role};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{error::AppError, state::moment::Moment};

/// The list, narrowed to what was looked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MembersView {
    pub people: Vec<MemberView>,
    /// Everybody, whether they are shown or not.
    pub total: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberView {
    pub id: String,
    pub name: String,
    pub email: String,
    pub capacity: Capacity,
    pub end: Option<EndView>,
    pub state: MemberState,
    /// The person who looks.
    pub is_me: bool,
    /// The person who looks may change this one; the server decides again.
    pub may_change: bool,
}

/// When a role ends, and what comes then; None: the membership ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EndView {
    pub at: Moment,
    pub then: Option<Capacity>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MemberState {
    Active,
    /// Has not chosen a password yet.
    Open,
    Blocked,
}

/// One member, as the form starts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberDetail {
    pub member: MemberView,
    pub role: Role,
    pub moderator_flag: bool,
    /// The end in the workspace's zone, as a form's field has it; empty without one.
    pub until: String,
    /// What the change is compared with.
    pub revision: u64,
}

/// Somebody's one-time link, shown once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewLink {
    pub email: String,
    pub url: String,
}

/// The people of the workspace, by name; `search` is a part of a name or an address.
#[server]
pub async fn members(slug: String, #[server(default)] search: String) -> Result<MembersView, AppError> {
    use domain::permission::kind::ViewWorkspace;

    let scope = super::context::enter(&slug).await?;
    let members = store::members::list(&scope.grant::<ViewWorkspace>()?).await?;
    let total = u32::try_from(members.len()).unwrap_or(u32::MAX);
    let search = search.trim().to_lowercase();
    let people = members
        .into_iter()
        .filter(|member| member.name.to_lowercase().contains(&search) || member.email.contains(&search))
        .map(|member| member_view(&scope, member))
        .collect();
    Ok(MembersView { people, total })
}

/// One member, for whoever changes them.
#[server]
pub async fn member(slug: String, user: String) -> Result<MemberDetail, AppError> {
    use domain::permission::kind::ManageMembers;

    let scope = super::context::enter(&slug).await?;
    let found = store::members::roles::find(&scope.grant::<ManageMembers>()?, user_id(&user)?).await?;
    let end = found.tenure.temporary.map(|temporary| temporary.ends_at_ms);
    Ok(MemberDetail {
        role: found.tenure.standing.role(),
        moderator_flag: found.tenure.standing.moderator_flag(),
        until: scope.zone().zip(end).map(|(zone, end)| zone.local(end)).unwrap_or_default(),
        revision: found.revision,
        member: member_view(&scope, found),
    })
}

/// Gives a member another role, for good or until a moment; `revision` is that of the page.
#[server]
pub async fn change_member(
    slug: String,
    user: String,
    revision: u64,
    role: Role,
    #[server(default)] moderator_flag: bool,
    #[server(default)] until: String,
) -> Result<(), AppError> {
    use domain::{members::Standing, permission::kind::ManageMembers};

    let scope = super::context::enter(&slug).await?;
    let granted = scope.grant::<ManageMembers>()?;
    let user = user_id(&user)?;
    // A person from elsewhere is nobody here, whatever else was sent.
    store::members::roles::find(&granted, user).await?;
    let until_ms = store::members::until(&scope, &until)?;
    let standing = Standing::new(role, moderator_flag);
    store::members::roles::change(&granted, user, revision, standing, until_ms).await?;
    leptos_axum::redirect(&format!("/w/{slug}/members"));
    Ok(())
}

/// Ends a membership.
#[server]
pub async fn remove_member(slug: String, user: String, revision: u64) -> Result<(), AppError> {
    let scope = super::context::enter(&slug).await?;
    store::members::roles::remove(&scope.grant()?, user_id(&user)?, revision).await?;
    leptos_axum::redirect(&format!("/w/{slug}/members"));
    Ok(())
}

/// A new one-time link for a colleague who has not signed in yet; earlier ones stop working.
#[server]
pub async fn renew_member_link(slug: String, user: String) -> Result<NewLink, AppError> {
    use domain::permission::kind::ManageMembers;

    let scope = super::context::enter(&slug).await?;
    let (member, token) = store::members::renew_link(&scope.grant::<ManageMembers>()?, user_id(&user)?).await?;
    let services = super::context::services()?;
    let link = NewLink { email: member.email, url: format!("{}/link/{}", services.public_url, token.reveal()) };
    super::handed_over::keep(&services, &link);
    Ok(link)
}

/// The link that was made by a form without a script and is shown now; None in all other cases.
#[must_use]
pub fn link_handed_over() -> Option<NewLink> {
    #[cfg(feature = "ssr")]
    {
        super::handed_over::take(&super::context::services().ok()?)
    }
    #[cfg(not(feature = "ssr"))]
    {
        None
    }
}

#[cfg(feature = "ssr")]
pub(super) fn user_id(text: &str) -> Result<domain::id::UserId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

#[cfg(feature = "ssr")]
fn member_view(scope: &store::Scope, member: domain::members::Member) -> MemberView {
    let state = match (member.blocked, member.active) {
        (true, _) => MemberState::Blocked,
        (false, true) => MemberState::Active,
        (false, false) => MemberState::Open,
    };
    let is_me = member.user == scope.user_id();
    MemberView {
        id: member.user.to_string(),
        capacity: member.tenure.standing.capacity(),
        end: member.tenure.temporary.map(|temporary| EndView {
            at: Moment::of(scope, temporary.ends_at_ms),
            then: temporary.then.map(domain::members::Standing::capacity),
        }),
        state,
        is_me,
        may_change: domain::members::may_change(
            scope.user_id(),
            scope.user().super_admin,
            member.user,
            member.super_admin,
        )
        .is_ok(),
        name: member.name,
        email: member.email,
    }
}
