use proptest::prelude::*;

use super::*;
use crate::records::{LineEnd, Separator};

const TXT: Dialect = Dialect { separator: None, line_end: LineEnd::Lf };
const CSV: Dialect = Dialect { separator: Some(Separator::Comma), line_end: LineEnd::Lf };

fn chunks(bytes: &[u8], dialect: Dialect) -> Vec<Chunk> {
    let mut chunks = Chunks::new(bytes, dialect, 0, 1);
    std::iter::from_fn(|| chunks.next_chunk().unwrap()).collect()
}

/// Every record with its line number; unreadable lines by their problem.
fn records(bytes: &[u8], dialect: Dialect, from: u64, line: u64) -> Vec<(u64, Result<Vec<u8>, Problem>)> {
    let mut chunks = Chunks::new(&bytes[from as usize..], dialect, from, line);
    let mut found = Vec::new();
    while let Some(chunk) = chunks.next_chunk().unwrap() {
        match chunk.content {
            Content::Unreadable { problem, .. } => found.push((chunk.line, Err(problem))),
            Content::Records(bytes) => {
                let (mut rest, mut line) = (bytes.as_slice(), chunk.line);
                while !rest.is_empty() {
                    let end = match dialect.extent(rest) {
                        Extent::Complete(end) => end,
                        Extent::Open | Extent::Quoted => rest.len(),
                    };
                    let (record, behind) = rest.split_at(end);
                    let long = record.len() > RECORD_OCTETS_MAX;
                    found.push((line, if long { Err(Problem::TooLong) } else { Ok(record.to_vec()) }));
                    line += dialect.count_lines(record);
                    rest = behind;
                }
            }
        }
    }
    found
}

#[test]
fn every_byte_and_line_is_accounted_for() {
    let mut text = String::new();
    for i in 0..100_000 {
        text.push_str(&format!("{}\n", 43_660_000_000_u64 + i));
    }
    let (mut offset, mut line, mut all) = (0, 1, Vec::new());
    for chunk in chunks(text.as_bytes(), TXT) {
        assert_eq!((chunk.offset, chunk.line), (offset, line));
        let Content::Records(bytes) = chunk.content else { panic!("a line is unreadable") };
        assert!(bytes.len() <= CHUNK_OCTETS);
        offset += bytes.len() as u64;
        line += TXT.count_lines(&bytes);
        all.extend(bytes);
    }
    assert_eq!(all, text.as_bytes());
}

#[test]
fn a_long_line_is_skipped_without_being_held() {
    for length in [RECORD_OCTETS_MAX + 1, CHUNK_OCTETS - 1, CHUNK_OCTETS, CHUNK_OCTETS + 1, 3 * CHUNK_OCTETS + 17] {
        for dialect in [TXT, CSV] {
            let text = format!("1\n{}\n2\n", "x".repeat(length));
            let found = records(text.as_bytes(), dialect, 0, 1);
            let expected = [(1, Ok(b"1\n".to_vec())), (2, Err(Problem::TooLong)), (3, Ok(b"2\n".to_vec()))];
            assert_eq!(found, expected, "{length}");
        }
    }
}

#[test]
fn a_quote_that_is_never_closed_costs_its_line() {
    let tail = "3,c\n".repeat(100_000);
    let text = format!("1,a\n2,\"b\n{tail}");
    let found = records(text.as_bytes(), CSV, 0, 1);
    assert_eq!(found[1], (2, Err(Problem::UnclosedQuote)));
    assert_eq!(found.len(), 100_002);
    assert_eq!(found.last().unwrap().0, 100_002);
    assert_eq!(
        records(b"1,a\n2,\"b\n3,c", CSV, 0, 1),
        [(1, Ok(b"1,a\n".to_vec())), (2, Err(Problem::UnclosedQuote)), (3, Ok(b"3,c".to_vec())),]
    );
}

/// A piece that ended in the middle of such a record once made two of it: the end of a number, read as another number.
#[test]
fn a_record_is_never_cut_where_a_piece_ends() {
    let tail = "\"open,436601234567\n4,d\n";
    let stray = format!("1,\"b\n{}\n", "y".repeat(RECORD_OCTETS_MAX + 5_000));
    for into_tail in 1..tail.len() {
        let before = "2,c\n".repeat((CHUNK_OCTETS - stray.len() - into_tail) / 4);
        let padding = "z".repeat((CHUNK_OCTETS - stray.len() - into_tail) % 4);
        let text = format!("{padding}{before}{stray}{tail}");
        let found = records(text.as_bytes(), CSV, 0, 1);
        let numbers: Vec<_> = found.iter().rev().take(4).rev().map(|(_, record)| record.clone()).collect();
        let expected =
            [Err(Problem::UnclosedQuote), Err(Problem::TooLong), Err(Problem::UnclosedQuote), Ok(b"4,d\n".to_vec())];
        assert_eq!(numbers, expected, "{into_tail} octets of the record are in the first piece");
    }
}

#[test]
fn a_field_may_hold_line_ends() {
    let found = records(b"1,\"a\nb\"\n2,c\n", CSV, 0, 1);
    assert_eq!(found, [(1, Ok(b"1,\"a\nb\"\n".to_vec())), (3, Ok(b"2,c\n".to_vec()))]);
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        8 => "[0-9]{8,12}(,[a-z]{0,6}){0,2}",
        2 => "[a,\"]{0,10}",
        1 => (60_000_usize..140_000).prop_map(|length| "y".repeat(length)),
        1 => Just("\"open".to_owned()),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Where reading begins must not change what is found behind it: a resume depends on it.
    #[test]
    fn reading_from_any_record_finds_the_same(lines in proptest::collection::vec(line(), 1..30), pick: prop::sample::Index) {
        let text = lines.join("\n");
        for dialect in [TXT, CSV] {
            let all = records(text.as_bytes(), dialect, 0, 1);
            let at = pick.index(all.len());
            let (line, _) = all[at];
            let offset: usize = text.split_inclusive('\n').take(line as usize - 1).map(str::len).sum();
            prop_assert_eq!(records(text.as_bytes(), dialect, offset as u64, line), &all[at..]);
        }
    }
}
