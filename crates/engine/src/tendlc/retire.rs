//! The end of a workspace at the registry: its 10DLC campaigns first, then its brands, as the registry wants it. Where the
//! registry refuses, nothing of the workspace is removed.

use domain::{
    id::{BrandId, TenDlcCampaignId, WorkspaceId},
    tendlc::life::Registration,
};
use store::{
    Ruler, SystemScope,
    tendlc::{brands, campaigns},
};
use tcr::Error as RegistryError;

use super::{Registrations, Trouble, brands::gone};

/// Why it is a draft again.
const WITHDRAWN: &str = "withdrawn, since the workspace is about to be deleted";

impl Registrations {
    /// Ends at the registry what it has of an archived workspace. Repeated after it was cut off, it goes on.
    ///
    /// # Errors
    /// [`Trouble::Registry`] with the registry's reason; what was ended before is on record.
    pub async fn retire(&self, _ruler: &Ruler, workspace: WorkspaceId) -> Result<(), Trouble> {
        let scope = self.scope(workspace);
        let mut after = None;
        loop {
            let found = campaigns::live_in(&scope, after).await?;
            let Some(last) = found.last() else { break };
            after = Some(*last);
            for (_, campaign) in found {
                self.retire_campaign(&scope, campaign).await?;
            }
        }
        let mut after = None;
        loop {
            let found = brands::live_in(&scope, after).await?;
            let Some(last) = found.last() else { return Ok(()) };
            after = Some(*last);
            for (_, brand) in found {
                self.retire_brand(&scope, brand).await?;
            }
        }
    }

    async fn retire_campaign(&self, scope: &SystemScope, id: TenDlcCampaignId) -> Result<(), Trouble> {
        let registry = self.registry()?;
        let _alone = self.alone(&id).await;
        let mut campaign = campaigns::load(scope, id).await?;
        if let Registration::Sent { reference } = &campaign.registration {
            campaign = match registry.find_campaign(reference).await? {
                Some(record) => campaigns::registered(scope, campaign.id, record.id).await?,
                None => campaigns::refused(scope, campaign.id, WITHDRAWN).await?,
            };
        }
        let Some(id) = campaign.registration.id() else { return Ok(()) };
        match registry.deactivate(id).await {
            Ok(()) | Err(RegistryError::NotFound) => {}
            Err(other) => return Err(other.into()),
        }
        self.ended(scope, campaign.id).await?;
        Ok(())
    }

    async fn retire_brand(&self, scope: &SystemScope, id: BrandId) -> Result<(), Trouble> {
        let registry = self.registry()?;
        let _alone = self.alone(&id).await;
        let mut brand = brands::load(scope, id).await?;
        if let Registration::Sent { reference } = &brand.registration {
            brand = match registry.find_brand(reference).await? {
                Some(record) => brands::registered(scope, brand.id, record.id).await?,
                None => brands::refused(scope, brand.id, WITHDRAWN).await?,
            };
        }
        let Some(id) = brand.registration.id() else { return Ok(()) };
        match registry.delete_brand(id).await {
            Ok(()) | Err(RegistryError::NotFound) => {}
            Err(other) => return Err(other.into()),
        }
        gone(scope, &brand).await?;
        Ok(())
    }
}
