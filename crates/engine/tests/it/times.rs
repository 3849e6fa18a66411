//! Hours of the day, holds, ends: what is sent waits for them, and goes on by itself. The clock is moved by hand.

use std::time::Duration;

use domain::{
    campaign::{Campaign, Mode, PauseReason, Progress, Status},
    schedule::{Zone, resolve},
    week::Week,
};
use store::{
    campaigns, holds,
    workspaces::{self, SendingHours},
};

use crate::{
    dispatch::{World, world},
    fixture::{Order, START_MS, enter},
};

const HOUR_MS: i64 = 3_600_000;

pub fn reason(campaign: &Campaign) -> Option<PauseReason> {
    campaign.life.pause.as_ref().map(|pause| pause.reason)
}

pub fn vienna() -> Zone {
    Zone::parse("Europe/Vienna").unwrap()
}

pub fn moment(local: &str) -> i64 {
    resolve(local, &vienna()).unwrap().at_ms
}

impl World {
    pub async fn set_hours(&self, daily_window: Option<Week>, messages_per_day_max: Option<u64>) {
        let scope = enter(&self.process.gate, &self.people.admin).await;
        let hours = SendingHours { daily_window, messages_per_day_max };
        let seen = scope.workspace().revision;
        workspaces::set_sending_hours(&scope.grant().unwrap(), seen, &hours).await.unwrap();
        self.process.engine.handle().nudge();
    }

    pub async fn until(&self, expected: impl Fn(&Campaign) -> bool) -> Campaign {
        self.job.until(&self.process.system, expected).await
    }

    /// Long enough for several looks: what has not happened by then does not.
    pub async fn rest(&self) -> Campaign {
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        self.job.campaign(&self.process.system).await
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn outside_the_daily_hours_nothing_leaves() {
    let world = world(Order::of(4_000)).await;
    world.smsc.control.update(|behaviour| behaviour.max_submits_per_s = Some(1_000));
    world.set_hours(Some(Week::daily(9 * 60, 17 * 60)), None).await;
    world.clock.set(moment("2026-09-22T08:59"));
    world.approve().await;
    let night = Some(PauseReason::OutsideDailyWindow);
    let held = world.until(|campaign| reason(campaign) == night).await;
    assert_eq!(held.progress.waiting, 4_000);
    assert!(world.smsc.accepted().is_empty());
    world.clock.set(moment("2026-09-22T09:00"));
    world.until(|campaign| campaign.progress.processed() > 300).await;
    // The evening comes in the middle: what no session has picked up comes back.
    world.clock.set(moment("2026-09-22T17:00"));
    world.until(|campaign| reason(campaign) == night && campaign.progress.claimed == 0).await;
    let evening = world.rest().await;
    assert!(evening.progress.waiting > 1_000, "{:?}", evening.progress);
    world.clock.set(moment("2026-09-23T09:00"));
    world.until(|campaign| campaign.life.status == Status::Done).await;
    let (progress, rows, accepted) = world.end().await;
    assert_eq!(progress, Progress { delivered: 4_000, ..Progress::default() });
    assert_eq!((accepted.len(), accepted.values().copied().max()), (4_000, Some(1)));
    let week = Week::daily(9 * 60, 17 * 60);
    assert!(rows.iter().all(|(_, row)| week.is_open(&vienna(), row.claimed_at_ms.unwrap())));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hold_stops_everything_within_a_second_and_lets_it_go_on() {
    let world = world(Order::of(8_000)).await;
    world.smsc.control.update(|behaviour| behaviour.max_submits_per_s = Some(1_500));
    world.approve().await;
    world.until(|campaign| campaign.progress.processed() > 300).await;
    let scope = enter(&world.process.gate, &world.people.admin).await;
    holds::hold(&scope.grant().unwrap(), "A wrong text").await.unwrap();
    world.process.engine.handle().nudge();
    tokio::time::sleep(Duration::from_secs(1)).await;
    let all_held = Some(PauseReason::EverythingHeld);
    let held = world.until(|campaign| reason(campaign) == all_held && campaign.progress.claimed == 0).await;
    assert_eq!(world.rest().await.progress.waiting, held.progress.waiting);
    // The installation is held too: the end of one hold is not the end of both.
    let ruler = world.process.gate.rule(&world.people.root).unwrap();
    holds::hold_installation(&ruler, "A broken carrier").await.unwrap();
    holds::release(&scope.grant().unwrap()).await.unwrap();
    assert_eq!(reason(&world.rest().await), all_held);
    holds::release_installation(&ruler).await.unwrap();
    world.until(|campaign| campaign.life.status == Status::Done).await;
    let (progress, _, accepted) = world.end().await;
    assert_eq!(progress.delivered, 8_000);
    assert!(accepted.values().all(|&times| times == 1));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_stands_in_the_way_next_is_shown_and_a_persons_pause_stays() {
    let world = world(Order::of(50)).await;
    world.set_hours(Some(Week::daily(9 * 60, 17 * 60)), None).await;
    world.clock.set(moment("2026-09-22T03:00"));
    let scope = enter(&world.process.gate, &world.people.admin).await;
    holds::hold(&scope.grant().unwrap(), "Not yet").await.unwrap();
    world.approve().await;
    world.until(|campaign| reason(campaign) == Some(PauseReason::EverythingHeld)).await;
    holds::release(&scope.grant().unwrap()).await.unwrap();
    world.until(|campaign| reason(campaign) == Some(PauseReason::OutsideDailyWindow)).await;
    campaigns::pause(&world.job.control(&world.process.gate, &world.people).await).await.unwrap();
    world.clock.set(moment("2026-09-22T12:00"));
    assert_eq!(reason(&world.rest().await), Some(PauseReason::ByHand));
    assert!(world.smsc.accepted().is_empty());
    campaigns::resume(&world.job.control(&world.process.gate, &world.people).await).await.unwrap();
    world.until(|campaign| campaign.life.status == Status::Done).await;
    world.end().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_not_sent_within_its_validity_expires() {
    let world = world(Order { validity_minutes: Some(120), ..Order::of(5_000) }).await;
    world.smsc.control.update(|behaviour| behaviour.max_submits_per_s = Some(1_000));
    world.approve().await;
    world.until(|campaign| campaign.progress.processed() > 300).await;
    campaigns::pause(&world.job.control(&world.process.gate, &world.people).await).await.unwrap();
    world.until(|campaign| campaign.progress.claimed == 0).await;
    world.clock.advance(2 * HOUR_MS - 1);
    assert_eq!(world.rest().await.life.status, Status::Paused);
    world.clock.advance(1);
    let expired =
        world.until(|campaign| campaign.life.status == Status::Expired && campaign.progress.waiting == 0).await;
    assert!(expired.progress.not_sent > 1_000, "{:?}", expired.progress);
    let (progress, _, accepted) = world.end().await;
    assert_eq!(progress.not_sent + accepted.len() as u64, 5_000);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_spread_start_that_was_missed_asks_and_so_does_a_window_that_is_over() {
    let (start_ms, end_ms) = (START_MS + HOUR_MS, START_MS + 5 * HOUR_MS);
    let order = Order { mode: Mode::Spread, start_at_ms: Some(start_ms), end_at_ms: Some(end_ms), ..Order::of(60) };
    let world = world(order).await;
    world.approve().await;
    world.until(|campaign| campaign.life.status == Status::Pending).await;
    world.clock.set(end_ms + 1);
    world.until(|campaign| reason(campaign) == Some(PauseReason::MissedSchedule)).await;
    assert_eq!(reason(&world.rest().await), Some(PauseReason::MissedSchedule));
    assert!(world.smsc.accepted().is_empty());
    // A person decides to send after the window: to all, and now.
    campaigns::resume(&world.job.control(&world.process.gate, &world.people).await).await.unwrap();
    world.until(|campaign| campaign.life.status == Status::Done).await;
    assert_eq!(world.end().await.0.delivered, 60);
}
