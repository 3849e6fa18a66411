//! Recipient files on their way in: received into a spool file, then read into blocks by the engine.

use domain::{
    campaign::{self, Campaign, Event as Life_, IngestReport, Mode},
    id::{CampaignId, UploadId, WorkspaceId},
    permission::kind,
};
use serde::{Deserialize, Serialize};
use surrealdb::types::{RecordId, Variables};

use super::{change, event};
use crate::{
    Error, On, Scope, SystemScope,
    access::Inner,
    audit::Event,
    db::{Tx, key, tx::Columns},
    workspaces,
};

/// Where an upload stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum UploadState {
    /// Bytes are coming in; it resumes at `received_bytes` of the spool file.
    Receiving,
    /// All there; waits until the person has chosen how to read it.
    Received,
    /// The engine reads it.
    Reading,
    Done,
    /// Cannot be read; the reason says what to do.
    Failed {
        reason: String,
    },
}

/// How a file is to be read, chosen by the person from its preview.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reading {
    /// Which column holds the number, from 0. None: a number a line.
    pub number_column: Option<u32>,
    /// Whether the first line names the columns; None: as it was found.
    pub has_header: Option<bool>,
    /// `,`, `;` or tab; None: the one that was found.
    pub separator: Option<char>,
}

/// The upload of a campaign; a new one replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Upload {
    pub id: UploadId,
    pub workspace: WorkspaceId,
    pub campaign: CampaignId,
    /// As the browser named it; shown, never part of a path.
    pub file_name: String,
    pub size_bytes: u64,
    pub state: UploadState,
    pub reading: Reading,
    /// Nobody looks at it first: it is read in this way once its last byte is there, also when that was synced just
    /// before a process ended.
    #[serde(default)]
    pub unattended: bool,
    /// There is no file: the recipients of another campaign are copied.
    #[serde(default)]
    pub copies: Option<CopySource>,
    pub started_at_ms: i64,
    pub revision: u64,
}

impl Columns for Upload {}

/// The campaign whose recipients are copied, as it was when that was asked for. What it says of the recipients has to be
/// true at the beginning and at the end of the copying: what was changed in between is not copied by halves.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CopySource {
    pub workspace: WorkspaceId,
    pub campaign: CampaignId,
    /// What became of the lines of its file.
    pub report: IngestReport,
    /// The text that its segments were counted for; None: they were being counted.
    pub measured_text: Option<String>,
    /// Of the checkpoint behind its recipients: another file has another one.
    pub ingest_revision: u64,
    /// Its recipients are in the order of a plan, not of the file.
    pub planned: bool,
}

pub(super) fn upload_key(workspace: WorkspaceId, campaign: CampaignId) -> RecordId {
    key::of("upload", workspace, [key::id(campaign)])
}

/// Announces a file. It is an edit: a submitted campaign gets a new version, an approval is void, the recipients of an
/// earlier file no longer count. With it comes the upload that it replaces, whose file nobody needs any more.
///
/// Revisions go on from upload to upload: whatever still works at the earlier one finds out that it was replaced.
pub async fn begin(
    proof: &On<kind::EditCampaign>,
    file_name: &str,
    size_bytes: u64,
) -> Result<(Upload, Option<UploadId>), Error> {
    workspaces::check_storage(proof).await?;
    let mut former = find(proof, proof.campaign().id).await?;
    loop {
        let upload = announced(proof, file_name, size_bytes, former.as_ref())?;
        match replace(proof, &upload, former.as_ref()).await {
            Ok(()) => return Ok((upload, former.map(|former| former.id))),
            Err(error @ (Error::Moved | Error::Stale { .. })) => {
                let now = find(proof, proof.campaign().id).await?;
                if now == former {
                    return Err(error);
                }
                // Somebody began another upload, or had the former one go on.
                former = now;
            }
            Err(other) => return Err(other),
        }
    }
}

fn announced(
    proof: &On<kind::EditCampaign>,
    file_name: &str,
    size_bytes: u64,
    former: Option<&Upload>,
) -> Result<Upload, Error> {
    let inner = proof.inner();
    Ok(Upload {
        id: UploadId::from_uuid(inner.new_uuid()?),
        workspace: proof.workspace_id(),
        campaign: proof.campaign().id,
        file_name: file_name.chars().filter(|c| !c.is_control()).take(200).collect(),
        size_bytes,
        state: UploadState::Receiving,
        reading: Reading::default(),
        unattended: false,
        copies: None,
        started_at_ms: inner.now_ms(),
        revision: former.map_or(1, |former| former.revision + 1),
    })
}

async fn replace(proof: &On<kind::EditCampaign>, upload: &Upload, former: Option<&Upload>) -> Result<(), Error> {
    let scope: &Scope = proof;
    change(
        scope.inner(),
        scope.workspace_id(),
        upload.campaign,
        |before| {
            if before.parameters.mode == Mode::Trigger {
                let message = "a Trigger campaign takes no file: its numbers come by API once it is approved";
                return Err(Error::invalid("recipients", message));
            }
            let mut after = before.clone();
            after.life = campaign::transition(&before.life, &Life_::Upload { by: scope.user_id() })?;
            after.report = None;
            let event = event(scope, "campaign.upload_started", before.id)
                .change("file", None, Some(upload.file_name.clone()))
                .change("size_bytes", None, Some(upload.size_bytes))
                .change("version", Some(before.life.version), Some(after.life.version));
            Ok(Some((after, event)))
        },
        |tx| {
            let key = upload_key(upload.workspace, upload.campaign);
            match former {
                Some(former) => tx.compare_and_set(key, former.revision, upload),
                None => tx.create(key, upload),
            }
        },
    )
    .await
    .map(drop)
}

/// The campaign's upload, if it has one.
pub async fn find(scope: &Scope, campaign: CampaignId) -> Result<Option<Upload>, Error> {
    scope.inner().db.get(upload_key(scope.workspace_id(), campaign)).await
}

/// The same, for the engine.
pub async fn load(scope: &SystemScope, campaign: CampaignId) -> Result<Option<Upload>, Error> {
    scope.inner().db.get(upload_key(scope.workspace_id(), campaign)).await
}

/// Every byte has arrived and is synced to the spool file.
pub async fn received(proof: &On<kind::EditCampaign>, upload: &Upload) -> Result<Upload, Error> {
    step(proof.inner(), upload, UploadState::Received, None).await
}

/// The same for a file whose size is known only now that it is there.
pub async fn received_whole(proof: &On<kind::EditCampaign>, upload: &Upload, size_bytes: u64) -> Result<Upload, Error> {
    let sized = Upload { size_bytes, ..upload.clone() };
    step(proof.inner(), &sized, UploadState::Received, None).await
}

/// A program says how the file is read once it is whole. It is said before the last bytes are taken in, so that whoever
/// finds them synced knows it ([`whole`]).
pub async fn read_unattended(
    proof: &On<kind::EditCampaign>,
    upload: &Upload,
    reading: Reading,
) -> Result<Upload, Error> {
    let told = Upload { unattended: true, ..upload.clone() };
    step(proof.inner(), &told, upload.state.clone(), Some(reading)).await
}

/// The last byte of an unattended file is synced: the engine takes over.
pub async fn whole(proof: &On<kind::EditCampaign>, upload: &Upload) -> Result<Upload, Error> {
    step(proof.inner(), upload, UploadState::Reading, None).await
}

/// The person has chosen how to read it: the engine takes over.
pub async fn read_as(proof: &On<kind::EditCampaign>, upload: &Upload, reading: Reading) -> Result<Upload, Error> {
    step(proof.inner(), upload, UploadState::Reading, Some(reading)).await
}

async fn step(inner: &Inner, upload: &Upload, state: UploadState, reading: Option<Reading>) -> Result<Upload, Error> {
    let mut next = upload.clone();
    next.state = state;
    if let Some(reading) = reading {
        next.reading = reading;
    }
    next.revision += 1;
    inner
        .db
        .transact(|| {
            let mut tx = Tx::new();
            tx.compare_and_set(upload_key(upload.workspace, upload.campaign), upload.revision, &next);
            tx
        })
        .await?;
    Ok(next)
}

/// Goes on only while this upload is the campaign's, and is being read ([`Error::Moved`] otherwise).
pub(crate) fn still_read(tx: &mut Tx, upload: &Upload) {
    tx.compare_and_set(upload_key(upload.workspace, upload.campaign), upload.revision, upload);
}

/// The segments of a changed text have been counted over all recipients. A text that has changed again in the meantime
/// is left to be counted again.
pub async fn measured(scope: &SystemScope, id: CampaignId, text: &str, segments: u64) -> Result<Campaign, Error> {
    change(
        scope.inner(),
        scope.workspace_id(),
        id,
        |before| {
            let Some(report) = before.report.filter(|_| before.parameters.text == text) else { return Ok(None) };
            let mut after = before.clone();
            after.report = Some(IngestReport { segments, ..report });
            after.measured_text = Some(text.to_owned());
            let event = Event::new(scope.actor(), scope.origin(), "campaign.segments_counted")
                .on("campaign", &id)
                .change("segments", Some(report.segments), Some(segments));
            Ok(Some((after, event)))
        },
        |_| {},
    )
    .await
}

/// The engine has read the file: the report goes to the campaign, in one transaction with the end of the upload. An
/// upload that was replaced in the meantime changes nothing ([`Error::Moved`]). `text` is the one that the segments were
/// counted for.
pub async fn finish(
    scope: &SystemScope,
    upload: &Upload,
    text: &str,
    outcome: Result<IngestReport, String>,
) -> Result<Campaign, Error> {
    let mut next = upload.clone();
    next.state = match &outcome {
        Ok(_) => UploadState::Done,
        Err(reason) => UploadState::Failed { reason: reason.clone() },
    };
    next.revision += 1;
    change(
        scope.inner(),
        scope.workspace_id(),
        upload.campaign,
        |before| {
            let mut after = before.clone();
            after.report = outcome.as_ref().ok().copied();
            after.measured_text = after.report.is_some().then(|| text.to_owned());
            after.progress.waiting = after.report.map_or(0, |report| report.accepted);
            let action = if outcome.is_ok() { "campaign.recipients_read" } else { "campaign.upload_failed" };
            let mut event = Event::new(scope.actor(), scope.origin(), action)
                .on("campaign", &upload.campaign)
                .change("file", None, Some(upload.file_name.clone()))
                .change("size_bytes", None, Some(upload.size_bytes))
                .note(outcome.as_ref().err().cloned());
            if let Ok(report) = &outcome {
                event = event
                    .change("lines", None, Some(report.lines))
                    .change("accepted", None, Some(report.accepted))
                    .change("duplicate", None, Some(report.duplicate))
                    .change("suppressed", None, Some(report.suppressed))
                    .change("invalid", None, Some(report.invalid));
            }
            Ok(Some((after, event)))
        },
        |tx| tx.compare_and_set(upload_key(upload.workspace, upload.campaign), upload.revision, &next),
    )
    .await
}

pub(crate) async fn unfinished(inner: &Inner) -> Result<Vec<(WorkspaceId, CampaignId)>, Error> {
    let found: Vec<Upload> =
        inner.db.docs("SELECT VALUE doc FROM upload WHERE doc.state.kind = 'reading'", Variables::new()).await?;
    Ok(found.into_iter().map(|upload| (upload.workspace, upload.campaign)).collect())
}
