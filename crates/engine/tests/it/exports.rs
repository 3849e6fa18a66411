//! Files of delivery records: complete, masked unless somebody may see numbers, gone after their time.

use std::{collections::HashSet, sync::Arc, time::Duration};

use domain::{
    campaign::{Mode, Status},
    clock::{Clock, ManualClock},
    permission::kind,
};
use engine::{exports::Exports, retention};
use store::{
    Error, On, Reason, campaigns, exports,
    exports::{ExportState, Format, RecordExport},
    workspaces,
};
use tokio::io::AsyncReadExt;

use crate::{
    fixture::{FIRST_NUMBER, Job, Order, PATIENCE, People, Process, START_MS, Smsc, enter, open, quick, start, submit},
    times::moment,
};

const RECIPIENTS: u32 = 9_000;

async fn proof(process: &Process, people: &People, job: Job) -> On<kind::ExportRecords> {
    enter(&process.gate, &people.author).await.grant_on(job.campaign).await.unwrap()
}

async fn ready(proof: &On<kind::ExportRecords>, asked: &RecordExport) -> RecordExport {
    let begun = std::time::Instant::now();
    loop {
        let export = exports::find(proof, asked.id).await.unwrap();
        if let ExportState::Ready { .. } = export.state {
            return export;
        }
        assert!(begun.elapsed() < PATIENCE, "{:?}", export.state);
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

async fn text(desk: &Exports, export: &RecordExport) -> String {
    let mut text = String::new();
    let mut file = desk.files().read(export.workspace, export.id).await.unwrap();
    file.read_to_string(&mut text).await.unwrap();
    text
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_has_every_recipient_once_and_goes_when_its_time_is_over() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let smsc = Smsc::start(dir.path()).await;
    let process = start(dir.path(), smsc.port, &clock, quick()).await;
    let (job, people) = submit(&process.gate, &process.system, Order::of(RECIPIENTS)).await;
    job.approve(&process.gate, &people).await;
    process.engine.handle().nudge();
    job.until(&process.system, |campaign| campaign.life.status == Status::Done).await;
    let proof = proof(&process, &people, job).await;
    let asked = exports::request(&proof, Format::Csv, None).await.unwrap();
    let too_early = exports::take(&proof, asked.id, None).await.unwrap_err();
    assert!(matches!(too_early, Error::Stale { .. }));
    // It was asked for before there was a desk, as before a restart.
    let desk = Exports::start(process.system.clone(), dir.path(), 7).await.unwrap();
    let export = ready(&proof, &asked).await;
    let masked = text(&desk, &export).await;
    let lines: Vec<&str> = masked.lines().collect();
    assert_eq!(lines.len(), RECIPIENTS as usize + 1);
    assert!(lines[0].starts_with("no,number,ctn_hash,state,error,"));
    assert!(!masked.contains(&FIRST_NUMBER.to_string()));
    for (index, line) in lines[1..].iter().enumerate() {
        let cells: Vec<&str> = line.split(',').collect();
        assert_eq!(cells[0], (index + 1).to_string());
        assert_eq!(cells[1], format!("•••{:04}", index % 10_000));
        assert_eq!((cells[2].len(), cells[3], cells[4]), (64, "Delivered", ""));
    }
    let ExportState::Ready { octets, rows, expires_at_ms, .. } = export.state else { panic!() };
    assert_eq!((octets, rows), (masked.len() as u64, u64::from(RECIPIENTS)));
    assert_eq!(expires_at_ms, START_MS + 7 * 24 * 3_600_000);
    exports::take(&proof, asked.id, None).await.unwrap();

    let root = enter(&process.gate, &people.root).await;
    let reveal = root.grant::<kind::RevealNumbers>().unwrap();
    let full = exports::request(&proof, Format::Txt, Some(&reveal)).await.unwrap();
    desk.nudge();
    let full = ready(&proof, &full).await;
    assert!(
        matches!(exports::take(&proof, full.id, None).await, Err(Error::Forbidden)),
        "an author may not see numbers"
    );
    let revealed = text(&desk, &full).await;
    assert!(revealed.lines().nth(1).unwrap().starts_with(&format!("1\t{FIRST_NUMBER}\t")));

    clock.advance(7 * 24 * 3_600_000);
    assert!(matches!(exports::take(&proof, asked.id, None).await, Err(Error::Stale { .. })));
    desk.nudge();
    let begun = std::time::Instant::now();
    while !exports::list(&proof).await.unwrap().is_empty() {
        assert!(begun.elapsed() < PATIENCE, "it does not expire");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert_eq!(std::fs::read_dir(dir.path().join("exports")).unwrap().count(), 0);
    desk.shutdown().await;
    process.engine.shutdown(Duration::from_secs(20)).await;
}

/// No engine is at work here: what was approved stays as it is, Building.
#[tokio::test]
async fn spread_that_is_being_built_is_neither_exported_nor_copied() {
    let dir = tempfile::tempdir().unwrap();
    let (gate, system) = open(dir.path(), &Arc::new(ManualClock::at(START_MS))).await;
    let (from, to) = (Some(moment("2026-09-22T10:00")), Some(moment("2026-09-22T12:00")));
    let order = Order { mode: Mode::Spread, start_at_ms: from, end_at_ms: to, ..Order::of(100) };
    let (job, people) = submit(&gate, &system, order).await;
    assert_eq!(job.approve(&gate, &people).await.life.status, Status::Building);
    let scope = enter(&gate, &people.author).await;
    let exported = exports::request(&scope.grant_on(job.campaign).await.unwrap(), Format::Csv, None).await;
    let copied = campaigns::clone_with_recipients(&scope.grant_on(job.campaign).await.unwrap()).await;
    for refused in [exported.unwrap_err(), copied.unwrap_err()] {
        assert!(matches!(refused, Error::Stale { .. }), "{refused}");
        assert!(refused.to_string().contains("wait until it is built"), "{refused}");
    }
}

/// Building writes the blocks of Spread over in another order, one after the other.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_was_asked_for_before_spread_was_built_has_everybody_once() {
    const MANY: u32 = 60_000;
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let smsc = Smsc::start(dir.path()).await;
    let process = start(dir.path(), smsc.port, &clock, quick()).await;
    let (from, to) = (Some(moment("2026-09-22T10:00")), Some(moment("2026-09-22T12:00")));
    let order = Order { mode: Mode::Spread, start_at_ms: from, end_at_ms: to, ..Order::of(MANY) };
    let (job, people) = submit(&process.gate, &process.system, order).await;
    let early = proof(&process, &people, job).await;
    let asked = exports::request(&early, Format::Csv, None).await.unwrap();
    job.approve(&process.gate, &people).await;
    process.engine.handle().nudge();
    let system = process.system.enter(job.workspace, Reason::Export);
    let begun = std::time::Instant::now();
    while exports::order(&system, job.campaign).await.unwrap() != exports::Order::Between {
        assert!(begun.elapsed() < PATIENCE, "its order is not written");
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    let desk = Exports::start(process.system.clone(), dir.path(), 7).await.unwrap();
    let begun = std::time::Instant::now();
    while !matches!(exports::find(&early, asked.id).await.unwrap().state, ExportState::Ready { .. }) {
        assert!(begun.elapsed() < PATIENCE, "it is not made once the campaign is built");
        desk.nudge();
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    let file = text(&desk, &ready(&early, &asked).await).await;
    let hashes: HashSet<&str> = file.lines().skip(1).filter_map(|line| line.split(',').nth(2)).collect();
    assert_eq!((file.lines().count(), hashes.len()), (MANY as usize + 1, MANY as usize), "everybody once");
    desk.shutdown().await;
    process.engine.shutdown(Duration::from_secs(20)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_kept_long_enough_goes_with_its_files_and_leaves_the_figures() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let smsc = Smsc::start(dir.path()).await;
    let process = start(dir.path(), smsc.port, &clock, quick()).await;
    let (job, people) = submit(&process.gate, &process.system, Order::of(5_000)).await;
    job.approve(&process.gate, &people).await;
    process.engine.handle().nudge();
    job.until(&process.system, |campaign| campaign.life.status == Status::Done).await;
    let proof = proof(&process, &people, job).await;
    let desk = Exports::start(process.system.clone(), dir.path(), 365).await.unwrap();
    let asked = exports::request(&proof, Format::Csv, None).await.unwrap();
    desk.nudge();
    ready(&proof, &asked).await;

    let root = enter(&process.gate, &people.root).await;
    let manage = root.grant::<kind::ManageWorkspace>().unwrap();
    let seen = root.workspace().revision;
    let refused = workspaces::set_recipient_data_days(&manage, seen, Some(2)).await.unwrap_err();
    assert!(matches!(refused, Error::Invalid { field: "days", .. }));
    workspaces::set_recipient_data_days(&manage, seen, Some(30)).await.unwrap();
    retention::once(&process.system, &desk).await.unwrap();
    assert_eq!(job.rows(&process.system).await.len(), 5_000, "they are kept as long as the settings say");

    clock.advance(30 * 24 * 3_600_000 + 1_000);
    retention::once(&process.system, &desk).await.unwrap();
    assert!(job.rows(&process.system).await.is_empty());
    let campaign = job.campaign(&process.system).await;
    assert_eq!(campaign.progress.delivered, 5_000, "the figures stay");
    assert_eq!(campaign.recipient_data_removed_at_ms, Some(clock.now_ms()));
    assert_eq!(std::fs::read_dir(dir.path().join("exports")).unwrap().count(), 0);
    assert!(store::retention::unfinished(&process.system).await.unwrap().is_empty());
    let again = self::proof(&process, &people, job).await;
    assert!(matches!(exports::request(&again, Format::Csv, None).await, Err(Error::Stale { .. })));
    let log = store::audit::page(&root.grant().unwrap(), None, 50).await.unwrap();
    let removed: Vec<_> = log.iter().filter(|it| it.action == "campaign.recipient_data_removed").collect();
    assert_eq!(removed.len(), 1);
    retention::once(&process.system, &desk).await.unwrap();
    desk.shutdown().await;
    process.engine.shutdown(Duration::from_secs(20)).await;
}
