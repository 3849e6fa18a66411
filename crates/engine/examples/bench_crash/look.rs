//! What the database says, read from a copy: the server's own next start finds the files as the kill left them.

use std::{path::Path, sync::Arc, time::Duration};

use domain::{
    campaign::{Mode, PauseReason, Progress, Status},
    clock::Clock,
    id::{CampaignId, WorkspaceId},
};
use store::{
    Opened, Reason, StoreConfig, SystemScope,
    campaigns::{
        self,
        uploads::{self, UploadState},
    },
    journal::{Acquired, Journal, Owner, book},
    recipients::{self, BLOCK_LEN, RecipientStatus},
};

use crate::{Failure, clock::MachineClock, prepare::Scene};

/// A campaign that is sent.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    pub workspace: WorkspaceId,
    pub campaign: CampaignId,
    pub mode: Mode,
    /// By it its numbers are known.
    pub place: usize,
    pub messages: u32,
}

impl Job {
    /// Where programs ask for it.
    pub fn path(&self, what: &str) -> String {
        format!("/api/v1/campaigns/{}/{what}", self.campaign)
    }
}

/// Everything at one moment.
#[derive(Debug)]
pub struct Sight {
    /// As the scene's jobs.
    pub jobs: Vec<JobSight>,
    /// The file that is brought again and again is being read.
    pub is_reading: bool,
    /// A campaign that is built and not sent, or one that is sent, is Building.
    pub is_building: bool,
}

/// Everybody's state in one campaign.
#[derive(Debug)]
pub struct JobSight {
    pub status: Status,
    pub paused_for: Option<PauseReason>,
    pub progress: Progress,
    /// By index: number and state.
    pub rows: Vec<(u64, RecipientStatus)>,
}

/// Opens database and keys in `dir`.
pub async fn open(dir: &Path) -> Result<Opened, Failure> {
    open_with(dir, Arc::new(MachineClock)).await
}

/// The same, with a clock of one's own.
pub async fn open_with(dir: &Path, clock: Arc<dyn Clock>) -> Result<Opened, Failure> {
    let config = StoreConfig::new(store::Engine::disk(dir.join("db")), dir.join("keys"));
    Ok(store::open(config, clock).await?)
}

/// Reads the state of every recipient: blocks and journal, as the engine itself would take them up.
pub fn look(data: &Path, copy: &Path, scene: &Scene) -> Result<Sight, Failure> {
    copy_installation(data, copy)?;
    let sight = in_runtime(read(copy, scene))?;
    std::fs::remove_dir_all(copy)?;
    Ok(sight)
}

/// A runtime of its own: when it is gone, so is the database that was opened in it.
pub fn in_runtime<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let result = runtime.block_on(work);
    runtime.shutdown_timeout(Duration::from_secs(30));
    result
}

/// What a process leaves on disk whose end is not awaited.
pub fn copy_installation(from: &Path, to: &Path) -> Result<(), Failure> {
    for part in ["db", "keys"] {
        copy_folder(&from.join(part), &to.join(part))?;
    }
    Ok(())
}

fn copy_folder(from: &Path, to: &Path) -> Result<(), Failure> {
    std::fs::create_dir_all(to)?;
    for entry in std::fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy_folder(&entry.path(), &target)?;
        } else {
            std::fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}

async fn read(dir: &Path, scene: &Scene) -> Result<Sight, Failure> {
    let opened = open(dir).await?;
    let scope = opened.system.enter(scene.workspace, Reason::Dispatch);
    let mut jobs = Vec::new();
    for job in &scene.jobs {
        jobs.push(read_job(&scope, *job).await.map_err(|cause| format!("{}: {cause}", job.mode.label()))?);
    }
    let upload = uploads::load(&scope, scene.brought).await?;
    let mut is_building = jobs.iter().any(|job| job.status == Status::Building);
    for campaign in &scene.built {
        is_building |= campaigns::load(&scope, *campaign).await?.life.status == Status::Building;
    }
    Ok(Sight { jobs, is_reading: upload.is_some_and(|upload| upload.state == UploadState::Reading), is_building })
}

async fn read_job(scope: &SystemScope, job: Job) -> Result<JobSight, Failure> {
    let campaign = campaigns::load(scope, job.campaign).await?;
    let owner = Owner::new(30_000, true)?;
    // It begins empty, and its numbers come while it runs.
    let grows = job.mode == Mode::Trigger;
    // Replays the journal, and fails unless its figures are those of its records at each of them.
    let Acquired { journal, mut book, .. } =
        Journal::acquire(scope, job.campaign, if grows { 0 } else { job.messages }, &owner)
            .await?
            .ok_or("the journal has another owner")?;
    let mut rows = Vec::with_capacity(job.messages as usize);
    for number in 0..book.recipients().div_ceil(BLOCK_LEN) {
        let block = match book.numbers(number) {
            Some(numbers) => Arc::clone(numbers),
            None => Arc::new(recipients::load_block(scope, job.campaign, number).await?.ok_or("a block is missing")?),
        };
        if !book.is_loaded(number) {
            book.load(number, journal.folded_states(&book, number).await?);
        }
        for (row, &digits) in block.numbers().iter().enumerate() {
            let status = book.row(number * BLOCK_LEN + row as u32).ok_or("a state is missing")?;
            rows.push((digits, status.clone()));
        }
    }
    let mut counted = Progress::default();
    for (_, row) in &rows {
        *book::count(&mut counted, row.state) += 1;
    }
    let complete = rows.len() == book.recipients() as usize && (grows || rows.len() == job.messages as usize);
    if counted != *book.progress() || counted != campaign.progress || !complete {
        let recorded = campaign.progress;
        return Err(format!("the figures do not add up: {counted:?} by state, {recorded:?} on record").into());
    }
    let paused_for = campaign.life.pause.map(|pause| pause.reason);
    Ok(JobSight { status: campaign.life.status, paused_for, progress: counted, rows })
}
