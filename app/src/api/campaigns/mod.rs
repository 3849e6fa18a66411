//! SMS campaigns: the list, one of them, what is done with it, and what became of its recipients.

pub mod control;
pub mod copying;
pub mod detail;
pub mod exports;
pub mod list;
pub mod origin;
pub mod plan;
pub mod problems;
pub mod recipients;

#[cfg(feature = "ssr")]
use domain::id::CampaignId;

#[cfg(feature = "ssr")]
use crate::error::AppError;

/// What is no id cannot name anything: the same answer as for an id that names nothing.
#[cfg(feature = "ssr")]
pub(super) fn campaign_id(text: &str) -> Result<CampaignId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

/// The end of an id, by which people tell campaigns apart: its beginning is the time of its making.
#[must_use]
pub fn short_id(id: &str) -> String {
    id.get(id.len().saturating_sub(8)..).unwrap_or(id).to_owned()
}
