//! Numbers at the registry, or with the partner upstream that keeps them.

use domain::{
    id::{TenDlcCampaignId, WorkspaceId},
    phone::PhoneNumber,
    tendlc::limits::NumbersAt,
};
use store::beside_news;
use store::tendlc::{
    Doing, Number, action,
    numbers::{self, NumberState},
};

use super::{Registrations, Trouble, refusal, unless_later};

impl Registrations {
    /// Puts a number into a 10DLC campaign. It comes back active, or on its way; what the registry refuses is free again.
    pub async fn assign_number(
        &self,
        proof: &Doing<action::Numbers>,
        campaign: TenDlcCampaignId,
        number: PhoneNumber,
    ) -> Result<Number, Trouble> {
        self.registry()?;
        let assigned = beside_news!(numbers::assign(proof, campaign, number))?;
        let told = self.settle_number(proof.workspace_id(), number).await;
        unless_later(told, assigned)
    }

    /// Takes a number out of a 10DLC campaign.
    pub async fn remove_number(
        &self,
        proof: &Doing<action::Numbers>,
        campaign: TenDlcCampaignId,
        number: PhoneNumber,
    ) -> Result<Number, Trouble> {
        self.registry()?;
        let removed = beside_news!(numbers::remove(proof, campaign, number))?;
        let told = self.settle_number(proof.workspace_id(), number).await;
        unless_later(told, removed)
    }

    /// What staff saw to at the partner upstream is done there: a number that waits to come into a 10DLC campaign is active,
    /// and one that waits to leave is free. Where the registry knows, it is asked.
    pub async fn confirm_number(
        &self,
        proof: &Doing<action::Brands>,
        campaign: TenDlcCampaignId,
        number: PhoneNumber,
    ) -> Result<Number, Trouble> {
        match self.0.config.numbers {
            NumbersAt::Partner => {
                let _alone = self.alone(&number).await;
                Ok(beside_news!(numbers::confirm(proof, campaign, number))?)
            }
            NumbersAt::Registry => {
                let known = numbers::member(proof, campaign, number).await?;
                unless_later(self.settle_number(proof.workspace_id(), number).await, known)
            }
        }
    }

    /// Tells the registry what it has to be told of a number.
    pub(super) async fn settle_number(&self, workspace: WorkspaceId, number: PhoneNumber) -> Result<Number, Trouble> {
        self.noted(self.speak_of_number(workspace, number).await)
    }

    async fn speak_of_number(&self, workspace: WorkspaceId, number: PhoneNumber) -> Result<Number, Trouble> {
        let registry = self.registry()?;
        let _alone = self.alone(&number).await;
        let scope = self.scope(workspace);
        let record = numbers::load(&scope, number).await?;
        if self.0.config.numbers == NumbersAt::Partner {
            return Ok(record);
        }
        let (Some(current), Some(campaign)) = (record.current, numbers::registry_id(&scope, &record).await?) else {
            return Ok(record);
        };
        match current.state {
            NumberState::Active => Ok(record),
            NumberState::Assigning => match registry.assign_number(campaign, number).await {
                Ok(()) => Ok(numbers::active(&scope, number, current.campaign).await?),
                Err(error) => {
                    if let Some(why) = refusal(&error) {
                        numbers::released(&scope, number, current.campaign, Some(&why)).await?;
                    }
                    Err(error.into())
                }
            },
            NumberState::Removing => match registry.remove_number(campaign, number).await {
                Ok(()) | Err(tcr::Error::NotFound) => {
                    Ok(numbers::released(&scope, number, current.campaign, None).await?)
                }
                Err(error) => {
                    if let Some(why) = refusal(&error) {
                        numbers::stays(&scope, number, current.campaign, &why).await?;
                    }
                    Err(error.into())
                }
            },
        }
    }
}
