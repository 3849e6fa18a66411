//! A changed text takes other segments: recipients that are stored already are measured again, block by block.

use std::sync::Arc;

use domain::{id::CampaignId, merge::Template, reject::RejectReason};
use recipient_file::{BoundText, FileError};
use store::{
    SystemScope,
    recipients::{EncodedBlock, RecipientBlock, load_block, load_states, replace_blocks},
};

use super::{IngestError, blocking};

/// The segments of all recipients with this text. Recipients whose own text is empty or too long are counted, not dropped:
/// whoever changed the text has to decide.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Measured {
    pub segments: u64,
    /// Recipients whose own text cannot be sent.
    pub unsendable: u64,
}

/// Measures every recipient of a campaign that has not started with `template`, and stores what changed. Repeating it
/// is harmless.
pub async fn measure_again(
    scope: &SystemScope,
    campaign: CampaignId,
    template: &Template,
) -> Result<Measured, IngestError> {
    let template = Arc::new(template.clone());
    let mut total = Measured::default();
    for number in 0.. {
        let Some(block) = load_block(scope, campaign, number).await? else {
            break;
        };
        let template = Arc::clone(&template);
        let (block, measured, changed) = blocking(move || measure(block, &template)).await?;
        total.segments += measured.segments;
        total.unsendable += measured.unsendable;
        if changed {
            let states = load_states(scope, campaign, number).await?.ok_or(store::Error::Corrupt)?;
            replace_blocks(scope, campaign, &[EncodedBlock::new(number, &block, &states)]).await?;
        }
    }
    Ok(total)
}

fn measure(mut block: RecipientBlock, template: &Template) -> Result<(RecipientBlock, Measured, bool), IngestError> {
    let names = Arc::clone(block.field_names());
    let missing: Vec<String> = template.fields().iter().filter(|field| !names.contains(field)).cloned().collect();
    if !missing.is_empty() {
        return Err(FileError::MissingColumns(missing).into());
    }
    let text = BoundText::new(template, &names);
    let mut measured = Measured::default();
    let mut segments = Vec::with_capacity(block.len());
    for row in 0..block.len() {
        let values: Vec<&str> = (0..names.len()).filter_map(|column| block.value(column, row)).collect();
        let own = match text.segments(&values) {
            Ok(own) => own,
            Err(RejectReason::TextTooLong) => {
                measured.unsendable += 1;
                u8::MAX
            }
            Err(_) => {
                measured.unsendable += 1;
                0
            }
        };
        measured.segments += u64::from(own);
        segments.push(own);
    }
    let changed = block.segments() != segments;
    block.set_segments(segments).map_err(|_| store::Error::Corrupt)?;
    Ok((block, measured, changed))
}
