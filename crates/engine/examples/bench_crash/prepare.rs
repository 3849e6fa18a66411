//! An installation with an approved campaign that nobody has begun to send.

use std::{path::Path, time::Duration};

use domain::{
    api_key::Scope,
    campaign::{Campaign, Mode, Parameters},
    id::CampaignId,
};
use engine::intake::Intake;
use store::{
    Reason,
    api_keys::{self, ApiSecret, NewKey},
    campaigns::{self, uploads},
};

use crate::{
    Failure,
    installation::{approve, draft},
    look::{Job, copy_installation, in_runtime, open},
    recipients,
};

/// Makes it in `data`. It is built beside that folder and copied, so that this process has nothing of it open.
pub fn prepare(data: &Path, beside: &Path, messages: u32) -> Result<Job, Failure> {
    let job = in_runtime(build(beside, messages))?;
    copy_installation(beside, data)?;
    std::fs::remove_dir_all(beside)?;
    Ok(job)
}

/// What it takes to hand in numbers.
pub struct Access {
    pub campaign: CampaignId,
    pub secret: ApiSecret,
}

/// The same with a Trigger campaign, whose numbers are to come.
pub fn prepare_trigger(data: &Path, beside: &Path, messages: u32) -> Result<(Job, Access), Failure> {
    let made = in_runtime(build_trigger(beside, messages))?;
    copy_installation(beside, data)?;
    std::fs::remove_dir_all(beside)?;
    Ok(made)
}

async fn build_trigger(dir: &Path, messages: u32) -> Result<(Job, Access), Failure> {
    std::fs::create_dir_all(dir)?;
    let opened = open(dir).await?;
    let draft = draft(&opened, recipients::TEXT).await?;
    let before = campaigns::find(&draft.author, draft.campaign).await?.parameters;
    let parameters = Parameters { mode: Mode::Trigger, ..before };
    campaigns::save(&draft.edit().await?, parameters, true).await?;
    campaigns::submit(&draft.edit().await?).await?;
    approve(&opened, &draft).await?;
    let scopes = vec![Scope::NumbersWrite, Scope::CampaignsControl];
    let new = NewKey { name: "bench".into(), scopes, life_days: 1 };
    let (_, secret) = api_keys::make(&draft.author.grant()?, &new).await?;
    let job = Job { workspace: draft.author.workspace_id(), campaign: draft.campaign, messages, grows: true };
    Ok((job, Access { campaign: draft.campaign, secret }))
}

async fn build(dir: &Path, messages: u32) -> Result<Job, Failure> {
    std::fs::create_dir_all(dir)?;
    let opened = open(dir).await?;
    let draft = draft(&opened, recipients::TEXT).await?;
    let workspace = draft.author.workspace_id();
    let intake = Intake::start(opened.system.clone(), dir).await?;
    let upload = uploads::begin(&draft.edit().await?, "recipients.csv", 1).await?;
    let size_bytes = recipients::write_file(&intake.spool().path(workspace, upload.id), messages)?;
    let upload = uploads::received_whole(&draft.edit().await?, &upload, size_bytes).await?;
    let reading = uploads::Reading { number_column: Some(0), has_header: Some(true), separator: Some(',') };
    uploads::read_as(&draft.edit().await?, &upload, reading).await?;
    intake.read(workspace, draft.campaign).await?;
    let scope = opened.system.enter(workspace, Reason::Ingest);
    let read: Campaign = loop {
        let campaign = campaigns::load(&scope, draft.campaign).await?;
        if campaign.report.is_some() {
            break campaign;
        }
        let upload = uploads::load(&scope, draft.campaign).await?.ok_or("the upload is gone")?;
        if let uploads::UploadState::Failed { reason } = upload.state {
            return Err(format!("the recipients cannot be read: {reason}").into());
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    intake.shutdown().await;
    let accepted = read.report.map_or(0, |report| report.accepted);
    if accepted != u64::from(messages) {
        return Err(format!("{accepted} of {messages} recipients were read").into());
    }
    campaigns::submit(&draft.edit().await?).await?;
    approve(&opened, &draft).await?;
    Ok(Job { workspace, campaign: draft.campaign, messages, grows: false })
}
