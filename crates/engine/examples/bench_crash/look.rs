//! What the database says, read from a copy: the server's own next start finds the files as the kill left them.

use std::{path::Path, sync::Arc, time::Duration};

use domain::{
    campaign::{Progress, Status},
    id::{CampaignId, WorkspaceId},
};
use store::{
    Opened, Reason, StoreConfig, campaigns,
    journal::{Acquired, Journal, Owner, book},
    recipients::{self, BLOCK_LEN, RecipientStatus},
};

use crate::{Failure, clock::MachineClock};

/// The campaign that is sent.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    pub workspace: WorkspaceId,
    pub campaign: CampaignId,
    pub messages: u32,
    /// It begins empty, and its numbers come while it runs.
    pub grows: bool,
}

/// Everybody's state at one moment.
#[derive(Debug)]
pub struct Sight {
    pub status: Status,
    pub progress: Progress,
    /// By index: number and state.
    pub rows: Vec<(u64, RecipientStatus)>,
}

/// Opens database and keys in `dir`.
pub async fn open(dir: &Path) -> Result<Opened, Failure> {
    let config = StoreConfig::new(store::Engine::disk(dir.join("db")), dir.join("keys"));
    Ok(store::open(config, Arc::new(MachineClock)).await?)
}

/// Reads the state of every recipient: blocks and journal, as the engine itself would take them up.
pub fn look(data: &Path, copy: &Path, job: Job) -> Result<Sight, Failure> {
    copy_installation(data, copy)?;
    let sight = in_runtime(read(copy, job))?;
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

async fn read(dir: &Path, job: Job) -> Result<Sight, Failure> {
    let opened = open(dir).await?;
    let scope = opened.system.enter(job.workspace, Reason::Dispatch);
    let campaign = campaigns::load(&scope, job.campaign).await?;
    let owner = Owner::new(30_000, true)?;
    // Replays the journal, and fails unless its figures are those of its records at each of them.
    let Acquired { journal, mut book, .. } =
        Journal::acquire(&scope, job.campaign, if job.grows { 0 } else { job.messages }, &owner)
            .await?
            .ok_or("the journal has another owner")?;
    let mut rows = Vec::with_capacity(job.messages as usize);
    for number in 0..book.recipients().div_ceil(BLOCK_LEN) {
        let block = match book.numbers(number) {
            Some(numbers) => Arc::clone(numbers),
            None => Arc::new(recipients::load_block(&scope, job.campaign, number).await?.ok_or("a block is missing")?),
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
    let complete = rows.len() == book.recipients() as usize && (job.grows || rows.len() == job.messages as usize);
    if counted != *book.progress() || counted != campaign.progress || !complete {
        let recorded = campaign.progress;
        return Err(format!("the figures do not add up: {counted:?} by state, {recorded:?} on record").into());
    }
    Ok(Sight { status: campaign.life.status, progress: counted, rows })
}
