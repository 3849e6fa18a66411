//! Phone numbers in 10DLC campaigns. A number is in one 10DLC campaign of the whole installation: while it is, a claim lies
//! under it. What was is kept beside the number, in its workspace.

mod list;
mod own;

use std::collections::BTreeSet;

use domain::{
    id::{TenDlcCampaignId, WorkspaceId},
    phone::PhoneNumber,
    sender::Saddr,
    tendlc::{RegistryCampaignId, clearance, limits::POOL_ABOVE_NUMBERS},
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, SurrealValue, Value};

pub use self::{
    list::{Whose, by_campaign, free, in_campaign, owned, page, total},
    own::{add, release},
};
use super::{
    access::{Desk, Doing, action},
    brands,
    campaigns::{self, TenDlc, check_takes_numbers},
    kept::{self, Kept, heard},
};
use crate::{
    Error, SystemDoor, SystemScope,
    db::{Tx, key, tx::Columns},
    senders,
};

const KIND: &str = "tendlc_campaign";
/// Numbers in one request.
pub const AT_ONCE_MAX: usize = 100;
/// Earlier assignments that are kept of a number.
const HISTORY_MAX: usize = 100;

/// A number of a workspace: in which 10DLC campaign it is, and in which it was.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Number {
    pub number: PhoneNumber,
    pub workspace: WorkspaceId,
    /// It was added to the workspace, which keeps it when it is in no 10DLC campaign.
    #[serde(default)]
    pub added: bool,
    pub current: Option<Current>,
    /// The last one first.
    pub history: Vec<Past>,
    pub added_at_ms: i64,
    /// The compare-and-set value.
    pub revision: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Current {
    pub campaign: TenDlcCampaignId,
    pub since_ms: i64,
    pub state: NumberState,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberState {
    /// Nobody has confirmed yet that the registry, or the partner upstream, has it.
    Assigning,
    Active,
    /// Nobody has confirmed yet that it is out.
    Removing,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Past {
    pub campaign: TenDlcCampaignId,
    pub from_ms: i64,
    pub to_ms: i64,
    /// Why it never became active, or why it ended by itself.
    pub reason: Option<String>,
}

impl NumberState {
    const ALL: [Self; 3] = [Self::Assigning, Self::Active, Self::Removing];

    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Assigning => "assigning",
            Self::Active => "active",
            Self::Removing => "removing",
        }
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }
}

impl Number {
    #[must_use]
    pub fn is_unfinished(&self) -> bool {
        self.current.is_some_and(|current| current.state != NumberState::Active)
    }

    /// Where it is, if it is in this 10DLC campaign and in this state.
    fn current_in(&self, campaign: TenDlcCampaignId, state: NumberState) -> Option<Current> {
        self.current.filter(|current| current.campaign == campaign && current.state == state)
    }

    fn left(&self, at_ms: i64, reason: Option<&str>) -> Self {
        let mut after = self.clone();
        if let Some(current) = after.current.take() {
            let reason = reason.map(str::to_owned);
            let past = Past { campaign: current.campaign, from_ms: current.since_ms, to_ms: at_ms, reason };
            after.history.insert(0, past);
            after.history.truncate(HISTORY_MAX);
        }
        after
    }
}

impl Columns for Number {
    fn columns(&self) -> Vec<(&'static str, Value)> {
        let campaign = self.current.map(|current| current.campaign.to_string()).unwrap_or_default();
        let was_in: BTreeSet<String> = self.history.iter().map(|past| past.campaign.to_string()).collect();
        vec![
            ("campaign", campaign.into_value()),
            ("unfinished", self.is_unfinished().into_value()),
            ("workspace", self.workspace.to_string().into_value()),
            ("own", (self.added || self.current.is_some()).into_value()),
            ("state", self.current.map_or("", |current| current.state.word()).to_owned().into_value()),
            ("was_in", was_in.into_iter().collect::<Vec<_>>().into_value()),
        ]
    }
}

impl Kept for Number {
    const TABLE: &'static str = "tendlc_number";
    type Id = PhoneNumber;

    fn id(&self) -> PhoneNumber {
        self.number
    }

    fn workspace(&self) -> WorkspaceId {
        self.workspace
    }

    fn revision(&self) -> u64 {
        self.revision
    }

    fn set_revision(&mut self, revision: u64) {
        self.revision = revision;
    }
}

/// Kept under the number while it is in a 10DLC campaign, or was added to a workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct Claim {
    workspace: WorkspaceId,
}

impl Columns for Claim {
    fn columns(&self) -> Vec<(&'static str, Value)> {
        vec![("workspace", self.workspace.to_string().into_value())]
    }
}

fn claim_key(number: PhoneNumber) -> RecordId {
    key::global("tendlc_number_claim", number)
}

/// Why a number cannot be assigned.
fn unfit(number: PhoneNumber, why: &str) -> Error {
    Error::Invalid { field: "phone_numbers", message: format!("{}: {why}", number.masked()) }
}

/// Puts a number into a 10DLC campaign: claimed here, and to be told to the registry. One that is in it already stays.
pub async fn assign(
    proof: &Doing<action::Numbers>,
    campaign: TenDlcCampaignId,
    number: PhoneNumber,
) -> Result<Number, Error> {
    let inner = proof.inner();
    if !clearance::needs_campaign(number) {
        return Err(unfit(number, "only US numbers that are not toll-free belong to 10DLC campaigns"));
    }
    let before_campaign = campaigns::find(proof, campaign).await?;
    check_takes_numbers(&before_campaign)?;
    let record = proof.record(Number::TABLE, number);
    let before: Option<Number> = inner.db.get(record.clone()).await?;
    match before.as_ref().and_then(|before| before.current) {
        Some(current) if current.campaign == campaign && current.state != NumberState::Removing => {
            return before.ok_or(Error::NotFound);
        }
        Some(current) if current.campaign == campaign => {
            return Err(in_use("the number is just being taken out; try again in a moment"));
        }
        Some(_) => {
            return Err(in_use("the number is in another 10DLC campaign of this workspace; take it out there first"));
        }
        None => {}
    }
    // One that was added is claimed already.
    let added = before.as_ref().is_some_and(|before| before.added);
    if !added {
        check_free(proof, number).await?;
    }
    check_room(proof, &before_campaign).await?;
    let now_ms = inner.now_ms();
    let current = Current { campaign, since_ms: now_ms, state: NumberState::Assigning };
    let after = match &before {
        Some(before) => Number { current: Some(current), revision: before.revision + 1, ..before.clone() },
        None => Number {
            number,
            workspace: proof.workspace_id(),
            added: false,
            current: Some(current),
            history: Vec::new(),
            added_at_ms: now_ms,
            revision: 1,
        },
    };
    // Written too, so that of two who assign the last number that there is room for one looks again.
    let after_campaign = TenDlc { revision: before_campaign.revision + 1, ..before_campaign.clone() };
    let claim = Claim { workspace: proof.workspace_id() };
    let event = proof.event("tendlc_number.assigned", KIND, &campaign).change("number", None, Some(number.masked()));
    let done = inner.audited(proof.chain(), event, |tx| {
        if !added {
            tx.create(claim_key(number), &claim);
        }
        tx.compare_and_set(proof.record(TenDlc::TABLE, campaign), before_campaign.revision, &after_campaign);
        match &before {
            Some(before) => tx.compare_and_set(record.clone(), before.revision, &after),
            None => tx.create(record.clone(), &after),
        }
        proof.rely_on(tx);
    });
    match done.await {
        Ok(()) => Ok(after),
        // The claim, or the number's record, was made by somebody who was quicker.
        Err(Error::Stale { .. }) => Err(in_use(ELSEWHERE)),
        Err(other) => Err(other),
    }
}

/// Names no tenant.
const ELSEWHERE: &str = "the number is in use elsewhere in this installation; whoever has it takes it out first";

fn in_use(what: &str) -> Error {
    Error::Stale { what: what.to_owned() }
}

/// Refused while somebody else has it. What lies under a claim of this workspace is on record here, and asked before.
async fn check_free(proof: &Doing<action::Numbers>, number: PhoneNumber) -> Result<(), Error> {
    let claimed = proof.inner().db.get::<Claim>(claim_key(number)).await?.is_some();
    if claimed || taken_elsewhere(proof, number).await? { Err(in_use(ELSEWHERE)) } else { Ok(()) }
}

/// Whether it is approved as a sender of another workspace: whoever sends with it there owns it.
async fn taken_elsewhere(proof: &Doing<action::Numbers>, number: PhoneNumber) -> Result<bool, Error> {
    let Ok(saddr) = Saddr::parse(&number.to_string()) else { return Ok(false) };
    let users = senders::users_of(proof.inner(), &saddr).await?;
    Ok(!users.is_empty() && !users.contains(&proof.workspace_id()))
}

async fn check_room(proof: &Doing<action::Numbers>, campaign: &TenDlc) -> Result<(), Error> {
    let brand = brands::find(proof, campaign.brand).await?;
    let has = list::members(proof.inner(), campaign.workspace, campaign.id).await?;
    if let Some(max) = brand.details.entity_type.numbers_max().filter(|max| has >= *max) {
        let message = format!("a 10DLC campaign of a sole proprietor has {max} numbers at most; take one out first");
        return Err(Error::Invalid { field: "phone_numbers", message });
    }
    if has >= POOL_ABOVE_NUMBERS && !campaign.form.number_pool {
        let message = format!(
            "more than {POOL_ABOVE_NUMBERS} numbers count as a pool; register the 10DLC campaign with number_pool"
        );
        return Err(Error::Invalid { field: "phone_numbers", message });
    }
    Ok(())
}

/// Takes a number out of a 10DLC campaign: to be told to the registry, and free when it knows.
pub async fn remove(
    proof: &Doing<action::Numbers>,
    campaign: TenDlcCampaignId,
    number: PhoneNumber,
) -> Result<Number, Error> {
    let inner = proof.inner();
    campaigns::find(proof, campaign).await?;
    let record = proof.record(Number::TABLE, number);
    let before: Number = inner.db.get(record.clone()).await?.ok_or(Error::NotFound)?;
    let current = before.current.filter(|current| current.campaign == campaign).ok_or(Error::NotFound)?;
    if current.state == NumberState::Removing {
        return Ok(before);
    }
    let current = Current { state: NumberState::Removing, ..current };
    let after = Number { current: Some(current), revision: before.revision + 1, ..before.clone() };
    let event = proof.event("tendlc_number.removed", KIND, &campaign).change("number", Some(number.masked()), None);
    let done = inner.audited(proof.chain(), event, |tx| {
        tx.compare_and_set(record.clone(), before.revision, &after);
        proof.rely_on(tx);
    });
    done.await?;
    Ok(after)
}

/// A number that is in this 10DLC campaign, or on its way in or out.
pub async fn member(desk: &Desk, campaign: TenDlcCampaignId, number: PhoneNumber) -> Result<Number, Error> {
    campaigns::find(desk, campaign).await?;
    let found: Number = kept::find(desk, number).await?;
    if found.current.is_some_and(|current| current.campaign == campaign) { Ok(found) } else { Err(Error::NotFound) }
}

/// On the word of whoever saw to it at the partner upstream: a number that waits to come in is active, one that waits to
/// leave is free. Those who register say it, not the workspace: it would let its own numbers out.
pub async fn confirm(
    proof: &Doing<action::Brands>,
    campaign: TenDlcCampaignId,
    number: PhoneNumber,
) -> Result<Number, Error> {
    let before = member(proof, campaign, number).await?;
    let Some(current) = before.current.filter(|current| current.state != NumberState::Active) else {
        return Ok(before);
    };
    let is_leaving = current.state == NumberState::Removing;
    let mut after = if is_leaving {
        before.left(proof.inner().now_ms(), None)
    } else {
        Number { current: Some(Current { state: NumberState::Active, ..current }), ..before.clone() }
    };
    after.revision = before.revision + 1;
    let masked = Some(number.masked());
    let event = if is_leaving {
        proof.event("tendlc_number.removal_confirmed", KIND, &campaign).change("number", masked, None)
    } else {
        proof.event("tendlc_number.confirmed", KIND, &campaign).change("number", None, masked)
    };
    let done = proof.inner().audited(proof.chain(), event, |tx| {
        tx.compare_and_set(proof.record(Number::TABLE, number), before.revision, &after);
        if is_leaving && !after.added {
            tx.delete(claim_key(number));
        }
        proof.rely_on(tx);
    });
    done.await?;
    Ok(after)
}

/// Of which the registry has still to be told: some of them, behind `after`. Empty: there are no more.
pub async fn unfinished(
    door: &SystemDoor,
    after: Option<(WorkspaceId, PhoneNumber)>,
) -> Result<Vec<(WorkspaceId, PhoneNumber)>, Error> {
    kept::marked::<Number>(door, "unfinished", after).await
}

pub async fn load(scope: &SystemScope, number: PhoneNumber) -> Result<Number, Error> {
    kept::load(scope, number).await
}

/// Where a number goes, for the registry: the id of its 10DLC campaign there.
pub async fn registry_id(scope: &SystemScope, number: &Number) -> Result<Option<RegistryCampaignId>, Error> {
    let Some(current) = number.current else { return Ok(None) };
    Ok(campaigns::load(scope, current.campaign).await?.registration.id())
}

/// The registry has it in the 10DLC campaign of which it was told; it may be on its way into another one by now.
pub async fn active(scope: &SystemScope, number: PhoneNumber, told: TenDlcCampaignId) -> Result<Number, Error> {
    let change = |before: &Number| {
        let current = before.current_in(told, NumberState::Assigning)?;
        let active = Current { state: NumberState::Active, ..current };
        let event = heard(scope, "tendlc_number.active", KIND, &current.campaign);
        let event = event.change("number", None, Some(number.masked()));
        Some((Number { current: Some(active), ..before.clone() }, Some(event)))
    };
    kept::revise(scope, number, change, |_, _| {}).await
}

/// The registry refused to take it out: it is in its 10DLC campaign as before.
pub async fn stays(
    scope: &SystemScope,
    number: PhoneNumber,
    told: TenDlcCampaignId,
    why: &str,
) -> Result<Number, Error> {
    let change = |before: &Number| {
        let current = before.current_in(told, NumberState::Removing)?;
        let active = Current { state: NumberState::Active, ..current };
        let event = heard(scope, "tendlc_number.stays", KIND, &current.campaign);
        let event = event.change("number", None, Some(number.masked())).note(why.to_owned());
        Some((Number { current: Some(active), ..before.clone() }, Some(event)))
    };
    kept::revise(scope, number, change, |_, _| {}).await
}

/// It is not in this 10DLC campaign any more, or did not come into it: `reason`. The claim goes, unless the number was added
/// to the workspace.
pub async fn released(
    scope: &SystemScope,
    number: PhoneNumber,
    from: TenDlcCampaignId,
    reason: Option<&str>,
) -> Result<Number, Error> {
    let now_ms = scope.now_ms();
    let change = |before: &Number| {
        before.current.filter(|held| held.campaign == from)?;
        let event = heard(scope, "tendlc_number.released", KIND, &from);
        let event = event.change("number", Some(number.masked()), None).note(reason.map(str::to_owned));
        Some((before.left(now_ms, reason), Some(event)))
    };
    let free = |tx: &mut Tx, after: &Number| {
        if !after.added {
            tx.delete(claim_key(number));
        }
    };
    kept::revise(scope, number, change, free).await
}
