//! The last recipients of a campaign: nobody waits any more, and they are claimed and queued on a slow link. What stops a
//! campaign stops them as well.

use std::{sync::Arc, time::Duration};

use domain::{
    campaign::{Campaign, PauseReason, Progress, Status},
    clock::ManualClock,
    tendlc::{CarrierStatus, day::CapDay},
};
use store::{
    holds,
    tendlc::{Clearance, clearance, usage},
};

use crate::{
    dispatch::world,
    fixture::{Job, Order, START_MS, Smsc, enter},
    tendlc_sending::{Us, accepted, config, said, tiers, us},
    times::reason,
};

const RECIPIENTS: u32 = 100;
/// Of the link, in segments a second.
const SLOW: Option<f64> = Some(2.0);
/// What leaves until a tail was seen and stopped.
const STOPPED_BY: u64 = 40;

/// A process on a slow link.
async fn slow_us(dir: &std::path::Path, smsc: &Smsc, clock: &Arc<ManualClock>) -> Us {
    let us = Box::pin(us(dir, smsc, clock, config(tiers(60_000, 100_000)))).await;
    us.process.set_pace(smsc, SLOW);
    us
}

/// Nobody waits, and most are queued.
fn is_tail(campaign: &Campaign) -> bool {
    campaign.progress.waiting == 0 && campaign.progress.claimed > u64::from(RECIPIENTS) / 2
}

fn is_paused_for(campaign: &Campaign, expected: PauseReason) -> bool {
    reason(campaign) == Some(expected) && campaign.progress.in_flight() == 0
}

/// Longer than several looks, in which a link of [`SLOW`] pace sends.
async fn rest() {
    tokio::time::sleep(Duration::from_millis(1_500)).await;
}

/// Lets it go on, and sees each recipient get the message once.
async fn ends_with_each_once(us: Us, smsc: &Smsc, job: &Job) {
    us.process.set_pace(smsc, None);
    let done = job.until(us.system(), |campaign| campaign.life.status == Status::Done).await;
    assert_eq!(done.progress, Progress { delivered: u64::from(RECIPIENTS), ..Progress::default() });
    us.process.engine.shutdown(Duration::from_secs(20)).await;
    let accepted = smsc.accepted();
    assert_eq!((accepted.len(), accepted.values().copied().max()), (RECIPIENTS as usize, Some(1)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspension_stops_what_is_claimed_when_nobody_waits() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let smsc = Smsc::start(dir.path()).await;
    let mut us = slow_us(dir.path(), &smsc, &clock).await;
    let campaign = us.number(1).await;
    let job = us.approved(Order::of(RECIPIENTS)).await;
    job.until(us.system(), is_tail).await;
    said(&us.scope(), campaign, CarrierStatus::Suspended).await;
    let stopped = job.until(us.system(), |campaign| is_paused_for(campaign, PauseReason::TenDlc)).await;
    let sent = accepted(&smsc);
    assert!(sent < STOPPED_BY && stopped.progress.waiting + sent == u64::from(RECIPIENTS), "{sent} {stopped:?}");
    rest().await;
    assert_eq!(accepted(&smsc), sent, "nothing leaves any more");
    said(&us.scope(), campaign, CarrierStatus::Registered).await;
    ends_with_each_once(us, &smsc, &job).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_claimed_on_a_link_that_went_down_is_not_sent_when_it_is_suspended_meanwhile() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let smsc = Smsc::start(dir.path()).await;
    let mut us = slow_us(dir.path(), &smsc, &clock).await;
    let campaign = us.number(1).await;
    let job = us.approved(Order::of(RECIPIENTS)).await;
    job.until(us.system(), is_tail).await;
    smsc.control.update(|behaviour| behaviour.refuse_bind = Some(0x08));
    smsc.control.hang_up();
    let is_down = |campaign: &Campaign| is_paused_for(campaign, PauseReason::ChannelDown);
    job.until(us.system(), is_down).await;
    said(&us.scope(), campaign, CarrierStatus::Suspended).await;
    let sent = accepted(&smsc);
    smsc.control.update(|behaviour| behaviour.refuse_bind = None);
    job.until(us.system(), |campaign| is_paused_for(campaign, PauseReason::TenDlc)).await;
    rest().await;
    assert_eq!(accepted(&smsc), sent, "nothing leaves when the link is back");
    said(&us.scope(), campaign, CarrierStatus::Registered).await;
    us.process.set_pace(&smsc, None);
    job.until(us.system(), |campaign| campaign.progress.waiting + campaign.progress.claimed == 0).await;
    us.process.engine.shutdown(Duration::from_secs(20)).await;
    // What was being written when the line broke is uncertain, and is not sent again.
    assert!(smsc.accepted().values().all(|&times| times == 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_still_queued_at_midnight_is_charged_to_the_day_on_which_it_leaves() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let smsc = Smsc::start(dir.path()).await;
    let mut us = slow_us(dir.path(), &smsc, &clock).await;
    us.number(1).await;
    let job = us.approved(Order::of(RECIPIENTS)).await;
    job.until(us.system(), is_tail).await;
    let midnight_ms = CapDay::of(START_MS).ends_at_ms();
    clock.set(midnight_ms);
    let before = accepted(&smsc);
    let scope = us.scope();
    let charged_today = async || {
        let cleared = clearance::for_sending(&scope, &us.people.sender.addressing).await.unwrap();
        let Clearance::Cleared(cleared) = cleared else { panic!("{cleared:?}") };
        let used = usage::used(&scope, &cleared).await.unwrap();
        (used.brand.segments_on(midnight_ms), used.campaign.segments_on(midnight_ms))
    };
    // All but what left before, and what a session had in its hands.
    let expected = RECIPIENTS - before as u32 - 10;
    let begun = std::time::Instant::now();
    while charged_today().await.0 < expected {
        assert!(begun.elapsed() < Duration::from_secs(10), "{:?} of {expected}", charged_today().await);
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let (brand, campaign) = charged_today().await;
    assert!(brand == campaign && brand <= RECIPIENTS - before as u32, "{brand} {campaign}");
    ends_with_each_once(us, &smsc, &job).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_of_everything_stops_what_is_claimed_when_nobody_waits() {
    let world = world(Order::of(RECIPIENTS)).await;
    world.process.set_pace(&world.smsc, SLOW);
    world.approve().await;
    world.until(is_tail).await;
    let admin = enter(&world.process.gate, &world.people.admin).await;
    holds::hold(&admin.grant().unwrap(), "an outage").await.unwrap();
    world.until(|campaign| is_paused_for(campaign, PauseReason::EverythingHeld)).await;
    let sent = world.smsc.control.counts().accepted;
    assert!(sent < STOPPED_BY, "{sent}");
    rest().await;
    assert_eq!(world.smsc.control.counts().accepted, sent, "nothing leaves any more");
}
