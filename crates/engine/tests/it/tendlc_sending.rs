//! Messages from US numbers: the rate of the 10DLC campaign and the daily cap of the brand hold to the segment, over SMS
//! campaigns, midnights and crashes, and what is suspended stops. The clock is moved by hand.

use std::{
    collections::BTreeMap,
    sync::Arc,
    time::{Duration, Instant},
};

use domain::{
    campaign::{Campaign, PauseReason, Status},
    clock::{Clock, ManualClock},
    id::{BrandId, TenDlcCampaignId, WorkspaceId},
    phone::PhoneNumber,
    tendlc::{
        BrandForm, BrandStatus, Carrier, CarrierStatus, EntityType, IdentityStatus, RegistryStatus, TenDlcCampaign,
        UseCase, Vertical,
        day::CapDay,
        event::{BrandAnswer, CampaignAnswer},
        limits::{Connector, limits},
        throughput::{Basis, For, Tier, Tiers},
    },
};
use engine::{DispatchConfig, EngineConfig};
use smpp::simulator;
use store::{
    Reason, SystemDoor, SystemScope,
    tendlc::{Clearance, Desk, action, brands, campaigns, clearance, numbers, usage},
};
use tokio::runtime::{Builder, Runtime};

use crate::{
    fixture::{
        Job, Order, PATIENCE, People, Process, START_MS, Smsc, TENDLC_TLV, approved_sender, left_behind, open, quick,
        start_with, submit, submit_as,
    },
    times::reason,
};

const SECOND_MS: i64 = 1_000;

/// So much a minute and 10DLC campaign, and so much a day and brand.
pub fn tiers(per_minute: u32, per_day: u32) -> Tiers {
    let tier = |basis, segments_per_minute, segments_per_day| Tier {
        carrier: None,
        basis,
        applies: For::Unscored,
        segments_per_minute,
        segments_per_day,
    };
    Tiers(vec![tier(Basis::Campaign, Some(per_minute), None), tier(Basis::Brand, None, Some(per_day))])
}

pub fn config(tiers: Tiers) -> EngineConfig {
    let dispatch = DispatchConfig { claim_limit: 200, claim_batch: 50, ..quick() };
    EngineConfig { dispatch, tiers, look_interval: Duration::from_millis(100), ..EngineConfig::standard() }
}

fn number(last: u64) -> PhoneNumber {
    PhoneNumber::from_u64(13_035_550_000 + last).unwrap()
}

fn details() -> domain::tendlc::BrandDetails {
    let form = BrandForm {
        display_name: "Acme".into(),
        company_name: "Acme Communications LLC".into(),
        ein: "12-3456789".into(),
        email: "compliance@acme.example".into(),
        phone: "+13035550100".into(),
        street: "1 Main Street".into(),
        city: "Denver".into(),
        state: "CO".into(),
        postal_code: "80202".into(),
        vertical: Some(Vertical::Communication),
        ..BrandForm::new(EntityType::PrivateProfit)
    };
    form.check(&limits(Connector::Registry)).unwrap()
}

/// What the carriers say of a 10DLC campaign from now on.
pub async fn said(scope: &SystemScope, campaign: TenDlcCampaignId, att: CarrierStatus) {
    let answer = CampaignAnswer {
        status: RegistryStatus::Active,
        sharing: None,
        carriers: BTreeMap::from([(Carrier::Att, att), (Carrier::Verizon, CarrierStatus::Registered)]),
    };
    let learned =
        campaigns::Learned { answer, rejections: BTreeMap::new(), sharing_reason: None, asked_at_ms: scope.now_ms() };
    campaigns::learn(scope, campaign, &learned).await.unwrap();
}

/// A process, and a brand that the registry has verified.
pub struct Us {
    pub process: Process,
    pub people: People,
    workspace: WorkspaceId,
    brand: BrandId,
}

pub async fn us(dir: &std::path::Path, smsc: &Smsc, clock: &Arc<ManualClock>, config: EngineConfig) -> Us {
    let (gate, system) = open(dir, clock).await;
    let process = start_with(gate, system, smsc.port, clock, config);
    let (other, people) = submit(&process.gate, &process.system, Order::of(1)).await;
    let workspace = other.workspace;
    let proof = desk(&process, &people).await.may::<action::Brands>().unwrap();
    let brand = brands::create(&proof, None, details()).await.unwrap().id;
    let scope = process.system.enter(workspace, Reason::Registry);
    brands::registered(&scope, brand, "B000001".parse().unwrap()).await.unwrap();
    let learned = brands::Learned {
        answer: Some(BrandAnswer { status: BrandStatus::Active, identity: IdentityStatus::Verified }),
        confirmed: true,
        vettings: Vec::new(),
        feedback: Vec::new(),
        asked_at_ms: scope.now_ms(),
    };
    brands::learn(&scope, brand, &learned).await.unwrap();
    Us { process, people, workspace, brand }
}

async fn desk(process: &Process, people: &People) -> Desk {
    process.gate.registrar(&people.root).await.unwrap().choose(Some("acme")).await.unwrap()
}

impl Us {
    pub fn system(&self) -> &SystemDoor {
        &self.process.system
    }

    pub fn scope(&self) -> SystemScope {
        self.system().enter(self.workspace, Reason::Registry)
    }

    /// A 10DLC campaign with a number, which becomes the sender of what is submitted next.
    pub async fn number(&mut self, last: u64) -> TenDlcCampaignId {
        let desk = desk(&self.process, &self.people).await;
        let form = TenDlcCampaign::new(UseCase::AccountNotification);
        let campaign = campaigns::create(&desk.may().unwrap(), None, self.brand, form).await.unwrap().id;
        let scope = self.scope();
        campaigns::registered(&scope, campaign, format!("C00000{last}").parse().unwrap()).await.unwrap();
        said(&scope, campaign, CarrierStatus::Registered).await;
        numbers::assign(&desk.may::<action::Numbers>().unwrap(), campaign, number(last)).await.unwrap();
        numbers::active(&scope, number(last), campaign).await.unwrap();
        let (gate, people) = (&self.process.gate, &self.people);
        let saddr = number(last).to_string();
        self.people.sender = approved_sender(gate, &people.admin, &people.moderator, &saddr, &saddr).await;
        campaign
    }

    pub async fn approved(&self, order: Order) -> Job {
        let job = submit_as(&self.process.gate, self.system(), &self.people, order).await;
        job.approve(&self.process.gate, &self.people).await;
        self.process.engine.handle().nudge();
        job
    }
}

fn is_paused_for(campaign: &Campaign, expected: PauseReason) -> bool {
    reason(campaign) == Some(expected) && campaign.progress.in_flight() == 0
}

fn why(campaign: &Campaign) -> &str {
    campaign.life.pause.as_ref().and_then(|pause| pause.why.as_deref()).unwrap_or_default()
}

pub fn accepted(smsc: &Smsc) -> u64 {
    smsc.control.counts().accepted
}

/// Polls what the carrier has accepted.
pub async fn until_accepted(smsc: &Smsc, expected: u64) {
    let begun = Instant::now();
    while accepted(smsc) < expected {
        assert!(begun.elapsed() < PATIENCE, "{} of {expected}", accepted(smsc));
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

/// From one segment to the next at 120 a minute.
const TURN_MS: i64 = 500;

/// Two SMS campaigns of one brand, each by a 10DLC campaign of its own: each sends exactly two segments a second, both
/// together 2,000 within the hour and not one more until the next day of the registry.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_hours_plan_sends_exactly_what_the_rate_and_the_daily_cap_allow() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let smsc = Smsc::start(dir.path()).await;
    let mut us = Box::pin(us(dir.path(), &smsc, &clock, config(tiers(120, 2_000)))).await;
    let mut jobs = Vec::new();
    for last in [1, 2] {
        us.number(last).await;
        jobs.push(us.approved(Order::of(2_000)).await);
    }
    for turn in 1..=1_000 {
        until_accepted(&smsc, 2 * turn).await;
        assert_eq!(accepted(&smsc), 2 * turn);
        clock.advance(TURN_MS);
    }
    let mut sent = 0;
    for job in &jobs {
        let capped = job.until(us.system(), |campaign| is_paused_for(campaign, PauseReason::TenDlcDailyCap)).await;
        let words = "10DLC: the daily cap of the brand, 2000 segments, has no more room today. It goes on by itself at";
        assert!(why(&capped).starts_with(words), "{}", why(&capped));
        sent += capped.progress.sent();
    }
    assert_eq!((sent, accepted(&smsc)), (2_000, 2_000));
    // The rest of the hour, and of the day: nothing.
    let midnight_ms = CapDay::of(START_MS).ends_at_ms();
    for moment_ms in [START_MS + 3_600 * SECOND_MS, midnight_ms - 1] {
        clock.set(moment_ms);
        tokio::time::sleep(Duration::from_millis(1_200)).await;
        assert_eq!(accepted(&smsc), 2_000);
    }
    clock.set(midnight_ms);
    until_accepted(&smsc, 2_002).await;
    us.process.engine.shutdown(Duration::from_secs(20)).await;
    // Each recipient once, and each part named its 10DLC campaign.
    assert!(smsc.accepted().values().all(|&times| times <= 2), "once for each of the two SMS campaigns");
    let mut named = BTreeMap::new();
    for part in simulator::log::read(&smsc.log).unwrap() {
        *named.entry(part.tlv.unwrap()).or_insert(0) += 1;
    }
    assert_eq!(named.keys().cloned().collect::<Vec<_>>(), ["C000001", "C000002"].map(|id| (TENDLC_TLV, id.to_owned())));
    assert!(named.values().all(|&parts| parts > 900), "{named:?}");
}

/// What carriers bound is the 10DLC campaign, however many SMS campaigns send by it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_sms_campaigns_share_the_rate_of_one_10dlc_campaign() {
    const EACH: u64 = 30;
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let smsc = Smsc::start(dir.path()).await;
    let mut us = Box::pin(us(dir.path(), &smsc, &clock, config(tiers(120, 100_000)))).await;
    us.number(1).await;
    let jobs = [us.approved(Order::of(EACH as u32)).await, us.approved(Order::of(EACH as u32)).await];
    for turn in 1..=2 * EACH {
        until_accepted(&smsc, turn).await;
        assert_eq!(accepted(&smsc), turn);
        clock.advance(TURN_MS);
    }
    for job in &jobs {
        job.until(us.system(), |campaign| campaign.progress.delivered == EACH).await;
    }
    us.process.engine.shutdown(Duration::from_secs(20)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_suspension_stops_what_is_being_sent_within_seconds_and_says_why() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let smsc = Smsc::start(dir.path()).await;
    let mut us = Box::pin(us(dir.path(), &smsc, &clock, config(tiers(60_000, 100_000)))).await;
    let campaign = us.number(1).await;
    // Every fiftieth message has two parts, and each part names the 10DLC campaign.
    let job = us.approved(Order { text: "Hello {name}", ..Order::of(8_000) }).await;
    // The clock goes as clocks do.
    let hand = Arc::clone(&clock);
    let ticking = tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_millis(20)).await;
            hand.advance(20);
        }
    });
    until_accepted(&smsc, 300).await;
    said(&us.scope(), campaign, CarrierStatus::Suspended).await;
    let suspended_at_ms = clock.now_ms();
    let paused = job.until(us.system(), |campaign| reason(campaign) == Some(PauseReason::TenDlc)).await;
    assert!(clock.now_ms() - suspended_at_ms < 5 * SECOND_MS);
    let words = why(&paused);
    assert!(words.starts_with("10DLC: AT&T suspended the 10DLC campaign") && words.contains("C000001"), "{words}");
    let stopped = job.until(us.system(), |campaign| campaign.progress.in_flight() == 0).await;
    let sent = accepted(&smsc);
    tokio::time::sleep(Duration::from_millis(1_200)).await;
    assert_eq!(accepted(&smsc), sent, "nothing leaves any more");
    assert!(stopped.progress.waiting > 0);
    // The number is being taken out as well: the words follow.
    let proof = desk(&us.process, &us.people).await.may::<action::Numbers>().unwrap();
    numbers::remove(&proof, campaign, number(1)).await.unwrap();
    job.until(us.system(), |campaign| why(campaign).contains("just being assigned")).await;
    numbers::stays(&us.scope(), number(1), campaign, "in use").await.unwrap();
    said(&us.scope(), campaign, CarrierStatus::Registered).await;
    let done = job.until(us.system(), |campaign| campaign.life.status == Status::Done).await;
    ticking.abort();
    assert_eq!(done.progress.delivered, 8_000);
    us.process.engine.shutdown(Duration::from_secs(20)).await;
    assert!(smsc.accepted().values().all(|&times| times == 1));
    let parts = simulator::log::read(&smsc.log).unwrap();
    assert!(parts.iter().any(|part| part.part == 2));
    assert!(parts.iter().all(|part| part.tlv == Some((TENDLC_TLV, "C000001".to_owned()))));
}

fn runtime() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap()
}

/// A process that dies after a charge, and before the claim, has wasted it; whatever dies when, the cap holds.
#[test]
fn a_crash_between_the_charge_and_the_claim_never_exceeds_the_cap() {
    const CAP: u32 = 600;
    let outside_dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let outside = runtime();
    let smsc = outside.block_on(Smsc::start(outside_dir.path()));
    let mut dir = tempfile::tempdir().unwrap();
    let first = runtime();
    let (job, wasted) = first.block_on(async {
        let mut us = Box::pin(us(dir.path(), &smsc, &clock, config(tiers(60_000, CAP)))).await;
        us.number(1).await;
        let scope = us.scope();
        let cleared = clearance::for_sending(&scope, &us.people.sender.addressing).await.unwrap();
        let Clearance::Cleared(cleared) = cleared else { panic!("{cleared:?}") };
        let wasted = usage::charge(&scope, &cleared, &tiers(60_000, CAP), &[5; 10]).await.unwrap().segments;
        let job = us.approved(Order::of(2_000)).await;
        until_accepted(&smsc, 20).await;
        (job, u64::from(wasted))
    });
    first.shutdown_timeout(Duration::from_secs(10));
    for life in 0..4_i64 {
        dir = left_behind(dir.path());
        let next = runtime();
        next.block_on(async {
            let (gate, system) = open(dir.path(), &clock).await;
            let process = start_with(gate, system, smsc.port, &clock, config(tiers(60_000, CAP)));
            if life < 3 {
                // Some messages further, and then it dies with whatever is under way.
                let goal = accepted(&smsc) + 40;
                let begun = Instant::now();
                while accepted(&smsc) < goal && begun.elapsed() < Duration::from_secs(5) {
                    clock.advance(10);
                    tokio::time::sleep(Duration::from_millis(7)).await;
                }
            } else {
                let capped = async {
                    job.until(&process.system, |campaign| is_paused_for(campaign, PauseReason::TenDlcDailyCap)).await
                };
                tokio::pin!(capped);
                let capped = loop {
                    tokio::select! {
                        capped = &mut capped => break capped,
                        () = tokio::time::sleep(Duration::from_millis(10)) => clock.advance(50),
                    }
                };
                // Claimed is charged; what was charged and not claimed is at most a batch for each death.
                let claimed = capped.progress.total() - capped.progress.waiting;
                assert!(claimed + wasted <= u64::from(CAP), "{claimed}");
                assert!(claimed + wasted + 4 * 50 >= u64::from(CAP), "{claimed}");
                process.engine.shutdown(Duration::from_secs(20)).await;
            }
        });
        next.shutdown_timeout(Duration::from_secs(10));
    }
    assert!(accepted(&smsc) + wasted <= u64::from(CAP));
    assert!(smsc.accepted().values().all(|&times| times == 1));
    outside.shutdown_background();
}
