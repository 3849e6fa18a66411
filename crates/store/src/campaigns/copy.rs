//! A campaign as the beginning of another one: clone, and edit as new.
//!
//! The draft and the order to copy the recipients commit together; the engine copies them in the background, as it reads
//! a file ([`uploads::Upload::copies`]), so a draft cannot be submitted before all of them are there.

use domain::{
    campaign::{Campaign, CopyOf, Life, Mode, Parameters, Progress, Status},
    id::{CampaignId, UploadId, WorkspaceId},
    permission::{Permission, Reach, kind},
    sender::{RevisionRef, SenderOrigin},
};

use super::{
    campaign_key, event, find, read,
    uploads::{self, CopySource, Upload, UploadState, upload_key},
};
use crate::{
    Error, Granted, On, Scope, SystemScope,
    access::Inner,
    audit::{Chain, Event},
    db::Tx,
    recipients::{self, Checkpoint, IngestPhase},
    senders,
};

const NAME_CHARACTERS_MAX: usize = 120;

/// A new draft with the parameters of a campaign, and without recipients.
pub async fn clone_bare(scope: &Granted<kind::CreateCampaign>, id: CampaignId) -> Result<Campaign, Error> {
    let source = find(scope, id).await?;
    copy(scope, &source, clone_name(&source), "campaign.cloned", None).await
}

/// A new draft with the parameters and the recipients of a campaign that this person may edit.
pub async fn clone_with_recipients(proof: &On<kind::EditCampaign>) -> Result<Campaign, Error> {
    let source = proof.campaign();
    let recipients = copyable(proof, source).await?;
    copy(proof, source, clone_name(source), "campaign.cloned", Some(recipients)).await
}

/// The same for a campaign that was rejected: the draft to correct, with its name and its recipients.
pub async fn edit_as_new(proof: &On<kind::EditCampaign>) -> Result<Campaign, Error> {
    let source = proof.campaign();
    if !is_rejected(source) {
        return Err(Error::Stale { what: "only a rejected campaign is edited as new; clone this one".into() });
    }
    let recipients = if source.report.is_some() { Some(copyable(proof, source).await?) } else { None };
    copy(proof, source, source.parameters.name.clone(), "campaign.edited_as_new", recipients).await
}

/// Ended by a moderator's rejection.
#[must_use]
pub fn is_rejected(campaign: &Campaign) -> bool {
    campaign.life.status == Status::Cancelled && campaign.decision.as_ref().is_some_and(|decision| !decision.approved)
}

fn clone_name(source: &Campaign) -> String {
    format!("Copy of {}", source.parameters.name).trim_end().chars().take(NAME_CHARACTERS_MAX).collect()
}

/// Whether a page offers the recipients of a campaign for a copy.
#[must_use]
pub fn is_copyable(campaign: &Campaign) -> bool {
    campaign.parameters.mode != Mode::Trigger
        && campaign.recipient_data_removed_at_ms.is_none()
        && campaign.report.is_some_and(|report| report.accepted > 0)
}

/// The recipients of a campaign as they stand, to be copied.
pub async fn copyable(scope: &Scope, source: &Campaign) -> Result<CopySource, Error> {
    let refuse = |why: &str| Err(Error::invalid("recipients", why));
    if source.parameters.mode == Mode::Trigger {
        return refuse("the numbers of a Trigger campaign came one by one and are not copied; copy it without them");
    }
    if source.recipient_data_removed_at_ms.is_some() {
        return refuse("its recipients had been kept long enough and were removed; copy it without them");
    }
    if is_being_planned(source) {
        let what = "the campaign is being built, which puts its recipients in their order; wait until it is built";
        return Err(Error::Stale { what: what.into() });
    }
    let read = recipients::find_ingest(scope, source.id).await?.filter(|read| read.phase == IngestPhase::Done);
    let (Some(read), Some(report)) = (read, source.report.filter(|report| report.accepted > 0)) else {
        return refuse("this campaign has no recipients that could be copied; copy it without them");
    };
    Ok(CopySource {
        workspace: source.workspace,
        campaign: source.id,
        report,
        measured_text: measured(source),
        ingest_revision: read.revision,
        planned: is_planned(source),
    })
}

/// Whether the recipients are what they were when the copy was asked for.
pub async fn is_unchanged(scope: &SystemScope, source: &CopySource) -> Result<bool, Error> {
    let campaign = match read(scope.inner(), scope.workspace_id(), source.campaign).await {
        Ok(campaign) => campaign,
        Err(Error::NotFound) => return Ok(false),
        Err(other) => return Err(other),
    };
    let read = recipients::load_ingest(scope, source.campaign).await?;
    let same_file = |read: Checkpoint| read.phase == IngestPhase::Done && read.revision == source.ingest_revision;
    Ok(read.is_some_and(same_file)
        && campaign.recipient_data_removed_at_ms.is_none()
        && !is_being_planned(&campaign)
        && is_planned(&campaign) == source.planned
        && measured(&campaign) == source.measured_text)
}

/// The text that the segments of all recipients are counted for.
fn measured(campaign: &Campaign) -> Option<String> {
    campaign.measured_text.clone().filter(|text| *text == campaign.parameters.text)
}

/// Building rewrites the recipients of Spread in the order of the plan, and brings that to its end when the campaign was
/// cancelled meanwhile: until then somebody may be there twice.
fn is_being_planned(campaign: &Campaign) -> bool {
    let unsettled = campaign.progress.waiting + campaign.progress.claimed > 0;
    let ended = matches!(campaign.life.status, Status::Cancelled | Status::Failed | Status::Expired);
    campaign.parameters.mode == Mode::Spread && (campaign.life.status == Status::Building || ended && unsettled)
}

fn is_planned(campaign: &Campaign) -> bool {
    let before = matches!(campaign.life.status, Status::Draft | Status::New);
    campaign.parameters.mode == Mode::Spread && !before
}

/// A draft of `scope`'s person in `scope`'s workspace, and its recipients on order.
#[derive(Debug)]
pub(super) struct Copied {
    pub(super) draft: Campaign,
    upload: Option<Upload>,
}

impl Copied {
    pub(super) fn put(&self, tx: &mut Tx) {
        tx.create(campaign_key(self.draft.workspace, self.draft.id), &self.draft);
        if let Some(upload) = &self.upload {
            tx.create(upload_key(upload.workspace, upload.campaign), upload);
        }
    }

    /// The first record of the draft's life.
    pub(super) fn event(&self, scope: &Scope, source: &Campaign) -> Event {
        event(scope, "campaign.created", self.draft.id)
            .change("mode", None, Some(format!("{:?}", self.draft.parameters.mode)))
            .change("copy_of", None, Some(source.id))
            .change(
                "recipients",
                None,
                self.upload.as_ref().and_then(|upload| upload.copies.as_ref()).map(|copies| copies.report.accepted),
            )
    }
}

pub(super) async fn begin(
    scope: &Scope,
    source: &Campaign,
    name: String,
    recipients: Option<CopySource>,
) -> Result<Copied, Error> {
    let inner: &Inner = scope.inner();
    let (workspace, now_ms) = (scope.workspace_id(), scope.now_ms());
    let sender = sender_in_force(scope, source).await?;
    let may_override = scope.reach(Permission::ManageWorkspace) == Reach::Any;
    let keep_overrides = match &source.parameters.overrides {
        Some(overrides) if may_override => senders::is_in_force(scope, &overrides.saddr).await?,
        _ => false,
    };
    let (mut parameters, left_out) = source.parameters.copied(now_ms, sender, keep_overrides);
    // A template is of its workspace.
    parameters.template = parameters.template.filter(|_| source.workspace == workspace);
    let draft = Campaign {
        workspace,
        id: CampaignId::from_uuid(inner.new_uuid()?),
        life: Life::draft(scope.user_id(), source.life.start_automatically),
        parameters: Parameters { name, ..parameters },
        author: scope.user_id(),
        author_name: scope.user().name.clone(),
        created_at_ms: now_ms,
        submitted_at_ms: None,
        started_at_ms: None,
        ended_at_ms: None,
        decision: None,
        failure: None,
        report: None,
        measured_text: None,
        copy_of: Some(CopyOf {
            workspace: source.workspace,
            campaign: source.id,
            name: source.parameters.name.clone(),
            left_out,
        }),
        progress: Progress::default(),
        recipient_data_removed_at_ms: None,
        revision: 1,
    };
    let upload = recipients.map(|copies| order(inner, workspace, &draft, source, copies)).transpose()?;
    Ok(Copied { draft, upload })
}

/// The revision of the campaign's sender that is in force in this workspace.
async fn sender_in_force(scope: &Scope, source: &Campaign) -> Result<Option<RevisionRef>, Error> {
    let is_here = source.workspace == scope.workspace_id();
    let goes_along = |before: &&RevisionRef| is_here || before.origin == SenderOrigin::Installation;
    match source.parameters.sender.as_ref().filter(goes_along) {
        Some(before) => senders::in_force(scope, before.sender).await,
        None => Ok(None),
    }
}

fn order(
    inner: &Inner,
    workspace: WorkspaceId,
    draft: &Campaign,
    source: &Campaign,
    copies: CopySource,
) -> Result<Upload, Error> {
    Ok(Upload {
        id: UploadId::from_uuid(inner.new_uuid()?),
        workspace,
        campaign: draft.id,
        file_name: format!("Recipients of {}", source.parameters.name),
        size_bytes: 0,
        state: UploadState::Reading,
        reading: uploads::Reading::default(),
        unattended: true,
        copies: Some(copies),
        started_at_ms: inner.now_ms(),
        revision: 1,
    })
}

/// Within the workspace: the draft, and a record about each of the two.
async fn copy(
    scope: &Scope,
    source: &Campaign,
    name: String,
    action: &'static str,
    recipients: Option<CopySource>,
) -> Result<Campaign, Error> {
    let copied = begin(scope, source, name, recipients).await?;
    let chain = Chain::Workspace(scope.workspace_id());
    let told = event(scope, action, source.id).change("copy", None, Some(copied.draft.id));
    let events = vec![(chain, copied.event(scope, source)), (chain, told)];
    scope
        .inner()
        .audited_together(events, |tx| {
            copied.put(tx);
            scope.rely_on(tx);
        })
        .await?;
    Ok(copied.draft)
}
