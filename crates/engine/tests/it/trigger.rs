//! Trigger campaigns: numbers that come while it runs are sent to at once, and each is accounted for.

use std::{sync::Arc, time::Duration};

use domain::{
    campaign::{Progress, Status},
    clock::ManualClock,
    permission::kind,
    phone::PhoneNumber,
    recipient::RecipientState,
};
use engine::trigger::{Arrival, RefusedNumber, TriggerError};
use store::{
    campaigns, journal,
    recipients::{self, PageQuery, Reveal},
    suppressions::{self, AddedAs},
};

use crate::fixture::{
    FIRST_NUMBER, Job, Order, People, Process, START_MS, Smsc, count, enter, quick, slug, start, submit,
};

struct World {
    _dir: tempfile::TempDir,
    smsc: Smsc,
    process: Process,
    job: Job,
    people: People,
}

/// An approved Trigger campaign that is Sending.
async fn world(text: &'static str) -> World {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let smsc = Smsc::start(dir.path()).await;
    let process = start(dir.path(), smsc.port, &clock, quick()).await;
    let (job, people) = submit(&process.gate, &process.system, Order::trigger(text)).await;
    let world = World { _dir: dir, smsc, process, job, people };
    world.job.approve(&world.process.gate, &world.people).await;
    world.process.engine.handle().nudge();
    world.until(|campaign| campaign.life.status == Status::Sending).await;
    world
}

pub fn numbered(index: u32) -> Arrival {
    Arrival {
        number: format!("+{}", FIRST_NUMBER + u64::from(index)),
        text: Some(format!("Your code is {index}")),
        ..Arrival::default()
    }
}

impl World {
    async fn control(&self) -> store::On<kind::ControlCampaign> {
        self.job.control(&self.process.gate, &self.people).await
    }

    async fn send(&self, arrivals: Vec<Arrival>) -> Result<Vec<Result<u32, RefusedNumber>>, TriggerError> {
        self.process.engine.handle().trigger(&self.control().await, arrivals, None).await
    }

    async fn until(&self, expected: impl Fn(&domain::campaign::Campaign) -> bool) -> domain::campaign::Campaign {
        self.job.until(&self.process.system, expected).await
    }

    async fn finish(&self) {
        campaigns::finish(&self.control().await).await.unwrap();
        self.process.engine.handle().nudge();
    }

    async fn refused(&self) -> String {
        self.send(vec![numbered(0)]).await.unwrap_err().to_string()
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn numbers_are_sent_to_at_once_and_finishing_ends_the_campaign() {
    let world = world("").await;
    assert_eq!(world.send(vec![numbered(0)]).await.unwrap(), [Ok(0)]);
    world.until(|campaign| campaign.progress.delivered == 1).await;
    // More than a block, some to the same numbers, and one that is none among them.
    let mut indices = vec![0];
    for batch in 0..5 {
        let mut arrivals: Vec<_> = (1..1_000).map(|number| numbered(batch * 500 + number)).collect();
        arrivals.insert(500, Arrival { number: "none".into(), ..numbered(0) });
        let mut answers = world.send(arrivals).await.unwrap();
        assert!(matches!(answers.remove(500), Err(RefusedNumber::Number(_))));
        indices.extend(answers.into_iter().map(Result::unwrap));
    }
    assert_eq!(indices, (0..4_996).collect::<Vec<_>>(), "each has the place that comes next");
    let sent = world.until(|campaign| campaign.progress.delivered == 4_996).await;
    assert_eq!((sent.life.status, sent.progress.total()), (Status::Sending, 4_996), "it stays open");

    world.finish().await;
    let done = world.until(|campaign| campaign.life.status == Status::Done).await;
    assert_eq!(done.progress, Progress { delivered: 4_996, ..Progress::default() });
    assert_eq!(world.refused().await, "the campaign takes no more numbers: it is Done");
    let World { process, job, smsc, .. } = world;
    process.engine.shutdown(Duration::from_secs(20)).await;
    let rows = job.rows(&process.system).await;
    assert_eq!((rows.len(), count(&rows)), (4_996, done.progress));
    assert_eq!(smsc.accepted().values().sum::<u32>(), 4_996);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_number_of_the_suppression_list_is_refused_when_it_is_handed_in() {
    let world = world("").await;
    let admin = enter(&world.process.gate, &world.people.root).await;
    let listed = PhoneNumber::from_u64(FIRST_NUMBER + 1).unwrap();
    suppressions::add(&admin.grant().unwrap(), &[listed], AddedAs::Person).await.unwrap();
    let answers = world.send((0..3).map(numbered).collect()).await.unwrap();
    assert_eq!(answers, [Ok(0), Err(RefusedNumber::Suppressed), Ok(1)], "the others are taken");
    assert_eq!(world.send(vec![numbered(1)]).await.unwrap(), [Err(RefusedNumber::Suppressed)]);
    world.until(|campaign| campaign.progress.delivered == 2).await;
    world.finish().await;
    let done = world.until(|campaign| campaign.life.status == Status::Done).await;
    assert_eq!(done.progress, Progress { delivered: 2, ..Progress::default() }, "nobody is counted who was refused");
    assert_eq!(world.smsc.accepted().len(), 2);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn readers_see_numbers_before_they_are_folded() {
    let world = world("Hello {name}").await;
    let with_name = |name: &str, reference: &str| Arrival {
        text: None,
        fields: [("name".to_owned(), name.to_owned())].into(),
        reference: Some(reference.to_owned()),
        ..numbered(7)
    };
    assert_eq!(world.send(vec![with_name("Ann", "a-1"), with_name("Bob", "b-2")]).await.unwrap(), [Ok(0), Ok(1)]);
    world.until(|campaign| campaign.progress.total() == 2).await;
    let scope = world.process.gate.enter(&world.people.author, &slug()).await.unwrap();
    let tail = journal::tail(&scope, world.job.campaign).await.unwrap();
    let query = PageQuery { limit: 10, ..PageQuery::default() };
    let page = recipients::page(&scope, world.job.campaign, query, Reveal::Masked, &tail).await.unwrap();
    let references: Vec<_> = page.rows.iter().map(|row| row.reference.as_deref()).collect();
    assert_eq!(references, [Some("a-1"), Some("b-2")]);
    let number = PhoneNumber::from_u64(FIRST_NUMBER + 7).unwrap();
    let found = recipients::find_by_number(&scope, world.job.campaign, number, 10, &tail).await.unwrap();
    assert_eq!(found.iter().map(|row| row.index).collect::<Vec<_>>(), [0, 1]);
    world.until(|campaign| campaign.progress.delivered == 2).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_while_it_is_paused_waits_and_a_cancelled_campaign_sends_it_to_nobody() {
    let world = world("").await;
    campaigns::pause(&world.control().await).await.unwrap();
    world.process.engine.handle().nudge();
    assert_eq!(world.send((0..3).map(numbered).collect()).await.unwrap(), [Ok(0), Ok(1), Ok(2)]);
    let held = world.until(|campaign| campaign.progress.waiting == 3).await;
    assert_eq!(held.life.status, Status::Paused);
    tokio::time::sleep(Duration::from_millis(700)).await;
    assert!(world.smsc.accepted().is_empty(), "it is paused");
    campaigns::resume(&world.control().await).await.unwrap();
    world.process.engine.handle().nudge();
    world.until(|campaign| campaign.progress.delivered == 3).await;

    campaigns::pause(&world.control().await).await.unwrap();
    world.process.engine.handle().nudge();
    world.send(vec![numbered(9)]).await.unwrap();
    campaigns::cancel(&world.control().await).await.unwrap();
    world.process.engine.handle().nudge();
    let ended = world.until(|campaign| campaign.progress.not_sent == 1).await;
    assert_eq!(ended.progress, Progress { delivered: 3, not_sent: 1, ..Progress::default() });
    assert_eq!(world.refused().await, "the campaign takes no more numbers: it is Cancelled");
    assert_eq!(world.smsc.accepted().len(), 3);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn at_its_end_it_closes_and_unapproved_it_takes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let clock = Arc::new(ManualClock::at(START_MS));
    let smsc = Smsc::start(dir.path()).await;
    let process = start(dir.path(), smsc.port, &clock, quick()).await;
    let (job, people) = submit(&process.gate, &process.system, Order::trigger("")).await;
    let control = job.control(&process.gate, &people).await;
    let author = process.gate.enter(&people.author, &slug()).await.unwrap();
    let mut parameters = control.campaign().parameters.clone();
    parameters.end_at_ms = Some(START_MS + 60_000);
    campaigns::save(&author.grant_on(job.campaign).await.unwrap(), parameters, true).await.unwrap();
    let send = async || {
        let control = job.control(&process.gate, &people).await;
        process.engine.handle().trigger(&control, vec![numbered(1)], None).await
    };
    let refused = send().await.unwrap_err().to_string();
    assert_eq!(refused, "the campaign is New; it takes numbers once it is approved, started and Sending");
    job.approve(&process.gate, &people).await;
    process.engine.handle().nudge();
    job.until(&process.system, |campaign| campaign.life.status == Status::Sending).await;
    assert_eq!(send().await.unwrap(), [Ok(0)]);
    clock.advance(60_000);
    let refused = send().await.unwrap_err().to_string();
    assert_eq!(refused, "the campaign takes no more numbers: it was finished, or its end has come");
    let done = job.until(&process.system, |campaign| campaign.life.status == Status::Done).await;
    assert_eq!(done.progress, Progress { delivered: 1, ..Progress::default() });
    assert_eq!(done.life.closed_at_ms, Some(clock_now(&clock)));
    process.engine.shutdown(Duration::from_secs(20)).await;
    assert!(job.rows(&process.system).await.iter().all(|(_, row)| row.state == RecipientState::Delivered));
}

fn clock_now(clock: &Arc<ManualClock>) -> i64 {
    use domain::clock::Clock as _;
    clock.now_ms()
}
