//! The recipients of one campaign into another, block by block: as many as there are in the memory of two blocks.
//!
//! It is written as a file is ([`store::recipients::commit_ingest`]): each batch of full blocks commits with the
//! checkpoint behind it, so a crash repeats what was not committed and nothing else. Suppressed numbers are left out, as
//! when the file was read; every recipient begins anew, as waiting.
//!
//! *Invariant*: a recipient of the source is in the copy at most once. What rewrites the source in the meantime (another
//! file, the plan of a Spread campaign) ends the copying with a word, and nothing of it counts.

use std::sync::Arc;

use domain::{campaign::IngestReport, phone::PhoneNumber};
use store::{
    Error, SystemScope,
    campaigns::{
        self,
        uploads::{CopySource, Upload},
    },
    recipients::{
        self, BLOCK_LEN, Batch, Checkpoint, EncodedBlock, IngestPhase, RecipientBlock, StateBlock, commit_ingest,
        load_block, load_ingest, load_rejects, open_ingest,
    },
};
use tokio::sync::watch;

use crate::ingest::{IngestProgress, Suppression};

/// Blocks and bytes of one transaction, as for a file.
const BATCH_BLOCKS: usize = 16;
const BATCH_OCTETS: usize = 4 << 20;
/// Chunks of rejected lines that are copied together.
const CHUNKS_AT_ONCE: u32 = 8;

const CHANGED: &str = "the recipients of that campaign were changed while they were copied; copy it again";
const GONE: &str = "the recipients of that campaign are not there any more; bring them as a file";
const NOBODY: &str = "none of the recipients can be sent to any more: all of them are on the suppression list";

/// Copies into the campaign of `upload`. The inner error is for the person; after an outer one it goes on where it was.
pub(crate) async fn recipients(
    from: &SystemScope,
    into: &SystemScope,
    upload: &Upload,
    source: &CopySource,
    suppression: Arc<dyn Suppression>,
    progress: &watch::Sender<IngestProgress>,
) -> Result<Result<IngestReport, String>, Error> {
    let name = format!("copy {}", upload.id);
    let earlier = load_ingest(into, upload.campaign).await?.filter(|at| at.source == name);
    if let Some(done) = earlier.filter(|at| at.phase == IngestPhase::Done) {
        return Ok(concluded(done.report));
    }
    if !campaigns::is_unchanged(from, source).await? {
        return Ok(Err(CHANGED.to_owned()));
    }
    let Some(first) = load_block(from, source.campaign, 0).await? else { return Ok(Err(GONE.to_owned())) };
    let mut at = open_ingest(into, upload.campaign, Some(upload), &name, (0, 1), first.field_names()).await?;
    if at.offset == 0 {
        at.report = lines_without_recipient(source.report);
        at.reject_chunks = copy_rejects(from, into, upload, source, &at).await?;
    }
    let mut revision = at.revision;
    let mut packer = Packer::new(at);
    for number in packer.first_block().. {
        let Some(block) = load_block(from, source.campaign, number).await? else { break };
        let suppression = Arc::clone(&suppression);
        packer = on_a_thread(move || packer.take(number, &block, suppression.as_ref())).await?;
        progress.send_modify(|shown| {
            shown.bytes_done = packer.at.offset;
            shown.bytes_total = source.report.accepted;
            shown.lines = packer.at.offset;
            shown.accepted = packer.at.report.accepted;
        });
        if let Some(batch) = packer.batch() {
            revision = commit_ingest(into, upload.campaign, revision, &batch).await?;
        }
    }
    // Asked at the end, so that it is true of everything that was read.
    if !campaigns::is_unchanged(from, source).await? {
        return Ok(Err(CHANGED.to_owned()));
    }
    if packer.at.offset != source.report.accepted {
        return Ok(Err(GONE.to_owned()));
    }
    let (batch, report) = on_a_thread(move || packer.finish()).await?;
    commit_ingest(into, upload.campaign, revision, &batch).await?;
    Ok(concluded(report))
}

fn concluded(report: IngestReport) -> Result<IngestReport, String> {
    if report.accepted == 0 { Err(NOBODY.to_owned()) } else { Ok(report) }
}

/// The report before the first recipient: the lines of the file that are none.
const fn lines_without_recipient(report: IngestReport) -> IngestReport {
    let IngestReport { duplicate, suppressed, invalid, .. } = report;
    IngestReport { lines: duplicate + suppressed + invalid, accepted: 0, duplicate, suppressed, invalid, segments: 0 }
}

/// Copies the rejected lines as they are; gives the number of their chunks. Repeating it is harmless.
async fn copy_rejects(
    from: &SystemScope,
    into: &SystemScope,
    upload: &Upload,
    source: &CopySource,
    at: &Checkpoint,
) -> Result<u32, Error> {
    let mut next = 0;
    loop {
        let rejects = load_rejects(from, source.campaign, next, CHUNKS_AT_ONCE).await?;
        let Some(&(last, _)) = rejects.last() else { return Ok(next) };
        next = last + 1;
        let batch = Batch { blocks: Vec::new(), rejects, checkpoint: None };
        commit_ingest(into, upload.campaign, at.revision, &batch).await?;
    }
}

async fn on_a_thread<T: Send + 'static>(work: impl FnOnce() -> Result<T, Error> + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|cause| Error::Setup(format!("copying recipients: {cause}")))?
}

/// Fills blocks with what is taken over. A number in a checkpoint's `offset` counts recipients of the source.
#[derive(Debug)]
struct Packer {
    /// As of the last recipient that was taken.
    at: Checkpoint,
    /// As of the last full block: what is committed.
    sealed: Checkpoint,
    block: RecipientBlock,
    blocks: Vec<EncodedBlock>,
    octets: usize,
}

impl Packer {
    fn new(at: Checkpoint) -> Self {
        let block = RecipientBlock::new(at.field_names.clone().into());
        Self { sealed: at.clone(), at, block, blocks: Vec::new(), octets: 0 }
    }

    fn first_block(&self) -> u32 {
        (self.at.offset / u64::from(BLOCK_LEN)) as u32
    }

    /// Takes the recipients of a block of the source that are not behind yet.
    fn take(mut self, number: u32, source: &RecipientBlock, suppression: &dyn Suppression) -> Result<Self, Error> {
        let first = self.at.offset.saturating_sub(u64::from(number) * u64::from(BLOCK_LEN)) as usize;
        let columns = source.field_names().len();
        let left_out = suppression.among(source.numbers().get(first..).unwrap_or_default())?;
        for row in first..source.len() {
            self.at.offset += 1;
            self.at.report.lines += 1;
            self.at.numbers += 1;
            let digits = source.numbers()[row];
            // A number that was erased is none any more.
            if PhoneNumber::from_u64(digits).is_none() || left_out.binary_search(&digits).is_ok() {
                self.at.report.suppressed += 1;
                continue;
            }
            let values = (0..columns).map(|column| source.value(column, row).unwrap_or_default());
            let segments = source.segments()[row];
            self.block.push(digits, segments, values).map_err(|_| Error::Corrupt)?;
            self.at.report.accepted += 1;
            self.at.report.segments += u64::from(segments);
            if self.block.is_full() {
                self.seal();
            }
        }
        Ok(self)
    }

    fn seal(&mut self) {
        let empty = RecipientBlock::new(Arc::clone(self.block.field_names()));
        let block = std::mem::replace(&mut self.block, empty);
        let number = (self.at.next_index / u64::from(BLOCK_LEN)) as u32;
        let encoded = EncodedBlock::new(number, &block, &StateBlock::waiting(block.len()));
        self.at.next_index += block.len() as u64;
        self.octets += encoded.octets();
        self.blocks.push(encoded);
        self.sealed = self.at.clone();
    }

    /// The full blocks, once they are worth a transaction.
    fn batch(&mut self) -> Option<Batch> {
        let enough = self.blocks.len() >= BATCH_BLOCKS || self.octets >= BATCH_OCTETS;
        enough.then(|| {
            self.octets = 0;
            let blocks = std::mem::take(&mut self.blocks);
            Batch { blocks, rejects: Vec::new(), checkpoint: Some(self.sealed.clone()) }
        })
    }

    /// Everything that is left, and the end.
    fn finish(mut self) -> Result<(Batch, IngestReport), Error> {
        if !self.block.is_empty() {
            self.seal();
        }
        self.at.phase = recipients::IngestPhase::Done;
        let report = self.at.report;
        Ok((Batch { blocks: self.blocks, rejects: Vec::new(), checkpoint: Some(self.at) }, report))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::{collection::hash_set, prelude::*};

    use super::*;

    fn checkpoint() -> Checkpoint {
        Checkpoint {
            source: "copy".into(),
            phase: IngestPhase::Writing,
            offset: 0,
            line: 1,
            numbers: 0,
            next_index: 0,
            reject_chunks: 0,
            field_names: vec!["name".into()],
            report: IngestReport::default(),
            revision: 1,
        }
    }

    fn source(numbers: std::ops::Range<u64>) -> RecipientBlock {
        let mut block = RecipientBlock::new(vec!["name".to_owned()].into());
        for number in numbers {
            block.push(number, 2, [format!("n{number}").as_str()]).unwrap();
        }
        block
    }

    const FIRST: u64 = 436_600_000_000;
    const LEN: u64 = BLOCK_LEN as u64;

    /// All numbers of the copy in their order, after the packer was begun anew at each checkpoint that was committed.
    fn copied(total: u64, suppressed: &HashSet<PhoneNumber>, cut_every: usize) -> (Vec<u64>, IngestReport) {
        let (mut numbers, mut written) = (Vec::new(), Vec::new());
        let mut packer = Packer::new(checkpoint());
        let mut number = 0;
        let mut turns = 0;
        while u64::from(number) * LEN < total {
            let start = u64::from(number) * LEN;
            let block = source(FIRST + start..FIRST + total.min(start + LEN));
            packer = packer.take(number, &block, suppressed).unwrap();
            number += 1;
            turns += 1;
            if turns % cut_every == 0 {
                // What is sealed is committed, and the process ends: what was taken beyond it is lost.
                written.append(&mut packer.blocks);
                packer = Packer::new(packer.sealed);
                number = packer.first_block();
                if turns > 40 {
                    break;
                }
            }
        }
        let (batch, report) = packer.finish().unwrap();
        written.extend(batch.blocks);
        for (place, encoded) in written.iter().enumerate() {
            assert_eq!(encoded.number() as usize, place, "blocks without a gap");
            let block = RecipientBlock::decode(encoded.recipients()).unwrap();
            assert!(place + 1 == written.len() || block.is_full(), "every block but the last is full");
            for (row, &number) in block.numbers().iter().enumerate() {
                assert_eq!(block.value(0, row), Some(format!("n{number}").as_str()), "values stay with their number");
                numbers.push(number);
            }
        }
        (numbers, report)
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(12))]

        #[test]
        fn everybody_is_copied_once_and_suppressed_numbers_are_not(
            total in 1..4 * LEN,
            left_out in hash_set(0..4 * LEN, 0..300),
            cut_every in 3_usize..9,
        ) {
            let suppressed: HashSet<PhoneNumber> =
                left_out.iter().filter_map(|&place| PhoneNumber::from_u64(FIRST + place)).collect();
            let (numbers, report) = copied(total, &suppressed, cut_every);
            let expected: Vec<u64> =
                (0..total).filter(|place| !left_out.contains(place)).map(|place| FIRST + place).collect();
            prop_assert_eq!(&numbers, &expected);
            prop_assert_eq!(report.accepted, expected.len() as u64);
            prop_assert_eq!(report.lines, report.accepted + report.suppressed);
            prop_assert_eq!(report.segments, 2 * report.accepted);
        }
    }
}
