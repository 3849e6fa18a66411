//! How a file is read: what [`sniff`] found, corrected by what the person chose.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
};

use domain::{merge::Template, phone::Country, recipient::FIELDS_MAX};

use super::{
    FileError,
    chunks::RECORD_OCTETS_MAX,
    decode::Encoding,
    records::{Dialect, Extent, Separator},
    sniff::{HEAD_OCTETS, column_names, sample, sniff, usual_width},
};

/// What the person chose in the preview; None: as found.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Choices {
    pub separator: Option<Separator>,
    pub has_header: Option<bool>,
    /// From 0.
    pub number_column: Option<usize>,
}

/// How a file is read. The same layout gives the same recipients.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    pub encoding: Encoding,
    pub bom_octets: usize,
    pub dialect: Dialect,
    pub has_header: bool,
    pub columns: Vec<String>,
    pub number_column: usize,
    /// The columns that are kept as merge fields, by index.
    pub kept: Vec<usize>,
}

impl Layout {
    /// Reads the head of `file` and decides. `template` is the text whose fields have to be there.
    pub fn of(
        file: &mut File,
        choices: Choices,
        template: &Template,
        country: impl Into<Option<Country>>,
    ) -> Result<Self, FileError> {
        let mut head = Vec::with_capacity(HEAD_OCTETS);
        file.seek(SeekFrom::Start(0))?;
        file.take(HEAD_OCTETS as u64).read_to_end(&mut head)?;
        let shape = sniff(&head, country)?;
        let dialect = Dialect { separator: choices.separator.or(shape.separator), line_end: shape.line_end };
        let has_header = choices.has_header.unwrap_or(shape.has_header);
        let mut columns = shape.columns;
        if dialect.separator != shape.separator || has_header != shape.has_header {
            let text = shape.encoding.decode_head(&head[shape.bom_octets..]);
            let rows = sample(&text, dialect, head.len() == HEAD_OCTETS);
            let header = rows.first().filter(|_| has_header).map(Vec::as_slice).unwrap_or_default();
            columns = column_names(header, usual_width(&rows).unwrap_or(1));
        }
        if columns.len() > FIELDS_MAX {
            return Err(FileError::TooManyColumns { columns: columns.len(), limit: FIELDS_MAX });
        }
        let number_column = match (choices.number_column, dialect.separator) {
            (_, None) => 0,
            (Some(column), _) if column < columns.len() => column,
            (Some(column), _) => return Err(FileError::ColumnUnknown { column: column + 1 }),
            (None, _) => shape.number_column.ok_or(FileError::NoNumberColumn)?,
        };
        let used = |column: usize| template.fields().contains(&columns[column]);
        let kept: Vec<usize> = match dialect.separator {
            None => Vec::new(),
            Some(_) => (0..columns.len()).filter(|&column| column != number_column || used(column)).collect(),
        };
        let has = |field: &&String| kept.iter().any(|&column| columns[column] == **field);
        let missing: Vec<String> = template.fields().iter().filter(|field| !has(field)).cloned().collect();
        if !missing.is_empty() {
            return Err(FileError::MissingColumns(missing));
        }
        Ok(Self {
            encoding: shape.encoding,
            bom_octets: shape.bom_octets,
            dialect,
            has_header,
            columns,
            number_column,
            kept,
        })
    }

    /// The names of the merge fields.
    #[must_use]
    pub fn field_names(&self) -> Vec<String> {
        self.kept.iter().map(|&column| self.columns[column].clone()).collect()
    }

    /// Where the first data record starts in the text: offset and line number.
    pub fn data_start(&self, text: &mut File, from: u64) -> Result<(u64, u64), FileError> {
        if !self.has_header {
            return Ok((from, 1));
        }
        let mut head = Vec::new();
        text.seek(SeekFrom::Start(from))?;
        text.take(2 * RECORD_OCTETS_MAX as u64).read_to_end(&mut head)?;
        let (mut offset, mut line) = (0, 1);
        loop {
            let end = match self.dialect.extent(&head[offset..]) {
                Extent::Complete(end) => end,
                Extent::Open | Extent::Quoted => return Err(FileError::HeaderOnly),
            };
            let record = &head[offset..offset + end];
            offset += end;
            line += self.dialect.count_lines(record);
            // Blank lines above the header are no header.
            if !record.trim_ascii().is_empty() {
                return Ok((from + offset as u64, line));
            }
        }
    }
}
