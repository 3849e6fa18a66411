//! The people of the installation.

use leptos::{prelude::*, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

use crate::{api::members::NewLink, error::AppError, state::moment::Moment};

/// People on one page of the list.
#[cfg(feature = "ssr")]
const PAGE_SIZE: u32 = 50;

/// In what state an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserState {
    Active,
    Blocked,
    WithoutPassword,
}

impl UserState {
    pub const ALL: [Self; 3] = [Self::Active, Self::Blocked, Self::WithoutPassword];

    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::Active => "Active",
            Self::Blocked => "Blocked",
            Self::WithoutPassword => "Without password",
        }
    }
}

/// What is done to the account of somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UserChange {
    Block,
    Restore,
    Promote,
    Demote,
}

/// Which people; as it stands in the address of the list.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct UserQuery {
    pub search: String,
    pub state: Option<UserState>,
    /// From 1; 0 is the first, too.
    pub page: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserView {
    pub id: String,
    pub name: String,
    pub email: String,
    pub super_admin: bool,
    pub state: UserState,
    pub second_factor: bool,
    /// Of how many workspaces they are a member.
    pub memberships: u32,
    /// Where they are signed in at present.
    pub sessions: u32,
    pub last_sign_in: Option<Moment>,
    /// The person who looks.
    pub is_me: bool,
    /// A link that was made a moment ago, where no script was there to show it.
    pub made: Option<NewLink>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsersView {
    pub rows: Vec<UserView>,
    pub total: u32,
    pub page: u32,
    pub pages: u32,
}

/// The people by name, a page of them.
#[server(input = Json)]
pub async fn users(query: UserQuery) -> Result<UsersView, AppError> {
    let ruler = crate::api::context::rule().await?;
    let page = query.page.max(1);
    let wanted = store::identity::users::UserQuery {
        search: query.search,
        state: query.state.map(Into::into),
        page: page - 1,
        page_size: PAGE_SIZE,
    };
    let found = store::identity::users::list(&ruler, &wanted).await?;
    Ok(UsersView {
        rows: found.rows.into_iter().map(|row| view_of(row, &ruler)).collect(),
        total: found.total,
        page,
        pages: found.total.div_ceil(PAGE_SIZE).max(1),
    })
}

/// One of them.
#[server]
pub async fn user(id: String) -> Result<UserView, AppError> {
    let services = crate::api::context::services()?;
    let ruler = crate::api::context::rule().await?;
    let id = id.parse().map_err(|_| AppError::NotFound)?;
    let view = view_of(store::identity::users::find(&ruler, id).await?, &ruler);
    Ok(UserView { made: crate::api::handed_over::take(&services), ..view })
}

/// A new person, with the link behind which they choose a password.
#[server]
pub async fn create_user(
    name: String,
    email: String,
    #[server(default)] super_admin: bool,
) -> Result<NewLink, AppError> {
    let services = crate::api::context::services()?;
    let ruler = crate::api::context::rule().await?;
    let new = store::users::NewUser { email, name, super_admin };
    let (user, token) = store::identity::users::create(&ruler, &new).await?;
    if crate::api::account::sent_without_script() {
        leptos_axum::redirect(&format!("/installation/users/{}", user.id));
    }
    Ok(made(&services, user, &token))
}

/// Blocks or restores somebody, or makes them a super admin or no longer one.
#[server]
pub async fn change_user(user: String, change: UserChange) -> Result<(), AppError> {
    let ruler = crate::api::context::rule().await?;
    let id = user.parse().map_err(|_| AppError::NotFound)?;
    store::identity::users::change(&ruler, id, change.into()).await?;
    Ok(())
}

/// A link with which somebody sets another password; earlier links stop working.
#[server]
pub async fn reset_user_password(user: String) -> Result<NewLink, AppError> {
    let services = crate::api::context::services()?;
    let ruler = crate::api::context::rule().await?;
    let id = user.parse().map_err(|_| AppError::NotFound)?;
    let (user, token) = store::identity::users::reset_password(&ruler, id).await?;
    Ok(made(&services, user, &token))
}

/// Removes the second factor of somebody who has lost it; their sessions end.
#[server]
pub async fn reset_user_second_factor(user: String) -> Result<(), AppError> {
    let ruler = crate::api::context::rule().await?;
    let id = user.parse().map_err(|_| AppError::NotFound)?;
    store::identity::second_factor::reset(&ruler, id).await?;
    Ok(())
}

/// Ends every session of somebody.
#[server]
pub async fn end_user_sessions(user: String) -> Result<(), AppError> {
    let ruler = crate::api::context::rule().await?;
    let id = user.parse().map_err(|_| AppError::NotFound)?;
    store::identity::users::end_sessions(&ruler, id).await?;
    Ok(())
}

#[cfg(feature = "ssr")]
fn made(services: &crate::api::context::Services, user: store::users::User, token: &store::Token) -> NewLink {
    let url = format!("{}/link/{}", services.public_url, token.reveal());
    let link = NewLink { email: user.email, url };
    crate::api::handed_over::keep(services, &link);
    link
}

#[cfg(feature = "ssr")]
fn view_of(row: store::identity::users::UserRow, ruler: &store::Ruler) -> UserView {
    UserView {
        is_me: row.id == ruler.user_id(),
        id: row.id.to_string(),
        name: row.name,
        email: row.email,
        super_admin: row.super_admin,
        state: row.state.into(),
        second_factor: row.second_factor,
        memberships: row.memberships,
        sessions: row.sessions,
        last_sign_in: row.last_sign_in_at_ms.map(Moment::in_utc),
        made: None,
    }
}

#[cfg(feature = "ssr")]
mod words {
    use store::identity::users::{UserChange as Change, UserState as State};

    use super::{UserChange, UserState};

    impl From<UserState> for State {
        fn from(state: UserState) -> Self {
            match state {
                UserState::Active => Self::Active,
                UserState::Blocked => Self::Blocked,
                UserState::WithoutPassword => Self::WithoutPassword,
            }
        }
    }

    impl From<State> for UserState {
        fn from(state: State) -> Self {
            match state {
                State::Active => Self::Active,
                State::Blocked => Self::Blocked,
                State::WithoutPassword => Self::WithoutPassword,
            }
        }
    }

    impl From<UserChange> for Change {
        fn from(change: UserChange) -> Self {
            match change {
                UserChange::Block => Self::Block,
                UserChange::Restore => Self::Restore,
                UserChange::Promote => Self::Promote,
                UserChange::Demote => Self::Demote,
            }
        }
    }
}
