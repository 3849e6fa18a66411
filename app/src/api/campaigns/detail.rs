//! One campaign, as its page shows it.

use domain::{
    campaign::{Action, IngestReport, Mode, PauseReason, Progress, Status},
    message_template::TemplateUse,
    sender::{Addressing, RevisionRef},
};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::origin::{CopyOfView, CopyOffer, Destination, MovedView};
use super::plan::PlanDay;
use crate::{error::AppError, state::moment::Moment};

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CampaignView {
    pub id: String,
    pub name: String,
    pub author: String,
    pub status: Status,
    /// The version that is on the page: a decision names it.
    pub version: u32,
    pub pause: Option<PauseReason>,
    /// In sentences, where the reason alone does not tell it.
    pub pause_why: Option<String>,
    pub archived: Option<Moment>,
    /// Why it Failed.
    pub failure: Option<String>,
    pub approval: Option<ApprovalView>,
    /// The last decision, which an edit may have overtaken.
    pub decision: Option<DecisionView>,
    pub created: Moment,
    pub submitted: Option<Moment>,
    pub started: Option<Moment>,
    pub ended: Option<Moment>,
    pub parameters: ParametersView,
    pub report: Option<IngestReport>,
    pub progress: Progress,
    pub revision: u64,
    /// What this person may do with it now.
    pub offers: Vec<Action>,
    /// What is offered is stopping somebody else's campaign.
    pub only_stops: bool,
    /// Why somebody who decides may not decide on this one.
    pub decision_barred: Option<String>,
    pub may_reveal: bool,
    pub may_audit: bool,
    pub may_export: bool,
    /// It is archived, and this person may delete it for good.
    pub may_delete: bool,
    /// When its recipients were removed, because they had been kept long enough.
    pub data_removed: Option<Moment>,
    /// What can be begun from it.
    pub copies: CopyOffer,
    pub copy_of: Option<CopyOfView>,
    pub moved: Option<MovedView>,
    /// The workspaces to choose from for restoring it; empty: it needs no choice.
    pub destinations: Vec<Destination>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ApprovalView {
    pub by: String,
    pub at: Moment,
    pub version: u32,
    pub self_approval: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionView {
    pub approved: bool,
    pub by: String,
    pub at: Moment,
    pub version: u32,
    pub note: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ParametersView {
    pub mode: Mode,
    pub text: String,
    /// Of Trigger: each number comes with a text of its own.
    pub any_text: bool,
    /// Of Trigger: it sends at any hour.
    pub ignore_daily_window: bool,
    /// What it makes of the template with which it began.
    pub template: Option<TemplateUse>,
    /// The text as the first recipient gets it, when it has merge fields.
    pub sample: Option<String>,
    pub sender: Option<RevisionRef>,
    pub overrides: Option<Addressing>,
    /// What carriers still want of the sender, a US number, before it is approved; None: nothing.
    pub tendlc_missing: Option<String>,
    pub channel: String,
    /// What the channel's policy asks for, in half sentences; empty: it has none.
    pub policy: Vec<String>,
    /// The time that is set for the start; of Spread the beginning of the window.
    pub start: Option<Moment>,
    /// Of Spread the end of the window; of Trigger when it takes no more numbers.
    pub end: Option<Moment>,
    /// Of Spread: how many are due on which day.
    pub days: Vec<PlanDay>,
    pub start_automatically: bool,
    pub daily_limit: Option<u32>,
    pub validity_minutes: Option<u32>,
}

/// A campaign of the workspace.
#[server]
pub async fn campaign(slug: String, id: String) -> Result<CampaignView, AppError> {
    let (services, parts) = (crate::api::context::services()?, crate::api::context::parts()?);
    let scope = crate::api::context::enter(&slug).await?;
    let campaign = store::campaigns::find(&scope, super::campaign_id(&id)?).await?;
    let sample = sample(&scope, &campaign).await?;
    let (mut moved, mut destinations) = (None, Vec::new());
    if campaign.life.archived_at_ms.is_some() {
        let session = services.session(&parts).await?;
        moved = super::origin::moved(&services.gate, &session, &scope, &campaign).await?;
        destinations = super::origin::destinations(&services.gate, &session, &scope, &campaign).await?;
    }
    let template = store::templates::use_of(&scope, &campaign).await?;
    let days = super::plan::fixed_days(&scope, &campaign).await?;
    let policies = store::policies::known(&scope, services.engine.pools()).await?;
    let policy = policies.of_campaign(&campaign.parameters);
    let missing = match campaign.life.status {
        Status::Draft | Status::New => super::tendlc_missing(&scope, &campaign).await?,
        // What stands in the way of a campaign that was approved is why it is paused.
        _ => None,
    };
    let mut shown = CampaignView { moved, destinations, ..view(&scope, campaign, sample) };
    shown.parameters.template = template;
    shown.parameters.tendlc_missing = missing;
    shown.parameters.days = days;
    shown.parameters.policy = policy.map(|preset| preset.rules()).unwrap_or_default();
    Ok(shown)
}

/// What is asked for again and again while a campaign goes on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pulse {
    /// Of the campaign, which its figures do not change: another one means that the rest is worth loading again.
    pub revision: u64,
    pub progress: Progress,
}

/// The figures of a campaign.
#[server]
pub async fn campaign_pulse(slug: String, id: String) -> Result<Pulse, AppError> {
    let scope = crate::api::context::enter(&slug).await?;
    let campaign = store::campaigns::find(&scope, super::campaign_id(&id)?).await?;
    Ok(Pulse { revision: campaign.revision, progress: campaign.progress })
}

#[cfg(feature = "ssr")]
async fn sample(scope: &store::Scope, campaign: &domain::campaign::Campaign) -> Result<Option<String>, AppError> {
    let Ok(template) = domain::merge::Template::parse(&campaign.parameters.text) else { return Ok(None) };
    if template.fields().is_empty() {
        return Ok(None);
    }
    let rows = store::recipients::sample_values(scope, campaign.id, 1).await?;
    Ok(rows.first().and_then(|row| template.render(|field| row.get(field).map(String::as_str)).ok()))
}

#[cfg(feature = "ssr")]
fn view(scope: &store::Scope, campaign: domain::campaign::Campaign, sample: Option<String>) -> CampaignView {
    use domain::permission::Permission;
    use store::campaigns::{offered, reaches};

    let at = |at_ms: i64| Moment::of(scope, at_ms);
    let may = |permission| reaches(scope, &campaign, permission);
    let offers = offered(scope, &campaign);
    let may_delete = may(Permission::DeleteCampaign) && store::campaigns::is_deletable(&campaign);
    let (only_stops, may_reveal, may_audit, may_export) = (
        !may(Permission::ControlCampaign) && !may(Permission::ArchiveCampaign),
        may(Permission::RevealNumbers),
        may(Permission::ViewCampaignAudit),
        may(Permission::ExportRecords),
    );
    let (copies, copy_of) = (super::origin::copy_offer(scope, &campaign), super::origin::copy_of(scope, &campaign));
    let waits = campaign.life.status == Status::New && campaign.life.approval.is_none();
    let decision_barred = (waits && may(Permission::DecideCampaign))
        .then(|| campaign.life.offer(Action::Approve, scope.user_id(), scope.workspace().four_eyes).err())
        .flatten()
        .map(|refusal| refusal.to_string());
    let decision = campaign.decision.map(|decision| DecisionView {
        approved: decision.approved,
        by: decision.by_name,
        at: at(decision.at_ms),
        version: decision.version,
        note: decision.note,
    });
    let approval = campaign.life.approval.map(|approval| ApprovalView {
        by: decision.as_ref().map_or_else(String::new, |decision| decision.by.clone()),
        at: at(approval.at_ms),
        version: approval.version,
        self_approval: approval.self_approval,
    });
    let parameters = campaign.parameters;
    CampaignView {
        id: campaign.id.to_string(),
        name: parameters.name,
        author: campaign.author_name,
        status: campaign.life.status,
        version: campaign.life.version,
        pause: campaign.life.pause.as_ref().map(|pause| pause.reason),
        pause_why: campaign.life.pause.and_then(|pause| pause.why),
        archived: campaign.life.archived_at_ms.map(at),
        failure: campaign.failure,
        approval,
        decision,
        created: at(campaign.created_at_ms),
        submitted: campaign.submitted_at_ms.map(at),
        started: campaign.started_at_ms.map(at),
        ended: campaign.ended_at_ms.map(at),
        parameters: ParametersView {
            mode: parameters.mode,
            text: parameters.text,
            any_text: parameters.any_text,
            ignore_daily_window: parameters.ignore_daily_window,
            template: None,
            sample,
            sender: parameters.sender,
            overrides: parameters.overrides,
            tendlc_missing: None,
            channel: parameters.channel,
            policy: Vec::new(),
            start: parameters.start_at_ms.map(at),
            end: parameters.end_at_ms.map(at),
            days: Vec::new(),
            start_automatically: campaign.life.start_automatically,
            daily_limit: parameters.daily_limit,
            validity_minutes: parameters.validity_minutes,
        },
        report: campaign.report,
        progress: campaign.progress,
        revision: campaign.revision,
        offers,
        only_stops,
        decision_barred,
        may_delete,
        may_reveal,
        may_audit,
        may_export,
        data_removed: campaign.recipient_data_removed_at_ms.map(at),
        copies,
        copy_of,
        moved: None,
        destinations: Vec::new(),
    }
}
