//! A record that was changed behind the program's back: the dispatcher looks at the approval itself.

use std::{path::Path, sync::Arc, time::Duration};

use domain::{
    campaign::{Progress, Status},
    clock::ManualClock,
};
use tokio::runtime::{Builder, Runtime};

use crate::fixture::{Order, PATIENCE, START_MS, Smsc, left_behind, open, quick, start, submit, submit_as};

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

async fn tamper(dir: &Path, sql: &str) {
    let db = surrealdb::engine::any::connect(format!("surrealkv://{}", dir.join("db").display())).await.unwrap();
    db.use_ns("message_center").use_db("message_center").await.unwrap();
    db.query(sql).await.unwrap().check().unwrap();
}

/// Prepares a campaign, changes its record with `sql`, and lets the engine loose on it.
fn is_refused(approve: bool, sql: &str) {
    let (dir, outside_dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let clock = Arc::new(ManualClock::at(START_MS));
    let outside = runtime();
    let smsc = outside.block_on(Smsc::start(outside_dir.path()));
    let first = runtime();
    let job = first.block_on(async {
        let (gate, system) = open(dir.path(), &clock).await;
        let (job, people) = submit(&gate, &system, Order::of(100)).await;
        if approve {
            job.approve(&gate, &people).await;
        }
        job
    });
    first.shutdown_timeout(Duration::from_secs(10));
    let dir = left_behind(dir.path());
    let second = runtime();
    second.block_on(tamper(dir.path(), sql));
    second.shutdown_timeout(Duration::from_secs(10));

    let dir = left_behind(dir.path());
    let third = runtime();
    let ended = third.block_on(async {
        let process = start(dir.path(), smsc.port, &clock, quick()).await;
        let ended = job.until(&process.system, |campaign| campaign.progress.waiting == 0).await;
        process.engine.shutdown(Duration::from_secs(10)).await;
        ended
    });
    assert_eq!(ended.life.status, Status::Failed);
    assert!(ended.failure.unwrap().contains("approval"));
    assert_eq!(ended.progress, Progress { not_sent: 100, ..Progress::default() });
    assert!(smsc.accepted().is_empty());
    third.shutdown_timeout(Duration::from_secs(10));
    outside.shutdown_background();
}

#[test]
fn a_campaign_without_an_approval_is_never_sent() {
    is_refused(false, "UPDATE campaign SET doc.life.status = 'sending', status = 'sending', runnable = true");
}

#[test]
fn an_approval_of_another_version_is_none() {
    is_refused(true, "UPDATE campaign SET doc.life.version += 1, doc.life.status = 'sending'");
}

#[test]
fn an_approval_by_a_contributor_is_none() {
    is_refused(true, "UPDATE campaign SET doc.life.contributors += doc.life.approval.by");
}

/// Receipts of two campaigns come together, and the record of one cannot be read any more.
#[test]
fn a_campaign_that_is_damaged_holds_up_no_receipt_of_another_one() {
    const RECIPIENTS: u32 = 20;
    let (dir, outside_dir) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let clock = Arc::new(ManualClock::at(START_MS));
    let outside = runtime();
    let smsc = outside.block_on(Smsc::start(outside_dir.path()));
    smsc.control.update(|behaviour| behaviour.receipts.delay_ms = 6_000);
    let first = runtime();
    let whole = first.block_on(async {
        let process = start(dir.path(), smsc.port, &clock, quick()).await;
        let order = Order { text: "To be damaged", ..Order::of(RECIPIENTS) };
        let (damaged, people) = submit(&process.gate, &process.system, order).await;
        let first_number = Order::of(0).first_number + 1_000;
        let order = Order { first_number, ..Order::of(RECIPIENTS) };
        let whole = submit_as(&process.gate, &process.system, &people, order).await;
        for job in [&damaged, &whole] {
            job.approve(&process.gate, &people).await;
        }
        process.engine.handle().nudge();
        for job in [&damaged, &whole] {
            job.until(&process.system, |campaign| campaign.progress.submitted == u64::from(RECIPIENTS)).await;
        }
        whole
    });
    first.shutdown_timeout(Duration::from_secs(10));
    assert_eq!(smsc.control.counts().receipts_sent, 0, "they come later than this");
    let dir = left_behind(dir.path());
    let second = runtime();
    let sql = "UPDATE campaign SET doc.life = 'damaged' WHERE doc.parameters.text = 'To be damaged'";
    second.block_on(tamper(dir.path(), sql));
    second.shutdown_timeout(Duration::from_secs(10));

    let dir = left_behind(dir.path());
    let third = runtime();
    third.block_on(async {
        let process = start(dir.path(), smsc.port, &clock, quick()).await;
        whole.until(&process.system, |campaign| campaign.life.status == Status::Done).await;
        let progress = whole.campaign(&process.system).await.progress;
        assert_eq!(progress, Progress { delivered: u64::from(RECIPIENTS), ..Progress::default() });
        let begun = std::time::Instant::now();
        while smsc.control.counts().receipts_acknowledged < u64::from(2 * RECIPIENTS) {
            assert!(begun.elapsed() < PATIENCE, "the receipts of the damaged one are not answered");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        // They are there for whoever mends it.
        assert_eq!(process.system.unmatched_after(None).await.unwrap().len(), RECIPIENTS as usize);
        process.engine.shutdown(Duration::from_secs(10)).await;
    });
    third.shutdown_timeout(Duration::from_secs(10));
    outside.shutdown_background();
}
