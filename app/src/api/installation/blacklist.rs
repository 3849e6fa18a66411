//! The blacklist of the installation, for super admins. A number comes in by POST only, and stands in no address.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{api::suppression::ImportView, error::AppError, state::moment::Moment};

/// How the list stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlacklistView {
    pub total: u64,
    pub changed: Option<Moment>,
    /// The entry that was looked for, unless it has left the list meanwhile.
    pub found: Option<BlacklistedView>,
    /// A page of the list.
    pub entries: Vec<BlacklistedView>,
    /// Where the next page begins; None: there is none.
    pub next: Option<String>,
    pub import: Option<ImportView>,
    pub import_max_bytes: u64,
}

/// A number on the list, masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlacklistedView {
    pub number: String,
    pub since: Moment,
    pub by: String,
}

/// Entries of a page.
#[cfg(feature = "ssr")]
const PAGE_ROWS: usize = 50;

/// How the list stands; with the entry at the place `found`, if one is asked for, and the page behind `after`.
#[server]
pub async fn blacklist(
    #[server(default)] found: Option<String>,
    #[server(default)] after: Option<String>,
) -> Result<BlacklistView, AppError> {
    use store::suppressions::{Place, blacklist};

    let services = crate::api::context::services()?;
    let ruler = crate::api::context::rule().await?;
    let summary = blacklist::summary(&ruler).await?;
    let entry = match found.as_deref().and_then(Place::parse) {
        Some(place) => blacklist::at(&ruler, place).await?,
        None => None,
    };
    let after = after.map(|after| after.parse().map_err(|_| AppError::BadRequest)).transpose()?;
    let page = blacklist::page(&ruler, after, PAGE_ROWS).await?;
    let import = blacklist::find_import(&ruler).await?;
    Ok(BlacklistView {
        total: summary.total,
        changed: summary.changed_at_ms.map(Moment::in_utc),
        found: entry.map(|entry| BlacklistedView {
            number: masked(entry.number),
            since: Moment::in_utc(entry.at_ms),
            by: entry.by.to_string(),
        }),
        entries: page
            .entries
            .into_iter()
            .map(|entry| BlacklistedView {
                number: entry.number,
                since: Moment::in_utc(entry.at_ms),
                by: entry.by.to_string(),
            })
            .collect(),
        next: page.next.map(|next| next.to_string()),
        import: import.map(|import| crate::api::suppression::import_view(&services, import, Moment::in_utc)),
        import_max_bytes: services.api_upload_max_bytes,
    })
}

/// Puts numbers onto the list, one a line.
#[server]
pub async fn blacklist_numbers(numbers: String) -> Result<(), AppError> {
    let ruler = crate::api::context::rule().await?;
    // The installation is of no country.
    let numbers = crate::api::number_lines::read(&numbers, None)?;
    let added = store::suppressions::blacklist::add(&ruler, &numbers).await?;
    let known = numbers.len() as u64 - added;
    leptos_axum::redirect(&format!("/installation/blacklist?added={added}&known={known}"));
    Ok(())
}

/// Takes numbers off the list, one a line.
#[server]
pub async fn unlist_numbers(numbers: String) -> Result<(), AppError> {
    let ruler = crate::api::context::rule().await?;
    // The installation is of no country.
    let numbers = crate::api::number_lines::read(&numbers, None)?;
    let removed = store::suppressions::blacklist::remove(&ruler, &numbers).await?;
    let unknown = numbers.len() as u64 - removed;
    leptos_axum::redirect(&format!("/installation/blacklist?removed={removed}&unknown={unknown}"));
    Ok(())
}

/// Finds a number and leads to it by its place: the number never stands in an address.
#[server]
pub async fn find_blacklisted(number: String) -> Result<(), AppError> {
    let ruler = crate::api::context::rule().await?;
    let number = domain::phone::normalise(&number, None::<domain::phone::Country>)
        .map_err(|reject| AppError::field("number", crate::error::sentence(&reject.to_string())))?;
    let Some(place) = store::suppressions::blacklist::place_of(&ruler, number).await? else {
        return Err(AppError::field("number", "This number is not on the list."));
    };
    leptos_axum::redirect(&format!("/installation/blacklist?found={place}"));
    Ok(())
}

#[cfg(feature = "ssr")]
fn masked(number: u64) -> String {
    domain::phone::PhoneNumber::from_u64(number).map(domain::phone::PhoneNumber::masked).unwrap_or_default()
}
