//! The way back for somebody who forgot their password.

use leptos::prelude::*;

use crate::error::AppError;

/// Where somebody is led who has asked for a link.
pub const ASKED: &str = "/forgot?asked=true";

/// Whether links are sent by mail. Where they are not, an administrator makes them.
#[server]
pub async fn link_by_mail() -> Result<bool, AppError> {
    Ok(super::context::services()?.gate.sends_mail())
}

/// Has a one-time link sent to this address, if it belongs to an account. The answer is the same for every address.
#[server]
pub async fn ask_for_link(email: String) -> Result<(), AppError> {
    let services = super::context::services()?;
    let origin = super::context::origin(&super::context::parts()?);
    store::notices::ask_for_link(&services.gate, &email, origin).await??;
    leptos_axum::redirect(ASKED);
    Ok(())
}
