//! What a file seems to be, from its first bytes: for the wizard's preview, and as the default of how to read it.

use domain::phone::{Country, normalise};

use super::{
    FileError,
    decode::Encoding,
    error::FileKind,
    records::{Dialect, Extent, LineEnd, Separator, split},
};

/// How many bytes of a file [`sniff`] wants to see; fewer only if the file is shorter.
pub const HEAD_OCTETS: usize = 64 << 10;
/// Records that are looked at.
const SAMPLE_RECORDS: usize = 200;
/// Rows shown before anything is read.
const PREVIEW_ROWS: usize = 10;
/// Of a cell of the preview; a line without an end would fill the page.
const PREVIEW_CELL_CHARACTERS: usize = 80;
/// What people call the column.
const NUMBER_NAMES: [&str; 12] =
    ["phone", "msisdn", "mobile", "number", "tel", "telephone", "ctn", "cell", "handy", "nummer", "telefon", "gsm"];

/// What a file seems to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileShape {
    pub encoding: Encoding,
    pub bom_octets: usize,
    pub line_end: LineEnd,
    /// None: one number a line.
    pub separator: Option<Separator>,
    pub has_header: bool,
    /// The header's names, made unique; `column_1`… without a header.
    pub columns: Vec<String>,
    /// The first rows below the header.
    pub preview: Vec<Vec<String>>,
    /// The column that holds numbers; None: none does.
    pub number_column: Option<usize>,
}

impl FileShape {
    /// Hides all but the last four digits of what looks like a number in the preview, and cuts what is long.
    #[must_use]
    pub fn masked(mut self) -> Self {
        for cell in self.preview.iter_mut().flatten() {
            let digits = cell.chars().filter(char::is_ascii_digit).count();
            if digits >= 7 {
                let mut seen = 0;
                let mask = |c: char| {
                    seen += usize::from(c.is_ascii_digit());
                    if c.is_ascii_digit() && seen + 4 <= digits { '•' } else { c }
                };
                *cell = cell.chars().map(mask).collect();
            }
            if let Some((cut, _)) = cell.char_indices().nth(PREVIEW_CELL_CHARACTERS) {
                cell.truncate(cut);
                cell.push('…');
            }
        }
        self
    }
}

/// Refuses what is not text.
pub fn check_text(head: &[u8], encoding: Encoding) -> Result<(), FileError> {
    let begins = |magic: &[u8]| head.starts_with(magic);
    let holds = |text: &[u8]| memchr::memmem::find(&head[..head.len().min(4_096)], text).is_some();
    let start = head.trim_ascii_start();
    let is_page = start.len() >= 5
        && (start[..5].eq_ignore_ascii_case(b"<html")
            || start.get(..9).is_some_and(|tag| tag.eq_ignore_ascii_case(b"<!doctype")));
    let kind = if begins(b"PK\x03\x04") && (holds(b"xl/") || holds(b"[Content_Types].xml")) {
        FileKind::Excel
    } else if begins(b"PK\x03\x04") && holds(b"opendocument") {
        FileKind::OpenDocument
    } else if begins(b"PK\x03\x04") || begins(b"PK\x05\x06") || begins(b"7z\xBC\xAF") || begins(b"Rar!") {
        FileKind::Zip
    } else if begins(&[0xD0, 0xCF, 0x11, 0xE0]) {
        FileKind::OldExcel
    } else if begins(&[0x1F, 0x8B]) {
        FileKind::Gzip
    } else if begins(b"%PDF-") {
        FileKind::Pdf
    } else if begins(b"\x89PNG") || begins(&[0xFF, 0xD8, 0xFF]) || begins(b"GIF8") {
        FileKind::Image
    } else if begins(b"{\\rtf") {
        FileKind::RichText
    } else if is_page {
        FileKind::WebPage
    } else if encoding == Encoding::Utf8 && memchr::memchr(0, head).is_some() {
        FileKind::Binary
    } else {
        return Ok(());
    };
    Err(FileError::NotText(kind))
}

/// Looks at the first [`HEAD_OCTETS`] of a file. National numbers are read as numbers of `country`; without one there are
/// none.
pub fn sniff(head: &[u8], country: impl Into<Option<Country>>) -> Result<FileShape, FileError> {
    let country = country.into();
    if head.is_empty() {
        return Err(FileError::Empty);
    }
    let head = &head[..head.len().min(HEAD_OCTETS)];
    let (encoding, bom_octets) = Encoding::detect(head);
    check_text(head, encoding)?;
    let text = encoding.decode_head(&head[bom_octets..]);
    if text.trim().is_empty() {
        return Err(FileError::Empty);
    }
    let line_end = if !text.contains('\n') && text.contains('\r') { LineEnd::Cr } else { LineEnd::Lf };
    let separator = find_separator(&text, line_end);
    let rows = sample(&text, Dialect { separator, line_end }, head.len() == HEAD_OCTETS);
    let is_number = |cell: &String| normalise(cell, country).is_ok();
    let has_header = match rows.split_first() {
        Some((first, rest)) => {
            !first.iter().any(is_number)
                && (first.iter().any(|cell| is_number_name(cell)) || rest.iter().flatten().any(is_number))
        }
        None => false,
    };
    if has_header && rows.len() == 1 && head.len() < HEAD_OCTETS {
        return Err(FileError::HeaderOnly);
    }
    let width = usual_width(&rows).unwrap_or(1);
    let data = &rows[usize::from(has_header)..];
    let columns = column_names(if has_header { &rows[0] } else { &[] }, width);
    let number_column = find_number_column(data, &columns, is_number);
    let preview = data.iter().take(PREVIEW_ROWS).cloned().collect();
    Ok(FileShape { encoding, bom_octets, line_end, separator, has_header, columns, preview, number_column })
}

/// The records that the text begins with; the last one is left out when the text is only the beginning of a file.
pub fn sample(text: &str, dialect: Dialect, is_cut: bool) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    let mut rest = text.as_bytes();
    while !rest.is_empty() && rows.len() < SAMPLE_RECORDS {
        let end = match dialect.extent(rest) {
            Extent::Complete(end) => end,
            Extent::Open | Extent::Quoted if is_cut && !rows.is_empty() => break,
            Extent::Open => rest.len(),
            // An open quote costs its line.
            Extent::Quoted => memchr::memchr(dialect.line_end.byte(), rest).map_or(rest.len(), |at| at + 1),
        };
        let (record, behind) = rest.split_at(end);
        rest = behind;
        let record = dialect.trim_end(record);
        if record.trim_ascii().is_empty() {
            continue;
        }
        rows.push(match dialect.separator {
            None => vec![String::from_utf8_lossy(record).trim().to_owned()],
            Some(separator) => {
                let mut fields = Vec::new();
                split(record, separator, &mut fields);
                fields.iter().map(|field| field.text().unwrap_or_default().trim().to_owned()).collect()
            }
        });
    }
    rows
}

/// The separator that gives most records the same number of columns, at least two.
fn find_separator(text: &str, line_end: LineEnd) -> Option<Separator> {
    let mut best = None;
    for separator in Separator::ALL {
        let rows = sample(text, Dialect { separator: Some(separator), line_end }, true);
        let Some(width) = usual_width(&rows).filter(|&width| width > 1) else {
            continue;
        };
        let regular = rows.iter().filter(|row| row.len() == width).count();
        if regular * 10 >= rows.len() * 7 && best.is_none_or(|(most, _)| regular > most) {
            best = Some((regular, separator));
        }
    }
    // One column in quotes is CSV, too.
    let quoted = || text.lines().take(5).any(|line| line.starts_with('"'));
    best.map(|(_, separator)| separator).or_else(|| quoted().then_some(Separator::Comma))
}

/// The most frequent number of columns.
pub fn usual_width(rows: &[Vec<String>]) -> Option<usize> {
    let mut widths: Vec<usize> = rows.iter().map(Vec::len).collect();
    widths.sort_unstable();
    widths.chunk_by(|a, b| a == b).max_by_key(|same| same.len()).and_then(|same| same.first().copied())
}

/// Names from a header: trimmed, unique, none empty.
pub fn column_names(header: &[String], width: usize) -> Vec<String> {
    let mut names: Vec<String> = Vec::with_capacity(width);
    for index in 0..width.max(header.len()) {
        let base = header.get(index).map(|name| name.trim()).filter(|name| !name.is_empty());
        let base = base.map_or_else(|| format!("column_{}", index + 1), str::to_owned);
        let mut name = base.clone();
        let mut copy = 2;
        while names.contains(&name) {
            name = format!("{base}_{copy}");
            copy += 1;
        }
        names.push(name);
    }
    names
}

fn is_number_name(cell: &str) -> bool {
    let cell = cell.trim().to_lowercase();
    NUMBER_NAMES.iter().any(|name| cell.contains(name))
}

/// The column with the most numbers; among equals the one that is named so, then the first.
fn find_number_column(rows: &[Vec<String>], columns: &[String], is_number: impl Fn(&String) -> bool) -> Option<usize> {
    let numbers = |column: usize| rows.iter().filter_map(|row| row.get(column)).filter(|cell| is_number(cell)).count();
    let candidates = columns.iter().enumerate().map(|(column, name)| (numbers(column), is_number_name(name), column));
    let best = candidates.max_by_key(|&(numbers, named, column)| (numbers, named, usize::MAX - column))?;
    (best.0 > 0).then_some(best.2)
}

#[cfg(test)]
#[path = "sniff_tests.rs"]
mod tests;
