//! Recipient files from the spool into blocks: one job an upload, resumed after a restart.
//!
//! *Invariant*: an upload stays in state Reading until its report is on record, so a job that was interrupted, by a
//! crash or by a database that was away, is found and goes on.

mod suppressions;

use std::{
    collections::HashMap,
    path::Path,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::{
    campaign::Campaign,
    id::{CampaignId, UploadId, WorkspaceId},
    merge::Template,
    permission::kind::EditCampaign,
    phone::Country,
};
use store::{
    Error, On, Reason, SystemDoor, SystemScope,
    campaigns::{
        self,
        uploads::{self, CopySource, Reading, Upload, UploadState},
    },
};
use tokio::sync::{Semaphore, watch};
use tokio_util::{sync::CancellationToken, task::TaskTracker};

use crate::{
    copy,
    ingest::{self, Choices, IngestError, IngestProgress, Job, Separator, StoreSink, StoreSuppression, spool::Spool},
};

/// Files read at the same time: a second one would only take the processors from the first.
const PARALLEL: usize = 1;
/// Between attempts while the database cannot be used.
const RETRY: Duration = Duration::from_secs(1);

impl Shared {
    /// False: it goes on already.
    fn begin(&self, upload: UploadId, progress: watch::Receiver<IngestProgress>) -> bool {
        let mut jobs = self.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        if jobs.contains_key(&upload) {
            return false;
        }
        jobs.insert(upload, progress);
        true
    }

    fn end(&self, upload: UploadId) {
        self.jobs.lock().unwrap_or_else(PoisonError::into_inner).remove(&upload);
    }

    /// Removes a file that nobody reads any more.
    async fn discard(&self, upload: &Upload) {
        if let Err(cause) = self.spool.remove(upload.workspace, upload.id).await {
            tracing::warn!(upload.id = %upload.id, %cause, "a file that was read cannot be removed");
        }
    }
}

/// The desk where uploads are handed in. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Intake {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    door: SystemDoor,
    spool: Spool,
    jobs: Mutex<HashMap<UploadId, watch::Receiver<IngestProgress>>>,
    permits: Semaphore,
    cancel: CancellationToken,
    tasks: TaskTracker,
}

impl Intake {
    /// Opens the spool in the data folder and goes on with what a former process left unread.
    pub async fn start(door: SystemDoor, data_dir: &Path) -> Result<Self, Error> {
        let spool =
            Spool::open(data_dir).await.map_err(|cause| Error::Setup(format!("{}: {cause}", data_dir.display())))?;
        let intake = Self {
            shared: Arc::new(Shared {
                door,
                spool,
                jobs: Mutex::default(),
                permits: Semaphore::new(PARALLEL),
                cancel: CancellationToken::new(),
                tasks: TaskTracker::new(),
            }),
        };
        for (workspace, campaign) in intake.shared.door.unfinished_uploads().await? {
            intake.read(workspace, campaign).await?;
        }
        for workspace in intake.shared.door.unfinished_imports().await? {
            intake.import(workspace).await?;
        }
        Ok(intake)
    }

    #[must_use]
    pub fn spool(&self) -> &Spool {
        &self.shared.spool
    }

    /// Announces a file ([`uploads::begin`]). That of the upload which it replaces goes.
    pub async fn announce(&self, proof: &On<EditCampaign>, file_name: &str, size_bytes: u64) -> Result<Upload, Error> {
        let (upload, former) = uploads::begin(proof, file_name, size_bytes).await?;
        if let Some(former) = former
            && let Err(cause) = self.shared.spool.remove(upload.workspace, former).await
        {
            tracing::warn!(upload.id = %former, %cause, "a file that was replaced cannot be removed");
        }
        Ok(upload)
    }

    /// Starts reading the campaign's upload, which is in state Reading. Asking twice starts it once.
    pub async fn read(&self, workspace: WorkspaceId, campaign: CampaignId) -> Result<(), Error> {
        let scope = self.shared.door.enter(workspace, Reason::Ingest);
        let Some(upload) = uploads::load(&scope, campaign).await?.filter(|upload| upload.state == UploadState::Reading)
        else {
            return Ok(());
        };
        let (progress, watched) = watch::channel(IngestProgress::default());
        if !self.shared.begin(upload.id, watched) {
            return Ok(());
        }
        let shared = Arc::clone(&self.shared);
        self.shared.tasks.spawn(async move {
            let id = upload.id;
            tokio::select! {
                () = shared.cancel.cancelled() => {}
                () = work(&shared, &scope, upload, &progress) => {}
            }
            shared.end(id);
        });
        Ok(())
    }

    /// How far the reading is; None when it does not go on in this process.
    #[must_use]
    pub fn progress(&self, upload: UploadId) -> Option<IngestProgress> {
        let jobs = self.shared.jobs.lock().unwrap_or_else(PoisonError::into_inner);
        jobs.get(&upload).map(|progress| *progress.borrow())
    }

    /// Counts the segments again when the text was changed after the file was read. The refusal is for the person.
    pub async fn measure(&self, workspace: WorkspaceId, campaign: CampaignId) -> Result<(), IngestError> {
        let scope = self.shared.door.enter(workspace, Reason::Ingest);
        let stored = campaigns::load(&scope, campaign).await?;
        let text = &stored.parameters.text;
        if stored.report.is_none() || stored.measured_text.as_ref() == Some(text) {
            return Ok(());
        }
        let template = Template::parse(text).map_err(|_| Error::Corrupt)?;
        let measured = ingest::measure_again(&scope, campaign, &template).await?;
        if measured.unsendable > 0 {
            return Err(IngestError::Unsendable { recipients: measured.unsendable });
        }
        uploads::measured(&scope, campaign, text, measured.segments).await?;
        Ok(())
    }

    /// Stops reading; what is left goes on at the next start.
    pub async fn shutdown(&self) {
        self.shared.cancel.cancel();
        self.shared.tasks.close();
        self.shared.tasks.wait().await;
    }
}

async fn work(shared: &Shared, scope: &SystemScope, upload: Upload, progress: &watch::Sender<IngestProgress>) {
    let Ok(_permit) = shared.permits.acquire().await else {
        return;
    };
    loop {
        match attempt(shared, scope, &upload, progress).await {
            Ok(()) => return,
            // Replaced by another upload, and whoever brought that one will have it read; or on record already.
            Err(Error::Moved | Error::NotFound) => return shared.discard(&upload).await,
            Err(cause) => {
                tracing::warn!(upload.id = %upload.id, %cause, "reading an upload waits for the database");
                tokio::time::sleep(RETRY).await;
            }
        }
    }
}

async fn attempt(
    shared: &Shared,
    scope: &SystemScope,
    upload: &Upload,
    progress: &watch::Sender<IngestProgress>,
) -> Result<(), Error> {
    let current = uploads::load(scope, upload.campaign).await?;
    if current.as_ref() != Some(upload) {
        return Err(Error::Moved);
    }
    if let Some(source) = &upload.copies {
        return copy_from(shared, scope, upload, source, progress).await;
    }
    let campaign: Campaign = campaigns::load(scope, upload.campaign).await?;
    let workspace = scope.workspace().await?;
    let text = campaign.parameters.text;
    let job = Job {
        upload: upload.id,
        file: shared.spool.path(upload.workspace, upload.id),
        size_bytes: upload.size_bytes,
        scratch_dir: shared.spool.scratch_dir().to_owned(),
        choices: choices(&upload.reading),
        country: Some(Country::parse(&workspace.default_country).map_err(|_| Error::Corrupt)?),
        template: Template::parse(&text).map_err(|_| Error::Corrupt)?,
    };
    let mut sink = StoreSink::of_upload(scope.clone(), upload.clone());
    let cancel = shared.cancel.child_token();
    let suppression = Arc::new(StoreSuppression::new(scope.clone()));
    let outcome = match ingest::run(job, &mut sink, suppression, progress, cancel).await {
        Ok(report) => Ok(report),
        Err(IngestError::Store(cause)) => return Err(cause),
        Err(IngestError::Cancelled) => return Err(Error::Unavailable),
        Err(refusal) => Err(refusal.to_string()),
    };
    uploads::finish(scope, upload, &text, outcome).await?;
    shared.discard(upload).await;
    Ok(())
}

/// There is no file: the recipients of another campaign are copied.
async fn copy_from(
    shared: &Shared,
    scope: &SystemScope,
    upload: &Upload,
    source: &CopySource,
    progress: &watch::Sender<IngestProgress>,
) -> Result<(), Error> {
    let from = shared.door.enter(source.workspace, Reason::Ingest);
    let suppression = Arc::new(StoreSuppression::new(scope.clone()));
    let outcome = copy::recipients(&from, scope, upload, source, suppression, progress).await?;
    // A text of which nobody knows whether it was counted is counted again before the submission.
    let text = source.measured_text.clone().unwrap_or_default();
    uploads::finish(scope, upload, &text, outcome).await.map(drop)
}

fn choices(reading: &Reading) -> Choices {
    Choices {
        separator: reading.separator.and_then(Separator::from_char),
        has_header: reading.has_header,
        number_column: reading.number_column.map(|column| column as usize),
    }
}
