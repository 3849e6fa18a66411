//! Beginning a campaign from another one, and restoring one from the archive into a workspace that is picked. Recipients
//! are copied in the background.

use leptos::prelude::*;

use crate::error::AppError;

/// A new draft like this campaign, without recipients.
#[server]
pub async fn clone_campaign(slug: String, id: String) -> Result<(), AppError> {
    use domain::permission::kind::CreateCampaign;

    let scope = crate::api::context::enter(&slug).await?;
    let proof = scope.grant::<CreateCampaign>()?;
    let draft = store::campaigns::clone_bare(&proof, super::campaign_id(&id)?).await?;
    leptos_axum::redirect(&wizard(&scope, draft.id));
    Ok(())
}

/// A new draft like this campaign, with its recipients.
#[server]
pub async fn clone_with_recipients(slug: String, id: String) -> Result<(), AppError> {
    use domain::permission::kind::EditCampaign;

    let intake = crate::api::context::services()?.intake;
    let scope = crate::api::context::enter(&slug).await?;
    let proof = scope.grant_on::<EditCampaign>(super::campaign_id(&id)?).await?;
    let draft = store::campaigns::clone_with_recipients(&proof).await?;
    intake.read(draft.workspace, draft.id).await?;
    leptos_axum::redirect(&wizard(&scope, draft.id));
    Ok(())
}

/// A rejected campaign as a draft again, to be corrected; its recipients are kept.
#[server]
pub async fn edit_as_new(slug: String, id: String) -> Result<(), AppError> {
    use domain::permission::kind::EditCampaign;

    let intake = crate::api::context::services()?.intake;
    let scope = crate::api::context::enter(&slug).await?;
    let proof = scope.grant_on::<EditCampaign>(super::campaign_id(&id)?).await?;
    let draft = store::campaigns::edit_as_new(&proof).await?;
    intake.read(draft.workspace, draft.id).await?;
    leptos_axum::redirect(&wizard(&scope, draft.id));
    Ok(())
}

/// Restores a campaign whose author is gone into a workspace that the admin picks: this one, or another of theirs, which
/// gets a copy.
#[server]
pub async fn restore_campaign_to(slug: String, id: String, to: String) -> Result<(), AppError> {
    use domain::{
        permission::kind::{ArchiveCampaign, ManageWorkspace},
        slug::Slug,
    };

    let services = crate::api::context::services()?;
    let session = services.session(&crate::api::context::parts()?).await?;
    let scope = crate::api::context::enter(&slug).await?;
    let proof = scope.grant_on::<ArchiveCampaign>(super::campaign_id(&id)?).await?;
    scope.grant::<ManageWorkspace>()?;
    let to = Slug::parse(&to).map_err(|_| AppError::field("to", "Choose one of the workspaces that are offered."))?;
    let target = services.gate.enter(&session, &to).await?;
    let restored = store::campaigns::move_to(&proof, &target.grant::<ManageWorkspace>()?).await?;
    services.intake.read(restored.workspace, restored.id).await?;
    leptos_axum::redirect(&format!("/w/{}/campaigns/{}", target.workspace().slug, restored.id));
    Ok(())
}

/// Step 2, where what a copy could not take over is chosen.
#[cfg(feature = "ssr")]
fn wizard(scope: &store::Scope, id: domain::id::CampaignId) -> String {
    format!("/w/{}/campaigns/{id}/edit/2", scope.workspace().slug)
}
