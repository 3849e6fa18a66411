//! Policies of channels: nobody gets more than the preset allows, by whichever campaigns, however the process ends.

use std::{
    collections::{BTreeMap, HashMap},
    sync::Arc,
    time::Duration,
};

use domain::{
    campaign::{Progress, Status},
    channel::ChannelId,
    clock::ManualClock,
    phone::PhoneNumber,
    policy::{LeftOut, PresetConfig},
    recipient::RecipientState,
};
use engine::{DispatchConfig, trigger::Arrival};
use store::{
    Gate, Reason, Session, campaigns, erasure, journal, policies, policies::history::Account, recipients::SendError,
    suppressions::blacklist,
};
use tokio::runtime::Builder;

use crate::fixture::{
    FIRST_NUMBER, Job, Order, People, Process, START_MS, Smsc, control_as_author, count, enter, left_behind, quick,
    start, submit, submit_as,
};

const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

fn rules() -> PresetConfig {
    PresetConfig { name: "Test".into(), ..PresetConfig::default() }
}

/// Gives the channel of all campaigns a preset.
async fn choose(gate: &Gate, root: &Session, config: PresetConfig) -> policies::Preset {
    let ruler = gate.rule(root).unwrap();
    let preset = policies::add(&ruler, config).await.unwrap();
    policies::choose(&ruler, &ChannelId::parse("simulator").unwrap(), Some(preset.id)).await.unwrap();
    preset
}

async fn done(process: &Process, job: &Job) -> Progress {
    process.engine.handle().nudge();
    job.until(&process.system, |campaign| campaign.life.status == Status::Done).await.progress
}

async fn reasons(gate: &Gate, people: &People, job: &Job) -> BTreeMap<Option<SendError>, u64> {
    let failures = journal::failures(&enter(gate, &people.author).await, job.campaign).await.unwrap();
    failures.into_iter().map(|failure| (failure.reason, failure.recipients)).collect()
}

/// Messages by number.
fn got(smsc: &Smsc) -> HashMap<u64, u32> {
    let mut got = HashMap::new();
    for ((number, _), times) in smsc.accepted() {
        *got.entry(number).or_default() += times;
    }
    got
}

fn left_out(why: LeftOut) -> Option<SendError> {
    Some(SendError::left_out(why))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn caps_the_guard_and_the_blacklist_hold_from_campaign_to_campaign() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let smsc = Smsc::start(dir.path()).await;
    let process = start(dir.path(), smsc.port, &clock, quick()).await;
    let (first, people) = submit(&process.gate, &process.system, Order::of(3_000)).await;
    let preset =
        choose(&process.gate, &people.root, PresetConfig { per_day: Some(1), blacklist: true, ..rules() }).await;
    let ruler = process.gate.rule(&people.root).unwrap();
    let listed: Vec<PhoneNumber> =
        (0..3_000).step_by(100).map(|i| PhoneNumber::from_u64(FIRST_NUMBER + i).unwrap()).collect();
    assert_eq!(blacklist::add(&ruler, &listed).await.unwrap(), 30);
    first.approve(&process.gate, &people).await;
    assert_eq!(done(&process, &first).await, Progress { delivered: 2_970, not_sent: 30, ..Progress::default() });
    assert_eq!(reasons(&process.gate, &people, &first).await, BTreeMap::from([(left_out(LeftOut::Blacklisted), 30)]));

    // On the same day with another text: whoever got one gets no second one. The figures add up.
    let other = || Order { text: "Something else", ..Order::of(5_000) };
    let second = submit_as(&process.gate, &process.system, &people, other()).await;
    second.approve(&process.gate, &people).await;
    let progress = done(&process, &second).await;
    assert_eq!(progress, Progress { delivered: 2_000, not_sent: 3_000, ..Progress::default() });
    let by_rule = BTreeMap::from([(left_out(LeftOut::Blacklisted), 30), (left_out(LeftOut::PerDay), 2_970)]);
    assert_eq!(reasons(&process.gate, &people, &second).await, by_rule);
    assert!(got(&smsc).values().all(|&times| times == 1));

    // The next day, and with other rules: two in seven days, no text twice within two days.
    clock.advance(DAY_MS);
    let config = PresetConfig { per_week: Some(2), duplicate_hours: Some(48), ..rules() };
    policies::change(&ruler, preset.id, preset.revision, config).await.unwrap();
    let third = submit_as(&process.gate, &process.system, &people, other()).await;
    third.approve(&process.gate, &people).await;
    let progress = done(&process, &third).await;
    // Listed numbers get theirs, for the preset does not ask for the blacklist any more.
    assert_eq!(progress, Progress { delivered: 3_000, not_sent: 2_000, ..Progress::default() });
    assert_eq!(reasons(&process.gate, &people, &third).await, BTreeMap::from([(left_out(LeftOut::Duplicate), 2_000)]));
    // What was sent settles on disk, and is found there.
    let account =
        Account::open(&process.system.enter(first.workspace, Reason::Dispatch), first.campaign).await.unwrap();
    account.settle().await.unwrap();
    let fourth =
        submit_as(&process.gate, &process.system, &people, Order { text: "A third", ..Order::of(5_000) }).await;
    fourth.approve(&process.gate, &people).await;
    let progress = done(&process, &fourth).await;
    assert_eq!(progress, Progress { delivered: 2_030, not_sent: 2_970, ..Progress::default() });
    assert_eq!(reasons(&process.gate, &people, &fourth).await, BTreeMap::from([(left_out(LeftOut::PerWeek), 2_970)]));

    // After nine days nothing counts, and nothing is kept.
    clock.advance(10 * DAY_MS);
    let numbers: Vec<u64> = got(&smsc).into_keys().take(1).collect();
    assert!(!account.sent_to(&numbers, START_MS).await.unwrap().is_empty());
    account.settle().await.unwrap();
    process.system.forget_sent(Duration::from_millis(9 * DAY_MS.unsigned_abs())).await.unwrap();
    assert!(account.sent_to(&numbers, START_MS).await.unwrap().is_empty());
    let fifth = submit_as(&process.gate, &process.system, &people, other()).await;
    fifth.approve(&process.gate, &people).await;
    assert_eq!(done(&process, &fifth).await, Progress { delivered: 5_000, ..Progress::default() });
    process.engine.shutdown(Duration::from_secs(20)).await;
    let rows = second.rows(&process.system).await;
    assert_eq!(count(&rows), second.campaign(&process.system).await.progress);
    assert!(rows.iter().all(|(_, row)| (row.state == RecipientState::NotSent) == row.error.is_some()));
}

/// Built before either was sent: only the claim can tell.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_campaigns_at_once_share_what_a_number_may_get() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let smsc = Smsc::start(dir.path()).await;
    let process = start(dir.path(), smsc.port, &clock, quick()).await;
    let order =
        || Order { mode: domain::campaign::Mode::Scheduled, start_at_ms: Some(START_MS + HOUR_MS), ..Order::of(6_000) };
    let (a, people) = submit(&process.gate, &process.system, order()).await;
    choose(&process.gate, &people.root, PresetConfig { per_day: Some(1), ..rules() }).await;
    let b = submit_as(&process.gate, &process.system, &people, Order { text: "Another", ..order() }).await;
    for job in [&a, &b] {
        job.approve(&process.gate, &people).await;
        process.engine.handle().nudge();
        job.until(&process.system, |campaign| campaign.life.status == Status::Pending).await;
    }
    clock.advance(HOUR_MS);
    let (of_a, of_b) = (done(&process, &a).await, done(&process, &b).await);
    assert_eq!(of_a.delivered + of_b.delivered, 6_000, "{of_a:?} {of_b:?}");
    assert_eq!(of_a.not_sent + of_b.not_sent, 6_000);
    let got = got(&smsc);
    assert_eq!((got.len(), got.values().max()), (6_000, Some(&1)));
    process.engine.shutdown(Duration::from_secs(20)).await;
}

/// What was weighed by a policy that was taken away meanwhile says nothing about what was sent since.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_policy_that_was_away_for_a_while_holds_for_those_who_were_weighed_before() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let smsc = Smsc::start(dir.path()).await;
    let process = start(dir.path(), smsc.port, &clock, quick()).await;
    let later =
        Order { mode: domain::campaign::Mode::Scheduled, start_at_ms: Some(START_MS + HOUR_MS), ..Order::of(2_000) };
    let (waits, people) = submit(&process.gate, &process.system, later).await;
    let preset = choose(&process.gate, &people.root, PresetConfig { per_day: Some(1), ..rules() }).await;
    waits.approve(&process.gate, &people).await;
    process.engine.handle().nudge();
    waits.until(&process.system, |campaign| campaign.life.status == Status::Pending).await;
    let (ruler, channel) = (process.gate.rule(&people.root).unwrap(), ChannelId::parse("simulator").unwrap());
    let send = async |text: &'static str| {
        let job = submit_as(&process.gate, &process.system, &people, Order { text, ..Order::of(2_000) }).await;
        job.approve(&process.gate, &people).await;
        done(&process, &job).await.delivered
    };
    policies::choose(&ruler, &channel, None).await.unwrap();
    assert_eq!(send("Not counted").await, 2_000);
    policies::choose(&ruler, &channel, Some(preset.id)).await.unwrap();
    assert_eq!(send("Counted").await, 2_000);
    clock.advance(HOUR_MS);
    assert_eq!(done(&process, &waits).await, Progress { not_sent: 2_000, ..Progress::default() });
    process.engine.shutdown(Duration::from_secs(20)).await;
}

#[test]
fn a_process_that_is_killed_forgets_no_message() {
    let outside_dir = tempfile::tempdir().unwrap();
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let runtime = || Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let outside = runtime();
    let smsc = outside.block_on(Smsc::start(outside_dir.path()));
    smsc.control.update(|behaviour| {
        behaviour.max_submits_per_s = Some(2_000);
        behaviour.latency_ms = 5;
    });
    let config = || DispatchConfig { claim_limit: 300, claim_batch: 100, ..quick() };
    let life = runtime();
    let (a, b) = life.block_on(async {
        let process = start(dir.path(), smsc.port, &clock, config()).await;
        let (a, people) = submit(&process.gate, &process.system, Order::of(4_000)).await;
        choose(&process.gate, &people.root, PresetConfig { per_day: Some(1), ..rules() }).await;
        let b = submit_as(&process.gate, &process.system, &people, Order { text: "B", ..Order::of(6_000) }).await;
        a.approve(&process.gate, &people).await;
        b.approve(&process.gate, &people).await;
        process.engine.handle().nudge();
        while smsc.accepted().len() < 2_500 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        (a, b)
    });
    let next = left_behind(dir.path());
    life.shutdown_timeout(Duration::from_secs(10));
    let life = runtime();
    life.block_on(async {
        let process = start(next.path(), smsc.port, &clock, config()).await;
        let settled =
            |campaign: &domain::campaign::Campaign| campaign.progress.waiting + campaign.progress.claimed == 0;
        for job in [&a, &b] {
            let campaign = job.until(&process.system, |one| settled(one) && one.progress.submitted == 0).await;
            let Progress { delivered, not_sent, uncertain, .. } = campaign.progress;
            assert_eq!(delivered + not_sent + uncertain, campaign.progress.total(), "{:?}", campaign.progress);
        }
        // Everybody got one at most; nobody was left out who got none, but for the few that the kill made uncertain.
        let got = got(&smsc);
        assert_eq!(got.values().max(), Some(&1));
        assert!(got.len() >= 6_000 - 600, "{}", got.len());
        process.engine.shutdown(Duration::from_secs(20)).await;
    });
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_trigger_campaign_is_looked_up_number_by_number_and_codes_may_be_exempt() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let smsc = Smsc::start(dir.path()).await;
    let process = start(dir.path(), smsc.port, &clock, quick()).await;
    let (job, people) = submit(&process.gate, &process.system, Order::trigger("")).await;
    let config =
        PresetConfig { per_day: Some(2), duplicate_hours: Some(1), blacklist: true, exempt_codes: true, ..rules() };
    choose(&process.gate, &people.root, config).await;
    let ruler = process.gate.rule(&people.root).unwrap();
    blacklist::add(&ruler, &[PhoneNumber::from_u64(FIRST_NUMBER + 9).unwrap()]).await.unwrap();
    job.approve(&process.gate, &people).await;
    process.engine.handle().nudge();
    job.until(&process.system, |campaign| campaign.life.status == Status::Sending).await;
    let arrival = |i: u64, text: &str| Arrival {
        number: format!("+{}", FIRST_NUMBER + i),
        text: Some(text.to_owned()),
        ..Arrival::default()
    };
    // Twice the same text, two texts and a third one, and somebody on the blacklist; at once, so that they are one batch.
    let sent = vec![
        arrival(1, "same"),
        arrival(1, "same"),
        arrival(2, "a"),
        arrival(2, "b"),
        arrival(2, "c"),
        arrival(9, "x"),
    ];
    let control = job.control(&process.gate, &people).await;
    process.engine.handle().trigger(&control, sent, None).await.unwrap();
    let settled = |n: u64| move |one: &domain::campaign::Campaign| one.progress.delivered + one.progress.not_sent == n;
    let until = async |n: u64| {
        // The record has its figures from the fold.
        job.until(&process.system, settled(n)).await.progress
    };
    assert_eq!(until(6).await, Progress { delivered: 3, not_sent: 3, ..Progress::default() });
    let by_rule = BTreeMap::from([
        (left_out(LeftOut::Blacklisted), 1),
        (left_out(LeftOut::PerDay), 1),
        (left_out(LeftOut::Duplicate), 1),
    ]);
    // An hour later the same text may come again.
    clock.advance(HOUR_MS + 60_000);
    process.engine.handle().trigger(&control, vec![arrival(1, "same")], None).await.unwrap();
    assert_eq!(until(7).await.delivered, 4);
    campaigns::finish(&control_as_author(&process.gate, &job).await).await.unwrap();
    process.engine.handle().nudge();
    job.until(&process.system, |campaign| campaign.life.status == Status::Done).await;

    // Erasing the number takes what was remembered of it with it, and gives it out before.
    let manage = enter(&process.gate, &people.admin).await.grant().unwrap();
    let erased = erasure::erase(&manage, PhoneNumber::from_u64(FIRST_NUMBER + 1).unwrap()).await.unwrap();
    assert_eq!(erased.counted, 2);
    let account = Account::open(&process.system.enter(job.workspace, Reason::Dispatch), job.campaign).await.unwrap();
    assert!(account.sent_to(&[FIRST_NUMBER + 1], START_MS - DAY_MS).await.unwrap().is_empty());
    assert_eq!(account.sent_to(&[FIRST_NUMBER + 2], START_MS - DAY_MS).await.unwrap().len(), 2);
    process.engine.shutdown(Duration::from_secs(20)).await;
    assert_eq!(reasons(&process.gate, &people, &job).await, by_rule);
}
