//! The moderators' queue, and decisions. A decision names the version that was reviewed.

use domain::{
    campaign::Mode,
    message_template::TemplateUse,
    sender::{Addressing, SenderOrigin},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use crate::{error::AppError, state::moment::Moment};

/// What waits, oldest submission first.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Queue {
    pub campaigns: Vec<WaitingCampaign>,
    pub revisions: Vec<WaitingRevision>,
    /// Templates with a version that waits; they are decided on their own pages.
    #[serde(default)]
    pub templates: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingCampaign {
    pub id: String,
    pub version: u32,
    pub name: String,
    pub mode: Mode,
    pub sender: String,
    /// The address that phones will show: the revision's, or what overrides it.
    pub saddr: String,
    pub revision: u32,
    /// Whether the sender is the workspace's own or a preset of the installation.
    pub origin: SenderOrigin,
    pub overridden: bool,
    pub text: String,
    /// Each number comes with a text of its own: that is what is approved.
    pub any_text: bool,
    /// What it makes of the template with which it began.
    pub template: Option<TemplateUse>,
    pub recipients: u64,
    /// Summed over the recipients.
    pub segments: u64,
    pub start: Option<Moment>,
    /// Of Spread the end of the window.
    pub end: Option<Moment>,
    pub start_automatically: bool,
    /// What carriers still want of the sender, a US number, in a sentence; None: it may send.
    #[serde(default)]
    pub tendlc_missing: Option<String>,
    pub created: Moment,
    pub submitted: Option<Moment>,
    pub author: String,
    pub may_decide: bool,
    /// Why this person may reject it and not approve it.
    pub barred: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingRevision {
    pub sender: String,
    pub number: u32,
    pub name: String,
    pub addressing: Addressing,
    /// What is in force until this one is approved.
    pub in_force: Option<Addressing>,
    pub reason: Option<String>,
    pub submitted_by: String,
    pub submitted: Moment,
    pub may_decide: bool,
    pub barred: Option<String>,
}

/// The queue of the workspace.
#[server]
pub async fn moderation_queue(slug: String) -> Result<Queue, AppError> {
    use domain::permission::kind::ViewWorkspace;

    let scope = super::context::enter(&slug).await?;
    let view = scope.grant::<ViewWorkspace>()?;
    let campaigns = store::campaigns::queue(&view).await?;
    let senders = store::senders::queue(&view).await?;
    let mut waiting = Vec::with_capacity(campaigns.len());
    for campaign in campaigns {
        let template = store::templates::use_of(&scope, &campaign).await?;
        let tendlc_missing = super::campaigns::tendlc_missing(&scope, &campaign).await?;
        waiting.push(WaitingCampaign { template, tendlc_missing, ..waiting_campaign(&scope, campaign) });
    }
    Ok(Queue {
        campaigns: waiting,
        templates: store::templates::waiting(&view).await?,
        revisions: senders.into_iter().filter_map(|sender| waiting_revision(&scope, sender)).collect(),
    })
}

/// Approves the version that was on the page.
#[server]
pub async fn approve_campaign(slug: String, id: String, version: u32) -> Result<(), AppError> {
    use domain::permission::kind::DecideCampaign;

    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant::<DecideCampaign>()?;
    let engine = super::context::services()?.engine;
    let campaign = store::campaigns::find(&proof, super::campaigns::campaign_id(&id)?).await?;
    super::campaigns::channel::check(&engine, &campaign, "approved")?;
    store::campaigns::approve(&proof, campaign.id, version).await?;
    engine.nudge();
    Ok(())
}

/// Rejects the version that was on the page; the note goes to its author.
#[server]
pub async fn reject_campaign(slug: String, id: String, version: u32, note: String) -> Result<(), AppError> {
    use domain::permission::kind::DecideCampaign;

    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant::<DecideCampaign>()?;
    store::campaigns::reject(&proof, super::campaigns::campaign_id(&id)?, version, &note).await?;
    super::context::services()?.engine.nudge();
    Ok(())
}

/// Approves the revision that was on the page: it is in force from now on.
#[server]
pub async fn approve_revision(slug: String, sender: String, number: u32) -> Result<(), AppError> {
    use domain::permission::kind::DecideRevision;

    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant::<DecideRevision>()?;
    store::senders::approve(&proof, sender_id(&sender)?, number).await?;
    Ok(())
}

/// Rejects the revision that was on the page; what is in force stays in force.
#[server]
pub async fn reject_revision(slug: String, sender: String, number: u32, note: String) -> Result<(), AppError> {
    use domain::permission::kind::DecideRevision;

    let scope = super::context::enter(&slug).await?;
    let proof = scope.grant::<DecideRevision>()?;
    store::senders::reject(&proof, sender_id(&sender)?, number, &note).await?;
    Ok(())
}

#[cfg(feature = "ssr")]
fn sender_id(text: &str) -> Result<domain::id::SenderId, AppError> {
    text.parse().map_err(|_| AppError::NotFound)
}

#[cfg(feature = "ssr")]
fn waiting_campaign(scope: &store::Scope, campaign: domain::campaign::Campaign) -> WaitingCampaign {
    use domain::{campaign::Action, permission::Permission};

    let may_decide = store::campaigns::reaches(scope, &campaign, Permission::DecideCampaign);
    let refusal = campaign.life.offer(Action::Approve, scope.user_id(), scope.workspace().four_eyes).err();
    let parameters = campaign.parameters;
    let (sender, revision, origin, saddr) = parameters.sender.map_or_else(Default::default, |sender| {
        (sender.display_name, sender.revision, sender.origin, sender.addressing.saddr.to_string())
    });
    let report = campaign.report.unwrap_or_default();
    WaitingCampaign {
        id: campaign.id.to_string(),
        version: campaign.life.version,
        name: parameters.name,
        mode: parameters.mode,
        sender,
        overridden: parameters.overrides.is_some(),
        saddr: parameters.overrides.map_or(saddr, |addressing| addressing.saddr.to_string()),
        revision,
        origin,
        text: parameters.text,
        any_text: parameters.any_text,
        template: None,
        recipients: report.accepted,
        segments: report.segments,
        start: parameters.start_at_ms.map(|at_ms| Moment::of(scope, at_ms)),
        end: parameters.end_at_ms.map(|at_ms| Moment::of(scope, at_ms)),
        start_automatically: campaign.life.start_automatically,
        tendlc_missing: None,
        created: Moment::of(scope, campaign.created_at_ms),
        submitted: campaign.submitted_at_ms.map(|at_ms| Moment::of(scope, at_ms)),
        author: campaign.author_name,
        may_decide,
        barred: refusal.filter(|_| may_decide).map(|refusal| refusal.to_string()),
    }
}

#[cfg(feature = "ssr")]
fn waiting_revision(scope: &store::Scope, sender: domain::sender::Sender) -> Option<WaitingRevision> {
    use domain::permission::{Capacity, Permission, Reach};

    let pending = sender.pending()?.clone();
    let may_decide = scope.reach(Permission::DecideRevision) == Reach::Any;
    let own = may_decide && !store::senders::may_approve(scope, &pending);
    let own = own.then(|| "you submitted this revision, so somebody else has to approve it".to_owned());
    let barred = own.or_else(|| {
        let needed = store::senders::super_admin_needed(&pending).filter(|_| may_decide);
        needed.filter(|_| scope.capacity() != Capacity::SuperAdmin)
    });
    Some(WaitingRevision {
        sender: sender.id.to_string(),
        number: pending.number,
        in_force: sender.in_force().map(|revision| revision.addressing.clone()),
        addressing: pending.addressing,
        reason: pending.reason,
        submitted_by: pending.submitted_by_name,
        submitted: Moment::of(scope, pending.submitted_at_ms),
        may_decide,
        barred,
        name: sender.display_name,
    })
}
