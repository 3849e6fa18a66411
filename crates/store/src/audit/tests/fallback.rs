//! A stream of events while the database is away.

use super::*;

/// The numbers of the events of a test, in the order of the log.
async fn numbers(log: &Log) -> Vec<String> {
    let records = log.records(Chain::Installation).await;
    let failed = records.into_iter().filter(|record| record.action == "sign_in.failed");
    failed.map(|record| record.resource_id).collect()
}

async fn try_sign_in(log: &Log, number: u64) {
    log.clock.advance(10);
    let event = Event::new(Actor::Unknown, Origin::default(), "sign_in.failed").on("sign_in", &number);
    log.inner().record(Chain::Installation, event).await;
}

fn all(range: std::ops::Range<u64>) -> Vec<String> {
    range.map(|number| number.to_string()).collect()
}

#[tokio::test]
async fn nothing_is_lost_and_the_order_and_the_times_are_kept() {
    let log = Log::new().await;
    for number in 0..3 {
        try_sign_in(&log, number).await;
    }
    log.set_down(true);
    for number in 3..403 {
        try_sign_in(&log, number).await;
    }
    assert!(log.keeper.flush().await.is_err(), "there is no database to flush to");
    let last_at_ms = log.clock_ms();
    log.set_down(false);
    // Behind the others, although the database is back.
    try_sign_in(&log, 403).await;
    assert_eq!(numbers(&log).await, all(0..3));

    log.clock.advance(60_000);
    assert_eq!(log.keeper.flush().await.unwrap(), 401);
    assert_eq!(numbers(&log).await, all(0..404));
    let records = log.records(Chain::Installation).await;
    assert_eq!(records[402].at_ms, last_at_ms);
    assert_eq!(read(log.file("fallback.jsonl")), "");
    try_sign_in(&log, 404).await;
    assert_eq!(numbers(&log).await, all(0..405));
    log.checkpoint().await;
    assert!(log.verify().await.holds());
}

#[tokio::test]
async fn a_crash_in_the_middle_of_a_flush_neither_loses_nor_doubles() {
    let log = Log::new().await;
    log.set_down(true);
    for number in 0..20 {
        try_sign_in(&log, number).await;
    }
    log.set_down(false);
    let (lines, _) = log.inner().fallback.next_lines(7).await.unwrap().unwrap();
    // In the database, and the process ends before it knows.
    log.inner().flush_lines(lines).await.unwrap();
    assert_eq!(numbers(&log).await, all(0..7));
    log.keeper.flush().await.unwrap();
    assert_eq!(numbers(&log).await, all(0..20));
}

#[tokio::test]
async fn an_event_that_was_given_up_and_written_after_all_is_recorded_once() {
    let log = Log::new().await;
    let entry = crate::audit::event::Entry { at_ms: 1, id: Some("e-1".into()), event: event("sign_in.failed") };
    log.inner().append_once(Chain::Installation, std::slice::from_ref(&entry)).await.unwrap();
    log.inner().fallback.keep(Chain::Installation, entry, || "gap".into()).await;
    log.keeper.flush().await.unwrap();
    assert_eq!(numbers(&log).await.len(), 1);
}

#[tokio::test]
async fn past_the_cap_the_gap_is_recorded_with_its_count() {
    let log = Log::with(|config| config.fallback_max_bytes = 2_000).await;
    log.set_down(true);
    for number in 0..40 {
        try_sign_in(&log, number).await;
    }
    let file = read(log.file("fallback.jsonl"));
    let kept = file.lines().count() as u64;
    assert!(file.len() <= 2_000 && kept > 2, "{kept} lines of {} bytes", file.len());
    assert!(read(log.file("fallback.gap")).contains(&format!("\"count\":{}", 40 - kept)));

    log.set_down(false);
    log.keeper.flush().await.unwrap();
    assert_eq!(numbers(&log).await, all(0..kept));
    let records = log.records(Chain::Installation).await;
    let gaps: Vec<&AuditRecord> = records.iter().filter(|record| record.action == "audit.gap").collect();
    assert_eq!(gaps.len(), 1);
    let value = |field: &str| {
        gaps[0].changes.iter().find(|change| change.field == field).and_then(|change| change.after.clone()).unwrap()
    };
    assert_eq!(value("events_lost"), (40 - kept).to_string());
    assert_eq!(value("first_at_ms"), (START_MS + 10 * (kept as i64 + 1)).to_string());
    assert_eq!(value("last_at_ms"), (START_MS + 400).to_string());
    assert!(!log.file("fallback.gap").exists());
    try_sign_in(&log, 99).await;
    assert_eq!(numbers(&log).await.last().map(String::as_str), Some("99"));
}

#[tokio::test]
async fn many_at_once_are_all_kept() {
    let log = Log::new().await;
    log.set_down(true);
    let record = |number: u64| {
        let inner = log.opened.system.shared();
        async move {
            let event = Event::new(Actor::Unknown, Origin::default(), "sign_in.failed").on("sign_in", &number);
            inner.record(Chain::Installation, event).await;
        }
    };
    let tasks: Vec<_> = (0..200).map(|number| tokio::spawn(record(number))).collect();
    for task in tasks {
        task.await.unwrap();
    }
    log.set_down(false);
    log.keeper.flush().await.unwrap();
    let mut found: Vec<u64> = numbers(&log).await.iter().map(|number| number.parse().unwrap()).collect();
    found.sort_unstable();
    assert_eq!(found, (0..200).collect::<Vec<_>>());
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_is_for_nobody_else_and_a_torn_line_is_cut_off() {
    use std::os::unix::fs::PermissionsExt;

    let log = Log::new().await;
    log.set_down(true);
    try_sign_in(&log, 0).await;
    let path = log.file("fallback.jsonl");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let whole = read(path.clone());
    fs::write(&path, format!("{whole}{{\"chain\":\"instal")).unwrap();
    assert_eq!(crate::audit::fallback::mend(&path).unwrap(), whole.len() as u64);
    assert_eq!(read(path), whole);
}
