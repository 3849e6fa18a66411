//! The two passes over a file that lies on disk.

use std::{
    fs::File,
    io::{Seek, SeekFrom},
    path::PathBuf,
};

use domain::{campaign::IngestReport, reject::RejectReason};
use recipient_file::{BoundText, Chunks, Encoding, FileError, Layout, Parsed, Parser, Pass, RecordKind, transcode};
use store::recipients::{Batch, Checkpoint};
use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::{
    IngestError, IngestProgress, Job, Suppression,
    assemble::Assembler,
    dedupe::{Dropped, Spill},
    ordered::ordered,
};
use crate::metrics;

/// Threads that parse, beside the one that reads and the one that assembles.
const PARSERS: usize = 2;

/// A file whose layout is known, as UTF-8.
#[derive(Debug)]
pub(crate) struct Prepared {
    job: Job,
    parser: Parser,
    /// The file itself, or its UTF-8 form.
    text: PathBuf,
    text_octets: u64,
    start: (u64, u64),
    scratch: Scratch,
}

/// Temporary files of one ingest; removed with it.
#[derive(Debug)]
struct Scratch {
    dir: PathBuf,
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Err(cause) = std::fs::remove_dir_all(&self.dir) {
            tracing::warn!(%cause, "temporary files of an ingest stay behind");
        }
    }
}

impl Prepared {
    pub(super) fn new(job: Job) -> Result<Self, IngestError> {
        Self::open(job, |_| {})
    }

    /// For what is read for its numbers alone: other columns are neither kept nor looked at.
    pub(crate) fn numbers_only(job: Job) -> Result<Self, IngestError> {
        Self::open(job, |layout| layout.kept.clear())
    }

    fn open(job: Job, adapt: impl FnOnce(&mut Layout)) -> Result<Self, IngestError> {
        let mut file = File::open(&job.file)?;
        let received = file.metadata()?.len();
        if received != job.size_bytes {
            return Err(IngestError::Cut { expected: job.size_bytes, received });
        }
        let mut layout = Layout::of(&mut file, job.choices, &job.template, job.country)?;
        adapt(&mut layout);
        let scratch = Scratch { dir: job.scratch_dir.join(format!("ingest-{}", job.upload)) };
        std::fs::create_dir_all(&scratch.dir)?;
        let (text, from) = match layout.encoding {
            Encoding::Utf8 => (job.file.clone(), layout.bom_octets as u64),
            encoding => {
                let text = scratch.dir.join("utf8");
                file.seek(SeekFrom::Start(layout.bom_octets as u64))?;
                transcode(&mut file, encoding, &text)?;
                (text, 0)
            }
        };
        let mut utf8 = File::open(&text)?;
        let text_octets = utf8.metadata()?.len();
        let start = layout.data_start(&mut utf8, from)?;
        if layout.has_header && start.0 >= text_octets {
            return Err(FileError::HeaderOnly.into());
        }
        let bound = BoundText::new(&job.template, &layout.field_names());
        let parser = Parser::new(layout, job.country, bound);
        Ok(Self { job, parser, text, text_octets, start, scratch })
    }

    /// Names the file and how it is read: with another one a checkpoint is worth nothing.
    pub(super) fn source_name(&self) -> String {
        let Job { upload, size_bytes, country, template, .. } = &self.job;
        let country = country.map_or("-", domain::phone::Country::iso);
        format!("{upload} {size_bytes} {country} {:?} {}", self.parser.layout(), template.source())
    }

    pub(super) const fn start(&self) -> (u64, u64) {
        self.start
    }

    pub(super) fn field_names(&self) -> Vec<String> {
        self.parser.layout().field_names()
    }

    fn chunks(&self, (offset, line): (u64, u64)) -> Result<Chunks<File>, IngestError> {
        let mut file = File::open(&self.text)?;
        file.seek(SeekFrom::Start(offset))?;
        Ok(Chunks::new(file, self.parser.layout().dialect, offset, line))
    }

    /// Where the numbers of the file are sorted, on disk.
    pub(crate) fn spill(&self) -> Result<Spill, IngestError> {
        Ok(Spill::create(&self.scratch.dir.join("numbers"), self.text_octets)?)
    }

    /// Pass 1.
    pub(super) fn find_dropped(
        &self,
        suppression: &dyn Suppression,
        progress: &watch::Sender<IngestProgress>,
        cancel: &CancellationToken,
    ) -> Result<Dropped, IngestError> {
        let mut spill = self.spill()?;
        self.check(progress, cancel, |parsed| {
            for record in &parsed.records {
                if let RecordKind::Number { number, .. } = record.kind {
                    spill.push(number)?;
                }
            }
            Ok(())
        })?;
        spill.finish(PARSERS, suppression)
    }

    /// Reads the whole file once, and hands over what each piece of it holds.
    pub(crate) fn check(
        &self,
        progress: &watch::Sender<IngestProgress>,
        cancel: &CancellationToken,
        mut each: impl FnMut(&Parsed) -> Result<(), IngestError>,
    ) -> Result<(), IngestError> {
        let mut chunks = self.chunks(self.start)?;
        let mut report = IngestProgress { bytes_total: 2 * self.text_octets, ..IngestProgress::default() };
        ordered(
            PARSERS,
            || Ok(chunks.next_chunk()?),
            |chunk| self.parser.parse(chunk, Pass::Check),
            |parsed| {
                each(&parsed)?;
                report.bytes_done = parsed.offset + parsed.octets;
                report.lines += parsed.records.len() as u64;
                report.rejects += parsed.rejects.len() as u64;
                tell(progress, report, cancel)
            },
        )
    }

    /// Pass 2, from the checkpoint on.
    pub(super) fn assemble(
        &self,
        from: Checkpoint,
        dropped: &Dropped,
        progress: &watch::Sender<IngestProgress>,
        cancel: &CancellationToken,
        emit: impl FnMut(Batch) -> Result<(), IngestError>,
    ) -> Result<(IngestReport, Option<(u64, RejectReason)>), IngestError> {
        let mut chunks = self.chunks((from.offset, from.line))?;
        let mut assembler = Assembler::new(&self.parser, dropped, from, emit);
        ordered(
            PARSERS,
            || Ok(chunks.next_chunk()?),
            |chunk| self.parser.parse(chunk, Pass::Measure),
            |parsed| {
                assembler.take(&parsed)?;
                metrics::read(&parsed);
                let at = assembler.checkpoint();
                let report = IngestProgress {
                    bytes_done: self.text_octets + at.offset,
                    bytes_total: 2 * self.text_octets,
                    lines: at.report.lines,
                    rejects: at.report.invalid,
                    accepted: 0,
                };
                tell(progress, report, cancel)
            },
        )?;
        assembler.finish()?;
        Ok((assembler.checkpoint().report, assembler.first_reject()))
    }
}

/// Shows how far it is; what is written to the database is told by whoever writes it.
fn tell(
    progress: &watch::Sender<IngestProgress>,
    report: IngestProgress,
    cancel: &CancellationToken,
) -> Result<(), IngestError> {
    if cancel.is_cancelled() {
        return Err(IngestError::Cancelled);
    }
    progress.send_modify(|shown| *shown = IngestProgress { accepted: shown.accepted, ..report });
    Ok(())
}
