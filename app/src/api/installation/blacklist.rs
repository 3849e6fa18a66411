//! The blacklist of the installation, for super admins. A number comes in by POST only, and stands in no address.

use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{error::AppError, state::moment::Moment};

/// How the list stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlacklistView {
    pub total: u64,
    pub changed: Option<Moment>,
    /// The entry that was looked for, unless it has left the list meanwhile.
    pub found: Option<BlacklistedView>,
}

/// A number on the list, masked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlacklistedView {
    pub number: String,
    pub since: Moment,
    pub by: String,
}

/// How the list stands; with the entry at the place `found`, if one is asked for.
#[server]
pub async fn blacklist(#[server(default)] found: Option<String>) -> Result<BlacklistView, AppError> {
    use store::suppressions::{Place, blacklist};

    let ruler = crate::api::context::rule().await?;
    let summary = blacklist::summary(&ruler).await?;
    let entry = match found.as_deref().and_then(Place::parse) {
        Some(place) => blacklist::at(&ruler, place).await?,
        None => None,
    };
    Ok(BlacklistView {
        total: summary.total,
        changed: summary.changed_at_ms.map(Moment::in_utc),
        found: entry.map(|entry| BlacklistedView {
            number: domain::phone::PhoneNumber::from_u64(entry.number)
                .map(|number| number.masked())
                .unwrap_or_default(),
            since: Moment::in_utc(entry.at_ms),
            by: entry.by.to_string(),
        }),
    })
}

/// Puts numbers onto the list, one a line.
#[server]
pub async fn blacklist_numbers(numbers: String) -> Result<(), AppError> {
    let ruler = crate::api::context::rule().await?;
    let numbers = lines_of(&numbers)?;
    let added = store::suppressions::blacklist::add(&ruler, &numbers).await?;
    let known = numbers.len() as u64 - added;
    leptos_axum::redirect(&format!("/installation/blacklist?added={added}&known={known}"));
    Ok(())
}

/// Takes numbers off the list, one a line.
#[server]
pub async fn unlist_numbers(numbers: String) -> Result<(), AppError> {
    let ruler = crate::api::context::rule().await?;
    let numbers = lines_of(&numbers)?;
    let removed = store::suppressions::blacklist::remove(&ruler, &numbers).await?;
    let unknown = numbers.len() as u64 - removed;
    leptos_axum::redirect(&format!("/installation/blacklist?removed={removed}&unknown={unknown}"));
    Ok(())
}

/// Finds a number and leads to it by its place: the number never stands in an address.
#[server]
pub async fn find_blacklisted(number: String) -> Result<(), AppError> {
    let ruler = crate::api::context::rule().await?;
    let number = international(&number).map_err(|said| AppError::field("number", said))?;
    let Some(place) = store::suppressions::blacklist::place_of(&ruler, number).await? else {
        return Err(AppError::field("number", "This number is not on the list."));
    };
    leptos_axum::redirect(&format!("/installation/blacklist?found={place}"));
    Ok(())
}

/// The installation has no country of its own, so only what begins with + or 00 says whose number it is.
#[cfg(feature = "ssr")]
fn international(text: &str) -> Result<domain::phone::PhoneNumber, String> {
    let text = text.trim();
    if !text.starts_with('+') && !text.starts_with("00") {
        return Err("Write it with its country, such as +43 660 1234567.".to_owned());
    }
    let anywhere = domain::phone::Country::parse("AT").map_err(|_| "No country.".to_owned())?;
    domain::phone::normalise(text, anywhere).map_err(|reject| crate::error::sentence(&reject.to_string()))
}

/// The numbers of a text, one a line. A refusal names the line and not the number.
#[cfg(feature = "ssr")]
fn lines_of(text: &str) -> Result<Vec<domain::phone::PhoneNumber>, AppError> {
    let mut numbers = Vec::new();
    for (line, text) in (1..).zip(text.lines()).filter(|(_, text)| !text.trim().is_empty()) {
        let refused = |said: String| AppError::field("numbers", format!("Line {line}: {said}"));
        numbers.push(international(text).map_err(refused)?);
    }
    numbers.sort_unstable();
    numbers.dedup();
    if numbers.is_empty() {
        return Err(AppError::field("numbers", "Write at least one number."));
    }
    Ok(numbers)
}
