//! The recipients of a campaign. A number comes in by POST only, and goes out masked unless it is revealed, which the audit
//! log records.

use domain::recipient::RecipientState;
use leptos::{prelude::*, server_fn::codec::Json};
use serde::{Deserialize, Serialize};

use super::problems::Problem;
use crate::{error::AppError, state::moment::Moment};

/// Which recipients the tab shows; also its address.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipientQuery {
    #[serde(default)]
    pub state: Option<RecipientState>,
    /// The first recipient of the page, counted from 0.
    #[serde(default)]
    pub from: u32,
    /// This recipient alone, found by number.
    #[serde(default)]
    pub found: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipientPage {
    pub rows: Vec<RecipientRow>,
    /// Where the next page begins.
    pub next: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecipientRow {
    /// From 0, in the order of the file.
    pub index: u32,
    /// `•••4567`.
    pub number: String,
    pub ctn_hash: String,
    pub segments: u8,
    /// Of those, how many arrived; only where it is some and not all.
    pub segments_delivered: Option<u8>,
    pub state: RecipientState,
    pub problem: Option<Problem>,
    /// Handed to the carrier.
    pub sent: Option<Moment>,
    /// The last receipt.
    pub settled: Option<Moment>,
}

/// A full number beside its recipient.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevealedNumber {
    pub index: u32,
    pub number: String,
}

/// Rows of a page.
pub const PAGE_ROWS: u32 = 50;

/// A page of the recipients, masked.
#[server(input = Json)]
pub async fn campaign_recipients(slug: String, id: String, query: RecipientQuery) -> Result<RecipientPage, AppError> {
    let scope = crate::api::context::enter(&slug).await?;
    let id = super::campaign_id(&id)?;
    store::campaigns::find(&scope, id).await?;
    // The journal first: what is folded meanwhile is then in the blocks.
    let tail = store::journal::tail(&scope, id).await?;
    let page =
        store::recipients::page(&scope, id, store_query(query), store::recipients::Reveal::Masked, &tail).await?;
    Ok(RecipientPage {
        rows: page.rows.into_iter().map(|recipient| row(&scope, recipient)).collect(),
        next: page.next.filter(|_| query.found.is_none()),
    })
}

/// Finds a recipient by number and leads to it: its place in the list stands in the address, and never the number.
#[server]
pub async fn find_recipient(slug: String, id: String, number: String) -> Result<(), AppError> {
    let scope = crate::api::context::enter(&slug).await?;
    let campaign = store::campaigns::find(&scope, super::campaign_id(&id)?).await?;
    let number = domain::phone::Country::parse(&scope.workspace().default_country)
        .map_err(AppError::internal)
        .and_then(|country| {
            domain::phone::normalise(&number, country).map_err(|reject| AppError::field("number", reject.to_string()))
        })?;
    // The journal first: what is folded meanwhile is then in the blocks.
    let tail = store::journal::tail(&scope, campaign.id).await?;
    let found = store::recipients::find_by_number(&scope, campaign.id, number, 1, &tail).await?;
    let Some(recipient) = found.first() else {
        return Err(AppError::field("number", "No recipient of this campaign has this number."));
    };
    let slug = &scope.workspace().slug;
    let index = recipient.index;
    leptos_axum::redirect(&format!("/w/{slug}/campaigns/{}?tab=recipients&found={index}", campaign.id));
    Ok(())
}

/// The full numbers of one page, for those who may see them; the audit log says who saw which.
#[server(input = Json)]
pub async fn reveal_recipients(
    slug: String,
    id: String,
    query: RecipientQuery,
) -> Result<Vec<RevealedNumber>, AppError> {
    use domain::permission::kind::RevealNumbers;

    let scope = crate::api::context::enter(&slug).await?;
    let proof = scope.grant::<RevealNumbers>()?;
    let id = super::campaign_id(&id)?;
    store::campaigns::find(&scope, id).await?;
    let tail = store::journal::tail(&scope, id).await?;
    let reveal = store::recipients::Reveal::Full(&proof);
    let page = store::recipients::page(&scope, id, store_query(query), reveal, &tail).await?;
    Ok(page.rows.into_iter().map(|row| RevealedNumber { index: row.index, number: row.number }).collect())
}

#[cfg(feature = "ssr")]
fn store_query(query: RecipientQuery) -> store::recipients::PageQuery {
    match query.found {
        Some(found) => store::recipients::PageQuery { from: found, state: None, limit: 1 },
        None => store::recipients::PageQuery { from: query.from, state: query.state, limit: PAGE_ROWS as usize },
    }
}

#[cfg(feature = "ssr")]
fn row(scope: &store::Scope, recipient: store::recipients::RecipientView) -> RecipientRow {
    use store::recipients::PartState;

    let status = recipient.status;
    let at = |at_ms: Option<i64>| at_ms.map(|at_ms| Moment::of(scope, at_ms));
    let delivered = status.parts.iter().filter(|part| part.state == PartState::Delivered).count();
    RecipientRow {
        index: recipient.index,
        number: recipient.number,
        ctn_hash: recipient.ctn_hash,
        segments: recipient.segments,
        segments_delivered: (delivered > 0 && delivered < status.parts.len())
            .then(|| u8::try_from(delivered).unwrap_or(u8::MAX)),
        problem: (status.state == RecipientState::Failed
            || status.state == RecipientState::NotSent && status.error.is_some())
        .then(|| Problem::of(status.error)),
        state: status.state,
        sent: at(status.submitted_at_ms.or(status.claimed_at_ms)),
        settled: at(status.done_at_ms),
    }
}
