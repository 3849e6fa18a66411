//! News from the registry, and what they change of what is on record.
//!
//! Webhooks come late, twice and out of order, and an old one can be sent again by whoever has kept it. So an event is
//! believed only if it carries the time at which it happened, and if that is later than what is on record. The registry's
//! documentation promises no such time: without one an event is a reason to ask the registry, whose answer counts, and no
//! more. If the registry does not answer, news after which fewer messages leave hold until it does.
//!
//! What is on record may have its moment by our clock, the event has its by the registry's. News after which fewer messages
//! leave are not overlooked because the registry's clock is slow: if they are only a little older, the registry is asked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{
    carrier::{self, Carrier, CarrierEvent, CarrierStatus},
    ids::{RegistryBrandId, RegistryCampaignId},
    kinds::{BrandStatus, IdentityStatus},
    life::{self, RegistryStatus, SharingState},
};

/// Something that the registry said, and the moment of which it was true.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Known<T> {
    pub value: T,
    /// The time of the event by the registry's clock, or of our question by ours.
    pub as_of_ms: i64,
}

/// What is on record of a brand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct BrandState {
    pub status: Known<BrandStatus>,
    pub identity: Known<IdentityStatus>,
}

/// What is on record of a 10DLC campaign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignState {
    pub status: Known<RegistryStatus>,
    pub sharing: Option<Known<SharingState>>,
    #[serde(with = "carrier::pairs")]
    pub carriers: BTreeMap<Carrier, Known<CarrierStatus>>,
}

/// What the registry answers when it is asked for a brand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BrandAnswer {
    pub status: BrandStatus,
    pub identity: IdentityStatus,
}

/// What the registry answers when it is asked for a 10DLC campaign.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignAnswer {
    pub status: RegistryStatus,
    pub sharing: Option<SharingState>,
    pub carriers: BTreeMap<Carrier, CarrierStatus>,
}

/// An event, read and verified.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Event {
    /// By which it is processed once, if the registry gives one.
    pub id: Option<String>,
    pub at_ms: Option<i64>,
    pub news: News,
    /// The registry's or the carrier's own words.
    pub description: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "of", rename_all = "snake_case")]
pub enum News {
    Brand {
        brand: RegistryBrandId,
        what: BrandNews,
    },
    Campaign {
        campaign: RegistryCampaignId,
        what: CampaignNews,
    },
    /// Nothing that concerns us; kept, and nothing follows.
    Other {
        event_type: String,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BrandNews {
    Deleted,
    Identity(IdentityStatus),
    /// Something else of it is another: details, score, vetting.
    Changed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CampaignNews {
    Expired,
    Sharing(SharingState),
    Carrier(Carrier, CarrierEvent),
    Changed,
}

impl News {
    /// Whether fewer messages leave by it: such news are the first to be looked at.
    #[must_use]
    pub fn narrows(&self) -> bool {
        match self {
            Self::Brand { what, .. } => what.narrows(),
            Self::Campaign { what, .. } => what.narrows(),
            Self::Other { .. } => false,
        }
    }
}

impl BrandNews {
    fn narrows(self) -> bool {
        match self {
            Self::Deleted => true,
            Self::Identity(identity) => identity == IdentityStatus::Unverified,
            Self::Changed => false,
        }
    }
}

impl CampaignNews {
    fn narrows(self) -> bool {
        match self {
            Self::Expired => true,
            Self::Sharing(state) => state == SharingState::Declined,
            Self::Carrier(_, event) => event.narrows(),
            Self::Changed => false,
        }
    }
}

/// What follows from an event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome<State> {
    /// It says what is on record, or it is older than that.
    Nothing,
    Becomes(State),
    /// The registry is asked. `meanwhile` holds if it does not answer.
    Ask {
        meanwhile: Option<State>,
    },
}

impl<T> Known<T> {
    #[must_use]
    pub const fn new(value: T, as_of_ms: i64) -> Self {
        Self { value, as_of_ms }
    }
}

/// So far the clocks of the registry and of this machine may be apart.
const SKEW_MS: i64 = 60_000;

/// How an event compares with a fact on record.
enum Weight {
    Old,
    /// By less than the clocks may be apart.
    LittleOlder,
    Newer(i64),
    /// No time, or exactly that of what is on record.
    Unknown,
}

fn weigh(at_ms: Option<i64>, as_of_ms: Option<i64>) -> Weight {
    match (at_ms, as_of_ms) {
        (None, _) => Weight::Unknown,
        (Some(at), Some(as_of)) if at < as_of.saturating_sub(SKEW_MS) => Weight::Old,
        (Some(at), Some(as_of)) if at < as_of => Weight::LittleOlder,
        (Some(at), Some(as_of)) if at == as_of => Weight::Unknown,
        (Some(at), _) => Weight::Newer(at),
    }
}

impl BrandState {
    #[must_use]
    pub fn apply(&self, at_ms: Option<i64>, news: BrandNews) -> Outcome<Self> {
        match news {
            BrandNews::Deleted => {
                let with = |as_of_ms| Self { status: Known::new(BrandStatus::Deleted, as_of_ms), ..*self };
                let same = self.status.value == BrandStatus::Deleted;
                settle(at_ms, Some(self.status.as_of_ms), same, true, news.narrows(), with)
            }
            BrandNews::Identity(identity) => {
                let with = |as_of_ms| Self { identity: Known::new(identity, as_of_ms), ..*self };
                let same = self.identity.value == identity;
                settle(at_ms, Some(self.identity.as_of_ms), same, true, news.narrows(), with)
            }
            BrandNews::Changed => Outcome::Ask { meanwhile: None },
        }
    }

    /// What the registry answered to a question that was asked at `asked_at_ms`. What is known of a later moment stays.
    #[must_use]
    pub fn answered(&self, answer: &BrandAnswer, asked_at_ms: i64) -> Self {
        Self {
            status: newer(self.status, answer.status, asked_at_ms),
            identity: newer(self.identity, answer.identity, asked_at_ms),
        }
    }
}

impl CampaignState {
    #[must_use]
    pub fn apply(&self, at_ms: Option<i64>, news: CampaignNews) -> Outcome<Self> {
        match news {
            CampaignNews::Expired => {
                let said = life::registry_status_after(self.status.value, RegistryStatus::Expired);
                let with = |as_of_ms| Self { status: Known::new(said, as_of_ms), ..self.clone() };
                let same = self.status.value == said;
                settle(at_ms, Some(self.status.as_of_ms), same, true, news.narrows(), with)
            }
            CampaignNews::Sharing(state) => {
                let with = |as_of_ms| Self { sharing: Some(Known::new(state, as_of_ms)), ..self.clone() };
                let known = self.sharing.map(|known| known.value);
                let follows = life::sharing(known, state).is_ok();
                let as_of_ms = self.sharing.map(|known| known.as_of_ms);
                settle(at_ms, as_of_ms, known == Some(state), follows, news.narrows(), with)
            }
            CampaignNews::Carrier(carrier, event) => {
                let with = |as_of_ms| {
                    let mut next = self.clone();
                    next.carriers.insert(carrier, Known::new(event.result(), as_of_ms));
                    next
                };
                let known = self.carriers.get(&carrier);
                let status = known.map(|known| known.value);
                let follows = carrier::transition(status, event).is_ok();
                let as_of_ms = known.map(|known| known.as_of_ms);
                settle(at_ms, as_of_ms, status == Some(event.result()), follows, news.narrows(), with)
            }
            CampaignNews::Changed => Outcome::Ask { meanwhile: None },
        }
    }

    /// As [`BrandState::answered`]. A carrier of which the registry says nothing has no status, unless there was news of it
    /// since the question.
    #[must_use]
    pub fn answered(&self, answer: &CampaignAnswer, asked_at_ms: i64) -> Self {
        let mut carriers: BTreeMap<_, _> =
            answer.carriers.iter().map(|(carrier, status)| (*carrier, Known::new(*status, asked_at_ms))).collect();
        for (carrier, known) in self.carriers.iter().filter(|(_, known)| known.as_of_ms > asked_at_ms) {
            carriers.insert(*carrier, *known);
        }
        let sharing = match self.sharing {
            Some(known) if known.as_of_ms > asked_at_ms => Some(known),
            _ => answer.sharing.map(|state| Known::new(state, asked_at_ms)),
        };
        Self { status: newer(self.status, answer.status, asked_at_ms), sharing, carriers }
    }

    /// The carriers' statuses without their times.
    #[must_use]
    pub fn carrier_statuses(&self) -> BTreeMap<Carrier, CarrierStatus> {
        self.carriers.iter().map(|(carrier, known)| (*carrier, known.value)).collect()
    }
}

fn newer<T>(known: Known<T>, said: T, asked_at_ms: i64) -> Known<T> {
    if known.as_of_ms > asked_at_ms { known } else { Known::new(said, asked_at_ms) }
}

/// The rule of this module for one fact. `same`: it is on record already; `follows`: it can come after what is on record;
/// `narrows`: fewer messages leave by it.
fn settle<State>(
    at_ms: Option<i64>,
    as_of_ms: Option<i64>,
    same: bool,
    follows: bool,
    narrows: bool,
    with: impl Fn(i64) -> State,
) -> Outcome<State> {
    match weigh(at_ms, as_of_ms) {
        Weight::Old => Outcome::Nothing,
        Weight::LittleOlder if same || !narrows => Outcome::Nothing,
        Weight::Newer(at_ms) if same || follows => Outcome::Becomes(with(at_ms)),
        Weight::Unknown if same => Outcome::Nothing,
        // The time of what is on record stays, so that the registry's answer counts for more.
        Weight::Newer(_) | Weight::LittleOlder | Weight::Unknown => {
            Outcome::Ask { meanwhile: narrows.then(|| with(as_of_ms.unwrap_or(i64::MIN))) }
        }
    }
}

#[cfg(test)]
mod tests;
