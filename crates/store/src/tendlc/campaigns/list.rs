//! Lists of 10DLC campaigns, page by page.

use std::collections::BTreeMap;

use domain::{
    id::{BrandId, TenDlcCampaignId, WorkspaceId},
    tendlc::{BrandPhase, CampaignPhase},
};
use surrealdb::types::SurrealValue;

use super::TenDlc;
use crate::{
    Error,
    tendlc::{
        access::Sight,
        kept::Kept,
        listing::{self, Listed, NEWEST, Query, Search, Slice},
    },
};

/// When somebody who looks for something finds one: by itself, by its brand, or by its workspace.
pub(in crate::tendlc) const FOUND: &str =
    "(search CONTAINS $search OR workspace IN $places OR brand.search CONTAINS $search)";

/// When one is held by its brand, which another record says.
const HELD: &str = "(phase IN $can_be_held AND brand.phase IN $holding)";
const AT_PHASE: &str = "(IF phase IN $can_be_held AND brand.phase IN $holding { $held_too } ELSE { phase IN $phases })";

fn with_words(query: Query) -> Query {
    let words = |words: Vec<&'static str>| words.into_iter().map(str::to_owned).collect::<Vec<String>>();
    let held = CampaignPhase::ALL.iter().filter(|phase| phase.can_be_held()).map(|phase| phase.word()).collect();
    let holding = BrandPhase::ALL.iter().filter(|phase| phase.holds()).map(|phase| phase.word()).collect();
    query.with("can_be_held", words(held)).with("holding", words(holding))
}

/// Which 10DLC campaigns are listed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Those that stand at one of these; empty: all.
    pub phases: Vec<CampaignPhase>,
    pub brand: Option<BrandId>,
    pub search: Option<Search>,
}

/// A part of those that are seen, newest first.
pub async fn page(sight: &Sight, filter: &Filter, slice: Slice) -> Result<Listed<TenDlc>, Error> {
    let Some(mut query) = Query::over(sight, &[TenDlc::TABLE]) else {
        return Ok(Listed::empty(slice));
    };
    if let Some(brand) = filter.brand {
        query = query.when("doc.brand = $brand").with("brand", brand.to_string());
    }
    if !filter.phases.is_empty() {
        let phases: Vec<String> = filter.phases.iter().map(|phase| phase.word().to_owned()).collect();
        let held_too = filter.phases.contains(&CampaignPhase::Held);
        query = with_words(query).when(AT_PHASE).with("phases", phases).with("held_too", held_too);
    }
    query.search(filter.search.as_ref(), FOUND).page(sight.inner(), NEWEST, slice).await
}

/// These 10DLC campaigns, each once, as far as they are there and seen; in no order.
pub async fn many(
    sight: &Sight,
    campaigns: impl IntoIterator<Item = (WorkspaceId, TenDlcCampaignId)>,
) -> Result<Vec<TenDlc>, Error> {
    listing::many(sight, campaigns).await
}

/// How many stand where.
pub async fn phases(sight: &Sight) -> Result<BTreeMap<CampaignPhase, u64>, Error> {
    let Some(query) = Query::over(sight, &[TenDlc::TABLE]) else { return Ok(BTreeMap::new()) };
    let mut phases = listing::phases(&query, sight, CampaignPhase::from_word).await?;
    let held = listing::phases(&with_words(query).when(HELD), sight, CampaignPhase::from_word).await?;
    for (phase, count) in held {
        if let Some(own) = phases.get_mut(&phase) {
            *own = own.saturating_sub(count);
        }
        *phases.entry(CampaignPhase::Held).or_default() += count;
    }
    Ok(phases)
}

/// How many the registry has, or may have, in each workspace that has any.
pub async fn by_workspace(sight: &Sight) -> Result<Vec<(WorkspaceId, u64)>, Error> {
    listing::live_by_workspace(sight, TenDlc::TABLE).await
}

#[derive(Debug, SurrealValue)]
struct OfBrand {
    workspace: String,
    live_brand: String,
    count: i64,
}

/// How many of these brands the registry has, or may have.
pub async fn by_brand(
    sight: &Sight,
    brands: impl IntoIterator<Item = BrandId>,
) -> Result<BTreeMap<(WorkspaceId, BrandId), u64>, Error> {
    let brands: Vec<String> = brands.into_iter().map(|brand| brand.to_string()).collect();
    let Some(query) = Query::over(sight, &[TenDlc::TABLE]).filter(|_| !brands.is_empty()) else {
        return Ok(BTreeMap::new());
    };
    let query = query.when("live_brand IN $brands").with("brands", brands);
    let rows: Vec<OfBrand> = query.groups(sight.inner(), "workspace, live_brand").await?;
    let row = |row: &OfBrand| {
        Some(((row.workspace.parse().ok()?, row.live_brand.parse().ok()?), u64::try_from(row.count).ok()?))
    };
    rows.iter().map(|one| row(one).ok_or(Error::Corrupt)).collect()
}
