//! Everything about one number: taking it out of all campaigns. What is known of it is a file, and has a route of its own.

use leptos::prelude::*;

use crate::error::AppError;

/// Takes a number out of every campaign of the workspace. `on_list` says what becomes of it on the suppression list:
/// `leave`, `put` or `remove`. It comes in by POST, and goes into no address.
#[server]
pub async fn erase_number(slug: String, number: String, on_list: String) -> Result<(), AppError> {
    use domain::{
        permission::kind::ManageWorkspace,
        phone::{Country, normalise},
    };
    use store::suppressions::{self, AddedAs};

    let services = super::context::services()?;
    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant::<ManageWorkspace>()?;
    let country = Country::parse(&scope.workspace().default_country).map_err(AppError::internal)?;
    let number = normalise(&number, country).map_err(|reject| AppError::field("number", reject.to_string()))?;
    let on_list = match on_list.as_str() {
        "leave" => None,
        "put" => Some(true),
        "remove" => Some(false),
        _ => return Err(AppError::field("on_list", "Choose what becomes of it on the suppression list.")),
    };
    let erased = store::erasure::erase(&proof, number).await?;
    // Files of their records may hold the number, or its last digits.
    for &campaign in &erased.campaigns {
        services.exports.remove_of(scope.workspace_id(), campaign).await?;
    }
    match on_list {
        Some(true) => _ = suppressions::add(&proof, &[number], AddedAs::Erasure).await?,
        Some(false) => _ = suppressions::remove(&proof, &[number]).await?,
        None => {}
    }
    let slug = &scope.workspace().slug;
    let (campaigns, recipients, messages) = (erased.campaigns.len(), erased.recipients, erased.messages);
    leptos_axum::redirect(&format!(
        "/w/{slug}/number?campaigns={campaigns}&recipients={recipients}&messages={messages}"
    ));
    Ok(())
}
