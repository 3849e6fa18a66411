//! What 10DLC campaigns and their brands have sent of what they may, durably: charged before messages are claimed, by a
//! compare-and-set over both ledgers, so that all SMS campaigns and all engines share one allowance. A process that dies
//! between the charge and the claim has wasted what it charged, and nobody sends more than is allowed.

use domain::{
    id::{BrandId, TenDlcCampaignId, WorkspaceId},
    tendlc::{
        day::CapDay,
        ledger::{self, Charged, Ledger},
        throughput::Tiers,
    },
};
use serde::{Deserialize, Serialize};
use surrealdb::types::RecordId;

use super::{access::Desk, campaigns::TenDlc, clearance::Cleared};
use crate::{
    Error, SystemScope,
    access::Inner,
    db::{Abort, Tx, backoff, key, tx::Columns},
};

/// Attempts of a charge while others charge the same.
const ATTEMPTS_MAX: u32 = 40;

/// Of a 10DLC campaign or of a brand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Use {
    ledger: Ledger,
    /// The compare-and-set value.
    revision: u64,
}

impl Columns for Use {}

fn campaign_key(workspace: WorkspaceId, campaign: TenDlcCampaignId) -> RecordId {
    key::of("tendlc_use", workspace, [key::id("campaign"), key::id(campaign)])
}

fn brand_key(workspace: WorkspaceId, brand: BrandId) -> RecordId {
    key::of("tendlc_use", workspace, [key::id("brand"), key::id(brand)])
}

/// The ledgers of a 10DLC campaign and of its brand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    pub campaign: Ledger,
    pub brand: Ledger,
}

/// Segments sent since midnight Pacific time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Today {
    pub campaign_segments: u32,
    pub brand_segments: u32,
    /// When it begins anew.
    pub ends_at_ms: i64,
}

async fn read(inner: &Inner, cleared: &Cleared) -> Result<(Option<Use>, Option<Use>), Error> {
    let workspace = cleared.campaign.workspace;
    let campaign = inner.db.get(campaign_key(workspace, cleared.campaign.id)).await?;
    Ok((campaign, inner.db.get(brand_key(workspace, cleared.brand.id)).await?))
}

/// What was sent so far.
pub async fn used(scope: &SystemScope, cleared: &Cleared) -> Result<Used, Error> {
    let fresh = Ledger::fresh(scope.now_ms());
    let (campaign, brand) = read(scope.inner(), cleared).await?;
    let ledger = |kept: Option<Use>| kept.map_or(fresh, |kept| kept.ledger);
    Ok(Used { campaign: ledger(campaign), brand: ledger(brand) })
}

/// For the page of a 10DLC campaign.
pub async fn today(desk: &Desk, campaign: &TenDlc) -> Result<Today, Error> {
    let (inner, workspace, now_ms) = (desk.inner(), desk.workspace_id(), desk.now_ms());
    let of_campaign: Option<Use> = inner.db.get(campaign_key(workspace, campaign.id)).await?;
    let of_brand: Option<Use> = inner.db.get(brand_key(workspace, campaign.brand)).await?;
    let segments = |kept: Option<Use>| kept.map_or(0, |kept| kept.ledger.segments_on(now_ms));
    Ok(Today {
        campaign_segments: segments(of_campaign),
        brand_segments: segments(of_brand),
        ends_at_ms: CapDay::of(now_ms).ends_at_ms(),
    })
}

/// Charges messages, given by their segments: as many, from the first on, as there is room for. When this returns they are
/// charged; when it fails they may be, and are not to be sent.
pub async fn charge(scope: &SystemScope, cleared: &Cleared, tiers: &Tiers, messages: &[u32]) -> Result<Charged, Error> {
    let allowance = tiers.allowance(cleared.campaign.form.use_case, cleared.brand.score());
    change(scope, cleared, |used| {
        let charged = ledger::charge(used.campaign, used.brand, &allowance, messages.iter().copied(), scope.now_ms());
        let after = Used { campaign: charged.campaign, brand: charged.brand };
        ((after != used).then_some(after), charged)
    })
    .await
}

/// Gives back what was charged on a day and was certainly not sent.
pub async fn give_back(scope: &SystemScope, cleared: &Cleared, unsent: &[(CapDay, u32)]) -> Result<(), Error> {
    change(scope, cleared, |used| {
        let less = |ledger: Ledger| unsent.iter().fold(ledger, |left, &(day, segments)| left.less(day, segments));
        let after = Used { campaign: less(used.campaign), brand: less(used.brand) };
        ((after != used).then_some(after), ())
    })
    .await
}

/// Reads both, and writes both if nobody else did meanwhile; else again.
async fn change<T>(
    scope: &SystemScope,
    cleared: &Cleared,
    compute: impl Fn(Used) -> (Option<Used>, T),
) -> Result<T, Error> {
    let inner = scope.inner();
    let workspace = cleared.campaign.workspace;
    let keys = [campaign_key(workspace, cleared.campaign.id), brand_key(workspace, cleared.brand.id)];
    for attempt in 0..ATTEMPTS_MAX {
        let fresh = Ledger::fresh(scope.now_ms());
        let (campaign, brand) = read(inner, cleared).await?;
        let ledger = |kept: &Option<Use>| kept.as_ref().map_or(fresh, |kept| kept.ledger);
        let (after, answer) = compute(Used { campaign: ledger(&campaign), brand: ledger(&brand) });
        let Some(after) = after else { return Ok(answer) };
        let mut tx = Tx::new();
        for (key, before, ledger) in [(&keys[0], campaign, after.campaign), (&keys[1], brand, after.brand)] {
            let before = before.map(|before| before.revision);
            let next = Use { ledger, revision: before.unwrap_or(0) + 1 };
            tx.advance(key.clone(), before, &next);
        }
        match inner.db.commit(tx).await {
            Ok(()) => return Ok(answer),
            // Somebody else charged meanwhile.
            Err(Abort::Conflict | Abort::Stale | Abort::Exists) => backoff(attempt).await,
            Err(other) => return Err(other.into()),
        }
    }
    Err(Error::Unavailable)
}
