//! Recipient files. The first octets choose the country, the dialect and where a second reading begins; the rest is the
//! file.
#![no_main]

use domain::{merge::Template, phone::Country};
use libfuzzer_sys::{Corpus, fuzz_target};
use recipient_file::{
    BoundText, Chunks, Dialect, Encoding, Layout, LineEnd, Parser, Pass, RecordKind, Separator, sniff,
};

const COUNTRIES: [&str; 4] = ["AT", "US", "DE", "GB"];

/// What a line came to: its recipient, or why it has none.
type Line = Result<u64, String>;

fuzz_target!(|input: &[u8]| -> Corpus {
    let [country, dialect, from, file @ ..] = input else {
        return Corpus::Reject;
    };
    let country = Country::parse(COUNTRIES[usize::from(*country) % COUNTRIES.len()]).unwrap();
    // What is found at the beginning of a file never depends on more than the file, and masking hides every number.
    if let Ok(shape) = sniff(file, country) {
        assert_eq!(sniff(file, country).unwrap(), shape);
        assert!(shape.number_column.is_none_or(|column| column < shape.columns.len()));
        for cell in shape.masked().preview.iter().flatten() {
            assert!(cell.chars().filter(char::is_ascii_digit).count() < 7, "{cell}");
        }
    }

    let separator = Separator::ALL.get(usize::from(dialect & 3)).copied().filter(|_| dialect & 8 == 0);
    let dialect = Dialect { separator, line_end: if dialect & 4 == 0 { LineEnd::Lf } else { LineEnd::Cr } };
    let width = if separator.is_some() { 2 } else { 1 };
    let layout = Layout {
        encoding: Encoding::Utf8,
        bom_octets: 0,
        dialect,
        has_header: false,
        columns: (0..width).map(|column| format!("column_{column}")).collect(),
        number_column: 0,
        kept: (1..width).collect(),
    };
    let template = Template::parse(if width == 2 { "Hello {column_1}" } else { "Hello" }).unwrap();
    let text = BoundText::new(&template, &layout.field_names());
    let parser = Parser::new(layout, country, text);

    // Both passes agree on every line.
    let (checked, boundaries) = read(&parser, dialect, file, (0, 1), Pass::Check);
    let (measured, _) = read(&parser, dialect, file, (0, 1), Pass::Measure);
    assert_eq!(checked, measured);
    // Going on where a piece or a record ended comes to the same as not having stopped.
    if !boundaries.is_empty() {
        let (offset, line, seen) = boundaries[usize::from(*from) % boundaries.len()];
        let (rest, _) = read(&parser, dialect, file, (offset, line), Pass::Check);
        assert_eq!(rest, checked[seen..]);
    }
    Corpus::Keep
});

/// All lines from there on, and where each record ended: offset, line number, lines so far.
fn read(
    parser: &Parser,
    dialect: Dialect,
    file: &[u8],
    (offset, line): (u64, u64),
    pass: Pass,
) -> (Vec<Line>, Vec<(u64, u64, usize)>) {
    let mut chunks = Chunks::new(&file[offset as usize..], dialect, offset, line);
    let (mut lines, mut boundaries) = (Vec::new(), Vec::new());
    let mut expected = offset;
    while let Some(chunk) = chunks.next_chunk().unwrap() {
        assert_eq!(chunk.offset, expected, "nothing is skipped");
        let parsed = parser.parse(chunk, pass);
        expected += parsed.octets;
        let mut rejects = parsed.rejects.iter();
        for record in &parsed.records {
            lines.push(match record.kind {
                RecordKind::Number { number, segments } => {
                    assert!(pass == Pass::Check || segments > 0);
                    Ok(number)
                }
                RecordKind::Rejected => Err(rejects.next().expect("each has its reason").reason.to_string()),
            });
            if !parsed.bytes.is_empty() {
                let end = record.end as usize;
                let line = parsed.line + dialect.count_lines(&parsed.bytes[..end]);
                boundaries.push((parsed.offset + end as u64, line, lines.len()));
            }
        }
        assert!(rejects.next().is_none());
    }
    assert_eq!(expected, file.len() as u64);
    (lines, boundaries)
}
