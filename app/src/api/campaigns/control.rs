//! What people do with a campaign between its submission and its archive. Deciding on it is in `api::moderation`. A form
//! without a script leads back to the page it came from.

use domain::campaign::Status;
use leptos::prelude::*;

use crate::error::AppError;

/// Starts an approved campaign that does not start by itself.
#[server]
pub async fn start_campaign(slug: String, id: String) -> Result<(), AppError> {
    use domain::permission::kind::ControlCampaign;

    let scope = crate::api::context::enter(&slug).await?;
    let proof = scope.grant_on::<ControlCampaign>(super::campaign_id(&id)?).await?;
    let engine = crate::api::context::services()?.engine;
    super::channel::check(&engine, proof.campaign(), "started")?;
    store::campaigns::start(&proof).await?;
    engine.nudge();
    Ok(())
}

/// Holds a campaign; what is on its way goes on.
#[server]
pub async fn pause_campaign(slug: String, id: String) -> Result<(), AppError> {
    use domain::permission::kind::ControlCampaign;

    let scope = crate::api::context::enter(&slug).await?;
    let proof = scope.grant_on::<ControlCampaign>(super::campaign_id(&id)?).await?;
    store::campaigns::pause(&proof).await?;
    crate::api::context::services()?.engine.nudge();
    Ok(())
}

/// Lets a held campaign go on.
#[server]
pub async fn resume_campaign(slug: String, id: String) -> Result<(), AppError> {
    use domain::permission::kind::ControlCampaign;

    let scope = crate::api::context::enter(&slug).await?;
    let proof = scope.grant_on::<ControlCampaign>(super::campaign_id(&id)?).await?;
    store::campaigns::resume(&proof).await?;
    crate::api::context::services()?.engine.nudge();
    Ok(())
}

/// A Trigger campaign takes no more numbers.
#[server]
pub async fn finish_campaign(slug: String, id: String) -> Result<(), AppError> {
    use domain::permission::kind::ControlCampaign;

    let scope = crate::api::context::enter(&slug).await?;
    let proof = scope.grant_on::<ControlCampaign>(super::campaign_id(&id)?).await?;
    store::campaigns::finish(&proof).await?;
    crate::api::context::services()?.engine.nudge();
    Ok(())
}

/// Ends a campaign: who was not sent to yet is not sent to any more.
#[server]
pub async fn cancel_campaign(slug: String, id: String) -> Result<(), AppError> {
    use domain::permission::kind::ControlCampaign;

    let scope = crate::api::context::enter(&slug).await?;
    let proof = scope.grant_on::<ControlCampaign>(super::campaign_id(&id)?).await?;
    store::campaigns::cancel(&proof).await?;
    crate::api::context::services()?.engine.nudge();
    Ok(())
}

/// A moderator stops somebody's campaign, in the status that was on the page: Sending is paused, Pending is cancelled and
/// archived.
#[server]
pub async fn stop_campaign(slug: String, id: String, seen: Status) -> Result<(), AppError> {
    use domain::permission::kind::StopCampaign;

    let scope = crate::api::context::enter(&slug).await?;
    let proof = scope.grant::<StopCampaign>()?;
    store::campaigns::stop(&proof, super::campaign_id(&id)?, seen).await?;
    crate::api::context::services()?.engine.nudge();
    Ok(())
}

/// Takes a campaign out of the list.
#[server]
pub async fn archive_campaign(slug: String, id: String) -> Result<(), AppError> {
    use domain::permission::kind::ArchiveCampaign;

    let scope = crate::api::context::enter(&slug).await?;
    let proof = scope.grant_on::<ArchiveCampaign>(super::campaign_id(&id)?).await?;
    store::campaigns::archive(&proof).await?;
    Ok(())
}

/// Calls a campaign off in one step.
#[server]
pub async fn cancel_and_archive_campaign(slug: String, id: String) -> Result<(), AppError> {
    use domain::permission::kind::ArchiveCampaign;

    let scope = crate::api::context::enter(&slug).await?;
    let proof = scope.grant_on::<ArchiveCampaign>(super::campaign_id(&id)?).await?;
    store::campaigns::cancel_and_archive(&proof).await?;
    crate::api::context::services()?.engine.nudge();
    Ok(())
}

/// Deletes an archived campaign for good, and leads to the list.
#[server]
pub async fn delete_campaign(slug: String, id: String) -> Result<(), AppError> {
    use domain::permission::kind::DeleteCampaign;

    let scope = crate::api::context::enter(&slug).await?;
    let proof = scope.grant_on::<DeleteCampaign>(super::campaign_id(&id)?).await?;
    store::campaigns::delete(&proof).await?;
    leptos_axum::redirect(&format!("/w/{}/campaigns", scope.workspace().slug));
    Ok(())
}

/// Puts an archived campaign back into the list.
#[server]
pub async fn restore_campaign(slug: String, id: String) -> Result<(), AppError> {
    use domain::permission::kind::ArchiveCampaign;

    let scope = crate::api::context::enter(&slug).await?;
    let proof = scope.grant_on::<ArchiveCampaign>(super::campaign_id(&id)?).await?;
    store::campaigns::restore(&proof).await?;
    Ok(())
}
