//! The process ends at random moments while numbers come: whatever was answered for is there, in its place, and sent once.

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};

use domain::{campaign::Status, clock::ManualClock, recipient::RecipientState};
use engine::DispatchConfig;
use store::campaigns;
use tokio::runtime::{Builder, Runtime};

use crate::{
    fixture::{
        FIRST_NUMBER, Job, Order, START_MS, Smsc, control_as_author, count, left_behind, open, quick, start, submit,
    },
    trigger::numbered,
};

const KILLS: u64 = 5;
const CLAIM_LIMIT: u32 = 200;
/// Programs that hand in numbers at the same time.
const PROGRAMS: usize = 4;

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

#[test]
fn what_was_accepted_is_sent_once_over_kills_at_random_moments() {
    let outside_dir = tempfile::tempdir().unwrap();
    let mut dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let outside = runtime();
    let smsc = outside.block_on(Smsc::start(outside_dir.path()));
    smsc.control.update(|behaviour| {
        behaviour.latency_ms = 5;
        behaviour.receipts.delay_ms = 100;
    });
    let config = || DispatchConfig { claim_limit: CLAIM_LIMIT, claim_batch: 100, ..quick() };

    // (index, number) of everything that was answered for.
    let promised: Arc<Mutex<HashMap<u32, u64>>> = Arc::default();
    let next = Arc::new(AtomicU32::new(0));
    let first = runtime();
    let job: Job = first.block_on(async {
        let (gate, system) = open(dir.path(), &clock).await;
        let (job, people) = submit(&gate, &system, Order::trigger("")).await;
        job.approve(&gate, &people).await;
        job
    });
    first.shutdown_timeout(Duration::from_secs(10));
    dir = left_behind(dir.path());

    for kill in 0..KILLS {
        let life = runtime();
        life.block_on(async {
            let process = start(dir.path(), smsc.port, &clock, config()).await;
            job.until(&process.system, |campaign| campaign.life.status == Status::Sending).await;
            // Not before: the proof holds the campaign as it was read.
            let control = Arc::new(control_as_author(&process.gate, &job).await);
            let before = promised.lock().unwrap().len();
            for _ in 0..PROGRAMS {
                let (handle, control) = (process.engine.handle(), Arc::clone(&control));
                let (promised, next) = (Arc::clone(&promised), Arc::clone(&next));
                tokio::spawn(async move {
                    loop {
                        let numbers: Vec<u32> = (0..3).map(|_| next.fetch_add(1, Ordering::Relaxed)).collect();
                        let arrivals = numbers.iter().map(|&number| numbered(number)).collect();
                        let answers = handle.trigger(&control, arrivals, None).await.unwrap();
                        let mut promised = promised.lock().unwrap();
                        for (number, answer) in numbers.into_iter().zip(answers) {
                            let known = promised.insert(answer.unwrap(), FIRST_NUMBER + u64::from(number));
                            assert_eq!(known, None, "a place was given twice");
                        }
                    }
                });
            }
            // Another moment each time, by how much was accepted.
            while promised.lock().unwrap().len() < before + 150 + 230 * kill as usize {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
        });
        // As a kill does: tasks end where they stand.
        life.shutdown_timeout(Duration::from_secs(10));
        dir = left_behind(dir.path());
    }

    let last = runtime();
    let rows = last.block_on(async {
        let process = start(dir.path(), smsc.port, &clock, config()).await;
        let control = control_as_author(&process.gate, &job).await;
        job.until(&process.system, |campaign| campaign.life.status == Status::Sending).await;
        campaigns::finish(&control).await.unwrap();
        process.engine.handle().nudge();
        job.until(&process.system, |campaign| {
            let p = campaign.progress;
            p.waiting + p.claimed + p.submitted == 0
        })
        .await;
        // Receipts of uncertain recipients find them by their number, after they were parked.
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        clock.advance(26 * 3_600_000);
        let done = job.until(&process.system, |campaign| campaign.life.status == Status::Done).await;
        process.engine.shutdown(Duration::from_secs(20)).await;
        let rows = job.rows(&process.system).await;
        assert_eq!(count(&rows), done.progress);
        rows
    });
    let accepted = smsc.accepted();
    assert!(accepted.values().all(|&times| times == 1), "sent twice");
    let promised = promised.lock().unwrap();
    assert!(promised.len() > 2_000, "{}", promised.len());
    for (&index, number) in promised.iter() {
        assert_eq!(rows.get(index as usize).map(|(number, _)| number), Some(number), "{index} was promised");
    }
    let mut uncertain = 0;
    for (number, row) in &rows {
        match row.state {
            RecipientState::Delivered => assert!(accepted.contains_key(&(*number, 1)), "{number} was never there"),
            RecipientState::Uncertain => uncertain += 1,
            other => panic!("{number} is lost: {other:?}"),
        }
    }
    // Numbers whose answer was cut off may be there or not, once.
    let mut numbers: Vec<u64> = rows.iter().map(|(number, _)| *number).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!(numbers.len(), rows.len(), "somebody is there twice");
    assert!(uncertain <= KILLS * u64::from(CLAIM_LIMIT), "{uncertain}");
    last.shutdown_timeout(Duration::from_secs(10));
    outside.shutdown_background();
}
