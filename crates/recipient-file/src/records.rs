//! Where a record ends and what its fields are: lines for `.txt`, RFC 4180 for `.csv`, without copying.
//!
//! Quotes count at the beginning of a field only; a doubled quote inside stands for one; what follows a closing quote
//! up to the separator is taken as it is. `csv-core` reads the same and is the model in the tests.

use std::borrow::Cow;

use memchr::{memchr, memchr2};

/// What a file consists of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Dialect {
    /// None: one number a line, no fields.
    pub separator: Option<Separator>,
    pub line_end: LineEnd,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Separator {
    Comma,
    Semicolon,
    Tab,
}

impl Separator {
    pub const ALL: [Self; 3] = [Self::Comma, Self::Semicolon, Self::Tab];

    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Comma => b',',
            Self::Semicolon => b';',
            Self::Tab => b'\t',
        }
    }

    /// None for what separates nothing here.
    #[must_use]
    pub fn from_char(c: char) -> Option<Self> {
        Self::ALL.into_iter().find(|separator| char::from(separator.byte()) == c)
    }
}

/// What ends a line. CRLF is LF with something to trim before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineEnd {
    Lf,
    /// Old Mac files.
    Cr,
}

impl LineEnd {
    #[must_use]
    pub const fn byte(self) -> u8 {
        match self {
            Self::Lf => b'\n',
            Self::Cr => b'\r',
        }
    }
}

/// How far a record reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// The bytes up to here, the line end among them.
    Complete(usize),
    /// No line end yet.
    Open,
    /// No line end yet, and the last one is inside quotes.
    Quoted,
}

impl Dialect {
    /// The extent of the record that `bytes` begin with.
    #[must_use]
    pub fn extent(self, bytes: &[u8]) -> Extent {
        let end = self.line_end.byte();
        let Some(separator) = self.separator else {
            return memchr(end, bytes).map_or(Extent::Open, |at| Extent::Complete(at + 1));
        };
        let mut at = 0;
        loop {
            let Some(found) = memchr2(b'"', end, &bytes[at..]).map(|found| at + found) else {
                return Extent::Open;
            };
            if bytes[found] == end {
                return Extent::Complete(found + 1);
            }
            at = found + 1;
            if opens_field(&bytes[..found], separator.byte()) {
                match after_closing_quote(bytes, at) {
                    Some(after) => at = after,
                    None => return Extent::Quoted,
                }
            }
        }
    }

    /// The record without its line end.
    #[must_use]
    pub fn trim_end(self, record: &[u8]) -> &[u8] {
        let record = record.strip_suffix(&[self.line_end.byte()]).unwrap_or(record);
        match self.line_end {
            LineEnd::Lf => record.strip_suffix(b"\r").unwrap_or(record),
            LineEnd::Cr => record.strip_prefix(b"\n").unwrap_or(record),
        }
    }

    /// How many lines of the file these bytes hold.
    #[must_use]
    pub fn count_lines(self, bytes: &[u8]) -> u64 {
        memchr::memchr_iter(self.line_end.byte(), bytes).count() as u64
    }
}

/// Whether a quote that comes after `before` is the first byte of a field.
fn opens_field(before: &[u8], separator: u8) -> bool {
    before.last().is_none_or(|&last| last == separator)
}

/// Just behind the quote that closes a field whose text starts at `at`.
fn after_closing_quote(bytes: &[u8], mut at: usize) -> Option<usize> {
    loop {
        at += memchr(b'"', bytes.get(at..)?)? + 1;
        if bytes.get(at) != Some(&b'"') {
            return Some(at);
        }
        at += 1;
    }
}

/// A field inside its record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Field<'a> {
    bytes: &'a [u8],
    /// Quotes are still in it.
    quoted: bool,
}

impl<'a> Field<'a> {
    /// The value, as long as it is UTF-8.
    #[must_use]
    pub fn text(self) -> Option<Cow<'a, str>> {
        let text = std::str::from_utf8(self.bytes).ok()?;
        if !self.quoted {
            return Some(Cow::Borrowed(text));
        }
        let inner = text.strip_prefix('"').unwrap_or(text);
        if let Some(plain) = inner.strip_suffix('"').filter(|plain| !plain.contains('"')) {
            return Some(Cow::Borrowed(plain));
        }
        Some(Cow::Owned(unquote(inner)))
    }

    /// The bytes as they stand in the file, without quotes around them; enough for a phone number.
    #[must_use]
    pub fn raw(self) -> &'a [u8] {
        if !self.quoted {
            return self.bytes;
        }
        let inner = self.bytes.strip_prefix(b"\"").unwrap_or(self.bytes);
        inner.strip_suffix(b"\"").unwrap_or(inner)
    }
}

/// Resolves doubled quotes; `inner` starts behind the opening quote.
fn unquote(inner: &str) -> String {
    let mut value = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = rest.find('"') {
        value.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let Some(behind) = rest.strip_prefix('"') else {
            break;
        };
        value.push('"');
        rest = behind;
    }
    value.push_str(rest);
    value
}

/// Splits a trimmed record into `fields`, which is cleared first.
pub fn split<'a>(record: &'a [u8], separator: Separator, fields: &mut Vec<Field<'a>>) {
    fields.clear();
    let separator = separator.byte();
    let mut start = 0;
    loop {
        let quoted = record.get(start) == Some(&b'"');
        let from = if quoted { after_closing_quote(record, start + 1).unwrap_or(record.len()) } else { start };
        match memchr(separator, &record[from..]) {
            Some(at) => {
                fields.push(Field { bytes: &record[start..from + at], quoted });
                start = from + at + 1;
            }
            None => {
                fields.push(Field { bytes: &record[start..], quoted });
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CSV: Dialect = Dialect { separator: Some(Separator::Comma), line_end: LineEnd::Lf };

    fn ours(mut bytes: &[u8]) -> Vec<Vec<String>> {
        let mut records = Vec::new();
        while !bytes.is_empty() {
            let end = match CSV.extent(bytes) {
                Extent::Complete(end) => end,
                Extent::Open | Extent::Quoted => bytes.len(),
            };
            let (record, rest) = bytes.split_at(end);
            bytes = rest;
            let record = CSV.trim_end(record);
            if record.is_empty() {
                continue;
            }
            let mut fields = Vec::new();
            split(record, Separator::Comma, &mut fields);
            records.push(fields.iter().map(|field| field.text().unwrap().into_owned()).collect());
        }
        records
    }

    fn model(mut bytes: &[u8]) -> Vec<Vec<String>> {
        let mut reader = csv_core::ReaderBuilder::new().terminator(csv_core::Terminator::Any(b'\n')).build();
        let (mut out, mut ends) = (vec![0; 4_096], vec![0; 256]);
        let mut records = Vec::new();
        loop {
            let (mut filled, mut ended) = (0, 0);
            loop {
                let (result, read, wrote, ends_wrote) =
                    reader.read_record(bytes, &mut out[filled..], &mut ends[ended..]);
                bytes = &bytes[read..];
                filled += wrote;
                ended += ends_wrote;
                match result {
                    csv_core::ReadRecordResult::Record => break,
                    csv_core::ReadRecordResult::End => return records,
                    _ => {}
                }
            }
            let mut start = 0;
            let mut record = Vec::new();
            for &end in &ends[..ended] {
                record.push(String::from_utf8(out[start..end].to_vec()).unwrap());
                start = end;
            }
            records.push(record);
        }
    }

    proptest! {
        #[test]
        fn records_are_those_of_csv_core(text in "[a\",\n;]{0,40}") {
            // An open quote at the end of the file is an error of its own here.
            prop_assume!(!ends_inside_quotes(text.as_bytes()));
            prop_assert_eq!(ours(text.as_bytes()), model(text.as_bytes()));
        }

        #[test]
        fn written_fields_are_read(rows in proptest::collection::vec(proptest::collection::vec("[a-z\", \n]{1,8}", 2..5), 0..6)) {
            let mut text = String::new();
            for row in &rows {
                let quoted: Vec<_> = row.iter().map(|field| format!("\"{}\"", field.replace('"', "\"\""))).collect();
                text.push_str(&quoted.join(","));
                text.push_str("\r\n");
            }
            prop_assert_eq!(ours(text.as_bytes()), rows);
        }
    }

    fn ends_inside_quotes(mut bytes: &[u8]) -> bool {
        loop {
            match CSV.extent(bytes) {
                Extent::Complete(end) => bytes = &bytes[end..],
                Extent::Open => return false,
                Extent::Quoted => return true,
            }
        }
    }

    #[test]
    fn a_quote_inside_a_field_is_a_character() {
        assert_eq!(ours(b"5\" pipe,x\n1,2\n"), [["5\" pipe", "x"], ["1", "2"]]);
    }

    #[test]
    fn the_number_of_a_quoted_field_has_no_quotes() {
        let mut fields = Vec::new();
        split(b"\"+43 660\",Anna", Separator::Comma, &mut fields);
        assert_eq!(fields[0].raw(), b"+43 660");
    }
}
