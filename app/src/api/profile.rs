//! One's own account: name and password.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::error::AppError;

/// What the account pages show of the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileView {
    pub name: String,
    pub email: String,
    pub super_admin: bool,
    /// Characters of a password at least.
    pub min_length: u32,
}

/// The person who is signed in.
#[server]
pub async fn profile() -> Result<ProfileView, AppError> {
    let services = super::context::services()?;
    let session = super::context::session().await?;
    let user = session.user();
    Ok(ProfileView {
        name: user.name.clone(),
        email: user.email.clone(),
        super_admin: user.super_admin,
        min_length: store::identity::settings::password_min_length(&services.gate).await?,
    })
}

/// Gives oneself another name.
#[server]
pub async fn rename_myself(name: String) -> Result<(), AppError> {
    let services = super::context::services()?;
    let session = super::context::session().await?;
    Ok(store::identity::account::rename(&services.gate, &session, &name).await?)
}

/// Another password; all other sessions end.
#[server]
pub async fn change_password(current_password: String, password: String, repeated: String) -> Result<(), AppError> {
    let services = super::context::services()?;
    let session = super::context::session().await?;
    super::account::check_repeated(&password, &repeated)?;
    Ok(store::identity::account::change_password(&services.gate, &session, &current_password, &password).await?)
}
