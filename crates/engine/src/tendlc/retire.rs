//! The end of a workspace at the registry: its 10DLC campaigns first, then its brands, as the registry wants it. Where the
//! registry refuses, nothing of the workspace is removed.

use domain::{id::WorkspaceId, tendlc::life::Registration};
use store::{
    Ruler,
    tendlc::{Brand, TenDlc, brands, campaigns},
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
        for campaign in campaigns::of_workspace(&scope).await?.into_iter().filter(TenDlc::is_live) {
            self.retire_campaign(&campaign).await?;
        }
        for brand in brands::of_workspace(&scope).await?.into_iter().filter(Brand::is_live) {
            self.retire_brand(&brand).await?;
        }
        Ok(())
    }

    async fn retire_campaign(&self, campaign: &TenDlc) -> Result<(), Trouble> {
        let registry = self.registry()?;
        let _alone = self.alone(&campaign.id).await;
        let scope = self.scope(campaign.workspace);
        let mut campaign = campaigns::load(&scope, campaign.id).await?;
        if let Registration::Sent { reference } = &campaign.registration {
            campaign = match registry.find_campaign(reference).await? {
                Some(record) => campaigns::registered(&scope, campaign.id, record.id).await?,
                None => campaigns::refused(&scope, campaign.id, WITHDRAWN).await?,
            };
        }
        let Some(id) = campaign.registration.id() else { return Ok(()) };
        match registry.deactivate(id).await {
            Ok(()) | Err(RegistryError::NotFound) => {}
            Err(other) => return Err(other.into()),
        }
        self.ended(&scope, campaign.id).await?;
        Ok(())
    }

    async fn retire_brand(&self, brand: &Brand) -> Result<(), Trouble> {
        let registry = self.registry()?;
        let _alone = self.alone(&brand.id).await;
        let scope = self.scope(brand.workspace);
        let mut brand = brands::load(&scope, brand.id).await?;
        if let Registration::Sent { reference } = &brand.registration {
            brand = match registry.find_brand(reference).await? {
                Some(record) => brands::registered(&scope, brand.id, record.id).await?,
                None => brands::refused(&scope, brand.id, WITHDRAWN).await?,
            };
        }
        let Some(id) = brand.registration.id() else { return Ok(()) };
        match registry.delete_brand(id).await {
            Ok(()) | Err(RegistryError::NotFound) => {}
            Err(other) => return Err(other.into()),
        }
        gone(&scope, &brand).await?;
        Ok(())
    }
}
