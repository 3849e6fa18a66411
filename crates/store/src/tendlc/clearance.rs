//! Whether messages may leave from a sender: number → 10DLC campaign → brand, all of one workspace, as they are on record
//! at this moment. The rule is [`domain::tendlc::clearance`]; here its facts are read, all by keys that begin with the
//! workspace, so that what is another's is not there.
//!
//! A submission and an approval rely on the three records in their transaction ([`Cleared::rely_on`]): of a suspension and
//! an approval at the same moment one looks again. The dispatcher asks before each charge.

use std::fmt;

use domain::{
    id::WorkspaceId,
    phone::{Country, PhoneNumber},
    sender::Addressing,
    tendlc::{
        RegistryCampaignId, RegistryStatus,
        clearance::{self, BrandFacts, CampaignFacts, NotCleared, NumberFacts, Reading},
    },
};

use super::{
    brands::Brand,
    campaigns::{TenDlc, Todo},
    kept::record,
    numbers::{Number, NumberState},
};
use crate::{Error, Scope, SystemScope, access::Inner, db::Tx, senders};

/// What stands for a message from a US number: its 10DLC campaign and brand as they were read.
#[derive(Debug, Clone)]
pub struct Cleared {
    pub number: PhoneNumber,
    pub campaign: TenDlc,
    pub brand: Brand,
    number_revision: u64,
}

/// What is missing, in words that say what to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Blocked {
    pub why: NotCleared,
    /// The number's 10DLC campaign, if it has one that the registry knows.
    pub campaign: Option<RegistryCampaignId>,
    /// The other country whose number the sender would be, had a super admin approved it as one.
    pub abroad: Option<Country>,
}

/// The answer for one sender.
#[derive(Debug, Clone)]
pub enum Clearance {
    /// The sender is no US number: carriers want no 10DLC campaign for it.
    NotNeeded,
    Cleared(Box<Cleared>),
    Blocked(Blocked),
}

impl fmt::Display for Blocked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "10DLC: {}", self.why)?;
        if let Some(id) = self.campaign {
            write!(f, " (10DLC campaign {id})")?;
        }
        match self.abroad {
            Some(country) => write!(
                f,
                ". If the sender is a number of {}: submit it anew with TON 1 and have a super admin approve it",
                country.name()
            ),
            None => Ok(()),
        }
    }
}

impl Cleared {
    /// Makes a decision depend on it: none of the three records changes before it commits.
    pub(crate) fn rely_on(&self, tx: &mut Tx) {
        let workspace = self.campaign.workspace;
        tx.rely_on(record::<Number>(workspace, self.number), self.number_revision);
        tx.rely_on(record::<TenDlc>(workspace, self.campaign.id), self.campaign.revision);
        tx.rely_on(record::<Brand>(workspace, self.brand.id), self.brand.revision);
    }
}

impl Cleared {
    /// Whether nothing of it was changed in between.
    pub(crate) fn is_as(&self, other: &Self) -> bool {
        let revisions = |cleared: &Self| (cleared.number_revision, cleared.campaign.revision, cleared.brand.revision);
        self.campaign.id == other.campaign.id && revisions(self) == revisions(other)
    }
}

impl Clearance {
    /// Of one who has to know before going on: None where nothing is needed.
    pub(crate) fn or_refuse(self, refuse: impl FnOnce(String) -> Error) -> Result<Option<Box<Cleared>>, Error> {
        match self {
            Self::NotNeeded => Ok(None),
            Self::Cleared(cleared) => Ok(Some(cleared)),
            Self::Blocked(blocked) => Err(refuse(blocked.to_string())),
        }
    }
}

/// For pages: what stands in the way of a sender.
pub async fn of_sender(scope: &Scope, addressing: &Addressing) -> Result<Clearance, Error> {
    read(scope.inner(), scope.workspace_id(), addressing).await
}

/// For what is about to be sent.
pub async fn for_sending(scope: &SystemScope, addressing: &Addressing) -> Result<Clearance, Error> {
    read(scope.inner(), scope.workspace_id(), addressing).await
}

pub(crate) async fn read(inner: &Inner, workspace: WorkspaceId, addressing: &Addressing) -> Result<Clearance, Error> {
    let reading = clearance::reading(addressing);
    let abroad = if let Reading::Either { abroad, .. } = reading { Some(abroad) } else { None };
    let is_abroad = abroad.is_some() && senders::is_abroad(inner, workspace, &addressing.saddr).await?;
    let Some(number) = reading.us_number(|| is_abroad) else { return Ok(Clearance::NotNeeded) };
    let kept: Option<Number> = inner.db.get(record::<Number>(workspace, number)).await?;
    let current = kept.as_ref().and_then(|kept| kept.current);
    let campaign: Option<TenDlc> = match current {
        Some(current) => inner.db.get(record::<TenDlc>(workspace, current.campaign)).await?,
        None => None,
    };
    let brand: Option<Brand> = match &campaign {
        Some(campaign) => inner.db.get(record::<Brand>(workspace, campaign.brand)).await?,
        None => None,
    };
    let number_facts = kept.as_ref().map(|kept| NumberFacts {
        workspace: kept.workspace,
        campaign: current.map(|current| current.campaign),
        active: current.is_some_and(|current| current.state == NumberState::Active),
    });
    let carriers = campaign.as_ref().map(TenDlc::carriers).unwrap_or_default();
    let campaign_facts = campaign.as_ref().map(|campaign| CampaignFacts {
        workspace: campaign.workspace,
        id: campaign.id,
        brand: campaign.brand,
        // Who deactivates it means it to end now, whenever the registry hears of it.
        status: campaign
            .status()
            .map(|status| if campaign.todo.contains(&Todo::Deactivate) { RegistryStatus::Expired } else { status }),
        carriers: &carriers,
        sharing: campaign.shared(),
    });
    let brand_facts = brand.as_ref().map(|brand| BrandFacts {
        workspace: brand.workspace,
        id: brand.id,
        status: brand.status(),
        identity: brand.identity(),
    });
    let checked = clearance::check(workspace, number_facts.as_ref(), campaign_facts.as_ref(), brand_facts.as_ref());
    let registry_id = campaign.as_ref().and_then(|campaign| campaign.registration.id());
    Ok(match (checked, kept, campaign, brand) {
        (Ok(()), Some(kept), Some(campaign), Some(brand)) => {
            Clearance::Cleared(Box::new(Cleared { number, campaign, brand, number_revision: kept.revision }))
        }
        // What was checked is there.
        (Ok(()), ..) => return Err(Error::Corrupt),
        (Err(why), ..) => Clearance::Blocked(Blocked { why, campaign: registry_id, abroad }),
    })
}
