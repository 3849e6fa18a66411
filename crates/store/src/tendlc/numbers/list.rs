//! Lists of numbers, page by page: a workspace and a 10DLC campaign may have thousands.

use std::collections::BTreeMap;

use domain::{
    id::{TenDlcCampaignId, WorkspaceId},
    phone::PhoneNumber,
};
use surrealdb::types::{SurrealValue, Variables};

use super::Number;
use crate::{
    Error, SystemScope,
    access::Inner,
    db::key,
    tendlc::{
        access::{Desk, Doing, Sight, action},
        campaigns,
        kept::Kept,
        listing::{Listed, Order, Query, Slice},
    },
};

/// In their order.
const NUMBERS: Order = Order { columns: "own", sql: "id" };
/// Those that are in a 10DLC campaign first.
const MEMBERS: Order = Order { columns: "campaign = $campaign AS is_in", sql: "is_in DESC, id" };
/// Numbers of a 10DLC campaign that the engine looks at together.
const AT_ONCE: i64 = 200;

/// Which numbers of a workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Whose {
    /// Its own, and those that are in one of its 10DLC campaigns.
    Own,
    /// Those that were.
    Former,
}

/// A part of a workspace's numbers.
pub async fn owned(proof: &Doing<action::Read>, whose: Whose, slice: Slice) -> Result<Listed<Number>, Error> {
    let query = Query::within(proof.workspace_id(), Number::TABLE).when("own = $own").with("own", whose == Whose::Own);
    query.page(proof.inner(), NUMBERS, slice).await
}

/// A part of the workspace's own numbers that are in no 10DLC campaign.
pub async fn free(proof: &Doing<action::Read>, slice: Slice) -> Result<Listed<Number>, Error> {
    let query = Query::within(proof.workspace_id(), Number::TABLE).when("own = true AND campaign = ''");
    query.page(proof.inner(), NUMBERS, slice).await
}

/// A part of the numbers of a 10DLC campaign; with `past` those, too, that were in it, at the end.
pub async fn page(desk: &Desk, campaign: TenDlcCampaignId, past: bool, slice: Slice) -> Result<Listed<Number>, Error> {
    campaigns::find(desk, campaign).await?;
    let which = if past { "(campaign = $campaign OR was_in CONTAINS $campaign)" } else { "campaign = $campaign" };
    let query = Query::within(desk.workspace_id(), Number::TABLE).when(which).with("campaign", campaign.to_string());
    query.page(desk.inner(), MEMBERS, slice).await
}

/// How many numbers are in a 10DLC campaign of the workspaces that are seen.
pub async fn total(sight: &Sight) -> Result<u64, Error> {
    match Query::over(sight, &[Number::TABLE]) {
        Some(query) => query.when("campaign != ''").count(sight.inner()).await,
        None => Ok(0),
    }
}

#[derive(Debug, SurrealValue)]
struct OfCampaign {
    workspace: String,
    campaign: String,
    count: i64,
}

/// How many numbers are in each of these 10DLC campaigns.
pub async fn by_campaign(
    sight: &Sight,
    campaigns: impl IntoIterator<Item = TenDlcCampaignId>,
) -> Result<BTreeMap<(WorkspaceId, TenDlcCampaignId), u64>, Error> {
    let campaigns: Vec<String> = campaigns.into_iter().map(|campaign| campaign.to_string()).collect();
    let Some(query) = Query::over(sight, &[Number::TABLE]).filter(|_| !campaigns.is_empty()) else {
        return Ok(BTreeMap::new());
    };
    let query = query.when("campaign IN $campaigns").with("campaigns", campaigns);
    let rows: Vec<OfCampaign> = query.groups(sight.inner(), "workspace, campaign").await?;
    let row = |row: &OfCampaign| {
        Some(((row.workspace.parse().ok()?, row.campaign.parse().ok()?), u64::try_from(row.count).ok()?))
    };
    rows.iter().map(|one| row(one).ok_or(Error::Corrupt)).collect()
}

/// How many are in a 10DLC campaign.
pub(super) async fn members(inner: &Inner, workspace: WorkspaceId, campaign: TenDlcCampaignId) -> Result<usize, Error> {
    let query = Query::within(workspace, Number::TABLE).when("campaign = $campaign");
    let count = query.with("campaign", campaign.to_string()).count(inner).await?;
    Ok(usize::try_from(count).unwrap_or(usize::MAX))
}

/// Some of the numbers that are in a 10DLC campaign, in their order: those behind `after`. Empty: there are no more.
pub async fn in_campaign(
    scope: &SystemScope,
    campaign: TenDlcCampaignId,
    after: Option<PhoneNumber>,
) -> Result<Vec<PhoneNumber>, Error> {
    let mut vars = Variables::new();
    let range = match after {
        None => key::all(Number::TABLE, scope.workspace_id(), []),
        Some(after) => key::behind(Number::TABLE, scope.workspace_id(), key::id(after)),
    };
    vars.insert("range", range);
    vars.insert("campaign", campaign.to_string());
    vars.insert("limit", AT_ONCE);
    let sql = "SELECT VALUE doc FROM $range WHERE campaign = $campaign ORDER BY id LIMIT $limit";
    let found: Vec<Number> = scope.inner().db.docs(sql, vars).await?;
    Ok(found.into_iter().map(|number| number.number).collect())
}
