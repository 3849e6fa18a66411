//! Pass 2: recipients into blocks, blocks and rejects into batches, each with the checkpoint behind it.

use std::{borrow::Cow, sync::Arc};

use domain::reject::RejectReason;
use recipient_file::{Parsed, Parser, Record, RecordKind, Rejected};
use store::recipients::{
    Batch, Checkpoint, EncodedBlock, IngestPhase, RecipientBlock, Reject, RejectChunk, StateBlock,
};

use super::{IngestError, dedupe::Dropped};

/// Blocks of one transaction: fewer syncs for it, and a batch still fits the memtable many times.
const BATCH_BLOCKS: usize = 16;
/// A batch of blocks with long merge values ends earlier.
const BATCH_OCTETS: usize = 4 << 20;
/// Chunks of rejects that are written ahead of a checkpoint together: a file of nothing but rejects has no blocks.
const REJECT_CHUNKS_AHEAD: usize = 8;
/// Rejects that are kept with their text; more are counted.
pub const REJECTS_KEPT_MAX: u64 = 1_000_000;

/// Assembles batches, and hands each to `emit`.
pub(super) struct Assembler<'a, F> {
    parser: &'a Parser,
    dropped: &'a Dropped,
    emit: F,
    /// As of the last record that was taken; committed as it is after the last record of a full block.
    at: Checkpoint,
    field_names: Arc<[String]>,
    block: RecipientBlock,
    blocks: Vec<EncodedBlock>,
    blocks_octets: usize,
    rejects: RejectChunk,
    full_chunks: Vec<RejectChunk>,
    first_reject: Option<(u64, RejectReason)>,
}

impl<'a, F: FnMut(Batch) -> Result<(), IngestError>> Assembler<'a, F> {
    pub(super) fn new(parser: &'a Parser, dropped: &'a Dropped, from: Checkpoint, emit: F) -> Self {
        let field_names: Arc<[String]> = from.field_names.clone().into();
        Self {
            parser,
            dropped,
            emit,
            at: from,
            block: RecipientBlock::new(Arc::clone(&field_names)),
            field_names,
            blocks: Vec::new(),
            blocks_octets: 0,
            rejects: RejectChunk::default(),
            full_chunks: Vec::new(),
            first_reject: None,
        }
    }

    pub(super) const fn checkpoint(&self) -> &Checkpoint {
        &self.at
    }

    pub(super) const fn first_reject(&self) -> Option<(u64, RejectReason)> {
        self.first_reject
    }

    pub(super) fn take(&mut self, parsed: &Parsed) -> Result<(), IngestError> {
        let mut rejects = parsed.rejects.iter();
        let (mut fields, mut values) = (Vec::new(), Vec::new());
        let (mut counted_to, mut line) = (0, parsed.line);
        for record in &parsed.records {
            self.at.report.lines += 1;
            match record.kind {
                RecordKind::Rejected => {
                    if let Some(rejected) = rejects.next() {
                        self.reject(rejected)?;
                    }
                }
                RecordKind::Number { number, segments } => {
                    let place = self.at.numbers;
                    self.at.numbers += 1;
                    if self.dropped.duplicates.contains(place) {
                        self.at.report.duplicate += 1;
                    } else if self.dropped.suppressed.contains(place) {
                        let start = record.start as usize;
                        line += self.parser.layout().dialect.count_lines(&parsed.bytes[counted_to..start]);
                        counted_to = start;
                        self.suppress(line, number)?;
                    } else {
                        let bytes = &parsed.bytes[record.start as usize..record.end as usize];
                        self.parser.merge_values(bytes, &mut fields, &mut values);
                        self.accept(number, segments, &values)?;
                        if self.block.is_full() {
                            self.end_block(parsed, record)?;
                        }
                    }
                }
            }
        }
        self.at.offset = parsed.offset + parsed.octets;
        Ok(())
    }

    fn accept(&mut self, number: u64, segments: u8, values: &[Cow<'_, str>]) -> Result<(), IngestError> {
        let values = values.iter().map(AsRef::as_ref);
        // The parser has checked width and length of the values, and full blocks are ended.
        self.block.push(number, segments, values).map_err(|cause| IngestError::Io(std::io::Error::other(cause)))?;
        self.at.report.accepted += 1;
        self.at.report.segments += u64::from(segments);
        Ok(())
    }

    fn reject(&mut self, rejected: &Rejected) -> Result<(), IngestError> {
        self.at.report.invalid += 1;
        self.list(rejected.line, rejected.reason, &rejected.raw)
    }

    /// Counted apart from what is invalid, and listed with it: people look there for what became of a line.
    fn suppress(&mut self, line: u64, number: u64) -> Result<(), IngestError> {
        self.at.report.suppressed += 1;
        self.list(line, RejectReason::Suppressed, format!("+{number}").as_bytes())
    }

    fn list(&mut self, line: u64, reason: RejectReason, raw: &[u8]) -> Result<(), IngestError> {
        self.first_reject.get_or_insert((line, reason));
        if self.at.report.invalid + self.at.report.suppressed > REJECTS_KEPT_MAX {
            return Ok(());
        }
        self.rejects.rejects.push(Reject::new(line, reason, raw));
        if self.rejects.rejects.len() == RejectChunk::LEN {
            self.full_chunks.push(std::mem::take(&mut self.rejects));
            if self.full_chunks.len() >= REJECT_CHUNKS_AHEAD {
                let rejects = self.pack_rejects();
                return (self.emit)(Batch { blocks: Vec::new(), rejects, checkpoint: None });
            }
        }
        Ok(())
    }

    /// The chunks so far get their numbers, counted from the latest checkpoint: after a crash the same chunks get the
    /// same numbers again.
    fn pack_rejects(&mut self) -> Vec<(u32, bytes::Bytes)> {
        let first = self.at.reject_chunks;
        self.at.reject_chunks += self.full_chunks.len() as u32;
        (first..).zip(self.full_chunks.drain(..).map(|chunk| Batch::pack(&chunk))).collect()
    }

    fn end_block(&mut self, parsed: &Parsed, last: &Record) -> Result<(), IngestError> {
        self.encode_block();
        if self.blocks.len() < BATCH_BLOCKS && self.blocks_octets < BATCH_OCTETS {
            return Ok(());
        }
        self.at.offset = parsed.offset + u64::from(last.end);
        self.at.line = parsed.line + self.parser.layout().dialect.count_lines(&parsed.bytes[..last.end as usize]);
        self.commit()
    }

    fn encode_block(&mut self) {
        let block = std::mem::replace(&mut self.block, RecipientBlock::new(Arc::clone(&self.field_names)));
        let number = (self.at.next_index / u64::from(store::recipients::BLOCK_LEN)) as u32;
        let encoded = EncodedBlock::new(number, &block, &StateBlock::waiting(block.len()));
        self.at.next_index += block.len() as u64;
        self.blocks_octets += encoded.octets();
        self.blocks.push(encoded);
    }

    /// Everything that was taken, with the checkpoint behind it.
    fn commit(&mut self) -> Result<(), IngestError> {
        if !self.rejects.rejects.is_empty() {
            self.full_chunks.push(std::mem::take(&mut self.rejects));
        }
        let rejects = self.pack_rejects();
        self.blocks_octets = 0;
        let blocks = std::mem::take(&mut self.blocks);
        (self.emit)(Batch { blocks, rejects, checkpoint: Some(self.at.clone()) })
    }

    /// The last block and the end of the ingest.
    pub(super) fn finish(&mut self) -> Result<(), IngestError> {
        if !self.block.is_empty() {
            self.encode_block();
        }
        self.at.phase = IngestPhase::Done;
        self.commit()
    }
}
