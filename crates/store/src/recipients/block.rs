//! A block of recipients: what never changes once it is written (numbers, segments, merge values), column by column.

use std::sync::Arc;

use domain::recipient::{FIELDS_MAX, VALUES_OCTETS_MAX};

use super::{
    BLOCK_LEN,
    packed::{DecodeError, Kind, Sealed, seal},
};
use crate::journal::wire::{Reader, put_u64};

const KIND: Kind = Kind { magic: b'R', version: 1 };
/// What stands in the place of a number that was erased.
pub const ERASED: u64 = 0;

/// Up to [`BLOCK_LEN`] recipients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecipientBlock {
    numbers: Vec<u64>,
    segments: Vec<u8>,
    field_names: Arc<[String]>,
    columns: Vec<Column>,
}

/// The values of one field: recipient `i` has `text[ends[i - 1]..ends[i]]`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Column {
    ends: Vec<u32>,
    text: String,
}

/// The block is full, or the values do not match its fields or are too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the recipient does not fit the block")]
pub struct DoesNotFit;

impl RecipientBlock {
    /// An empty block whose recipients have these merge fields.
    #[must_use]
    pub fn new(field_names: Arc<[String]>) -> Self {
        let columns = vec![Column::default(); field_names.len()];
        Self { numbers: Vec::new(), segments: Vec::new(), field_names, columns }
    }

    /// Adds a recipient: E.164 digits, the segments of its own text, a value for each field in their order.
    pub fn push<'a>(
        &mut self,
        number: u64,
        segments: u8,
        values: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), DoesNotFit> {
        if self.is_full() || self.columns.len() > FIELDS_MAX {
            return Err(DoesNotFit);
        }
        let mut values = values.into_iter();
        let mut octets = 0;
        let mut complete = true;
        for column in &mut self.columns {
            let value = values.next().unwrap_or_else(|| {
                complete = false;
                ""
            });
            octets += value.len();
            column.text.push_str(value);
            column.ends.push(column.text.len() as u32);
        }
        if !complete || values.next().is_some() || octets > VALUES_OCTETS_MAX {
            self.truncate_columns();
            return Err(DoesNotFit);
        }
        self.numbers.push(number);
        self.segments.push(segments);
        Ok(())
    }

    /// Takes back what a refused recipient left in the columns.
    fn truncate_columns(&mut self) {
        let len = self.numbers.len();
        for column in &mut self.columns {
            column.ends.truncate(len);
            column.text.truncate(column.ends.last().map_or(0, |&end| end as usize));
        }
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Bytes of all merge values.
    #[must_use]
    pub fn octets(&self) -> usize {
        self.columns.iter().map(|column| column.text.len()).sum()
    }

    #[must_use]
    pub fn is_full(&self) -> bool {
        self.numbers.len() >= BLOCK_LEN as usize
    }

    /// E.164 digits, in the order of the recipients.
    #[must_use]
    pub fn numbers(&self) -> &[u64] {
        &self.numbers
    }

    /// Segments of each recipient's own text.
    #[must_use]
    pub fn segments(&self) -> &[u8] {
        &self.segments
    }

    /// Replaces the segments after the text was changed; `segments` has one value for each recipient.
    pub fn set_segments(&mut self, segments: Vec<u8>) -> Result<(), DoesNotFit> {
        if segments.len() != self.numbers.len() {
            return Err(DoesNotFit);
        }
        self.segments = segments;
        Ok(())
    }

    /// Takes the number and the merge values of a recipient out; its place and its segments stay, for the figures.
    pub(crate) fn erase(&mut self, row: usize) {
        if let Some(number) = self.numbers.get_mut(row) {
            *number = ERASED;
        }
        for column in &mut self.columns {
            let Some(&end) = column.ends.get(row) else { continue };
            let start = row.checked_sub(1).and_then(|before| column.ends.get(before)).copied().unwrap_or(0);
            column.text.replace_range(start as usize..end as usize, "");
            for later in &mut column.ends[row..] {
                *later -= end - start;
            }
        }
    }

    #[must_use]
    pub fn field_names(&self) -> &Arc<[String]> {
        &self.field_names
    }

    /// The value of the field at `column` for recipient `row` of this block.
    #[must_use]
    pub fn value(&self, column: usize, row: usize) -> Option<&str> {
        let Column { ends, text } = self.columns.get(column)?;
        let end = *ends.get(row)? as usize;
        let start = row.checked_sub(1).and_then(|before| ends.get(before)).map_or(0, |&start| start as usize);
        text.get(start..end)
    }

    /// The value of a field by its name.
    #[must_use]
    pub fn field(&self, name: &str, row: usize) -> Option<&str> {
        self.value(self.field_names.iter().position(|field| field == name)?, row)
    }

    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut body = Vec::with_capacity(self.numbers.len() * 6 + 64);
        put_numbers(&mut body, &self.numbers);
        match self.segments.split_first() {
            Some((first, rest)) if rest.iter().all(|segments| segments == first) => {
                body.extend_from_slice(&[1, *first]);
            }
            _ => {
                body.push(0);
                body.extend_from_slice(&self.segments);
            }
        }
        put_u64(&mut body, self.columns.len() as u64);
        for (name, column) in self.field_names.iter().zip(&self.columns) {
            put_text(&mut body, name);
            let mut start = 0;
            for &end in &column.ends {
                put_u64(&mut body, u64::from(end - start));
                start = end;
            }
            body.extend_from_slice(column.text.as_bytes());
        }
        let mut head = Vec::with_capacity(4);
        put_u64(&mut head, self.numbers.len() as u64);
        seal(KIND, &head, &body)
    }

    pub fn decode(bytes: &[u8]) -> Result<Self, DecodeError> {
        let sealed = Sealed::open(KIND, bytes)?;
        let len = read_len(&mut Reader::new(sealed.head)).ok_or(DecodeError::Malformed)?;
        let body = sealed.body()?;
        read_block(&mut Reader::new(&body), len).ok_or(DecodeError::Malformed)
    }
}

/// A number of recipients that a block can have.
pub(super) fn read_len(reader: &mut Reader<'_>) -> Option<usize> {
    usize::try_from(reader.u64()?).ok().filter(|&len| len <= BLOCK_LEN as usize)
}

fn read_block(reader: &mut Reader<'_>, len: usize) -> Option<RecipientBlock> {
    let numbers = read_numbers(reader, len)?;
    let segments = match reader.u8()? {
        1 => vec![reader.u8()?; len],
        0 => reader.bytes(len)?.to_vec(),
        _ => return None,
    };
    let fields = usize::try_from(reader.u64()?).ok().filter(|&fields| fields <= FIELDS_MAX)?;
    let mut field_names = Vec::with_capacity(fields);
    let mut columns = Vec::with_capacity(fields);
    for _ in 0..fields {
        field_names.push(read_text(reader)?);
        let mut ends = Vec::with_capacity(len);
        let mut end = 0_u32;
        for _ in 0..len {
            end = end.checked_add(reader.u32()?)?;
            ends.push(end);
        }
        let text = std::str::from_utf8(reader.bytes(end as usize)?).ok()?.to_owned();
        if !ends.iter().all(|&end| text.is_char_boundary(end as usize)) {
            return None;
        }
        columns.push(Column { ends, text });
    }
    (reader.left() == 0).then(|| RecipientBlock { numbers, segments, field_names: field_names.into(), columns })
}

/// The smallest number, the width of the differences to it in bytes, and these.
fn put_numbers(out: &mut Vec<u8>, numbers: &[u64]) {
    let base = numbers.iter().copied().min().unwrap_or(0);
    let span = numbers.iter().copied().max().unwrap_or(0) - base;
    let width = (8 - span.leading_zeros() as usize / 8).max(1);
    put_u64(out, base);
    out.push(width as u8);
    let start = out.len();
    out.resize(start + numbers.len() * width, 0);
    for (place, number) in out[start..].chunks_exact_mut(width).zip(numbers) {
        place.copy_from_slice(&(number - base).to_le_bytes()[..width]);
    }
}

fn read_numbers(reader: &mut Reader<'_>, len: usize) -> Option<Vec<u64>> {
    let base = reader.u64()?;
    let width = usize::from(reader.u8()?);
    if !(1..=8).contains(&width) {
        return None;
    }
    let mut numbers = Vec::with_capacity(len);
    for packed in reader.bytes(len * width)?.chunks_exact(width) {
        let mut wide = [0; 8];
        wide[..width].copy_from_slice(packed);
        numbers.push(base.checked_add(u64::from_le_bytes(wide))?);
    }
    Some(numbers)
}

pub(crate) fn put_text(out: &mut Vec<u8>, text: &str) {
    put_u64(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

pub(crate) fn read_text(reader: &mut Reader<'_>) -> Option<String> {
    let octets = usize::try_from(reader.u64()?).ok()?;
    std::str::from_utf8(reader.bytes(octets)?).ok().map(str::to_owned)
}

#[cfg(test)]
#[path = "block_tests.rs"]
mod tests;
