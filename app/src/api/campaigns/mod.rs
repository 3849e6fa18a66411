//! SMS campaigns: the list, one of them, what is done with it, and what became of its recipients.

#[cfg(feature = "ssr")]
pub mod channel;
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

/// What carriers still want of a campaign's sender, which is a US number, in a sentence; None: it may send.
#[cfg(feature = "ssr")]
pub(super) async fn tendlc_missing(
    scope: &store::Scope,
    campaign: &domain::campaign::Campaign,
) -> Result<Option<String>, AppError> {
    use store::tendlc::{Clearance, clearance};

    let Some(addressing) = campaign.parameters.addressing() else { return Ok(None) };
    Ok(match clearance::of_sender(scope, addressing).await? {
        Clearance::Blocked(blocked) => Some(crate::error::sentence(&blocked.to_string())),
        Clearance::NotNeeded | Clearance::Cleared(_) => None,
    })
}

/// The end of an id, by which people tell campaigns apart: its beginning is the time of its making.
#[must_use]
pub fn short_id(id: &str) -> String {
    id.get(id.len().saturating_sub(8)..).unwrap_or(id).to_owned()
}
