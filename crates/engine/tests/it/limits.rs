//! Limits of the day and of the second hold to the message, over campaigns, midnights and crashes.

use std::{sync::Arc, time::Duration};

use domain::{
    campaign::{Campaign, PauseReason, Status},
    clock::ManualClock,
};
use engine::DispatchConfig;
use store::workspaces::{self, Caps, SendingHours};
use tokio::runtime::{Builder, Runtime};

use crate::{
    dispatch::world,
    fixture::{Order, START_MS, Smsc, enter, left_behind, quick, start, submit, submit_as},
    times::{moment, reason},
};

const LIMITED: Option<PauseReason> = Some(PauseReason::DailyLimit);

fn is_limited(campaign: &Campaign) -> bool {
    reason(campaign) == LIMITED && campaign.progress.in_flight() == 0
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_campaign_sends_its_segments_of_each_day_and_not_one_more() {
    // Every fiftieth has two parts.
    let order = Order { text: "Hello {name}", daily_limit: Some(1_021), ..Order::of(2_500) };
    let world = world(order).await;
    world.approve().await;
    let first = world.until(is_limited).await;
    // 1,001 recipients have 1,022 segments.
    assert_eq!((first.progress.sent(), world.smsc.accepted().len()), (1_000, 1_020));
    world.clock.set(moment("2026-09-21T23:59"));
    assert_eq!(world.rest().await.progress.sent(), 1_000);
    world.clock.set(moment("2026-09-22T00:00"));
    let second = world.until(|campaign| is_limited(campaign) && campaign.progress.sent() > 1_000).await;
    assert_eq!((second.progress.sent(), world.smsc.accepted().len()), (2_000, 2_040));
    world.clock.set(moment("2026-09-23T00:00"));
    world.until(|campaign| campaign.life.status == Status::Done).await;
    let (progress, _, accepted) = world.end().await;
    assert_eq!(progress.delivered, 2_500);
    assert!(accepted.values().all(|&times| times == 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_that_no_day_has_room_for_ends_the_campaign_with_the_words() {
    let world = world(Order { text: "Hello {name}", daily_limit: Some(1), ..Order::of(3) }).await;
    world.approve().await;
    let failed = world.until(|campaign| campaign.life.status == Status::Failed).await;
    let words = failed.failure.unwrap();
    assert!(words.starts_with("a message takes 2 segments, and the daily limit is 1"), "{words}");
    assert!(world.smsc.accepted().is_empty());
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

#[test]
fn the_workspaces_day_is_shared_by_its_campaigns_and_a_crash_does_not_begin_it_anew() {
    let outside_dir = tempfile::tempdir().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let outside = runtime();
    let smsc = outside.block_on(Smsc::start(outside_dir.path()));
    smsc.control.update(|behaviour| behaviour.max_submits_per_s = Some(1_500));
    let config = || DispatchConfig { claim_limit: 200, claim_batch: 50, ..quick() };
    let first = runtime();
    let jobs = first.block_on(async {
        let process = start(dir.path(), smsc.port, &clock, config()).await;
        let (one, people) = submit(&process.gate, &process.system, Order::of(2_000)).await;
        let two = submit_as(&process.gate, &process.system, &people, Order::of(2_000)).await;
        let scope = enter(&process.gate, &people.admin).await;
        let hours = SendingHours { daily_window: None, messages_per_day_max: Some(1_500) };
        let seen = scope.workspace().revision;
        workspaces::set_sending_hours(&scope.grant().unwrap(), seen, &hours).await.unwrap();
        for job in [one, two] {
            job.approve(&process.gate, &people).await;
        }
        process.engine.handle().nudge();
        one.until(&process.system, |_| smsc.accepted().len() > 600).await;
        [one, two]
    });
    first.shutdown_timeout(Duration::from_secs(10));
    assert!(smsc.accepted().len() < 1_500);
    let dir = left_behind(dir.path());

    let second = runtime();
    second.block_on(async {
        let process = start(dir.path(), smsc.port, &clock, config()).await;
        let mut claimed = 0;
        for job in jobs {
            let limited =
                job.until(&process.system, |campaign| reason(campaign) == LIMITED && campaign.progress.claimed == 0);
            claimed += 2_000 - limited.await.progress.waiting;
        }
        // Claimed is claimed: what became uncertain with the crash counts as sent.
        assert_eq!(claimed, 1_500);
        clock.set(moment("2026-09-22T00:00"));
        jobs[0].until(&process.system, |campaign| campaign.progress.waiting < 1_000).await;
        process.engine.shutdown(Duration::from_secs(20)).await;
    });
    second.shutdown_timeout(Duration::from_secs(10));
    outside.shutdown_background();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_workspaces_pace_is_kept_by_the_clock() {
    let world = world(Order::of(1_000)).await;
    let scope = enter(&world.process.gate, &world.people.root).await;
    let caps = Caps { segments_per_s_max: Some(100), storage_max_mib: None };
    workspaces::set_caps(&scope.grant().unwrap(), scope.workspace().revision, caps).await.unwrap();
    world.approve().await;
    // The clock stands still: a second's worth, less what is left to urgent ones.
    world.until(|campaign| campaign.progress.delivered == 90).await;
    assert_eq!(world.rest().await.progress.waiting, 910);
    for second in 1..4 {
        world.clock.advance(1_000);
        world.until(|campaign| campaign.progress.delivered == 90 + second * 90).await;
    }
    assert_eq!(world.rest().await.progress.waiting, 640);
    // Seven hundred milliseconds give seventy.
    world.clock.advance(700);
    world.until(|campaign| campaign.progress.delivered == 360 + 70).await;
    assert_eq!(world.rest().await.progress.waiting, 570);
}
