use std::{
    collections::{BTreeMap, HashSet},
    fmt::Write as _,
};

use domain::phone::PhoneNumber;
use proptest::{collection::vec, prelude::*};
use recipient_file::{FileError, FileKind};
use store::recipients::{BLOCK_LEN, Checkpoint, EncodedBlock, RecipientBlock, Reject, RejectChunk};
use tempfile::TempDir;

use super::*;

/// Keeps what was committed; crashes when it is told to.
#[derive(Default)]
struct Memory {
    checkpoint: Option<Checkpoint>,
    blocks: BTreeMap<u32, EncodedBlock>,
    rejects: BTreeMap<u32, bytes::Bytes>,
    commits: usize,
    /// The commit with this number fails, and all after it.
    crash_at: Option<usize>,
}

impl Sink for Memory {
    async fn open(
        &mut self,
        source: &str,
        start: (u64, u64),
        field_names: &[String],
    ) -> Result<Checkpoint, store::Error> {
        if let Some(checkpoint) = self.checkpoint.as_ref().filter(|checkpoint| checkpoint.source == source) {
            return Ok(checkpoint.clone());
        }
        self.blocks.clear();
        self.rejects.clear();
        let checkpoint = Checkpoint {
            source: source.to_owned(),
            phase: IngestPhase::Writing,
            offset: start.0,
            line: start.1,
            numbers: 0,
            next_index: 0,
            reject_chunks: 0,
            field_names: field_names.to_vec(),
            report: IngestReport::default(),
            revision: 1,
        };
        self.checkpoint = Some(checkpoint.clone());
        Ok(checkpoint)
    }

    async fn commit(&mut self, batch: Batch) -> Result<(), store::Error> {
        if self.crash_at.is_some_and(|at| self.commits >= at) {
            return Err(store::Error::Unavailable);
        }
        self.commits += 1;
        for block in batch.blocks {
            assert!(self.blocks.insert(block.number(), block).is_none(), "a block is written twice");
        }
        self.rejects.extend(batch.rejects);
        if let Some(checkpoint) = batch.checkpoint {
            let IngestReport { lines, accepted, duplicate, suppressed, invalid, .. } = checkpoint.report;
            assert_eq!(lines, accepted + duplicate + suppressed + invalid);
            self.checkpoint = Some(checkpoint);
        }
        Ok(())
    }
}

impl Memory {
    fn recipients(&self) -> Vec<(u64, u8, Vec<String>)> {
        let mut all = Vec::new();
        for (place, (number, block)) in self.blocks.iter().enumerate() {
            assert_eq!(*number as usize, place, "blocks are dense");
            let block = RecipientBlock::decode(block.recipients()).unwrap();
            assert!(
                block.len() == BLOCK_LEN as usize || place + 1 == self.blocks.len(),
                "only the last one is not full"
            );
            for row in 0..block.len() {
                let values = (0..block.field_names().len()).map(|column| block.value(column, row).unwrap().to_owned());
                all.push((block.numbers()[row], block.segments()[row], values.collect()));
            }
        }
        all
    }

    fn rejects(&self) -> Vec<Reject> {
        self.rejects.values().flat_map(|bytes| RejectChunk::decode(bytes).unwrap().rejects).collect()
    }
}

struct Bench {
    dir: TempDir,
    job: Job,
}

impl Bench {
    fn new(content: &[u8], template: &str) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("upload");
        std::fs::write(&file, content).unwrap();
        let job = Job {
            upload: "0190b7a0-0000-7000-8000-000000000001".parse().unwrap(),
            file,
            size_bytes: content.len() as u64,
            scratch_dir: dir.path().to_owned(),
            choices: Choices::default(),
            country: Some(Country::parse("AT").unwrap()),
            template: Template::parse(template).unwrap(),
        };
        Self { dir, job }
    }

    async fn run_into(&self, sink: &mut Memory, suppressed: &[u64]) -> Result<IngestReport, IngestError> {
        let set: HashSet<PhoneNumber> = suppressed.iter().filter_map(|&number| PhoneNumber::from_u64(number)).collect();
        let (progress, _) = watch::channel(IngestProgress::default());
        let result = run(self.job.clone(), sink, Arc::new(set), &progress, CancellationToken::new()).await;
        assert_eq!(std::fs::read_dir(self.dir.path()).unwrap().count(), 1, "temporary files stay behind");
        result
    }
}

fn read(content: &[u8], template: &str) -> (Result<IngestReport, IngestError>, Memory) {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut sink = Memory::default();
    let result = runtime.block_on(Bench::new(content, template).run_into(&mut sink, &[]));
    (result, sink)
}

fn error(content: &[u8], template: &str) -> IngestError {
    read(content, template).0.unwrap_err()
}

#[test]
fn a_csv_with_merge_fields() {
    let csv = "\u{FEFF}phone;first_name;city\r\n\
        +436601234567; Anna ;Wien\r\n\
        0660 1234568;\"Bert \"\"B\"\" Beispiel\";Linz\r\n\
        \r\n\
        00436601234567;Copy;Graz\r\n\
        12;Short;Graz\r\n\
        +436601234569;Cleo\r\n\
        +436601234570;\"Two\r\nlines\";Enns;;\r\n";
    let (report, sink) = read(csv.as_bytes(), "Hello {first_name}!");
    let report = report.unwrap();
    assert_eq!(report, IngestReport { lines: 6, accepted: 3, duplicate: 1, suppressed: 0, invalid: 2, segments: 3 });
    let row = |number: u64, name: &str, city: &str| (number, 1, vec![name.to_owned(), city.to_owned()]);
    assert_eq!(
        sink.recipients(),
        [
            row(436_601_234_567, "Anna", "Wien"),
            row(436_601_234_568, "Bert \"B\" Beispiel", "Linz"),
            row(436_601_234_570, "Two\r\nlines", "Enns"),
        ]
    );
    let rejects: Vec<_> = sink.rejects().into_iter().map(|reject| (reject.line, reject.text)).collect();
    assert_eq!(rejects, [(6, "12".to_owned()), (7, "+436601234569;Cleo".to_owned())]);
}

#[test]
fn utf16_from_a_spreadsheet() {
    let text = "phone\tname\r\n+436601234567\tJörg\r\n+436601234568\tŽofie\r\n";
    let mut bytes = vec![0xFF, 0xFE];
    bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes));
    let (report, sink) = read(&bytes, "Hi {name}");
    assert_eq!(report.unwrap().accepted, 2);
    assert_eq!(sink.recipients()[1].2, ["Žofie"]);
    bytes.pop();
    assert!(matches!(error(&bytes, "Hi {name}"), IngestError::File(FileError::CutCharacter)));
}

#[test]
fn segments_are_those_of_each_own_text() {
    let csv = format!("phone,x\n+436601234567,a\n+436601234568,{}\n+436601234569,ж\n", "b".repeat(200));
    let (report, sink) = read(csv.as_bytes(), "Hello {x}");
    assert_eq!(report.unwrap().segments, 4);
    assert_eq!(sink.recipients().iter().map(|recipient| recipient.1).collect::<Vec<_>>(), [1, 2, 1]);
    let csv = format!("phone,x\n+436601234567,{}\n+436601234567,short\n", "c".repeat(1_990));
    let (report, sink) = read(csv.as_bytes(), "{x}");
    assert_eq!(
        (report.unwrap().accepted, sink.rejects().len()),
        (1, 1),
        "a line that cannot be sent hides no later one"
    );
}

#[test]
fn what_cannot_be_read_says_why() {
    assert!(matches!(error(b"", "x"), IngestError::File(FileError::Empty)));
    assert!(matches!(error(b"phone,name\n", "x"), IngestError::File(FileError::HeaderOnly)));
    assert!(matches!(error(b"phone,name\n\n\n", "x"), IngestError::File(FileError::HeaderOnly)));
    assert!(matches!(error(b"name,city\nAnna,Wien\n", "x"), IngestError::File(FileError::NoNumberColumn)));
    assert!(matches!(error(b"%PDF-1.4\n1 0 obj", "x"), IngestError::File(FileError::NotText(FileKind::Pdf))));
    let missing = error(b"phone,name\n+436601234567,Anna\n", "Hi {first_name} from {city}");
    assert_eq!(missing.to_string(), "the text uses columns that the file does not have: first_name, city");
    let none = error(b"12\n34\n", "x");
    assert!(matches!(&none, IngestError::NoRecipients { report, .. } if report.invalid == 2), "{none}");
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut cut = Bench::new(b"+436601234567\n", "x");
    cut.job.size_bytes += 5;
    let result = runtime.block_on(cut.run_into(&mut Memory::default(), &[]));
    assert!(matches!(result, Err(IngestError::Cut { expected: 19, received: 14 })));
}

#[test]
fn choices_override_what_was_found() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut bench = Bench::new(b"+436601234567,+436601234500,a\n+436601234568,+436601234501,b\n", "x {column_3}");
    bench.job.choices = Choices { number_column: Some(1), has_header: Some(true), separator: None };
    let missing = runtime.block_on(bench.run_into(&mut Memory::default(), &[]));
    assert!(
        matches!(missing, Err(IngestError::File(FileError::MissingColumns(_)))),
        "the first line names the columns now"
    );
    bench.job.choices.has_header = None;
    let mut sink = Memory::default();
    runtime.block_on(bench.run_into(&mut sink, &[])).unwrap();
    assert_eq!(sink.recipients()[0].0, 436_601_234_500);
    bench.job.choices.number_column = Some(3);
    let unknown = runtime.block_on(bench.run_into(&mut Memory::default(), &[]));
    assert!(matches!(unknown, Err(IngestError::File(FileError::ColumnUnknown { column: 4 }))));
}

#[test]
fn cancelling_stops_and_a_new_run_goes_on() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let bench = Bench::new(b"+436601234567\n", "x");
    let cancel = CancellationToken::new();
    cancel.cancel();
    let (progress, _) = watch::channel(IngestProgress::default());
    let mut sink = Memory::default();
    let stopped = runtime.block_on(run(bench.job.clone(), &mut sink, Arc::new(()), &progress, cancel));
    assert!(matches!(stopped, Err(IngestError::Cancelled)));
    assert_eq!(runtime.block_on(bench.run_into(&mut sink, &[])).unwrap().accepted, 1);
}

/// A file of many blocks and rejects: after a crash at any commit another run comes to the same result.
#[test]
fn a_crash_at_any_commit_changes_nothing() {
    let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
    let mut text = String::from("phone,name\n");
    for i in 0..400_000_u64 {
        let number = 436_600_000_000 + (i * 7_919) % 290_000;
        let _ = match i % 4 {
            0 => writeln!(text, "bad{i},n"),
            _ => writeln!(text, "+{number},name {i}"),
        };
    }
    // Nothing but rejects: chunks are written ahead of their checkpoint.
    for i in 0..60_000 {
        let _ = writeln!(text, "x{i},n");
    }
    let _ = writeln!(text, "+436799999999,last");
    let bench = Bench::new(text.as_bytes(), "Hello {name}");
    let suppressed: Vec<u64> = (0..100).map(|i| 436_600_000_000 + i).collect();
    let mut whole = Memory::default();
    let report = runtime.block_on(bench.run_into(&mut whole, &suppressed)).unwrap();
    assert!(whole.commits > 4, "{} commits", whole.commits);
    assert_eq!(whole.rejects().len() as u64, report.invalid + report.suppressed);
    let expected = (whole.recipients(), whole.rejects());
    for crash_at in 0..whole.commits {
        let mut sink = Memory { crash_at: Some(crash_at), ..Memory::default() };
        let crashed = runtime.block_on(bench.run_into(&mut sink, &suppressed));
        assert!(matches!(crashed, Err(IngestError::Store(store::Error::Unavailable))), "{crash_at}");
        sink.crash_at = None;
        let resumed = runtime.block_on(bench.run_into(&mut sink, &suppressed)).unwrap();
        assert_eq!(resumed, report, "{crash_at}");
        assert!((sink.recipients(), sink.rejects()) == expected, "crash at commit {crash_at}");
    }
    let again = runtime.block_on(bench.run_into(&mut whole, &suppressed)).unwrap();
    assert_eq!(again, report, "a finished one is not read again");
}

/// A line of a generated file, and what the model expects of it.
#[derive(Debug, Clone)]
enum Line {
    Number(u64),
    Bad(&'static str),
    Blank,
}

fn line() -> impl Strategy<Value = Line> {
    prop_oneof![
        8 => (0_u64..40).prop_map(|i| Line::Number(436_601_234_500 + i)),
        2 => prop_oneof![Just("12"), Just("hello"), Just("+43 660 x"), Just("4.36641E+11")].prop_map(Line::Bad),
        1 => Just(Line::Blank),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn the_report_is_that_of_a_naive_model(
        lines in vec(line(), 1..80),
        style in 0_u8..4,
        crlf: bool,
        bom: bool,
        csv: bool,
        header: bool,
        last_end: bool,
    ) {
        // The first line tells what kind of file it is.
        let lines: Vec<Line> = std::iter::once(Line::Number(436_609_999_999)).chain(lines).collect();
        let end = if crlf { "\r\n" } else { "\n" };
        let mut text = String::new();
        if bom {
            text.push('\u{FEFF}');
        }
        if header {
            text.push_str(if csv { "name,phone" } else { "phone" });
            text.push_str(end);
        }
        let mut expected = IngestReport::default();
        let mut seen = HashSet::new();
        let mut accepted = Vec::new();
        let mut rejected = Vec::new();
        for (at, line) in lines.iter().enumerate() {
            let written = match line {
                Line::Number(number) => match style {
                    0 => format!("+{number}"),
                    1 => format!("00{number}"),
                    2 => format!("0{}", number - 430_000_000_000),
                    _ => format!("+43 ({}) {}", number / 10_000_000 % 1_000, number % 10_000_000),
                },
                Line::Bad(text) => (*text).to_owned(),
                Line::Blank => String::new(),
            };
            match line {
                Line::Number(number) if *number == 436_601_234_501 => {
                    if seen.insert(*number) {
                        expected.suppressed += 1;
                        // Listed with the lines that are no numbers.
                        rejected.push(at as u64 + 1 + u64::from(header));
                    }
                }
                Line::Number(number) if seen.insert(*number) => accepted.push(*number),
                Line::Number(_) => {}
                Line::Bad(_) => rejected.push(at as u64 + 1 + u64::from(header)),
                Line::Blank => {}
            }
            expected.lines += u64::from(!matches!(line, Line::Blank));
            match line {
                Line::Blank => {}
                _ if csv => { let _ = write!(text, "\"A, \"\"x\"\"\",{written}"); }
                _ => text.push_str(&written),
            }
            if at + 1 < lines.len() || last_end {
                text.push_str(end);
            }
        }
        expected.accepted = accepted.len() as u64;
        expected.invalid = rejected.len() as u64 - expected.suppressed;
        expected.duplicate = expected.lines - expected.accepted - expected.invalid - expected.suppressed;
        expected.segments = expected.accepted;

        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let mut sink = Memory::default();
        let bench = Bench::new(text.as_bytes(), "Hello");
        let report = runtime.block_on(bench.run_into(&mut sink, &[436_601_234_501])).unwrap();
        prop_assert_eq!(report, expected);
        prop_assert_eq!(sink.recipients().iter().map(|recipient| recipient.0).collect::<Vec<_>>(), accepted);
        prop_assert_eq!(sink.rejects().iter().map(|reject| reject.line).collect::<Vec<_>>(), rejected);
    }

    /// Whatever a file holds: an answer, and a report that adds up.
    #[test]
    fn any_file_is_answered(content in vec(prop_oneof![Just(b'"'), Just(b','), Just(b'\n'), Just(b'\r'), Just(b'4'), any::<u8>()], 0..400)) {
        let (result, _) = read(&content, "x");
        if let Ok(report) = result {
            prop_assert_eq!(report.lines, report.accepted + report.duplicate + report.suppressed + report.invalid);
        }
    }
}
