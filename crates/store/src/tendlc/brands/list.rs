//! Lists of brands, page by page.

use std::collections::BTreeMap;

use super::Brand;
use crate::{
    Error,
    tendlc::{
        access::Sight,
        kept::Kept,
        listing::{self, Listed, NEWEST, Order, Query, Search, Slice},
    },
};
use domain::{
    id::{BrandId, WorkspaceId},
    tendlc::BrandPhase,
};

/// Which brands are listed.
#[derive(Debug, Clone, Default)]
pub struct Filter {
    /// Those that stand at one of these; empty: all.
    pub phases: Vec<BrandPhase>,
    pub search: Option<Search>,
}

/// A part of those that are seen, newest first.
pub async fn page(sight: &Sight, filter: &Filter, slice: Slice) -> Result<Listed<Brand>, Error> {
    let Some(query) = Query::over(sight, &[Brand::TABLE]) else {
        return Ok(Listed::empty(slice));
    };
    let query = query
        .phases(filter.phases.iter().map(|phase| phase.word()).collect())
        .search(filter.search.as_ref(), "(search CONTAINS $search OR workspace IN $places)");
    query.page(sight.inner(), NEWEST, slice).await
}

/// Those that can have 10DLC campaigns first.
const READY: Order =
    Order { columns: "phase = 'ready' AS is_ready, made_at_ms", sql: "is_ready DESC, made_at_ms DESC, id DESC" };

/// A part of those that are not deleted, those that can have 10DLC campaigns first.
pub async fn choices(sight: &Sight, slice: Slice) -> Result<Listed<Brand>, Error> {
    match Query::over(sight, &[Brand::TABLE]) {
        Some(query) => query.when("phase != 'deleted'").page(sight.inner(), READY, slice).await,
        None => Ok(Listed::empty(slice)),
    }
}

/// These brands, each once, as far as they are there and seen; in no order.
pub async fn many(
    sight: &Sight,
    brands: impl IntoIterator<Item = (WorkspaceId, BrandId)>,
) -> Result<Vec<Brand>, Error> {
    listing::many(sight, brands).await
}

/// How many stand where.
pub async fn phases(sight: &Sight) -> Result<BTreeMap<BrandPhase, u64>, Error> {
    match Query::over(sight, &[Brand::TABLE]) {
        Some(query) => listing::phases(&query, sight, BrandPhase::from_word).await,
        None => Ok(BTreeMap::new()),
    }
}

/// How many the registry has, or may have, in each workspace that has any.
pub async fn by_workspace(sight: &Sight) -> Result<Vec<(WorkspaceId, u64)>, Error> {
    listing::live_by_workspace(sight, Brand::TABLE).await
}
