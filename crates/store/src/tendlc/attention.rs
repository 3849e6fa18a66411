//! What needs attention of brands, 10DLC campaigns and numbers: what stands still until somebody does something, and what
//! is still on its way. How urgent it is stands beside each record, so that the database finds and orders it.

use std::cmp::Reverse;

use domain::{
    id::WorkspaceId,
    tendlc::{
        BrandPhase, CampaignPhase, Carrier, CarrierStatus, IdentityStatus, RegistryStatus, Urgency, VettingStatus,
        clearance::Sharing, kinds::VettingProvider,
    },
};
use surrealdb::types::{RecordId, SurrealValue, Value};

use super::{
    access::Sight,
    brands::Brand,
    campaigns::{Rejection, TenDlc},
    kept::{Kept, record},
    listing::{Listed, Order, Query, Search, Slice, records},
    numbers::{Number, NumberState},
};
use crate::Error;

/// For how long one that has expired is named.
const EXPIRED_FOR_MS: i64 = 30 * 24 * 3_600_000;
/// The worst first, then the newest.
const URGENT: Order = Order { columns: "urgency, made_at_ms", sql: "urgency DESC, made_at_ms DESC, id DESC" };

/// Something about a brand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum BrandMatter {
    /// With the registry's refusal, if it was handed in.
    NotRegistered(Option<String>),
    OnItsWay,
    /// With so many remarks of the registry.
    Unverified(usize),
    Unconfirmed,
    Refused(String),
    Telling,
    /// It has no score by its last vetting, and why.
    NoScore(VettingProvider, VettingStatus),
}

/// Something about a 10DLC campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CampaignMatter {
    /// With the registry's refusal, if it was handed in.
    NotRegistered(Option<String>),
    OnItsWay,
    /// Lately.
    Expired,
    Undecided,
    Suspended(Carrier, Option<Rejection>),
    Rejected(Carrier, Option<Rejection>),
    /// The partner upstream has not answered yet.
    Sharing,
    /// With the partner's reason.
    Declined(Option<String>),
    /// The registry refused to share it with the partner.
    NotShared(String),
    Refused(String),
    Telling,
}

/// Something that needs attention, once in a list whatever there is about it.
#[derive(Debug, Clone)]
pub enum Entry {
    Brand(Box<Brand>),
    Campaign(Box<TenDlc>),
    /// So many numbers of a workspace of which the registry has still to say that they are in, or out.
    Numbers {
        workspace: WorkspaceId,
        state: NumberState,
        count: u64,
    },
}

impl BrandMatter {
    #[must_use]
    pub const fn urgency(&self) -> Urgency {
        match self {
            Self::OnItsWay | Self::Telling | Self::NoScore(_, VettingStatus::Pending) => Urgency::Waiting,
            Self::NotRegistered(_) | Self::Unverified(_) | Self::Unconfirmed | Self::Refused(_) | Self::NoScore(..) => {
                Urgency::ToDo
            }
        }
    }
}

impl CampaignMatter {
    #[must_use]
    pub const fn urgency(&self) -> Urgency {
        match self {
            Self::Suspended(..) | Self::Declined(_) | Self::NotShared(_) => Urgency::Stopped,
            Self::NotRegistered(_) | Self::Rejected(..) | Self::Refused(_) => Urgency::ToDo,
            Self::OnItsWay | Self::Expired | Self::Undecided | Self::Sharing | Self::Telling => Urgency::Waiting,
        }
    }
}

impl Brand {
    /// All that needs attention, the worst first.
    #[must_use]
    pub fn matters(&self) -> Vec<BrandMatter> {
        let mut found = Vec::new();
        match self.phase() {
            BrandPhase::Deleted => return found,
            BrandPhase::Draft => return vec![BrandMatter::NotRegistered(self.refusal.clone())],
            BrandPhase::OnItsWay => return vec![BrandMatter::OnItsWay],
            BrandPhase::Unverified => found.push(BrandMatter::Unverified(self.feedback.len())),
            BrandPhase::Unconfirmed => found.push(BrandMatter::Unconfirmed),
            BrandPhase::Ready => {}
        }
        found.extend(self.refusal.clone().map(BrandMatter::Refused));
        if !self.todo.is_empty() {
            found.push(BrandMatter::Telling);
        }
        found.extend(self.without_score());
        found.sort_by_key(|matter| Reverse(matter.urgency()));
        found
    }

    /// A score that was there and is gone costs throughput; one that never came may be tried again.
    fn without_score(&self) -> Option<BrandMatter> {
        if self.score().is_some() || self.identity() == IdentityStatus::Unverified {
            return None;
        }
        [VettingStatus::Pending, VettingStatus::Expired, VettingStatus::Failed, VettingStatus::Unscore]
            .into_iter()
            .find_map(|status| self.vettings.iter().rev().find(|vetting| vetting.status == status))
            .map(|vetting| BrandMatter::NoScore(vetting.provider, vetting.status))
    }

    pub(super) fn urgency(&self) -> u8 {
        self.matters().first().map_or(0, |matter| matter.urgency().rank())
    }
}

impl TenDlc {
    /// All that needs attention at this moment, the worst first.
    #[must_use]
    pub fn matters(&self, now_ms: i64) -> Vec<CampaignMatter> {
        let mut found = Vec::new();
        match self.phase() {
            CampaignPhase::Draft => return vec![CampaignMatter::NotRegistered(self.refusal.clone())],
            CampaignPhase::OnItsWay => return vec![CampaignMatter::OnItsWay],
            CampaignPhase::Expired => {
                let lately = now_ms < self.urgent_until_ms();
                return if lately { vec![CampaignMatter::Expired] } else { found };
            }
            CampaignPhase::Review if !self.carriers().values().any(|status| *status == CarrierStatus::Registered) => {
                found.push(CampaignMatter::Undecided);
            }
            CampaignPhase::Review
            | CampaignPhase::Suspended
            | CampaignPhase::Rejected
            | CampaignPhase::Partly
            | CampaignPhase::Active
            | CampaignPhase::Held => {}
        }
        for (carrier, status) in self.carriers() {
            let why = self.rejections.get(&carrier).cloned();
            match status {
                CarrierStatus::Suspended => found.push(CampaignMatter::Suspended(carrier, why)),
                CarrierStatus::Rejected => found.push(CampaignMatter::Rejected(carrier, why)),
                CarrierStatus::Registered | CarrierStatus::Review => {}
            }
        }
        found.extend(self.unshared());
        found.extend(self.refusal.clone().map(CampaignMatter::Refused));
        if !self.todo.is_empty() {
            found.push(CampaignMatter::Telling);
        }
        found.sort_by_key(|matter| Reverse(matter.urgency()));
        found
    }

    pub(super) fn urgency(&self) -> u8 {
        self.matters(i64::MIN).first().map_or(0, |matter| matter.urgency().rank())
    }

    fn unshared(&self) -> Option<CampaignMatter> {
        let upstream = self.upstream.as_ref()?;
        match (&upstream.refusal, self.shared()) {
            (Some(why), _) => Some(CampaignMatter::NotShared(why.clone())),
            (None, Sharing::Declined) => Some(CampaignMatter::Declined(upstream.reason.clone())),
            (None, Sharing::Waiting) => Some(CampaignMatter::Sharing),
            (None, Sharing::Accepted | Sharing::NotNeeded) => None,
        }
    }

    /// That it has expired is told for a while.
    pub(super) fn urgent_until_ms(&self) -> i64 {
        match &self.state {
            Some(state) if state.status.value == RegistryStatus::Expired => {
                state.status.as_of_ms.saturating_add(EXPIRED_FOR_MS)
            }
            _ => i64::MAX,
        }
    }
}

/// What needs attention now in the workspaces that are seen, the worst first. What waits of numbers comes last.
pub async fn page(sight: &Sight, search: Option<&Search>, now_ms: i64, slice: Slice) -> Result<Listed<Entry>, Error> {
    let (Some(urgent), Some(waiting)) = (urgent(sight, search, now_ms), unconfirmed(sight, search)) else {
        return Ok(Listed::empty(slice));
    };
    let inner = sight.inner();
    let of_records = urgent.count(inner).await?;
    // A group for each workspace and state at most.
    let mut groups = waiting.groups::<Waiting>(inner, "workspace, state").await?;
    groups.sort_unstable_by(|one, other| (&one.workspace, &one.state).cmp(&(&other.workspace, &other.state)));
    let total = of_records + groups.len() as u64;
    let (slice, skipped, limit) = slice.parts(total);
    let keys = if skipped < of_records { urgent.keys(inner, URGENT, slice).await? } else { Vec::new() };
    let before = usize::try_from(skipped.saturating_sub(of_records)).unwrap_or(usize::MAX);
    let room = (limit as usize).saturating_sub(keys.len());
    let mut items = entries(sight, &keys).await?;
    for group in groups.iter().skip(before).take(room) {
        items.push(group.entry()?);
    }
    Ok(Listed::of(items, total, slice))
}

/// How much needs attention now, by workspace.
pub async fn counts(sight: &Sight, now_ms: i64) -> Result<Vec<(WorkspaceId, u64)>, Error> {
    let (Some(urgent), Some(waiting)) = (urgent(sight, None, now_ms), unconfirmed(sight, None)) else {
        return Ok(Vec::new());
    };
    let inner = sight.inner();
    let mut counts = super::listing::by_workspace(&urgent, inner).await?;
    for group in waiting.groups::<Waiting>(inner, "workspace, state").await? {
        let workspace = group.workspace.parse().map_err(|_| Error::Corrupt)?;
        match counts.iter_mut().find(|(of, _)| *of == workspace) {
            Some((_, count)) => *count += 1,
            None => counts.push((workspace, 1)),
        }
    }
    Ok(counts)
}

fn urgent(sight: &Sight, search: Option<&Search>, now_ms: i64) -> Option<Query> {
    let query = Query::over(sight, &[Brand::TABLE, TenDlc::TABLE])?;
    let query = query.when("urgency > 0 AND urgent_until_ms > $now").with("now", now_ms);
    Some(query.search(search, super::campaigns::FOUND))
}

/// Numbers on their way. No text finds a number here, but for the name of its workspace.
fn unconfirmed(sight: &Sight, search: Option<&Search>) -> Option<Query> {
    let query = Query::over(sight, &[Number::TABLE])?.when("unfinished = true");
    Some(query.search(search, "workspace IN $places"))
}

#[derive(Debug, SurrealValue)]
struct Waiting {
    workspace: String,
    state: String,
    count: i64,
}

impl Waiting {
    fn entry(&self) -> Result<Entry, Error> {
        Ok(Entry::Numbers {
            workspace: self.workspace.parse().map_err(|_| Error::Corrupt)?,
            state: NumberState::from_word(&self.state).ok_or(Error::Corrupt)?,
            count: u64::try_from(self.count).map_err(|_| Error::Corrupt)?,
        })
    }
}

/// The records under these keys, in their order.
async fn entries(sight: &Sight, keys: &[RecordId]) -> Result<Vec<Entry>, Error> {
    let of = |table: &str| keys.iter().filter(|key| key.table.as_str() == table).cloned().collect();
    let brands: Vec<Brand> = records(sight.inner(), of(Brand::TABLE)).await?;
    let campaigns: Vec<TenDlc> = records(sight.inner(), of(TenDlc::TABLE)).await?;
    let brands =
        brands.into_iter().map(|brand| (record::<Brand>(brand.workspace, brand.id), Entry::Brand(Box::new(brand))));
    let campaigns = campaigns
        .into_iter()
        .map(|campaign| (record::<TenDlc>(campaign.workspace, campaign.id), Entry::Campaign(Box::new(campaign))));
    let mut found: Vec<(RecordId, Entry)> = brands.chain(campaigns).collect();
    found.sort_by_key(|(own, _)| keys.iter().position(|key| key == own));
    Ok(found.into_iter().map(|(_, entry)| entry).collect())
}

/// The columns of what needs attention.
pub(super) fn columns(urgency: u8, until_ms: i64) -> [(&'static str, Value); 2] {
    [("urgency", i64::from(urgency).into_value()), ("urgent_until_ms", until_ms.into_value())]
}
