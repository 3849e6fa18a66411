//! Taking one number out of a campaign's blocks and rejected lines. States stay, for the figures.

use domain::{
    id::{CampaignId, WorkspaceId},
    phone::PhoneNumber,
};

use super::{
    Filter, RecipientBlock, RejectChunk,
    write::{FILTERS, RECIPIENTS, REJECTS, block_key, read_block, read_packed},
};
use crate::{
    Error,
    access::Inner,
    db::{Tx, key},
};

/// Filters and chunks of rejects that are read at a time.
const FILTERS_AT_ONCE: u32 = 128;
const CHUNKS_AT_ONCE: u32 = 8;
/// Blocks and chunks of one transaction; a number that got a thousand one-time codes takes several.
const RECORDS_MAX: usize = 16;
/// What a rejected line shows in the place of what it had.
const ERASED_TEXT: &str = "(erased)";

/// What is to be written so that a number is gone, as far as it fits one transaction.
#[derive(Debug, Default)]
pub(crate) struct Erasure {
    blocks: Vec<(u32, RecipientBlock)>,
    chunks: Vec<(u64, RejectChunk)>,
    pub(crate) recipients: u64,
    pub(crate) lines: u64,
}

impl Erasure {
    pub(crate) fn is_empty(&self) -> bool {
        self.blocks.is_empty() && self.chunks.is_empty()
    }

    fn is_full(&self) -> bool {
        self.blocks.len() + self.chunks.len() >= RECORDS_MAX
    }

    /// Reads only blocks whose filter lets the number through, and every rejected line.
    pub(crate) async fn plan(
        inner: &Inner,
        workspace: WorkspaceId,
        campaign: CampaignId,
        number: PhoneNumber,
    ) -> Result<Self, Error> {
        let mut erasure = Self::default();
        let mut from = 0;
        while !erasure.is_full() {
            let filters = read_packed(inner, FILTERS, workspace, campaign, from, FILTERS_AT_ONCE).await?;
            let Some(&(last, _)) = filters.last() else { break };
            from = last + 1;
            for (block, bytes) in filters {
                if !erasure.is_full() && Filter::decode(&bytes)?.may_hold(number.as_u64()) {
                    let block = u32::try_from(block).map_err(|_| Error::Corrupt)?;
                    erasure.take_block(inner, workspace, campaign, block, number).await?;
                }
            }
        }
        let mut from = 0;
        while !erasure.is_full() {
            let chunks = read_packed(inner, REJECTS, workspace, campaign, from, CHUNKS_AT_ONCE).await?;
            let Some(&(last, _)) = chunks.last() else { break };
            from = last + 1;
            for (chunk, bytes) in chunks {
                if !erasure.is_full() {
                    erasure.take_chunk(chunk, RejectChunk::decode(&bytes)?, number);
                }
            }
        }
        Ok(erasure)
    }

    async fn take_block(
        &mut self,
        inner: &Inner,
        workspace: WorkspaceId,
        campaign: CampaignId,
        number: u32,
        phone: PhoneNumber,
    ) -> Result<(), Error> {
        let mut block = read_block(inner, workspace, campaign, number).await?.ok_or(Error::Corrupt)?;
        let rows = block.numbers().iter().enumerate().filter(|(_, digits)| **digits == phone.as_u64());
        let rows: Vec<usize> = rows.map(|(row, _)| row).collect();
        if !rows.is_empty() {
            self.recipients += rows.len() as u64;
            rows.into_iter().for_each(|row| block.erase(row));
            self.blocks.push((number, block));
        }
        Ok(())
    }

    fn take_chunk(&mut self, number: u64, mut chunk: RejectChunk, phone: PhoneNumber) {
        let mut lines = 0;
        for reject in chunk.rejects.iter_mut().filter(|reject| names(&reject.text, phone)) {
            ERASED_TEXT.clone_into(&mut reject.text);
            lines += 1;
        }
        if lines > 0 {
            self.lines += lines;
            self.chunks.push((number, chunk));
        }
    }

    pub(crate) fn put(&self, tx: &mut Tx, workspace: WorkspaceId, campaign: CampaignId) {
        for (number, block) in &self.blocks {
            tx.put_bytes(block_key(RECIPIENTS, workspace, campaign, *number), block.encode().into());
            let filter = Filter::of(block.numbers()).encode();
            tx.put_bytes(block_key(FILTERS, workspace, campaign, *number), filter.into());
        }
        for (number, chunk) in &self.chunks {
            let parts = [key::id(campaign), key::number(*number)];
            tx.put_bytes(key::of(REJECTS, workspace, parts), chunk.encode().into());
        }
    }
}

/// Whether a text holds the number, however it is written: with its calling code or without.
fn names(text: &str, number: PhoneNumber) -> bool {
    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
    let full = number.as_u64().to_string();
    let code = number.country().map_or(0, |country| country.calling_code().to_string().len());
    let national = full.get(code..).filter(|national| national.len() >= 6).unwrap_or(&full);
    digits.contains(national)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_seen_however_it_is_written() {
        let number = PhoneNumber::from_u64(436_601_234_567).unwrap();
        for text in ["+436601234567", "0660 123-45 67", "Ann;0043 660 1234567;x", "6601234567"] {
            assert!(names(text, number), "{text}");
        }
        for text in ["+436601234568", "1234567", "", "66012345 7"] {
            assert!(!names(text, number), "{text}");
        }
    }
}
