//! From a piece of the file to recipients and rejects: the same in both passes, so that what pass 1 counted is what pass 2
//! finds.

use std::borrow::Cow;

use domain::{
    phone::{Country, normalise_bytes},
    recipient::VALUES_OCTETS_MAX,
    reject::{REJECT_OCTETS_MAX, RejectReason},
};

use super::{
    chunks::{Chunk, Content, Problem, RECORD_OCTETS_MAX},
    layout::Layout,
    records::{Extent, Field, split},
    text::BoundText,
};

/// How to read a record.
#[derive(Debug, Clone)]
pub struct Parser {
    layout: Layout,
    country: Option<Country>,
    text: BoundText,
    /// Columns of a record.
    width: usize,
}

/// A piece of the file, read.
#[derive(Debug)]
pub struct Parsed {
    pub offset: u64,
    pub line: u64,
    pub octets: u64,
    /// Empty for an unreadable line.
    pub bytes: Vec<u8>,
    pub records: Vec<Record>,
    pub rejects: Vec<Rejected>,
}

/// A record of the piece that is a recipient or is none.
#[derive(Debug, Clone, Copy)]
pub struct Record {
    pub start: u32,
    pub end: u32,
    pub kind: RecordKind,
}

#[derive(Debug, Clone, Copy)]
pub enum RecordKind {
    Number {
        number: u64,
        /// 0 in pass 1, which does not measure.
        segments: u8,
    },
    /// The next of [`Parsed::rejects`].
    Rejected,
}

#[derive(Debug, Clone)]
pub struct Rejected {
    pub line: u64,
    pub reason: RejectReason,
    /// What is shown of it.
    pub raw: Vec<u8>,
}

/// Which pass is asking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pass {
    /// Which lines are valid.
    Check,
    /// And how many segments each takes.
    Measure,
}

impl Parser {
    pub fn new(layout: Layout, country: impl Into<Option<Country>>, text: BoundText) -> Self {
        let width = layout.columns.len();
        Self { layout, country: country.into(), text, width }
    }

    pub const fn layout(&self) -> &Layout {
        &self.layout
    }

    pub fn parse(&self, chunk: Chunk, pass: Pass) -> Parsed {
        let Chunk { offset, line, content } = chunk;
        match content {
            Content::Unreadable { problem, head, octets } => {
                let reason = match problem {
                    Problem::TooLong => RejectReason::LineTooLong,
                    Problem::UnclosedQuote => RejectReason::UnclosedQuote,
                };
                let records = vec![Record { start: 0, end: 0, kind: RecordKind::Rejected }];
                let rejects = vec![Rejected { line, reason, raw: head }];
                Parsed { offset, line, octets, bytes: Vec::new(), records, rejects }
            }
            Content::Records(bytes) => {
                let (records, rejects) = self.records(&bytes, line, pass);
                Parsed { offset, line, octets: bytes.len() as u64, bytes, records, rejects }
            }
        }
    }

    fn records(&self, bytes: &[u8], first_line: u64, pass: Pass) -> (Vec<Record>, Vec<Rejected>) {
        let dialect = self.layout.dialect;
        let mut records = Vec::with_capacity(bytes.len() / 16);
        let mut rejects = Vec::new();
        let (mut start, mut counted_to, mut line) = (0, 0, first_line);
        while start < bytes.len() {
            let end = match dialect.extent(&bytes[start..]) {
                Extent::Complete(octets) => start + octets,
                Extent::Open | Extent::Quoted => bytes.len(),
            };
            let record = dialect.trim_end(&bytes[start..end]);
            if !record.trim_ascii().is_empty() {
                let kind = match self.record(record, pass) {
                    Ok((number, segments)) => RecordKind::Number { number, segments },
                    Err((reason, raw)) => {
                        line += dialect.count_lines(&bytes[counted_to..start]);
                        counted_to = start;
                        let raw = raw[..raw.len().min(REJECT_OCTETS_MAX)].to_vec();
                        rejects.push(Rejected { line, reason, raw });
                        RecordKind::Rejected
                    }
                };
                records.push(Record { start: start as u32, end: end as u32, kind });
            }
            start = end;
        }
        (records, rejects)
    }

    /// The number and the segments of a record, or why it has none and what to show of it.
    fn record<'a>(&self, record: &'a [u8], pass: Pass) -> Result<(u64, u8), (RejectReason, &'a [u8])> {
        if record.len() > RECORD_OCTETS_MAX {
            return Err((RejectReason::LineTooLong, record));
        }
        let Some(separator) = self.layout.dialect.separator else {
            let number =
                normalise_bytes(record, self.country).map_err(|reject| (RejectReason::Number(reject), record))?;
            let segments = if pass == Pass::Measure { self.segments(record, &[])? } else { 0 };
            return Ok((number.as_u64(), segments));
        };
        let mut fields = Vec::with_capacity(self.width);
        split(record, separator, &mut fields);
        self.fields(record, &fields, pass)
    }

    fn fields<'a>(
        &self,
        record: &'a [u8],
        fields: &[Field<'a>],
        pass: Pass,
    ) -> Result<(u64, u8), (RejectReason, &'a [u8])> {
        if fields.len() < self.width {
            return Err((RejectReason::ColumnMissing, record));
        }
        // Spreadsheets end lines with empty columns.
        if fields[self.width..].iter().any(|field| !field.raw().trim_ascii().is_empty()) {
            return Err((RejectReason::ColumnsTooMany, record));
        }
        let raw = fields[self.layout.number_column].raw();
        let number = normalise_bytes(raw, self.country).map_err(|reject| (RejectReason::Number(reject), raw))?;
        let mut values = Vec::with_capacity(self.layout.kept.len());
        for value in self.values(fields) {
            values.push(value.ok_or((RejectReason::NotUtf8, record))?);
        }
        if values.iter().map(|value| value.len()).sum::<usize>() > VALUES_OCTETS_MAX {
            return Err((RejectReason::ValuesTooLong, record));
        }
        let segments = match pass {
            Pass::Check => self.text.check(&values).map(|()| 0).map_err(|reason| (reason, record))?,
            Pass::Measure => self.segments(record, &values)?,
        };
        Ok((number.as_u64(), segments))
    }

    fn segments<'a>(&self, record: &'a [u8], values: &[Cow<'_, str>]) -> Result<u8, (RejectReason, &'a [u8])> {
        self.text.segments(values).map_err(|reason| (reason, record))
    }

    /// The merge values of a record's fields, without blanks around them; None for one that is not UTF-8.
    fn values<'f, 'a>(&'f self, fields: &'f [Field<'a>]) -> impl Iterator<Item = Option<Cow<'a, str>>> + use<'f, 'a> {
        self.layout.kept.iter().map(|&column| {
            Some(match fields[column].text()? {
                Cow::Borrowed(text) => Cow::Borrowed(text.trim()),
                Cow::Owned(text) => Cow::Owned(text.trim().to_owned()),
            })
        })
    }

    /// The merge values of a record that was found valid.
    pub fn merge_values<'a>(&self, record: &'a [u8], fields: &mut Vec<Field<'a>>, values: &mut Vec<Cow<'a, str>>) {
        values.clear();
        if let Some(separator) = self.layout.dialect.separator {
            split(self.layout.dialect.trim_end(record), separator, fields);
            values.extend(self.values(fields).flatten());
        }
    }
}
