//! Files of numbers onto the suppression list of a workspace, or the blacklist, in memory that does not grow with the file: the numbers are
//! sorted on disk in the order of the list's shards, so that each shard is written once.

use std::sync::Arc;

use domain::{id::WorkspaceId, merge::Template, phone::Country};
use recipient_file::RecordKind;
use store::{
    Error, Reason, SystemScope,
    recipients::Reject,
    suppressions::{self, Import, ImportState, Sample, blacklist, shard_of},
};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

use super::{Intake, RETRY, Shared};
use crate::ingest::{Choices, IngestError, IngestProgress, Job, Prepared};

/// Numbers of one transaction: what they and their shards take fits the memtable many times.
const BATCH_NUMBERS: usize = 20_000;
/// Shards of one transaction.
const BATCH_SHARDS: u32 = 32;
/// Lines that are shown with the reason why they are no numbers.
const SAMPLES: usize = 20;

/// Numbers in the order of their shards; those of shards below `upto` are complete with it.
struct Piece {
    numbers: Vec<u64>,
    upto: u32,
}

/// What a file held besides what it brought.
struct Counted {
    lines: u64,
    invalid: u64,
    samples: Vec<Sample>,
}

impl Intake {
    /// Starts reading the import of a workspace, or of the blacklist, which is in state Reading. Asking twice starts it once.
    pub async fn import(&self, workspace: WorkspaceId) -> Result<(), Error> {
        let scope = self.shared.door.enter(workspace, Reason::Ingest);
        let found = suppressions::load_import(&scope).await?;
        let Some(import) = found.filter(|import| import.state == ImportState::Reading) else { return Ok(()) };
        let (progress, watched) = watch::channel(IngestProgress::default());
        if !self.shared.begin(import.id, watched) {
            return Ok(());
        }
        let shared = Arc::clone(&self.shared);
        self.shared.tasks.spawn(async move {
            let id = import.id;
            tokio::select! {
                () = shared.cancel.cancelled() => {}
                () = work(&shared, &scope, &progress) => {}
            }
            shared.end(id);
        });
        Ok(())
    }
}

async fn work(shared: &Shared, scope: &SystemScope, progress: &watch::Sender<IngestProgress>) {
    let Ok(_permit) = shared.permits.acquire().await else { return };
    loop {
        match attempt(shared, scope, progress).await {
            Ok(()) | Err(Error::Moved | Error::NotFound) => return,
            Err(cause) => {
                tracing::warn!(%cause, "an import of suppressed numbers waits for the database");
                tokio::time::sleep(RETRY).await;
            }
        }
    }
}

async fn attempt(shared: &Shared, scope: &SystemScope, progress: &watch::Sender<IngestProgress>) -> Result<(), Error> {
    let found = suppressions::load_import(scope).await?;
    let Some(mut import) = found.filter(|import| import.state == ImportState::Reading) else { return Ok(()) };
    // The installation is of no country.
    let country = match import.workspace == blacklist::LIST {
        true => None,
        false => Some(scope.workspace().await?.default_country),
    };
    let country = country.map(|iso| Country::parse(&iso)).transpose().map_err(|_| Error::Corrupt)?;
    let job = Job {
        upload: import.id,
        file: shared.spool.path(import.workspace, import.id),
        size_bytes: import.size_bytes,
        scratch_dir: shared.spool.scratch_dir().to_owned(),
        choices: Choices::default(),
        country,
        template: Template::parse("-").map_err(|_| Error::Corrupt)?,
    };
    let outcome = match bring(scope, &mut import, job, progress, shared.cancel.child_token()).await {
        Ok(counted) => Ok((counted.lines, counted.invalid, counted.samples)),
        // The list is full: what was brought stays, and the person is told.
        Err(IngestError::Store(Error::Invalid { message, .. })) => Err(message),
        Err(IngestError::Store(cause)) => return Err(cause),
        Err(IngestError::Cancelled) => return Err(Error::Unavailable),
        Err(refusal) => Err(refusal.to_string()),
    };
    suppressions::finish_import(scope, &import, outcome).await?;
    if let Err(cause) = shared.spool.remove(import.workspace, import.id).await {
        tracing::warn!(import.id = %import.id, %cause, "a file that was imported cannot be removed");
    }
    Ok(())
}

/// Reads the file on a thread of its own, and commits what comes of it, from the import's place on.
async fn bring(
    scope: &SystemScope,
    import: &mut Import,
    job: Job,
    progress: &watch::Sender<IngestProgress>,
    cancel: CancellationToken,
) -> Result<Counted, IngestError> {
    let (pieces, mut received) = mpsc::channel::<Piece>(1);
    let (reported, from) = (progress.clone(), import.next_shard);
    let reading = tokio::task::spawn_blocking(move || read(job, from, &reported, &cancel, &pieces));
    let mut committed = Ok(());
    while let Some(Piece { numbers, upto }) = received.recv().await {
        match suppressions::merge_import(scope, import, &numbers, upto).await {
            Ok(next) => *import = next,
            Err(cause) => {
                committed = Err(cause);
                break;
            }
        }
        progress.send_modify(|progress| progress.accepted = import.report.added);
    }
    drop(received);
    let read = reading.await.map_err(|cause| IngestError::Io(std::io::Error::other(cause)))?;
    committed?;
    read
}

fn read(
    job: Job,
    from: u32,
    progress: &watch::Sender<IngestProgress>,
    cancel: &CancellationToken,
    pieces: &mpsc::Sender<Piece>,
) -> Result<Counted, IngestError> {
    let prepared = Prepared::numbers_only(job)?;
    let mut spill = prepared.spill()?;
    let mut counted = Counted { lines: 0, invalid: 0, samples: Vec::new() };
    prepared.check(progress, cancel, |parsed| {
        counted.lines += parsed.records.len() as u64;
        counted.invalid += parsed.rejects.len() as u64;
        let room = SAMPLES - counted.samples.len();
        counted.samples.extend(parsed.rejects.iter().take(room).map(|rejected| {
            let reject = Reject::new(rejected.line, rejected.reason, &rejected.raw);
            Sample { line: reject.line, reason: reject.reason.to_string(), text: reject.masked_text() }
        }));
        for record in &parsed.records {
            if let RecordKind::Number { number, .. } = record.kind {
                spill.push(number)?;
            }
        }
        Ok(())
    })?;
    let mut batch = Batch { numbers: Vec::new(), first: from, pieces };
    spill.in_hash_order(|numbers| {
        for of_shard in numbers.chunk_by(|&a, &b| shard_of(a) == shard_of(b)) {
            if cancel.is_cancelled() {
                return Err(IngestError::Cancelled);
            }
            batch.take(from, of_shard)?;
        }
        Ok(())
    })?;
    batch.send(suppressions::SHARDS)?;
    Ok(counted)
}

/// Whole shards, until there are enough of them.
struct Batch<'a> {
    numbers: Vec<u64>,
    /// The first shard that is in it.
    first: u32,
    pieces: &'a mpsc::Sender<Piece>,
}

impl Batch<'_> {
    fn take(&mut self, from: u32, of_shard: &[u64]) -> Result<(), IngestError> {
        let shard = shard_of(of_shard[0]);
        if shard < from {
            return Ok(());
        }
        if self.numbers.len() >= BATCH_NUMBERS || shard - self.first >= BATCH_SHARDS && !self.numbers.is_empty() {
            self.send(shard)?;
        }
        self.numbers.extend_from_slice(of_shard);
        Ok(())
    }

    fn send(&mut self, upto: u32) -> Result<(), IngestError> {
        let mut numbers = std::mem::take(&mut self.numbers);
        self.first = upto;
        numbers.sort_unstable_by_key(|&number| (shard_of(number), number));
        let piece = Piece { numbers, upto };
        self.pieces.blocking_send(piece).map_err(|_| IngestError::Cancelled)
    }
}
