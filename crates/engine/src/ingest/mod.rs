//! From an uploaded file to recipients in blocks, in memory that does not grow with the file.
//!
//! The file lies complete in the [`spool`]. Pass 1 reads it once and finds duplicates exactly ([`dedupe`]). Pass 2 reads
//! it again, drops duplicates and suppressed numbers, measures each recipient's own text and commits dense blocks, each
//! batch in one transaction with the checkpoint behind it. Both passes parse in the same way, so after a crash pass 1
//! comes to the same result and pass 2 goes on at the checkpoint: nothing is lost, nothing is written twice.
//!
//! *Invariant*: `lines == accepted + duplicate + suppressed + invalid` in every checkpoint.

mod assemble;
mod dedupe;
mod error;
mod measure;
mod ordered;
mod passes;
mod sink;
pub mod spool;
mod suppression;

use std::{path::PathBuf, sync::Arc};

use domain::{campaign::IngestReport, id::UploadId, merge::Template, phone::Country, reject::RejectReason};
pub use recipient_file::{Choices, Encoding, FileShape, Separator, sniff};
use store::recipients::{Batch, IngestPhase};
use tokio::sync::{mpsc, watch};
use tokio_util::sync::CancellationToken;

pub(crate) use self::passes::Prepared;
pub use self::{
    assemble::REJECTS_KEPT_MAX,
    error::IngestError,
    measure::{Measured, measure_again},
    sink::{Sink, StoreSink},
    suppression::{StoreSuppression, Suppression},
};

/// A file to be read.
#[derive(Debug, Clone)]
pub struct Job {
    pub upload: UploadId,
    pub file: PathBuf,
    /// As announced; a shorter file is cut off.
    pub size_bytes: u64,
    /// A folder for temporary files, up to 1.6 times the size of the file (3 times for UTF-16).
    pub scratch_dir: PathBuf,
    pub choices: Choices,
    /// National numbers are numbers of this country; without one all have to be international.
    pub country: Option<Country>,
    pub template: Template,
}

/// How far it is, for the page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct IngestProgress {
    /// Of both passes together.
    pub bytes_done: u64,
    pub bytes_total: u64,
    /// Lines, rejects and recipients of the pass that goes on.
    pub lines: u64,
    pub rejects: u64,
    /// Written to the database.
    pub accepted: u64,
}

/// Reads a file into the sink, or goes on where an earlier run stopped. Repeating a finished one returns its report.
///
/// The work for the processor is done on threads of its own; this future only commits.
pub async fn run<S: Sink>(
    job: Job,
    sink: &mut S,
    suppression: Arc<dyn Suppression>,
    progress: &watch::Sender<IngestProgress>,
    cancel: CancellationToken,
) -> Result<IngestReport, IngestError> {
    let prepared = blocking(move || Prepared::new(job)).await?;
    let start = prepared.start();
    let checkpoint = sink.open(&prepared.source_name(), start, &prepared.field_names()).await?;
    if checkpoint.phase == IngestPhase::Done {
        return conclude(checkpoint.report, None);
    }
    let (batches, mut received) = mpsc::channel::<Batch>(1);
    let reported = progress.clone();
    // Waits for the receiver below; ends when the receiver is dropped because a commit failed.
    let reading = tokio::task::spawn_blocking(move || {
        let dropped = prepared.find_dropped(suppression.as_ref(), &reported, &cancel)?;
        let emit = |batch| batches.blocking_send(batch).map_err(|_| IngestError::Cancelled);
        prepared.assemble(checkpoint, &dropped, &reported, &cancel, emit)
    });
    let mut committed = Ok(());
    while let Some(batch) = received.recv().await {
        let accepted = batch.checkpoint.as_ref().map(|checkpoint| checkpoint.report.accepted);
        committed = sink.commit(batch).await;
        if committed.is_err() {
            break;
        }
        if let Some(accepted) = accepted {
            progress.send_modify(|progress| progress.accepted = accepted);
        }
    }
    drop(received);
    let read = reading.await.map_err(|cause| IngestError::Io(std::io::Error::other(cause)))?;
    committed?;
    let (report, first_reject) = read?;
    conclude(report, first_reject)
}

/// A file without recipients is an error, although its rejects are kept.
fn conclude(report: IngestReport, first: Option<(u64, RejectReason)>) -> Result<IngestReport, IngestError> {
    if report.accepted == 0 { Err(IngestError::NoRecipients { report, first }) } else { Ok(report) }
}

async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, IngestError> + Send + 'static,
) -> Result<T, IngestError> {
    tokio::task::spawn_blocking(work).await.map_err(|cause| IngestError::Io(std::io::Error::other(cause)))?
}

#[cfg(test)]
mod tests;
