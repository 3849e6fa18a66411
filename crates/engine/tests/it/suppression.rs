//! Numbers that get no messages: left out of a file, withheld at the claim, and brought as a file.

use std::{sync::Arc, time::Duration};

use domain::{
    campaign::{Mode, Progress, Status},
    clock::ManualClock,
    permission::kind,
    phone::PhoneNumber,
    recipient::RecipientState,
    reject::RejectReason,
};
use engine::intake::Intake;
use store::{
    Granted,
    campaigns::{self, uploads},
    journal,
    recipients::{self, Reveal, SendError},
    suppressions::{
        self, AddedAs, Import, ImportState,
        blacklist::{self, BlacklistCsv},
    },
};

use crate::fixture::{
    FIRST_NUMBER, Order, PATIENCE, People, Process, START_MS, Smsc, count, enter, quick, start, submit,
};

fn number(i: u64) -> PhoneNumber {
    PhoneNumber::from_u64(FIRST_NUMBER + i).unwrap()
}

async fn proof(process: &Process, people: &People) -> Granted<kind::ManageWorkspace> {
    enter(&process.gate, &people.root).await.grant().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_that_is_suppressed_after_its_file_was_read_gets_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let smsc = Smsc::start(dir.path()).await;
    let process = start(dir.path(), smsc.port, &clock, quick()).await;
    let (job, people) = submit(&process.gate, &process.system, Order::of(5_000)).await;
    let withheld: Vec<PhoneNumber> = (0..5_000).step_by(700).map(number).collect();
    suppressions::add(&proof(&process, &people).await, &withheld, AddedAs::Person).await.unwrap();
    job.approve(&process.gate, &people).await;
    process.engine.handle().nudge();
    job.until(&process.system, |campaign| campaign.life.status == Status::Done).await;
    process.engine.shutdown(Duration::from_secs(20)).await;
    let rows = job.rows(&process.system).await;
    let progress = job.campaign(&process.system).await.progress;
    assert_eq!(count(&rows), progress);
    let not_sent = withheld.len() as u64;
    assert_eq!(progress, Progress { delivered: 5_000 - not_sent, not_sent, ..Progress::default() });
    let accepted = smsc.accepted();
    for (digits, row) in &rows {
        let is_withheld = withheld.iter().any(|number| number.as_u64() == *digits);
        assert_eq!(accepted.contains_key(&(*digits, 1)), !is_withheld);
        assert_eq!(row.error, is_withheld.then_some(SendError::SUPPRESSED));
        assert_eq!(row.state == RecipientState::NotSent, is_withheld);
    }
    // It is counted by its reason, beside what failed.
    let failures = journal::failures(&enter(&process.gate, &people.author).await, job.campaign).await.unwrap();
    let counted: Vec<_> = failures.iter().map(|failure| (failure.reason, failure.recipients)).collect();
    assert_eq!(counted, [(Some(SendError::SUPPRESSED), not_sent)]);
}

async fn imported(proof: &Granted<kind::ManageWorkspace>) -> Import {
    let begun = std::time::Instant::now();
    loop {
        let import = suppressions::find_import(proof).await.unwrap().unwrap();
        if import.state != ImportState::Reading {
            return import;
        }
        assert!(begun.elapsed() < PATIENCE, "the list is not read");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn bring(intake: &Intake, proof: &Granted<kind::ManageWorkspace>, file: &[u8]) -> Import {
    let (import, _) = suppressions::begin_import(proof, "list.csv", 1 << 20).await.unwrap();
    let mut appender = intake.spool().append(import.workspace, import.id, 0, 1 << 20).await.unwrap();
    appender.write(file).await.unwrap();
    appender.sync().await.unwrap();
    suppressions::import_received(proof, &import, file.len() as u64).await.unwrap();
    intake.import(import.workspace).await.unwrap();
    imported(proof).await
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_brought_onto_the_list_and_a_later_upload_leaves_its_numbers_out() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let smsc = Smsc::start(dir.path()).await;
    let process = start(dir.path(), smsc.port, &clock, quick()).await;
    let (_, people) = submit(&process.gate, &process.system, Order::of(1)).await;
    let proof = proof(&process, &people).await;
    suppressions::add(&proof, &[number(0)], AddedAs::Person).await.unwrap();
    let intake = Intake::start(process.system.clone(), dir.path()).await.unwrap();
    // A column more than the header on the second line costs nothing but that line.
    let mut list = "name;phone\n".to_owned();
    for i in 0..3_000 {
        list.push_str(&format!("Ann;{}\n", number(i)));
    }
    list.push_str(&format!("Twice;{}\nBob;12\nCut\n", number(5)));
    let import = bring(&intake, &proof, list.as_bytes()).await;
    assert_eq!(import.state, ImportState::Done);
    let report = import.report;
    assert_eq!((report.lines, report.added, report.known, report.invalid), (3_003, 2_999, 2, 2));
    let lines: Vec<u64> = import.samples.iter().map(|sample| sample.line).collect();
    assert_eq!(lines, [3_003, 3_004]);
    assert_eq!(suppressions::summary(&proof).await.unwrap().total, 3_000);
    let begun = std::time::Instant::now();
    while intake.spool().received(import.workspace, import.id).await.unwrap() > 0 {
        assert!(begun.elapsed() < PATIENCE, "the file is not removed");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    // The same file again brings nothing new.
    let again = bring(&intake, &proof, list.as_bytes()).await.report;
    assert_eq!((again.added, again.known), (0, 3_001));

    let author = enter(&process.gate, &people.author).await;
    let draft = campaigns::create(&author.grant::<kind::CreateCampaign>().unwrap(), Mode::OnDemand).await.unwrap();
    let edit = || async { author.grant_on::<kind::EditCampaign>(draft.id).await.unwrap() };
    let file: String = (2_990..3_010).chain([2_990, 3_000]).map(|i| format!("{}\n", number(i))).collect();
    let (upload, _) = uploads::begin(&edit().await, "staff.txt", file.len() as u64).await.unwrap();
    let mut appender = intake.spool().append(upload.workspace, upload.id, 0, file.len() as u64).await.unwrap();
    appender.write(file.as_bytes()).await.unwrap();
    appender.sync().await.unwrap();
    let upload = uploads::received(&edit().await, &upload).await.unwrap();
    uploads::read_as(&edit().await, &upload, Default::default()).await.unwrap();
    intake.read(upload.workspace, draft.id).await.unwrap();
    let begun = std::time::Instant::now();
    let report = loop {
        if let Some(report) = campaigns::find(&author, draft.id).await.unwrap().report {
            break report;
        }
        assert!(begun.elapsed() < PATIENCE, "the file is not read");
        tokio::time::sleep(Duration::from_millis(10)).await;
    };
    assert_eq!((report.lines, report.accepted, report.suppressed, report.duplicate), (22, 10, 10, 2));
    let rejects = recipients::rejects_page(&author, draft.id, 0, 50, Reveal::Masked).await.unwrap();
    assert_eq!(rejects.iter().map(|reject| reject.line).collect::<Vec<_>>(), (1..=10).collect::<Vec<_>>());
    assert!(rejects.iter().all(|reject| reject.reason == RejectReason::Suppressed && reject.text.contains("•")));
    intake.shutdown().await;
    process.engine.shutdown(Duration::from_secs(20)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_without_numbers_says_so() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let smsc = Smsc::start(dir.path()).await;
    let process = start(dir.path(), smsc.port, &clock, quick()).await;
    let (_, people) = submit(&process.gate, &process.system, Order::of(1)).await;
    let proof = proof(&process, &people).await;
    let intake = Intake::start(process.system.clone(), dir.path()).await.unwrap();
    let import = bring(&intake, &proof, b"%PDF-1.7\nnothing\n").await;
    assert!(matches!(&import.state, ImportState::Failed { reason } if reason.contains("PDF")), "{:?}", import.state);
    intake.shutdown().await;
    process.engine.shutdown(Duration::from_secs(20)).await;
}

/// The installation is of no country: what does not say its own is no number, and what is taken out comes in again.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_is_brought_onto_the_blacklist_and_read_page_by_page() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let smsc = Smsc::start(dir.path()).await;
    let process = start(dir.path(), smsc.port, &clock, quick()).await;
    let (_, people) = submit(&process.gate, &process.system, Order::of(1)).await;
    let ruler = process.gate.rule(&people.root).unwrap();
    let intake = Intake::start(process.system.clone(), dir.path()).await.unwrap();
    let bring = async |file: &str| {
        let (import, _) = blacklist::begin_import(&ruler, "list.csv", 1 << 20).await.unwrap();
        let mut appender = intake.spool().append(import.workspace, import.id, 0, 1 << 20).await.unwrap();
        appender.write(file.as_bytes()).await.unwrap();
        appender.sync().await.unwrap();
        blacklist::import_received(&ruler, &import, file.len() as u64).await.unwrap();
        intake.import(import.workspace).await.unwrap();
        let begun = std::time::Instant::now();
        loop {
            let import = blacklist::find_import(&ruler).await.unwrap().unwrap();
            if import.state != ImportState::Reading {
                return import;
            }
            assert!(begun.elapsed() < PATIENCE, "the list is not read");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    let mut list = "name;phone\n".to_owned();
    for i in 0..300 {
        list.push_str(&format!("Ann;{}\n", number(i)));
    }
    list.push_str("Bob;0660 1234567\n");
    let import = bring(&list).await;
    assert_eq!(import.state, ImportState::Done);
    assert_eq!((import.report.added, import.report.invalid), (300, 1));
    assert!(import.samples[0].reason.contains("does not say its country"), "{:?}", import.samples);
    // No workspace has these on a list of its own.
    assert_eq!(suppressions::summary(&proof(&process, &people).await).await.unwrap().total, 0);

    let (mut after, mut seen) = (None, Vec::new());
    loop {
        let page = blacklist::page(&ruler, after, 70).await.unwrap();
        assert!(page.entries.len() <= 70);
        assert!(page.entries.iter().all(|entry| entry.number.starts_with("•••") && &*entry.by == "Root"));
        seen.extend(page.entries.into_iter().map(|entry| entry.ctn_hash));
        after = page.next;
        if after.is_none() {
            break;
        }
    }
    let pages = seen.len();
    seen.sort_unstable();
    seen.dedup();
    assert_eq!((pages, seen.len()), (300, 300), "each of them once");

    let mut csv = BlacklistCsv::open(process.gate.rule(&people.root).unwrap()).await.unwrap();
    let mut file = String::new();
    while let Some(piece) = csv.next_piece().await.unwrap() {
        file.push_str(&piece);
    }
    let all: Vec<PhoneNumber> = (0..300).map(number).collect();
    assert_eq!(blacklist::remove(&ruler, &all).await.unwrap(), 300);
    assert_eq!(bring(&file).await.report.added, 300);
    intake.shutdown().await;
    process.engine.shutdown(Duration::from_secs(20)).await;
}
