//! Recipients that come while a campaign runs: numbers with their merge values, as the inbox and the journal keep them.

use std::sync::Arc;

use super::wire::{Reader, put_i64, put_u64};

/// Recipients from `start` on, in the order in which they were accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Added {
    /// The index of the first.
    pub start: u32,
    /// What the values of each row are called.
    pub fields: Arc<[String]>,
    pub rows: Vec<Row>,
    pub at_ms: i64,
}

/// One number, and what its message is made from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Row {
    /// E.164 digits.
    pub number: u64,
    /// Of its own text.
    pub segments: u8,
    /// In the order of the fields.
    pub values: Vec<Box<str>>,
}

impl Added {
    /// The index behind the last one.
    #[must_use]
    pub fn end(&self) -> u32 {
        self.start.saturating_add(u32::try_from(self.rows.len()).unwrap_or(u32::MAX))
    }

    /// The value of a field of a row, by its name; none is empty.
    pub(crate) fn value<'a>(&self, row: &'a Row, field: &str) -> &'a str {
        let column = self.fields.iter().position(|known| known == field);
        column.and_then(|column| row.values.get(column)).map_or("", |value| value)
    }
}

pub(crate) fn put_added(out: &mut Vec<u8>, added: &Added) {
    put_u64(out, u64::from(added.start));
    put_i64(out, added.at_ms);
    put_u64(out, added.fields.len() as u64);
    for field in added.fields.iter() {
        put_text(out, field);
    }
    put_u64(out, added.rows.len() as u64);
    for row in &added.rows {
        put_u64(out, row.number);
        out.push(row.segments);
        put_u64(out, row.values.len() as u64);
        for value in &row.values {
            put_text(out, value);
        }
    }
}

/// None: the bytes are not what [`put_added`] writes.
pub(crate) fn read_added(reader: &mut Reader<'_>) -> Option<Added> {
    let start = reader.u32()?;
    let at_ms = reader.i64()?;
    let mut fields = Vec::new();
    for _ in 0..reader.u64()? {
        fields.push(read_text(reader)?.to_owned());
    }
    let mut rows = Vec::new();
    for _ in 0..reader.u64()? {
        let (number, segments) = (reader.u64()?, reader.u8()?);
        let mut values = Vec::new();
        for _ in 0..reader.u64()? {
            values.push(read_text(reader)?.into());
        }
        rows.push(Row { number, segments, values });
    }
    start.checked_add(u32::try_from(rows.len()).ok()?)?;
    Some(Added { start, fields: fields.into(), rows, at_ms })
}

fn put_text(out: &mut Vec<u8>, text: &str) {
    put_u64(out, text.len() as u64);
    out.extend_from_slice(text.as_bytes());
}

fn read_text<'a>(reader: &mut Reader<'a>) -> Option<&'a str> {
    let octets = usize::try_from(reader.u64()?).ok()?;
    std::str::from_utf8(reader.bytes(octets)?).ok()
}
